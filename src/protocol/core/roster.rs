//! Who belongs: this node's part in the roster, and what follows from it for what it may do and hear.

mod deciding;
mod departed;
mod greeting;
mod voting;
mod wishes;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Core;
use crate::domain::{Operator, WarehouseId};
use crate::ledger::roster::{Acceptance, Change, Roster};
use crate::ledger::{Hash, Head, PublicKey};
use crate::protocol::batch::RosterVote;
use crate::protocol::input::Now;
use crate::protocol::message::{Told, ToldVote};
use crate::protocol::roster::Balloting;

/// A lock's lease and the 2 % by which clocks may differ in rate: so long must pass between two changes, unless every
/// member says that no vote of an older version lives.
const BETWEEN_CHANGES_MS: u64 = 10_200;

/// What this node knows and wants of the roster.
#[derive(Debug, Clone, Default)]
pub(super) struct Membership {
    /// As it is stored with the next batch.
    vote: RosterVote,
    /// The part taken in deciding the next version.
    balloting: Option<Balloting>,
    wishes: Vec<Wish>,
    heard: Heard,
    /// When the version of today was learned, or the node started; monotonic milliseconds, as all here.
    learned_at: u64,
    begin_at: u64,
    /// When the own ballot's change was put forward.
    forward_at: u64,
    again_at: u64,
    hello_at: u64,
    votes_at: u64,
    /// Votes that others told since this start, in its recovery or afterwards.
    told: BTreeMap<WarehouseId, ToldVote>,
    /// The votes of those who answered in this recovery, with the key that each showed: nobody can prove them while no
    /// roster is known here. Until then they say by their word alone on which version is decided.
    told_of: BTreeMap<WarehouseId, (PublicKey, ToldVote)>,
    candidates: BTreeMap<WarehouseId, Candidate>,
    /// Members of whom an operator, here or elsewhere, says that they lost their keys or are gone for good.
    lost: BTreeSet<WarehouseId>,
    /// The cluster of this one's, alone in it, gives way to another.
    yields: bool,
    /// The other cluster lists this node: its founding entry is believed.
    joins: Option<Hash>,
    /// Somebody of another cluster that has grown as well.
    other_cluster: Option<WarehouseId>,
    /// Heard in this recovery, or told of, and not known to belong.
    later: BTreeSet<WarehouseId>,
    /// A choice told by one that may not write it, and when to do so.
    elsewhere: Option<(Told, u64)>,
    /// Questions to others whether they let themselves be retired.
    asked: BTreeMap<Uuid, Asked>,
    /// Somebody's heads were heard, and they hold no more of the own ledger than is here.
    compared: bool,
    /// Somebody has left who may have asked this warehouse for goods.
    declines_owed: bool,
}

/// A change that is wanted.
#[derive(Debug, Clone)]
struct Wish {
    change: Change,
    operator: Operator,
    /// The request to answer, with the digest of what it asks.
    request: Option<(Uuid, u32)>,
    /// Not proposed before.
    due: u64,
    /// Answered by then, one way or the other.
    until: u64,
}

/// What was heard with the promises and acceptances of the own ballot.
#[derive(Debug, Clone, Default)]
struct Heard {
    acceptances: BTreeMap<WarehouseId, Acceptance>,
    held: Vec<Head>,
    settled: usize,
}

/// Somebody who would like to belong, or to go on with another key.
#[derive(Debug, Clone)]
struct Candidate {
    key: PublicKey,
    next_seq: Option<u64>,
    seen_at: u64,
}

/// An operator's request that waits for another node's word.
#[derive(Debug, Clone)]
struct Asked {
    who: WarehouseId,
    operator: Operator,
    request: Uuid,
    again_at: u64,
    until: u64,
}

/// What somebody is to this cluster.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It belongs.
    #[default]
    Member,
    /// It would like to belong, and waits for an operator.
    Candidate,
    /// It belongs, but shows another key than the roster's.
    OtherKey,
    /// It was retired.
    Retired,
    /// It was given up.
    GivenUp,
    /// Nothing is known of it.
    Stranger,
}

impl Standing {
    /// Whether it is one of the cluster's warehouses now.
    #[must_use]
    pub const fn belongs(self) -> bool {
        matches!(self, Self::Member | Self::OtherKey)
    }
}

/// Who votes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Electorate {
    /// The version of the roster, named on every vote.
    pub version: u64,
    /// Who belongs, this node included.
    pub members: BTreeSet<WarehouseId>,
}

