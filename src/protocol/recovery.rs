//! Getting one's own ledger back from the others before writing again (`docs/architecture.md`, Recovery).

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::domain::WarehouseId;
use crate::ledger::Head;

/// Milliseconds after which whoever is silent is asked again.
pub const ASK_AGAIN_MS: u64 = 2_000;
/// Nobody who beats stays unheard for so many milliseconds.
const SETTLE_MS: u64 = 3_000;
/// A recovery that isn't through by then asks everybody anew: who answered may have lost since what it only kept.
const ANEW_MS: u64 = 20_000;

/// A recovery under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// Like no other, so that answers to earlier questions, of earlier starts too, are told apart.
    pub attempt: Uuid,
    answers: BTreeMap<WarehouseId, Option<Head>>,
    anew_at: u64,
    /// Whoever lives has been heard by then, monotonic milliseconds.
    settled_at: u64,
    /// When to ask again, monotonic milliseconds.
    pub ask_at: u64,
}

impl Recovery {
    /// Begins; everybody known is to be asked.
    pub fn begin(attempt: Uuid, others: impl Iterator<Item = WarehouseId>, now_mono: u64) -> Self {
        Self {
            attempt,
            settled_at: now_mono + SETTLE_MS,
            anew_at: now_mono + ANEW_MS,
            answers: others.map(|o| (o, None)).collect(),
            ask_at: now_mono,
        }
    }

    /// Somebody else exists and must answer, too.
    pub fn also(&mut self, other: &WarehouseId) {
        if !self.answers.contains_key(other) {
            self.answers.insert(other.clone(), None);
            self.ask_at = 0;
        }
    }

    /// Somebody left the cluster and need not answer.
    pub fn without(&mut self, other: &WarehouseId) {
        self.answers.remove(other);
    }

    /// An answer.
    pub fn answer(&mut self, from: &WarehouseId, held: Head) {
        self.answers.insert(from.clone(), Some(held));
    }

    /// Whether everybody is to be asked anew.
    #[must_use]
    pub const fn is_stale(&self, now_mono: u64) -> bool {
        now_mono >= self.anew_at
    }

    /// Who hasn't answered.
    pub fn silent(&self) -> impl Iterator<Item = &WarehouseId> {
        self.answers.iter().filter(|(_, answer)| answer.is_none()).map(|(other, _)| other)
    }

    /// What the answers say the ledger goes up to, once everybody has answered and somebody was there to.
    #[must_use]
    pub fn agreed(&self, now_mono: u64) -> Option<Head> {
        if now_mono < self.settled_at {
            return None;
        }
        let mut longest: Option<Head> = None;
        for answer in self.answers.values() {
            let head = (*answer)?;
            if longest.is_none_or(|l| head.seq > l.seq) {
                longest = Some(head);
            }
        }
        longest
    }
}
