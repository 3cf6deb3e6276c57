//! The lock in the core: votes are given and asked for, acts wait for their locks and are written under them.
//!
//! A holder enters once it has applied what a majority of the voters had applied, so it plans on what all earlier
//! holders wrote; it leaves once a majority has stored what it wrote. What tells an applied cut is sent after the
//! commit of what was applied.

mod overtaken;
mod waiting;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::{Core, Electorate};
use crate::domain::{Sku, WarehouseId};
use crate::ledger::StoredEntry;
use crate::ledger::entry::{Cut, Fence};
use crate::protocol::effects::{Lane, Send};
use crate::protocol::input::Now;
use crate::protocol::message::Message;
use crate::protocol::quorum_lock::{self, Requester, Says, Timing, Voter};

pub use waiting::{LockStatus, Seat};

type Out = quorum_lock::Out<Sku, WarehouseId, Arc<Cut>>;

/// This node as a requester and as a voter, and the acts that wait.
#[derive(Debug, Clone)]
pub(super) struct Locks {
    requester: Requester<Sku, WarehouseId, Arc<Cut>>,
    /// From the first turn on: before that no time is known.
    voter: Option<Voter<Sku, WarehouseId>>,
    /// In the order in which they came.
    waiting: Vec<waiting::Waiting>,
    /// Locks under which something was written, with the last own entry of it.
    leaving: BTreeMap<Sku, u64>,
    overtaken: overtaken::Overtaken,
}

impl Locks {
    pub(super) fn new(
        me: &WarehouseId,
        incarnation: u32,
        book: &crate::ledger::book::Book,
        joined: bool,
    ) -> Self {
        let mut requester = Requester::new(me.clone(), Timing::USUAL, incarnation, None);
        for request in book.transfers().filter_map(|t| t.request.as_ref()) {
            for (sku, fence) in &request.fences {
                requester.learn(sku, fence.n);
            }
        }
        Self {
            requester,
            voter: None,
            waiting: Vec::new(),
            leaving: BTreeMap::new(),
            overtaken: overtaken::Overtaken::loaded(me, book, joined),
        }
    }

    #[cfg(feature = "faults")]
    pub(super) fn commit_fault(&mut self, me: &WarehouseId, incarnation: u32, fault: quorum_lock::Fault) {
        self.requester = Requester::new(me.clone(), Timing::USUAL, incarnation, Some(fault));
    }
}

impl Core {
    /// Whose votes count for a lock, and the version of the roster that says so. Nobody's do for who doesn't belong, or
    /// where two changes of the roster contradict each other.
    fn electorate_now(&self) -> Electorate {
        self.electorate().unwrap_or(Electorate { version: 0, members: BTreeSet::new() })
    }

    fn lock_members(&self) -> BTreeSet<WarehouseId> {
        self.electorate_now().members
    }

    /// Before anything else in a turn: what has lapsed ends.
    pub(super) fn begin_locks(&mut self, now: Now) {
        let (now_ms, incarnation) = (now.mono_ms, self.incarnation);
        let fault = self.lock_fault();
        let Electorate { version, members } = self.electorate_now();
        let recovering = self.recovery.is_some();
        let cut = Arc::new(self.book.cut());
        let mut out = Vec::new();
        let voter =
            self.locks.voter.get_or_insert_with(|| Voter::new(Timing::USUAL, incarnation, now_ms, fault));
        voter.renumber(incarnation);
        if recovering {
            // What it had applied when it gave votes before may be gone.
            voter.abstain_until(now_ms + Timing::USUAL.abstention());
        }
        voter.tick(now_ms, &cut, &mut out);
        self.locks.requester.renumber(incarnation);
        self.locks.requester.members(version, members, &mut out);
        self.locks.requester.tick(now_ms, &mut out);
        self.carry(now, out);
    }

    /// At the end of a turn: what can be entered, written, left or refused is.
    pub(super) fn settle_locks(&mut self, now: Now) {
        self.judge_what_was_not(now);
        self.ask_anew(now);
        self.settle_waiting(now);
        self.leave_what_is_stored(now);
        let voter_due = self.locks.voter.as_ref().and_then(|voter| voter.due(now.mono_ms));
        for due in self.locks.requester.due().into_iter().chain(voter_due) {
            self.turn.wake_by(due.max(now.mono_ms + 1));
        }
    }

    /// Somebody says something about a lock.
    pub(super) fn lock_message(
        &mut self,
        now: Now,
        from: &WarehouseId,
        version: u64,
        sku: &Sku,
        says: Says<WarehouseId, Arc<Cut>>,
    ) {
        // Votes are asked for and given under one version of the roster; it is asked again until both know it.
        let is_vote = matches!(says, Says::Request { .. } | Says::Vote { .. });
        if is_vote && version != self.electorate_now().version {
            self.refuse(|refused| &mut refused.of_another_roster);
            return;
        }
        let mut out = Vec::new();
        self.lock_heard(now, from, sku, says, &mut out);
        self.carry(now, out);
        self.turn.changed.others = true;
    }

