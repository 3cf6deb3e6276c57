//! Time as it is passed in: the view reads no clock.

use std::time::Duration;

use chrono::{FixedOffset, NaiveDate};

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

    /// Until the next whole step of so many milliseconds on the wall clock.
    #[must_use]
    pub fn until_next(&self, step_ms: i64) -> Duration {
        let left = step_ms - self.wall_ms.rem_euclid(step_ms.max(1));
        Duration::from_millis(u64::try_from(left).unwrap_or(0))
    }
}
