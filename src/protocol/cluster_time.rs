//! Cluster time: local monotonic time plus a correction that a majority of the clocks agrees on.
//!
//! Each member's clock, the own one included, gives an interval in which the true time must lie if that clock is
//! right. Marzullo's function (1984; RFC 5905 builds on it) with f = a minority gives the smallest interval that holds
//! the true time whichever minority is wrong. So one wrong terminal is outvoted, its own node's included.

use super::input::Now;

/// A clock that is right is at most so many milliseconds off.
pub const TOLERANCE_MS: i64 = 500;
/// A clock further off than this, in milliseconds, is reported.
pub const WRONG_MS: i64 = 5_000;
/// Stamps further off than this, in milliseconds, are corrected once it is known.
pub const CORRECTED_MS: i64 = 1_000;
/// Two monotonic clocks drift apart by at most so many parts in a million.
const DRIFT_PPM: u64 = 200;

/// How far two clocks may have drifted apart after so many milliseconds.
#[must_use]
pub const fn drift(elapsed_ms: u64) -> u64 {
    elapsed_ms.saturating_mul(DRIFT_PPM).div_ceil(1_000_000)
}

/// Where a member's clock says that the true time lies, as milliseconds ahead of our monotonic time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// At least.
    pub low: i64,
    /// At most.
    pub high: i64,
}

impl Interval {
    /// Around what a clock shows, with what its reading may be wrong by.
    #[must_use]
    pub const fn around(middle: i64, reading_error_ms: u64) -> Self {
        let reading =
            if reading_error_ms > i64::MAX as u64 { i64::MAX } else { reading_error_ms.cast_signed() };
        let error = reading.saturating_add(TOLERANCE_MS);
        Self { low: middle.saturating_sub(error), high: middle.saturating_add(error) }
    }
}

/// The smallest interval that holds all points which lie in at least `agreeing` of the intervals.
#[must_use]
pub fn intersect(intervals: &[Interval], agreeing: usize) -> Option<Interval> {
    if agreeing == 0 {
        return None;
    }
    // An end sorts behind the beginnings at the same point: intervals that touch share it.
    let begins = intervals.iter().map(|i| (i.low, 0_u8));
    let ends = intervals.iter().map(|i| (i.high, 1_u8));
    let mut edges: Vec<_> = begins.chain(ends).collect();
    edges.sort_unstable();
    let mut depth = 0_usize;
    let (mut low, mut high) = (None, None);
    for (point, kind) in edges {
        if kind == 0 {
            depth += 1;
            if depth >= agreeing {
                low.get_or_insert(point);
            }
        } else {
            if depth >= agreeing {
                high = Some(point);
            }
            depth = depth.saturating_sub(1);
        }
    }
    Some(Interval { low: low?, high: high? })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Agreed {
    correction: i64,
    error_ms: u64,
    at: u64,
}

/// What is known of the time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClusterTime {
    agreed: Option<Agreed>,
    /// Whether a majority agrees now.
    synchronised: bool,
}

/// The own clock beside cluster time, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Cluster time, milliseconds since 1970 UTC.
    pub cluster_ms: u64,
    /// By how many milliseconds the local clock is ahead of it.
    pub offset_ms: i64,
    /// What cluster time may be wrong by; none where no majority has ever agreed since the start.
    pub error_ms: Option<u64>,
    /// Whether a majority agrees now.
    pub synchronised: bool,
}

impl ClusterTime {
    /// Weighs the clocks of the members anew: the own one, and those of the others that were read lately.
    pub fn weigh(&mut self, now: Now, members: usize, others: impl Iterator<Item = Interval>) {
        let local = ahead(now);
        let mut intervals = vec![Interval::around(local, 0)];
        intervals.extend(others);
        // Alone there is nobody to agree with.
        let found = (members > 1).then(|| intersect(&intervals, members / 2 + 1)).flatten();
        self.synchronised = found.is_some();
        if let Some(Interval { low, high }) = found {
            let half = high.abs_diff(low).div_ceil(2);
            let correction = low.saturating_add(half.try_into().unwrap_or(i64::MAX));
            self.agreed = Some(Agreed { correction, error_ms: half, at: now.mono_ms });
        }
    }

    /// Cluster time, milliseconds since 1970 UTC. Until a majority has agreed once it is the local clock's.
    #[must_use]
    pub fn ms(&self, now: Now) -> u64 {
        self.agreed.map_or(now.wall_ms, |agreed| now.mono_ms.saturating_add_signed(agreed.correction))
    }

    /// How many milliseconds cluster time is ahead of our monotonic time.
    #[must_use]
    pub fn correction(&self, now: Now) -> i64 {
        self.agreed.map_or_else(|| ahead(now), |agreed| agreed.correction)
    }

    /// What an entry's stamp may be wrong by; none while no majority agrees.
    #[must_use]
    pub fn error_ms(&self) -> Option<u32> {
        let agreed = self.agreed.filter(|_| self.synchronised)?;
        Some(u32::try_from(agreed.error_ms).unwrap_or(u32::MAX))
    }

    /// Whether a majority agrees now.
    #[must_use]
    pub const fn is_synchronised(&self) -> bool {
        self.synchronised
    }

    /// The own clock beside cluster time.
    #[must_use]
    pub fn reading(&self, now: Now) -> Reading {
        let held =
            |agreed: Agreed| agreed.error_ms.saturating_add(drift(now.mono_ms.saturating_sub(agreed.at)));
        Reading {
            cluster_ms: self.ms(now),
            offset_ms: ahead(now).saturating_sub(self.correction(now)),
            error_ms: self.agreed.map(held),
            synchronised: self.synchronised,
        }
    }
}

/// How many milliseconds the local clock is ahead of monotonic time.
fn ahead(now: Now) -> i64 {
    let difference = i128::from(now.wall_ms) - i128::from(now.mono_ms);
    i64::try_from(difference).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
