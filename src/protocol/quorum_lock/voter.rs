//! The voter: one vote per resource, given to the oldest request, for one lease at a time. It remembers nothing over a
//! restart and so abstains for a lease after each.

use std::collections::BTreeMap;

use super::{Fault, GREATEST_JUMP, Number, Out, Priority, Says, Timing};
use crate::ledger::entry::Fence;

/// Resources that are remembered though nobody wants them now; beyond that the least wanted are forgotten.
const IDLE_KEPT: usize = 50_000;
/// Requests that may wait for one resource.
const QUEUE: usize = 256;

/// A request as it was last heard.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Asked<N> {
    priority: Priority<N>,
    fence: Fence<N>,
    attempt: Number,
    /// When it was heard first and last.
    since: u64,
    heard: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Grant<N> {
    asked: Asked<N>,
    number: Number,
    since: u64,
    until: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State<N> {
    grant: Option<Grant<N>>,
    /// Oldest first; an owner stands here once.
    queue: Vec<Asked<N>>,
    /// The greatest fence whose grant ended other than by a yield. A hint: the source's stored fence is the guard.
    high: Option<Fence<N>>,
}

impl<N> Default for State<N> {
    fn default() -> Self {
        Self { grant: None, queue: Vec::new(), high: None }
    }
}

/// Who has this node's vote for a resource and who waits, since when (milliseconds of the voter's clock).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desk<R, N> {
    /// The resource.
    pub resource: R,
    /// Who has the vote.
    pub holder: Option<(N, u64)>,
    /// Who waits, oldest first.
    pub waiting: Vec<(N, u64)>,
}

/// One node's votes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Voter<R, N> {
    timing: Timing,
    fault: Option<Fault>,
    numbers: Number,
    /// No vote before this.
    votes_from: u64,
    resources: BTreeMap<R, State<N>>,
}

impl<R: Ord + Clone, N: Ord + Clone> Voter<R, N> {
    /// A voter that has just started.
    #[must_use]
    pub const fn new(timing: Timing, incarnation: u32, now: u64, fault: Option<Fault>) -> Self {
        let at_once = matches!(fault, Some(Fault::VotesAtOnce));
        let votes_from = if at_once { now } else { now + timing.abstention() };
        Self { timing, fault, numbers: Number::first(incarnation), votes_from, resources: BTreeMap::new() }
    }

    /// The node goes by a greater incarnation from now on.
    pub fn renumber(&mut self, incarnation: u32) {
        self.numbers.at_least(incarnation);
    }

    /// Gives no vote before this moment.
    pub fn abstain_until(&mut self, moment: u64) {
        self.votes_from = self.votes_from.max(moment);
    }

    /// Whether it votes for nobody yet.
    #[must_use]
    pub const fn abstains(&self, now: u64) -> bool {
        now < self.votes_from
    }

    /// A requester says something about a resource. False where it says so in another's name, or with a number that
    /// nobody can have come to: nothing has changed then.
    pub fn hear<C: Clone>(
        &mut self,
        now: u64,
        from: &N,
        resource: &R,
        says: &Says<N, C>,
        cut: &C,
        out: &mut Vec<Out<R, N, C>>,
    ) -> bool {
        self.lapse(now, resource, cut, out);
        match says {
            // Nobody asks for another.
            Says::Request { priority, fence, attempt } if fence.node == *from && priority.node == *from => {
                let asked = Asked {
                    priority: priority.clone(),
                    fence: fence.clone(),
                    attempt: *attempt,
                    since: now,
                    heard: now,
                };
                return self.request(now, resource, asked, cut, out);
            }
            Says::Yield { fence, grant_no } if fence.node == *from => {
                let any_number = self.fault == Some(Fault::NoGrantNumbers);
                let Some(state) = self.resources.get_mut(resource) else { return true };
                let current =
                    |g: &mut Grant<N>| g.asked.fence == *fence && (g.number == *grant_no || any_number);
                if let Some(grant) = state.grant.take_if(current) {
                    state.queue(Asked { heard: now, ..grant.asked });
                    self.vote_for_the_oldest(now, resource, cut, out);
                }
            }
            Says::Release { fence, upto } if fence.node == *from => {
                let meant = |asked: &Asked<N>| asked.fence == *fence && asked.attempt <= *upto;
                let raises = self.fault != Some(Fault::HighStays);
                let Some(state) = self.resources.get_mut(resource) else { return true };
                state.queue.retain(|asked| !meant(asked));
                if state.grant.take_if(|g| meant(&g.asked)).is_some() {
                    if raises {
                        state.raise(fence);
                    }
                    self.vote_for_the_oldest(now, resource, cut, out);
                }
            }
            _ => return false,
        }
        true
    }

