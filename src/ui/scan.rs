//! Tells a scanner from fingers: a scanner types a whole code within moments and ends it with Enter or Tab.
//!
//! Letters that could be a command wait until it is clear that no code is coming; nothing is ever dropped.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// The longest time between two keys of a scan.
pub const GAP: Duration = Duration::from_millis(50);
/// The shortest code that is taken for a scan, in characters.
pub const SHORTEST: usize = 5;
/// The longest code that is kept, in characters.
const LONGEST: usize = 512;

/// What the keys turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A key of its own.
    Key(KeyEvent),
    /// A whole code.
    Scan(String),
}

/// What has come of a possible scan.
#[derive(Debug, Clone, Default)]
pub struct Scanner {
    text: String,
    held: Vec<KeyEvent>,
    last: Duration,
    swallows_end: bool,
}

impl Scanner {
    /// Whether a key would be the first of a possible scan.
    #[must_use]
    pub fn begins(&self, key: KeyEvent, at: Duration) -> bool {
        character(key).is_some() && (self.text.is_empty() || self.is_over(at))
    }

    /// Takes a key. With `hold` it waits until it is clear whether it belongs to a scan.
    pub fn key(&mut self, key: KeyEvent, at: Duration, hold: bool) -> Vec<Heard> {
        let mut heard = if self.is_over(at) { self.settle() } else { Vec::new() };
        if self.swallows_end {
            self.swallows_end = false;
            if is_end(key) && at.saturating_sub(self.last) <= GAP {
                return heard;
            }
        }
        if is_end(key) && self.is_code() {
            self.held.clear();
            self.swallows_end = true;
            self.last = at;
            heard.push(Heard::Scan(std::mem::take(&mut self.text)));
            return heard;
        }
        match character(key) {
            Some(char) if self.text.len() < LONGEST => {
                self.text.push(char);
                self.last = at;
                if hold || !self.held.is_empty() {
                    self.held.push(key);
                } else {
                    heard.push(Heard::Key(key));
                }
            }
            _ => {
                heard.extend(self.settle());
                heard.push(Heard::Key(key));
            }
        }
        heard
    }

    /// When waiting keys must be let go, if any wait.
    #[must_use]
    pub fn due(&self) -> Option<Duration> {
        (!self.held.is_empty()).then(|| self.last + GAP)
    }

    /// Lets waiting keys go when their time is over.
    pub fn wake(&mut self, at: Duration) -> Vec<Heard> {
        if self.due().is_some_and(|due| at >= due) { self.settle() } else { Vec::new() }
    }

    fn is_over(&self, at: Duration) -> bool {
        at.saturating_sub(self.last) > GAP
    }

    fn is_code(&self) -> bool {
        self.text.chars().count() >= SHORTEST
    }

    /// No end came. Held keys were typed by a person, unless they came faster than anyone types.
    fn settle(&mut self) -> Vec<Heard> {
        let text = std::mem::take(&mut self.text);
        let held = std::mem::take(&mut self.held);
        let mut chars = text.chars();
        let first = chars.next();
        let is_one_key_held_down = chars.all(|c| Some(c) == first);
        if held.len() >= SHORTEST && !is_one_key_held_down {
            return vec![Heard::Scan(text)];
        }
        held.into_iter().map(Heard::Key).collect()
    }
}

/// The character that a key adds to a code; scanners send the GS1 separator as a control key.
fn character(key: KeyEvent) -> Option<char> {
    match key.code {
        KeyCode::Char(c) if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => Some(c),
        KeyCode::Char(']' | '5') if key.modifiers == KeyModifiers::CONTROL => Some('\u{1d}'),
        _ => None,
    }
}

fn is_end(key: KeyEvent) -> bool {
    match key.code {
        KeyCode::Enter | KeyCode::Tab => true,
        // A line feed in raw mode.
        KeyCode::Char('j') => key.modifiers == KeyModifiers::CONTROL,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOW: u64 = 80;
    const FAST: u64 = 5;

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    fn press(c: char) -> KeyEvent {
        match c {
            '\n' => KeyEvent::from(KeyCode::Enter),
            c if c.is_uppercase() => KeyEvent::new(KeyCode::Char(c), KeyModifiers::SHIFT),
            c => KeyEvent::from(KeyCode::Char(c)),
        }
    }

    fn type_it(scanner: &mut Scanner, text: &str, start: u64, step: u64, hold: bool) -> (Vec<Heard>, u64) {
        let mut at = start;
        let mut heard = Vec::new();
        for c in text.chars() {
            at += step;
            heard.extend(scanner.wake(ms(at)));
            heard.extend(scanner.key(press(c), ms(at), hold));
        }
        (heard, at)
    }

    #[test]
    fn a_burst_ended_by_enter_is_one_scan_and_keeps_its_case() {
        let mut scanner = Scanner::default();
        let (heard, at) = type_it(&mut scanner, "GU-nit-M\n", 0, FAST, true);
        assert_eq!(heard, [Heard::Scan("GU-nit-M".into())]);
        assert_eq!(scanner.key(press('\n'), ms(at + 10), true), [], "CR LF ends one scan");
        assert_eq!(scanner.key(press('\n'), ms(at + 30), true).len(), 1, "the next Enter is a person's");
    }

    #[test]
    fn typed_keys_all_come_through_in_order() {
        let mut scanner = Scanner::default();
        let (mut heard, at) = type_it(&mut scanner, "t12\n", 0, SLOW, true);
        heard.extend(scanner.wake(ms(at + SLOW)));
        let keys: Vec<_> = "t12\n".chars().map(|c| Heard::Key(press(c))).collect();
        assert_eq!(heard, keys);
    }

    #[test]
    fn a_short_burst_is_keys() {
        let mut scanner = Scanner::default();
        let (heard, at) = type_it(&mut scanner, "abcd", 0, FAST, true);
        assert_eq!(heard, []);
        assert_eq!(scanner.due(), Some(ms(at) + GAP));
        assert_eq!(scanner.wake(ms(at + 50)).len(), 4);
    }

    #[test]
    fn a_burst_without_an_end_fires_no_command() {
        let mut scanner = Scanner::default();
        let (_, at) = type_it(&mut scanner, "q+dxz", 0, FAST, true);
        assert_eq!(scanner.wake(ms(at + 60)), [Heard::Scan("q+dxz".into())]);
    }

    #[test]
    fn text_fields_get_their_letters_at_once() {
        let mut scanner = Scanner::default();
        assert!(scanner.begins(press('5'), ms(1)));
        let (heard, _) = type_it(&mut scanner, "5901234123457\n", 0, FAST, false);
        assert_eq!(heard.len(), 14);
        assert_eq!(heard.last(), Some(&Heard::Scan("5901234123457".into())));
    }

    #[test]
    fn the_separator_of_gs1_is_kept() {
        let mut scanner = Scanner::default();
        type_it(&mut scanner, "10LOT", 0, FAST, true);
        scanner.key(KeyEvent::new(KeyCode::Char('5'), KeyModifiers::CONTROL), ms(30), true);
        let (heard, _) = type_it(&mut scanner, "3050\n", 30, FAST, true);
        assert_eq!(heard, [Heard::Scan("10LOT\u{1d}3050".into())]);
    }
}
