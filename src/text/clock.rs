//! How far a clock is off, and how long a message takes, in units that people read.

use super::Lang;
use super::number::decimal;
use crate::node::event::ClockView;

const SECOND: f64 = 1_000.0;
const MINUTE: f64 = 60.0 * SECOND;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

/// A span without its sign, in one unit or two: `0.4 ms`, `12 ms`, `2.3 s`, `4 min 5 s`, `3 h 0 min`, `2 d 3 h`.
#[must_use]
pub fn lasting(lang: Lang, ms: f64) -> String {
    let ms = ms.abs();
    // What rounds up to the next unit is told in that one.
    if ms.round() < SECOND {
        return format!("{} ms", milliseconds(lang, ms));
    }
    if (ms / 100.0).round() < MINUTE / 100.0 {
        return format!("{} s", decimal(lang, ms / SECOND, 1));
    }
    let two = |unit: f64, of: f64, names: (&str, &str)| {
        let all = (ms / of).round() * of;
        let rest = (all % unit) / of;
        format!("{} {} {rest:.0} {}", decimal(lang, (all / unit).floor(), 0), names.0, names.1)
    };
    if (ms / SECOND).round() < HOUR / SECOND {
        two(MINUTE, SECOND, ("min", "s"))
    } else if (ms / MINUTE).round() < DAY / MINUTE {
        two(HOUR, MINUTE, ("h", "min"))
    } else {
        two(DAY, HOUR, ("d", "h"))
    }
}

/// Below ten with one decimal, where it has one.
fn milliseconds(lang: Lang, ms: f64) -> String {
    let tenths = (ms * 10.0).round();
    let has_part = tenths < 100.0 && tenths % 10.0 != 0.0;
    decimal(lang, ms, usize::from(has_part))
}

/// How far a clock is ahead (or, with a minus, behind) and what that may be wrong by: `+1.2 ms ±0.4`,
/// `+3 h 0 min ±12 ms`.
#[must_use]
pub fn offset(lang: Lang, ms: f64, error: Option<f64>, about: &str) -> String {
    let size = lasting(lang, ms);
    let sign = match ms {
        _ if size == "0 ms" => "",
        ms if ms < 0.0 => "−",
        _ => "+",
    };
    let error = error.map_or_else(String::new, |error| {
        let error = lasting(lang, error);
        // One unit is said once.
        let both = size.ends_with(" ms") && error.ends_with(" ms");
        format!(" {about}{}", if both { error.trim_end_matches(" ms") } else { &error })
    });
    format!("{sign}{size}{error}")
}

/// The own clock beside cluster time.
#[must_use]
pub fn own(lang: Lang, clock: ClockView) -> String {
    let Some(error) = clock.error_ms else {
        let words = lang.pick("sin contrastar aún con los demás", "not yet compared with the others");
        return words.to_owned();
    };
    #[allow(clippy::cast_precision_loss, reason = "milliseconds for people")]
    let off = offset(lang, clock.offset_ms as f64, Some(error as f64), "±");
    let words = lang.pick("de la hora de red", "from cluster time");
    let alone =
        lang.pick("; ahora no coincide una mayoría de relojes", "; no majority of the clocks agrees now");
    format!("{off} {words}{}", if clock.synchronised { "" } else { alone })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_in_units_that_people_read_and_never_rounds_to_sixty() {
        let told = |ms| lasting(Lang::En, ms);
        let spans = [0.04, 0.4, 9.96, 12.4, 999.6, 2_340.0, 59_960.0, 245_000.0, 3_599_600.0, 10_805_000.0];
        let expected = [
            "0 ms",
            "0.4 ms",
            "10 ms",
            "12 ms",
            "1.0 s",
            "2.3 s",
            "1 min 0 s",
            "4 min 5 s",
            "1 h 0 min",
            "3 h 0 min",
        ];
        assert_eq!(spans.map(told), expected);
        assert_eq!(told(86_399_000.0), "1 d 0 h");
        assert_eq!(told(-31_536_000_000.0), "365 d 0 h");
        assert_eq!(lasting(Lang::Es, 1.25), "1,2 ms");
    }

    #[test]
    fn an_offset_has_its_sign_and_its_error_in_whatever_unit() {
        let told = |ms, error| offset(Lang::En, ms, Some(error), "±");
        assert_eq!(told(1.2, 0.4), "+1.2 ms ±0.4");
        assert_eq!(told(-4.0, 3.0), "−4 ms ±3");
        assert_eq!(told(0.01, 1.0), "0 ms ±1");
        assert_eq!(told(10_805_000.0, 12.0), "+3 h 0 min ±12 ms");
        assert_eq!(told(-2_300.0, 1_500.0), "−2.3 s ±1.5 s");
        assert_eq!(offset(Lang::Es, 2_300.0, Some(8.0), "±"), "+2,3 s ±8 ms");
    }

    #[test]
    fn the_own_clock_is_told_with_its_error_and_whether_a_majority_agrees() {
        let clock = ClockView { offset_ms: 10_805_000, error_ms: Some(12), synchronised: true };
        assert_eq!(own(Lang::En, clock), "+3 h 0 min ±12 ms from cluster time");
        let alone = own(Lang::Es, ClockView { synchronised: false, ..clock });
        assert_eq!(alone, "+3 h 0 min ±12 ms de la hora de red; ahora no coincide una mayoría de relojes");
        assert_eq!(own(Lang::En, ClockView::default()), "not yet compared with the others");
    }
}
