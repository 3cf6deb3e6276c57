//! What a form shows, as data, and the one place where it is drawn.
//!
//! Every form tells its rows from top to bottom and which of them has the keys; the drawing keeps that row in
//! sight at any size, so no form knows how large it is.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};

use crate::ui::parts::field::TextField;
use crate::ui::parts::text::{clip, left, width, wrap};
use crate::ui::theme::Theme;

/// The role of a piece of text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    #[default]
    Plain,
    /// Matters less.
    Dim,
    /// A heading.
    Strong,
    /// Good.
    Ok,
    /// Look at it.
    Warning,
    /// It can't be so.
    Error,
}

impl Tone {
    const fn style(self, theme: &Theme) -> Style {
        match self {
            Self::Plain => theme.normal,
            Self::Dim => theme.dim,
            Self::Strong => theme.heading,
            Self::Ok => theme.ok,
            Self::Warning => theme.warning,
            Self::Error => theme.error,
        }
    }
}

/// A piece of a row.
pub type Piece = (Tone, String);

/// One row of a form.
#[derive(Debug)]
pub enum Row<'a> {
    /// Text.
    Text(Vec<Piece>),
    /// A text field.
    Field {
        /// What it is for.
        label: String,
        /// The field.
        field: &'a TextField,
        /// Columns it would like.
        room: u16,
        /// Shown in it while it is empty.
        ghost: String,
        /// What the form makes of what was typed.
        note: Piece,
        /// Whether it has the keys.
        focus: bool,
    },
    /// One of several values.
    Choice {
        /// What it is for.
        label: String,
        /// The value; none = nothing chosen yet.
        value: Option<String>,
        /// What is said of it.
        note: Piece,
        /// Whether it has the keys.
        focus: bool,
    },
    /// A line of a list.
    Item {
        /// Its text.
        pieces: Vec<Piece>,
        /// Whether it is the one meant.
        chosen: bool,
    },
    /// Buttons.
    Buttons {
        /// Their words.
        labels: Vec<&'static str>,
        /// Whether the first letter chooses, and is underlined.
        has_letters: bool,
        /// The one that has the keys.
        focus: Option<usize>,
    },
}

impl Row<'_> {
    /// A row of one piece.
    pub fn text(tone: Tone, text: impl Into<String>) -> Self {
        Self::Text(vec![(tone, text.into())])
    }

    /// An empty row.
    pub const fn blank() -> Self {
        Self::Text(Vec::new())
    }

    /// What is wrong with the field that has the keys.
    fn mistake(&self) -> Option<&Piece> {
        match self {
            Self::Field { note, focus: true, .. } | Self::Choice { note, focus: true, .. } => {
                Some(note).filter(|(tone, _)| *tone == Tone::Error)
            }
            _ => None,
        }
    }

    const fn has_focus(&self) -> bool {
        match self {
            Self::Field { focus, .. } | Self::Choice { focus, .. } => *focus,
            Self::Buttons { focus, .. } => focus.is_some(),
            Self::Text(_) | Self::Item { .. } => false,
        }
    }
}

/// A form as it looks now.
#[derive(Debug)]
pub struct Sheet<'a> {
    /// On the frame.
    pub title: String,
    /// In whose name it is booked.
    pub who: Option<String>,
    /// From top to bottom.
    pub rows: Vec<Row<'a>>,
    /// What the form answers to the last key.
    pub message: Option<Piece>,
    /// Keys that work, each with what it does.
    pub keys: Vec<(String, &'static str)>,
}

/// Draws a form into its box.
pub fn draw(frame: &mut Frame, area: Rect, theme: &Theme, sheet: &Sheet) {
    let area = area.intersection(frame.area());
    if area.is_empty() {
        return;
    }
    frame.render_widget(Clear, area);
    let more = theme.signs.more;
    let room = usize::from(area.width).saturating_sub(4);
    let title = clip(&sheet.title, room, more);
    let mut block = Block::bordered()
        .border_set(theme.border)
        .border_style(theme.focus)
        .title(Line::styled(format!(" {title} "), theme.focus));
    let beside = room.saturating_sub(width(&title) + 3);
    if let Some(who) = sheet.who.as_deref().filter(|who| width(who) <= beside) {
        block = block.title(Line::styled(format!(" {who} "), theme.normal).right_aligned());
    }
    let inside = block.inner(area);
    frame.render_widget(block, area);
    let inside = Rect {
        x: inside.x.saturating_add(1).min(inside.right()),
        width: inside.width.saturating_sub(2),
        ..inside
    };
    if inside.is_empty() {
        return;
    }
    let foot = foot(sheet, theme, inside);
    let foot_height = height_of(foot.len()).min(inside.height.saturating_sub(1));
    let rows_area = Rect { height: inside.height - foot_height, ..inside };
    let wrapped = sheet.rows.iter().flat_map(|row| lines_of(row, usize::from(inside.width)));
    draw_rows(frame, rows_area, theme, &wrapped.collect::<Vec<_>>());
    let foot_area = Rect { y: rows_area.bottom(), height: foot_height, ..inside };
    frame.render_widget(Paragraph::new(foot), foot_area);
}

