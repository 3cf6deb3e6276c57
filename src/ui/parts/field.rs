//! One line of text that is typed.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Paragraph;
use tui_input::backend::crossterm::EventHandler;
use tui_input::{Input, InputRequest};

use crate::ui::theme::Theme;

/// The longest text that a field takes, in characters.
pub const LONGEST: usize = 200;

/// A text field.
#[derive(Debug, Clone, Default)]
pub struct TextField {
    input: Input,
}

impl TextField {
    /// With a text in it, the cursor behind it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let text: String = text.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        Self { input: Input::new(text) }
    }

    /// What is typed.
    #[must_use]
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// Whether nothing is typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.input.value().is_empty()
    }

    /// Replaces the text; the cursor goes behind it.
    pub fn set(&mut self, text: &str) {
        *self = Self::new(text);
    }

    /// Takes a key; false when it isn't one of a text field (Enter, Tab, Esc, arrows up and down, …).
    pub fn key(&mut self, key: KeyEvent) -> bool {
        // What gloves and layouts produce by accident, or terminals use for other keys, does nothing.
        let typed = match key.code {
            KeyCode::Char(_) if key.modifiers.contains(KeyModifiers::ALT) => {
                // AltGr on some terminals comes as Ctrl + Alt.
                key.modifiers.contains(KeyModifiers::CONTROL)
            }
            KeyCode::Char(c) if key.modifiers.contains(KeyModifiers::CONTROL) => {
                matches!(c, 'a' | 'e' | 'u' | 'w' | 'k')
            }
            KeyCode::Char(_)
            | KeyCode::Backspace
            | KeyCode::Delete
            | KeyCode::Left
            | KeyCode::Right
            | KeyCode::Home
            | KeyCode::End => true,
            _ => false,
        };
        if !typed {
            return false;
        }
        let inserts = matches!(key.code, KeyCode::Char(_))
            && (!key.modifiers.contains(KeyModifiers::CONTROL) || key.modifiers.contains(KeyModifiers::ALT));
        if inserts && self.text().chars().count() >= LONGEST {
            return true;
        }
        self.input.handle_event(&Event::Key(key));
        true
    }

    /// Inserts a text at the cursor (a paste); control characters are dropped.
    pub fn paste(&mut self, text: &str) {
        let room = LONGEST.saturating_sub(self.text().chars().count());
        for char in text.chars().filter(|c| !c.is_control()).take(room) {
            self.input.handle(InputRequest::InsertChar(char));
        }
    }

    /// Draws it on the first line of the area; with the keys it shows the cursor.
    pub fn draw(&self, frame: &mut Frame, area: Rect, theme: &Theme, has_focus: bool) {
        if area.is_empty() {
            return;
        }
        let line = Rect { height: 1, ..area };
        let scroll = self.input.visual_scroll(usize::from(area.width).saturating_sub(1));
        let style = if has_focus { theme.field_focus } else { theme.field };
        let text = Paragraph::new(self.text()).style(style).scroll((0, u16::try_from(scroll).unwrap_or(0)));
        frame.render_widget(text, line);
        if has_focus {
            let column = self.input.visual_cursor().saturating_sub(scroll);
            let x = u16::try_from(column).unwrap_or(0).min(area.width.saturating_sub(1));
            frame.set_cursor_position(Position::new(area.x.saturating_add(x), area.y));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_are_no_text_are_left_to_the_form() {
        let mut field = TextField::new("ab");
        for code in [KeyCode::Enter, KeyCode::Tab, KeyCode::Esc, KeyCode::Up, KeyCode::F(1)] {
            assert!(!field.key(KeyEvent::from(code)));
        }
        assert!(!field.key(KeyEvent::new(KeyCode::Char('s'), KeyModifiers::CONTROL)));
        assert!(!field.key(KeyEvent::new(KeyCode::Char('x'), KeyModifiers::ALT)));
        assert!(field.key(KeyEvent::from(KeyCode::Char('q'))));
        assert_eq!(field.text(), "abq");
    }

    #[test]
    fn a_paste_keeps_its_case_and_loses_its_line_ends() {
        let mut field = TextField::default();
        field.paste("Lote\r\n7731B");
        assert_eq!(field.text(), "Lote7731B");
        field.paste(&"x".repeat(1000));
        assert_eq!(field.text().chars().count(), LONGEST);
    }
}
