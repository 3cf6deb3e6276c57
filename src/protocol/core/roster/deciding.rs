//! Deciding the next version: this node's ballots, its votes, and the entry that says what was chosen.

use super::{BETWEEN_CHANGES_MS, Heard};
use crate::domain::{Operator, WarehouseId};
use crate::ledger::PublicKey;
use crate::ledger::entry::{Body, CommandId};
use crate::ledger::roster::{Acceptance, Ballot, Change};
use crate::protocol::core::Core;
use crate::protocol::effects::{Lane, Send};
use crate::protocol::input::Now;
use crate::protocol::message::{Message, Told, Voting};
use crate::protocol::roster::{Balloting, Chosen, Proposer, Said, Say};

/// Milliseconds after which who is silent is asked again.
const AGAIN_MS: u64 = 400;
/// A proposer that was beaten lets the other one finish.
const BEATEN_MS: u64 = 300;
const BEATEN_SPREAD_MS: u64 = 900;
/// A ballot of somebody else's is given so much time before an own one is begun.
const OTHERS_MS: u64 = 1_500;

impl Core {
    /// Goes on with what is to be decided; tells whether a version was written.
    pub(super) fn decide(&mut self, now: Now) -> bool {
        let split = self.roster().is_none_or(|roster| roster.split.is_some());
        if split || self.recovery.is_some() || self.stopped().is_some() || !self.is_member() || !self.joined {
            return false;
        }
        if self.write_for_the_leaving(now) {
            return true;
        }
        if self.write_what_is_left(now) {
            return true;
        }
        self.begin_ballot(now);
        self.put_forward(now);
        let chosen = self.membership.balloting.as_ref().and_then(Balloting::chosen);
        if let Some(chosen) = chosen {
            return self.write_chosen(now, chosen);
        }
        self.ask_again(now);
        false
    }

    fn begin_ballot(&mut self, now: Now) {
        let membership = &mut self.membership;
        let Some(balloting) = &mut membership.balloting else { return };
        if membership.yields || balloting.proposer().is_some_and(|p| p.beaten_by().is_none()) {
            return;
        }
        let due = membership.wishes.iter().filter(|w| w.due <= now.mono_ms).min_by_key(|w| w.due);
        // What was accepted and never chosen is somebody's who may be gone: it is seen through.
        let left = || balloting.acceptor().vote().accepted.as_ref().map(|(_, change)| change.clone());
        let Some(wish) = due.map(|w| w.change.clone()).or_else(left) else {
            if let Some(due) = membership.wishes.iter().map(|w| w.due).min() {
                self.turn.wake_by(due);
            }
            return;
        };
        if membership.begin_at > now.mono_ms {
            self.turn.wake_by(membership.begin_at);
            return;
        }
        let Some(balloting) = &mut membership.balloting else { return };
        let said = balloting.propose(wish);
        if balloting.proposer().is_none() {
            // It takes no part in this version; somebody else has to.
            membership.begin_at = now.mono_ms + OTHERS_MS;
            return;
        }
        membership.heard = Heard { settled: 1, ..Heard::default() };
        membership.again_at = now.mono_ms + AGAIN_MS;
        self.store_vote();
        self.tell_voters(said);
    }

    /// Puts a change forward once a majority has promised and no lock vote of an older version can live.
    fn put_forward(&mut self, now: Now) {
        let Some(balloting) = &self.membership.balloting else { return };
        let Some(proposer) = balloting.proposer().filter(|p| p.can_put_forward()) else { return };
        let about = proposer.wish().subject().clone();
        let wait = self.wait_until(proposer.promisers().count());
        if now.mono_ms < wait {
            self.turn.wake_by(wait);
            return;
        }
        let own = self.book.head(&about);
        let held =
            self.membership.heard.held.iter().copied().fold(own, |a, b| if b.seq > a.seq { b } else { a });
        let finish = |wish| match wish {
            // Nobody who answers holds more of it: what lies behind is void.
            Change::GivenUp { member, .. } => Change::GivenUp { member, last: held },
            // What they hold was sealed with the key before.
            Change::KeyReplaced { member, key, from_seq } => {
                Change::KeyReplaced { member, key, from_seq: from_seq.max(held.seq + 1) }
            }
            wish => wish,
        };
        let Some(balloting) = &mut self.membership.balloting else { return };
        let said = balloting.put_forward(finish);
        self.membership.forward_at = now.mono_ms;
        self.membership.again_at = now.mono_ms + AGAIN_MS;
        let signed = self.own_acceptance();
        self.membership.heard.acceptances.extend(signed);
        self.store_vote();
        self.tell_voters(said);
    }

