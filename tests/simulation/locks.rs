//! What must hold of locks: one live holder, votes only above what was released, leaving only once a majority has
//! stored what was written, and a source that takes only fences above all it has taken.

use std::collections::{BTreeMap, BTreeSet};

use rubentario::domain::{Sku, WarehouseId};
use rubentario::ledger::entry::Fence;
use rubentario::ledger::{Body, StoredEntry};
use rubentario::protocol::batch::Batch;
use rubentario::protocol::core::Electorate;
use rubentario::protocol::quorum_lock::{Says, Timing};
use rubentario::protocol::{Core, Effects, Input, Message, Now};

use super::disk::Disk;
use super::node::Node;
use super::operators::SKUS;
use super::world::World;

/// What was seen of one node, in this start of it.
#[derive(Debug, Default)]
pub struct Witness {
    /// Greatest fences that were released at it as a voter.
    released: BTreeMap<Sku, Fence>,
    /// Greatest fences of the requests that its store holds and it is to answer.
    taken: BTreeMap<Sku, Fence>,
    /// Whose votes counted for it, and when, in its last turn.
    last_turn: Option<(Option<Electorate>, u64)>,
}

/// How a node's locks stood before a turn.
pub struct Before {
    held: BTreeMap<Sku, Fence>,
    granted: BTreeMap<Sku, Fence>,
    /// Released by others in this turn, and not yielded in it.
    released: BTreeSet<(Sku, Fence)>,
    yielded: BTreeSet<(Sku, Fence)>,
    /// Whether nothing but a majority's word can end what is held.
    steady: bool,
}

impl Witness {
    /// The node starts over what its disk holds.
    pub fn begin(&mut self, me: &WarehouseId, disk: &Disk) {
        *self = Self::default();
        for entry in disk.entries.values() {
            self.asked(me, entry);
        }
    }

    /// Takes note of a request to this node; the fence that it is not above, if there is one.
    fn asked(&mut self, me: &WarehouseId, stored: &StoredEntry) -> Option<Fence> {
        let Body::TransferRequested { from, .. } = &stored.entry.body else { return None };
        let mut above = None;
        for (sku, fence) in stored.entry.fences.iter().filter(|_| from == me) {
            let greatest = self.taken.entry(sku.clone()).or_insert_with(|| Fence { n: 0, ..fence.clone() });
            if fence <= greatest {
                above = Some(greatest.clone());
            }
            *greatest = fence.clone().max(greatest.clone());
        }
        above
    }

    /// Before a turn with these inputs.
    pub fn before(&mut self, core: &Core, now: Now, inputs: &[Input]) -> Before {
        let of_all = |get: &dyn Fn(&Sku) -> Option<Fence>| {
            SKUS.iter().filter_map(|s| Sku::new(s).ok()).filter_map(|s| Some((s.clone(), get(&s)?))).collect()
        };
        let said = |is: fn(&Says<_, _>) -> Option<&Fence>| {
            let said = inputs.iter().filter_map(|input| match input {
                Input::Message { message: Message::Lock { sku, says, .. }, .. } => {
                    Some((sku.clone(), is(says)?.clone()))
                }
                _ => None,
            });
            said.collect::<BTreeSet<_>>()
        };
        // What was held by votes of an older version of the roster ends like what lapses.
        let voters = core.electorate();
        let pause = Timing::USUAL.renewal();
        let steady = self.last_turn.as_ref().is_some_and(|(v, at)| *v == voters && now.mono_ms <= at + pause);
        self.last_turn = Some((voters, now.mono_ms));
        Before {
            held: of_all(&|sku| core.lock_held(sku, now).cloned()),
            granted: of_all(&|sku| core.lock_granted(sku).cloned()),
            released: said(|says| if let Says::Release { fence, .. } = says { Some(fence) } else { None }),
            yielded: said(|says| if let Says::Yield { fence, .. } = says { Some(fence) } else { None }),
            steady,
        }
    }
}

fn lock_messages(
    effects: &Effects,
) -> impl Iterator<Item = (bool, &Sku, &Says<WarehouseId, std::sync::Arc<rubentario::ledger::entry::Cut>>)> {
    effects.at_once.iter().chain(&effects.after.sends).filter_map(|send| match &send.message {
        Message::Lock { sku, says, .. } => Some((send.to.is_none(), sku, says)),
        _ => None,
    })
}

