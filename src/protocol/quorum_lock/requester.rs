//! The requester: one node's wishes for locks. It holds one while a majority's votes, counted from the sending that
//! they answer, have not lapsed by its own clock.

use std::collections::{BTreeMap, BTreeSet};

use super::{Fault, Number, Out, Priority, Says, Timing, is_majority, learned};
use crate::ledger::entry::Fence;

/// Sendings that may still be answered.
const SENDINGS: usize = 16;

/// A vote that counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Ballot<C> {
    grant_no: Number,
    /// It lapses then, by the requester's clock.
    deadline: u64,
    cut: C,
    /// It came after the holder began to leave.
    is_fresh: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Wish<N, C> {
    priority: Priority<N>,
    fence: Fence<N>,
    since: u64,
    /// When which attempt was sent, the newest last.
    sent: Vec<(Number, u64)>,
    votes: BTreeMap<N, Ballot<C>>,
    /// The last grant that was given back, by voter.
    yielded: BTreeMap<N, Number>,
    /// When a member last answered.
    heard: BTreeMap<N, u64>,
    /// Who holds it and how many are before us, as the last voter said.
    waits: Option<(Option<N>, u32)>,
    has_held: bool,
    held_since: u64,
}

/// How a wish stands, for the screen; moments by the requester's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WishView<R, N> {
    /// For what.
    pub resource: R,
    /// Since when.
    pub since: u64,
    /// Since when it is held, if it is.
    pub held_since: Option<u64>,
    /// Who holds it instead, as far as a voter said.
    pub holder: Option<N>,
    /// How many are before us.
    pub ahead: u32,
}

/// One node's wishes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Requester<R, N, C> {
    me: N,
    timing: Timing,
    fault: Option<Fault>,
    numbers: Number,
    members: BTreeSet<N>,
    /// Of the roster that names them.
    version: u64,
    /// The greatest number of a fence that is known, by resource.
    greatest: BTreeMap<R, u64>,
    wishes: BTreeMap<R, Wish<N, C>>,
    last_turn: Option<u64>,
}

impl<R: Ord + Clone, N: Ord + Clone, C> Requester<R, N, C> {
    /// A requester without wishes.
    #[must_use]
    pub const fn new(me: N, timing: Timing, incarnation: u32, fault: Option<Fault>) -> Self {
        Self {
            me,
            timing,
            fault,
            numbers: Number::first(incarnation),
            members: BTreeSet::new(),
            version: 0,
            greatest: BTreeMap::new(),
            wishes: BTreeMap::new(),
            last_turn: None,
        }
    }

    /// The node goes by a greater incarnation from now on.
    pub fn renumber(&mut self, incarnation: u32) {
        self.numbers.at_least(incarnation);
    }

    /// Whose votes count from now on, this node's own included. Votes of another version of the roster count no more:
    /// what was held by them ends.
    pub fn members(&mut self, version: u64, members: BTreeSet<N>, out: &mut Vec<Out<R, N, C>>) {
        if version != self.version {
            let held: Vec<R> =
                self.wishes.iter().filter(|(_, w)| w.has_held).map(|(r, _)| r.clone()).collect();
            for resource in held {
                self.release(&resource, out);
            }
            self.wishes.values_mut().for_each(|wish| wish.votes.clear());
        }
        self.version = version;
        self.members = members;
    }

    /// A number that a fence of this resource was seen with: new fences are above it.
    pub fn learn(&mut self, resource: &R, n: u64) {
        let known = self.greatest.get(resource).copied().unwrap_or(0);
        let learned = learned(known, n);
        if learned > known {
            self.greatest.insert(resource.clone(), learned);
        }
    }

    /// Begins to want a resource, unless it is wanted already. `hlc` is the time of this first request.
    pub fn begin(&mut self, now: u64, resource: &R, hlc: u64, out: &mut Vec<Out<R, N, C>>) {
        if self.wishes.contains_key(resource) {
            return;
        }
        let wish = Wish {
            priority: Priority { hlc, node: self.me.clone() },
            fence: self.next_fence(resource),
            since: now,
            sent: Vec::new(),
            votes: BTreeMap::new(),
            yielded: BTreeMap::new(),
            heard: BTreeMap::new(),
            waits: None,
            has_held: false,
            held_since: 0,
        };
        self.wishes.insert(resource.clone(), wish);
        self.send(now, resource, out);
    }

    fn next_fence(&mut self, resource: &R) -> Fence<N> {
        let greatest = self.greatest.entry(resource.clone()).or_default();
        *greatest = greatest.saturating_add(1);
        Fence { n: *greatest, node: self.me.clone() }
    }

