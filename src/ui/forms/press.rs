//! Keys as forms understand them.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// What a key means inside a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// To the next field.
    Next,
    /// To the field before.
    Back,
    /// Up: in a list, or to the field before.
    Up,
    /// Down: in a list, or to the next field.
    Down,
    /// Take this and go on; where nothing is missing, book.
    Enter,
    /// Book now.
    Book,
    /// Out.
    Esc,
    /// To the line before.
    LineBefore,
    /// To the next line.
    LineAfter,
    /// A new line.
    LineNew,
    /// Drop the line.
    LineDrop,
    /// Take the last scan back.
    TakeBack,
    /// A key of text.
    Text(KeyEvent),
}

/// Reads a key; releases mean nothing.
pub fn press(key: KeyEvent) -> Option<Press> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL) && !key.modifiers.contains(KeyModifiers::ALT);
    Some(match key.code {
        KeyCode::Char('s') if ctrl => Press::Book,
        KeyCode::Char('n') if ctrl => Press::LineNew,
        KeyCode::Char('x') if ctrl => Press::LineDrop,
        KeyCode::Char('r') if ctrl => Press::TakeBack,
        KeyCode::Tab if key.modifiers.contains(KeyModifiers::SHIFT) => Press::Back,
        KeyCode::Tab => Press::Next,
        KeyCode::BackTab => Press::Back,
        KeyCode::Up => Press::Up,
        KeyCode::Down => Press::Down,
        KeyCode::Enter => Press::Enter,
        KeyCode::Esc => Press::Esc,
        KeyCode::PageUp => Press::LineBefore,
        KeyCode::PageDown => Press::LineAfter,
        _ => Press::Text(key),
    })
}

/// The neighbour of a field in the order of the form, round its ends.
pub fn neighbour<T: Copy + PartialEq>(order: &[T], at: T, forward: bool) -> T {
    let count = order.len();
    let Some(i) = order.iter().position(|&f| f == at) else {
        return order.first().copied().unwrap_or(at);
    };
    let next = if forward { (i + 1) % count } else { (i + count - 1) % count };
    order.get(next).copied().unwrap_or(at)
}
