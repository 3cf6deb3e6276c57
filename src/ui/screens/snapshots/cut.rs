//! The cut as a space-time drawing: a line per node with time to the right, the cut across all of them, and goods on
//! the road as arrows that leave before it and arrive behind it.
//!
//! ```text
//! node     time →         cut             ledger
//! madrid   ─────●─────────┃────────────      :42
//!               ╰─ madrid:40 12 GU ─┼─→ sevilla
//! sevilla  ─────────────────┃──────────     :117
//! ● leaves   ┃ cut   ┇ cut at the last entry known: the node is missing
//! ```

use std::collections::BTreeSet;

use ratatui::text::{Line, Span};

use crate::domain::WarehouseId;
use crate::ledger::book::Riding;
use crate::node::Snapshot;
use crate::text::format;
use crate::ui::parts::text;
use crate::ui::theme::Theme;
use crate::ui::view::View;

/// Names have between so many columns and so many.
const NAME: (usize, usize) = (8, 24);
const PLACE: usize = 10;
/// A line of time is at least so long; with less room there is no drawing.
const LEAST_TRACK: usize = 12;
/// At most so many arrows are drawn per line; how many more there are is said.
const ARROWS: usize = 4;

/// What the drawing is measured by.
struct Frame {
    name: usize,
    track: usize,
    nodes: usize,
}

impl Frame {
    /// Nodes mark one after the other: the cut runs aslant, however many there are.
    fn cut(&self, row: usize) -> usize {
        let slope = (self.track / 2).saturating_sub(3).min(self.nodes * 2);
        (self.track / 2 + row * slope / self.nodes.max(1)).min(self.track - 3)
    }

    /// Where goods leave a node's line.
    fn leave(&self, row: usize) -> usize {
        self.cut(row) / 3
    }
}

/// Draws it; nothing where there is no room for it.
pub fn draw<'a>(
    view: &View,
    theme: &Theme,
    snapshot: &Snapshot,
    riding: &[Riding],
    width: usize,
) -> Vec<Line<'a>> {
    let closed = snapshot.closed.as_ref();
    let others = closed.iter().flat_map(|c| c.cut.keys());
    let all: BTreeSet<_> = snapshot.expected.iter().chain(others).collect();
    let widest = all.iter().map(|id| text::width(id.as_str())).max().unwrap_or(0) + 1;
    let name = widest.clamp(NAME.0, NAME.1).min(width / 4);
    let track = width.saturating_sub(name + PLACE + 2);
    if track < LEAST_TRACK {
        return Vec::new();
    }
    // Who began it stands first: it marked first.
    let mut nodes: Vec<&WarehouseId> = all.into_iter().collect();
    nodes.sort_by_key(|w| (**w != snapshot.id.origin, (*w).clone()));
    let frame = Frame { name, track, nodes: nodes.len() };
    let mut lines = vec![axes(view, theme, &frame)];
    let mut has_guessed = false;
    let mut has_arrows = false;
    for (row, warehouse) in nodes.iter().enumerate() {
        let missing = closed.is_some_and(|c| c.missing.iter().any(|m| m.id == **warehouse));
        let marked = snapshot.markers.contains_key(*warehouse) && !missing;
        let leaving: Vec<_> = riding.iter().filter(|r| r.from == **warehouse).collect();
        has_guessed |= missing;
        has_arrows |= !leaving.is_empty();
        let at = frame.cut(row);
        let mut before = theme.signs.line.repeat(at);
        if !leaving.is_empty() {
            let leave = frame.leave(row);
            before = theme.signs.line.repeat(leave);
            before.push_str(theme.signs.alive);
            before.push_str(&theme.signs.line.repeat(at - leave - 1));
        }
        let (sign, style) = match (marked, missing) {
            (true, _) => (theme.signs.cut, theme.focus),
            (false, true) => (theme.signs.cut_guessed, theme.warning),
            (false, false) => (theme.signs.line, theme.dim),
        };
        let place = closed.and_then(|c| c.cut.get(*warehouse)).map(|head| head.seq);
        let place = place.or_else(|| snapshot.markers.get(*warehouse).map(|m| m.at.seq));
        let place = place.map_or_else(|| theme.signs.none.to_owned(), |seq| format!(":{seq}"));
        // Of what is behind the last entry known nothing is known.
        let after =
            if missing { " ".repeat(track - at - 1) } else { theme.signs.line.repeat(track - at - 1) };
        lines.push(Line::from(vec![
            Span::styled(
                format!(" {}", text::left(warehouse.as_str(), name, theme.signs.more)),
                theme.normal,
            ),
            Span::styled(before, theme.dim),
            Span::styled(sign, style),
            Span::styled(after, theme.dim),
            Span::styled(text::right(&place, PLACE, theme.signs.more), style),
        ]));
        lines.extend(arrows(view, theme, &leaving, &frame, row, width));
    }
    lines.push(legend(view, theme, has_arrows, has_guessed, width));
    lines
}

