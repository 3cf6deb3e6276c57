//! The top line: where one is, who one is, how the node is; and the banner when something is wrong.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::node::event::{LinkView, PeerState, Status};
use crate::text::format;
use crate::ui::panes::peers::offset_words;
use crate::ui::parts::text;
use crate::ui::theme::Theme;
use crate::ui::view::{Link, View};

type Part<'a> = Vec<Span<'a>>;

/// Draws the top line; what doesn't fit is left out from the least useful on.
pub fn draw(view: &View, theme: &Theme, frame: &mut Frame, area: Rect) {
    let lang = view.lang();
    let status = view.model().status.as_ref();
    let mut left: Vec<(u8, Part)> = vec![(6, vec![Span::styled("rubentario", theme.focus)])];
    if let Some(status) = status {
        let dot = format!(" {} ", theme.signs.dot);
        let cluster = format!("{} {}", lang.pick("red", "cluster"), status.cluster);
        left.push((4, vec![Span::styled(cluster, theme.dim), Span::raw(dot.clone())]));
        left.push((0, vec![Span::styled(status.name.to_uppercase(), theme.heading)]));
        if let Some(operator) = view.operator() {
            left.push((2, vec![Span::raw(dot), Span::raw(operator.to_string())]));
        }
    }
    let mut right: Vec<(u8, Part)> = Vec::new();
    match (view.link(), status) {
        (Link::Loading, _) | (_, None) => {
            right.push((0, vec![Span::styled(lang.pick("conectando…", "connecting…"), theme.warning)]));
        }
        (Link::Stopped(_), _) => {
            right.push((0, vec![Span::styled(lang.pick("nodo parado", "node stopped"), theme.error)]));
        }
        (Link::Live, Some(status)) => {
            right.push((1, link(&status.store, theme)));
            right.push((1, link(&status.bus, theme)));
            let peers = &view.model().peers;
            let alive = peers.iter().filter(|p| p.state == PeerState::Alive).count();
            let style = if alive == peers.len() { theme.normal } else { theme.warning };
            let word = lang.pick("pares", "peers");
            right.push((3, vec![Span::styled(format!("{word} {alive}/{}", peers.len()), style)]));
        }
    }
    let clock = format::clock(view.now().wall_ms, view.now().zone);
    right.push((5, vec![Span::styled(lang.pick("hora de red", "cluster time"), theme.dim)]));
    right.push((2, vec![Span::raw(clock)]));
    if let Some((own, error)) = status.and_then(|s| Some((s.clock, s.clock.error_ms?))) {
        #[allow(clippy::cast_precision_loss, reason = "milliseconds for people")]
        let (offset, error) = (own.offset_ms as f64, error as f64);
        let words = offset_words(offset, Some(error), lang, theme.signs.about);
        let style = if own.synchronised { theme.dim } else { theme.warning };
        right.push((5, vec![Span::styled(format!("({words})"), style)]));
    }
    frame.render_widget(Paragraph::new(fit(left, right, usize::from(area.width))), area);
}

fn link<'a>(link: &LinkView, theme: &Theme) -> Part<'a> {
    let (sign, style): (_, Style) = match (link.up, &link.trouble) {
        (true, None) => (theme.signs.alive, theme.ok),
        (true, Some(_)) => (theme.signs.suspect, theme.warning),
        (false, _) => (theme.signs.down, theme.error),
    };
    let name = if link.up { theme.normal } else { theme.error };
    vec![Span::styled(sign, style), Span::styled(format!(" {}", link.kind), name)]
}

fn width_of(parts: &[(u8, Part)], gap: usize) -> usize {
    let widths: usize = parts.iter().flat_map(|(_, p)| p).map(Span::width).sum();
    widths + parts.len().saturating_sub(1) * gap
}

