//! Barcode numbers: the GTIN of an item and the SSCC of a parcel.
//!
//! EAN-8, UPC-A, EAN-13 and GTIN-14 are one number with more or fewer leading zeros, so they are
//! kept as that number and compare equal.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The number of an item, written with 14 digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Gtin(u64);

/// The number of a parcel or pallet, 18 digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sscc(u64);

/// Why a text is not a barcode number. Places count characters from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum GtinError {
    /// The digits are too few, too many, or between two of the lengths in use.
    #[error("a barcode has {expected} digits, this one has {found}")]
    Length {
        /// The lengths that are accepted.
        expected: String,
        /// The digits that were given.
        found: usize,
    },
    /// Something other than a digit.
    #[error("{found:?} at place {place} is not a digit")]
    NotADigit {
        /// The offending character.
        found: char,
        /// Where it stands.
        place: usize,
    },
    /// The last digit does not follow from the others.
    #[error("the check digit is {found} where {expected} was expected")]
    CheckDigit {
        /// The digit that would be right.
        expected: u8,
        /// The digit that was given.
        found: u8,
    },
    /// All digits are zero, which passes the check but names no item.
    #[error("a barcode of zeros only names nothing")]
    Zero,
}

impl Gtin {
    /// Reads 8, 12, 13 or 14 digits; blanks around them are ignored.
    ///
    /// # Errors
    /// A letter, another length, a wrong check digit, or zeros only.
    pub fn parse(text: &str) -> Result<Self, GtinError> {
        checked(text.trim(), &[8, 12, 13, 14]).map(Self)
    }

    /// The digits as printed on the item: 8, 12, 13 or 14 of them, the fewest that hold the number.
    #[must_use]
    pub fn short(&self) -> String {
        let width = match self.0 {
            0..=99_999_999 => 8,
            100_000_000..=999_999_999_999 => 12,
            1_000_000_000_000..=9_999_999_999_999 => 13,
            _ => 14,
        };
        format!("{:0width$}", self.0)
    }

    /// Whether it is printed on a fixed number of items packed together: its first of 14 digits is 1 to 8. (0 begins
    /// the items themselves, 9 packs of varying measure.)
    #[must_use]
    pub const fn is_pack(&self) -> bool {
        matches!(self.0 / 10_000_000_000_000, 1..=8)
    }
}

impl Sscc {
    /// Reads 18 digits; blanks around them are ignored.
    ///
    /// # Errors
    /// A letter, another length, a wrong check digit, or zeros only.
    pub fn parse(text: &str) -> Result<Self, GtinError> {
        checked(text.trim(), &[18]).map(Self)
    }
}

/// The check digit that belongs behind these digits: weights 3, 1, 3, 1… from the right.
#[must_use]
pub fn check_digit(digits: &[u8]) -> u8 {
    let sum = digits
        .iter()
        .rev()
        .zip([3_u8, 1].into_iter().cycle())
        .fold(0_u8, |sum, (digit, weight)| (sum + digit % 10 * weight) % 10);
    (10 - sum) % 10
}

/// The number which `text` writes in one of these lengths, its check digit included.
pub(super) fn checked(text: &str, lengths: &[usize]) -> Result<u64, GtinError> {
    // A huge paste must not be copied to be refused.
    let mut digits = Vec::with_capacity(18);
    let mut found = 0;
    for (index, char) in text.chars().enumerate() {
        let Some(digit) = char.to_digit(10).and_then(|digit| u8::try_from(digit).ok()) else {
            return Err(GtinError::NotADigit { found: char, place: index + 1 });
        };
        if digits.len() < 18 {
            digits.push(digit);
        }
        found = index + 1;
    }
    if !lengths.contains(&found) {
        let expected = lengths.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        return Err(GtinError::Length { expected, found });
    }
    if let Some((&last, front)) = digits.split_last() {
        let expected = check_digit(front);
        if last != expected {
            return Err(GtinError::CheckDigit { expected, found: last });
        }
    }
    match digits.iter().fold(0_u64, |number, &digit| number * 10 + u64::from(digit)) {
        0 => Err(GtinError::Zero),
        number => Ok(number),
    }
}

impl fmt::Display for Gtin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:014}", self.0))
    }
}

impl fmt::Display for Sscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:018}", self.0))
    }
}

impl FromStr for Gtin {
    type Err = GtinError;

    fn from_str(text: &str) -> Result<Self, GtinError> {
        Self::parse(text)
    }
}

impl FromStr for Sscc {
    type Err = GtinError;

    fn from_str(text: &str) -> Result<Self, GtinError> {
        Self::parse(text)
    }
}

impl From<Gtin> for String {
    fn from(gtin: Gtin) -> Self {
        gtin.to_string()
    }
}