    fn own_acceptance(&self) -> Option<(WarehouseId, Acceptance)> {
        let balloting = self.membership.balloting.as_ref()?;
        let (ballot, change) = balloting.acceptor().vote().accepted.as_ref()?;
        let me = self.setup.me.clone();
        let signed = Acceptance::sign(&self.setup.key, me.clone(), balloting.matter(), ballot, change);
        Some((me, signed))
    }

    /// Before this nothing may be put forward. Two changes lie a lease apart, so that no lock votes of versions whose
    /// majorities need not meet live together; unless every voter of the version before has said that none lives.
    fn wait_until(&self, promised: usize) -> u64 {
        let Some(roster) = self.roster() else { return u64::MAX };
        let before_is_in_it = !roster.former.values().any(|former| former.entry == roster.entry);
        let all_settled = promised == roster.members.len() && self.membership.heard.settled == promised;
        if roster.version == 1 || (all_settled && before_is_in_it) {
            0
        } else {
            self.membership.learned_at + BETWEEN_CHANGES_MS
        }
    }

    /// Writes what was chosen; one that leaves tells the others, who write it.
    fn write_chosen(&mut self, now: Now, chosen: Chosen) -> bool {
        let Some(matter) = self.membership.balloting.as_ref().map(Balloting::matter) else { return false };
        let heard = &self.membership.heard.acceptances;
        let acceptances = chosen.by.iter().filter_map(|member| heard.get(member)).cloned().collect();
        let told = Told { matter, ballot: chosen.ballot, change: chosen.change, acceptances };
        if !self.may_append() {
            if now.mono_ms >= self.membership.again_at {
                self.membership.again_at = now.mono_ms + AGAIN_MS;
                let message = Message::Chosen(told);
                self.turn.after_sends.push(Send { to: None, lane: Lane::Control, message });
            }
            self.turn.wake_by(self.membership.again_at);
            return false;
        }
        self.write_decree(now, told)
    }

    fn write_decree(&mut self, now: Now, told: Told) -> bool {
        let wish = self.membership.wishes.iter().find(|w| w.change.is_same_wish(&told.change));
        let operator = wish.map_or_else(Operator::system, |w| w.operator.clone());
        let command = match wish.and_then(|w| w.request) {
            Some((id, digest)) => CommandId { id, index: 0, digest, entries: 0 },
            None => self.own_command(),
        };
        let body = Body::RosterChanged {
            version: told.matter.version,
            founding: Some(told.matter.founding),
            change: told.change,
            ballot: Some(told.ballot),
            acceptances: told.acceptances,
        };
        self.write_version(now, &operator, command, body)
    }

    /// Writes an entry that makes a version; it names the one before.
    pub(super) fn write_version(
        &mut self,
        now: Now,
        operator: &Operator,
        command: CommandId,
        body: Body,
    ) -> bool {
        let before = self.roster().map(|roster| roster.entry.clone());
        let names = before.into_iter().filter(|entry| entry.origin != self.setup.me).collect();
        let version = self.roster_version();
        self.write(now, operator, command, body, names);
        self.roster_version() > version
    }