fn height_of(rows: usize) -> u16 {
    u16::try_from(rows).unwrap_or(u16::MAX)
}

/// The message, then the keys. Where there is room for one only, the message has it.
fn foot<'a>(sheet: &'a Sheet, theme: &Theme, inside: Rect) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    // A mistake in the field at hand is told here, where it has room for its whole sentence.
    let mistake = || sheet.rows.iter().find_map(Row::mistake);
    if let Some((tone, text)) = sheet.message.as_ref().or_else(mistake) {
        let sign = match tone {
            Tone::Error => theme.signs.error,
            Tone::Warning => theme.signs.warning,
            _ => theme.signs.info,
        };
        let style = tone.style(theme);
        let at_most = usize::from(inside.height / 2).max(1);
        let wrapped = wrap(&format!("{sign} {text}"), usize::from(inside.width));
        lines.extend(wrapped.into_iter().take(at_most).map(|l| Line::styled(l, style)));
    }
    let mut keys = Line::default();
    let mut used = 0;
    let taken = |(key, what): &(String, &str)| width(key) + 1 + width(what) + 2;
    // The last one is the way out: others go before it does.
    let way_out = sheet.keys.last().map_or(0, taken);
    for (i, hint) in sheet.keys.iter().enumerate() {
        let (key, what) = hint;
        let columns = taken(hint);
        let kept = if i + 1 == sheet.keys.len() { 0 } else { way_out };
        // What the config took the key from is not hinted at.
        if key.is_empty() || used + columns + kept > usize::from(inside.width) + 2 {
            continue;
        }
        used += columns;
        keys.push_span(Span::styled(key.clone(), theme.key));
        keys.push_span(Span::styled(format!(" {what}  "), theme.dim));
    }
    if used > 0 {
        lines.push(keys);
    }
    lines
}

/// A line of the box: a row, or a part of a sentence that is longer than the box is wide.
enum Shown<'a> {
    Row(&'a Row<'a>),
    Part(Tone, String),
}

fn lines_of<'a>(row: &'a Row<'a>, columns: usize) -> Vec<Shown<'a>> {
    match row {
        Row::Text(pieces) if pieces.len() == 1 => {
            let sentences = pieces.iter().filter(|(_, text)| width(text) > columns);
            let parts = sentences.flat_map(|(tone, text)| {
                wrap(text, columns).into_iter().map(|part| Shown::Part(*tone, part))
            });
            let parts: Vec<_> = parts.collect();
            if parts.is_empty() { vec![Shown::Row(row)] } else { parts }
        }
        _ => vec![Shown::Row(row)],
    }
}

fn draw_rows(frame: &mut Frame, area: Rect, theme: &Theme, rows: &[Shown]) {
    if area.is_empty() {
        return;
    }
    let widest = rows.iter().map(|row| match row {
        Shown::Row(Row::Field { label, .. } | Row::Choice { label, .. }) => width(label),
        _ => 0,
    });
    let label_columns = widest.max().unwrap_or(0).min(usize::from(area.width) * 9 / 20);
    let seen = usize::from(area.height);
    let focus = rows.iter().position(|r| matches!(r, Shown::Row(row) if row.has_focus())).unwrap_or(0);
    // The rows behind the focused one say what it does: they come into sight with it.
    let wanted = (focus + 1 + seen / 3).min(rows.len());
    let first = wanted.saturating_sub(seen).min(focus);
    let mut y = area.y;
    for row in rows.iter().skip(first).take(seen) {
        let line = Rect { y, height: 1, ..area };
        match row {
            Shown::Row(row) => draw_row(frame, line, theme, row, label_columns),
            Shown::Part(tone, text) => {
                frame.render_widget(Span::styled(text.as_str(), tone.style(theme)), line);
            }
        }
        y = y.saturating_add(1);
    }
}

