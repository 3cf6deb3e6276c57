//! Getting one's own ledger back from the others before writing again (`docs/architecture.md`, Recovery).
//!
//! A node that has nothing of its own may be new, or may have lost its disk: only the others can tell. It is new when
//! most of them have answered and none of them holds anything of it; else it must hear all of them. Who has not joined
//! itself can't vouch that a node is new: it may have lost its disk, too.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::domain::WarehouseId;
use crate::ledger::Head;

/// Milliseconds after which whoever is silent is asked again.
pub const ASK_AGAIN_MS: u64 = 2_000;
/// Nobody who beats stays unheard for so many milliseconds.
const SETTLE_MS: u64 = 3_000;
/// Nor for so many, where nothing is known to be lost.
const SETTLE_NEW_MS: u64 = 1_200;
/// A recovery that isn't through by then asks everybody anew: who answered may have lost since what it only kept.
const ANEW_MS: u64 = 20_000;

/// A recovery under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// Like no other, so that answers to earlier questions, of earlier starts too, are told apart.
    pub attempt: Uuid,
    answers: BTreeMap<WarehouseId, Option<Answer>>,
    absent: BTreeSet<WarehouseId>,
    /// Whether nothing shows that this node ever wrote.
    is_new: bool,
    begun_at: u64,
    /// When to ask again, monotonic milliseconds.
    pub ask_at: u64,
}

/// What somebody holds of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The last entry.
    pub held: Head,
    /// Whether the answerer is in the cluster.
    pub joined: bool,
}

impl Recovery {
    /// Begins; everybody known is to be asked.
    pub fn begin(
        attempt: Uuid,
        others: impl Iterator<Item = WarehouseId>,
        is_new: bool,
        now_mono: u64,
    ) -> Self {
        Self {
            attempt,
            answers: others.map(|o| (o, None)).collect(),
            absent: BTreeSet::new(),
            is_new,
            begun_at: now_mono,
            ask_at: now_mono,
        }
    }

    /// The same, asked anew: the answers so far don't count any more, the operator's word does.
    #[must_use]
    pub fn again(&self, attempt: Uuid, others: impl Iterator<Item = WarehouseId>, now_mono: u64) -> Self {
        let new = Self::begin(attempt, others, self.is_new, now_mono);
        Self { absent: self.absent.clone(), ..new }
    }

    /// Somebody else exists and must answer, too.
    pub fn also(&mut self, other: &WarehouseId) {
        if !self.answers.contains_key(other) {
            self.answers.insert(other.clone(), None);
            self.ask_at = 0;
        }
    }

    /// Somebody left the cluster and need not answer.
    pub fn left(&mut self, other: &WarehouseId) {
        self.answers.remove(other);
    }

    /// An answer.
    pub fn answer(&mut self, from: &WarehouseId, answer: Answer) {
        self.is_new &= answer.held.seq == 0;
        self.absent.remove(from);
        self.answers.insert(from.clone(), Some(answer));
    }

    /// Whoever answered tells by now that it holds more: what was on its way when it answered has come.
    pub fn holds_more(&mut self, from: &WarehouseId, held: Head) {
        if let Some(Some(answer)) = self.answers.get_mut(from)
            && (held.incarnation, held.seq) > (answer.held.incarnation, answer.held.seq)
        {
            answer.held = held;
            self.is_new = false;
        }
    }

    /// Something shows that this node wrote before.
    pub const fn knows_better(&mut self) {
        self.is_new = false;
    }

    /// An operator says who won't answer.
    pub fn without(&mut self, absent: &BTreeSet<WarehouseId>) {
        let silent: Vec<_> = absent.iter().filter(|who| !self.has_answered(who)).cloned().collect();
        self.absent.extend(silent);
    }

    /// Who was declared absent.
    #[must_use]
    pub const fn absent(&self) -> &BTreeSet<WarehouseId> {
        &self.absent
    }

    /// Whether somebody was declared absent: then entries may come back that this node never heard of again.
    #[must_use]
    pub fn is_without_somebody(&self) -> bool {
        !self.absent.is_empty()
    }

