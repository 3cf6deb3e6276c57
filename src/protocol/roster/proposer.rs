//! A proposer: one ballot, from the asking to the choice.

use std::collections::{BTreeMap, BTreeSet};

use super::Chosen;
use crate::domain::WarehouseId;
use crate::ledger::roster::{Ballot, Change};

/// One ballot of a proposer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Proposer {
    ballot: Ballot,
    wish: Change,
    majority: usize,
    promises: BTreeMap<WarehouseId, Option<(Ballot, Change)>>,
    forward: Option<Change>,
    accepted: BTreeSet<WarehouseId>,
    beaten_by: Option<Ballot>,
}

impl Proposer {
    /// Begins a ballot.
    #[must_use]
    pub const fn new(ballot: Ballot, wish: Change, majority: usize) -> Self {
        Self {
            ballot,
            wish,
            majority,
            promises: BTreeMap::new(),
            forward: None,
            accepted: BTreeSet::new(),
            beaten_by: None,
        }
    }

    /// The ballot.
    #[must_use]
    pub const fn ballot(&self) -> &Ballot {
        &self.ballot
    }

    /// What the proposer would like.
    #[must_use]
    pub const fn wish(&self) -> &Change {
        &self.wish
    }

    /// What it has put forward: not always its wish.
    #[must_use]
    pub const fn forward(&self) -> Option<&Change> {
        self.forward.as_ref()
    }

    /// The later ballot that somebody has promised, if that is known.
    #[must_use]
    pub const fn beaten_by(&self) -> Option<&Ballot> {
        self.beaten_by.as_ref()
    }

    /// The greatest number of a ballot that it knows of.
    #[must_use]
    pub fn greatest(&self) -> u64 {
        self.beaten_by.as_ref().map_or(0, |b| b.n).max(self.ballot.n)
    }

    /// Who has promised.
    pub fn promisers(&self) -> impl Iterator<Item = &WarehouseId> {
        self.promises.keys()
    }

    /// Whether a majority has promised and nothing is put forward yet.
    #[must_use]
    pub fn can_put_forward(&self) -> bool {
        self.forward.is_none() && self.promises.len() >= self.majority
    }

    /// Whether somebody has said all that it is asked for now.
    #[must_use]
    pub fn has_answered(&self, voter: &WarehouseId) -> bool {
        if self.forward.is_some() { self.accepted.contains(voter) } else { self.promises.contains_key(voter) }
    }

    /// Somebody takes part.
    pub fn promised(&mut self, from: &WarehouseId, accepted: Option<(Ballot, Change)>) {
        if self.forward.is_none() {
            self.promises.insert(from.clone(), accepted);
        }
    }

    /// Somebody has accepted what was put forward.
    pub fn accepted(&mut self, from: &WarehouseId) {
        if self.forward.is_some() {
            self.accepted.insert(from.clone());
        }
    }

    /// Somebody has promised a later ballot.
    pub fn refused(&mut self, promised: &Ballot) {
        if *promised > self.ballot && self.beaten_by.as_ref().is_none_or(|b| b < promised) {
            self.beaten_by = Some(promised.clone());
        }
    }

    /// Decides what to put forward: what was accepted in the latest ballot told of, else the wish.
    pub fn put_forward(&mut self, finish: impl FnOnce(Change) -> Change) -> Option<Change> {
        if !self.can_put_forward() {
            return None;
        }
        let latest = self.promises.values().flatten().max_by(|a, b| a.0.cmp(&b.0));
        let change = latest.map_or_else(|| finish(self.wish.clone()), |(_, change)| change.clone());
        self.forward = Some(change.clone());
        Some(change)
    }

    /// What a majority has accepted.
    #[must_use]
    pub fn chosen(&self) -> Option<Chosen> {
        let change = self.forward.clone().filter(|_| self.accepted.len() >= self.majority)?;
        Some(Chosen { ballot: self.ballot.clone(), change, by: self.accepted.clone() })
    }
}