    fn request<C: Clone>(
        &mut self,
        now: u64,
        resource: &R,
        asked: Asked<N>,
        cut: &C,
        out: &mut Vec<Out<R, N, C>>,
    ) -> bool {
        let abstains = self.abstains(now);
        if self.resources.len() >= IDLE_KEPT && !self.resources.contains_key(resource) {
            self.forget_the_idle();
        }
        let state = self.resources.entry(resource.clone()).or_default();
        let reply = |says| Out { to: Some(asked.priority.node.clone()), resource: resource.clone(), says };
        let known = state.high.as_ref().map_or(0, |high| high.n);
        if asked.fence.n > known.saturating_add(GREATEST_JUMP) {
            return false;
        }
        if let Some(grant) = &mut state.grant
            && grant.asked.fence.node == asked.fence.node
        {
            let (life, granted_life) = (asked.attempt.incarnation, grant.asked.attempt.incarnation);
            if asked.fence == grant.asked.fence && life == granted_life {
                grant.asked.attempt = grant.asked.attempt.max(asked.attempt);
                grant.asked.heard = now;
                grant.until = now + self.timing.lease();
                out.push(reply(vote(&grant.asked.fence, grant.number, asked.attempt, cut)));
            } else if life > granted_life || life == granted_life && asked.fence > grant.asked.fence {
                // What the owner said of its earlier grant is not about the one that replaces it, though a later start
                // may come to the fence of an earlier one.
                let old = grant.asked.fence.clone();
                if old > asked.fence {
                    state.grant = None;
                    state.raise(&old);
                    out.push(reply(Says::Stale { fence: asked.fence.clone(), high: old }));
                    self.vote_for_the_oldest(now, resource, cut, out);
                    return true;
                }
                if old < asked.fence {
                    state.raise(&old);
                }
                let (owner, priority) = (asked.priority.node.clone(), asked.priority.clone());
                let fence = asked.fence.clone();
                let is_older_waiting = state.queue.first().is_some_and(|other| other.priority < priority);
                out.push(reply(self.grant(now, resource, asked.clone(), cut)));
                if is_older_waiting {
                    let says = Says::Inquire { fence, grant_no: self.numbers };
                    out.push(Out { to: Some(owner), resource: resource.clone(), says });
                }
            }
            // A lower one was overtaken by its owner's own later request.
            return true;
        }
        if let Some(high) = state.high.as_ref().filter(|high| asked.fence <= **high) {
            out.push(reply(Says::Stale { fence: asked.fence.clone(), high: high.clone() }));
            return true;
        }
        let (owner, priority) = (asked.priority.node.clone(), asked.priority.clone());
        state.queue(asked.clone());
        let ahead = state.queue.iter().filter(|other| other.priority < priority).count();
        let ahead = u32::try_from(ahead).unwrap_or(u32::MAX);
        if abstains {
            out.push(reply(Says::Wait { holder: None, ahead }));
        } else if let Some(grant) = &state.grant {
            let holder = grant.asked.fence.node.clone();
            out.push(reply(Says::Wait { holder: Some(holder.clone()), ahead: ahead + 1 }));
            if priority < grant.asked.priority {
                let says = Says::Inquire { fence: grant.asked.fence.clone(), grant_no: grant.number };
                out.push(Out { to: Some(holder), resource: resource.clone(), says });
            }
        } else {
            self.vote_for_the_oldest(now, resource, cut, out);
            let granted = self.resources.get(resource).and_then(|s| s.grant.as_ref());
            if let Some(holder) = granted.map(|g| g.asked.fence.node.clone()).filter(|h| *h != owner) {
                out.push(reply(Says::Wait { holder: Some(holder), ahead: ahead.max(1) }));
            }
        }
        true
    }

    /// A node has applied an entry that was written under a fence: if it has the vote, its holder is told at once.
    pub fn applied<C: Clone>(&self, resource: &R, fence: &Fence<N>, cut: &C, out: &mut Vec<Out<R, N, C>>) {
        let grant = self.resources.get(resource).and_then(|state| state.grant.as_ref());
        if let Some(grant) = grant.filter(|g| g.asked.fence == *fence) {
            let says = vote(fence, grant.number, grant.asked.attempt, cut);
            out.push(Out { to: Some(fence.node.clone()), resource: resource.clone(), says });
        }
    }

    /// Ends what has lapsed and gives the votes that are free.
    pub fn tick<C: Clone>(&mut self, now: u64, cut: &C, out: &mut Vec<Out<R, N, C>>) {
        let wanted = self.resources.iter().filter(|(_, s)| !s.is_idle());
        let wanted: Vec<R> = wanted.map(|(resource, _)| resource.clone()).collect();
        for resource in wanted {
            self.lapse(now, &resource, cut, out);
            self.vote_for_the_oldest(now, &resource, cut, out);
        }
    }

