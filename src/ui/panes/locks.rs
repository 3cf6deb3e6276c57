//! The locks below the peers: who holds which product, who waits, for how long.

use ratatui::text::{Line, Span};

use crate::node::event::{LockView, SeatView};
use crate::text::{Lang, format};
use crate::ui::parts::text;
use crate::ui::theme::Theme;
use crate::ui::view::View;

/// One lock in so many columns.
#[must_use]
pub fn row<'a>(view: &View, theme: &Theme, lock: &LockView, room: usize) -> Line<'a> {
    let (lang, now_ms) = (view.lang(), view.now().wall_ms);
    let whole = words(lock, lang, now_ms, theme.signs.dot);
    let words = if text::width(&whole) <= room { whole } else { short(lock, now_ms, theme.signs.back, room) };
    let waits_here = view.own().is_some_and(|me| lock.waits(me).is_some());
    let style = if waits_here { theme.warning } else { theme.normal };
    Line::from(Span::styled(text::left(&words, room, theme.signs.more), style))
}

fn seat(seat: &SeatView, now_ms: i64) -> String {
    let seconds = now_ms.saturating_sub(seat.since_ms).max(0) / 1000;
    let age = if seconds < 60 { format!("{seconds} s") } else { format::span(seat.since_ms, now_ms) };
    format!("{} {age}", seat.warehouse)
}

/// `GU-NIT-L sevilla 4 s ← madrid 2 s, vigo 1 s`; of those who wait as many as fit, and how many there are more.
fn short(lock: &LockView, now_ms: i64, back: &str, room: usize) -> String {
    let mut start = vec![lock.sku.to_string()];
    start.extend(lock.holder.as_ref().map(|holder| seat(holder, now_ms)));
    let start = start.join(" ");
    let waiting: Vec<_> = lock.waiting.iter().map(|s| seat(s, now_ms)).collect();
    let named = |n: usize| {
        let mut parts = Vec::new();
        parts.extend(Some(waiting[..n].join(", ")).filter(|names| !names.is_empty()));
        parts.extend(Some(format!("+{}", waiting.len() - n)).filter(|_| n < waiting.len()));
        if parts.is_empty() { start.clone() } else { format!("{start} {back} {}", parts.join(" ")) }
    };
    let fits = (0..=waiting.len()).rev().map(named).find(|words| text::width(words) <= room);
    fits.unwrap_or_else(|| named(0))
}

/// `lock GU-NIT-L held by sevilla 4 s · waiting: madrid 2 s`.
#[must_use]
pub fn words(lock: &LockView, lang: Lang, now_ms: i64, dot: &str) -> String {
    let holder = lock.holder.as_ref().map_or_else(
        || lang.pick("sin dar", "not given yet").to_owned(),
        |holder| format!("{} {}", lang.pick("de", "held by"), seat(holder, now_ms)),
    );
    let mut words = format!("{} {} {holder}", lang.pick("cerrojo", "lock"), lock.sku);
    if !lock.waiting.is_empty() {
        let waiting: Vec<_> = lock.waiting.iter().map(|s| seat(s, now_ms)).collect();
        let waits = match (lang, waiting.len()) {
            (Lang::Es, 1) => "espera",
            (Lang::Es, _) => "esperan",
            (Lang::En, _) => "waiting:",
        };
        words.push_str(&format!(" {dot} {waits} {}", waiting.join(", ")));
    }
    words
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::domain::{Sku, WarehouseId};

    fn seat(warehouse: &str, since_ms: i64) -> SeatView {
        SeatView { warehouse: WarehouseId::new(warehouse).unwrap(), since_ms }
    }

    #[test]
    fn who_holds_and_who_waits_is_told_with_how_long() {
        let mut lock = LockView {
            sku: Sku::new("GU-NIT-L").unwrap(),
            holder: Some(seat("sevilla", 96_500)),
            waiting: vec![seat("madrid", 98_000), seat("vigo", 10_000)],
        };
        let es = words(&lock, Lang::Es, 100_000, "·");
        assert_eq!(es, "cerrojo GU-NIT-L de sevilla 3 s · esperan madrid 2 s, vigo 1 min");
        lock.waiting.clear();
        assert_eq!(words(&lock, Lang::En, 100_000, "·"), "lock GU-NIT-L held by sevilla 3 s");
        lock.holder = None;
        assert_eq!(words(&lock, Lang::En, 100_000, "·"), "lock GU-NIT-L not given yet");
    }

    #[test]
    fn of_those_who_wait_as_many_are_named_as_fit_and_the_others_counted() {
        let lock = LockView {
            sku: Sku::new("GU-NIT-L").unwrap(),
            holder: Some(seat("sevilla", 96_500)),
            waiting: vec![seat("madrid", 98_000), seat("vigo", 10_000)],
        };
        let told = |room| short(&lock, 100_000, "<-", room);
        assert_eq!(told(46), "GU-NIT-L sevilla 3 s <- madrid 2 s, vigo 1 min");
        assert_eq!(told(40), "GU-NIT-L sevilla 3 s <- madrid 2 s +1");
        assert_eq!(told(30), "GU-NIT-L sevilla 3 s <- +2");
    }
}