    fn send(&mut self, now: u64, resource: &R, out: &mut Vec<Out<R, N, C>>) {
        let Some(wish) = self.wishes.get_mut(resource) else { return };
        let attempt = self.numbers.next();
        let lease = self.timing.lease();
        // A vote for an older sending has lapsed.
        wish.sent.retain(|(_, at)| now < at + lease);
        if wish.sent.len() == SENDINGS {
            wish.sent.remove(0);
        }
        wish.sent.push((attempt, now));
        let (priority, fence) = (wish.priority.clone(), wish.fence.clone());
        let says = Says::Request { priority, fence, attempt };
        out.push(Out { to: None, resource: resource.clone(), says });
    }

    /// A voter says something about a resource.
    pub fn hear(&mut self, now: u64, from: &N, resource: &R, says: Says<N, C>, out: &mut Vec<Out<R, N, C>>) {
        if !self.members.contains(from) {
            return;
        }
        if let Says::Vote { fence, .. } | Says::Inquire { fence, .. } = &says
            && fence.node == self.me
            && self.wishes.get(resource).is_none_or(|wish| wish.fence != *fence)
        {
            // Of a wish that is through, or of a life before: the vote is free.
            let (fence, upto) = (fence.clone(), self.numbers);
            self.learn(resource, fence.n);
            let says = Says::Release { fence, upto };
            out.push(Out { to: Some(from.clone()), resource: resource.clone(), says });
            return;
        }
        let any_number = self.fault == Some(Fault::NoGrantNumbers);
        let Some(wish) = self.wishes.get_mut(resource) else { return };
        match says {
            Says::Vote { fence, grant_no, attempt, cut } if fence == wish.fence => {
                wish.heard.insert(from.clone(), now);
                if wish.yielded.get(from).is_some_and(|last| grant_no <= *last) && !any_number {
                    // The word that gave it back was lost: said again, or that vote would be extended for ever.
                    let says = Says::Yield { fence, grant_no };
                    out.push(Out { to: Some(from.clone()), resource: resource.clone(), says });
                    return;
                }
                self.vote(now, from, resource, grant_no, attempt, cut);
            }
            Says::Inquire { fence, grant_no } if fence == wish.fence => {
                wish.heard.insert(from.clone(), now);
                if !wish.has_held {
                    // Given back though it may not have come yet; a later grant is not meant.
                    if wish.votes.get(from).is_some_and(|ballot| ballot.grant_no <= grant_no) {
                        wish.votes.remove(from);
                    }
                    let last = wish.yielded.entry(from.clone()).or_insert(grant_no);
                    *last = grant_no.max(*last);
                    let says = Says::Yield { fence, grant_no };
                    out.push(Out { to: Some(from.clone()), resource: resource.clone(), says });
                }
            }
            Says::Wait { holder, ahead } => {
                wish.heard.insert(from.clone(), now);
                wish.waits = Some((holder, ahead));
            }
            Says::Stale { fence, high } if fence == wish.fence => {
                wish.heard.insert(from.clone(), now);
                let goes_on = !wish.has_held;
                self.learn(resource, high.n);
                if goes_on {
                    self.renew_fence(now, resource, out);
                }
            }
            _ => {}
        }
    }

    fn vote(&mut self, now: u64, from: &N, resource: &R, grant_no: Number, attempt: Number, cut: C) {
        let any_number = self.fault == Some(Fault::NoGrantNumbers);
        let Some(wish) = self.wishes.get_mut(resource) else { return };
        let Some((_, sent)) = wish.sent.iter().find(|(number, _)| *number == attempt) else { return };
        let mut deadline = sent + self.timing.safe_lease();
        if let Some(before) = wish.votes.get(from) {
            if grant_no < before.grant_no && !any_number {
                return;
            }
            if grant_no == before.grant_no {
                deadline = deadline.max(before.deadline);
            }
        }
        wish.votes.insert(from.clone(), Ballot { grant_no, deadline, cut, is_fresh: true });
        let live = live(wish, &self.members, now).count();
        if !wish.has_held && is_majority(live, self.members.len()) {
            wish.has_held = true;
            wish.held_since = now;
        }
    }

    /// A wish goes on under a fence above all that are known; its place in the queue stays.
    fn renew_fence(&mut self, now: u64, resource: &R, out: &mut Vec<Out<R, N, C>>) {
        let fence = self.next_fence(resource);
        if let Some(wish) = self.wishes.get_mut(resource) {
            wish.fence = fence;
            wish.votes.clear();
        }
        self.send(now, resource, out);
    }

    /// Asks again, renews, and ends what is lost. To be called at every turn, before anything else: a pause between
    /// two turns that is longer than a renewal ends all holds.
    pub fn tick(&mut self, now: u64, out: &mut Vec<Out<R, N, C>>) {
        let paused = self.last_turn.is_some_and(|last| now.saturating_sub(last) > self.timing.renewal());
        self.last_turn = Some(now);
        let resources: Vec<R> = self.wishes.keys().cloned().collect();
        for resource in resources {
            let Some(wish) = self.wishes.get(&resource) else { continue };
            if wish.has_held && (paused || !self.is_live(wish, now)) {
                self.release(&resource, out);
                continue;
            }
            if now >= self.next_sending(wish) {
                self.send(now, &resource, out);
            }
        }
    }

