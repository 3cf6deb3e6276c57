//! Dates as typed: `0517`, `17/5`, `2026-05-17`, `202607e`, `+1m`.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

/// Which number comes first where day and month are typed without a year in front.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// `1705` is 17 May: Spanish.
    DayFirst,
    /// `0517` is 17 May: English.
    #[default]
    MonthFirst,
}

/// Which year a day without one lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lean {
    /// The next such day, today included: expiry dates.
    Ahead,
    /// The latest such day, today included: searches in the past.
    Back,
}

/// How a date is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateRules {
    /// Day or month first.
    pub order: DateOrder,
    /// Which year is meant where none is typed.
    pub lean: Lean,
    /// The day from which relative dates and missing years count.
    pub today: NaiveDate,
}

/// Why a text is no date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum DateError {
    /// Nothing was typed.
    #[error("no date")]
    Empty,
    /// Not in a form that is known.
    #[error("{text:?} is not a date")]
    Unreadable {
        /// The beginning of what was typed.
        text: String,
    },
    /// A day which no calendar has.
    #[error("there is no day {day} in month {month}")]
    NoSuchDay {
        /// The day as read.
        day: u32,
        /// The month as read.
        month: u32,
    },
    /// Before 1900 or after 9999.
    #[error("the date is out of range")]
    OutOfRange,
    /// Not in the form which the file was said to have.
    #[error("{text:?} is not a date of the form {format}")]
    Format {
        /// The beginning of what the file holds.
        text: String,
        /// The form, as strftime writes it.
        format: String,
    },
}

/// Reads a date as typed.
///
/// | typed | meaning |
/// |---|---|
/// | `2026-05-17`, `20260517` | that day |
/// | `1705`, `17/5`, `17.5` day first; `0517`, `5/17` month first | the nearest such day, as `lean` says |
/// | `17/5/2026`, `17/5/26` | that day; two digits are 20yy |
/// | `202607e`, `2026-07e` | the last day of the month |
/// | `+10d`, `+2w` (`+2s`), `+1m`, `+1y` (`+1a`), and with `-` | so far from today; a month keeps within its days |
///
/// # Errors
/// A form that isn't known, a day which doesn't exist, or a year outside 1900–9999.
pub fn typed_date(text: &str, rules: DateRules) -> Result<NaiveDate, DateError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(DateError::Empty);
    }
    let unreadable = || DateError::Unreadable { text: clipped(text) };
    if text.starts_with(['+', '-', '−']) {
        return relative(text, rules.today).unwrap_or_else(|| Err(unreadable()));
    }
    if let Some(month) = text.strip_suffix(['e', 'E']) {
        return end_of_month(month).unwrap_or_else(|| Err(unreadable()));
    }
    let parts: Vec<&str> = text.splitn(4, ['-', '/', '.']).collect();
    match parts[..] {
        [one] if one.len() == 8 => {
            let read = || Some((part(one.get(..4)?, 4)?, part(one.get(4..6)?, 2)?, part(one.get(6..)?, 2)?));
            let (year, month, day) = read().ok_or_else(unreadable)?;
            in_range(year, month, day)
        }
        [one] if one.len() == 4 => {
            let read = || Some((part(one.get(..2)?, 2)?, part(one.get(2..)?, 2)?));
            let (first, second) = read().ok_or_else(unreadable)?;
            nearest(first, second, rules)
        }
        [first, second] => {
            let (first, second) = part(first, 2).zip(part(second, 2)).ok_or_else(unreadable)?;
            nearest(first, second, rules)
        }
        [year, month, day] if year.len() == 4 => {
            let read = || Some((part(year, 4)?, part(month, 2)?, part(day, 2)?));
            let (year, month, day) = read().ok_or_else(unreadable)?;
            in_range(year, month, day)
        }
        [first, second, year] if matches!(year.len(), 2 | 4) => {
            let read = || Some((part(first, 2)?, part(second, 2)?, part(year, 4)?));
            let (first, second, number) = read().ok_or_else(unreadable)?;
            let (day, month) = rules.order.day_and_month(first, second);
            in_range(if year.len() == 2 { 2000 + number } else { number }, month, day)
        }
        _ => Err(unreadable()),
    }
}

/// Reads a date of a file in a strftime form (`%m/%d/%Y`).
///
/// # Errors
/// Another form, a day which doesn't exist, or a year outside 1900–9999.
pub fn import_date(text: &str, format: &str) -> Result<NaiveDate, DateError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(DateError::Empty);
    }
    let date = NaiveDate::parse_from_str(text, format)
        .map_err(|_| DateError::Format { text: clipped(text), format: clipped(format) })?;
    ranged(date)
}

impl DateOrder {
    const fn day_and_month(self, first: u32, second: u32) -> (u32, u32) {
        match self {
            Self::DayFirst => (first, second),
            Self::MonthFirst => (second, first),
        }
    }
}

