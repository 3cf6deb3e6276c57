//! What people type and files hold: amounts and dates in the manner of their language.

mod amount;
mod date;

pub use amount::{AmountError, AmountRules, Sign, import_number, typed_amount};
pub use date::{DateError, DateOrder, DateRules, Lean, import_date, is_usual, typed_date};

use serde::{Deserialize, Serialize};

/// The character between units and decimals; the other one groups thousands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decimal {
    /// `1,234.50`
    #[default]
    Point,
    /// `1.234,50`
    Comma,
}

impl Decimal {
    /// The character between units and decimals.
    #[must_use]
    pub const fn mark(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }

    /// The character that groups thousands.
    #[must_use]
    pub const fn grouping(self) -> char {
        match self {
            Self::Point => ',',
            Self::Comma => '.',
        }
    }
}
