//! Numbers, dates and times as each language writes them.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Timelike};

use super::Lang;
use crate::domain::Quantity;
use crate::domain::typing::{DateOrder, Decimal};

/// The decimal mark that people of a language type and read.
#[must_use]
pub const fn decimal_mark(lang: Lang) -> Decimal {
    match lang {
        Lang::Es => Decimal::Comma,
        Lang::En => Decimal::Point,
    }
}

/// Which comes first in a typed date.
#[must_use]
pub const fn date_order(lang: Lang) -> DateOrder {
    match lang {
        Lang::Es => DateOrder::DayFirst,
        Lang::En => DateOrder::MonthFirst,
    }
}

/// A whole number with its thousands grouped: `20 083` (Spanish; four digits stay together), `20,083`.
#[must_use]
pub fn whole(n: i64, lang: Lang) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if n < 0 {
        text.push('−');
    }
    let (group, from) = match lang {
        Lang::Es => (' ', 5),
        Lang::En => (',', 4),
    };
    for (i, digit) in digits.chars().enumerate() {
        let behind = digits.len() - i;
        if i > 0 && digits.len() >= from && behind.is_multiple_of(3) {
            text.push(group);
        }
        text.push(digit);
    }
    text
}

/// A count of things, as [`whole`].
#[must_use]
pub fn count(n: usize, lang: Lang) -> String {
    whole(i64::try_from(n).unwrap_or(i64::MAX), lang)
}

/// A quantity, exact, with at least the product's decimals (0–3).
#[must_use]
pub fn quantity(q: Quantity, decimals: u8, lang: Lang) -> String {
    let magnitude = q.thousandths().unsigned_abs();
    let units = i64::try_from(magnitude / 1000).unwrap_or(i64::MAX);
    let mut text = whole(units, lang);
    if q.is_negative() {
        text.insert(0, '−');
    }
    let least = usize::from(decimals.min(3));
    let part = format!("{:03}", magnitude % 1000);
    let digits = part.trim_end_matches('0').len().max(least);
    if let Some(part) = part.get(..digits).filter(|p| !p.is_empty()) {
        text.push(decimal_mark(lang).mark());
        text.push_str(part);
    }
    text
}

/// A quantity that is a change: with its sign, `+50`, `−4`.
#[must_use]
pub fn change(q: Quantity, decimals: u8, lang: Lang) -> String {
    let text = quantity(q, decimals, lang);
    if q.is_positive() { format!("+{text}") } else { text }
}

/// A quantity as a person would type it into a field: no grouping, a plain hyphen for less than nothing.
#[must_use]
pub fn typed(q: Quantity, lang: Lang) -> String {
    match lang {
        Lang::Es => q.to_string().replace('.', ","),
        Lang::En => q.to_string(),
    }
}

/// A number with so many decimals, its thousands grouped.
#[must_use]
pub fn decimal(n: f64, decimals: usize, lang: Lang) -> String {
    let text = format!("{:.decimals$}", n.abs());
    let (units, part) = text.split_once('.').unwrap_or((&text, ""));
    let units = units.parse().map_or_else(|_| units.to_owned(), |n| whole(n, lang));
    let sign = if n.is_sign_negative() && text.contains(|c| ('1'..='9').contains(&c)) { "−" } else { "" };
    if part.is_empty() {
        return format!("{sign}{units}");
    }
    format!("{sign}{units}{}{part}", decimal_mark(lang).mark())
}

/// A day: `17/05/2026`, `2026-05-17`.
#[must_use]
pub fn date(day: NaiveDate, lang: Lang) -> String {
    match lang {
        Lang::Es => format!("{:02}/{:02}/{}", day.day(), day.month(), day.year()),
        Lang::En => format!("{}-{:02}-{:02}", day.year(), day.month(), day.day()),
    }
}

/// A day in eight columns: `17/05/26`, `05-17-26` would be ambiguous, so `17May26` in English.
#[must_use]
pub fn short_date(day: NaiveDate, lang: Lang) -> String {
    match lang {
        Lang::Es => day.format("%d/%m/%y").to_string(),
        Lang::En => day.format("%d%b%y").to_string(),
    }
}

/// A moment where the operator is; milliseconds since 1970 UTC.
#[must_use]
pub fn local(ms: i64, zone: FixedOffset) -> DateTime<FixedOffset> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default().with_timezone(&zone)
}

/// The time of day of a moment with seconds: `14:03:19`.
#[must_use]
pub fn time(ms: i64, zone: FixedOffset) -> String {
    let t = local(ms, zone);
    format!("{:02}:{:02}:{:02}", t.hour(), t.minute(), t.second())
}

/// The time of day of a moment: `14:03`.
#[must_use]
pub fn clock(ms: i64, zone: FixedOffset) -> String {
    let t = local(ms, zone);
    format!("{:02}:{:02}", t.hour(), t.minute())
}

/// Day and time of a moment.
#[must_use]
pub fn date_time(ms: i64, zone: FixedOffset, lang: Lang) -> String {
    format!("{} {}", date(local(ms, zone).date_naive(), lang), clock(ms, zone))
}

/// How long ago a moment was, in few steps: now, tens of seconds, minutes, hours, days.
#[must_use]
pub fn ago(ms: i64, now_ms: i64, lang: Lang) -> String {
    match lasted(ms, now_ms) {
        None => lang.pick("ahora", "now").to_owned(),
        Some(span) => match lang {
            Lang::Es => format!("hace {span}"),
            Lang::En => format!("{span} ago"),
        },
    }
}

/// The time from one moment to another, in the same steps; `0 s` below ten seconds.
#[must_use]
pub fn span(from_ms: i64, to_ms: i64) -> String {
    lasted(from_ms, to_ms).unwrap_or_else(|| "0 s".to_owned())
}

fn lasted(from_ms: i64, to_ms: i64) -> Option<String> {
    let seconds = to_ms.saturating_sub(from_ms) / 1000;
    match seconds {
        ..10 => None,
        10..60 => Some(format!("{} s", seconds / 10 * 10)),
        60..3600 => Some(format!("{} min", seconds / 60)),
        3600..172_800 => Some(format!("{} h", seconds / 3600)),
        _ => Some(format!("{} d", seconds / 86_400)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn thousands_are_grouped_as_the_language_does() {
        assert_eq!(whole(20_083, Lang::Es), "20 083");
        assert_eq!(whole(1_234, Lang::Es), "1234");
        assert_eq!(whole(1_234, Lang::En), "1,234");
        assert_eq!(whole(-1_234_567, Lang::En), "−1,234,567");
        assert_eq!(whole(0, Lang::En), "0");
    }

    #[test]
    fn a_quantity_is_shown_exactly() {
        let q = |n| Quantity::from_thousandths(n).unwrap();
        assert_eq!(quantity(q(2_500), 1, Lang::Es), "2,5");
        assert_eq!(quantity(q(2_000), 2, Lang::En), "2.00");
        assert_eq!(quantity(q(-12_345_675), 0, Lang::Es), "−12 345,675");
        assert_eq!(change(q(50_000), 0, Lang::Es), "+50");
        assert_eq!(typed(q(-1_234_500), Lang::Es), "-1234,5");
    }

    #[test]
    fn ages_step_by_ten_seconds_then_minutes_hours_and_days() {
        let ages = [9, 10, 59, 61, 3_601, 90_000, 200_000].map(|s| ago(0, s * 1000, Lang::En));
        assert_eq!(ages, ["now", "10 s ago", "50 s ago", "1 min ago", "1 h ago", "25 h ago", "2 d ago"]);
        assert_eq!(ago(5_000, 0, Lang::Es), "ahora");
    }
}