fn clipped(text: &str) -> String {
    text.chars().take(40).collect()
}

/// The number of one to so many digits.
fn part(text: &str, longest: usize) -> Option<u32> {
    let digits = !text.is_empty() && text.len() <= longest && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Whether a day can be of goods or promises: not before 1900, not after 9999, so that every store writes it in four
/// digits.
#[must_use]
pub fn is_usual(date: NaiveDate) -> bool {
    (1900..=9999).contains(&date.year())
}

fn ranged(date: NaiveDate) -> Result<NaiveDate, DateError> {
    if is_usual(date) { Ok(date) } else { Err(DateError::OutOfRange) }
}

fn in_range(year: u32, month: u32, day: u32) -> Result<NaiveDate, DateError> {
    let year = i32::try_from(year).map_err(|_| DateError::OutOfRange)?;
    ranged(NaiveDate::from_ymd_opt(year, month, day).ok_or(DateError::NoSuchDay { day, month })?)
}

/// The day without a year that lies nearest on the wanted side; 29 February may be eight years off.
fn nearest(first: u32, second: u32, rules: DateRules) -> Result<NaiveDate, DateError> {
    let (day, month) = rules.order.day_and_month(first, second);
    let today = rules.today;
    (0..=8)
        .filter_map(|years| {
            let year = match rules.lean {
                Lean::Ahead => today.year().checked_add(years),
                Lean::Back => today.year().checked_sub(years),
            };
            NaiveDate::from_ymd_opt(year?, month, day)
        })
        .find(|&date| match rules.lean {
            Lean::Ahead => date >= today,
            Lean::Back => date <= today,
        })
        .map_or(Err(DateError::NoSuchDay { day, month }), ranged)
}

/// `None` where it isn't of the form.
fn relative(text: &str, today: NaiveDate) -> Option<Result<NaiveDate, DateError>> {
    let ahead = text.starts_with('+');
    let mut chars = text.chars();
    chars.next()?;
    let unit = chars.next_back()?;
    let count = part(chars.as_str(), 6)?;
    let moved = match unit.to_ascii_lowercase() {
        'd' => by_days(today, ahead, count),
        // Semana and año are accepted beside week and year: no letter means two things.
        'w' | 's' => by_days(today, ahead, count * 7),
        'm' => by_months(today, ahead, count),
        'y' | 'a' => by_months(today, ahead, count * 12),
        _ => return None,
    };
    Some(moved.map_or(Err(DateError::OutOfRange), ranged))
}

fn by_days(today: NaiveDate, ahead: bool, count: u32) -> Option<NaiveDate> {
    let days = Days::new(u64::from(count));
    if ahead { today.checked_add_days(days) } else { today.checked_sub_days(days) }
}

fn by_months(today: NaiveDate, ahead: bool, count: u32) -> Option<NaiveDate> {
    let months = Months::new(count);
    if ahead { today.checked_add_months(months) } else { today.checked_sub_months(months) }
}

/// `None` where it isn't of the form `202607` or `2026-07`.
fn end_of_month(text: &str) -> Option<Result<NaiveDate, DateError>> {
    let year = part(text.get(..4)?, 4)?;
    let rest = text.get(4..)?;
    let month = rest.strip_prefix(['-', '/', '.']).unwrap_or(rest);
    if month.len() != 2 {
        return None;
    }
    let first = match in_range(year, part(month, 2)?, 1) {
        Ok(first) => first,
        Err(error) => return Some(Err(error)),
    };
    let last = first.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt());
    Some(last.ok_or(DateError::OutOfRange))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    fn rules(order: DateOrder, lean: Lean) -> DateRules {
        DateRules { order, lean, today: day(2026, 6, 15) }
    }

    fn spanish(text: &str) -> Result<NaiveDate, DateError> {
        typed_date(text, rules(DateOrder::DayFirst, Lean::Ahead))
    }

    fn english(text: &str) -> Result<NaiveDate, DateError> {
        typed_date(text, rules(DateOrder::MonthFirst, Lean::Ahead))
    }

    #[test]
    fn four_digits_follow_the_order_of_the_language() {
        assert_eq!(english("0517"), Ok(day(2027, 5, 17)));
        assert_eq!(spanish("1705"), Ok(day(2027, 5, 17)));
        assert_eq!(english("0712"), Ok(day(2026, 7, 12)));
        assert_eq!(spanish("0712"), Ok(day(2026, 12, 7)));
        assert_eq!(spanish("0517"), Err(DateError::NoSuchDay { day: 5, month: 17 }));
    }

    #[test]
    fn a_missing_year_is_the_next_one_or_the_last_one_that_fits() {
        assert_eq!(english("0615"), Ok(day(2026, 6, 15)));
        assert_eq!(english("0614"), Ok(day(2027, 6, 14)));
        assert_eq!(english("0229"), Ok(day(2028, 2, 29)));
        let back = |text| typed_date(text, rules(DateOrder::DayFirst, Lean::Back));
        assert_eq!(back("15/6"), Ok(day(2026, 6, 15)));
        assert_eq!(back("16.6"), Ok(day(2025, 6, 16)));
        assert_eq!(back("2902"), Ok(day(2024, 2, 29)));
    }

    #[test]
    fn whole_dates_are_read_as_shown_or_in_iso_order() {
        for text in ["2026-05-17", "20260517", "2026/5/17", "17/05/2026", "17.5.26", " 17-5-26 "] {
            assert_eq!(spanish(text), Ok(day(2026, 5, 17)), "{text}");
        }
        assert_eq!(english("5/17/2026"), Ok(day(2026, 5, 17)));
        assert_eq!(english("2026-02-30"), Err(DateError::NoSuchDay { day: 30, month: 2 }));
    }

    #[test]
    fn the_end_of_a_month_needs_no_day() {
        assert_eq!(spanish("202607e"), Ok(day(2026, 7, 31)));
        assert_eq!(spanish("2028-02E"), Ok(day(2028, 2, 29)));
        assert_eq!(spanish("999912e"), Ok(day(9999, 12, 31)));
        assert_eq!(spanish("202613e"), Err(DateError::NoSuchDay { day: 1, month: 13 }));
        assert!(matches!(spanish("2026e"), Err(DateError::Unreadable { .. })));
    }

    #[test]
    fn relative_dates_count_from_the_day_given() {
        assert_eq!(spanish("+10d"), Ok(day(2026, 6, 25)));
        assert_eq!(spanish("+2w"), Ok(day(2026, 6, 29)));
        assert_eq!(spanish("+2s"), spanish("+2w"));
        assert_eq!(spanish("+1m"), Ok(day(2026, 7, 15)));
        assert_eq!(spanish("+1a"), Ok(day(2027, 6, 15)));
        assert_eq!(spanish("-1M"), Ok(day(2026, 5, 15)));
        let rules = DateRules { today: day(2026, 1, 31), ..rules(DateOrder::DayFirst, Lean::Ahead) };
        assert_eq!(typed_date("+1m", rules), Ok(day(2026, 2, 28)));
        assert_eq!(spanish("+999999m"), Err(DateError::OutOfRange));
        assert_eq!(spanish("-999999d"), Err(DateError::OutOfRange));
    }

    #[test]
    fn anything_else_is_refused() {
        assert_eq!(spanish(" "), Err(DateError::Empty));
        for text in [
            "tomorrow",
            "1",
            "170526",
            "17//26",
            "+m",
            "+1",
            "+",
            "1/2/3/4",
            "1/2/345",
            "ñ0ñ",
            "e",
            "２0260517",
        ] {
            assert!(matches!(spanish(text), Err(DateError::Unreadable { .. })), "{text}");
        }
        assert_eq!(spanish("1/1/1812"), Err(DateError::OutOfRange));
    }

    #[test]
    fn a_file_says_its_own_form() {
        assert_eq!(import_date("12/31/2025", "%m/%d/%Y"), Ok(day(2025, 12, 31)));
        assert_eq!(import_date("31.12.25", "%d.%m.%y"), Ok(day(2025, 12, 31)));
        assert_eq!(import_date("", "%d.%m.%y"), Err(DateError::Empty));
        assert_eq!(import_date("1/2/25", "%m/%d/%Y"), Err(DateError::OutOfRange));
        let error = import_date("31/12/2025", "%m/%d/%Y").unwrap_err();
        assert_eq!(error.to_string(), "\"31/12/2025\" is not a date of the form %m/%d/%Y");
        assert!(import_date("2025", "%").is_err());
    }

    proptest! {
        #[test]
        fn every_day_is_read_back_in_every_form(days in 0_i64..2_900_000) {
            let date = day(1900, 1, 1) + chrono::TimeDelta::days(days);
            for form in ["%Y-%m-%d", "%Y%m%d", "%d/%m/%Y"] {
                let text = date.format(form).to_string();
                prop_assert_eq!(spanish(&text), Ok(date));
                prop_assert_eq!(import_date(&text, form), Ok(date));
            }
            prop_assert_eq!(english(&date.format("%m/%d/%Y").to_string()), Ok(date));
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), near in "[-+0-9/.edmwñ]{0,12}", year in -9999_i32..9999) {
            for order in [DateOrder::DayFirst, DateOrder::MonthFirst] {
                for lean in [Lean::Ahead, Lean::Back] {
                    let rules = DateRules { order, lean, today: day(year, 12, 31) };
                    let _ = typed_date(&text, rules);
                    let _ = typed_date(&near, rules);
                }
            }
            let _ = import_date(&near, &text);
            let _ = import_date(&text, &format!("%{near}"));
        }
    }
}
