//! What was refused of what others say, in one line.

use super::Lang;
use super::number::count;
use crate::protocol::Refusals;

/// How much of which kind was refused since the start; none where nothing was.
#[must_use]
pub fn refusals(lang: Lang, refused: &Refusals) -> Option<String> {
    let kinds = [
        (refused.forged, lang.pick("falsos", "forged")),
        (refused.replayed, lang.pick("repetidos", "replayed")),
        (refused.of_another_roster, lang.pick("de otra versión de la red", "of another roster")),
        (refused.unfit, lang.pick("cambios de red imposibles", "unfit roster changes")),
        (refused.from_the_past, lang.pick("con un turno ya pasado", "under a token from the past")),
        (refused.unknown_snapshot, lang.pick("de una instantánea desconocida", "of an unknown snapshot")),
    ];
    let told = kinds.iter().filter(|(n, _)| *n > 0).map(|(n, kind)| format!("{} {kind}", count(lang, *n)));
    let told: Vec<_> = told.collect();
    (!told.is_empty()).then(|| told.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_refused_is_told() {
        assert_eq!(refusals(Lang::En, &Refusals::default()), None);
        let refused = Refusals { forged: 2, from_the_past: 1, ..Refusals::default() };
        let told = refusals(Lang::En, &refused);
        assert_eq!(told.as_deref(), Some("2 forged, 1 under a token from the past"));
        let told = refusals(Lang::Es, &refused);
        assert_eq!(told.as_deref(), Some("2 falsos, 1 con un turno ya pasado"));
    }
}
