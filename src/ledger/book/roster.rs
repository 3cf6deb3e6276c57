//! The rosters that follow from the ledgers: every decree that was written, and the versions they make.
//!
//! Which roster counts is a function of the set of decrees alone, so equal cuts have equal rosters whatever the order of
//! arrival. Ledgers of warehouses that once founded clusters of their own bring their foundings along: the roster that
//! has grown counts, among those of one the earlier founding.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Book, Violation};
use crate::domain::WarehouseId;
use crate::ledger::entry::{Body, EntryRef, Hash, StoredEntry};
use crate::ledger::roster::{Acceptance, Ballot, Change, PublicKey, Roster};

/// One change of a roster, as an entry says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decree {
    /// Hash of the entry that founded the cluster.
    pub founding: Hash,
    /// The version it makes.
    pub version: u64,
    /// The change.
    pub change: Change,
    /// The entry; of several that say the same the least.
    pub entry: EntryRef,
    /// That entry's hybrid time.
    pub hlc: u64,
    /// Whether a majority's acceptances prove it; else it stands on an operator's word alone.
    pub proven: bool,
}

/// All decrees, and the rosters they make.
#[derive(Debug, Clone, Default)]
pub struct Rosters {
    decrees: BTreeMap<(Hash, u64, Hash), Decree>,
    newest: BTreeMap<Hash, Roster>,
    current: Option<Hash>,
}

/// What an entry says of a roster.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim<'a> {
    pub version: u64,
    pub founding: Option<Hash>,
    pub change: &'a Change,
    pub ballot: Option<&'a Ballot>,
    pub acceptances: &'a [Acceptance],
}

impl Rosters {
    pub(super) fn from_rows(rows: Vec<Decree>) -> Self {
        let mut rosters = Self::default();
        for row in rows {
            rosters.take(row);
        }
        rosters
    }

    pub(super) fn take(&mut self, decree: Decree) {
        let founding = decree.founding;
        self.decrees.insert((founding, decree.version, decree.change.hash()), decree);
        if let Some(roster) = self.chain(founding, u64::MAX) {
            self.newest.insert(founding, roster);
        }
        let rank = |roster: &&Roster| {
            let grown = if roster.version > 1 { roster.version } else { 0 };
            (grown, Reverse(roster.founded.clone()))
        };
        self.current = self.newest.values().max_by_key(rank).map(|roster| roster.founding);
    }

    /// The roster that counts; none before a founding is known.
    #[must_use]
    pub fn current(&self) -> Option<&Roster> {
        self.current.and_then(|founding| self.newest.get(&founding))
    }

    /// The newest version known of a cluster's roster.
    #[must_use]
    pub fn of(&self, founding: Hash) -> Option<&Roster> {
        self.newest.get(&founding)
    }

    /// All decrees known.
    pub fn decrees(&self) -> impl Iterator<Item = &Decree> {
        self.decrees.values()
    }

    /// Whether a change was made to a cluster's roster.
    #[must_use]
    pub fn has(&self, founding: Hash, change: &Change) -> bool {
        self.decrees.values().any(|d| d.founding == founding && d.change == *change)
    }

    /// The key that proves an entry: by the roster that counts, else by any other that knows its origin.
    #[must_use]
    pub fn key_at(&self, origin: &WarehouseId, seq: u64) -> Option<PublicKey> {
        let current = self.current().and_then(|roster| roster.key_at(origin, seq));
        current.or_else(|| self.newest.values().find_map(|roster| roster.key_at(origin, seq)))
    }

    /// The last entry of an origin that counts; none: all that come.
    #[must_use]
    pub fn end_of(&self, origin: &WarehouseId) -> Option<u64> {
        self.current().and_then(|roster| roster.former.get(origin)).map(|former| former.last.seq)
    }