    /// Writes a version that was told by the one who leaves.
    fn write_for_the_leaving(&mut self, now: Now) -> bool {
        let Some((told, at)) = self.membership.elsewhere.clone() else { return false };
        if now.mono_ms < at || !self.may_append() {
            self.turn.wake_by(at.max(now.mono_ms + AGAIN_MS));
            return false;
        }
        self.membership.elsewhere = None;
        self.write_decree(now, told)
    }

    /// Writes what this member accepted where that, with its proposer's own acceptance, is a majority: the proposer may be
    /// gone with its ledger.
    pub(super) fn write_what_is_left(&mut self, now: Now) -> bool {
        let membership = &self.membership;
        let Some(balloting) = membership.balloting.as_ref().filter(|b| b.proposer().is_none()) else {
            return false;
        };
        let Some((ballot, change)) = balloting.acceptor().vote().accepted.clone() else { return false };
        let (Some(roster), Some(with)) = (self.roster(), membership.vote.with.clone()) else { return false };
        let acceptances: Vec<_> =
            self.own_acceptance().map(|(_, own)| own).into_iter().chain([with]).collect();
        if now.mono_ms < membership.begin_at
            || !self.may_append()
            || !roster.is_proven(&ballot, &change, &acceptances)
        {
            return false;
        }
        let matter = balloting.matter();
        self.write_decree(now, Told { matter, ballot, change, acceptances })
    }

    fn ask_again(&mut self, now: Now) {
        let Some(balloting) = &self.membership.balloting else { return };
        if balloting.proposer().is_none_or(|p| p.beaten_by().is_some()) {
            return;
        }
        if now.mono_ms >= self.membership.again_at {
            let said = balloting.again();
            self.membership.again_at = now.mono_ms + AGAIN_MS;
            self.tell_voters(said);
        }
        self.turn.wake_by(self.membership.again_at);
    }

    fn tell_voters(&mut self, said: Vec<Said>) {
        let Some(balloting) = &self.membership.balloting else { return };
        let matter = balloting.matter();
        let wish = balloting.proposer().map(Proposer::wish);
        let about = wish.map(|wish| wish.subject().clone());
        let is_lost = wish.is_some_and(Change::follows_a_loss);
        let own = self.own_acceptance().map(|(_, signed)| signed);
        for (to, say) in said {
            let acceptance = own.clone().filter(|_| matches!(say, Say::Accept { .. }));
            let message = Message::Voting(Voting {
                matter,
                say,
                about: about.clone(),
                is_lost,
                held: None,
                settled: false,
                acceptance,
            });
            // After the commit that stores the own vote.
            self.turn.after_sends.push(Send { to: Some(to), lane: Lane::Control, message });
        }
    }

