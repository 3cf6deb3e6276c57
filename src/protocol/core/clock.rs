//! The clocks: weighing them, stamping by cluster time, and setting right what was stamped before it was known.

use super::Core;
use crate::domain::Operator;
use crate::ledger::Body;
use crate::protocol::cluster_time::{CORRECTED_MS, Reading};
use crate::protocol::hlc::Hlc;
use crate::protocol::input::Now;

/// The first own entry since the clocks last agreed, with what its stamp rested on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamped {
    seq: u64,
    hlc: u64,
    mono_ms: u64,
    correction: i64,
}

impl Core {
    /// Cluster time, milliseconds since 1970 UTC.
    #[must_use]
    pub fn cluster_ms(&self, now: Now) -> u64 {
        self.time.ms(now)
    }

    /// The own clock beside cluster time.
    #[must_use]
    pub fn clock(&self, now: Now) -> Reading {
        self.time.reading(now)
    }

    /// Cluster time for what is stored in signed milliseconds.
    pub(super) fn cluster_moment(&self, now: Now) -> i64 {
        i64::try_from(self.time.ms(now)).unwrap_or(i64::MAX)
    }

    /// Weighs all members' clocks that were read of late, and learns from it whether this node had been stamping wrong.
    pub(super) fn weigh_clocks(&mut self, now: Now) {
        let others = self.others();
        let members = others.len() + 1;
        // Who doesn't belong has no say in what time it is.
        let theirs = others.iter().filter_map(|other| self.peers.get(other));
        let best = theirs.filter_map(|peer| peer.offset.best(now.mono_ms));
        self.time.weigh(now, members, best.map(|sample| sample.interval(now.mono_ms)));
        if !self.time.is_synchronised() {
            return;
        }
        let correction = self.time.correction(now);
        let wrong = self.stamped.filter(|s| s.correction.abs_diff(correction) > CORRECTED_MS.unsigned_abs());
        if wrong.is_some() && !self.may_append() {
            // It is set right once this node may write.
            return;
        }
        if self.hlc.restart(self.time.ms(now)) {
            self.turn.dirty = true;
        }
        if let Some(first) = wrong {
            let written_ms = i128::from(first.mono_ms) + i128::from(correction);
            let delta_ms = written_ms - i128::from(Hlc::millis(first.hlc));
            let delta_ms = i64::try_from(delta_ms).unwrap_or(0);
            let body = Body::ClockCorrected { from: first.seq, delta_ms };
            self.write(now, &Operator::system(), self.own_command(), body, Vec::new());
        }
        self.stamped = None;
    }

    /// Notes what the stamp of an own entry rests on.
    pub(super) fn note_stamp(&mut self, now: Now, seq: u64, hlc: u64) {
        let correction = self.time.correction(now);
        self.stamped.get_or_insert(Stamped { seq, hlc, mono_ms: now.mono_ms, correction });
    }

    /// Takes a remote hybrid time into account, unless it is too far ahead; tells whether it was taken.
    pub(super) fn merge_time(&mut self, now: Now, remote: u64) -> bool {
        #[cfg(feature = "faults")]
        if self.commits(crate::protocol::fault::Fault::AdoptFarAhead) {
            return self.hlc.merge(u64::MAX >> 1, remote);
        }
        self.hlc.merge(self.time.ms(now), remote)
    }
}