impl From<Sscc> for String {
    fn from(sscc: Sscc) -> Self {
        sscc.to_string()
    }
}

/// The stored form only: one number has one spelling, so that equal entries have equal bytes.
impl TryFrom<String> for Gtin {
    type Error = GtinError;

    fn try_from(text: String) -> Result<Self, GtinError> {
        checked(&text, &[14]).map(Self)
    }
}

impl TryFrom<String> for Sscc {
    type Error = GtinError;

    fn try_from(text: String) -> Result<Self, GtinError> {
        checked(&text, &[18]).map(Self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_printed_on_real_goods_are_accepted() {
        for text in
            ["5901234123457", "8904000210037", "7300011000017", "036000241457", "96385074", "20611628936004"]
        {
            let gtin = Gtin::parse(text).unwrap();
            assert_eq!(gtin.short(), text);
            assert_eq!(gtin.to_string(), format!("{text:0>14}"));
        }
        assert_eq!(Sscc::parse("106141412345678908").unwrap().to_string(), "106141412345678908");
    }

    #[test]
    fn one_item_is_equal_in_every_length() {
        let gtin = Gtin::parse("036000241457").unwrap();
        assert_eq!(Gtin::parse("0036000241457"), Ok(gtin));
        assert_eq!(Gtin::parse(" 00036000241457\r\n"), Ok(gtin));
        assert_eq!("00000096385074".parse(), Gtin::parse("96385074"));
    }

    #[test]
    fn a_wrong_check_digit_is_refused_with_the_right_one() {
        let error = Gtin::parse("5901234123450").unwrap_err();
        assert_eq!(error, GtinError::CheckDigit { expected: 7, found: 0 });
        assert_eq!(error.to_string(), "the check digit is 0 where 7 was expected");
        assert_eq!(Sscc::parse("106141412345678900"), Err(GtinError::CheckDigit { expected: 8, found: 0 }));
    }

    #[test]
    fn a_letter_is_refused_with_its_place() {
        let error = Gtin::parse("00o27000382493").unwrap_err();
        assert_eq!(error, GtinError::NotADigit { found: 'o', place: 3 });
        assert_eq!(error.to_string(), "'o' at place 3 is not a digit");
        assert_eq!(Gtin::parse("٣6385074"), Err(GtinError::NotADigit { found: '٣', place: 1 }));
    }

    #[test]
    fn another_length_or_only_zeros_are_refused() {
        for text in ["", "9638507", "5901234123", "123456789012345", "106141412345678908"] {
            let refused = Gtin::parse(text).unwrap_err();
            assert!(matches!(refused, GtinError::Length { found, .. } if found == text.len()));
        }
        assert_eq!(
            Gtin::parse("123456789").unwrap_err().to_string(),
            "a barcode has 8, 12, 13, 14 digits, this one has 9"
        );
        assert_eq!(Gtin::parse("00000000"), Err(GtinError::Zero));
    }

    #[test]
    fn the_stored_form_is_fourteen_digits_and_no_other() {
        let gtin = Gtin::parse("96385074").unwrap();
        let json = serde_json::to_string(&gtin).unwrap();
        assert_eq!(json, "\"00000096385074\"");
        assert_eq!(serde_json::from_str::<Gtin>(&json).unwrap(), gtin);
        assert!(serde_json::from_str::<Gtin>("\"96385074\"").is_err());
        assert!(serde_json::from_str::<Gtin>("\"00000096385075\"").is_err());
    }

    proptest! {
        #[test]
        fn any_number_with_its_check_digit_survives_the_round_trip(number in 1_u64..10_u64.pow(13)) {
            let front = format!("{number:013}");
            let digits: Vec<u8> = front.bytes().map(|byte| byte - b'0').collect();
            let text = format!("{front}{}", check_digit(&digits));
            let gtin = Gtin::parse(&text).unwrap();
            prop_assert_eq!(gtin.to_string(), text);
            prop_assert_eq!(Gtin::parse(&gtin.short()), Ok(gtin));
        }

        #[test]
        fn any_single_wrong_digit_is_noticed(number in 1_u64..10_u64.pow(13), place in 0_usize..14, by in 1_u8..10) {
            let front = format!("{number:013}");
            let mut digits: Vec<u8> = front.bytes().map(|byte| byte - b'0').collect();
            digits.push(check_digit(&digits));
            digits[place] = (digits[place] + by) % 10;
            let text: String = digits.iter().map(|digit| char::from(b'0' + digit)).collect();
            prop_assert!(Gtin::parse(&text).is_err());
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), digits in "[0-9]{0,40}") {
            let _ = Gtin::parse(&text);
            let _ = Gtin::parse(&digits);
            let _ = Sscc::parse(&digits);
        }
    }
}