    /// A member says something of a decision.
    pub(in super::super) fn voting(&mut self, now: Now, from: &WarehouseId, voting: Voting) {
        if self.recovery.is_some() || !self.joined || !self.is_member() {
            return;
        }
        let Some(roster) = self.roster() else { return };
        let is_of_now = roster.next() == voting.matter && roster.split.is_none();
        let fits = match &voting.say {
            // Nobody leaves with less than it is known to have written.
            Say::Accept { change: change @ Change::Retired { member, last }, .. } => {
                roster.judge(change).is_ok() && self.book.head(member).seq <= last.seq
            }
            Say::Accept { change, .. } => roster.judge(change).is_ok(),
            _ => true,
        };
        let key = roster.key(from);
        if !is_of_now || !fits {
            // One of us has yet to learn a version: heads see to that.
            self.membership.hello_at = self.membership.hello_at.min(now.mono_ms + AGAIN_MS);
            self.refuse(
                |refused| if is_of_now { &mut refused.unfit } else { &mut refused.of_another_roster },
            );
            return;
        }
        self.follow_roster(now);
        if let (true, Some(about)) = (voting.is_lost, &voting.about) {
            self.said_to_be_lost(about);
        }
        if let Say::Accepted { ballot, .. } = &voting.say
            && !self.takes_acceptance(from, key, ballot, &voting)
        {
            self.refuse(|refused| &mut refused.forged);
            return;
        }
        if let Say::Promise { ballot, .. } = &voting.say {
            self.takes_promise(from, ballot, &voting);
        }
        let membership = &mut self.membership;
        let Some(balloting) = &mut membership.balloting else { return };
        let before = balloting.acceptor().clone();
        let was_beaten = balloting.proposer().is_some_and(|p| p.beaten_by().is_some());
        let answer = balloting.hear(from, &voting.say);
        let is_beaten = balloting.proposer().is_some_and(|p| p.beaten_by().is_some());
        let waits = match &voting.say {
            Say::Prepare { .. } | Say::Accept { .. } => OTHERS_MS + self.spread(BEATEN_SPREAD_MS),
            _ if is_beaten && !was_beaten => BEATEN_MS + self.spread(BEATEN_SPREAD_MS),
            _ => 0,
        };
        let membership = &mut self.membership;
        membership.begin_at = membership.begin_at.max(now.mono_ms + waits);
        let Some(balloting) = &mut membership.balloting else { return };
        if *balloting.acceptor() != before {
            if let Say::Accept { .. } = &voting.say {
                membership.vote.with = voting.acceptance.clone().filter(|a| a.member == *from);
            }
            self.store_vote();
        }
        let Some(say) = answer else { return };
        let acceptance = matches!(say, Say::Accepted { .. }).then(|| self.own_acceptance()).flatten();
        let promises = matches!(say, Say::Promise { .. });
        let held = voting.about.filter(|_| promises).map(|about| self.held_of(&about));
        let message = Message::Voting(Voting {
            matter: voting.matter,
            say,
            about: None,
            is_lost: false,
            held,
            settled: promises,
            acceptance: acceptance.map(|(_, signed)| signed),
        });
        self.turn.after_sends.push(Send { to: Some(from.clone()), lane: Lane::Control, message });
    }

    fn takes_acceptance(
        &mut self,
        from: &WarehouseId,
        key: Option<PublicKey>,
        ballot: &Ballot,
        voting: &Voting,
    ) -> bool {
        let membership = &mut self.membership;
        let proposer = membership.balloting.as_ref().and_then(|b| b.proposer());
        let Some(proposer) = proposer.filter(|p| p.ballot() == ballot) else { return true };
        let (Some(change), Some(signed), Some(key)) = (proposer.forward(), &voting.acceptance, key) else {
            return false;
        };
        let holds = signed.member == *from && signed.is_of(key, voting.matter, ballot, change);
        if holds {
            membership.heard.acceptances.insert(signed.member.clone(), signed.clone());
        }
        holds
    }

    fn takes_promise(&mut self, from: &WarehouseId, ballot: &Ballot, voting: &Voting) {
        let membership = &mut self.membership;
        let proposer = membership.balloting.as_ref().and_then(|b| b.proposer());
        let is_new =
            proposer.is_some_and(|p| p.ballot() == ballot && p.forward().is_none() && !p.has_answered(from));
        if is_new {
            membership.heard.held.extend(voting.held);
            membership.heard.settled += usize::from(voting.settled);
        }
    }

    /// The one who leaves tells that its leaving was chosen.
    pub(in super::super) fn chosen_elsewhere(&mut self, now: Now, from: &WarehouseId, told: Told) {
        let Some(roster) = self.roster() else { return };
        if roster.next() != told.matter {
            self.refuse(|refused| &mut refused.of_another_roster);
            return;
        }
        if !roster.is_proven(&told.ballot, &told.change, &told.acceptances) {
            self.refuse(|refused| &mut refused.forged);
            return;
        }
        if self.membership.elsewhere.is_none() {
            // One writes it; the others only if that one doesn't.
            let others = roster.members.keys().filter(|m| *m != from);
            let rank = others.take_while(|m| **m != self.setup.me).count() as u64;
            self.membership.elsewhere = Some((told, now.mono_ms + rank * OTHERS_MS));
        }
    }
}
