//! Moments and days as typed on a command line.

use chrono::{DateTime, Local, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};

use super::Failure;
use crate::domain::typing::{DateError, DateOrder, DateRules, Lean, typed_date};
use crate::text::Lang;
use crate::text::typing::date_error;

/// A day: `2026-05-17`, or as the terminal's fields take it (`202607e`, `+1m`, `17/5`).
///
/// # Errors
/// A usage failure that says what is wrong.
pub fn day(lang: Lang, option: &str, text: &str, now_ms: i64, lean: Lean) -> Result<NaiveDate, Failure> {
    let rules = DateRules {
        order: match lang {
            Lang::Es => DateOrder::DayFirst,
            Lang::En => DateOrder::MonthFirst,
        },
        lean,
        today: today(now_ms),
    };
    typed_date(text, rules).map_err(|error| {
        if let (Lean::Back, DateError::Unreadable { text }) = (lean, &error) {
            let message = match lang {
                Lang::Es => format!("{option}: «{text}» no es una fecha"),
                Lang::En => format!("{option}: «{text}» is not a date"),
            };
            let hint = lang.pick(
                "por ejemplo 2026-05-17, \"2026-05-17 14:30\" o -7d",
                "such as 2026-05-17, \"2026-05-17 14:30\" or -7d",
            );
            return Failure::usage(message, Some(hint));
        }
        let hint = lang.pick(
            "por ejemplo 2026-05-17, 202607e (fin de mes) o +1m",
            "such as 2026-05-17, 202607e (end of month) or +1m",
        );
        Failure::usage(format!("{option}: {}", date_error(lang, &error)), Some(hint))
    })
}

/// A moment in milliseconds since 1970 UTC: RFC 3339, or a day and perhaps a time (`2026-05-17 14:30`) in this
/// machine's zone.
///
/// # Errors
/// A usage failure that says what is wrong.
pub fn moment(lang: Lang, option: &str, text: &str, now_ms: i64) -> Result<i64, Failure> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.timestamp_millis());
    }
    for form in ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"] {
        if let Ok(at) = NaiveDateTime::parse_from_str(text, form) {
            return Ok(local_ms(at));
        }
    }
    let day = day(lang, option, text, now_ms, Lean::Back)?;
    Ok(local_ms(day.and_time(NaiveTime::MIN)))
}

/// The day in this machine's zone.
#[must_use]
pub fn today(now_ms: i64) -> NaiveDate {
    Local.timestamp_millis_opt(now_ms).single().map_or(NaiveDate::MAX, |at| at.date_naive())
}

/// In the hour that a clock change skips or doubles, the earlier reading; where there is none, UTC.
fn local_ms(at: NaiveDateTime) -> i64 {
    Local
        .from_local_datetime(&at)
        .earliest()
        .map_or_else(|| at.and_utc().timestamp_millis(), |at| at.timestamp_millis())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const NOW: i64 = 1_780_000_000_000;

    #[test]
    fn a_moment_is_read_with_its_zone_or_as_a_local_day_and_time() {
        assert_eq!(moment(Lang::En, "--since", "1970-01-01T00:00:01Z", NOW).unwrap(), 1000);
        let day = moment(Lang::En, "--since", "2026-05-17", NOW).unwrap();
        let half_past_two = moment(Lang::En, "--since", "2026-05-17 14:30", NOW).unwrap();
        assert_eq!(half_past_two - day, (14 * 60 + 30) * 60_000);
    }

    #[test]
    fn nonsense_is_a_usage_failure_that_names_the_option() {
        let error = moment(Lang::En, "--since", "yesterdayish", NOW).unwrap_err();
        assert_eq!(error.exit(), 2);
        assert!(error.to_string().starts_with("--since: "));
    }
}
