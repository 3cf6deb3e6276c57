//! Dates, moments and ages as people of a language write them.

use chrono::{DateTime, Local, NaiveDate, TimeZone, Utc};

use super::Lang;

/// A day: `31/12/2025` in Spanish, `2025-12-31` in English.
#[must_use]
pub fn date(lang: Lang, day: NaiveDate) -> String {
    day.format(lang.pick("%d/%m/%Y", "%Y-%m-%d")).to_string()
}

/// A moment in this machine's zone, to the second.
#[must_use]
pub fn moment(lang: Lang, ms: i64) -> String {
    match Utc.timestamp_millis_opt(ms).single() {
        Some(at) => {
            let at: DateTime<Local> = at.into();
            at.format(lang.pick("%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S")).to_string()
        }
        None => "—".to_owned(),
    }
}

/// How long something lasts or is ago: `40 s`, `4 min`, `26 h`, `3 d`. Coarse, so that it seldom changes.
#[must_use]
pub fn age(lang: Lang, ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    match seconds {
        0..10 => lang.pick("ahora", "now").to_owned(),
        10..60 => format!("{} s", seconds / 10 * 10),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// How long something lasts, exactly: `2,3 s`, `4 min 5 s`, `3 h 0 min 5 s`.
#[must_use]
pub fn span(lang: Lang, ms: i64) -> String {
    let ms = ms.unsigned_abs();
    let (seconds, minutes, hours) = (ms / 1000 % 60, ms / 60_000 % 60, ms / 3_600_000);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}{}{} s", lang.pick(",", "."), ms % 1000 / 100),
        (0, _) => format!("{minutes} min {seconds} s"),
        _ => format!("{hours} h {minutes} min {seconds} s"),
    }
}

/// How long ago something was: `hace 4 min`, `4 min ago`, `ahora`.
#[must_use]
pub fn ago(lang: Lang, ms: i64) -> String {
    let age = age(lang, ms);
    match lang {
        _ if ms < 10_000 => age,
        Lang::Es => format!("hace {age}"),
        Lang::En => format!("{age} ago"),
    }
}

/// A moment as programs read it: RFC 3339 in UTC, to the millisecond; nothing where it is out of range.
#[must_use]
pub fn rfc3339(ms: i64) -> Option<String> {
    let at = Utc.timestamp_millis_opt(ms).single()?;
    Some(at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_step_from_now_to_days() {
        let ages: Vec<_> = [0, 9_999, 47_000, 240_000, 93_600_000, 259_200_000]
            .iter()
            .map(|&ms| age(Lang::Es, ms))
            .collect();
        assert_eq!(ages, ["ahora", "ahora", "40 s", "4 min", "26 h", "3 d"]);
        assert_eq!(ago(Lang::En, 240_000), "4 min ago");
        assert_eq!(ago(Lang::Es, 240_000), "hace 4 min");
        assert_eq!(ago(Lang::En, -5), "now");
    }

    #[test]
    fn a_moment_for_programs_is_utc_to_the_millisecond() {
        assert_eq!(rfc3339(1_500), Some("1970-01-01T00:00:01.500Z".to_owned()));
        assert_eq!(rfc3339(i64::MAX), None);
    }
}