/// What runs along which axis.
fn axes<'a>(view: &View, theme: &Theme, frame: &Frame) -> Line<'a> {
    let lang = view.lang();
    let node = text::left(lang.pick("nodo", "node"), frame.name, theme.signs.more);
    let time = format!("{} {}", lang.pick("tiempo", "time"), theme.signs.to);
    let cut = lang.pick("corte", "cut");
    let gap = frame.cut(0).saturating_sub(text::width(&time));
    // Its first letter stands over where the first node marked.
    let along = if gap == 0 { time } else { format!("{time}{}{cut}", " ".repeat(gap)) };
    let along = text::left(&along, frame.track, "");
    let place = text::right(lang.pick("asiento", "entry"), PLACE, theme.signs.more);
    Line::styled(format!(" {node}{along}{place}"), theme.heading)
}

/// What the signs mean, those that are there.
fn legend<'a>(view: &View, theme: &Theme, arrows: bool, guessed: bool, width: usize) -> Line<'a> {
    let lang = view.lang();
    let signs = &theme.signs;
    let mut parts = vec![format!("{} {}", signs.cut, lang.pick("corte", "cut"))];
    if guessed {
        let words = lang.pick("falta: último asiento conocido", "missing: last entry known");
        parts.push(format!("{} {words}", signs.cut_guessed));
    }
    if arrows {
        let leaves = lang.pick("sale", "leaves");
        let crosses = lang.pick("en tránsito sobre el corte", "in transit across the cut");
        parts.push(format!("{} {leaves}", signs.alive));
        parts.push(format!("{} {crosses}", signs.to));
    }
    let mut said = String::new();
    for part in parts {
        let next = format!("{said}{}{part}", if said.is_empty() { " " } else { "   " });
        if text::width(&next) > width {
            break;
        }
        said = next;
    }
    Line::styled(said, theme.dim)
}

/// What left a node before the cut and had not arrived at it: each crosses the cut on its way.
fn arrows<'a>(
    view: &View,
    theme: &Theme,
    leaving: &[&Riding],
    frame: &Frame,
    row: usize,
    width: usize,
) -> Vec<Line<'a>> {
    let signs = &theme.signs;
    let leave = frame.leave(row);
    let indent = " ".repeat(frame.name + 1 + leave);
    let room = width.saturating_sub(text::width(&indent) + 1);
    let mut lines = Vec::new();
    for goods in leaving.iter().take(ARROWS) {
        let product = view.model().products.get(&goods.sku);
        let decimals = product.map_or(0, |view| view.product.decimals);
        let qty = format::quantity(goods.qty, decimals, view.lang());
        let head = format!("{} {}", signs.to, goods.to);
        // The whole is said where there is room; what and how much goes last.
        let lot = if goods.lot.is_none() { String::new() } else { format!("@{}", goods.lot) };
        let brief = format!("{qty} {}", goods.sku);
        let named = format!("{} {brief}", goods.transfer);
        let whole = format!("{named}{lot}");
        let fixed = text::width(signs.turn) + text::width(&head) + 2;
        let fits = |label: &String| fixed + text::width(label) <= room;
        let label = [whole, named, brief].into_iter().find(fits).unwrap_or_default();
        // Up to behind the cut, where there is room for that: it crosses it.
        let reach = (frame.cut(row) + 2).saturating_sub(leave);
        let used = text::width(signs.turn) + text::width(&label) + 2;
        let stretch = reach.saturating_sub(used).min(room.saturating_sub(fixed + text::width(&label)));
        let tail = signs.line.repeat(stretch);
        let said = format!("{} {label} {tail}{head}", signs.turn);
        let said = text::clip(&said, room, signs.more);
        lines.push(Line::styled(format!("{indent}{said}"), theme.transit));
    }
    if leaving.len() > ARROWS {
        let words = view.lang().pick("más", "more");
        let more = format!("{indent}+{} {words}", leaving.len() - ARROWS);
        lines.push(Line::styled(more, theme.transit));
    }
    lines
}
