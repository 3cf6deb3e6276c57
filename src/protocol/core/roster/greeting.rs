//! Who is heard: hellos of members and of those who would like to be, and what each may say.

use uuid::Uuid;

use super::{Candidate, Standing, Wish};
use crate::domain::{Operator, WarehouseId};
use crate::ledger::PublicKey;
use crate::ledger::entry::Body;
use crate::ledger::roster::{Change, Roster};
use crate::protocol::core::Core;
use crate::protocol::effects::{Lane, Send};
use crate::protocol::failure_detector::Liveness;
use crate::protocol::input::Now;
use crate::protocol::message::{Hello, Message, Summary};
use crate::protocol::recovery::Recovery;

/// Members say hello this often, others more often: they wait for something.
const HELLO_MS: u64 = 5_000;
const WAITING_HELLO_MS: u64 = 1_000;
/// Who would like to belong and hasn't been heard for so long is gone.
const GONE_MS: u64 = 30_000;
/// Of several members that may admit somebody of their own accord, each gives the one before it so much time.
const RANK_MS: u64 = 1_500;

impl Core {
    /// Says hello when it is time to.
    pub(super) fn greet(&mut self, now: Now) {
        let me = &self.setup.me;
        if self.roster().is_some_and(|roster| roster.former.contains_key(me)) {
            return;
        }
        if now.mono_ms >= self.membership.hello_at {
            let settled = self.is_member() && !self.membership.yields;
            let wait = if settled { HELLO_MS } else { WAITING_HELLO_MS };
            self.membership.hello_at = now.mono_ms + wait + self.spread(wait / 4);
            let cluster = self.roster().map(summary);
            // While its ledger comes back nobody knows where it goes on; what it lacks then is only the key.
            let own = self.head().seq;
            let agreed = |r: &Recovery| r.agreed(now.mono_ms).is_some_and(|agreed| own >= agreed.seq);
            let is_whole = self.recovery.as_ref().map_or(self.membership.compared, agreed);
            let next_seq = is_whole.then_some(own + 1);
            let message = Message::Hello(Hello { cluster, next_seq });
            self.turn.after_sends.push(Send { to: None, lane: Lane::Control, message });
        }
        self.turn.wake_by(self.membership.hello_at);
        let candidates = &mut self.membership.candidates;
        let before = candidates.len();
        candidates.retain(|_, candidate| candidate.seen_at + GONE_MS > now.mono_ms);
        self.turn.changed.others |= candidates.len() != before;
    }

    /// Somebody says hello.
    pub(in super::super) fn hello(&mut self, now: Now, from: &WarehouseId, key: PublicKey, hello: Hello) {
        let Some(roster) = self.roster() else { return };
        if let Some(theirs) = &hello.cluster
            && theirs.founding != roster.founding
            && !self.gives_way(from, theirs)
        {
            return;
        }
        if let (Some(theirs), Some(roster)) = (&hello.cluster, self.roster())
            && theirs.founding == roster.founding
            && theirs.version > roster.version
            && self.recovery.is_some()
        {
            self.membership.later.extend(theirs.members.iter().cloned());
        }
        let Some(roster) = self.roster() else { return };
        if roster.former.contains_key(from) || roster.key(from) == Some(key) {
            return;
        }
        let candidate = Candidate { key, next_seq: hello.next_seq, seen_at: now.mono_ms };
        let before = self.membership.candidates.insert(from.clone(), candidate);
        self.turn.changed.others |= before.is_none();
        if self.setup.admits && self.standing(from) == Standing::Candidate {
            let change = Change::Admitted { member: from.clone(), key };
            self.wish_of_its_own(now, change);
        }
    }

    /// Another cluster of the same name: tells whether it is the other one that gives way to ours.
    fn gives_way(&mut self, from: &WarehouseId, theirs: &Summary) -> bool {
        let me = &self.setup.me;
        let Some(ours) = self.roster() else { return false };
        let alone = ours.version == 1;
        match (alone, theirs.version == 1) {
            (false, false) => {
                let news = self.membership.other_cluster.replace(from.clone()) != Some(from.clone());
                self.turn.changed.others |= news;
                false
            }
            (false, true) => true,
            (true, true) if theirs.founded > ours.founded => true,
            _ => {
                let joins = theirs.members.contains(me).then_some(theirs.founding);
                self.membership.yields = true;
                if self.membership.joins != joins {
                    self.membership.joins = joins;
                    for incoming in self.incoming.values_mut() {
                        incoming.answered();
                    }
                }
                false
            }
        }
    }

