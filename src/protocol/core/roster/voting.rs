//! The own vote on the next version: kept over starts, and found again by the others' after a store was lost.

use uuid::Uuid;

use crate::domain::WarehouseId;
use crate::ledger::PublicKey;
use crate::ledger::roster::{Change, Matter, Roster};
use crate::protocol::core::Core;
use crate::protocol::effects::{Lane, Send};
use crate::protocol::input::Now;
use crate::protocol::message::{Message, ToldVote};
use crate::protocol::recovery::ASK_AGAIN_MS;
use crate::protocol::roster::{Acceptor, Vote};

impl Core {
    /// How to vote on a matter that is new to this node.
    pub(super) fn acceptor_for(&mut self, matter: Matter) -> Acceptor {
        let abstains_to = self.membership.vote.abstains_to;
        if matter.version > abstains_to {
            return Acceptor::default();
        }
        self.resumed(matter).unwrap_or_else(Acceptor::abstaining)
    }

    /// The vote of one that lost its store, if every other voter has told its own. One of whom an operator says that it
    /// lost its key, or is gone, has lost its store as well, and has nothing to tell: a change that was chosen with it
    /// and that nobody else has heard of was written by nobody whose ledger is still there.
    fn resumed(&mut self, matter: Matter) -> Option<Acceptor> {
        let roster = self.book.roster()?;
        let told = &self.membership.told;
        let lost = &self.membership.lost;
        let silent = |m: &WarehouseId| *m != self.setup.me && !told.contains_key(m) && !lost.contains(m);
        let all = !roster.members.keys().any(silent);
        if !all || told.values().any(|t| t.matter.version > matter.version) {
            return None;
        }
        let same = told.values().filter(|t| t.matter == matter).map(|t| &t.vote);
        let own = &self.membership.vote;
        let own = if own.matter == Some(matter) { own.acceptor.vote().clone() } else { Vote::default() };
        let acceptor = Acceptor::resumed(&own, same);
        self.membership.vote.abstains_to = 0;
        Some(acceptor)
    }

    /// A recovery has ended: what was promised and accepted before may be forgotten here.
    pub(in super::super) fn resume_voting(&mut self) {
        self.count_what_was_told();
        let next = self.book.roster().map(Roster::next);
        let told = self.membership.told.values().map(|t| t.matter.version).max();
        let upto = next.map(|m| m.version).max(told).unwrap_or(0);
        self.membership.vote.abstains_to = upto;
        if let Some(matter) = next {
            let acceptor = self.resumed(matter).unwrap_or_else(Acceptor::abstaining);
            self.membership.vote.matter = Some(matter);
            self.membership.vote.acceptor = acceptor.clone();
            self.membership.vote.with = None;
            if let Some(balloting) = &mut self.membership.balloting {
                balloting.resume(acceptor);
            }
        }
        // Somebody accepted that this node leaves: it asked for that, and forgot.
        let me = &self.setup.me;
        let of_next = self.membership.told.values().filter(|t| Some(t.matter) == next);
        let accepted = of_next.filter_map(|t| t.vote.accepted.as_ref());
        let leaves = |change: &Change| matches!(change, Change::Retired { member, .. } if member == me);
        if !self.membership.vote.retiring && accepted.into_iter().any(|(_, change)| leaves(change)) {
            self.membership.vote.retiring = true;
            self.go_on_leaving();
        }
        self.store_vote();
    }

    /// Whether somebody who was asked in a recovery told of a later version than is known here.
    pub(in super::super) fn is_behind_the_roster(&self) -> bool {
        let next = self.book.roster().map(Roster::next);
        let version = next.map_or(0, |next| next.version);
        let is_later =
            |of: &Matter| next.is_some_and(|next| of.founding == next.founding && of.version > next.version);
        self.membership.told.values().any(|told| told.matter.version > version)
            || self.membership.told_of.values().any(|(_, told)| is_later(&told.matter))
    }

    /// Somebody who is asked in a recovery tells its vote; whether it is a member's may not be known yet.
    pub(in super::super) fn version_told(
        &mut self,
        from: &WarehouseId,
        key: PublicKey,
        attempt: Uuid,
        vote: Option<&ToldVote>,
    ) {
        if let Some(vote) = vote
            && self.recovery.as_ref().is_some_and(|r| r.attempt == attempt)
        {
            self.membership.told_of.insert(from.clone(), (key, vote.clone()));
        }
    }