    fn next_sending(&self, wish: &Wish<N, C>) -> u64 {
        let last = wish.sent.last().map_or(0, |(_, at)| *at);
        let all_answered = self.members.iter().all(|member| wish.heard.contains_key(member));
        last + if all_answered { self.timing.renewal() } else { self.timing.ask_again() }
    }

    /// When [`Requester::tick`] has something to do next, if ever.
    #[must_use]
    pub fn due(&self) -> Option<u64> {
        self.wishes.values().map(|wish| self.next_sending(wish)).min()
    }

    fn is_live(&self, wish: &Wish<N, C>, now: u64) -> bool {
        wish.has_held && is_majority(live(wish, &self.members, now).count(), self.members.len())
    }

    /// Whether a resource is wanted.
    #[must_use]
    pub fn wants(&self, resource: &R) -> bool {
        self.wishes.contains_key(resource)
    }

    /// The fence under which a resource is held now.
    #[must_use]
    pub fn held(&self, resource: &R, now: u64) -> Option<&Fence<N>> {
        let wish = self.wishes.get(resource).filter(|wish| self.is_live(wish, now))?;
        Some(&wish.fence)
    }

    /// Until when the hold lasts if nothing more is heard.
    #[must_use]
    pub fn held_until(&self, resource: &R) -> Option<u64> {
        let wish = self.wishes.get(resource)?;
        let mut deadlines: Vec<u64> = live(wish, &self.members, 0).map(|ballot| ballot.deadline).collect();
        deadlines.sort_unstable_by(|a, b| b.cmp(a));
        deadlines.get(self.members.len() / 2).copied()
    }

    /// Whether the holder may enter: all that a majority of the voters had applied is applied here.
    #[must_use]
    pub fn may_enter(&self, resource: &R, now: u64, is_applied: impl Fn(&C) -> bool) -> bool {
        let wish = self.wishes.get(resource).filter(|wish| wish.has_held);
        let votes = wish.into_iter().flat_map(|wish| live(wish, &self.members, now));
        is_majority(votes.filter(|ballot| is_applied(&ballot.cut)).count(), self.members.len())
    }

    /// What the voters had applied.
    pub fn cuts(&self, resource: &R) -> impl Iterator<Item = &C> {
        self.wishes.get(resource).into_iter().flat_map(|wish| wish.votes.values()).map(|ballot| &ballot.cut)
    }

    /// The holder has written: from now on only newer votes can show that it was applied.
    pub fn leave(&mut self, resource: &R) {
        for ballot in self.wishes.get_mut(resource).into_iter().flat_map(|w| w.votes.values_mut()) {
            ballot.is_fresh = false;
        }
    }

    /// Whether a majority shows to have applied what was written.
    #[must_use]
    pub fn may_leave(&self, resource: &R, shows: impl Fn(&C) -> bool) -> bool {
        let any = self.fault == Some(Fault::LeavesOnAnyVote);
        let votes = self.wishes.get(resource).into_iter().flat_map(|wish| wish.votes.iter());
        let ours = votes.filter(|(voter, _)| self.members.contains(*voter));
        let showing = ours.filter(|(_, b)| if any { b.is_fresh } else { shows(&b.cut) }).count();
        is_majority(showing, self.members.len())
    }

    /// Wants a resource no more.
    pub fn release(&mut self, resource: &R, out: &mut Vec<Out<R, N, C>>) {
        if let Some(wish) = self.wishes.remove(resource) {
            let says = Says::Release { fence: wish.fence, upto: self.numbers };
            out.push(Out { to: None, resource: resource.clone(), says });
        }
    }

    /// How many members have answered about a wish since a moment.
    #[must_use]
    pub fn answered(&self, resource: &R, since: u64) -> usize {
        let wish = self.wishes.get(resource);
        let heard = wish.into_iter().flat_map(|wish| wish.heard.iter());
        heard.filter(|(member, at)| **at >= since && self.members.contains(*member)).count()
    }

    /// How the wishes stand.
    pub fn views(&self, now: u64) -> impl Iterator<Item = WishView<R, N>> {
        self.wishes.iter().map(move |(resource, wish)| {
            let (holder, ahead) = wish.waits.clone().unwrap_or((None, 0));
            WishView {
                resource: resource.clone(),
                since: wish.since,
                held_since: self.is_live(wish, now).then_some(wish.held_since),
                holder,
                ahead,
            }
        })
    }
}

/// The votes of members that have not lapsed.
fn live<'a, N: Ord, C>(
    wish: &'a Wish<N, C>,
    members: &BTreeSet<N>,
    now: u64,
) -> impl Iterator<Item = &'a Ballot<C>> {
    let votes = wish.votes.iter();
    votes.filter(move |(voter, ballot)| now < ballot.deadline && members.contains(*voter)).map(|(_, b)| b)
}