fn fit<'a>(mut left: Vec<(u8, Part<'a>)>, mut right: Vec<(u8, Part<'a>)>, width: usize) -> Line<'a> {
    // Names carry their own blanks; the parts at the right are two apart, the last ones belong together.
    loop {
        let used = 2 + width_of(&left, 0) + 2 + width_of(&right, 2) + 1;
        let most = left.iter().chain(&right).map(|(rank, _)| *rank).max().unwrap_or(0);
        if used <= width || most == 0 {
            break;
        }
        if let Some(i) = right.iter().rposition(|(rank, _)| *rank == most) {
            right.remove(i);
        } else if let Some(i) = left.iter().rposition(|(rank, _)| *rank == most) {
            left.remove(i);
        }
    }
    let mut spans = vec![Span::raw(" ")];
    let mut used = 1;
    for (i, (rank, part)) in left.into_iter().enumerate() {
        spans.extend(part);
        if i == 0 && rank == 6 {
            spans.push(Span::raw("  "));
        }
    }
    used += spans.iter().skip(1).map(Span::width).sum::<usize>();
    let right_width = width_of(&right, 2);
    spans.push(Span::raw(" ".repeat(width.saturating_sub(used + right_width + 1).max(1))));
    for (i, (_, part)) in right.into_iter().enumerate() {
        if i > 0 {
            spans.push(Span::raw("  "));
        }
        spans.extend(part);
    }
    Line::from(spans)
}

/// What is wrong with the node, in one line; none when all is well.
#[must_use]
pub fn trouble(view: &View) -> Option<String> {
    let lang = view.lang();
    if let Link::Stopped(reason) = view.link() {
        return Some(format!("{}: {reason}", lang.pick("El nodo se ha parado", "The node has stopped")));
    }
    let status: &Status = view.model().status.as_ref()?;
    if let Some(why) = &status.stopped {
        let words = lang.pick("Este nodo ha dejado de registrar", "This node has stopped recording");
        return Some(format!("{words}: {why}"));
    }
    let down = |link: &LinkView, words: &str| {
        let why = link.trouble.as_deref().unwrap_or_default();
        let colon = if why.is_empty() { "" } else { ": " };
        format!("{} {words}{colon}{why}", link.kind)
    };
    if !status.store.up {
        let words = lang.pick(
            "no responde; lo que haga queda pendiente y no se pierde",
            "does not answer; what you do stays pending and is not lost",
        );
        return Some(down(&status.store, words));
    }
    if status.recovering {
        let words = lang.pick(
            "Recuperando el libro propio de los otros almacenes; aún no se puede registrar",
            "Getting the own ledger back from the others; nothing can be recorded yet",
        );
        if status.awaited.is_empty() {
            return Some(words.to_owned());
        }
        let awaited: Vec<_> = status.awaited.iter().map(ToString::to_string).collect();
        let awaited = awaited.join(", ");
        let (waits, verb) =
            (lang.pick("falta", "waiting for"), lang.pick("para seguir sin él", "to go on without it"));
        let first = &status.awaited[0];
        return Some(format!("{words} ({waits} {awaited}; {verb}: rubentario recover --without {first})"));
    }
    if !status.joined {
        let words = lang.pick(
            "Este almacén aún no se ha unido a la red; aún no se puede registrar",
            "This warehouse has not joined the network yet; nothing can be recorded yet",
        );
        return Some(words.to_owned());
    }
    if !status.bus.up {
        let words = lang.pick(
            "no responde; aquí se sigue trabajando, los demás lo verán después",
            "does not answer; work goes on here, the others see it later",
        );
        return Some(down(&status.bus, words));
    }
    status.bus.trouble.as_ref().map(|why| format!("{}: {why}", status.bus.kind))
}

/// Draws the banner.
pub fn draw_banner(view: &View, theme: &Theme, frame: &mut Frame, area: Rect) {
    if area.is_empty() {
        return;
    }
    let Some(trouble) = trouble(view) else { return };
    let room = usize::from(area.width).saturating_sub(4);
    let line = format!(" {} {}", theme.signs.warning, text::clip(&trouble, room, theme.signs.more));
    frame.render_widget(Paragraph::new(Line::styled(line, theme.error)), area);
}
