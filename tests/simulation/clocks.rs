//! Clocks: each node has a true rate of its own; those of a minority jump, drift far and lie.

use rand::RngExt as _;
use rand::rngs::ChaCha8Rng;
use rubentario::protocol::Now;

/// The true moment at which every seed begins, milliseconds since 1970 UTC.
pub const START_MS: u64 = 1_780_000_000_000;
/// A right clock is set at most so many milliseconds wrong; its drift comes on top.
const RIGHT_MS: i64 = 250;
/// A wrong one at least so many.
const WRONG_MS: i64 = 5_000;
const HOUR_MS: i64 = 3_600_000;

/// One node's clocks.
#[derive(Debug, Clone)]
pub struct Clock {
    skew_ms: i64,
    rate_ppm: i64,
    booted_ms: u64,
    /// Whether it may be as wrong as it likes.
    pub is_wrong: bool,
    /// What it tells others is off by so much more.
    pub lie_ms: i64,
}

impl Clock {
    pub fn new(rng: &mut ChaCha8Rng, is_wrong: bool) -> Self {
        let mut clock = Self {
            skew_ms: rng.random_range(-RIGHT_MS..=RIGHT_MS),
            rate_ppm: rng.random_range(-100..=100),
            booted_ms: rng.random_range(0..1_000_000),
            is_wrong,
            lie_ms: 0,
        };
        if is_wrong {
            clock.jump(rng);
            if rng.random_bool(0.3) {
                clock.rate_ppm = rng.random_range(-150..=150);
            }
        }
        clock
    }

    /// Somebody sets it, to anything; now and then to the right time.
    pub fn jump(&mut self, rng: &mut ChaCha8Rng) {
        let far = rng.random_range(WRONG_MS..12 * HOUR_MS);
        let near = rng.random_range(WRONG_MS..60_000);
        let by = if rng.random_bool(0.5) { far } else { near };
        let signed = if rng.random_bool(0.5) { by } else { -by };
        self.skew_ms = if rng.random_bool(0.2) { 0 } else { signed };
    }

    /// What the node reads when the true time is so many milliseconds after the start.
    pub fn read(&self, true_ms: u64) -> Now {
        let drifted = true_ms as i64 * self.rate_ppm / 1_000_000;
        let elapsed = true_ms as i64 + drifted;
        let wall = START_MS as i64 + elapsed + self.skew_ms;
        Now { wall_ms: wall as u64, mono_ms: self.booted_ms + elapsed as u64, ahead_ms: 0 }
    }
}
