//! What a scanner sends: a plain barcode, a GS1 element string, or other text.
//!
//! An element string is a row of application identifiers (AI) with their values. Those of fixed
//! length follow each other directly; the others end at a separator, the GS character.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Lot;
use super::gtin::{Gtin, GtinError, Sscc};

mod identifier;
mod reader;

/// What one scan says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scan {
    /// The barcode of an item. A SKU may look the same: who knows the catalogue asks it first.
    Item(Gtin),
    /// A GS1 element string.
    Elements(Box<Elements>),
    /// Anything else: a SKU, a transfer's id, or a number whose check digit is wrong.
    Text(String),
    /// It says that it is a barcode or an element string, but it can't be read.
    Refused(ScanError),
}

/// The values of an element string, by meaning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elements {
    /// AI 00: the number of the parcel.
    pub sscc: Option<Sscc>,
    /// AI 01: the item itself.
    pub gtin: Option<Gtin>,
    /// AI 02: the items inside the parcel.
    pub content: Option<Gtin>,
    /// AI 10: the lot.
    pub lot: Option<Lot>,
    /// AI 11: the day of production.
    pub produced: Option<NaiveDate>,
    /// AI 13: the day of packing.
    pub packed: Option<NaiveDate>,
    /// AI 15: best before.
    pub best_before: Option<NaiveDate>,
    /// AI 16: sell by.
    pub sell_by: Option<NaiveDate>,
    /// AI 17: the last day of use.
    pub expiry: Option<NaiveDate>,
    /// AI 21: the serial number.
    pub serial: Option<String>,
    /// AI 30: pieces of the item.
    pub count: Option<u32>,
    /// AI 37: pieces inside the parcel.
    pub content_count: Option<u32>,
    /// AI 310n: the net weight.
    pub net_weight: Option<NetWeight>,
    /// Every other AI with its value as it stands, in order.
    pub others: Vec<(String, String)>,
}

/// A net weight in kilograms, `value` / 10^`decimals`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetWeight {
    /// Six digits.
    pub value: u32,
    /// How many of them stand behind the decimal mark, 0–5.
    pub decimals: u8,
}

/// Why an element string can't be read. Places count characters from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum ScanError {
    /// The scanner calls it a barcode, and it is none.
    #[error("not a barcode: {0}")]
    Barcode(GtinError),
    /// The scanner calls it an element string, and it is empty.
    #[error("an empty scan")]
    Nothing,
    /// No AI begins so.
    #[error("{ai:?} at place {place} is no application identifier")]
    UnknownAi {
        /// The characters where an AI was due.
        ai: String,
        /// Where they stand.
        place: usize,
    },
    /// An AI without a value.
    #[error("AI {ai}: no value at place {place}")]
    Empty {
        /// The AI.
        ai: String,
        /// Where its value was due.
        place: usize,
    },
    /// A value of fixed length has another one.
    #[error("AI {ai}: {expected} characters expected from place {place}, {found} found")]
    Length {
        /// The AI.
        ai: String,
        /// Where its value begins.
        place: usize,
        /// The characters it must have.
        expected: usize,
        /// The characters it has.
        found: usize,
    },
    /// A value of variable length is too long.
    #[error("AI {ai}: at most {limit} characters from place {place}, {found} found")]
    TooLong {
        /// The AI.
        ai: String,
        /// Where its value begins.
        place: usize,
        /// The characters it may have.
        limit: usize,
        /// The characters it has.
        found: usize,
    },
    /// A letter where a digit was due, or a character which GS1 doesn't allow.
    #[error("AI {ai}: {found:?} at place {place} is not allowed")]
    Character {
        /// The AI.
        ai: String,
        /// Where the character stands.
        place: usize,
        /// The character.
        found: char,
    },
    /// The barcode number inside is wrong.
    #[error("AI {ai} at place {place}: {reason}")]
    Number {
        /// The AI.
        ai: String,
        /// Where its value begins.
        place: usize,
        /// What is wrong with the number.
        reason: GtinError,
    },
    /// Six digits that are no day.
    #[error("AI {ai} at place {place}: {value} is not a date (YYMMDD)")]
    Date {
        /// The AI.
        ai: String,
        /// Where its value begins.
        place: usize,
        /// The six digits.
        value: String,
    },
    /// The same AI twice, with different values.
    #[error("AI {ai} comes again at place {place} with another value")]
    Repeated {
        /// The AI.
        ai: String,
        /// Where the second value begins.
        place: usize,
    },
}

