//! Getting one's own ledger back from the others before writing again (`docs/protocol.md`, recovering).

use std::collections::BTreeMap;

use crate::domain::WarehouseId;
use crate::ledger::Head;

/// Milliseconds after which whoever is silent is asked again.
pub const ASK_AGAIN_MS: u64 = 2_000;

/// A recovery under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// Counts the attempts of this start.
    pub attempt: u64,
    answers: BTreeMap<WarehouseId, Option<Head>>,
    /// When to ask again, monotonic milliseconds.
    pub ask_at: u64,
}

impl Recovery {
    /// Begins; everybody known is to be asked.
    pub fn begin(attempt: u64, others: impl Iterator<Item = WarehouseId>, now_mono: u64) -> Self {
        Self { attempt, answers: others.map(|o| (o, None)).collect(), ask_at: now_mono }
    }

    /// Somebody else exists and must answer, too.
    pub fn also(&mut self, other: &WarehouseId) {
        if !self.answers.contains_key(other) {
            self.answers.insert(other.clone(), None);
            self.ask_at = 0;
        }
    }

    /// An answer.
    pub fn answer(&mut self, from: &WarehouseId, held: Head) {
        self.answers.insert(from.clone(), Some(held));
    }

    /// Who hasn't answered.
    pub fn silent(&self) -> impl Iterator<Item = &WarehouseId> {
        self.answers.iter().filter(|(_, answer)| answer.is_none()).map(|(other, _)| other)
    }

    /// What the answers say the ledger goes up to, once everybody has answered and somebody was there to.
    #[must_use]
    pub fn agreed(&self) -> Option<Head> {
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
