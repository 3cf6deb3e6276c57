//! Time as it is passed in: the view reads no clock.

use std::time::Duration;

use chrono::{FixedOffset, NaiveDate, Offset as _, Utc};

use crate::text::format;

/// A moment, read once per wake by the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Since the terminal started; never goes back.
    pub running: Duration,
    /// Milliseconds since 1970 UTC.
    pub wall_ms: i64,
    /// The operator's zone.
    pub zone: FixedOffset,
}

impl Moment {
    /// The operator's day.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        format::local(self.wall_ms, self.zone).date_naive()
    }

    /// The day of UTC, as history is summed.
    #[must_use]
    pub fn utc_day(&self) -> NaiveDate {
        format::local(self.wall_ms, Utc.fix()).date_naive()
    }

    /// Until the next whole step of so many milliseconds on the wall clock.
    #[must_use]
    pub fn until_next(&self, step_ms: i64) -> Duration {
        let left = step_ms - self.wall_ms.rem_euclid(step_ms.max(1));
        Duration::from_millis(u64::try_from(left).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn after_midnight_here_the_day_of_utc_is_still_yesterday() {
        let wall_ms =
            chrono::DateTime::parse_from_rfc3339("2026-11-24T23:30:00Z").unwrap().timestamp_millis();
        let zone = FixedOffset::east_opt(3600).unwrap();
        let moment = Moment { running: Duration::ZERO, wall_ms, zone };
        assert_eq!(moment.today(), moment.utc_day().succ_opt().unwrap());
    }
}
