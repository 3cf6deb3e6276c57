#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::*;

fn rules(mark: Decimal, decimals: u8) -> AmountRules {
    AmountRules { mark, decimals, pack: Quantity::units(24).ok(), sign: Sign::Positive }
}

fn point(text: &str) -> Result<i64, AmountError> {
    typed_amount(text, rules(Decimal::Point, 3)).map(Quantity::thousandths)
}

fn comma(text: &str) -> Result<i64, AmountError> {
    typed_amount(text, rules(Decimal::Comma, 3)).map(Quantity::thousandths)
}

#[test]
fn arithmetic_does_products_first() {
    assert_eq!(point("12*6+3"), Ok(75_000));
    assert_eq!(point("3 + 12 x 6"), Ok(75_000));
    assert_eq!(point(" 100 - 2*3*4 "), Ok(76_000));
    assert_eq!(point("-1+5"), Ok(4_000));
    assert_eq!(point("1.5*1.5"), Ok(2_250));
}

#[test]
fn packs_count_by_their_size() {
    assert_eq!(point("3p"), Ok(72_000));
    assert_eq!(point("2P+5"), Ok(53_000));
    assert_eq!(point("0.5p"), Ok(12_000));
    let loose = AmountRules { pack: None, ..rules(Decimal::Point, 0) };
    assert_eq!(typed_amount("3p", loose), Err(AmountError::NoPack));
}

#[test]
fn the_decimal_mark_follows_the_language_and_the_other_groups() {
    assert_eq!(point("1,234.5"), Ok(1_234_500));
    assert_eq!(comma("1.234,5"), Ok(1_234_500));
    assert_eq!(comma("1.234"), Ok(1_234_000));
    assert_eq!(comma("12 345 678"), Ok(12_345_678_000));
    assert!(point("1'234\u{202f}567").is_err());
    assert_eq!(point(".5"), Ok(500));
    assert_eq!(comma("7,"), Ok(7_000));
    assert_eq!(comma("0,250"), Ok(250));
}

#[test]
fn a_doubtful_mark_is_refused_rather_than_guessed() {
    let grouping = |found, place, mark| Err(AmountError::Grouping { found, place, mark });
    assert_eq!(comma("1.5"), grouping('.', 2, ','));
    assert_eq!(comma("0.500"), grouping('.', 2, ','));
    assert_eq!(comma("1234.567"), grouping('.', 5, ','));
    assert_eq!(point("1,23"), grouping(',', 2, '.'));
    assert_eq!(point("2 3"), grouping(' ', 2, '.'));
    assert_eq!(point("1,234,5"), grouping(',', 6, '.'));
    assert_eq!(comma("2,849,83"), Err(AmountError::Unexpected { found: ',', place: 6 }));
}

#[test]
fn more_decimals_than_the_product_has_are_refused() {
    let whole = rules(Decimal::Point, 0);
    assert_eq!(typed_amount("1.5", whole), Err(AmountError::TooManyDecimals { allowed: 0 }));
    assert_eq!(typed_amount("1.5*2", whole), Quantity::units(3).map_err(AmountError::from));
    assert_eq!(typed_amount("4.00000", whole), Quantity::units(4).map_err(AmountError::from));
    assert_eq!(point("1.2345"), Err(AmountError::TooManyDecimals { allowed: 3 }));
    assert_eq!(point("0.001*0.5"), Err(AmountError::TooManyDecimals { allowed: 3 }));
}

#[test]
fn nothing_negative_zero_or_too_large_is_moved() {
    assert_eq!(point(""), Err(AmountError::Empty));
    assert_eq!(point("  "), Err(AmountError::Empty));
    assert_eq!(point("0"), Err(AmountError::Zero));
    assert_eq!(point("6-6"), Err(AmountError::Zero));
    assert_eq!(point("-5"), Err(AmountError::Negative));
    assert_eq!(point("999999999999*999999999999"), Err(AmountError::Overflow));
    assert_eq!(point("9999999999999999999999999999999999999999999999"), Err(AmountError::Overflow));
    let with = |sign| AmountRules { sign, ..rules(Decimal::Point, 0) };
    assert_eq!(typed_amount("0", with(Sign::NotNegative)), Ok(Quantity::ZERO));
    assert_eq!(typed_amount("-1", with(Sign::NotNegative)), Err(AmountError::Negative));
    assert_eq!(typed_amount("−1", with(Sign::Any)).unwrap().thousandths(), -1000);
}

#[test]
fn a_slip_is_shown_with_its_place() {
    assert_eq!(point("12a"), Err(AmountError::Unexpected { found: 'a', place: 3 }));
    assert_eq!(point("12*"), Err(AmountError::Incomplete));
    assert_eq!(point("+"), Err(AmountError::Incomplete));
    assert_eq!(point("3**4"), Err(AmountError::Unexpected { found: '*', place: 3 }));
    assert_eq!(point("3*-4"), Err(AmountError::Unexpected { found: '-', place: 3 }));
    assert_eq!(point("p"), Err(AmountError::Unexpected { found: 'p', place: 1 }));
    assert_eq!(point("."), Err(AmountError::Unexpected { found: '.', place: 1 }));
    assert_eq!(point("1e3"), Err(AmountError::Unexpected { found: 'e', place: 2 }));
}

#[test]
fn a_file_holds_plain_numbers_of_any_sign() {
    let read = |text, mark| import_number(text, mark, 3).map(Quantity::thousandths);
    assert_eq!(read("1.234,50", Decimal::Comma), Ok(1_234_500));
    assert_eq!(read(" -3 ", Decimal::Point), Ok(-3_000));
    assert_eq!(read("0", Decimal::Point), Ok(0));
    assert_eq!(read("198656", Decimal::Point), Ok(198_656_000));
    assert_eq!(read("", Decimal::Point), Err(AmountError::Empty));
    assert_eq!(read("2*3", Decimal::Point), Err(AmountError::Unexpected { found: '*', place: 2 }));
    assert_eq!(import_number("1,5", Decimal::Comma, 0), Err(AmountError::TooManyDecimals { allowed: 0 }));
}

/// Writes thousandths with the marks of a language, grouped.
fn written(thousandths: i64, mark: Decimal) -> String {
    let magnitude = thousandths.unsigned_abs();
    let digits = (magnitude / 1000).to_string();
    let mut text = String::from(if thousandths < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(mark.grouping());
        }
        text.push(digit);
    }
    format!("{text}{}{:03}", mark.mark(), magnitude % 1000)
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(value in -999_999_999_999_999_i64..=999_999_999_999_999, by_comma in any::<bool>()) {
        let mark = if by_comma { Decimal::Comma } else { Decimal::Point };
        let text = written(value, mark);
        prop_assert_eq!(import_number(&text, mark, 3).map(Quantity::thousandths), Ok(value));
    }

    #[test]
    fn sums_of_products_are_exact(a in 1_i64..10_000, b in 1_i64..10_000, c in 1_i64..10_000, packs in 1_i64..100) {
        let text = format!("{a}*{b}+{c}+{packs}p");
        prop_assert_eq!(point(&text), Ok((a * b + c + packs * 24) * 1000));
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>(), near in "[-+*0-9.,p ']{0,60}", decimals in any::<u8>()) {
        for mark in [Decimal::Point, Decimal::Comma] {
            for text in [&text, &near] {
                let _ = typed_amount(text, rules(mark, decimals));
                let _ = import_number(text, mark, decimals);
            }
        }
    }
}
