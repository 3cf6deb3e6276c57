//! How far catching up with the others' ledgers is, and getting the own one back.

use super::Lang;
use super::number::count;
use crate::node::event::{CatchingUp, LedgerView, RecoveryView, Status};

/// So many of so many.
fn of(lang: Lang, entries: u64, of: u64) -> String {
    format!("{} {} {}", count(lang, entries), lang.pick("de", "of"), count(lang, of))
}

/// One ledger: `12 400 de 80 000`.
#[must_use]
pub fn ledger(lang: Lang, ledger: &LedgerView) -> String {
    of(lang, ledger.entries, ledger.of)
}

/// In few words, for a line at the top: `poniéndose al día 15 %`.
#[must_use]
pub fn in_short(lang: Lang, progress: &CatchingUp) -> String {
    format!("{} {} %", lang.pick("poniéndose al día", "catching up"), progress.percent())
}

/// All ledgers, without figures of speed: for a title.
#[must_use]
pub fn so_far(lang: Lang, progress: &CatchingUp) -> String {
    let so_far = of(lang, progress.entries(), progress.of());
    format!("{}: {so_far}", lang.pick("poniéndose al día", "catching up"))
}

/// All ledgers, how fast they come and how long the rest takes.
#[must_use]
pub fn sentence(lang: Lang, progress: &CatchingUp) -> String {
    let so_far = of(lang, progress.entries(), progress.of());
    let rest = match (progress.seconds_left, lang) {
        (None, Lang::Es) => "ahora no llega nada".to_owned(),
        (None, Lang::En) => "nothing comes at the moment".to_owned(),
        (Some(seconds), _) => {
            let (rate, left) = (count(lang, progress.per_second), left(seconds));
            match lang {
                Lang::Es => format!("{rate} por segundo, quedan {left}"),
                Lang::En => format!("{rate} a second, {left} left"),
            }
        }
    };
    match lang {
        Lang::Es => format!("Poniéndose al día: {so_far} asientos ({rest})"),
        Lang::En => format!("Catching up: {so_far} entries ({rest})"),
    }
}

/// A time that is left, in one unit, rounded up.
fn left(seconds: u64) -> String {
    match seconds {
        0..90 => format!("{} s", seconds.max(1)),
        90..5_400 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3_600)),
    }
}

/// Why a list that is empty, or not whole, is so; none where nothing is still to come.
#[must_use]
pub fn still_coming(lang: Lang, status: &Status) -> Option<String> {
    if let Some(progress) = &status.catching_up {
        let so_far = of(lang, progress.entries(), progress.of());
        return Some(match lang {
            Lang::Es => format!("Las cifras aún están llegando: {so_far} asientos"),
            Lang::En => format!("Figures are still coming: {so_far} entries"),
        });
    }
    let is_empty = !status.joined && status.stopped.is_none();
    is_empty.then(|| {
        lang.pick(
            "Las cifras llegan cuando este almacén esté unido a la red",
            "Figures come once this warehouse has joined the cluster",
        )
        .to_owned()
    })
}

/// How far getting the own ledger back is.
#[must_use]
pub fn recovery(lang: Lang, recovery: &RecoveryView) -> String {
    let answers = of(lang, recovery.answered, recovery.asked);
    let answers = match lang {
        Lang::Es => format!("han contestado {answers}"),
        Lang::En => format!("{answers} have answered"),
    };
    if recovery.of == 0 {
        return answers;
    }
    let so_far = of(lang, recovery.entries.min(recovery.of), recovery.of);
    match lang {
        Lang::Es => format!("{answers}; han vuelto {so_far} asientos"),
        Lang::En => format!("{answers}; {so_far} entries are back"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::domain::WarehouseId;

    fn progress(per_second: u64, seconds_left: Option<u64>) -> CatchingUp {
        let warehouse = WarehouseId::new("sevilla").unwrap();
        let ledgers = vec![LedgerView { warehouse, entries: 12_400, of: 80_000 }];
        CatchingUp { ledgers, per_second, seconds_left }
    }

    #[test]
    fn it_is_said_how_far_how_fast_and_how_long() {
        let goes = progress(9_800, Some(7));
        let spanish = "Poniéndose al día: 12\u{a0}400 de 80\u{a0}000 asientos (9800 por segundo, quedan 7 s)";
        assert_eq!(sentence(Lang::Es, &goes), spanish);
        let english = "Catching up: 12,400 of 80,000 entries (nothing comes at the moment)";
        assert_eq!(sentence(Lang::En, &progress(0, None)), english);
        assert_eq!(in_short(Lang::En, &goes), "catching up 15 %");
        assert!(sentence(Lang::En, &progress(1, Some(67_600))).ends_with("19 h left)"));
        assert!(sentence(Lang::En, &progress(300, Some(226))).ends_with("4 min left)"));
    }

    #[test]
    fn a_recovery_says_who_answered_and_what_came_back() {
        let mut view = RecoveryView { asked: 3, answered: 1, entries: 0, of: 0 };
        assert_eq!(recovery(Lang::En, &view), "1 of 3 have answered");
        (view.answered, view.entries, view.of) = (3, 1_200, 4_000);
        assert_eq!(recovery(Lang::Es, &view), "han contestado 3 de 3; han vuelto 1200 de 4000 asientos");
    }
}
