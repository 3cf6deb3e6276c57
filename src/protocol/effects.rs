//! What the core wants done. Effects are data: the runtime, or the simulator, carries them out.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::batch::Batch;
use super::message::Message;
use crate::domain::{Sku, TransferId, WarehouseId};
use crate::ledger::act::Outcome;
use crate::ledger::book::{Restamp, StocktakeChange};
use crate::ledger::{Hash, MovementRow};

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Kept by the bus until acknowledged.
    Inbox,
    /// Quick, and may be lost.
    Control,
}

/// A message to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Send {
    /// To whom; none = everyone (control lane only).
    pub to: Option<WarehouseId>,
    /// Which way.
    pub lane: Lane,
    /// What.
    pub message: Message,
}

/// A range of a ledger to read from the store and send to a peer as [`Message::Entries`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serve {
    /// To whom.
    pub to: WarehouseId,
    /// Whose ledger.
    pub origin: WarehouseId,
    /// From this entry on.
    pub from_seq: u64,
}

/// What an origin's own seal says stands in a place of its ledger. Where another entry is stored there, under its seal
/// as well, the two prove that it wrote two histories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Testimony {
    /// Whose ledger.
    pub origin: WarehouseId,
    /// The place.
    pub seq: u64,
    /// The entry's hash.
    pub hash: Hash,
    /// The start that wrote it, or went on behind it.
    pub incarnation: u32,
}

/// What changed in the book in this turn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    /// Products of which something changed: definition, stock anywhere, rule, goods on the road.
    pub products: BTreeSet<Sku>,
    /// What became of stocktakes, in order.
    pub stocktakes: Vec<StocktakeChange>,
    /// Transfers that are new or went on.
    pub transfers: BTreeSet<TransferId>,
    /// New lines of the history, oldest first.
    pub movements: Vec<MovementRow>,
    /// Lines of the history that stand at another moment now, in this order.
    pub restamps: Vec<Restamp>,
    /// Whether acknowledged alerts, quarantines, peers' ledger positions or the node's own state changed.
    pub others: bool,
}

/// What waits until this turn's batch, and all before it, are committed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct After {
    /// Answers to requests.
    pub answers: Vec<(Uuid, Outcome)>,
    /// Messages.
    pub sends: Vec<Send>,
    /// Deliveries to acknowledge.
    pub acknowledge: Vec<u64>,
    /// What is to be shown.
    pub changed: Changed,
}

/// All that one turn wants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effects {
    /// To commit as one transaction, before anything of `after`.
    pub batch: Option<Batch>,
    /// Afterwards.
    pub after: After,
    /// Messages that rest on nothing in the batch.
    pub at_once: Vec<Send>,
    /// Ranges to read and send.
    pub serve: Vec<Serve>,
    /// What origins signed for places that are stored already: [`super::Input::Compared`] is wanted of each.
    pub compare: Vec<Testimony>,
    /// When the core wants a timer, in [`super::Now::mono_ms`].
    pub wake_at: u64,
}