    /// Whether nothing shows that this node ever wrote.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        self.is_new
    }

    /// Whether everybody is to be asked anew.
    #[must_use]
    pub const fn is_stale(&self, now_mono: u64) -> bool {
        now_mono >= self.begun_at + ANEW_MS
    }

    /// Whether somebody has answered.
    #[must_use]
    pub fn has_answered(&self, who: &WarehouseId) -> bool {
        self.answers.get(who).is_some_and(Option::is_some)
    }

    /// Who hasn't answered and isn't declared absent.
    pub fn silent(&self) -> impl Iterator<Item = &WarehouseId> {
        let silent = self.answers.iter().filter(|(who, a)| a.is_none() && !self.absent.contains(*who));
        silent.map(|(other, _)| other)
    }

    /// How many were asked.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.answers.len()
    }

    /// How many have answered.
    #[must_use]
    pub fn answered(&self) -> usize {
        self.answers.values().flatten().count()
    }

    /// The last entry that any of them holds.
    #[must_use]
    pub fn held(&self) -> u64 {
        self.answers.values().flatten().map(|answer| answer.held.seq).max().unwrap_or(0)
    }

    /// What the answers say the ledger goes up to, once all who must have answered, or are declared absent.
    #[must_use]
    pub fn agreed(&self, now_mono: u64) -> Option<Head> {
        let settle = if self.is_new { SETTLE_NEW_MS } else { SETTLE_MS };
        if now_mono < self.begun_at + settle {
            return None;
        }
        let answered = || self.answers.values().flatten();
        let count = answered().filter(|answer| answer.joined || !self.is_new).count();
        // Nobody there is no agreement: only an operator can say that nobody will come.
        let all = self.silent().next().is_none() && (count > 0 || self.is_without_somebody());
        let enough = all || (self.is_new && 2 * count > self.answers.len());
        let held = answered().map(|answer| answer.held);
        enough.then(|| held.max_by_key(|head| (head.incarnation, head.seq)).unwrap_or(Head::EMPTY))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::ledger::Hash;

    fn id(name: &str) -> WarehouseId {
        WarehouseId::new(name).unwrap()
    }

    fn recovery(is_new: bool) -> Recovery {
        let others = ["sevilla", "valencia", "vigo"].map(id).into_iter();
        Recovery::begin(Uuid::nil(), others, is_new, 0)
    }

    fn head(seq: u64) -> Head {
        Head { incarnation: 1, seq, hash: Hash::of(&seq.to_be_bytes()) }
    }

    fn joined(held: Head) -> Answer {
        Answer { held, joined: true }
    }

    #[test]
    fn all_must_answer_or_be_declared_absent() {
        let mut recovery = recovery(false);
        recovery.answer(&id("sevilla"), joined(head(4)));
        recovery.answer(&id("valencia"), joined(head(7)));
        assert_eq!(recovery.agreed(60_000), None);
        recovery.without(&BTreeSet::from([id("vigo"), id("sevilla")]));
        assert_eq!(recovery.silent().count(), 0);
        assert_eq!(recovery.agreed(60_000), Some(head(7)));
        recovery.answer(&id("vigo"), joined(head(9)));
        assert!(!recovery.is_without_somebody(), "it came after all");
        assert_eq!(recovery.agreed(60_000), Some(head(9)));
    }

    #[test]
    fn one_that_nobody_answered_ends_only_by_the_operators_word() {
        let mut recovery = Recovery::begin(Uuid::nil(), std::iter::empty(), false, 0);
        assert_eq!(recovery.agreed(60_000), None);
        recovery.without(&BTreeSet::from([id("sevilla")]));
        assert_eq!(recovery.agreed(60_000), Some(Head::EMPTY));
    }

    #[test]
    fn a_new_node_needs_most_of_the_others_and_one_that_lost_its_disk_all() {
        let mut recovery = recovery(true);
        recovery.answer(&id("sevilla"), joined(Head::EMPTY));
        assert_eq!(recovery.agreed(60_000), None);
        recovery.answer(&id("vigo"), joined(Head::EMPTY));
        assert_eq!(recovery.agreed(0), None, "not before everybody had the time to be heard");
        assert_eq!(recovery.agreed(60_000), Some(Head::EMPTY));
        recovery.knows_better();
        assert_eq!(recovery.agreed(60_000), None);
    }

    #[test]
    fn an_answer_that_holds_something_shows_that_the_disk_was_lost() {
        let mut recovery = recovery(true);
        recovery.answer(&id("sevilla"), joined(head(4)));
        recovery.answer(&id("vigo"), joined(Head::EMPTY));
        assert_eq!(recovery.agreed(60_000), None);
        recovery.answer(&id("valencia"), joined(Head::EMPTY));
        assert_eq!(recovery.agreed(60_000), Some(head(4)));
    }

    #[test]
    fn what_came_to_somebody_after_it_answered_counts() {
        let mut recovery = recovery(false);
        ["sevilla", "valencia", "vigo"]
            .map(id)
            .iter()
            .for_each(|who| recovery.answer(who, joined(Head::EMPTY)));
        assert_eq!(recovery.agreed(60_000), Some(Head::EMPTY));
        recovery.holds_more(&id("vigo"), head(1));
        recovery.holds_more(&id("vigo"), Head::EMPTY);
        assert_eq!(recovery.agreed(60_000), Some(head(1)));
        recovery.holds_more(&id("lugo"), head(9));
        assert_eq!(recovery.agreed(60_000), Some(head(1)), "it was never asked");
    }

    #[test]
    fn who_has_not_joined_does_not_vouch_that_a_node_is_new() {
        let mut recovery = recovery(true);
        let empty_too = Answer { held: Head::EMPTY, joined: false };
        ["sevilla", "valencia", "vigo"].map(id).iter().for_each(|who| recovery.answer(who, empty_too));
        assert_eq!(recovery.agreed(60_000), None);
        recovery.answer(&id("vigo"), joined(Head::EMPTY));
        assert_eq!(recovery.agreed(60_000), Some(Head::EMPTY));
    }
}