impl World {
    /// Judges what a turn of a node did about locks.
    pub(super) fn watch_locks(&mut self, i: usize, before: &Before, effects: &Effects) {
        let mut left = 0;
        let node = &self.nodes[i];
        let Some(core) = &node.core else { return };
        let mut wrong = None;
        for (to_all, sku, says) in lock_messages(effects) {
            match says {
                Says::Vote { fence, .. } => {
                    if let Some(released) = node.witness.released.get(sku).filter(|r| *r >= fence) {
                        wrong =
                            Some(format!("votes for {fence:?} of {sku} though {released:?} was released"));
                    }
                }
                Says::Release { fence, .. }
                    if to_all && before.steady && before.held.get(sku) == Some(fence) =>
                {
                    let written = self.stored_under(core, sku, fence);
                    for (place, stored_by) in written {
                        left += 1;
                        let voters = core.lock_voters();
                        let has = stored_by.iter().filter(|n| voters.contains(*n)).count();
                        if has * 2 <= voters.len() {
                            wrong = Some(format!("left {sku} though only {has} have stored {place}"));
                        }
                    }
                }
                _ => {}
            }
        }
        let released = before.granted.iter().filter(|(sku, fence)| {
            let key = ((*sku).clone(), (*fence).clone());
            let gone = core.lock_granted(sku) != Some(fence);
            gone && before.released.contains(&key) && !before.yielded.contains(&key)
        });
        let released: Vec<_> = released.map(|(sku, fence)| (sku.clone(), fence.clone())).collect();
        let name = node.name.clone();
        let witness = &mut self.nodes[i].witness;
        for (sku, fence) in released {
            let known = witness.released.entry(sku).or_insert_with(|| fence.clone());
            *known = known.clone().max(fence);
        }
        for _ in 0..left {
            self.coverage.saw("lock: left in order");
        }
        if let Some(wrong) = wrong {
            self.failed.get_or_insert(format!("{name} {wrong}"));
        }
    }

    /// What a node wrote under a fence in this start, and who has ever stored it.
    fn stored_under<'a>(
        &'a self,
        core: &'a Core,
        sku: &'a Sku,
        fence: &'a Fence,
    ) -> impl Iterator<Item = (String, &'a BTreeSet<WarehouseId>)> {
        let own = self.fenced.iter().filter(|((origin, _), _)| origin == core.me());
        own.filter(move |(_, (entry, _))| {
            let meant = entry.entry.fences.iter().any(|(s, f)| s == sku && f == fence);
            meant && entry.entry.incarnation == core.incarnation()
        })
        .map(|((origin, seq), (_, by))| (format!("{origin}:{seq}"), by))
    }

    /// Takes note of what a node stores under locks, and whether it answers what it must.
    pub(super) fn watch_commit(&mut self, i: usize, batch: &Batch) {
        let me = self.nodes[i].name.clone();
        for stored in &batch.entries {
            let entry = &stored.entry;
            let is_own = entry.origin == me;
            if is_own && !entry.fences.is_empty() {
                self.coverage.saw("lock: written under");
            }
            match &entry.body {
                Body::RequestDeclined { stale: Some(_), .. } if is_own => {
                    self.coverage.saw("lock: overtaken");
                }
                Body::TransferRequested { renews: Some(_), .. } if is_own => {
                    self.coverage.saw("lock: asked anew");
                }
                _ => {}
            }
            if !entry.fences.is_empty() {
                let place = (entry.origin.clone(), entry.seq);
                let known = self.fenced.entry(place).or_insert_with(|| (stored.clone(), BTreeSet::new()));
                known.1.insert(me.clone());
            }
            let Some(above) = self.nodes[i].witness.asked(&me, stored) else { continue };
            let declined = batch.entries.iter().any(|other| {
                matches!(&other.entry.body, Body::RequestDeclined { transfer, stale: Some(_), .. }
                    if transfer.origin == entry.origin && transfer.seq == entry.seq)
            });
            // A node that gets its ledger back may have answered it before.
            if batch.joined && !declined {
                let fences = &entry.fences;
                let why =
                    format!("{me} takes {}:{} of {fences:?}, not above {above:?}", entry.origin, entry.seq);
                self.failed.get_or_insert(why);
            }
        }
    }

    /// At most one of those who count the same votes holds a lock.
    pub(super) fn check_holders(&self) -> Result<(), String> {
        let running = |(i, node): (usize, &'_ Node)| Some((i, node.core.as_ref()?.lock_voters()));
        let mut voters = self.nodes.iter().enumerate().filter_map(running);
        let Some((_, first)) = voters.next() else { return Ok(()) };
        if voters.any(|(_, voters)| voters != first) {
            return Ok(());
        }
        for sku in SKUS.iter().filter_map(|s| Sku::new(s).ok()) {
            let holds = |(i, node): (usize, &Node)| {
                let fence = node.core.as_ref()?.lock_held(&sku, self.now(i))?;
                Some(fence.clone())
            };
            let holders: Vec<_> = self.nodes.iter().enumerate().filter_map(holds).collect();
            if holders.len() > 1 {
                return Err(format!("{sku} is held by {holders:?} at once"));
            }
        }
        Ok(())
    }
}

/// Whether nobody holds, wants or leaves any lock, as a node knows.
pub fn is_free(core: &Core, now: Now) -> bool {
    let nobody_waits = SKUS.iter().filter_map(|s| Sku::new(s).ok()).all(|sku| !core.waits_for_lock(&sku));
    core.locks(now).is_empty() && nobody_waits
}
