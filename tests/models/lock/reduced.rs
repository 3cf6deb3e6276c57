//! The lock without what can't matter any more. It rests on two bounds: no more time passes, and nobody will want the
//! lock again. States that differ in nothing else are one, and `nobody is stuck` looks at more of them, since it waits
//! for nothing that is ignored.

use std::collections::BTreeSet;

use rubentario::ledger::entry::Fence;
use rubentario::protocol::quorum_lock::{Fault, Number, Requester, Says, Timing, Voter};

use super::world::{Asker, LEASE, Lock, Message, Node, Outs, R, REQUESTERS, State, VOTERS};
use crate::reduced::Reduced;

/// After all sendings of the first start: who is through says that it wants nothing that it has ever asked for.
const AFTER_ALL: Number = Number::first(2);

impl Reduced for Lock {
    fn reduce(&self, s: &mut State) {
        let is_over = s.now >= LEASE + self.units && s.askers.iter().all(|a| a.wishes >= self.wishes);
        // With a pause, what was decided outlives the wish; with more starts than two, sendings have other numbers.
        if !is_over || self.pauses || self.crashes > 1 {
            return;
        }
        for r in 0..REQUESTERS {
            self.forget_the_past(&mut s.askers[usize::from(r)], r);
        }
        for voter in s.voters.iter_mut().filter(|voter| voter.machine.abstains(s.now)) {
            // It has just started and votes only after a lease; so much time won't pass. Who waits there waits in vain.
            voter.machine = Voter::new(Timing::of_lease(LEASE), voter.incarnation, s.now, self.fault);
        }
        // Every sending under a fence that its asker has left comes before every release of it, whichever says so.
        let net: BTreeSet<_> = std::mem::take(&mut s.net).into_iter().map(released_after_all).collect();
        s.net = net;
        // Requests first: whether others matter depends on what is still asked for.
        let is_request = |(_, _, says): &(Node, Node, Message)| matches!(says, Says::Request { .. });
        for requests in [true, false] {
            let ignored: Vec<_> = s
                .net
                .iter()
                .filter(|m| is_request(m) == requests && self.is_ignored(s, m))
                .cloned()
                .collect();
            for message in ignored {
                s.net.remove(&message);
            }
        }
    }

    fn whole(&self) -> Self {
        Self { reduced: false, ..self.clone() }
    }
}

impl Lock {
    /// Who is through answers every vote and inquiry by a release, and that is all it ever does: as one that has crashed
    /// and wants nothing.
    fn forget_the_past(&self, asker: &mut Asker, r: Node) {
        if asker.machine.wants(&R) || asker.decided.is_some() {
            return;
        }
        asker.incarnation = AFTER_ALL.incarnation;
        asker.machine = Requester::new(r, Timing::of_lease(LEASE), asker.incarnation, self.fault);
        asker.machine.members(1, (REQUESTERS..REQUESTERS + VOTERS).collect(), &mut Vec::new());
        asker.applied = 0;
        asker.asked = None;
    }

    /// Whether nobody will ever heed a message.
    fn is_ignored(&self, s: &State, (from, to, says): &(Node, Node, Message)) -> bool {
        let has_left = |r: Node, fence: &Fence<Node>| s.askers[usize::from(r)].asked.as_ref() != Some(fence);
        // Has a voter this request, or will it hear of it? An asker never comes back to a fence that it has left.
        let knows = |voter: Node, r: Node, fence: &Fence<Node>| {
            let asks = |(from, to, says): &(Node, Node, Message)| {
                *from == r && *to == voter && matches!(says, Says::Request { fence: f, .. } if f == fence)
            };
            let release = Says::Release { fence: fence.clone(), upto: AFTER_ALL };
            s.net.iter().any(asks) || heard(s, r, voter, &release).0
        };
        if *to >= REQUESTERS && s.voters[usize::from(*to - REQUESTERS)].machine.abstains(s.now) {
            return true;
        }
        match says {
            // Its asker has left, and `high` never falls: stale for ever, which nobody is waiting to hear.
            Says::Request { fence, .. } => {
                let (changes, said) = heard(s, *from, *to, says);
                let is_stale = !said.is_empty() && said.iter().all(|o| matches!(o.says, Says::Stale { .. }));
                has_left(*from, fence) && !changes && is_stale
            }
            // A number is given to one grant only, and had been given when it was given back. The fault is that
            // numbers don't count.
            Says::Yield { .. } => self.fault != Some(Fault::NoGrantNumbers) && !heard(s, *from, *to, says).0,
            Says::Release { fence, .. } => has_left(*from, fence) && !knows(*to, *from, fence),
            // Answered by a release, which the voter would ignore.
            Says::Vote { fence, .. } | Says::Inquire { fence, .. } => {
                has_left(*to, fence) && !knows(*from, *to, fence)
            }
            Says::Stale { fence, .. } => has_left(*to, fence),
            Says::Wait { .. } | Says::Unknown => true,
        }
    }
}

fn released_after_all((from, to, says): (Node, Node, Message)) -> (Node, Node, Message) {
    let says = match says {
        Says::Release { fence, .. } => Says::Release { fence, upto: AFTER_ALL },
        says => says,
    };
    (from, to, says)
}

/// What a voter would say to a message, and whether that changes anything at the voter.
fn heard(s: &State, from: Node, voter: Node, says: &Message) -> (bool, Outs) {
    let voter = &s.voters[usize::from(voter - REQUESTERS)];
    let mut machine = voter.machine.clone();
    let mut out = Outs::new();
    machine.hear(s.now, &from, &R, says, &voter.applied, &mut out);
    (machine != voter.machine, out)
}