    /// When [`Voter::tick`] has something to do next, if ever.
    #[must_use]
    pub fn due(&self, now: u64) -> Option<u64> {
        let wanted = self.resources.values().filter(|s| !s.is_idle());
        let due = wanted.map(|state| {
            let grant = state.grant.as_ref().map(|g| g.until);
            grant.unwrap_or(if self.abstains(now) { self.votes_from } else { now + self.timing.lease() })
        });
        due.min()
    }

    /// What is held or wanted, as this voter sees it.
    pub fn desks(&self) -> impl Iterator<Item = Desk<R, N>> {
        self.resources.iter().filter(|(_, s)| !s.is_idle()).map(|(resource, state)| Desk {
            resource: resource.clone(),
            holder: state.grant.as_ref().map(|g| (g.asked.fence.node.clone(), g.since)),
            waiting: state.queue.iter().map(|a| (a.fence.node.clone(), a.since)).collect(),
        })
    }

    /// The fence that has this node's vote for a resource.
    #[must_use]
    pub fn granted(&self, resource: &R) -> Option<&Fence<N>> {
        self.resources.get(resource)?.grant.as_ref().map(|g| &g.asked.fence)
    }

    fn lapse<C: Clone>(&mut self, now: u64, resource: &R, cut: &C, out: &mut Vec<Out<R, N, C>>) {
        let lease = self.timing.lease();
        let Some(state) = self.resources.get_mut(resource) else { return };
        state.queue.retain(|asked| now < asked.heard + lease);
        if let Some(grant) = state.grant.take_if(|g| now >= g.until) {
            state.raise(&grant.asked.fence);
            self.vote_for_the_oldest(now, resource, cut, out);
        }
    }

    fn vote_for_the_oldest<C: Clone>(
        &mut self,
        now: u64,
        resource: &R,
        cut: &C,
        out: &mut Vec<Out<R, N, C>>,
    ) {
        if self.abstains(now) {
            return;
        }
        let Some(state) = self.resources.get_mut(resource) else { return };
        if state.grant.is_some() || state.queue.is_empty() {
            return;
        }
        let oldest = state.queue.remove(0);
        let to = Some(oldest.fence.node.clone());
        let says = match state.high.as_ref().filter(|high| oldest.fence <= **high) {
            // What was held meanwhile overtook it.
            Some(high) => Says::Stale { fence: oldest.fence, high: high.clone() },
            None => self.grant(now, resource, oldest, cut),
        };
        let is_stale = matches!(says, Says::Stale { .. });
        out.push(Out { to, resource: resource.clone(), says });
        if is_stale {
            self.vote_for_the_oldest(now, resource, cut, out);
        }
    }

    fn grant<C: Clone>(&mut self, now: u64, resource: &R, asked: Asked<N>, cut: &C) -> Says<N, C> {
        let number = self.numbers.next();
        let says = vote(&asked.fence, number, asked.attempt, cut);
        let until = now + self.timing.lease();
        let state = self.resources.entry(resource.clone()).or_default();
        state.grant = Some(Grant { asked, number, since: now, until });
        says
    }

    /// Forgets what nobody wants: `high` is a hint, and grants are numbered over all resources.
    fn forget_the_idle(&mut self) {
        self.resources.retain(|_, state| !state.is_idle());
    }
}

impl<N: Ord + Clone> State<N> {
    const fn is_idle(&self) -> bool {
        self.grant.is_none() && self.queue.is_empty()
    }

    fn raise(&mut self, fence: &Fence<N>) {
        if self.high.as_ref().is_none_or(|high| high < fence) {
            self.high = Some(fence.clone());
        }
    }

    /// Queues a request; of one owner only that of the greatest fence.
    fn queue(&mut self, mut asked: Asked<N>) {
        if let Some(place) = self.queue.iter().position(|other| other.fence.node == asked.fence.node) {
            let before = &self.queue[place];
            let life = asked.attempt.incarnation.cmp(&before.attempt.incarnation);
            if life.is_lt() || life.is_eq() && before.fence > asked.fence {
                return;
            }
            asked.since = before.since;
            asked.attempt = asked.attempt.max(before.attempt);
            self.queue.remove(place);
        }
        if self.queue.len() >= QUEUE {
            return;
        }
        let place = self.queue.partition_point(|other| other.priority < asked.priority);
        self.queue.insert(place, asked);
    }
}

fn vote<N: Clone, C: Clone>(fence: &Fence<N>, grant_no: Number, attempt: Number, cut: &C) -> Says<N, C> {
    Says::Vote { fence: fence.clone(), grant_no, attempt, cut: cut.clone() }
}
