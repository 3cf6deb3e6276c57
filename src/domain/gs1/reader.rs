//! Cuts an element string into AIs and reads their values.

use chrono::{Datelike, Months, NaiveDate};

use super::super::Lot;
use super::super::gtin::{self, Gtin, Sscc};
use super::identifier::{self, Form};
use super::{Elements, NetWeight, ScanError};

/// FNC1 as scanners send it.
pub(super) const SEPARATOR: char = '\u{1d}';

/// One AI with its value and the place of the value.
struct Element {
    ai: String,
    value: String,
    place: usize,
}

/// Whether the text begins like a printed element string.
pub(super) fn opens_with_parentheses(text: &str) -> bool {
    let head: Vec<char> = text.chars().take(6).collect();
    parenthesised(&head, 0).is_some()
}

/// Whether the text begins with AI 00, 01 or 02 and a number that passes its check.
pub(super) fn opens_with_number(text: &str) -> bool {
    match text.get(..2) {
        Some("00") => text.get(2..20).is_some_and(|number| Sscc::parse(number).is_ok()),
        Some("01" | "02") => text.get(2..16).is_some_and(|number| Gtin::parse(number).is_ok()),
        _ => false,
    }
}

/// Reads all elements behind the first `from` characters, which are ASCII.
pub(super) fn read(text: &str, from: usize, today: NaiveDate) -> Result<Elements, ScanError> {
    let chars: Vec<char> = text.chars().collect();
    let mut at = from;
    let mut elements = Elements::default();
    let mut seen: Vec<(String, String)> = Vec::new();
    while let Some(&char) = chars.get(at) {
        if char == SEPARATOR {
            at += 1;
            continue;
        }
        let element = if char == '(' { printed(&chars, at)? } else { raw(&chars, at)? };
        at = element.place - 1 + element.value.chars().count();
        check(&element)?;
        // The four digits of 310n differ in the decimals alone: still one and the same AI.
        let name = if element.ai.starts_with("310") { "310" } else { element.ai.as_str() };
        match seen.iter().find(|(ai, _)| ai == name) {
            Some((_, value)) if *value == element.value => continue,
            Some(_) => {
                return Err(ScanError::Repeated { ai: element.ai, place: element.place });
            }
            None => seen.push((name.to_owned(), element.value.clone())),
        }
        take(element, today, &mut elements)?;
    }
    if seen.is_empty() { Err(ScanError::Nothing) } else { Ok(elements) }
}

/// The AI in parentheses at `at`, and where its value begins.
fn parenthesised(chars: &[char], at: usize) -> Option<(String, usize)> {
    if chars.get(at) != Some(&'(') {
        return None;
    }
    let ai: String = chars.iter().skip(at + 1).take(4).take_while(|char| char.is_ascii_digit()).collect();
    let end = at + 1 + ai.len();
    let (&first, &second) = (chars.get(at + 1)?, chars.get(at + 2)?);
    (identifier::length(first, second) == Some(ai.len()) && chars.get(end) == Some(&')'))
        .then_some((ai, end + 1))
}

fn printed(chars: &[char], at: usize) -> Result<Element, ScanError> {
    let Some((ai, start)) = parenthesised(chars, at) else {
        return Err(unknown(chars, at));
    };
    // A lot may hold parentheses itself; only an AI between them begins the next element.
    let end = (start..chars.len())
        .find(|&index| chars.get(index) == Some(&SEPARATOR) || parenthesised(chars, index).is_some())
        .unwrap_or(chars.len());
    Ok(Element { ai, value: between(chars, start, end), place: start + 1 })
}

fn raw(chars: &[char], at: usize) -> Result<Element, ScanError> {
    let length = match (chars.get(at), chars.get(at + 1)) {
        (Some(&first), Some(&second)) => identifier::length(first, second),
        _ => None,
    };
    let length = length.ok_or_else(|| unknown(chars, at))?;
    let ai = between(chars, at, at + length);
    if ai.len() != length || !ai.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(unknown(chars, at));
    }
    let start = at + length;
    let limit = match identifier::form(&ai) {
        Form::Digits(digits) => start + digits,
        Form::Date => start + 6,
        Form::UpToDigits(_) | Form::Text(_) => chars.len(),
    };
    let limit = limit.min(chars.len());
    let end = (start..limit).find(|&index| chars.get(index) == Some(&SEPARATOR)).unwrap_or(limit);
    Ok(Element { ai, value: between(chars, start, end), place: start + 1 })
}

