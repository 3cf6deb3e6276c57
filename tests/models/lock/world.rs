//! What surrounds the lock's machines in the model: time in thirds of a lease, a network that loses and reorders,
//! nodes that crash, entries that travel, and a source that judges them.

use std::collections::BTreeSet;

use rubentario::ledger::entry::Fence;
use rubentario::protocol::quorum_lock::{Fault, Out, Requester, Says, Timing, Voter, is_stale};
use stateright::{Model, Property};

use crate::reduced::Reduced as _;

/// Requesters are 0 and 1, voters follow.
pub type Node = u8;
/// A set of entries: bit n = the n-th entry that was written.
pub type Cut = u8;
pub type Message = Says<Node, Cut>;

/// The one resource.
pub const R: u8 = 0;
/// A lease of three units: renewals come with every unit.
pub const LEASE: u64 = 3;
pub const VOTERS: u8 = 3;
pub const REQUESTERS: u8 = 2;

/// What the model explores.
#[derive(Debug, Clone)]
pub struct Lock {
    /// How many units of time pass.
    pub units: u64,
    /// How often each requester wants the lock.
    pub wishes: u8,
    /// How many messages are lost, besides those that come too late to matter.
    pub losses: u8,
    /// How many messages come twice.
    pub doubles: u8,
    /// How many nodes crash and start anew.
    pub crashes: u8,
    /// Whether an entry is applied everywhere as soon as it is written.
    pub copied_at_once: bool,
    /// Whether voters hear what requesters say at once; what voters say travels.
    pub heard_at_once: bool,
    /// Whether a holder may stop between its decision and its writing, for as long as it likes.
    pub pauses: bool,
    /// A fault of the machines.
    pub fault: Option<Fault>,
    /// Whether the source judges fences.
    pub source_judges: bool,
    /// Whether states are without what can't matter any more.
    pub reduced: bool,
}

