//! Amounts as typed: `12*6+3`, `3p`, `1.234,5`.

use serde::{Deserialize, Serialize};

use super::super::{Quantity, QuantityError};
use super::Decimal;

/// What an amount may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// More than zero: what is moved.
    Positive,
    /// Zero or more: what is counted, and limits.
    NotNegative,
    /// Anything: a correction, or a number to be judged later.
    Any,
}

/// How an amount is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AmountRules {
    /// The decimal mark.
    pub mark: Decimal,
    /// Decimals of the product, 0–3.
    pub decimals: u8,
    /// What one pack holds (`3p`), if the product comes in packs.
    pub pack: Option<Quantity>,
    /// What the amount may be.
    pub sign: Sign,
}

/// Why a text is no amount. Places count characters from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum AmountError {
    /// Nothing was typed.
    #[error("no amount")]
    Empty,
    /// A character that doesn't belong there.
    #[error("{found:?} at place {place} is not part of an amount")]
    Unexpected {
        /// The character.
        found: char,
        /// Where it stands.
        place: usize,
    },
    /// The text ends where a number was due.
    #[error("a number is missing at the end")]
    Incomplete,
    /// A grouping mark that doesn't stand before three digits: perhaps meant as the decimal mark.
    #[error("{found:?} at place {place} doesn't group thousands; the decimal mark is {mark:?}")]
    Grouping {
        /// The grouping mark.
        found: char,
        /// Where it stands.
        place: usize,
        /// The decimal mark in use.
        mark: char,
    },
    /// Finer than the product is counted.
    #[error("more than {allowed} decimals")]
    TooManyDecimals {
        /// Decimals of the product, 0–3.
        allowed: u8,
    },
    /// Packs of a product that comes in none.
    #[error("the product has no pack size")]
    NoPack,
    /// Zero, where something must move.
    #[error("the amount is zero")]
    Zero,
    /// Less than zero.
    #[error("the amount is negative")]
    Negative,
    /// Beyond [`Quantity::MAX`].
    #[error("the amount is too large")]
    Overflow,
}

impl From<QuantityError> for AmountError {
    fn from(error: QuantityError) -> Self {
        match error {
            QuantityError::TooManyDecimals { decimals, .. } => Self::TooManyDecimals { allowed: decimals },
            QuantityError::NotPositive | QuantityError::Zero => Self::Zero,
            QuantityError::Negative => Self::Negative,
            QuantityError::NotANumber { .. } => Self::Incomplete,
            QuantityError::Overflow => Self::Overflow,
        }
    }
}

/// Reads an amount as typed: numbers with `+`, `-`, `*` (also `x`), products first, and packs `3p`.
///
/// Thousands may be grouped by the other mark, blanks or apostrophes.
///
/// # Errors
/// What is wrong with it; nothing is rounded.
pub fn typed_amount(text: &str, rules: AmountRules) -> Result<Quantity, AmountError> {
    let mut reader = Reader::new(text, rules.mark);
    let mut sum = 0;
    let mut negative = reader.sign()?;
    loop {
        let mut term = reader.factor(rules.pack)?;
        while reader.take(|char| matches!(char, '*' | 'x' | 'X' | '×')).is_some() {
            term = product(term, reader.factor(rules.pack)?)?;
        }
        let term = if negative { -term } else { term };
        sum = within(i128::from(sum) + i128::from(term))?;
        match reader.take(|char| matches!(char, '+' | '-' | '−')) {
            Some(operator) => negative = operator != '+',
            None => break,
        }
    }
    reader.end()?;
    let allowed = rules.decimals.min(3);
    let amount = Quantity::from_thousandths(sum)?;
    if !amount.fits(allowed) {
        return Err(AmountError::TooManyDecimals { allowed });
    }
    match rules.sign {
        Sign::Positive | Sign::NotNegative if amount.is_negative() => Err(AmountError::Negative),
        Sign::Positive if amount.is_zero() => Err(AmountError::Zero),
        _ => Ok(amount),
    }
}

/// Reads a number of a file, any sign: `1.234,50` with a decimal comma, `-3`; no arithmetic.
///
/// # Errors
/// What is wrong with it; `decimals` (0–3) is the limit, trailing zeros aside.
pub fn import_number(text: &str, mark: Decimal, decimals: u8) -> Result<Quantity, AmountError> {
    let mut reader = Reader::new(text, mark);
    let negative = reader.sign()?;
    let number = reader.number()?;
    reader.end()?;
    let allowed = decimals.min(3);
    let amount = Quantity::from_thousandths(if negative { -number } else { number })?;
    if amount.fits(allowed) { Ok(amount) } else { Err(AmountError::TooManyDecimals { allowed }) }
}

