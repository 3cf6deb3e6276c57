//! What an origin's `ClockCorrected` does to the places of entries in the history.
//!
//! An entry's place is its own stamp, or right behind the latest step of its transfer that it rests on: so a receipt
//! never sorts before its dispatch, and a clock that runs ahead moves the answers to its entries, not everything its
//! peers write later (`docs/adr/0008-place-in-history.md`).

use super::{Book, Mark, Transfer, Violation};
use crate::domain::{TransferId, WarehouseId};
use crate::ledger::MovementRow;
use crate::ledger::entry::Entry;

/// A correction by more than this, in milliseconds, is nonsense: some centuries.
const LARGEST_MS: i64 = 1 << 44;
/// The last millisecond that a hybrid time holds in a signed number.
const LAST_MS: i64 = (1 << 47) - 1;

/// Entries of one ledger whose true time is their hybrid time and so many milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restamp {
    /// Whose ledger.
    pub origin: WarehouseId,
    /// The first entry.
    pub from: u64,
    /// The last.
    pub upto: u64,
    /// Milliseconds to add.
    pub delta_ms: i64,
    /// Steps of transfers whose moment or place this changes, the other warehouses' included.
    pub steps: Vec<RestampedStep>,
}

/// A step of a transfer at its new moment and place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestampedStep {
    /// The entry that took it.
    pub entry: TransferId,
    /// Milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Its place in the history.
    pub sort_key: u64,
}

impl Restamp {
    /// Whether it is about an entry.
    #[must_use]
    pub fn covers(&self, origin: &WarehouseId, seq: u64) -> bool {
        self.origin == *origin && (self.from..=self.upto).contains(&seq)
    }

    /// The corrected moment of a hybrid time, in milliseconds since 1970 UTC.
    #[must_use]
    pub fn at_ms(&self, hlc: u64) -> i64 {
        let ms = i64::try_from(hlc >> 16).unwrap_or(i64::MAX);
        ms.saturating_add(self.delta_ms).clamp(0, LAST_MS)
    }
}

impl MovementRow {
    /// Stands at its corrected moment and place.
    pub fn restamp(&mut self, restamp: &Restamp) {
        let is_of = |step: &&RestampedStep| step.entry.origin == self.origin && step.entry.seq == self.seq;
        if let Some(step) = restamp.steps.iter().find(is_of) {
            (self.at_ms, self.sort_key) = (step.at_ms, step.sort_key);
        } else if restamp.covers(&self.origin, self.seq) {
            self.at_ms = restamp.at_ms(self.hlc);
            self.sort_key = place(self.at_ms, self.hlc);
        }
    }
}

/// The place in the history of an entry written at this moment, before what it rests on is looked at.
#[must_use]
pub fn place(at_ms: i64, hlc: u64) -> u64 {
    (u64::try_from(at_ms).unwrap_or(0) << 16) | (hlc & 0xffff)
}

impl Book {
    /// What a correction changes: itself, and the transfers as they are then.
    pub(super) fn fold_correction(
        &self,
        entry: &Entry,
        from: u64,
        delta_ms: i64,
    ) -> Result<(Restamp, Vec<Transfer>), Violation> {
        if from == 0 || from > entry.seq || delta_ms.abs() > LARGEST_MS {
            return Err(Violation::Correction { from, delta_ms });
        }
        let origin = entry.origin.clone();
        let mut restamp = Restamp { origin, from, upto: entry.seq, delta_ms, steps: Vec::new() };
        let mut transfers = Vec::new();
        for transfer in self.transfers.values() {
            let touched = transfer.marks().any(|m| restamp.covers(&m.entry.origin, m.entry.seq));
            if touched {
                let mut transfer = transfer.clone();
                let steps = transfer.restamp(&restamp);
                restamp.steps.extend(steps);
                transfers.push(transfer);
            }
        }
        Ok((restamp, transfers))
    }
}

impl Transfer {
    /// The steps that an entry of this origin with these names rests on, as bits in the order of the states.
    pub(super) fn rests_on(&self, entry: &Entry) -> u8 {
        let named = |mark: &Mark| mark.entry.origin == entry.origin || entry.names.contains(&mark.entry);
        let steps = self.steps().into_iter().enumerate();
        steps
            .filter_map(|(bit, mark)| mark.filter(|m| named(m)).map(|_| 1 << bit))
            .fold(0, |all, bit| all | bit)
    }

    /// The least place behind these steps.
    pub(super) fn behind(&self, rests_on: u8) -> u64 {
        let steps = self.steps().into_iter().enumerate();
        let places = steps.filter(|(bit, _)| rests_on & (1 << bit) != 0);
        places.filter_map(|(_, mark)| mark).map(|mark| mark.sort_key + 1).max().unwrap_or(0)
    }

    /// Corrects the steps that an origin took, and the places of those that rest on them; tells which changed.
    fn restamp(&mut self, restamp: &Restamp) -> Vec<RestampedStep> {
        let mut changed = Vec::new();
        for bit in 0..self.steps().len() {
            let Some(mark) = self.steps()[bit] else { continue };
            let (origin, seq) = (&mark.entry.origin, mark.entry.seq);
            let at_ms = if restamp.covers(origin, seq) { restamp.at_ms(mark.hlc) } else { mark.at_ms };
            let sort_key = place(at_ms, mark.hlc).max(self.behind(mark.rests_on));
            if (at_ms, sort_key) == (mark.at_ms, mark.sort_key) {
                continue;
            }
            let entry = TransferId { origin: origin.clone(), seq };
            changed.push(RestampedStep { entry, at_ms, sort_key });
            if let Some(mark) = self.steps_mut().into_iter().nth(bit).flatten() {
                mark.at_ms = at_ms;
                mark.sort_key = sort_key;
            }
        }
        changed
    }

    const fn steps_mut(&mut self) -> [Option<&mut Mark>; 7] {
        [
            match &mut self.request {
                Some(step) => Some(&mut step.mark),
                None => None,
            },
            self.withdrawal.as_mut(),
            self.decline.as_mut(),
            match &mut self.dispatch {
                Some(step) => Some(&mut step.mark),
                None => None,
            },
            match &mut self.receipt {
                Some(step) => Some(&mut step.mark),
                None => None,
            },
            self.rejection.as_mut(),
            match &mut self.returned {
                Some(step) => Some(&mut step.mark),
                None => None,
            },
        ]
    }
}