impl Elements {
    /// The item that is meant: itself (AI 01) or what the parcel holds (AI 02).
    #[must_use]
    pub fn item(&self) -> Option<Gtin> {
        self.gtin.or(self.content)
    }

    /// How many pieces of it (AI 30 or AI 37).
    #[must_use]
    pub fn pieces(&self) -> Option<u32> {
        self.count.or(self.content_count)
    }

    /// The day after which it counts as expired: AI 17, else best before (15), else sell by (16).
    #[must_use]
    pub fn last_day(&self) -> Option<NaiveDate> {
        self.expiry.or(self.best_before).or(self.sell_by)
    }
}

impl NetWeight {
    /// The weight in grams, where it is a whole number of them.
    #[must_use]
    pub fn grams(&self) -> Option<i64> {
        let value = i64::from(self.value);
        let power = |exponent: u8| 10_i64.checked_pow(u32::from(exponent));
        if self.decimals <= 3 {
            value.checked_mul(power(3 - self.decimals)?)
        } else {
            let divisor = power(self.decimals - 3)?;
            (value % divisor == 0).then_some(value / divisor)
        }
    }
}

/// Reads one scan; `today` places two-digit years.
///
/// A leading symbology identifier (`]C1`) says what follows; without one, printed parentheses, a GS
/// character, or a parcel or item number behind its AI mark an element string.
#[must_use]
pub fn read_scan(text: &str, today: NaiveDate) -> Scan {
    let text = text.trim();
    if let Some(symbology) = Symbology::of(text) {
        let data = text.get(SYMBOLOGY_LENGTH..).unwrap_or_default();
        return match symbology {
            Symbology::Elements => elements(text, SYMBOLOGY_LENGTH, today),
            Symbology::Item => {
                Gtin::parse(data).map_or_else(|error| Scan::Refused(ScanError::Barcode(error)), Scan::Item)
            }
            Symbology::Other => plain(data),
        };
    }
    if text.contains(reader::SEPARATOR)
        || reader::opens_with_parentheses(text)
        || reader::opens_with_number(text)
    {
        return elements(text, 0, today);
    }
    plain(text)
}

/// Reads an element string, raw or with printed parentheses, with or without a symbology
/// identifier; `today` places two-digit years.
///
/// # Errors
/// The first fault with its AI and place.
pub fn read_elements(text: &str, today: NaiveDate) -> Result<Elements, ScanError> {
    let text = text.trim();
    let from = if Symbology::of(text).is_some() { SYMBOLOGY_LENGTH } else { 0 };
    reader::read(text, from, today)
}

fn elements(text: &str, from: usize, today: NaiveDate) -> Scan {
    match reader::read(text, from, today) {
        Ok(elements) => Scan::Elements(Box::new(elements)),
        Err(error) => Scan::Refused(error),
    }
}

fn plain(text: &str) -> Scan {
    Gtin::parse(text).map_or_else(|_| Scan::Text(text.to_owned()), Scan::Item)
}

const SYMBOLOGY_LENGTH: usize = 3;

/// What the symbology identifier (ISO/IEC 15424) says of the data behind it.
enum Symbology {
    Elements,
    Item,
    Other,
}

impl Symbology {
    fn of(text: &str) -> Option<Self> {
        let [b']', letter, modifier, ..] = text.as_bytes() else {
            return None;
        };
        if !letter.is_ascii_alphabetic() || !modifier.is_ascii_alphanumeric() {
            return None;
        }
        Some(match (letter, modifier) {
            // GS1-128, GS1 Data Matrix, GS1 QR, GS1 DataBar.
            (b'C', b'1') | (b'd', b'2') | (b'Q', b'3') | (b'e', b'0') => Self::Elements,
            // EAN-13, UPC and EAN-8, without an add-on.
            (b'E', b'0' | b'4') => Self::Item,
            _ => Self::Other,
        })
    }
}

#[cfg(test)]
mod tests;
