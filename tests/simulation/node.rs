//! A node: the core as the runtime drives it, with what is on its disk and what waits for its store.

use std::collections::VecDeque;

use ed25519_dalek::SigningKey;
use rubentario::domain::WarehouseId;
use rubentario::ledger::Head;
use rubentario::ledger::act::{Act, Request};
use rubentario::protocol::batch::Batch;
use rubentario::protocol::{After, Core, Input, Setup};
use uuid::Uuid;

use super::clocks::Clock;
use super::disk::Disk;
use super::locks::Witness;

/// Deliberate faults; each must be found within a thousand seeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutant {
    /// Deliveries are acknowledged and operators answered before the batch is committed.
    AcknowledgeBeforeCommit,
    /// Own entries are published before their batch is committed.
    PublishBeforeCommit,
    /// A fault in the core.
    #[cfg(feature = "faults")]
    Core(rubentario::protocol::fault::Fault),
}

/// A turn whose batch isn't committed yet.
#[derive(Debug)]
pub struct Turned {
    pub batch: Option<Batch>,
    pub after: After,
    pub done_at: u64,
}

pub struct Node {
    pub name: WarehouseId,
    pub key: SigningKey,
    pub clock: Clock,
    pub disk: Disk,
    /// What the head file says: it survives a disk set back.
    pub head_file: Head,
    pub core: Option<Core>,
    pub nonce: Uuid,
    pub published: u64,
    /// By the node's monotonic clock, while it runs; by true time, while it doesn't.
    pub wake_at: u64,
    /// Its store takes long until then, true time.
    pub slow_until: u64,
    /// Its process stands still until then, true time: it hears, does and says nothing, and its leases run out.
    pub still_until: u64,
    /// How long its ledger was when its disk was last set back or lost.
    pub wrote: usize,
    pub unfinished: VecDeque<Turned>,
    /// Requests that were not answered yet: asked again until they are.
    pub asking: VecDeque<Request>,
    /// What its messages about locks show.
    pub witness: Witness,
    pub inputs: Vec<Input>,
    /// A copy of the disk of some earlier moment.
    pub backup: Option<Disk>,
    /// It made the cluster's founding mark; a file beside the head file says so.
    pub made_the_mark: bool,
    /// Whether it lets anybody in who would like to be, or leaves that to its operators.
    pub admits: bool,
    /// Among those it belongs with, the right clocks were no majority once.
    pub misled: bool,
    /// It burnt down and never comes back.
    pub burnt: bool,
}

impl Node {
    pub fn new(name: &str, number: u8, clock: Clock) -> Self {
        Self {
            name: WarehouseId::new(name).unwrap(),
            key: SigningKey::from_bytes(&[number + 1; 32]),
            clock,
            disk: Disk::default(),
            head_file: Head::EMPTY,
            core: None,
            nonce: Uuid::nil(),
            published: 0,
            wake_at: 0,
            slow_until: 0,
            still_until: 0,
            wrote: 0,
            unfinished: VecDeque::new(),
            asking: VecDeque::new(),
            witness: Witness::default(),
            inputs: Vec::new(),
            backup: None,
            made_the_mark: number == 0,
            admits: false,
            misled: false,
            burnt: false,
        }
    }

    /// Starts over what its disk holds.
    pub fn start(&mut self, nonce: Uuid, seed: u64, mutant: Option<Mutant>) -> u32 {
        let incarnation = self.disk.claim(nonce);
        let loaded = self.disk.load();
        self.published = loaded.published;
        let mut setup = self.setup();
        setup.incarnation = incarnation;
        setup.nonce = nonce;
        setup.seed = seed;
        self.nonce = nonce;
        #[allow(unused_mut, reason = "a build with faults changes it")]
        let mut core = Core::new(setup, loaded);
        #[cfg(feature = "faults")]
        if let Some(Mutant::Core(fault)) = mutant {
            core.commit_fault(fault);
        }
        #[cfg(not(feature = "faults"))]
        let _ = mutant;
        self.witness.begin(&self.name, &self.disk);
        self.wake_at = 0;
        self.inputs.push(Input::HeadFile { head: self.head_file });
        if self.made_the_mark {
            self.inputs.push(Input::Founded);
        }
        self.core = Some(core);
        incarnation
    }

    /// Everything in memory is gone.
    pub fn stop(&mut self, until: u64) {
        self.core = None;
        self.inputs.clear();
        self.unfinished.clear();
        self.still_until = 0;
        self.wake_at = until;
    }

    /// What a core over its disk begins with.
    pub fn setup(&self) -> Setup {
        Setup {
            me: self.name.clone(),
            cluster: "acme".into(),
            key: self.key.clone(),
            incarnation: 1,
            nonce: Uuid::nil(),
            batch: 0,
            seed: 1,
            admits: self.admits,
        }
    }

    /// Everything that isn't answered is asked again, sometimes though it is.
    pub fn requests(&self) -> Vec<Input> {
        let looked_up = self.asking.iter().map(|request| {
            let target = match &request.act {
                Act::Reverse { entry, .. } => {
                    self.disk.entries.get(&(entry.origin.clone(), entry.seq)).cloned()
                }
                _ => None,
            };
            let known = self.disk.command(&self.name, request.id);
            Input::Request { request: request.clone(), known, target }
        });
        looked_up.collect()
    }
}