    fn wish_of_its_own(&mut self, now: Now, change: Change) {
        if self.membership.wishes.iter().any(|w| w.change.is_same_wish(&change)) {
            return;
        }
        let alive: Vec<_> = self.peers(now).into_iter().filter(|p| p.liveness != Liveness::Down).collect();
        let before =
            alive.iter().filter(|p| p.id < self.setup.me && self.standing(&p.id) == Standing::Member);
        let due = now.mono_ms + before.count() as u64 * RANK_MS;
        let wish = Wish { change, operator: Operator::system(), request: None, due, until: u64::MAX };
        self.membership.wishes.push(wish);
    }

    /// Founds the cluster: the mark on the bus is this node's.
    pub(in super::super) fn found(&mut self, now: Now) {
        // Nobody was here before: there is nothing to get back.
        let is_new = self.recovery.as_ref().is_none_or(Recovery::is_new);
        if self.roster().is_some() || !is_new || self.stopped().is_some() {
            return;
        }
        self.recovery = None;
        self.membership_compared();
        self.join();
        let change = Change::Founded { founder: self.setup.me.clone(), key: self.public };
        let (founding, ballot, acceptances) = (None, None, Vec::new());
        let body = Body::RosterChanged { version: 1, founding, change, ballot, acceptances };
        let command = self.own_command();
        self.write_version(now, &Operator::system(), command, body);
    }

    /// Whether a message is heard: it must be new, and its sender one who may say such a thing.
    pub(in super::super) fn is_heard(
        &mut self,
        from: &WarehouseId,
        key: PublicKey,
        incarnation: u32,
        nonce: Uuid,
        counter: u64,
        message: &Message,
    ) -> bool {
        // Entries prove themselves, whoever relays them.
        if matches!(message, Message::Entries(_)) {
            return true;
        }
        let known = self.peers.get(from).map_or(0, |peer| peer.record.incarnation);
        let of_members = matches!(
            message,
            Message::Voting(_)
                | Message::Chosen(_)
                | Message::RetireAsk { .. }
                | Message::RetireAnswer { .. }
        );
        // Who lost its store doesn't know its number yet; it is told.
        let asks = matches!(message, Message::Heads { .. } | Message::RecoverAsk { .. } | Message::Hello(_));
        let proven = self.is_proven(from, key);
        let may = match self.roster() {
            None => !of_members,
            Some(_) if proven => true,
            Some(_) if self.membership.joins.is_some() || self.later_members().any(|m| m == from) => {
                !of_members
            }
            Some(_) => matches!(
                message,
                Message::Hello(_)
                    | Message::Beat { .. }
                    | Message::Pong { .. }
                    | Message::Fetch { .. }
                    | Message::RecoverAsk { .. }
                    | Message::Heads { .. }
            ),
        };
        if !may || (incarnation < known && !asks) {
            // Who knows no roster yet can't tell a vote from a forged one.
            if self.roster().is_some() {
                self.refuse(|refused| if may { &mut refused.replayed } else { &mut refused.forged });
            }
            return false;
        }
        if self.roster().is_some() && !proven {
            // Not a member's, as far as is known here, but harmless.
            return true;
        }
        if incarnation < known || self.peer(from).window.takes(incarnation, nonce, counter) {
            return true;
        }
        if asks && self.peer(from).window.has_ended(incarnation, nonce) {
            let message = Message::Known { incarnation: incarnation + 1 };
            self.turn.at_once.push(Send { to: Some(from.clone()), lane: Lane::Control, message });
        }
        self.refuse(|refused| &mut refused.replayed);
        false
    }

    /// Whether a key is the one that the roster has for somebody.
    pub(in super::super) fn is_proven(&self, from: &WarehouseId, key: PublicKey) -> bool {
        self.roster().and_then(|roster| roster.key(from)) == Some(key)
    }

    /// The key that proves an entry, while no roster knows its origin: that of a founding entry which is believed.
    pub(in super::super) fn founders_key(&self, origin: &WarehouseId) -> Option<PublicKey> {
        let first = self.incoming.get(origin)?.entry(1)?;
        let believed = match (self.roster(), self.membership.joins) {
            (None, _) => true,
            (Some(_), joins) => joins == Some(first.hash),
        };
        match &first.entry.body {
            Body::RosterChanged { version: 1, change: Change::Founded { founder, key }, .. }
                if believed && founder == origin =>
            {
                Some(*key)
            }
            _ => None,
        }
    }
}

fn summary(roster: &Roster) -> Summary {
    Summary {
        founding: roster.founding,
        founded: roster.founded.clone(),
        version: roster.version,
        members: roster.members.keys().cloned().collect(),
    }
}
