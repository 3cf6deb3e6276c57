//! Lines of goods on a command line: `SKU[@LOT] QTY`, and for arrivals `SKU[@LOT]=QTY[:REASON]`.

use clap::Args;

use super::Failure;
use super::failure::quantity;
use crate::domain::{Lot, Quantity, QuantityError, ShortageReason, Sku};
use crate::ledger::act::{ArrivalLine, TakeLine};
use crate::text::Lang;
use crate::text::words::none_of;

/// What is booked, and how much of it.
#[derive(Debug, Args)]
pub struct Goods {
    /// The product, perhaps with its lot behind an @
    #[arg(value_name = "SKU[@LOT]")]
    pub sku: String,
    /// How much, in the product's unit, with a decimal point
    #[arg(allow_negative_numbers = true)]
    pub qty: String,
}

impl Goods {
    /// The product, its lot, which `--lot` may name instead, and more than nothing of it.
    ///
    /// # Errors
    /// What is wrong with a name or the amount.
    pub fn read(&self, lang: Lang, lot: Option<&str>) -> Result<(Sku, Option<Lot>, Quantity), Failure> {
        let (sku, lot) = with_lot_option(&self.sku, lot)?;
        let qty = positive(lang, &sku, &self.qty)?;
        Ok((sku, lot, qty))
    }
}

/// Splits a reference from its lot at the last `@`.
///
/// # Errors
/// When either is not such a name.
pub fn sku_and_lot(text: &str) -> Result<(Sku, Option<Lot>), Failure> {
    match text.rsplit_once('@') {
        Some((sku, lot)) if !sku.trim().is_empty() => Ok((Sku::new(sku)?, Some(Lot::new(lot)?))),
        _ => Ok((Sku::new(text)?, None)),
    }
}

/// A reference with the lot of `--lot`; without `--lot` the reference may carry it behind an `@`.
///
/// # Errors
/// When either is not such a name.
pub fn with_lot_option(sku: &str, lot: Option<&str>) -> Result<(Sku, Option<Lot>), Failure> {
    match lot {
        Some(lot) => Ok((Sku::new(sku)?, Some(Lot::new(lot)?))),
        None => sku_and_lot(sku),
    }
}

/// Reads lines, each of two words (`GU-NIT-M@L7 5`) or as one quoted word (`"GU-NIT-M@L7 5"`).
///
/// # Errors
/// A word too many, or what is wrong with a name or a quantity.
pub fn take_lines(lang: Lang, words: &[String]) -> Result<Vec<TakeLine>, Failure> {
    let in_pairs =
        words.len().is_multiple_of(2) && words.iter().skip(1).step_by(2).all(|word| looks_like_qty(word));
    if in_pairs {
        return words.chunks_exact(2).map(|pair| take_line(lang, &pair[0], &pair[1])).collect();
    }
    // Words apart: the first that isn't where it belongs is named.
    if words.len() > 1 && words.iter().all(|word| !word.trim().contains(char::is_whitespace)) {
        let mut rest = words.iter();
        while let Some(goods) = rest.next() {
            let Some(qty) = rest.next() else {
                return Err(Failure::usage(
                    format!("«{goods}»: SKU[@LOT] QTY"),
                    Some("GU-NIT-M 5 GU-NIT-L@L7 2.5"),
                ));
            };
            take_line(lang, goods, qty)?;
        }
    }
    words
        .iter()
        .map(|word| match word.trim().rsplit_once(char::is_whitespace) {
            Some((sku, qty)) => take_line(lang, sku, qty),
            None => {
                Err(Failure::usage(format!("«{word}»: SKU[@LOT] QTY"), Some("GU-NIT-M 5 GU-NIT-L@L7 2.5")))
            }
        })
        .collect()
}

/// Reads what came of one dispatched product and lot: `SKU[@LOT]=QTY[:REASON]`.
///
/// # Errors
/// What is wrong with it.
pub fn arrival_line(lang: Lang, text: &str) -> Result<ArrivalLine, Failure> {
    let form =
        || Failure::usage(format!("--line «{text}»: SKU[@LOT]=QTY[:REASON]"), Some("GU-NIT-M@L7=9:damaged"));
    let (goods, came) = text.rsplit_once('=').ok_or_else(form)?;
    let (qty, reason) = match came.split_once(':') {
        Some((qty, reason)) => (qty, Some(reason)),
        None => (came, None),
    };
    let (sku, lot) = sku_and_lot(goods)?;
    let reason = reason
        .map(|reason| reason.trim().parse::<ShortageReason>())
        .transpose()
        .map_err(|error| Failure::usage(format!("--line: {}", none_of(lang, &error)), None))?;
    Ok(ArrivalLine { arrived: not_negative(lang, &sku, qty)?, sku, lot, reason })
}

