//! The top line: where one is, who one is, how the node is; and the banner when something is wrong.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::node::event::{LinkView, PeerState, Status};
use crate::text::{catching_up, clock, format, stopped, trouble as said};
use crate::ui::panes::badges;
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
        (Link::Away(_), _) => {
            right.push((0, vec![Span::styled(lang.pick("sin nodo", "no node"), theme.error)]));
        }
        (Link::Stopped(_), _) => {
            right.push((0, vec![Span::styled(lang.pick("nodo parado", "node stopped"), theme.error)]));
        }
        (Link::Live, Some(status)) => {
            if let Some(progress) = view.catching_up() {
                right.push((0, vec![Span::styled(catching_up::in_short(lang, progress), theme.warning)]));
            }
            right.push((1, link(&status.store, theme)));
            right.push((1, link(&status.bus, theme)));
            let all = view.model().members().count();
            let alive = view.model().members().filter(|p| p.state == PeerState::Alive).count();
            let style = if alive == all { theme.normal } else { theme.warning };
            let word = if all == 1 { lang.pick("par", "peer") } else { lang.pick("pares", "peers") };
            right.push((3, vec![Span::styled(format!("{word} {alive}/{all}"), style)]));
        }
    }
    let time = format::clock(view.now().wall_ms, view.now().zone);
    let open = badges::of(view.model().alerts.iter(), theme);
    // Where their pane is in sight, its title says it.
    if !view.shows_alerts() && !open.is_empty() {
        // Before those of its rank, so that it goes last of them.
        right.insert(0, (1, badges::spans(open)));
    }
    right.push((5, vec![Span::styled(lang.pick("hora de red", "cluster time"), theme.dim)]));
    right.push((2, vec![Span::raw(time)]));
    if let Some((own, error)) = status.and_then(|s| Some((s.clock, s.clock.error_ms?))) {
        #[allow(clippy::cast_precision_loss, reason = "milliseconds for people")]
        let (offset, error) = (own.offset_ms as f64, error as f64);
        let words = clock::offset(lang, offset, Some(error), theme.signs.about);
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

/// What is wrong with the node, in one sentence; none when all is well.
#[must_use]
pub fn trouble(view: &View) -> Option<String> {
    let lang = view.lang();
    match view.link() {
        Link::Stopped(reason) => {
            let words = lang.pick("El nodo se ha parado", "The node has stopped");
            return Some(format!("{words}: {}", stopped(lang, reason)));
        }
        Link::Away(reason) => {
            let words = lang.pick(
                "Se ha ido el nodo: este terminal lo busca, y lo lleva él mismo si nadie lo hace. Lo que se lea y lo \
                 pendiente se guarda",
                "The node has gone: this terminal looks for it, and runs it itself where nobody does. Scans and what \
                 is pending are kept",
            );
            return Some(format!("{words} ({})", stopped(lang, reason)));
        }
        Link::Loading | Link::Live => {}
    }
    let status: &Status = view.model().status.as_ref()?;
    if let Some(why) = &status.stopped {
        let words = lang.pick("Este nodo ha dejado de registrar", "This node has stopped recording");
        return Some(format!("{words}: {}", stopped(lang, why)));
    }
    let pending =
        lang.pick("lo que haga queda pendiente y no se pierde", "what you do stays pending and is not lost");
    let later = lang.pick(
        "aquí se sigue trabajando, los demás lo verán después",
        "work goes on here, the others see it later",
    );
    said::link(lang, &status.store, pending)
        .or_else(|| said::not_yet(lang, status))
        .or_else(|| said::link(lang, &status.bus, later))
}

/// The banner's lines in a window of that width.
#[must_use]
pub fn banner(view: &View, width: u16) -> Vec<String> {
    let room = usize::from(width).saturating_sub(4);
    trouble(view).map(|trouble| text::wrap(&trouble, room)).unwrap_or_default()
}

/// Draws the banner; what doesn't fit is cut off.
pub fn draw_banner(view: &View, theme: &Theme, frame: &mut Frame, area: Rect) {
    if area.is_empty() {
        return;
    }
    let rows = usize::from(area.height);
    let mut lines = banner(view, area.width);
    if lines.len() > rows {
        let rest = lines.split_off(rows - 1).join(" ");
        lines.push(text::clip(&rest, usize::from(area.width).saturating_sub(4), theme.signs.more));
    }
    let signs = std::iter::once(theme.signs.warning).chain(std::iter::repeat(" "));
    let lines = signs.zip(lines).map(|(sign, line)| Line::styled(format!(" {sign} {line}"), theme.error));
    frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), area);
}