impl Lock {
    /// Nothing goes wrong.
    pub const QUIET: Self = Self {
        units: 0,
        wishes: 1,
        losses: 0,
        doubles: 0,
        crashes: 0,
        copied_at_once: false,
        heard_at_once: false,
        pauses: false,
        fault: None,
        source_judges: true,
        reduced: true,
    };
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Asker {
    pub machine: Requester<u8, Node, Cut>,
    pub incarnation: u32,
    pub applied: Cut,
    pub wishes: u8,
    /// The fence that it asked for last.
    pub asked: Option<Fence<Node>>,
    /// The fence that it decided to write under, with what it had applied.
    pub decided: Option<(Fence<Node>, Cut)>,
    /// Its entry of this wish, once written.
    written: Option<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ballot {
    pub machine: Voter<u8, Node>,
    pub incarnation: u32,
    pub applied: Cut,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Entry {
    fence: Fence<Node>,
    after: Cut,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    pub now: u64,
    hlc: u64,
    pub askers: Vec<Asker>,
    pub voters: Vec<Ballot>,
    pub net: BTreeSet<(Node, Node, Message)>,
    entries: Vec<Entry>,
    /// Entries whose writers left in order.
    left: Cut,
    /// The source's stored fence; it is the first voter's node.
    stored: Option<Fence<Node>>,
    losses: u8,
    doubles: u8,
    crashes: u8,
    /// A message was lost since all was repeated, or a voter has lost its memory.
    disturbed: bool,
    /// Until then votes may stand for a requester that has crashed: it costs one lease.
    calm_from: u64,
    accepted_fell: bool,
    entered_blind: bool,
    fence_fell: bool,
    entered: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    Want(u8),
    Deliver(usize),
    Lose(usize),
    Double(usize),
    Pass,
    Write(u8),
    Apply(Node, u8),
    Crash(Node),
}

pub type Outs = Vec<Out<u8, Node, Cut>>;

impl State {
    fn send(&mut self, from: Node, out: Outs) {
        for Out { to, says, .. } in out {
            // For the screen only: it decides nothing.
            if matches!(says, Says::Wait { .. }) {
                continue;
            }
            if let Says::Request { fence, .. } = &says {
                self.askers[usize::from(from)].asked = Some(fence.clone());
            }
            if let Some(to) = to {
                self.net.insert((from, to, says));
            } else {
                let everyone = REQUESTERS..REQUESTERS + VOTERS;
                self.net.extend(everyone.map(|voter| (from, voter, says.clone())));
            }
        }
    }

    /// What a requester does of its own accord as soon as it can.
    fn settle(&mut self, pauses: bool, r: u8) {
        let now = self.now;
        let asker = &mut self.askers[usize::from(r)];
        let mut out = Outs::new();
        if !asker.machine.wants(&R) {
            // The wish is through or was lost; what was decided under it may still be written after a pause.
            asker.written = None;
            if !pauses {
                asker.decided = None;
            }
        } else if let Some(entry) = asker.written {
            if asker.machine.may_leave(&R, |cut| cut & (1 << entry) != 0) {
                asker.machine.release(&R, &mut out);
                asker.written = None;
                self.left |= 1 << entry;
            }
        } else if asker.decided.is_none()
            && let Some(fence) = asker.machine.held(&R, now).cloned()
        {
            let applied = asker.applied;
            if asker.machine.may_enter(&R, now, |cut| cut & !applied == 0) {
                asker.decided = Some((fence.clone(), applied));
                self.entered += 1;
                self.entered_blind |= self.left & !applied != 0;
                // Voters that restart forget what was held: then the source alone guards.
                let remembered = self.voters.iter().all(|v| v.incarnation == 1);
                let earlier = (0..self.entries.len()).filter(|n| remembered && self.left & (1 << n) != 0);
                self.fence_fell |= earlier.map(|n| &self.entries[n].fence).any(|before| *before >= fence);
            }
        }
        self.send(r, out);
    }

    /// The source has applied what was written under a fence.
    fn judge(&mut self, judges: bool, fence: Fence<Node>) {
        if !judges || !is_stale(self.stored.as_ref(), &fence) {
            self.accepted_fell |= self.stored.as_ref().is_some_and(|stored| fence < *stored);
            self.stored = Some(fence);
        }
    }

    fn all_judged(&self) -> bool {
        self.voters[0].applied.count_ones() as usize == self.entries.len()
    }

    fn holders(&self) -> usize {
        self.askers.iter().filter(|a| a.machine.held(&R, self.now).is_some()).count()
    }

    /// Everything said was heard, nobody abstains, somebody wants the lock: then somebody holds it.
    fn is_stuck(&self) -> bool {
        let all_vote = self.voters.iter().all(|v| !v.machine.abstains(self.now));
        let somebody_wants = self.askers.iter().any(|a| a.machine.wants(&R));
        let is_calm = !self.disturbed && self.now >= self.calm_from;
        self.net.is_empty() && is_calm && all_vote && somebody_wants && self.holders() == 0
    }
}

impl Lock {
    fn deliver(&self, s: &mut State, (from, to, says): (Node, Node, Message)) {
        let mut out = Outs::new();
        if to < REQUESTERS {
            s.askers[usize::from(to)].machine.hear(s.now, &from, &R, says, &mut out);
            s.send(to, out);
            s.settle(self.pauses, to);
        } else {
            let voter = &mut s.voters[usize::from(to - REQUESTERS)];
            voter.machine.hear(s.now, &from, &R, &says, &voter.applied, &mut out);
            s.send(to, out);
        }
    }

    fn apply(&self, s: &mut State, node: Node, n: u8) {
        let mut out = Outs::new();
        let fence = s.entries[usize::from(n)].fence.clone();
        if node < REQUESTERS {
            let asker = &mut s.askers[usize::from(node)];
            asker.applied |= 1 << n;
            asker.machine.learn(&R, fence.n);
            s.settle(self.pauses, node);
        } else {
            let voter = &mut s.voters[usize::from(node - REQUESTERS)];
            voter.applied |= 1 << n;
            voter.machine.applied(&R, &fence, &voter.applied, &mut out);
            s.send(node, out);
            if node == REQUESTERS {
                s.judge(self.source_judges, fence);
            }
        }
    }
}

impl Model for Lock {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let timing = Timing::of_lease(LEASE);
        let members: BTreeSet<Node> = (REQUESTERS..REQUESTERS + VOTERS).collect();
        let now = timing.abstention();
        let askers = (0..REQUESTERS).map(|r| {
            let mut machine = Requester::new(r, timing, 1, self.fault);
            machine.members(1, members.clone(), &mut Vec::new());
            machine.tick(now, &mut Outs::new());
            Asker {
                machine,
                incarnation: 1,
                applied: 0,
                wishes: 0,
                asked: None,
                decided: None,
                written: None,
            }
        });
        let voter = Ballot { machine: Voter::new(timing, 1, 0, self.fault), incarnation: 1, applied: 0 };
        let empty = State {
            now,
            hlc: 0,
            askers: askers.collect(),
            voters: vec![voter; usize::from(VOTERS)],
            net: BTreeSet::new(),
            entries: Vec::new(),
            left: 0,
            stored: None,
            losses: 0,
            doubles: 0,
            crashes: 0,
            disturbed: false,
            calm_from: 0,
            accepted_fell: false,
            entered_blind: false,
            fence_fell: false,
            entered: 0,
        };
        // Both want it, one or the other first. A request may be heard late, so this is no matter of when.
        let wanted = [[0, 1], [1, 0]].map(|order| {
            order.iter().fold(empty.clone(), |s, r| self.next_state(&s, Action::Want(*r)).unwrap_or(s))
        });
        wanted.to_vec()
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let is_through = |a: &Asker| a.wishes >= self.wishes && a.decided.is_none() && !a.machine.wants(&R);
        if state.askers.iter().all(is_through) && state.all_judged() {
            // Nothing that could still happen matters to anybody.
            return;
        }
        for r in 0..REQUESTERS {
            let asker = &state.askers[usize::from(r)];
            let is_idle = asker.decided.is_none() && !asker.machine.wants(&R);
            if asker.wishes < self.wishes && is_idle {
                actions.push(Action::Want(r));
            }
            if asker.decided.is_some() {
                actions.push(Action::Write(r));
            }
        }
        for place in 0..state.net.len() {
            actions.push(Action::Deliver(place));
            if state.losses < self.losses {
                actions.push(Action::Lose(place));
            }
            if state.doubles < self.doubles {
                actions.push(Action::Double(place));
            }
        }
        for (n, entry) in (0u8..).zip(&state.entries) {
            let can = |applied: Cut| applied & (1 << n) == 0 && entry.after & !applied == 0;
            for r in 0..REQUESTERS {
                // Who wants nothing has no need to know; it learns before it wants again.
                let asker = &state.askers[usize::from(r)];
                if can(asker.applied) && !is_through(asker) {
                    actions.push(Action::Apply(r, n));
                }
            }
            for v in 0..VOTERS {
                if can(state.voters[usize::from(v)].applied) {
                    actions.push(Action::Apply(REQUESTERS + v, n));
                }
            }
        }
        if state.now < LEASE + self.units {
            actions.push(Action::Pass);
        }
        if state.crashes < self.crashes {
            actions.extend((0..REQUESTERS + VOTERS).map(Action::Crash));
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut s = last.clone();
        let timing = Timing::of_lease(LEASE);
        let mut out = Outs::new();
        match action {
            Action::Want(r) => {
                s.hlc += 1;
                let (now, hlc) = (s.now, s.hlc);
                let asker = &mut s.askers[usize::from(r)];
                asker.wishes += 1;
                asker.machine.begin(now, &R, hlc, &mut out);
                s.send(r, out);
            }
            Action::Lose(place) => {
                let message = s.net.iter().nth(place).cloned()?;
                s.net.remove(&message);
                s.losses += 1;
                s.disturbed = true;
            }
            Action::Deliver(place) | Action::Double(place) => {
                let message = s.net.iter().nth(place).cloned()?;
                if matches!(action, Action::Double(_)) {
                    s.doubles += 1;
                } else {
                    s.net.remove(&message);
                }
                self.deliver(&mut s, message);
            }
            Action::Pass => {
                s.now += 1;
                s.disturbed = false;
                for v in 0..VOTERS {
                    let mut out = Outs::new();
                    let voter = &mut s.voters[usize::from(v)];
                    voter.machine.tick(s.now, &voter.applied, &mut out);
                    s.send(REQUESTERS + v, out);
                }
                for r in 0..REQUESTERS {
                    let mut out = Outs::new();
                    s.askers[usize::from(r)].machine.tick(s.now, &mut out);
                    s.send(r, out);
                    s.settle(self.pauses, r);
                }
            }
            Action::Write(r) => {
                let n = u8::try_from(s.entries.len()).ok()?;
                let asker = &mut s.askers[usize::from(r)];
                let (fence, after) = asker.decided.take()?;
                asker.applied |= 1 << n;
                if asker.machine.held(&R, s.now) == Some(&fence) {
                    asker.written = Some(n);
                    asker.machine.leave(&R);
                }
                s.entries.push(Entry { fence, after });
                if self.copied_at_once {
                    for node in (0..REQUESTERS + VOTERS).filter(|node| *node != r) {
                        self.apply(&mut s, node, n);
                    }
                }
            }
            Action::Apply(node, n) => self.apply(&mut s, node, n),
            Action::Crash(node) => {
                s.crashes += 1;
                s.disturbed = true;
                if node < REQUESTERS {
                    s.calm_from = s.now + LEASE;
                    let members = (REQUESTERS..REQUESTERS + VOTERS).collect();
                    let asker = &mut s.askers[usize::from(node)];
                    asker.incarnation += 1;
                    asker.machine = Requester::new(node, timing, asker.incarnation, self.fault);
                    asker.machine.members(1, members, &mut Vec::new());
                    for n in (0..s.entries.len()).filter(|n| asker.applied & (1 << n) != 0) {
                        asker.machine.learn(&R, s.entries[n].fence.n);
                    }
                    asker.machine.tick(s.now, &mut out);
                    asker.decided = None;
                    asker.written = None;
                } else {
                    let voter = &mut s.voters[usize::from(node - REQUESTERS)];
                    voter.incarnation += 1;
                    voter.machine = Voter::new(timing, voter.incarnation, s.now, self.fault);
                }
            }
        }
        while self.heard_at_once
            && let Some(message) = s.net.iter().find(|(_, to, _)| *to >= REQUESTERS).cloned()
        {
            s.net.remove(&message);
            self.deliver(&mut s, message);
        }
        if self.reduced {
            self.reduce(&mut s);
        }
        Some(s)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("one holder at most", |_, s: &State| s.holders() <= 1),
            Property::always("nobody is stuck", |_, s: &State| !s.is_stuck()),
            Property::always("fences of those who enter grow while voters remember", |_, s: &State| {
                !s.fence_fell
            }),
            Property::always("who enters sees what those before wrote", |_, s: &State| !s.entered_blind),
            Property::always("accepted fences never fall", |_, s: &State| !s.accepted_fell),
            Property::sometimes("both enter, one after the other", |_, s: &State| s.entered == 2),
        ]
    }
}