/// How the roster is, for people.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RosterStatus {
    /// The version; 0: none is known.
    pub version: u64,
    /// Who belongs, this node included.
    pub members: Vec<WarehouseId>,
    /// Two different changes of this version are known: nothing more is decided.
    pub split: Option<u64>,
    /// Somebody of another cluster of the same name that has grown as well.
    pub other_cluster: Option<WarehouseId>,
    /// This node asked to be retired and waits for the others.
    pub retiring: bool,
    /// It is known here, but under another key than this node has: an operator at a member must admit the new one.
    #[serde(default)]
    pub new_key: bool,
    /// This node belonged and was retired or given up.
    #[serde(default)]
    pub left: bool,
}

impl Membership {
    pub(super) fn loaded(vote: RosterVote) -> Self {
        Self { vote, ..Self::default() }
    }
}

impl Core {
    /// The roster that counts; none before a founding is known.
    #[must_use]
    pub fn roster(&self) -> Option<&Roster> {
        self.book.roster()
    }

    /// Its version; 0 before a founding is known.
    #[must_use]
    pub fn roster_version(&self) -> u64 {
        self.roster().map_or(0, |roster| roster.version)
    }

    /// Who votes on locks, in which version of the roster; none where locks are off: no roster is known, two differ, or
    /// this node does not belong.
    #[must_use]
    pub fn electorate(&self) -> Option<Electorate> {
        let roster = self.roster().filter(|roster| roster.split.is_none() && self.is_member())?;
        Some(Electorate { version: roster.version, members: roster.members.keys().cloned().collect() })
    }

    /// Whether this member has accepted a change for the next version: from then on it gives and extends no lock vote
    /// of this one.
    #[must_use]
    pub fn accepted_for_next(&self) -> bool {
        self.membership.balloting.as_ref().is_some_and(|b| b.acceptor().has_accepted())
    }

    /// Whether this node belongs to its cluster, by the key it has.
    #[must_use]
    pub fn is_member(&self) -> bool {
        self.roster().and_then(|roster| roster.key(&self.setup.me)) == Some(self.public)
    }

    /// Whether this node may append to its ledger: it belongs, has its ledger whole, and isn't about to leave.
    #[must_use]
    pub fn may_append(&self) -> bool {
        self.joined
            && self.recovery.is_none()
            && self.stopped().is_none()
            && self.is_member()
            && !self.membership.vote.retiring
    }

    /// How the roster is.
    #[must_use]
    pub fn roster_status(&self) -> RosterStatus {
        let roster = self.roster();
        RosterStatus {
            version: self.roster_version(),
            members: roster.map(|r| r.members.keys().cloned().collect()).unwrap_or_default(),
            split: roster.and_then(|r| r.split),
            other_cluster: self.membership.other_cluster.clone(),
            retiring: self.membership.vote.retiring,
            new_key: self.shows_new_key(),
            left: roster.is_some_and(|r| r.former.contains_key(&self.setup.me)),
        }
    }

    /// Whether the cluster knows this warehouse, but by another key than this node has.
    pub(super) fn shows_new_key(&self) -> bool {
        let known = self.roster().and_then(|roster| roster.key(&self.setup.me));
        known.is_some_and(|key| key != self.public)
    }

    /// What somebody is to this cluster.
    #[must_use]
    pub fn standing(&self, who: &WarehouseId) -> Standing {
        // Before a roster is known whoever is heard counts as one of us.
        let Some(roster) = self.roster() else { return Standing::Member };
        let waits = self.membership.candidates.get(who);
        if let Some(former) = roster.former.get(who) {
            return if former.given_up { Standing::GivenUp } else { Standing::Retired };
        }
        match (roster.key(who), waits) {
            (Some(key), Some(candidate)) if candidate.key != key => Standing::OtherKey,
            (Some(_), _) => Standing::Member,
            (None, Some(_)) => Standing::Candidate,
            (None, None) => Standing::Stranger,
        }
    }

    /// Looks after the roster: what changed of it, who is to be greeted, what is to be decided.
    pub(super) fn keep_roster(&mut self, now: Now) {
        // A cluster of one decides at once; each decision may leave the next wish due.
        loop {
            self.follow_roster(now);
            self.answer_wishes(now);
            if !self.decide(now) {
                break;
            }
        }
        self.join_if_admitted();
        self.decline_for_the_departed(now);
        self.ask_for_votes(now);
        self.ask_to_retire_again(now);
        self.greet(now);
    }

