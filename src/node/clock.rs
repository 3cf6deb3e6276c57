//! The only reader of time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Local, NaiveDate, Offset, TimeZone};
use rustix::time::{ClockId, clock_gettime};

use crate::protocol::Now;

/// The local clocks, read together.
#[must_use]
pub fn now() -> Now {
    let wall_ms = wall_ms();
    Now { wall_ms, mono_ms: mono_ms(), ahead_ms: ahead_ms(wall_ms) }
}

/// Milliseconds that the local time of a moment is ahead of UTC.
fn ahead_ms(wall_ms: u64) -> i64 {
    let moment = i64::try_from(wall_ms).ok().and_then(|ms| Local.timestamp_millis_opt(ms).earliest());
    moment.map_or(0, |moment| i64::from(moment.offset().fix().local_minus_utc()) * 1000)
}

/// Milliseconds since 1970 UTC by the local clock; it may jump.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "this is the one place")]
pub fn wall_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The day of a moment at this place, by the local zone.
#[must_use]
pub fn local_day_of(wall_ms: u64) -> NaiveDate {
    day_of(wall_ms.saturating_add_signed(ahead_ms(wall_ms)))
}

/// The day (UTC) of a moment in milliseconds since 1970 UTC.
#[must_use]
pub fn day_of(wall_ms: u64) -> NaiveDate {
    i64::try_from(wall_ms)
        .ok()
        .and_then(DateTime::from_timestamp_millis)
        .map_or(NaiveDate::MAX, |moment| moment.date_naive())
}

/// Microseconds since the machine was started, for measuring.
#[must_use]
pub fn mono_us() -> u64 {
    // Those asleep are counted too: leases must run out while the machine sleeps.
    let time = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(time.tv_nsec).unwrap_or(0);
    seconds * 1_000_000 + nanos / 1000
}

fn mono_ms() -> u64 {
    mono_us() / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_monotonic_clock_does_not_go_back_and_days_change_at_midnight_utc() {
        let first = now();
        assert!(now().mono_ms >= first.mono_ms);
        assert_eq!(day_of(86_399_999), NaiveDate::default());
        assert_eq!(NaiveDate::default().succ_opt(), Some(day_of(86_400_000)));
    }
}
