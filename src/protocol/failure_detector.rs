//! Whether a peer is heard of: its beats against their usual interval. A display and a hint, never a ground for safety.

/// What the beats say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Liveness {
    /// Beats come.
    Alive,
    /// Beats are late.
    Suspect,
    /// Beats don't come.
    Down,
}

/// Milliseconds between two beats.
pub const BEAT_MS: u64 = 1_000;
const SHORTEST_MS: u64 = 1_000;
const LONGEST_MS: u64 = 5_000;
/// Steady beats after which a peer that was down counts as back.
const STEADY: u32 = 2;

/// The beats of one peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureDetector {
    last: Option<u64>,
    interval: u64,
    steady: u32,
}

impl Default for FailureDetector {
    fn default() -> Self {
        Self { last: None, interval: BEAT_MS, steady: STEADY }
    }
}

impl FailureDetector {
    /// A beat came at this monotonic millisecond.
    pub fn beat(&mut self, mono_ms: u64) {
        if let Some(last) = self.last {
            let gap = mono_ms.saturating_sub(last);
            if gap > 3 * self.interval {
                self.steady = 0;
            } else {
                self.interval = ((4 * self.interval + gap) / 5).clamp(SHORTEST_MS, LONGEST_MS);
                self.steady = self.steady.saturating_add(1);
            }
        }
        self.last = Some(mono_ms);
    }

    /// What the beats say at this monotonic millisecond.
    #[must_use]
    pub fn liveness(&self, mono_ms: u64) -> Liveness {
        let Some(last) = self.last else {
            return Liveness::Down;
        };
        let silent = mono_ms.saturating_sub(last);
        if silent > 3 * self.interval {
            Liveness::Down
        } else if 2 * silent > 3 * self.interval || self.steady < STEADY {
            Liveness::Suspect
        } else {
            Liveness::Alive
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_first_suspect_then_down() {
        let mut detector = FailureDetector::default();
        assert_eq!(detector.liveness(0), Liveness::Down);
        for beat in 0..10 {
            detector.beat(beat * 1_000);
        }
        assert_eq!(detector.liveness(9_900), Liveness::Alive);
        assert_eq!(detector.liveness(10_600), Liveness::Suspect);
        assert_eq!(detector.liveness(12_100), Liveness::Down);
    }

    #[test]
    fn one_that_was_down_is_back_only_after_steady_beats() {
        let mut detector = FailureDetector::default();
        detector.beat(0);
        detector.beat(60_000);
        assert_eq!(detector.liveness(60_100), Liveness::Suspect);
        detector.beat(61_000);
        assert_eq!(detector.liveness(61_100), Liveness::Suspect);
        detector.beat(62_000);
        assert_eq!(detector.liveness(62_100), Liveness::Alive);
    }
}
