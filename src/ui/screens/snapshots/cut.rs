//! The cut as a space-time drawing: a line per node with time to the right, the cut across all of them, and goods on
//! the road as arrows that leave before it and arrive behind it.
//!
//! ```text
//! madrid   ─────●─────────┃──────    :42
//!               ╰─ madrid:40 12 → sevilla
//! sevilla  ───────────────┃──────    :117
//! ```

use ratatui::text::{Line, Span};

use crate::domain::WarehouseId;
use crate::ledger::book::Riding;
use crate::node::Snapshot;
use crate::ui::parts::text;
use crate::ui::theme::Theme;
use crate::ui::view::View;

const NAME: usize = 12;
const PLACE: usize = 10;
/// At most so many arrows are drawn per line; how many more there are is said.
const ARROWS: usize = 4;

/// Draws it; nothing where there is no room for it.
pub fn draw<'a>(
    view: &View,
    theme: &Theme,
    snapshot: &Snapshot,
    riding: &[Riding],
    width: usize,
) -> Vec<Line<'a>> {
    let track = width.saturating_sub(NAME + PLACE + 2);
    if track < 12 {
        return Vec::new();
    }
    let closed = snapshot.closed.as_ref();
    let others = closed.iter().flat_map(|c| c.cut.keys());
    let all: std::collections::BTreeSet<_> = snapshot.expected.iter().chain(others).collect();
    // Nodes mark one after the other: the cut runs aslant, who began it first.
    let mut nodes: Vec<&WarehouseId> = all.into_iter().collect();
    nodes.sort_by_key(|w| (**w != snapshot.id.origin, (*w).clone()));
    let mut lines = Vec::new();
    for (row, warehouse) in nodes.iter().enumerate() {
        let missing = closed.is_some_and(|c| c.missing.iter().any(|m| m.id == **warehouse));
        let marked = snapshot.markers.contains_key(*warehouse) && !missing;
        let at = (track / 2 + row * 2).min(track - 3);
        let mut before = theme.signs.line.repeat(at);
        let leaving: Vec<_> = riding.iter().filter(|r| r.from == **warehouse).collect();
        if !leaving.is_empty() {
            before = theme.signs.line.repeat(at / 3);
            before.push_str(theme.signs.alive);
            before.push_str(&theme.signs.line.repeat(at - at / 3 - 1));
        }
        let (sign, style) = match (marked, missing) {
            (true, _) => (theme.signs.cut, theme.focus),
            (false, true) => (theme.signs.cut_guessed, theme.warning),
            (false, false) => (theme.signs.line, theme.dim),
        };
        let place = closed.and_then(|c| c.cut.get(*warehouse)).map(|head| head.seq);
        let place = place.or_else(|| snapshot.markers.get(*warehouse).map(|m| m.at.seq));
        let place = place.map_or_else(|| theme.signs.none.to_owned(), |seq| format!(":{seq}"));
        let after =
            if missing { " ".repeat(track - at - 1) } else { theme.signs.line.repeat(track - at - 1) };
        lines.push(Line::from(vec![
            Span::styled(
                format!(" {}", text::left(warehouse.as_str(), NAME, theme.signs.more)),
                theme.normal,
            ),
            Span::styled(before, theme.dim),
            Span::styled(sign, style),
            Span::styled(after, theme.dim),
            Span::styled(text::right(&place, PLACE, theme.signs.more), style),
        ]));
        lines.extend(arrows(view, theme, &leaving, at, width));
    }
    lines
}

/// What left a node before the cut and had not arrived at it.
fn arrows<'a>(view: &View, theme: &Theme, leaving: &[&Riding], at: usize, width: usize) -> Vec<Line<'a>> {
    let lang = view.lang();
    let indent = NAME + 1 + at / 3;
    let room = width.saturating_sub(indent + 3);
    let mut lines = Vec::new();
    for goods in leaving.iter().take(ARROWS) {
        let words = format!(
            "{}{} {} {} {} {}",
            theme.signs.turn,
            theme.signs.to,
            goods.to,
            goods.transfer,
            crate::text::format::quantity(goods.qty, 0, lang),
            goods.sku
        );
        let words = text::clip(&words, room, theme.signs.more);
        lines.push(Line::styled(format!("{}{words}", " ".repeat(indent)), theme.transit));
    }
    if leaving.len() > ARROWS {
        let more = format!("{}+{}", " ".repeat(indent), leaving.len() - ARROWS);
        lines.push(Line::styled(more, theme.transit));
    }
    lines
}
