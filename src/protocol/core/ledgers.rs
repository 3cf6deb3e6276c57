//! How far each ledger goes, as told by the others, beside how far it is applied here.

use super::Core;
use crate::domain::WarehouseId;
use crate::protocol::incoming::Incoming;

/// Somebody else's ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerStatus {
    /// Whose.
    pub origin: WarehouseId,
    /// The last entry that a member tells to hold, or that is applied here.
    pub known: u64,
}

/// Getting the own ledger back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecoveryStatus {
    /// How many were asked.
    pub asked: usize,
    /// How many of them have answered.
    pub answered: usize,
    /// The last own entry that any of them holds.
    pub held: u64,
}

impl Core {
    /// The others' ledgers that are followed; those that can't be, or no further, are left out: nothing is to come.
    #[must_use]
    pub fn ledgers(&self) -> Vec<LedgerStatus> {
        let told = self.peers.values().flat_map(|peer| peer.heads.keys());
        let mut origins: Vec<_> = self.book.heads().keys().chain(told).collect();
        origins.sort();
        origins.dedup();
        let is_followed = |origin: &WarehouseId| {
            let is_unread = self.incoming.get(origin).is_some_and(Incoming::has_unknown);
            *origin != self.setup.me && !self.book.is_quarantined(origin) && !is_unread
        };
        let followed = origins.into_iter().filter(|origin| is_followed(origin));
        followed
            .map(|origin| LedgerStatus { origin: origin.clone(), known: self.known_end(origin) })
            .collect()
    }

    /// What others hold of an earlier start, beyond where a later one went on, is void.
    fn known_end(&self, origin: &WarehouseId) -> u64 {
        let applied = self.book.head(origin);
        let members = self.peers.iter().filter(|(id, _)| self.standing(id).belongs());
        let told = members.filter_map(|(_, peer)| peer.heads.get(origin));
        let counts = told.filter(|head| head.incarnation >= applied.incarnation).map(|head| head.seq);
        let end = self.book.rosters().end_of(origin).unwrap_or(u64::MAX);
        counts.max().unwrap_or(0).min(end).max(applied.seq)
    }

    /// How far the recovery of the own ledger is, if there is one.
    #[must_use]
    pub fn recovery_status(&self) -> Option<RecoveryStatus> {
        self.recovery.as_ref().map(|recovery| RecoveryStatus {
            asked: recovery.asked(),
            answered: recovery.answered(),
            held: recovery.held(),
        })
    }
}