    /// A cluster's roster at a version, or at the last one before it that is known.
    fn chain(&self, founding: Hash, version: u64) -> Option<Roster> {
        let first = self.at(founding, 1).next()?;
        let Change::Founded { founder, key } = &first.change else { return None };
        let mut roster = Roster::founding(founder.clone(), *key, first.hlc, first.entry.clone());
        while roster.version < version {
            let mut next = self.at(founding, roster.version + 1);
            let Some(decree) = next.next() else { break };
            let split = next.next().map(|_| decree.version);
            let Some(after) = roster.after(&decree.change, decree.entry.clone()) else { break };
            roster = Roster { split: roster.split.or(split), ..after };
        }
        Some(roster)
    }

    /// The decrees of one version; the one that counts comes first.
    fn at(&self, founding: Hash, version: u64) -> impl Iterator<Item = &Decree> {
        let (least, greatest) = (Hash::from_bytes([0; 32]), Hash::from_bytes([255; 32]));
        let of_version = self.decrees.range((founding, version, least)..=(founding, version, greatest));
        let mut decrees: Vec<_> = of_version.map(|(_, decree)| decree).collect();
        decrees.sort_by_key(|decree| (!decree.proven, decree.change.hash()));
        decrees.into_iter()
    }
}

impl Book {
    /// The rosters.
    #[must_use]
    pub const fn rosters(&self) -> &Rosters {
        &self.rosters
    }

    /// The roster that counts; none before a founding is known.
    #[must_use]
    pub fn roster(&self) -> Option<&Roster> {
        self.rosters.current()
    }

    /// Judges what an entry says of a roster.
    pub(super) fn fold_decree(&self, stored: &StoredEntry, claim: Claim<'_>) -> Result<Decree, Violation> {
        let origin = &stored.entry.origin;
        let refuse = |why| Violation::Roster { version: claim.version, why };
        let (founding, proven) = match (claim.founding, claim.change) {
            (None, Change::Founded { founder, .. }) if claim.version == 1 && founder == origin => {
                (stored.hash, true)
            }
            (Some(founding), change) if claim.version > 1 => {
                let before = self.rosters.chain(founding, claim.version - 1);
                let before = before.filter(|roster| roster.version + 1 == claim.version);
                let before = before.ok_or_else(|| refuse("the version before it is not known"))?;
                before.judge(change).map_err(|_| refuse("it can't follow the version before it"))?;
                let admits = matches!(change, Change::Admitted { member, .. } if member == origin);
                if !before.has(origin) && !admits {
                    return Err(refuse("its writer does not belong to the cluster"));
                }
                let proven =
                    claim.ballot.is_some_and(|ballot| before.is_proven(ballot, change, claim.acceptances));
                let alone = claim.ballot.is_none() && change.may_stand_alone();
                if !proven && !alone {
                    return Err(refuse("no majority's acceptances prove it"));
                }
                (founding, proven)
            }
            _ => return Err(refuse("it begins no cluster and continues none")),
        };
        let entry = stored.reference();
        let decree = Decree {
            founding,
            version: claim.version,
            change: claim.change.clone(),
            entry,
            hlc: stored.entry.hlc,
            proven,
        };
        let known = self.rosters.decrees.get(&(founding, decree.version, decree.change.hash()));
        Ok(match known {
            Some(known) => Decree { proven: known.proven || proven, ..earlier(known.clone(), decree) },
            None => decree,
        })
    }
}

/// Of two entries that say the same, the one of the least (origin, seq).
fn earlier(a: Decree, b: Decree) -> Decree {
    let place = |decree: &Decree| (decree.entry.origin.clone(), decree.entry.seq);
    if place(&a) <= place(&b) { a } else { b }
}

/// The claim of a body, if it is of a roster.
pub(super) fn claim_of(body: &Body) -> Option<Claim<'_>> {
    let Body::RosterChanged { version, founding, change, ballot, acceptances } = body else { return None };
    Some(Claim { version: *version, founding: *founding, change, ballot: ballot.as_ref(), acceptances })
}

#[cfg(test)]
mod tests;