/// The value in the range of a quantity, which leaves room for every step in an `i128`.
fn within(thousandths: i128) -> Result<i64, AmountError> {
    let value = i64::try_from(thousandths).map_err(|_| AmountError::Overflow)?;
    Ok(Quantity::from_thousandths(value)?.thousandths())
}

fn product(left: i64, right: i64) -> Result<i64, AmountError> {
    let millionths = i128::from(left) * i128::from(right);
    let scale = i128::from(Quantity::SCALE);
    if millionths % scale != 0 {
        return Err(AmountError::TooManyDecimals { allowed: 3 });
    }
    within(millionths / scale)
}

/// A blank or an apostrophe, as some write `1 234` or `1'234`.
fn loose_grouping(char: char) -> bool {
    matches!(char, ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '\'' | '’')
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    mark: Decimal,
}

impl Reader {
    fn new(text: &str, mark: Decimal) -> Self {
        Self { chars: text.trim_end().chars().collect(), at: 0, mark }
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// The next character behind blanks, if it is wanted.
    fn take(&mut self, wanted: impl Fn(char) -> bool) -> Option<char> {
        self.skip_blanks();
        let char = self.peek().filter(|&char| wanted(char))?;
        self.at += 1;
        Some(char)
    }

    /// Whether the text begins with a minus.
    fn sign(&mut self) -> Result<bool, AmountError> {
        let sign = self.take(|char| matches!(char, '+' | '-' | '−'));
        if sign.is_none() && self.at == self.chars.len() {
            return Err(AmountError::Empty);
        }
        Ok(sign.is_some_and(|sign| sign != '+'))
    }

    fn end(&mut self) -> Result<(), AmountError> {
        self.skip_blanks();
        self.peek().map_or(Ok(()), |found| Err(AmountError::Unexpected { found, place: self.at + 1 }))
    }

    fn factor(&mut self, pack: Option<Quantity>) -> Result<i64, AmountError> {
        let number = self.number()?;
        if self.take(|char| matches!(char, 'p' | 'P')).is_none() {
            return Ok(number);
        }
        product(number, pack.filter(|pack| pack.is_positive()).ok_or(AmountError::NoPack)?.thousandths())
    }

    /// The digits at an index.
    fn digits(&self, from: usize) -> impl Iterator<Item = u8> {
        self.chars
            .iter()
            .skip(from)
            .map_while(|char| char.to_digit(10).and_then(|digit| u8::try_from(digit).ok()))
    }

    /// An unsigned number in thousandths.
    fn number(&mut self) -> Result<i64, AmountError> {
        self.skip_blanks();
        let start = self.at;
        let mut value: i128 = 0;
        let mut group = None;
        loop {
            let mut length = 0;
            for digit in self.digits(self.at) {
                value = i128::from(within(value * 10 + i128::from(digit))?);
                length += 1;
            }
            self.at += length;
            let Some(found) = self.peek() else { break };
            let grouping = found == self.mark.grouping();
            let groups = grouping || loose_grouping(found);
            let next = self.digits(self.at + 1).take(4).count();
            if !groups || (next == 0 && !grouping) {
                break;
            }
            // `0.500` under a decimal comma is half a unit to whoever typed it, not five hundred.
            let first = group.is_none();
            let wrong = next != 3 || group.is_some_and(|group| group != found);
            if wrong || (first && (!(1..=3).contains(&length) || value == 0)) {
                return Err(AmountError::Grouping { found, place: self.at + 1, mark: self.mark.mark() });
            }
            group = Some(found);
            self.at += 1;
        }
        let whole = self.at - start;
        let mut thousandths = value * i128::from(Quantity::SCALE);
        let mut decimals = 0;
        if self.peek() == Some(self.mark.mark()) && (whole > 0 || self.digits(self.at + 1).next().is_some()) {
            let mut worth = i128::from(Quantity::SCALE);
            let mut finer = false;
            for digit in self.digits(self.at + 1) {
                worth /= 10;
                thousandths += i128::from(digit) * worth;
                finer |= worth == 0 && digit > 0;
                decimals += 1;
            }
            if finer {
                return Err(AmountError::TooManyDecimals { allowed: 3 });
            }
            self.at += 1 + decimals;
        }
        if whole + decimals == 0 {
            return Err(self.peek().map_or(AmountError::Incomplete, |found| AmountError::Unexpected {
                found,
                place: self.at + 1,
            }));
        }
        within(thousandths)
    }
}

#[cfg(test)]
mod tests;
