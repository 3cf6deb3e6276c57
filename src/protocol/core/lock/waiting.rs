//! Acts that wait for locks: one product after the other in ascending order, then the act is written.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::super::Core;
use super::super::requests::Under;
use crate::domain::{Refusal, Sku, TransferId, WarehouseId};
use crate::ledger::act::{Act, Outcome, Request};
use crate::protocol::input::Now;
use crate::protocol::quorum_lock::{Timing, Voter, is_majority};

/// Whoever asks is told after this, in milliseconds, that no majority answers.
const NO_MAJORITY_MS: u64 = 2_500;
/// Acts that may wait at once.
const MOST: usize = 1_000;

/// An act that waits.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    request: Request,
    digest: u32,
    /// The overtaken request that it makes anew.
    renews: Option<TransferId>,
    /// Ascending.
    skus: Vec<Sku>,
    /// So many of them are asked for: it is this act's turn at them among those of this node.
    taken: usize,
    /// Since when the last of those is asked for.
    asked: u64,
}

/// What became of a waiting act in a turn.
enum Progress {
    Waits,
    Entered(Vec<(Sku, crate::ledger::Fence)>),
    Refused(Refusal),
}

/// Somebody at a lock, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// Who.
    pub warehouse: WarehouseId,
    /// Since when, monotonic milliseconds of this node.
    pub since: u64,
}

/// A lock that is held or wanted, as this node knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockStatus {
    /// Of which product.
    pub sku: Sku,
    /// Who holds it.
    pub holder: Option<Seat>,
    /// Who waits, the oldest first.
    pub waiting: Vec<Seat>,
}

impl Core {
    /// The products whose locks an act needs: none for what a warehouse decides alone.
    pub(in super::super) fn locks_needed(&self, act: &Act) -> Vec<Sku> {
        let needed: BTreeSet<&Sku> = match act {
            Act::RequestTransfer { lines, unlocked: false, .. } => {
                lines.iter().map(|line| &line.sku).collect()
            }
            Act::SetProduct { sku, unlocked: false, .. } if self.book.product(sku).is_some() => [sku].into(),
            _ => BTreeSet::new(),
        };
        // Alone, nobody else can want it.
        if self.lock_members().len() == 1 {
            return Vec::new();
        }
        needed.into_iter().cloned().collect()
    }

    /// Whether a request waits already; another content under its id is refused.
    pub(in super::super) fn waits_already(&self, id: Uuid, digest: u32) -> Option<Result<(), Refusal>> {
        let waiting = self.locks.waiting.iter().find(|w| w.request.id == id)?;
        Some(if waiting.digest == digest { Ok(()) } else { Err(Refusal::RequestReused) })
    }

    /// Lets an act wait for its locks.
    pub(in super::super) fn wait_for_locks(
        &mut self,
        now: Now,
        request: Request,
        digest: u32,
        skus: Vec<Sku>,
    ) -> Result<(), Refusal> {
        self.wait(Waiting { request, digest, renews: None, skus, taken: 0, asked: now.mono_ms })
    }

    /// Lets an overtaken request be made anew.
    pub(super) fn wait_anew(&mut self, now: Now, request: Request, renews: TransferId) {
        let skus = self.locks_needed(&request.act);
        let renews = Some(renews);
        // Where too much waits it is left to whoever asked first.
        let _ = self.wait(Waiting { request, digest: 0, renews, skus, taken: 0, asked: now.mono_ms });
    }

    fn wait(&mut self, waiting: Waiting) -> Result<(), Refusal> {
        if self.locks.waiting.len() >= MOST {
            return Err(Refusal::Busy);
        }
        self.locks.waiting.push(waiting);
        Ok(())
    }

    /// Acts that wait for locks: a core that starts over from the store has to be given them again.
    pub fn waiting_for_locks(&self) -> impl Iterator<Item = &Request> {
        let asked = self.locks.waiting.iter().filter(|waiting| waiting.renews.is_none());
        asked.map(|waiting| &waiting.request)
    }

    /// Whether something waits here that needs a product's lock.
    #[must_use]
    pub fn waits_for_lock(&self, sku: &Sku) -> bool {
        self.locks.waiting.iter().any(|waiting| waiting.skus.contains(sku))
    }

    /// An operator steps back from the queue of a product's lock.
    pub(in super::super) fn step_back(&mut self, now: Now, sku: &Sku) {
        let mut place = 0;
        while place < self.locks.waiting.len() {
            if self.locks.waiting[place].skus.contains(sku) {
                let holder = self.lock_holder(now, sku);
                self.refuse_waiting(now, place, Refusal::SteppedBack { sku: sku.clone(), holder });
            } else {
                place += 1;
            }
        }
    }

    pub(super) fn settle_waiting(&mut self, now: Now) {
        let mut place = 0;
        while place < self.locks.waiting.len() {
            match self.progress(now, place) {
                Progress::Waits => place += 1,
                Progress::Refused(refusal) => self.refuse_waiting(now, place, refusal),
                Progress::Entered(fences) => {
                    let waiting = self.locks.waiting.remove(place);
                    let Waiting { request, digest, renews, skus, .. } = waiting;
                    let under = Under { after: Some(self.holders_cut()), fences, renews };
                    let written = self.write_act(now, &request, digest, None, &under);
                    let outcome = match written {
                        Ok(entries) => {
                            let last = self.book.head(&self.setup.me).seq;
                            for sku in &skus {
                                self.locks.requester.leave(sku);
                                self.locks.leaving.insert(sku.clone(), last);
                            }
                            Outcome::Recorded { entries }
                        }
                        Err(refusal) => {
                            for sku in &skus {
                                self.release(now, sku);
                            }
                            Outcome::Refused { refusal }
                        }
                    };
                    self.turn.answers.push((request.id, outcome));
                    self.turn.changed.others = true;
                    // Those before it may have waited for its turn to end.
                    place = 0;
                }
            }
        }
    }

