//! Quantities: exact integers of a thousandth of a product's unit, with checked arithmetic.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An amount of goods in thousandths of the product's unit; it may be negative where it is a difference.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantity(i64);

/// Why a number is not a quantity of that product.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum QuantityError {
    /// Not a number at all.
    #[error("«{text}» is not a number")]
    NotANumber {
        /// What was given.
        text: String,
    },
    /// More decimals than the product is counted with.
    #[error("«{text}» has more than {decimals} decimals")]
    TooManyDecimals {
        /// What was given.
        text: String,
        /// Decimals of the product, 0–3.
        decimals: u8,
    },
    /// Beyond what the system counts with.
    #[error("the quantity is too large")]
    Overflow,
    /// An act needs more than nothing.
    #[error("the quantity must be more than zero")]
    NotPositive,
    /// What is counted or arrives may be nothing, but not less.
    #[error("the quantity can't be negative")]
    Negative,
    /// A correction must change something, either way.
    #[error("the quantity can't be zero")]
    Zero,
}

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// Thousandths in one unit.
    pub const SCALE: i64 = 1000;
    /// The largest magnitude: a million million units, so that every value is exact in JSON too.
    pub const MAX: Self = Self(1_000_000_000_000_000 - 1);

    /// From thousandths of a unit; out of range is an overflow.
    ///
    /// # Errors
    /// [`QuantityError::Overflow`] beyond [`Quantity::MAX`].
    pub fn from_thousandths(n: i64) -> Result<Self, QuantityError> {
        if n.unsigned_abs() > Self::MAX.0.unsigned_abs() { Err(QuantityError::Overflow) } else { Ok(Self(n)) }
    }

    /// From whole units.
    ///
    /// # Errors
    /// [`QuantityError::Overflow`] beyond [`Quantity::MAX`].
    pub fn units(n: i64) -> Result<Self, QuantityError> {
        Self::from_thousandths(n.checked_mul(Self::SCALE).ok_or(QuantityError::Overflow)?)
    }

    /// In thousandths of a unit.
    #[must_use]
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    /// Sum, or an overflow.
    ///
    /// # Errors
    /// [`QuantityError::Overflow`] beyond [`Quantity::MAX`].
    pub fn plus(self, other: Self) -> Result<Self, QuantityError> {
        Self::from_thousandths(self.0.checked_add(other.0).ok_or(QuantityError::Overflow)?)
    }

    /// Difference, or an overflow.
    ///
    /// # Errors
    /// [`QuantityError::Overflow`] beyond [`Quantity::MAX`].
    pub fn minus(self, other: Self) -> Result<Self, QuantityError> {
        Self::from_thousandths(self.0.checked_sub(other.0).ok_or(QuantityError::Overflow)?)
    }

    /// The same amount the other way.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self(-self.0)
    }

    /// For sums that only show: stops at the largest magnitude.
    #[must_use]
    pub fn saturating_plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0).clamp(-Self::MAX.0, Self::MAX.0))
    }

    /// Nothing at all.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Less than nothing.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// More than nothing.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Whether it can be written with so many decimals (0–3).
    #[must_use]
    pub const fn fits(self, decimals: u8) -> bool {
        match decimals {
            0 => self.0 % 1000 == 0,
            1 => self.0 % 100 == 0,
            2 => self.0 % 10 == 0,
            _ => true,
        }
    }

    /// Reads a plain decimal number with a point: `5`, `-2.5`.
    ///
    /// # Errors
    /// When it isn't one, has more decimals than given, or is too large.
    pub fn parse(text: &str, decimals: u8) -> Result<Self, QuantityError> {
        let not_a_number = || QuantityError::NotANumber { text: text.into() };
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || digits.ends_with('.') {
            return Err(not_a_number());
        }
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > usize::from(decimals.min(3)) {
            return Err(QuantityError::TooManyDecimals { text: text.into(), decimals });
        }
        let whole: i64 = whole.parse().map_err(|_| QuantityError::Overflow)?;
        let padded = format!("{fraction:0<3}");
        let part: i64 = padded.parse().map_err(|_| not_a_number())?;
        let n = whole
            .checked_mul(Self::SCALE)
            .and_then(|w| w.checked_add(part))
            .ok_or(QuantityError::Overflow)?;
        Self::from_thousandths(if negative { -n } else { n })
    }

    /// As a JSON number in the product's unit, exact: `5`, `2.5`.
    #[must_use]
    pub fn to_json(self) -> serde_json::Value {
        if self.0 % Self::SCALE == 0 {
            serde_json::Value::from(self.0 / Self::SCALE)
        } else {
            // At most 15 significant digits, so the shortest text of the nearest double is the exact decimal.
            #[allow(clippy::cast_precision_loss, reason = "the magnitude is below 2^53")]
            let units = self.0 as f64 / 1000.0;
            serde_json::Value::from(units)
        }
    }
}

impl fmt::Display for Quantity {
    /// The exact decimal with a point and no needless zeros; width and alignment are honoured.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let (whole, part) = (magnitude / 1000, magnitude % 1000);
        let sign = if self.0 < 0 { "-" } else { "" };
        if part == 0 {
            f.pad(&format!("{sign}{whole}"))
        } else {
            let text = format!("{sign}{whole}.{part:03}");
            f.pad(text.trim_end_matches('0'))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_with_too_many_decimals_is_refused_not_rounded() {
        assert_eq!(Quantity::parse("2.5", 1).unwrap().thousandths(), 2500);
        assert_eq!(Quantity::parse("2.500", 1).unwrap().thousandths(), 2500);
        assert!(matches!(Quantity::parse("2.55", 1), Err(QuantityError::TooManyDecimals { .. })));
        for bad in ["", "-", ".", "1.", ".5", "1e3", "1,5", "٣", "0x1", "--1"] {
            assert!(Quantity::parse(bad, 3).is_err(), "{bad}");
        }
    }

    #[test]
    fn sums_beyond_the_range_are_errors_not_wraps() {
        assert_eq!(Quantity::MAX.plus(Quantity(1)), Err(QuantityError::Overflow));
        assert_eq!(Quantity::units(i64::MAX), Err(QuantityError::Overflow));
        assert_eq!(Quantity::parse("99999999999999999999", 0), Err(QuantityError::Overflow));
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(n in -999_999_999_999_999i64..=999_999_999_999_999) {
            let q = Quantity::from_thousandths(n).unwrap();
            prop_assert_eq!(Quantity::parse(&q.to_string(), 3).unwrap(), q);
            let json = q.to_json().to_string();
            prop_assert_eq!(Quantity::parse(json.strip_suffix(".0").unwrap_or(&json), 3).unwrap(), q);
        }
    }
}
