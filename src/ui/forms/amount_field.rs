//! A field for an amount, which may hold a proposal: the first digit typed takes its place.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::domain::Quantity;
use crate::text::{Lang, format};
use crate::ui::parts::field::TextField;

/// The field.
#[derive(Debug, Clone, Default)]
pub struct AmountField {
    field: TextField,
    proposed: bool,
}

impl AmountField {
    /// Writes an amount that typing replaces.
    pub fn propose(&mut self, qty: Quantity, lang: Lang) {
        self.field.set(&format::typed(qty, lang));
        self.proposed = true;
    }

    /// With a proposal in it.
    pub fn proposing(qty: Quantity, lang: Lang) -> Self {
        let mut field = Self::default();
        field.propose(qty, lang);
        field
    }

    pub fn text(&self) -> &str {
        self.field.text()
    }

    pub fn is_empty(&self) -> bool {
        self.field.text().trim().is_empty()
    }

    /// Whether what is in it was only proposed.
    pub const fn is_proposed(&self) -> bool {
        self.proposed
    }

    /// As it is drawn.
    pub const fn field(&self) -> &TextField {
        &self.field
    }

    /// Takes a key of text.
    pub fn key(&mut self, key: KeyEvent) {
        let plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        // An operator goes on with the proposal: `1` becomes `1*12`.
        let begins = matches!(key.code, KeyCode::Char(c) if plain && c.is_ascii_digit());
        if self.proposed && begins {
            self.field.set("");
        }
        self.proposed = false;
        self.field.key(key);
    }
}
