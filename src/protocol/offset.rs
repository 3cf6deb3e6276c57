//! Round trips to a peer and what its clock shows, by the exchange of least round trip in a window.

use std::collections::VecDeque;

use super::cluster_time::{Interval, drift};

/// Exchanges older than this, in milliseconds, no longer count.
const WINDOW_MS: u64 = 60_000;
/// Exchanges slower than this, in milliseconds, say nothing.
const SLOWEST_MS: u64 = 2_000;
const KEPT: usize = 16;
/// Pings that may still be answered: one lives two seconds, and the next leaves a beat later.
const OUTSTANDING: usize = 8;

/// The pings sent of late; a pong counts only with the nonce of one of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pings(VecDeque<(u64, u64)>);

impl Pings {
    /// A ping leaves at this monotonic millisecond.
    pub fn sent(&mut self, nonce: u64, mono_ms: u64) {
        if self.0.len() == OUTSTANDING {
            self.0.pop_front();
        }
        self.0.push_back((nonce, mono_ms));
    }

    /// How long ago the ping of that nonce left; none if there was none, or it was too long ago to say anything.
    #[must_use]
    pub fn round_trip(&self, nonce: u64, mono_ms: u64) -> Option<u64> {
        let sent = self.0.iter().rev().find(|(n, _)| *n == nonce)?.1;
        mono_ms.checked_sub(sent).filter(|rtt| *rtt <= SLOWEST_MS)
    }
}

/// One exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    at: u64,
    /// Milliseconds there and back.
    pub rtt_ms: u64,
    /// Milliseconds that the peer's clock is ahead of our monotonic one, give or take half the round trip.
    pub ahead_ms: i64,
}

impl Sample {
    /// What the reading may be wrong by, now.
    #[must_use]
    pub const fn error_ms(&self, now_mono: u64) -> u64 {
        self.rtt_ms.div_ceil(2).saturating_add(drift(now_mono.saturating_sub(self.at)))
    }

    /// Where the true time lies by that clock.
    #[must_use]
    pub const fn interval(&self, now_mono: u64) -> Interval {
        Interval::around(self.ahead_ms, self.error_ms(now_mono))
    }
}

/// The exchanges with one peer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offset {
    samples: VecDeque<Sample>,
    answered: Option<u64>,
}

impl Offset {
    /// A pong came: to the ping of that nonce, so long after it; the peer's clock said `peer_wall`. A doubled one
    /// says nothing.
    pub fn sample(&mut self, nonce: u64, rtt_ms: u64, now_mono: u64, peer_wall: u64) {
        if self.answered == Some(nonce) {
            return;
        }
        let half_way = i128::from(now_mono) - i128::from(rtt_ms / 2);
        let Ok(ahead_ms) = i64::try_from(i128::from(peer_wall) - half_way) else {
            return;
        };
        self.answered = Some(nonce);
        let sample = Sample { at: now_mono, rtt_ms, ahead_ms };
        let agrees = |old: &Sample| {
            let most = old.error_ms(now_mono).saturating_add(sample.error_ms(now_mono)).saturating_add(1);
            old.ahead_ms.abs_diff(ahead_ms) <= most
        };
        // A clock that jumped: what it said before says nothing of it now.
        if !self.samples.iter().all(agrees) {
            self.samples.clear();
        }
        if self.samples.len() == KEPT {
            self.samples.pop_front();
        }
        self.samples.push_back(sample);
    }

    /// The best exchange of the window.
    #[must_use]
    pub fn best(&self, now_mono: u64) -> Option<Sample> {
        let fresh = self.samples.iter().filter(|s| now_mono.saturating_sub(s.at) <= WINDOW_MS);
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
        offset.sample(1, 100, 100, 1_000_550);
        offset.sample(2, 10, 210, 1_000_705);
        let best = offset.best(300).unwrap();
        assert_eq!((best.rtt_ms, best.ahead_ms), (10, 1_000_500));
        assert_eq!(best.error_ms(210), 5);
        assert!(best.error_ms(60_000) > 5, "clocks drift apart");
        assert_eq!(offset.best(200_000), None);
    }

    #[test]
    fn a_pong_that_is_slow_or_answers_no_ping_of_late_says_nothing() {
        let mut pings = Pings::default();
        pings.sent(7, 1_000);
        assert_eq!(pings.round_trip(7, 1_030), Some(30));
        assert_eq!(pings.round_trip(8, 1_030), None);
        assert_eq!(pings.round_trip(7, 3_001), None);
        assert_eq!(pings.round_trip(7, 999), None);
        for nonce in 10..18 {
            pings.sent(nonce, 1_100);
        }
        assert_eq!(pings.round_trip(7, 1_200), None, "forgotten");
    }

    #[test]
    fn a_doubled_pong_says_nothing_more() {
        let mut offset = Offset::default();
        offset.sample(1, 10, 100, 5_000);
        let once = offset.clone();
        offset.sample(1, 10, 900, 5_000);
        assert_eq!(offset, once);
    }

    #[test]
    fn what_a_clock_said_before_it_jumped_no_longer_counts() {
        let mut offset = Offset::default();
        offset.sample(1, 2, 1_000, 50_000);
        offset.sample(2, 80, 6_000, 50_000 + 5_000 + 3_600_000);
        assert_eq!(offset.best(6_000).unwrap().rtt_ms, 80);
    }
}
