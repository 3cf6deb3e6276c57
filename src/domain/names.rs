//! Names of things: warehouses, products, lots, people. Checked once, then cheap to copy and share.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a text can't be the name of what it should name.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum NameError {
    /// The text is empty.
    #[error("{what} is empty")]
    Empty {
        /// What was being named.
        what: String,
    },
    /// The text has more characters than the name may have.
    #[error("{what} has {length} characters, at most {limit} are allowed")]
    TooLong {
        /// What was being named.
        what: String,
        /// How many characters came.
        length: usize,
        /// How many may come.
        limit: usize,
    },
    /// A character that the name can't have.
    #[error("{what} «{text}» can't contain {found:?}; {allowed}")]
    Character {
        /// What was being named.
        what: String,
        /// The whole text.
        text: String,
        /// The first offending character.
        found: char,
        /// What is allowed, in words.
        allowed: String,
    },
}

fn check_free_text(what: &str, text: &str, limit: usize) -> Result<(), NameError> {
    let length = text.chars().count();
    if length > limit {
        return Err(NameError::TooLong { what: what.into(), length, limit });
    }
    match text.chars().find(|c| c.is_control()) {
        Some(found) => Err(NameError::Character {
            what: what.into(),
            text: text.into(),
            found,
            allowed: "control characters are not allowed".into(),
        }),
        None => Ok(()),
    }
}

fn check_non_empty(what: &str, text: &str, limit: usize) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty { what: what.into() });
    }
    check_free_text(what, text, limit)
}

fn check_slug(what: &str, text: &str) -> Result<(), NameError> {
    check_non_empty(what, text, 32)?;
    let bad = text
        .char_indices()
        .find(|&(i, c)| !(c.is_ascii_lowercase() || (i > 0 && (c.is_ascii_digit() || c == '-'))));
    match bad {
        Some((_, found)) => Err(NameError::Character {
            what: what.into(),
            text: text.into(),
            found,
            allowed: "use a lower-case letter, then lower-case letters, digits and hyphens".into(),
        }),
        None => Ok(()),
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks the text (surrounding blanks are dropped) and takes it as a name.
            ///
            /// # Errors
            /// When the text is not such a name; the error says why.
            pub fn new(text: &str) -> Result<Self, NameError> {
                let text = text.trim();
                let check: fn(&str) -> Result<(), NameError> = $check;
                check(text)?;
                Ok(Self(Arc::from(text)))
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

name!(
    /// The id of a warehouse and of the node that runs it: a slug, `[a-z][a-z0-9-]{0,31}`.
    WarehouseId,
    |text| check_slug("the warehouse id", text)
);
name!(
    /// A product's reference: 1–64 characters, compared exactly.
    Sku,
    |text| check_non_empty("the SKU", text, 64)
);
name!(
    /// A lot's code, 0–40 characters; the empty one stands for «no lot».
    Lot,
    |text| check_free_text("the lot", text, 40)
);
name!(
    /// Who did it: 1–40 characters.
    Operator,
    |text| check_non_empty("the operator", text, 40)
);

impl Sku {
    /// Sorts before every SKU and is none: where a search begins.
    pub(crate) fn before_all() -> Self {
        Self(Arc::from(""))
    }
}

impl Lot {
    /// «No lot».
    #[must_use]
    pub fn none() -> Self {
        Self(Arc::from(""))
    }

    /// Whether this stands for «no lot».
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }
}

impl Operator {
    /// The node itself, where no person stands behind an entry.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::from("system"))
    }
}

impl Default for Lot {
    fn default() -> Self {
        Self::none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_starts_with_a_letter_and_stays_lower_case() {
        assert!(WarehouseId::new("sevilla-2").is_ok());
        for bad in ["", "2sevilla", "Sevilla", "-a", "a b", "a_b", &"a".repeat(33)] {
            assert!(WarehouseId::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_lot_may_be_empty_and_a_sku_may_not() {
        assert!(Lot::new("").is_ok_and(|lot| lot.is_none()));
        assert!(Sku::new("  ").is_err());
        assert!(Lot::new("00392/174").is_ok());
        assert!(Sku::new("a\u{7}b").is_err());
    }
}
