//! A question before something is lost: what was typed, scans that were kept, the terminal itself.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::{Margin, Position, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::replenish::Bring;
use crate::ledger::act::{Act, Judged};
use crate::text::Lang;
use crate::ui::parts::{pane, text};
use crate::ui::theme::Theme;

/// What a yes leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then {
    /// The form goes, with what was typed.
    DropForm,
    /// The terminal ends.
    Quit,
    /// Scans that were kept go.
    DropScans,
    /// The act is asked for without the lock that nobody can give.
    Unlocked(Box<Act>),
    /// Other warehouses are asked for this.
    Replenish(Vec<(Bring, Judged)>),
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialog {
    /// What is asked.
    pub title: String,
    /// What there is to know.
    pub lines: Vec<String>,
    /// The word on the button.
    pub yes: &'static str,
    /// What follows.
    pub then: Then,
    /// Whether that button has the keys; at first the other one has.
    pub on_yes: bool,
}

/// What a key did to a dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Nothing yet.
    Open,
    /// Yes.
    Yes,
    /// No.
    No,
}

impl Dialog {
    /// A question whose Cancel has the keys.
    #[must_use]
    pub const fn new(title: String, lines: Vec<String>, yes: &'static str, then: Then) -> Self {
        Self { title, lines, yes, then, on_yes: false }
    }

    /// Whether the underlined letter says yes: not where it may be the next of a text, or of a scan, that is lost by it.
    fn has_letter(&self) -> bool {
        self.then == Then::Quit
    }

    /// Takes a key: Tab then Enter, or the underlined letter.
    pub fn key(&mut self, key: KeyEvent) -> Answer {
        match key.code {
            KeyCode::Tab | KeyCode::BackTab | KeyCode::Left | KeyCode::Right => {
                self.on_yes = !self.on_yes;
                Answer::Open
            }
            KeyCode::Enter if self.on_yes => Answer::Yes,
            KeyCode::Enter | KeyCode::Esc => Answer::No,
            KeyCode::Char(c) if self.has_letter() && !key.modifiers.contains(KeyModifiers::CONTROL) => {
                let hot = self.yes.chars().next();
                let is_hot = hot.is_some_and(|h| h.to_lowercase().eq(c.to_lowercase()));
                if is_hot { Answer::Yes } else { Answer::Open }
            }
            _ => Answer::Open,
        }
    }

    /// Its place in an area, and its lines.
    fn place(&self, area: Rect) -> (Rect, Vec<String>) {
        let width = 64.min(area.width);
        let room = usize::from(width).saturating_sub(4).max(1);
        let body: Vec<String> = self.lines.iter().flat_map(|l| text::wrap(l, room)).collect();
        let height = u16::try_from(body.len() + 4).unwrap_or(u16::MAX);
        (pane::middle(area, width, height), body)
    }

    /// What a click answers.
    #[must_use]
    pub fn at(&self, area: Rect, at: Position, lang: Lang) -> Answer {
        let inner = self.place(area).0.inner(Margin::new(1, 1));
        let columns = |text: &str| u16::try_from(text::width(text)).unwrap_or(u16::MAX).saturating_add(4);
        let (yes, no) = (columns(self.yes), columns(lang.pick("Cancelar", "Cancel")));
        // From the right: a blank, the yes, three blanks, the no.
        let from_right = inner.right().saturating_sub(at.x);
        if !inner.contains(at) || at.y + 1 != inner.bottom() {
            return Answer::Open;
        }
        match from_right {
            n if (2..2 + yes).contains(&n) => Answer::Yes,
            n if (5 + yes..5 + yes + no).contains(&n) => Answer::No,
            _ => Answer::Open,
        }
    }

    /// Draws it in the middle of an area.
    pub fn draw(&self, frame: &mut Frame, area: Rect, theme: &Theme, lang: Lang) {
        let (place, body) = self.place(area);
        let inner = pane::on_top(frame, place, theme, &self.title);
        if inner.is_empty() {
            return;
        }
        let most = usize::from(inner.height.saturating_sub(2));
        let mut lines: Vec<Line> = body.into_iter().take(most).map(|l| Line::raw(format!(" {l}"))).collect();
        lines.resize(usize::from(inner.height.saturating_sub(1)), Line::default());
        lines.push(self.buttons(theme, lang));
        frame.render_widget(Paragraph::new(lines), inner);
    }

    fn buttons<'a>(&self, theme: &Theme, lang: Lang) -> Line<'a> {
        let look = |has_keys: bool| if has_keys { theme.selected.patch(theme.focus) } else { theme.normal };
        let (yes, no) = (look(self.on_yes), look(!self.on_yes));
        let mut chars = self.yes.chars();
        let hot: String = chars.next().into_iter().collect();
        let rest: String = chars.collect();
        Line::from(vec![
            Span::styled(format!("[ {} ]", lang.pick("Cancelar", "Cancel")), no),
            Span::raw("   "),
            Span::styled("[ ", yes),
            Span::styled(hot, if self.has_letter() { yes.add_modifier(Modifier::UNDERLINED) } else { yes }),
            Span::styled(format!("{rest} ]"), yes),
            Span::raw(" "),
        ])
        .right_aligned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enter_alone_never_says_yes() {
        let mut dialog = Dialog::new(String::new(), Vec::new(), "Rechazar", Then::Quit);
        assert_eq!(dialog.key(KeyEvent::from(KeyCode::Enter)), Answer::No);
        assert_eq!(dialog.key(KeyEvent::from(KeyCode::Tab)), Answer::Open);
        assert_eq!(dialog.key(KeyEvent::from(KeyCode::Enter)), Answer::Yes);
        assert_eq!(dialog.key(KeyEvent::from(KeyCode::Char('r'))), Answer::Yes);
        assert_eq!(dialog.key(KeyEvent::from(KeyCode::Char('x'))), Answer::Open);
    }

    #[test]
    fn no_letter_drops_what_was_typed_or_scanned() {
        for then in [Then::DropForm, Then::DropScans] {
            let mut dialog = Dialog::new(String::new(), Vec::new(), "Descartar", then);
            assert_eq!(dialog.key(KeyEvent::from(KeyCode::Char('d'))), Answer::Open);
        }
    }
}