    fn lock_heard(
        &mut self,
        now: Now,
        from: &WarehouseId,
        sku: &Sku,
        says: Says<WarehouseId, Arc<Cut>>,
        out: &mut Vec<Out>,
    ) {
        // Who has accepted the next version gives and extends no vote of this one: votes of both never add up.
        if matches!(says, Says::Request { .. }) && self.accepted_for_next() {
            return;
        }
        if matches!(says, Says::Request { .. } | Says::Yield { .. } | Says::Release { .. }) {
            let cut = Arc::new(self.book.cut());
            let voter = self.locks.voter.as_mut();
            if voter.is_some_and(|voter| !voter.hear(now.mono_ms, from, sku, &says, &cut, out)) {
                self.refuse(|refused| &mut refused.forged);
            }
        } else {
            self.locks.requester.hear(now.mono_ms, from, sku, says, out);
        }
    }

    /// Sends what the machines say, and hears what this node says to itself.
    fn carry(&mut self, now: Now, out: Vec<Out>) {
        let mut saying = VecDeque::from(out);
        let version = self.electorate_now().version;
        let me = self.setup.me.clone();
        while let Some(Out { to, resource, says }) = saying.pop_front() {
            if to.as_ref() != Some(&me) {
                // A vote tells what is applied here: only what is committed may be told.
                let tells_a_cut = matches!(says, Says::Vote { .. });
                let message = Message::Lock { version, sku: resource.clone(), says: says.clone() };
                let send = Send { to: to.clone(), lane: Lane::Control, message };
                let sends = if tells_a_cut { &mut self.turn.after_sends } else { &mut self.turn.at_once };
                sends.push(send);
            }
            if to.is_none_or(|to| to == me) {
                let mut more = Vec::new();
                self.lock_heard(now, &me, &resource, says, &mut more);
                saying.extend(more);
            }
        }
    }

    /// Takes note of an entry that has just been folded, if it was written under locks.
    pub(super) fn lock_entry(&mut self, now: Now, stored: &StoredEntry) {
        let entry = &stored.entry;
        if !entry.fences.is_empty() {
            let cut = Arc::new(self.book.cut());
            let mut out = Vec::new();
            let extends = !self.accepted_for_next();
            for (sku, fence) in entry.fences.iter().filter(|(_, fence)| fence.node == entry.origin) {
                self.locks.requester.learn(sku, fence.n);
                if let Some(voter) = self.locks.voter.as_ref().filter(|_| extends) {
                    voter.applied(sku, fence, &cut, &mut out);
                }
            }
            self.carry(now, out);
        }
        self.overtaken_entry(now, stored);
    }

    /// The first entry of a cut that isn't applied here though it could be.
    fn first_missing<'a>(&self, cut: &'a Cut) -> Option<(&'a WarehouseId, u64)> {
        let missing = |(origin, head): &(&WarehouseId, &crate::ledger::Head)| {
            self.book.head(origin).seq < head.seq && !self.book.is_quarantined(origin)
        };
        cut.iter().find(missing).map(|(origin, head)| (origin, head.seq))
    }

    /// What an entry that was written under locks waits for.
    pub(super) fn awaited_cut(&self, stored: &StoredEntry) -> Option<(WarehouseId, u64)> {
        let after = stored.entry.after.as_ref()?;
        self.first_missing(after).map(|(origin, seq)| (origin.clone(), seq))
    }

    /// The fences of locks that are all held now, with all applied that their voters had.
    fn entered(&self, now: Now, skus: &[Sku]) -> Option<Vec<(Sku, Fence)>> {
        let fences = skus.iter().map(|sku| {
            let fence = self.locks.requester.held(sku, now.mono_ms)?;
            let may =
                self.locks.requester.may_enter(sku, now.mono_ms, |cut| self.first_missing(cut).is_none());
            may.then(|| (sku.clone(), fence.clone()))
        });
        fences.collect()
    }

    /// What a holder has applied on entering, besides its own ledger.
    fn holders_cut(&self) -> Cut {
        let mut cut = self.book.cut();
        cut.retain(|origin, head| *origin != self.setup.me && head.seq > 0);
        cut
    }

    fn release(&mut self, now: Now, sku: &Sku) {
        let mut out = Vec::new();
        self.locks.requester.release(sku, &mut out);
        self.carry(now, out);
        self.turn.changed.others = true;
    }

    /// Releases what a majority shows to have stored.
    fn leave_what_is_stored(&mut self, now: Now) {
        let me = self.setup.me.clone();
        let leaving: Vec<_> = self.locks.leaving.iter().map(|(sku, seq)| (sku.clone(), *seq)).collect();
        for (sku, seq) in leaving {
            let shows = |cut: &Arc<Cut>| cut.get(&me).is_some_and(|head| head.seq >= seq);
            let through = self.locks.requester.may_leave(&sku, shows);
            if through {
                self.release(now, &sku);
            }
            if through || !self.locks.requester.wants(&sku) {
                self.locks.leaving.remove(&sku);
            }
        }
    }

    /// The lock under which a product is held now, for checks.
    #[must_use]
    pub fn lock_held(&self, sku: &Sku, now: Now) -> Option<&Fence> {
        self.locks.requester.held(sku, now.mono_ms)
    }

    /// The fence that has this node's vote for a product.
    #[must_use]
    pub fn lock_granted(&self, sku: &Sku) -> Option<&Fence> {
        self.locks.voter.as_ref()?.granted(sku)
    }

    /// Whose votes count for a lock, as this node knows.
    #[must_use]
    pub fn lock_voters(&self) -> BTreeSet<WarehouseId> {
        self.lock_members()
    }
}
