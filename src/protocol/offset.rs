//! Round trips to a peer and how far its clock is from ours, by the exchange of least round trip in a window.

use std::collections::VecDeque;

/// Exchanges older than this, in milliseconds, no longer count.
const WINDOW_MS: u64 = 60_000;
/// Exchanges slower than this, in milliseconds, say nothing.
const SLOWEST_MS: u64 = 2_000;
const KEPT: usize = 16;

/// One exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    at: u64,
    /// Milliseconds there and back.
    pub rtt_ms: u64,
    /// Milliseconds that the peer's clock is ahead, give or take half the round trip.
    pub offset_ms: i64,
}

/// The exchanges with one peer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offset(VecDeque<Sample>);

impl Offset {
    /// A pong came: the ping left at `sent` (monotonic), the peer's clock said `peer_wall`, ours says `wall` now.
    pub fn sample(&mut self, sent: u64, now_mono: u64, wall: u64, peer_wall: u64) {
        let Some(rtt_ms) = now_mono.checked_sub(sent).filter(|rtt| *rtt <= SLOWEST_MS) else {
            return;
        };
        let half_way = i128::from(wall) - i128::from(rtt_ms / 2);
        let Ok(offset_ms) = i64::try_from(i128::from(peer_wall) - half_way) else {
            return;
        };
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(Sample { at: now_mono, rtt_ms, offset_ms });
    }

    /// The best exchange of the window.
    #[must_use]
    pub fn best(&self, now_mono: u64) -> Option<Sample> {
        let fresh = self.0.iter().filter(|s| now_mono.saturating_sub(s.at) <= WINDOW_MS);
        fresh.min_by_key(|s| s.rtt_ms).copied()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_quickest_exchange_of_the_window_counts() {
        let mut offset = Offset::default();
        offset.sample(0, 100, 1_000_100, 1_000_550);
        offset.sample(200, 210, 1_000_210, 1_000_705);
        let best = offset.best(300).unwrap();
        assert_eq!((best.rtt_ms, best.offset_ms), (10, 500));
        assert_eq!(offset.best(200_000), None);
    }

    #[test]
    fn a_slow_exchange_says_nothing() {
        let mut offset = Offset::default();
        offset.sample(0, 5_000, 1, 1);
        assert_eq!(offset.best(5_000), None);
    }
}
