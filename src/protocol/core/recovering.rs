//! Getting the own ledger back: who is asked, and when it is over.

use uuid::Uuid;

use super::Core;
use crate::domain::Operator;
use crate::ledger::Body;
use crate::protocol::effects::{Lane, Send};
use crate::protocol::input::Now;
use crate::protocol::message::Message;
use crate::protocol::recovery::{ASK_AGAIN_MS, Recovery};

/// A recovery without somebody leaves room for so many starts that only the absent know of.
const UNHEARD_STARTS: u32 = 1 << 12;

impl Core {
    pub(super) fn begin_recovery(&mut self, now: Now) {
        if self.recovery.is_some() {
            return;
        }
        // Stored, so that a start in the middle of it goes on with it.
        self.joined = false;
        self.turn.dirty = true;
        // Entries of another life of this ledger may follow those written since.
        self.stamped = None;
        self.stop_proposing();
        let others = self.others();
        let attempt = self.next_attempt();
        let is_new = self.head().seq == 0;
        self.recovery = Some(Recovery::begin(attempt, others.into_iter(), is_new, now.mono_ms));
        self.turn.changed.others = true;
    }

    /// Another process may write under this name by now: until the others have said what they hold of it, nothing is
    /// written here, over a restart too.
    pub(super) fn is_not_served(&mut self, now: Now) {
        if self.elsewhere {
            return;
        }
        self.elsewhere = true;
        self.turn.changed.others = true;
        // Where nobody else belongs, nobody can tell.
        if self.head().seq > 0 && !self.others().is_empty() {
            self.begin_recovery(now);
            self.lost_something();
        }
    }

    /// Nobody else is served under this name any more.
    pub(super) fn is_served_again(&mut self, now: Now) {
        if std::mem::take(&mut self.elsewhere) {
            self.turn.changed.others = true;
            // What was answered before says nothing of what the other process wrote since.
            self.ask_all_anew(now);
        }
    }

    /// The own ledger was longer once than it is here.
    pub(super) fn lost_something(&mut self) {
        if let Some(recovery) = &mut self.recovery {
            recovery.knows_better();
        }
    }

    fn next_attempt(&mut self) -> Uuid {
        self.recoveries += 1;
        Uuid::new_v5(&self.setup.nonce, &self.recoveries.to_be_bytes())
    }

    /// Whoever belongs must answer, as far as is known by now; whoever left need not.
    fn await_all_who_belong(&mut self) {
        let mut others = self.others();
        // Whoever a member has agreed to admit may belong by now, and hold what that member lacks.
        others.extend(self.agreed_to_admit());
        let Some(recovery) = &mut self.recovery else { return };
        for other in others.iter().filter(|other| **other != self.setup.me) {
            recovery.also(other);
        }
        for former in self.book.roster().iter().flat_map(|roster| roster.former.keys()) {
            recovery.left(former);
        }
    }

    /// Whether one of those who belong, as far as is known, has said how much of the own ledger it holds.
    fn has_a_member_answered(&self) -> bool {
        let (Some(recovery), Some(roster)) = (&self.recovery, self.roster()) else { return true };
        roster.members.keys().any(|member| *member != self.setup.me && recovery.has_answered(member))
    }

    fn ask_all_anew(&mut self, now: Now) {
        let (attempt, others) = (self.next_attempt(), self.others());
        let again = |r: &Recovery| r.again(attempt, others.iter().cloned(), now.mono_ms);
        self.recovery = self.recovery.as_ref().map(again);
    }

    pub(super) fn ask_for_own_ledger(&mut self, now: Now) {
        if self.recovery.as_ref().is_some_and(|r| r.is_stale(now.mono_ms)) {
            self.ask_all_anew(now);
        }
        let Some(recovery) = &mut self.recovery else {
            return;
        };
        if now.mono_ms >= recovery.ask_at {
            recovery.ask_at = now.mono_ms + ASK_AGAIN_MS;
            let attempt = recovery.attempt;
            let silent: Vec<_> = recovery.silent().cloned().collect();
            for to in silent {
                let message = Message::RecoverAsk { attempt };
                self.turn.at_once.push(Send { to: Some(to), lane: Lane::Inbox, message });
            }
        }
        self.turn.wake_by(recovery.ask_at);
    }

    /// Ends a recovery once everybody has answered and all that they hold is here.
    pub(super) fn end_recovery_if_agreed(&mut self, now: Now) {
        // What has just been applied may tell of members who were not asked yet.
        self.await_all_who_belong();
        let Some(recovery) = self.recovery.as_ref().filter(|_| !self.elsewhere) else {
            return;
        };
        let Some(agreed) = recovery.agreed(now.mono_ms) else {
            return;
        };
        let (is_new, without) = (recovery.is_new(), recovery.is_without_somebody());
        let own = self.book.head(&self.setup.me);
        if own.seq < agreed.seq && own.incarnation <= agreed.incarnation {
            let me = self.setup.me.clone();
            self.incoming.entry(me).or_default().want(agreed.seq);
            return;
        }
        // Starts never fall along a ledger: one that is as long as what a later start wrote, and ends in an earlier
        // one, isn't the ledger that went on.
        if own.seq > 0 && own.seq >= agreed.seq && own.incarnation < agreed.incarnation {
            self.stop(format!(
                "what came back of the own ledger up to entry {} is what was given up",
                own.seq
            ));
            return;
        }
        if self.is_behind_the_roster() {
            // Whether it still belongs, and who else does, stands in what is on its way here.
            return;
        }
        let left = self.book.roster().is_some_and(|roster| roster.former.contains_key(&self.setup.me));
        let comes_back = own.seq > 0 || !is_new || without;
        if comes_back && !left && !without && !self.has_a_member_answered() {
            // Who doesn't belong, as far as is known here, may lack what those have who do and were not heard.
            return;
        }
        if comes_back && !self.is_member() && !left {
            // It goes on once it is admitted again, or an operator has its new key admitted.
            return;
        }
        self.recovery = None;
        self.incarnation = self.incarnation.max(own.incarnation + 1);
        if without {
            // Whoever is absent may hold entries of starts that nobody here has heard of.
            self.incarnation = self.incarnation.saturating_add(UNHEARD_STARTS);
        }
        self.membership_compared();
        self.resume_voting();
        self.turn.changed.others = true;
        // One that left before it wrote anything comes back to nothing, but it did belong.
        if comes_back || left {
            self.join();
        }
        if comes_back && self.may_append() {
            let command = self.own_command();
            self.write(now, &Operator::system(), command, Body::LedgerResumed { kept: own.seq }, Vec::new());
        }
    }
}
