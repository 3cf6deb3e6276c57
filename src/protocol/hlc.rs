//! Hybrid logical clock (Kulkarni et al. 2014): 48 bits of milliseconds of cluster time, 16 of counter. It goes back
//! only where a node learns that it had been far ahead.

/// A remote time further ahead of cluster time than this, in milliseconds, is not adopted.
pub const MAX_AHEAD_MS: u64 = 5_000;
/// How far ahead the stored ceiling is kept, in milliseconds.
const CEILING_STEP_MS: u64 = 1_000;
const COUNTER_BITS: u32 = 16;

/// The clock of one node. It gives each entry a time greater than all it has given or merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hlc {
    last: u64,
    ceiling: u64,
}

impl Hlc {
    /// A clock that begins at or above the stored ceiling of the start before.
    #[must_use]
    pub const fn starting_at(ceiling: u64) -> Self {
        Self { last: ceiling, ceiling }
    }

    /// The time of the next event here.
    pub fn tick(&mut self, cluster_ms: u64) -> u64 {
        self.last = (cluster_ms << COUNTER_BITS).max(self.last + 1);
        self.raise_ceiling();
        self.last
    }

    /// Takes a remote time into account, unless it is too far ahead of cluster time; tells whether it was taken.
    pub fn merge(&mut self, cluster_ms: u64, remote: u64) -> bool {
        if Self::millis(remote) > cluster_ms.saturating_add(MAX_AHEAD_MS) {
            return false;
        }
        self.last = self.last.max(remote);
        self.raise_ceiling();
        true
    }

    /// Begins again at cluster time if it is further ahead of it than others can have brought it; tells whether.
    pub fn restart(&mut self, cluster_ms: u64) -> bool {
        let far_ahead = Self::millis(self.last) > cluster_ms.saturating_add(2 * MAX_AHEAD_MS);
        if far_ahead {
            *self = Self::starting_at(cluster_ms << COUNTER_BITS);
        }
        far_ahead
    }

    /// The last time given or merged.
    #[must_use]
    pub const fn last(&self) -> u64 {
        self.last
    }

    /// What must be stored before any time given so far is shown.
    #[must_use]
    pub const fn ceiling(&self) -> u64 {
        self.ceiling
    }

    /// The milliseconds of a hybrid time.
    #[must_use]
    pub const fn millis(hlc: u64) -> u64 {
        hlc >> COUNTER_BITS
    }

    fn raise_ceiling(&mut self) {
        if self.last >= self.ceiling {
            self.ceiling = (Self::millis(self.last) + CEILING_STEP_MS) << COUNTER_BITS;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_grows_though_the_clock_is_set_back() {
        let mut clock = Hlc::starting_at(0);
        let first = clock.tick(5_000);
        let second = clock.tick(1_000);
        assert!(second > first);
    }

    #[test]
    fn a_restart_begins_above_all_times_given_before() {
        let mut clock = Hlc::starting_at(0);
        let last = (0..100_000).map(|_| clock.tick(7)).max().unwrap_or(0);
        assert!(clock.ceiling() > last);
        assert!(Hlc::starting_at(clock.ceiling()).tick(1) > last);
    }

    #[test]
    fn a_time_from_far_ahead_is_not_adopted() {
        let mut clock = Hlc::starting_at(0);
        let before = clock.tick(1_000);
        assert!(!clock.merge(1_000, (1_000 + MAX_AHEAD_MS + 1) << 16));
        assert_eq!(clock.last(), before);
        assert!(clock.merge(1_000, (1_000 + MAX_AHEAD_MS) << 16));
        assert!(clock.tick(1_000) > (1_000 + MAX_AHEAD_MS) << 16);
    }

    #[test]
    fn one_that_was_hours_ahead_begins_again_at_cluster_time() {
        let mut clock = Hlc::starting_at(0);
        clock.tick(10_000_000);
        assert!(clock.restart(1_000));
        assert_eq!((clock.last(), clock.ceiling()), (1_000 << 16, 1_000 << 16));
        assert!(clock.merge(1_000, (1_000 + MAX_AHEAD_MS) << 16));
        assert!(!clock.restart(1_000), "others may bring it so far");
    }
}
