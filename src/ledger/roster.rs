//! Who belongs to the cluster and by what key: the roster, of which each version follows from the one before by one
//! change.
//!
//! Every version is one decree, agreed on by a majority of the members of the version before it
//! (`docs/protocol.md`, Roster). Here is what a change means and what proves it; how it is agreed on is the
//! protocol's matter.

mod change;
mod key;
mod proof;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::entry::{EntryRef, Hash, Head};
use crate::domain::WarehouseId;

pub use change::{Change, Unfit};
pub use key::PublicKey;
pub use proof::{Acceptance, Ballot, Matter};

/// The most members of a roster: what is decided among all of them stays quick, and fits one entry.
pub const MAX_MEMBERS: usize = 64;

/// A member's keys, each valid from one of its entries on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys(Vec<(u64, PublicKey)>);

impl Keys {
    /// One key, valid for the whole ledger.
    #[must_use]
    pub fn first(key: PublicKey) -> Self {
        Self(vec![(1, key)])
    }

    /// The key of today.
    #[must_use]
    pub fn current(&self) -> Option<PublicKey> {
        self.0.last().map(|(_, key)| *key)
    }

    /// The key that proves an entry.
    #[must_use]
    pub fn at(&self, seq: u64) -> Option<PublicKey> {
        self.0.iter().rev().find(|(from, _)| *from <= seq).map(|(_, key)| *key)
    }

    fn replace(&mut self, from_seq: u64, key: PublicKey) {
        self.0.retain(|(from, _)| *from < from_seq);
        self.0.push((from_seq, key));
    }
}

/// Somebody who belonged to the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Former {
    /// The keys it had.
    pub keys: Keys,
    /// Its last entry that counts.
    pub last: Head,
    /// Whether it was given up rather than retired in order: what was there is lost.
    pub given_up: bool,
    /// The entry that says so.
    pub entry: EntryRef,
}

/// One version of the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// Hash of the entry that founded the cluster.
    pub founding: Hash,
    /// Hybrid time of the founding, and the founder: of two clusters of one the greater yields.
    pub founded: (u64, WarehouseId),
    /// From 1, the founding.
    pub version: u64,
    /// Who belongs.
    pub members: BTreeMap<WarehouseId, Keys>,
    /// Who belonged.
    pub former: BTreeMap<WarehouseId, Former>,
    /// The entry that made this version.
    pub entry: EntryRef,
    /// A version of which two different changes are known: nothing more is decided.
    pub split: Option<u64>,
}

impl Roster {
    /// The first version.
    #[must_use]
    pub fn founding(founder: WarehouseId, key: PublicKey, hlc: u64, entry: EntryRef) -> Self {
        Self {
            founding: entry.hash,
            founded: (hlc, founder.clone()),
            version: 1,
            members: BTreeMap::from([(founder, Keys::first(key))]),
            former: BTreeMap::new(),
            entry,
            split: None,
        }
    }

    /// How many members decide.
    #[must_use]
    pub fn majority(&self) -> usize {
        self.members.len() / 2 + 1
    }

    /// Whether somebody belongs.
    #[must_use]
    pub fn has(&self, who: &WarehouseId) -> bool {
        self.members.contains_key(who)
    }

    /// The key that a member signs with today.
    #[must_use]
    pub fn key(&self, member: &WarehouseId) -> Option<PublicKey> {
        self.members.get(member).and_then(Keys::current)
    }

    /// The key that proves an entry of somebody who belongs or belonged, whether or not that entry counts.
    #[must_use]
    pub fn key_at(&self, origin: &WarehouseId, seq: u64) -> Option<PublicKey> {
        let former = || self.former.get(origin).map(|former| &former.keys);
        self.members.get(origin).or_else(former).and_then(|keys| keys.at(seq))
    }

    /// What the next version decides on.
    #[must_use]
    pub fn next(&self) -> Matter {
        Matter { founding: self.founding, version: self.version + 1 }
    }

    /// Whether a change can follow this version.
    ///
    /// # Errors
    /// Says what stands against it.
    pub fn judge(&self, change: &Change) -> Result<(), Unfit> {
        let who = change.subject();
        match change {
            Change::Founded { .. } => Err(Unfit::FoundedAlready),
            Change::Admitted { .. } if self.has(who) => Err(Unfit::MemberAlready),
            Change::Admitted { .. } if self.former.contains_key(who) => Err(Unfit::Former),
            Change::Admitted { .. } if self.members.len() >= MAX_MEMBERS => Err(Unfit::Full),
            Change::Admitted { .. } => Ok(()),
            _ if !self.has(who) => Err(Unfit::NotMember),
            Change::Retired { .. } | Change::GivenUp { .. } if self.members.len() == 1 => Err(Unfit::LastOne),
            Change::KeyReplaced { key, .. } if self.key(who) == Some(*key) => Err(Unfit::SameKey),
            _ => Ok(()),
        }
    }

    /// The version that follows by a change; none where it can't.
    #[must_use]
    pub fn after(&self, change: &Change, entry: EntryRef) -> Option<Self> {
        self.judge(change).ok()?;
        let mut next = Self { version: self.version + 1, entry: entry.clone(), ..self.clone() };
        match change {
            Change::Founded { .. } => return None,
            Change::Admitted { member, key } => {
                next.members.insert(member.clone(), Keys::first(*key));
            }
            Change::Retired { member, last } | Change::GivenUp { member, last } => {
                let keys = next.members.remove(member)?;
                let given_up = matches!(change, Change::GivenUp { .. });
                next.former.insert(member.clone(), Former { keys, last: *last, given_up, entry });
            }
            Change::KeyReplaced { member, key, from_seq } => {
                next.members.get_mut(member)?.replace(*from_seq, *key);
            }
            Change::QuarantineEnded { .. } => {}
        }
        Some(next)
    }
}

#[cfg(test)]
mod tests;
