//! The frame of a pane: quiet, or strong where the keys are.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};

use super::text::{clip, width, wrap};
use crate::ui::theme::Theme;

/// Draws the frame with its title at the left and notes at the right; what is left inside is returned.
pub fn draw(
    frame: &mut Frame,
    area: Rect,
    theme: &Theme,
    title: &str,
    notes: Vec<Span<'_>>,
    has_focus: bool,
) -> Rect {
    let (line, name) = if has_focus { (theme.focus, theme.focus) } else { (theme.dim, theme.normal) };
    let room = usize::from(area.width).saturating_sub(4);
    let title = clip(title, room, theme.signs.more);
    let left = room.saturating_sub(width(&title) + 2);
    let mut block = Block::bordered()
        .border_set(theme.border)
        .border_style(line)
        .title_top(Line::from(Span::styled(format!(" {title} "), name)));
    let notes_width: usize = notes.iter().map(Span::width).sum();
    if notes_width > 0 && notes_width + 2 <= left {
        let mut spans = vec![Span::raw(" ")];
        spans.extend(notes);
        spans.push(Span::raw(" "));
        block = block.title_top(Line::from(spans).right_aligned());
    }
    let inner = block.inner(area);
    frame.render_widget(block, area);
    inner
}

/// Words in the middle of an empty pane.
pub fn message(frame: &mut Frame, area: Rect, theme: &Theme, text: &str) {
    if area.is_empty() {
        return;
    }
    let lines = wrap(text, usize::from(area.width).saturating_sub(2).max(1));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height);
    let y = area.y + (area.height - height) / 2;
    let place = Rect { y, height, ..area };
    let text: Vec<_> = lines.into_iter().map(|l| Line::styled(l, theme.dim).centered()).collect();
    frame.render_widget(Paragraph::new(text), place);
}

/// A rectangle in the middle of another one, at most so large.
#[must_use]
pub fn middle(area: Rect, wide: u16, high: u16) -> Rect {
    let (width, height) = (wide.min(area.width), high.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

/// An empty pane on top of everything, with the keys; what is left inside is returned.
pub fn on_top(frame: &mut Frame, area: Rect, theme: &Theme, title: &str) -> Rect {
    frame.render_widget(Clear, area);
    draw(frame, area, theme, title, Vec::new(), true)
}