fn between(chars: &[char], start: usize, end: usize) -> String {
    chars.iter().take(end).skip(start).collect()
}

fn unknown(chars: &[char], at: usize) -> ScanError {
    ScanError::UnknownAi { ai: between(chars, at, at + 4), place: at + 1 }
}

/// Refuses a value that hasn't the form of its AI.
fn check(element: &Element) -> Result<(), ScanError> {
    let Element { ai, value, place } = element;
    let (ai, place) = (ai.clone(), *place);
    let found = value.chars().count();
    if found == 0 {
        return Err(ScanError::Empty { ai, place });
    }
    let form = identifier::form(&ai);
    let digits = !matches!(form, Form::Text(_));
    let wrong = |char: char| {
        if digits { !char.is_ascii_digit() } else { !identifier::allowed(char) }
    };
    if let Some((index, found)) = value.chars().enumerate().find(|&(_, char)| wrong(char)) {
        return Err(ScanError::Character { ai, place: place + index, found });
    }
    match form {
        Form::Digits(expected) if found != expected => Err(ScanError::Length { ai, place, expected, found }),
        Form::Date if found != 6 => Err(ScanError::Length { ai, place, expected: 6, found }),
        Form::UpToDigits(limit) | Form::Text(limit) if found > limit => {
            Err(ScanError::TooLong { ai, place, limit, found })
        }
        _ => Ok(()),
    }
}

/// Puts a value of the right form where it belongs.
fn take(element: Element, today: NaiveDate, into: &mut Elements) -> Result<(), ScanError> {
    let Element { ai, value, place } = element;
    let wrong = |reason| ScanError::Number { ai: ai.clone(), place, reason };
    match ai.as_str() {
        "00" => into.sscc = Some(Sscc::parse(&value).map_err(wrong)?),
        "01" => into.gtin = Some(Gtin::parse(&value).map_err(wrong)?),
        "02" => into.content = Some(Gtin::parse(&value).map_err(wrong)?),
        // At most 20 characters without blanks are always a lot.
        "10" => into.lot = Lot::new(&value).ok(),
        "21" => into.serial = Some(value),
        "30" => into.count = Some(number(&value)),
        "37" => into.content_count = Some(number(&value)),
        "11" | "13" | "15" | "16" | "17" => {
            let Some(day) = date(number(&value), today) else {
                return Err(ScanError::Date { ai, place, value });
            };
            let field = match ai.as_str() {
                "11" => &mut into.produced,
                "13" => &mut into.packed,
                "15" => &mut into.best_before,
                "16" => &mut into.sell_by,
                _ => &mut into.expiry,
            };
            *field = Some(day);
        }
        "3100" | "3101" | "3102" | "3103" | "3104" | "3105" => {
            let decimals = ai.bytes().last().map_or(0, |byte| byte - b'0');
            into.net_weight = Some(NetWeight { value: number(&value), decimals });
        }
        _ => {
            if ai.starts_with("41") {
                gtin::checked(&value, &[13]).map_err(wrong)?;
            }
            into.others.push((ai, value));
        }
    }
    Ok(())
}

/// The number of up to eight digits.
fn number(digits: &str) -> u32 {
    digits
        .bytes()
        .fold(0, |number: u32, byte| number.wrapping_mul(10).wrapping_add(u32::from(byte.wrapping_sub(b'0'))))
}

/// The day of `YYMMDD`: day 00 is the last of the month, the year lies from 50 before to 49 after
/// that of `today`.
fn date(digits: u32, today: NaiveDate) -> Option<NaiveDate> {
    let (year, month, day) = (i32::try_from(digits / 10_000).ok()?, digits / 100 % 100, digits % 100);
    let earliest = today.year().checked_sub(50)?;
    let year = earliest.checked_add((year - earliest).rem_euclid(100))?;
    if day == 0 {
        NaiveDate::from_ymd_opt(year, month, 1)?.checked_add_months(Months::new(1))?.pred_opt()
    } else {
        NaiveDate::from_ymd_opt(year, month, day)
    }
}