    /// Takes up what the roster of today asks for.
    fn follow_roster(&mut self, now: Now) {
        let Some(roster) = self.book.roster() else { return };
        let matter = roster.next();
        if self.membership.balloting.as_ref().is_some_and(|b| b.matter() == matter) {
            return;
        }
        let voters = roster.members.keys().cloned().collect();
        let gone = roster.former.contains_key(&self.setup.me);
        let members: Vec<_> = roster.members.keys().chain(roster.former.keys()).cloned().collect();
        let keys: Vec<_> = members.iter().map(|m| (m.clone(), roster.key(m))).collect();
        if self.membership.vote.matter != Some(matter) {
            let acceptor = self.acceptor_for(matter);
            let vote = &mut self.membership.vote;
            vote.matter = Some(matter);
            vote.acceptor = acceptor;
            vote.with = None;
            vote.retiring &= !gone;
            self.store_vote();
        }
        let membership = &mut self.membership;
        let acceptor = membership.vote.acceptor.clone();
        membership.balloting = Some(Balloting::new(self.setup.me.clone(), matter, voters, acceptor));
        membership.learned_at = now.mono_ms;
        membership.elsewhere = None;
        membership.later.clear();
        membership.lost.clear();
        membership.candidates.retain(|who, candidate| match keys.iter().find(|(m, _)| m == who) {
            Some((_, key)) => key.is_some_and(|key| key != candidate.key),
            None => true,
        });
        membership.hello_at = now.mono_ms;
        self.end_quarantines();
        self.set_apart_what_is_void();
        self.show_what_was_given_up();
        self.membership.declines_owed = true;
        self.turn.changed.others = true;
        self.heads_soon(now);
    }

    /// Whether this node joins another cluster, of whose members it knows nothing yet.
    pub(super) const fn believes_strangers(&self) -> bool {
        self.membership.joins.is_some()
    }

    /// Others who may hold what a store that was set back lacks, though they aren't known to belong.
    pub(super) fn later_members(&self) -> impl Iterator<Item = &WarehouseId> {
        self.membership.later.iter().filter(|_| self.recovery.is_some())
    }

    /// Whether the others have told how much of the own ledger they hold.
    pub(super) const fn is_compared(&self) -> bool {
        self.membership.compared
    }

    /// Whoever is heard while the own ledger comes back is asked for it, known to belong or not: a store that was set back
    /// doesn't know who has come since, nor who goes by another key by now.
    pub(super) fn heard_in_recovery(&mut self, from: &WarehouseId, key: PublicKey) {
        let roster = self.roster();
        let may_have_come = roster.is_some_and(|r| r.key(from) != Some(key) && !r.former.contains_key(from));
        if self.recovery.is_some() && may_have_come {
            self.membership.later.insert(from.clone());
        }
    }

    /// Nobody holds more of the own ledger than is here, as far as anybody has told.
    pub(super) const fn membership_compared(&mut self) {
        self.membership.compared = true;
    }

    /// Whether this node is leaving.
    pub(super) const fn membership_leaving(&self) -> bool {
        self.membership.vote.retiring
    }

    /// A node begins once it belongs and somebody has told that it holds no more of its ledger than is here.
    fn join_if_admitted(&mut self) {
        if !self.joined && self.recovery.is_none() && self.membership.compared && self.is_member() {
            self.join();
        }
    }

    /// Ledgers that go on behind the end that their giving up names: nothing more of them is followed.
    fn set_apart_what_is_void(&mut self) {
        let Some(roster) = self.book.roster() else { return };
        let beyond = roster.former.iter().filter(|(who, former)| self.book.head(who).seq > former.last.seq);
        let beyond: Vec<_> = beyond.map(|(who, former)| (who.clone(), former.last.seq)).collect();
        for (who, last) in beyond {
            self.quarantine(&who, &format!("it was given up at entry {last}; what it wrote later is void"));
        }
    }

    /// Goods of warehouses that were given up are shown apart from now on.
    fn show_what_was_given_up(&mut self) {
        let former = self.book.roster().into_iter().flat_map(|roster| &roster.former);
        let given_up: BTreeSet<_> = former.filter(|(_, f)| f.given_up).map(|(who, _)| who).collect();
        if given_up.is_empty() {
            return;
        }
        let there = self.book.stock().filter(|(key, _)| given_up.contains(&key.warehouse));
        let sent = self.book.transfers().filter(|t| given_up.contains(&t.from));
        let sent = sent.flat_map(|t| t.dispatch.iter()).flat_map(|dispatch| &dispatch.lines);
        let products = &mut self.turn.changed.products;
        products.extend(there.map(|(key, _)| key.sku.clone()).chain(sent.map(|line| line.sku.clone())));
    }

    /// Ledgers of which a decree says which history counts are followed again, where that history is the one here.
    fn end_quarantines(&mut self) {
        let Some(roster) = self.book.roster() else { return };
        let founding = roster.founding;
        let ended = self.book.rosters().decrees().filter(|d| d.founding == founding);
        let ended = ended.filter_map(|d| match &d.change {
            Change::QuarantineEnded { member, at } => Some((member.clone(), *at)),
            _ => None,
        });
        let ended: Vec<_> =
            ended.filter(|(m, at)| self.book.is_quarantined(m) && self.book.head(m) == *at).collect();
        for (member, _) in ended {
            self.book.end_quarantine(&member);
            self.turn.heads.insert(member);
            self.turn.dirty = true;
            self.turn.changed.others = true;
        }
    }
}
