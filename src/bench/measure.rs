//! Times and what to make of many of them.

use std::time::Duration;

use crate::node::clock::mono_us;

/// How long anything may take before a benchmark gives up.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// A time taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watch(u64);

impl Watch {
    pub(super) fn start() -> Self {
        Self(mono_us())
    }

    /// Microseconds since the start.
    pub(super) fn us(self) -> u64 {
        self.until(mono_us())
    }

    /// Microseconds from the start to a moment.
    pub(super) fn until(self, moment_us: u64) -> u64 {
        moment_us.saturating_sub(self.0)
    }

    /// Whether patience has run out.
    pub(super) fn is_late(self) -> bool {
        u128::from(self.us()) > PATIENCE.as_micros()
    }
}

/// As numbers for people are written; beyond 2⁵³ they would lose their last digits.
#[allow(clippy::cast_precision_loss, reason = "times and counts are far below 2⁵³")]
pub(super) fn float(n: u64) -> f64 {
    n as f64
}

/// Microseconds as milliseconds.
pub(super) fn ms(us: u64) -> f64 {
    float(us) / 1000.0
}

/// So many in so many microseconds, per second.
pub(super) fn per_second(count: usize, us: u64) -> f64 {
    float(count as u64) * 1e6 / float(us.max(1))
}

/// Of many times, the one that so many percent don't exceed, in milliseconds: the nearest rank.
pub(super) fn percentile(times_us: &[u64], percent: usize) -> f64 {
    let mut sorted = times_us.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).map_or(0.0, |us| ms(*us))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let times: Vec<u64> = (1..=200).rev().map(|n| n * 1000).collect();
        let found = [0, 50, 99, 100].map(|percent| percentile(&times, percent));
        assert!(found.iter().zip([1.0, 100.0, 198.0, 200.0]).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?}");
        assert!((percentile(&[7000], 99) - 7.0).abs() < 1e-9);
        assert!(percentile(&[], 50).abs() < 1e-9);
    }
}
