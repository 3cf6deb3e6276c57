//! The keys that work here, on the last line, and those that may follow the ones pressed so far.

use std::ops::Range;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::action::Action;
use super::keys::FormKey;
use super::keys::map::Bound;
use super::overlays::Overlay;
use super::parts::{pane, text};
use super::theme::Theme;
use super::view::View;
use crate::text::Lang;

/// Up to this rank an act is worth more than the reason why another can't be done.
const COMMON: u8 = 19;

/// A key and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// What it does.
    pub action: Action,
    /// The key as it is written.
    pub key: String,
    /// What it does, in words; why it can't be done now, where there is room for that.
    pub label: String,
    /// Whether it can be done now.
    pub works: bool,
    /// Where it begins.
    pub column: usize,
}

impl Hint {
    fn new(action: Action, key: String, label: &str, works: bool) -> Self {
        Self { action, key, label: label.to_owned(), works, column: 0 }
    }

    /// A blank, the key, a blank, the label, a blank.
    fn width(&self) -> usize {
        text::width(&self.key) + text::width(&self.label) + 3
    }

    /// Where it stands.
    #[must_use]
    pub fn columns(&self) -> Range<usize> {
        self.column..self.column + self.width()
    }
}

/// The hints that a line of this width shows. The way out and the help are always there.
#[must_use]
pub fn shown(view: &View, width: usize) -> Vec<Hint> {
    let (place, lang) = (view.place(), view.lang());
    let of = |row: &Bound| {
        let works = view.why_not(row.binding.action).is_none();
        Some((row.binding.rank, Hint::new(row.binding.action, row.key()?, row.binding.label(lang), works)))
    };
    let is_last = |action| matches!(action, Action::Help | Action::Quit);
    let last: Vec<_> = [Action::Help, Action::Quit]
        .into_iter()
        .filter_map(|action| view.keymap().row(action, place).and_then(of))
        .map(|(_, hint)| hint)
        .collect();
    let mut room = width.saturating_sub(last.iter().map(Hint::width).sum());
    let rows = view.keymap().hints(place);
    let all: Vec<_> = rows.into_iter().filter(|r| !is_last(r.binding.action)).filter_map(of).collect();
    let (common, rare): (Vec<_>, Vec<_>) = all.into_iter().partition(|(rank, _)| *rank <= COMMON);
    let mut hints = fitting(common, &mut room);
    for hint in hints.iter_mut().filter(|h| !h.works) {
        let why = view.why_not(hint.action).map(|why| format!("{} ({why})", hint.label));
        let Some(why) = why else { continue };
        let more = text::width(&why) - text::width(&hint.label);
        if more <= room {
            room -= more;
            hint.label = why;
        }
    }
    hints.extend(fitting(rare, &mut room));
    let mut column = 0;
    for hint in &mut hints {
        hint.column = column;
        column += hint.width();
    }
    column = width.saturating_sub(last.iter().map(Hint::width).sum());
    for mut hint in last {
        hint.column = column;
        column += hint.width();
        hints.push(hint);
    }
    hints
}

fn fitting(hints: Vec<(u8, Hint)>, room: &mut usize) -> Vec<Hint> {
    let mut fit = Vec::new();
    for (_, hint) in hints {
        if hint.width() <= *room {
            *room -= hint.width();
            fit.push(hint);
        }
    }
    fit
}

/// Draws the last line.
pub fn draw(view: &View, theme: &Theme, frame: &mut Frame, area: Rect) {
    let lang = view.lang();
    // Details let the keys through; all else has its own hints.
    if !matches!(view.overlays().last(), None | Some(Overlay::Details(_))) {
        return;
    }
    let width = usize::from(area.width);
    if view.is_filtering(view.place()) {
        let (done, clear) = (view.form_key(FormKey::Enter), view.form_key(FormKey::Leave));
        let words = match lang {
            Lang::Es => format!(" escriba para buscar   {done} listo   {clear} quitar"),
            Lang::En => format!(" type to find   {done} done   {clear} clear"),
        };
        frame.render_widget(Paragraph::new(Line::styled(text::clip(&words, width, ""), theme.dim)), area);
        return;
    }
    let mut line = Line::default();
    for hint in shown(view, width) {
        let gap = hint.column.saturating_sub(line.width());
        line.push_span(Span::raw(" ".repeat(gap)));
        let (key, label) = if hint.works { (theme.key, theme.normal) } else { (theme.dim, theme.dim) };
        line.push_span(Span::styled(format!(" {}", hint.key), key));
        line.push_span(Span::styled(format!(" {} ", hint.label), label));
    }
    frame.render_widget(Paragraph::new(line), area);
}

/// What may follow the keys pressed so far.
pub fn draw_which_key(view: &View, theme: &Theme, frame: &mut Frame, body: Rect) {
    let pressed = view.pressed();
    if pressed.is_empty() {
        return;
    }
    let lang = view.lang();
    let title: String = pressed.iter().map(ToString::to_string).collect();
    let next = view.keymap().continuations(view.place(), pressed);
    let mut lines: Vec<Line> = next
        .iter()
        .map(|(key, binding)| {
            let works = view.why_not(binding.action).is_none();
            let (key_look, look) = if works { (theme.key, theme.normal) } else { (theme.dim, theme.dim) };
            let label = format!("  {} ", binding.label(lang));
            Line::from(vec![Span::styled(format!(" {key}"), key_look), Span::styled(label, look)])
        })
        .collect();
    lines.push(Line::from(vec![
        Span::styled(
            format!(" {}", view.key_of(Action::Escape, view.place()).unwrap_or_default()),
            theme.key,
        ),
        Span::raw(format!("  {} ", lang.pick("dejarlo", "never mind"))),
    ]));
    let widest = lines.iter().map(Line::width).max().unwrap_or(0).max(text::width(&title) + 4);
    let width = u16::try_from(widest + 2).unwrap_or(u16::MAX).min(body.width);
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).min(body.height);
    let place = Rect { x: body.right() - width, y: body.bottom() - height, width, height };
    let inner = pane::on_top(frame, place, theme, &title);
    frame.render_widget(Paragraph::new(lines), inner);
}
