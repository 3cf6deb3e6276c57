//! Numbers as people of a language write them.
//!
//! English groups by commas from a thousand on; Spanish by no-break spaces from ten thousand on, with a decimal
//! comma. Both read back as typed amounts.

use super::Lang;
use crate::domain::Quantity;

/// A quantity with as many decimals as it needs.
#[must_use]
pub fn quantity(lang: Lang, amount: Quantity) -> String {
    localized(lang, &amount.to_string())
}

/// A quantity with exactly so many decimals (0–3), more where it has more: columns stay aligned.
#[must_use]
pub fn quantity_fixed(lang: Lang, amount: Quantity, decimals: u8) -> String {
    let text = amount.to_string();
    let has = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let wanted = usize::from(decimals.min(3));
    if has >= wanted {
        return localized(lang, &text);
    }
    let point = if has == 0 { "." } else { "" };
    let zeros = "0".repeat(wanted - has);
    localized(lang, &format!("{text}{point}{zeros}"))
}

/// A change: a plus in front of what is more than nothing.
#[must_use]
pub fn signed(lang: Lang, amount: Quantity) -> String {
    let plus = if amount.is_positive() { "+" } else { "" };
    format!("{plus}{}", quantity(lang, amount))
}

/// A number of things.
#[must_use]
pub fn count(lang: Lang, n: u64) -> String {
    localized(lang, &n.to_string())
}

/// So many of a thing, whose word is given for one and for more.
#[must_use]
pub fn counted(lang: Lang, n: u64, (one, more): (&str, &str)) -> String {
    format!("{} {}", count(lang, n), if n == 1 { one } else { more })
}

/// Of two forms the one that goes with an amount: one of a thing is one, half of it and two are more.
#[must_use]
pub fn one_or_more<T>(amount: Quantity, (one, more): (T, T)) -> T {
    if amount.thousandths() == Quantity::SCALE { one } else { more }
}

/// A number as it was given, written in Spanish: the ledger quotes with a point, whatever was typed.
#[must_use]
pub fn with_comma(given: &str) -> String {
    if given.matches(['.', ',']).count() == 1 { given.replace('.', ",") } else { given.to_owned() }
}

/// A number with so many decimals, rounded: round trips, days of cover.
#[must_use]
pub fn decimal(lang: Lang, value: f64, decimals: usize) -> String {
    localized(lang, &format!("{value:.decimals$}"))
}

/// A plain decimal (`-1234.5`) in the manner of the language.
fn localized(lang: Lang, plain: &str) -> String {
    let (minus, digits) = match plain.strip_prefix('-') {
        Some(rest) => ("−", rest),
        None => ("", plain),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let (mark, group, from) = match lang {
        Lang::Es => (',', '\u{a0}', 5),
        Lang::En => ('.', ',', 4),
    };
    let mut text = String::from(minus);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && whole.len() >= from && (whole.len() - i) % 3 == 0 {
            text.push(group);
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push(mark);
        text.push_str(fraction);
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;
    use crate::domain::typing::{Decimal, import_number};

    fn q(text: &str) -> Quantity {
        Quantity::parse(text, 3).unwrap()
    }

    #[test]
    fn each_language_groups_and_marks_in_its_manner() {
        assert_eq!(quantity(Lang::En, q("1234.5")), "1,234.5");
        assert_eq!(quantity(Lang::Es, q("1234.5")), "1234,5");
        assert_eq!(quantity(Lang::Es, q("20083")), "20\u{a0}083");
        assert_eq!(quantity(Lang::En, q("-1234567")), "−1,234,567");
        assert_eq!(signed(Lang::Es, q("50")), "+50");
        assert_eq!(signed(Lang::Es, q("0")), "0");
    }

    #[test]
    fn fixed_decimals_fill_up_and_never_cut() {
        assert_eq!(quantity_fixed(Lang::Es, q("2"), 2), "2,00");
        assert_eq!(quantity_fixed(Lang::Es, q("2.5"), 2), "2,50");
        assert_eq!(quantity_fixed(Lang::En, q("2.125"), 1), "2.125");
        assert_eq!(quantity_fixed(Lang::En, q("7"), 0), "7");
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back_in_its_language(n in -999_999_999_999_999i64..=999_999_999_999_999) {
            let amount = Quantity::from_thousandths(n).unwrap();
            prop_assert_eq!(import_number(&quantity(Lang::Es, amount), Decimal::Comma, 3), Ok(amount));
            prop_assert_eq!(import_number(&quantity(Lang::En, amount), Decimal::Point, 3), Ok(amount));
        }
    }
}