fn draw_row(frame: &mut Frame, area: Rect, theme: &Theme, row: &Row, label_columns: usize) {
    match row {
        Row::Text(pieces) => frame.render_widget(pieces_line(pieces, theme, usize::from(area.width)), area),
        Row::Item { pieces, chosen } => {
            let sign = if *chosen { theme.signs.cursor } else { " " };
            let columns = usize::from(area.width).saturating_sub(width(sign) + 1);
            let mut line = pieces_line(pieces, theme, columns);
            line.spans.insert(0, Span::styled(format!("{sign} "), theme.focus));
            let style = if *chosen { theme.heading } else { theme.normal };
            frame.render_widget(line.style(style), area);
        }
        Row::Field { label, field, room, ghost, note, focus } => {
            let (mut x, rest) = label_part(frame, area, theme, label, label_columns, *focus);
            // A wide field gives way to its note, as far as what is typed allows.
            let typed = u16::try_from(width(field.text()).max(9) + 1).unwrap_or(u16::MAX);
            let noted = u16::try_from(width(&note.1) + 1).unwrap_or(u16::MAX);
            let field_width = rest.min(*room).min(rest.saturating_sub(noted).max(typed));
            let field_area = Rect { x, width: field_width, ..area };
            field.draw(frame, field_area, theme, *focus);
            if field.is_empty() && !ghost.is_empty() {
                let text = clip(ghost, usize::from(field_width), theme.signs.more);
                frame.render_widget(Span::styled(text, theme.dim), field_area);
            }
            x = x.saturating_add(field_width).saturating_add(1);
            if row.mistake().is_some() {
                return;
            }
            note_part(frame, Rect { x, ..area }, area.right(), theme, note);
        }
        Row::Choice { label, value, note, focus } => {
            let (x, rest) = label_part(frame, area, theme, label, label_columns, *focus);
            let style = if *focus { theme.field_focus } else { theme.field };
            let (open, close) = if theme.ascii { ("<", ">") } else { ("‹", "›") };
            let inner = usize::from(rest).saturating_sub(4);
            let text = clip(value.as_deref().unwrap_or(theme.signs.none), inner, theme.signs.more);
            let taken = u16::try_from(width(&text) + 4).unwrap_or(rest).min(rest);
            let side = if *focus { theme.key } else { theme.dim };
            let line = Line::from(vec![
                Span::styled(format!("{open} "), side),
                Span::styled(text, style),
                Span::styled(format!(" {close}"), side),
            ]);
            frame.render_widget(line, Rect { x, width: rest, ..area });
            let x = x.saturating_add(taken).saturating_add(1);
            note_part(frame, Rect { x, ..area }, area.right(), theme, note);
        }
        Row::Buttons { labels, has_letters, focus } => {
            frame.render_widget(buttons_line(labels, *has_letters, *focus, theme), area);
        }
    }
}

/// Draws the label; tells where the rest begins and how wide it is.
fn label_part(
    frame: &mut Frame,
    area: Rect,
    theme: &Theme,
    label: &str,
    columns: usize,
    focus: bool,
) -> (u16, u16) {
    let style = if focus { theme.focus } else { theme.normal };
    let text = left(label, columns, theme.signs.more);
    frame.render_widget(Span::styled(text, style), area);
    let used = u16::try_from(columns + 2).unwrap_or(area.width).min(area.width);
    (area.x.saturating_add(used), area.width - used)
}

fn note_part(frame: &mut Frame, area: Rect, right: u16, theme: &Theme, note: &Piece) {
    let columns = right.saturating_sub(area.x);
    if columns == 0 || note.1.is_empty() {
        return;
    }
    let text = clip(&note.1, usize::from(columns), theme.signs.more);
    let area = Rect { width: columns, ..area };
    frame.render_widget(Span::styled(text, note.0.style(theme)), area);
}

fn pieces_line(pieces: &[Piece], theme: &Theme, columns: usize) -> Line<'static> {
    let mut line = Line::default();
    let mut room = columns;
    for (tone, text) in pieces {
        let cut = clip(text, room, theme.signs.more);
        room = room.saturating_sub(width(&cut));
        line.push_span(Span::styled(cut, tone.style(theme)));
    }
    line
}

fn buttons_line(
    labels: &[&'static str],
    has_letters: bool,
    focus: Option<usize>,
    theme: &Theme,
) -> Line<'static> {
    let mut line = Line::default();
    for (i, label) in labels.iter().enumerate() {
        let style = if focus == Some(i) { theme.selected } else { theme.normal };
        let first =
            if has_letters { style.add_modifier(Modifier::UNDERLINED | Modifier::BOLD) } else { style };
        let (letter, rest) = label.split_at(label.chars().next().map_or(0, char::len_utf8));
        line.push_span(Span::styled("[ ", style));
        line.push_span(Span::styled(letter, first));
        line.push_span(Span::styled(rest, style));
        line.push_span(Span::styled(" ]", style));
        line.push_span(Span::raw("  "));
    }
    line
}
