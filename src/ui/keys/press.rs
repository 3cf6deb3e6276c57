//! A key as it is pressed and written: `t`, `Ctrl-d`, `F1`, `PgDn`.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Why a key can't be bound: in Spanish, in English.
pub type Why = (&'static str, &'static str);

/// A reason in both languages.
pub(super) const fn because(es: &'static str, en: &'static str) -> Why {
    (es, en)
}

/// A key with or without Ctrl. Shift shows in the character itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Press {
    code: KeyCode,
    ctrl: bool,
}

const NAMED: [(&str, KeyCode); 15] = [
    ("Enter", KeyCode::Enter),
    ("Tab", KeyCode::Tab),
    ("Shift-Tab", KeyCode::BackTab),
    ("Esc", KeyCode::Esc),
    ("Space", KeyCode::Char(' ')),
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
    ("Home", KeyCode::Home),
    ("End", KeyCode::End),
    ("PgUp", KeyCode::PageUp),
    ("PgDn", KeyCode::PageDown),
    ("Ins", KeyCode::Insert),
    ("Del", KeyCode::Delete),
];

impl Press {
    /// The key of a terminal event; none for those with Alt and others that are never bound.
    #[must_use]
    pub fn of(key: KeyEvent) -> Option<Self> {
        if key.modifiers.contains(KeyModifiers::ALT) {
            return None;
        }
        let code = match key.code {
            // Some terminals tell of the same key in these words.
            KeyCode::Tab if key.modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            code => code,
        };
        Some(Self { code, ctrl: key.modifiers.contains(KeyModifiers::CONTROL) })
    }

    /// The key as a terminal tells of it.
    #[must_use]
    pub const fn event(self) -> KeyEvent {
        KeyEvent::new(self.code, if self.ctrl { KeyModifiers::CONTROL } else { KeyModifiers::NONE })
    }

    /// Whether it types a letter, digit, sign or blank.
    #[must_use]
    pub const fn types(self) -> bool {
        matches!(self.code, KeyCode::Char(_)) && !self.ctrl
    }

    /// Reads one key as it is written in the config.
    ///
    /// # Errors
    /// Why it can't be bound: unknown, with Alt, or a key that terminals can't tell from another.
    pub fn parse(text: &str) -> Result<Self, Why> {
        let plain = |code| Ok(Self { code, ctrl: false });
        if let Some((_, code)) = NAMED.iter().find(|(name, _)| *name == text) {
            return plain(*code);
        }
        if let Some(n) = text.strip_prefix('F').and_then(|n| n.parse().ok()).filter(|n| (1..=12).contains(n))
        {
            return plain(KeyCode::F(n));
        }
        if text.starts_with("Alt-") {
            return Err(because("Alt lo usan los propios terminales", "Alt is used by terminals themselves"));
        }
        let (ctrl, rest) = text.strip_prefix("Ctrl-").map_or((false, text), |rest| (true, rest));
        let mut chars = rest.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) if !c.is_control() => {
                if ctrl && matches!(c, 'h' | 'i' | 'j' | 'm' | '[') {
                    return Err(because(
                        "los terminales no la distinguen de Retroceso, Tab, Enter o Esc",
                        "terminals can't tell it from Backspace, Tab, Enter or Esc",
                    ));
                }
                if ctrl && !c.is_ascii_lowercase() {
                    return Err(because(
                        "Ctrl va con una letra minúscula",
                        "Ctrl goes with a lower-case letter",
                    ));
                }
                Ok(Self { code: KeyCode::Char(c), ctrl })
            }
            _ => Err(because("no hay tal tecla", "there is no such key")),
        }
    }

    /// Reads a sequence: one key, or several one after the other (`gg`, `g x`).
    ///
    /// # Errors
    /// As [`Press::parse`].
    pub fn parse_sequence(text: &str) -> Result<Vec<Self>, Why> {
        if text.contains(char::is_whitespace) {
            return text.split_whitespace().map(Self::parse).collect();
        }
        // `Up` is a key and no sequence.
        let is_named = NAMED.iter().any(|(name, _)| *name == text);
        let is_letters =
            !is_named && text.chars().count() == 2 && !text.contains('-') && !text.starts_with('F');
        if is_letters {
            return text.chars().map(|c| Self::parse(&c.to_string())).collect();
        }
        Ok(vec![Self::parse(text)?])
    }
}

impl fmt::Display for Press {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ctrl = if self.ctrl { "Ctrl-" } else { "" };
        if let Some((name, _)) = NAMED.iter().find(|(_, code)| *code == self.code) {
            return write!(f, "{ctrl}{name}");
        }
        match self.code {
            KeyCode::Char(c) => write!(f, "{ctrl}{c}"),
            KeyCode::F(n) => write!(f, "{ctrl}F{n}"),
            other => write!(f, "{ctrl}{other}"),
        }
    }
}
