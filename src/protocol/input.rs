//! What the core is given.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::effects::Testimony;
use super::message::{Message, PublicKey};
use crate::domain::{Sku, WarehouseId};
use crate::ledger::act::Request;
use crate::ledger::{Hash, Head, StoredEntry};

/// The time of a step, read once by the runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// Milliseconds since 1970 UTC by the local clock; it may jump.
    pub wall_ms: u64,
    /// Milliseconds since some moment; it never goes back, and counts while the machine sleeps.
    pub mono_ms: u64,
    /// Milliseconds that the warehouse's own time is ahead of UTC: its days begin at its own midnight.
    pub ahead_ms: i64,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// An operator wants something.
    Request {
        /// What.
        request: Request,
        /// The entries that the store holds of this request already, by index; looked up just before.
        known: Vec<StoredEntry>,
        /// For a reversal: the own entry to undo, as the store holds it.
        target: Option<StoredEntry>,
    },
    /// A peer says something; its envelope was checked.
    Message {
        /// Who sent it (not always who wrote what is in it).
        from: WarehouseId,
        /// The key that it is signed with.
        key: PublicKey,
        /// The sender's start.
        incarnation: u32,
        /// The sender's nonce of that start.
        nonce: Uuid,
        /// Counts the sender's messages of that start.
        counter: u64,
        /// The sender's hybrid time.
        hlc: u64,
        /// What it says.
        message: Message,
        /// The delivery to acknowledge once this is handled; none on the control lane.
        delivery: Option<u64>,
    },
    /// The deadline that the core asked for, or any other moment.
    Timer,
    /// The bus's link has come up: what was said before may not have been heard. Nobody else is served under this name.
    BusUp,
    /// The bus serves another process under this node's name: what that one writes isn't known here.
    Elsewhere,
    /// This node created the cluster's founding mark.
    Founded,
    /// The store holds all batches up to this one.
    Committed {
        /// The batch.
        batch: u64,
        /// Own entries up to here were confirmed by the bus.
        published: u64,
    },
    /// What the store holds in the place of a testimony, see [`super::Effects::compare`].
    Compared {
        /// What was signed.
        seen: Testimony,
        /// What is stored there; none if nothing is.
        stored: Option<Hash>,
        /// Whether the stored ledger was gone on with, from before that place, by a later start than the one that
        /// was seen: what that one wrote there is void then, and no other history.
        resumed: bool,
    },
    /// The head file of the data directory, read at the start: what this node had committed.
    HeadFile {
        /// What it says.
        head: Head,
    },
    /// An operator says that these won't answer: a recovery under way goes on without them.
    Absent {
        /// Who.
        who: BTreeSet<WarehouseId>,
    },
    /// An operator steps back from the queue of a product's lock: what waits for it is refused.
    StepBack {
        /// The product.
        sku: Sku,
    },
    /// The store refused an entry of a replicated ledger: nothing behind it is followed.
    Quarantine {
        /// Whose.
        origin: WarehouseId,
        /// What was found.
        why: String,
    },
    /// Writing must stop for good: a foreign writer, or an own entry refused.
    Stop {
        /// Why.
        why: String,
    },
}