    /// Whom those who answered in this recovery have accepted to admit, and who hasn't left since.
    pub(in super::super) fn agreed_to_admit(&self) -> Vec<WarehouseId> {
        let accepted = self.membership.told_of.values().filter_map(|(_, told)| told.vote.accepted.as_ref());
        let admitted = accepted.filter_map(|(_, change)| match change {
            Change::Admitted { member, .. } => Some(member),
            _ => None,
        });
        let has_left =
            |who: &WarehouseId| self.roster().is_some_and(|roster| roster.former.contains_key(who));
        admitted.filter(|who| !has_left(who)).cloned().collect()
    }

    /// Votes that were told before a roster could prove them count once one does: an empty store is answered before it
    /// knows anybody's key.
    fn count_what_was_told(&mut self) {
        for (from, (key, vote)) in std::mem::take(&mut self.membership.told_of) {
            if self.is_proven(&from, key) {
                self.membership.told.insert(from, vote);
            }
        }
    }

    /// A recovery begins: what this node proposed it proposes no longer, so that who hears its vote knows all of it.
    pub(in super::super) fn stop_proposing(&mut self) {
        self.membership.told.clear();
        self.membership.told_of.clear();
        self.membership.later.clear();
        if let Some(balloting) = &mut self.membership.balloting {
            balloting.give_up();
        }
    }

    /// A member of the recovering node's cluster tells its vote.
    pub(in super::super) fn vote_told(&mut self, from: &WarehouseId, attempt: Uuid, vote: Option<ToldVote>) {
        let asked = self.recovery.as_ref().map(|r| r.attempt).or_else(|| self.votes_attempt());
        if let Some(vote) = vote.filter(|_| asked == Some(attempt)) {
            self.membership.told.insert(from.clone(), vote);
            if self.recovery.is_none() {
                self.resume_voting();
            }
        }
    }

    /// An operator says that somebody lost its store: it waits for a new key, or is to be given up.
    pub(in super::super) fn said_to_be_lost(&mut self, who: &WarehouseId) {
        let abstains = self.membership.balloting.as_ref().is_some_and(|b| b.acceptor().abstains());
        if abstains && self.membership.lost.insert(who.clone()) {
            self.resume_voting();
        }
    }

    /// The attempt to learn the others' votes, while this member abstains.
    fn votes_attempt(&self) -> Option<Uuid> {
        let balloting = self.membership.balloting.as_ref().filter(|b| b.acceptor().abstains())?;
        Some(Uuid::new_v5(&self.setup.nonce, format!("votes {}", balloting.matter().version).as_bytes()))
    }

    /// A member that abstains asks the others for their votes, so that it can take part again.
    pub(super) fn ask_for_votes(&mut self, now: Now) {
        let Some(attempt) = self.votes_attempt().filter(|_| self.recovery.is_none() && self.joined) else {
            return;
        };
        if now.mono_ms >= self.membership.votes_at {
            self.membership.votes_at = now.mono_ms + ASK_AGAIN_MS;
            for to in self.others() {
                let message = Message::RecoverAsk { attempt };
                self.turn.at_once.push(Send { to: Some(to), lane: Lane::Inbox, message });
            }
        }
        self.turn.wake_by(self.membership.votes_at);
    }

    /// The own vote, as it is told to one that lost its store.
    pub(in super::super) fn told_vote(&self) -> Option<ToldVote> {
        let balloting = self.membership.balloting.as_ref()?;
        Some(ToldVote { matter: balloting.matter(), vote: balloting.acceptor().vote().clone() })
    }

    /// Has the vote stored with this turn's batch; nothing of it is sent before.
    pub(super) fn store_vote(&mut self) {
        let membership = &mut self.membership;
        if let Some(balloting) = &membership.balloting
            && membership.vote.matter == Some(balloting.matter())
        {
            membership.vote.acceptor = balloting.acceptor().clone();
        }
        self.turn.vote = Some(membership.vote.clone());
        self.turn.dirty = true;
    }
}