/// Zero or more.
///
/// # Errors
/// A refusal that names the product.
pub fn not_negative(lang: Lang, sku: &Sku, text: &str) -> Result<Quantity, Failure> {
    let amount = quantity(lang, sku, text)?;
    if amount.is_negative() {
        return Err(Failure::quantity(sku, QuantityError::Negative));
    }
    Ok(amount)
}

/// More than zero.
///
/// # Errors
/// A refusal that names the product.
pub fn positive(lang: Lang, sku: &Sku, text: &str) -> Result<Quantity, Failure> {
    let amount = quantity(lang, sku, text)?;
    if amount.is_positive() { Ok(amount) } else { Err(Failure::quantity(sku, QuantityError::NotPositive)) }
}

fn take_line(lang: Lang, goods: &str, qty: &str) -> Result<TakeLine, Failure> {
    let (sku, lot) = sku_and_lot(goods)?;
    let qty = positive(lang, &sku, qty)?;
    Ok(TakeLine { sku, lot, qty })
}

fn looks_like_qty(word: &str) -> bool {
    !word.contains(char::is_whitespace)
        && word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | ','))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn lines(words: &[&str]) -> Result<Vec<(String, Option<String>, String)>, Failure> {
        let words: Vec<_> = words.iter().map(ToString::to_string).collect();
        let lines = take_lines(Lang::En, &words)?;
        Ok(lines
            .into_iter()
            .map(|l| (l.sku.to_string(), l.lot.map(|lot| lot.to_string()), l.qty.to_string()))
            .collect())
    }

    #[test]
    fn lines_are_read_as_pairs_of_words_or_as_quoted_words() {
        let expected = vec![
            ("A".to_owned(), None, "5".to_owned()),
            ("B C".to_owned(), Some("00392/174".to_owned()), "2.5".to_owned()),
        ];
        assert_eq!(lines(&["A", "5", "B C@00392/174", "2.5"]).unwrap(), expected);
        assert_eq!(lines(&["A 5", "B C@00392/174 2.5"]).unwrap(), expected);
    }

    #[test]
    fn a_word_too_many_is_a_usage_failure() {
        assert_eq!(lines(&["A", "5", "B"]).unwrap_err().exit(), 2);
    }

    #[test]
    fn the_word_that_is_wrong_is_the_one_that_is_named() {
        assert_eq!(lines(&["A", "many"]).unwrap_err().to_string(), "A: «many» is not a number");
        assert!(lines(&["A", "5", "B"]).unwrap_err().to_string().contains("«B»"));
        assert!(lines(&["A", "B", "5"]).unwrap_err().to_string().starts_with("A: "));
    }

    #[test]
    fn nothing_and_less_than_nothing_are_refused_with_the_product() {
        for qty in ["0", "-1"] {
            let error = lines(&["A", qty]).unwrap_err();
            assert_eq!(error.exit(), 1);
            assert_eq!(error.to_string(), "A: the quantity must be more than zero");
        }
    }

    #[test]
    fn an_arrival_names_what_came_and_why_the_rest_did_not() {
        let line = arrival_line(Lang::En, "GU-NIT-M@L=7=9.5:wrong_product").unwrap();
        assert_eq!(line.sku.as_str(), "GU-NIT-M");
        assert_eq!(line.lot.unwrap().as_str(), "L=7");
        assert_eq!(line.arrived.to_string(), "9.5");
        assert_eq!(line.reason, Some(ShortageReason::WrongProduct));
        assert!(arrival_line(Lang::En, "A=0").unwrap().arrived.is_zero());
        assert_eq!(arrival_line(Lang::En, "A").unwrap_err().exit(), 2);
        assert_eq!(arrival_line(Lang::En, "A=5:eaten").unwrap_err().exit(), 2);
        assert_eq!(arrival_line(Lang::En, "A=-5").unwrap_err().exit(), 1);
    }
}
