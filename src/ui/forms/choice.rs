//! One of several values: arrows step through them, a letter goes to the next that begins with it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::ui::parts::text::width;

/// Columns of the hint, at most.
const OFFER: usize = 48;

/// A choice; nothing may be chosen yet.
#[derive(Debug, Clone)]
pub struct Choice<T> {
    options: Vec<T>,
    at: Option<usize>,
}

impl<T: Clone + PartialEq> Choice<T> {
    /// Among these, none chosen.
    pub const fn new(options: Vec<T>) -> Self {
        Self { options, at: None }
    }

    /// What is chosen.
    pub fn value(&self) -> Option<&T> {
        self.at.and_then(|at| self.options.get(at))
    }

    /// All values.
    pub fn options(&self) -> &[T] {
        &self.options
    }

    /// The values as a hint while none is chosen, as many as have room, behind the keys that
    /// step through them: `← → dañado · caducado`.
    pub fn offer(&self, keys: &str, word: impl Fn(&T) -> String) -> String {
        let mut text = format!("{keys} ");
        for (i, option) in self.options.iter().enumerate() {
            let word = word(option);
            let (before, after) =
                (if i == 0 { "" } else { " · " }, if i + 1 == self.options.len() { 0 } else { 4 });
            if width(&text) + width(before) + width(&word) + after > OFFER {
                text.push_str(" · …");
                break;
            }
            text.push_str(before);
            text.push_str(&word);
        }
        text
    }

    /// Chooses a value, if it is one of them.
    pub fn choose(&mut self, value: &T) {
        if let Some(at) = self.options.iter().position(|o| o == value) {
            self.at = Some(at);
        }
    }

    /// Takes a key; true when the choice changed.
    pub fn key(&mut self, key: KeyEvent, word: impl Fn(&T) -> String) -> bool {
        let count = self.options.len();
        if count == 0 {
            return false;
        }
        let next = match key.code {
            KeyCode::Right | KeyCode::Char(' ') => self.at.map_or(0, |at| (at + 1) % count),
            KeyCode::Left => self.at.map_or(count - 1, |at| (at + count - 1) % count),
            KeyCode::Char(c) if !key.modifiers.contains(KeyModifiers::CONTROL) => {
                let begins = |i: &usize| {
                    let first = self.options.get(*i).and_then(|o| word(o).chars().next());
                    first.is_some_and(|f| f.to_lowercase().eq(c.to_lowercase()))
                };
                let start = self.at.map_or(0, |at| at + 1);
                match (start..start + count).map(|i| i % count).find(begins) {
                    Some(i) => i,
                    None => return false,
                }
            }
            _ => return false,
        };
        let changed = self.at != Some(next);
        self.at = Some(next);
        changed
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_letter_goes_round_the_values_that_begin_with_it() {
        let mut choice = Choice::new(vec!["dañado", "caducado", "desaparecido"]);
        let word = |w: &&str| (*w).to_owned();
        assert!(choice.value().is_none());
        for wanted in ["dañado", "desaparecido", "dañado"] {
            choice.key(KeyEvent::from(KeyCode::Char('D')), word);
            assert_eq!(*choice.value().unwrap(), wanted);
        }
        assert!(!choice.key(KeyEvent::from(KeyCode::Char('z')), word));
        choice.key(KeyEvent::from(KeyCode::Left), word);
        assert_eq!(*choice.value().unwrap(), "desaparecido");
    }
}