    fn refuse_waiting(&mut self, now: Now, place: usize, refusal: Refusal) {
        let waiting = self.locks.waiting.remove(place);
        for sku in &waiting.skus[..waiting.taken] {
            self.release(now, sku);
        }
        self.turn.answers.push((waiting.request.id, Outcome::Refused { refusal }));
        self.turn.changed.others = true;
    }

    fn progress(&mut self, now: Now, place: usize) -> Progress {
        if let Err(refusal) = self.may_act() {
            return Progress::Refused(refusal);
        }
        loop {
            let waiting = &self.locks.waiting[place];
            let taken = &waiting.skus[..waiting.taken];
            if let Some(lost) = taken.iter().find(|sku| !self.locks.requester.wants(sku)) {
                return Progress::Refused(Refusal::LockLost { sku: lost.clone() });
            }
            let Some(fences) = self.entered(now, taken) else {
                return self.still_waits(now, place);
            };
            let Some(next) = waiting.skus.get(waiting.taken).cloned() else {
                return Progress::Entered(fences);
            };
            let others = self.locks.waiting.iter().flat_map(|w| &w.skus[..w.taken]);
            if others.chain(self.locks.leaving.keys()).any(|sku| *sku == next) {
                return Progress::Waits;
            }
            let hlc = self.hlc.tick(self.time.ms(now));
            let mut out = Vec::new();
            self.locks.requester.begin(now.mono_ms, &next, hlc, &mut out);
            let waiting = &mut self.locks.waiting[place];
            waiting.taken += 1;
            waiting.asked = now.mono_ms;
            self.turn.changed.others = true;
            self.carry(now, out);
        }
    }

    /// The last lock that is asked for isn't entered: whether it is worth waiting on.
    fn still_waits(&mut self, now: Now, place: usize) -> Progress {
        let waiting = &self.locks.waiting[place];
        let asked = waiting.asked;
        let Some(sku) = waiting.skus[..waiting.taken].last().cloned() else { return Progress::Waits };
        let members = self.lock_members().len();
        // Once all have answered, they are asked again only with each renewal.
        let of_late = now.mono_ms.saturating_sub(2 * Timing::USUAL.renewal());
        let answered = self.locks.requester.answered(&sku, asked.max(of_late));
        if now.mono_ms < asked + NO_MAJORITY_MS {
            self.turn.wake_by(asked + NO_MAJORITY_MS);
        } else if !is_majority(answered, members) {
            return Progress::Refused(Refusal::NoMajority { sku, answered, members });
        }
        let wish = self.locks.requester.views(now.mono_ms).find(|wish| wish.resource == sku);
        let Some(held_since) = wish.and_then(|wish| wish.held_since) else { return Progress::Waits };
        if now.mono_ms >= held_since + Timing::USUAL.lease() {
            return Progress::Refused(Refusal::LockLost { sku });
        }
        // It is held, but something that its voters had is missing here.
        let cuts = self.locks.requester.cuts(&sku);
        let missing = cuts.filter_map(|cut| self.first_missing(cut));
        let missing: Vec<_> = missing.map(|(origin, seq)| (origin.clone(), seq)).collect();
        for (origin, seq) in missing {
            if origin != self.setup.me {
                self.incoming.entry(origin).or_default().want(seq);
            }
        }
        Progress::Waits
    }

    /// Who holds a lock, as far as is known here.
    fn lock_holder(&self, now: Now, sku: &Sku) -> Option<WarehouseId> {
        let status = self.locks(now).into_iter().find(|lock| lock.sku == *sku)?;
        status.holder.map(|seat| seat.warehouse)
    }

    /// The locks that are held or wanted, as this node knows, by product.
    #[must_use]
    pub fn locks(&self, now: Now) -> Vec<LockStatus> {
        let me = &self.setup.me;
        let seat = |(warehouse, since): (WarehouseId, u64)| Seat { warehouse, since };
        let desks = self.locks.voter.iter().flat_map(Voter::desks);
        let mut all: Vec<_> = desks
            .map(|desk| LockStatus {
                sku: desk.resource,
                holder: desk.holder.map(seat),
                waiting: desk.waiting.into_iter().map(seat).collect(),
            })
            .collect();
        for wish in self.locks.requester.views(now.mono_ms) {
            let place = all.iter().position(|lock| lock.sku == wish.resource).unwrap_or_else(|| {
                all.push(LockStatus { sku: wish.resource.clone(), holder: None, waiting: Vec::new() });
                all.len() - 1
            });
            let lock = &mut all[place];
            let mine = |since| Seat { warehouse: me.clone(), since };
            if let Some(since) = wish.held_since {
                // The vote of this node alone says nothing about who holds it.
                if let Some(voted) = lock.holder.take().filter(|seat| seat.warehouse != *me) {
                    lock.waiting.insert(0, voted);
                }
                lock.waiting.retain(|seat| seat.warehouse != *me);
                lock.holder = Some(mine(since));
            } else {
                let holder = lock.holder.take().filter(|seat| seat.warehouse != *me);
                lock.holder = wish.holder.filter(|who| who != me).map_or(holder.clone(), |who| {
                    holder
                        .filter(|seat| seat.warehouse == who)
                        .or(Some(Seat { warehouse: who, since: wish.since }))
                });
                if !lock.waiting.iter().any(|seat| seat.warehouse == *me) {
                    lock.waiting.push(mine(wish.since));
                }
            }
        }
        all.sort_by(|a, b| a.sku.cmp(&b.sku));
        all
    }
}
