//! The door out: facts that a terminal or a verb is told. Nothing here is shown before it is committed.

mod goods;
mod progress;

use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::{Alert, MovementKind, Quantity, Sku, Trouble, WarehouseId};
use crate::ledger::MovementRow;
use crate::ledger::act::Outcome;
use crate::ledger::book::{Stocktake, StocktakeChange, Transfer};
use crate::node::snapshots::{SnapshotDetail, StockThen};
use crate::protocol::Refusals;
pub use crate::protocol::core::{RosterStatus, Standing};
use crate::protocol::snapshot::Snapshot;
use crate::store::{Day, HistoryPage};

pub use goods::{AskedView, CellView, ProductView, RoadView};
pub use progress::{CatchingUp, LedgerView, RecoveryView};

/// A fact; one JSON line on the socket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Everything, after a subscription.
    Picture {
        /// The picture.
        picture: Box<Picture>,
    },
    /// What became of requests.
    Answered {
        /// Each with the request's id.
        answers: Vec<(Uuid, Outcome)>,
    },
    /// The answer to a question.
    Reply {
        /// The question's id.
        id: Uuid,
        /// The answer, or why there is none.
        reply: Result<Reply, String>,
    },
    /// What changed since the last such event: absolute values.
    Changed {
        /// The changes.
        changes: Box<Changes>,
    },
    /// The subscriber was too slow and missed changes: it should subscribe again.
    Lagged,
    /// The node ends.
    Stopping {
        /// Why, in words.
        reason: String,
    },
}

/// The whole picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// How the node is.
    pub status: Status,
    /// All products, by SKU.
    pub products: Vec<Arc<ProductView>>,
    /// All transfers, by id.
    pub transfers: Vec<Arc<Transfer>>,
    /// The newest lines of the history, newest first.
    pub movements: Vec<Arc<MovementRow>>,
    /// The alerts that stand.
    pub alerts: Vec<Alert>,
    /// The other warehouses.
    pub peers: Vec<PeerView>,
    /// The newest snapshots, by id.
    pub snapshots: Vec<Arc<Snapshot>>,
    /// The locks that are held or wanted.
    #[serde(default)]
    pub locks: Vec<LockView>,
    /// This warehouse's stocktakes, oldest first.
    #[serde(default)]
    pub stocktakes: Vec<Arc<Stocktake>>,
}

/// Changes; an empty list or none means: as before.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// Products that changed.
    pub products: Vec<Arc<ProductView>>,
    /// Transfers that are new or went on.
    pub transfers: Vec<Arc<Transfer>>,
    /// New lines of the history, oldest first.
    pub movements: Vec<Arc<MovementRow>>,
    /// Snapshots that began, were marked or closed.
    pub snapshots: Vec<Arc<Snapshot>>,
    /// The alerts that stand now.
    pub alerts: Option<Vec<Alert>>,
    /// The other warehouses now.
    pub peers: Option<Vec<PeerView>>,
    /// How the node is now.
    pub status: Option<Status>,
    /// The locks that are held or wanted now.
    #[serde(default)]
    pub locks: Option<Vec<LockView>>,
    /// What became of this warehouse's stocktakes, in order.
    #[serde(default)]
    pub stocktakes: Vec<StocktakeChange>,
}

/// Somebody at a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatView {
    /// The warehouse.
    pub warehouse: WarehouseId,
    /// Since when, milliseconds since 1970 UTC.
    pub since_ms: i64,
}

/// The lock of a product, as this node knows: held or wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockView {
    /// The product.
    pub sku: Sku,
    /// Who holds it.
    pub holder: Option<SeatView>,
    /// Who waits, the oldest first.
    pub waiting: Vec<SeatView>,
}

impl LockView {
    /// Since when a warehouse waits for it, if it does.
    #[must_use]
    pub fn waits(&self, warehouse: &WarehouseId) -> Option<i64> {
        self.waiting.iter().find(|seat| seat.warehouse == *warehouse).map(|seat| seat.since_ms)
    }
}

/// Whether a peer is heard of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeerState {
    /// Its beats come.
    Alive,
    /// Its beats are late.
    Suspect,
    /// Its beats don't come.
    Down,
}

/// Another warehouse's node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PeerView {
    /// Its warehouse.
    pub id: WarehouseId,
    /// What it is to this cluster.
    pub standing: Standing,
    /// Whether it is heard of.
    pub state: PeerState,
    /// Round trip of a message, the best of the last minute.
    pub rtt_ms: Option<f64>,
    /// How far its clock is ahead of cluster time.
    pub offset_ms: Option<f64>,
    /// ± of that.
    pub error_ms: Option<f64>,
    /// Its entries that it told of and we don't have yet.
    pub lag_entries: u64,
    /// Our entries that it is known to have, up to this one.
    pub has_ours: u64,
    /// Its entries that we have, up to this one.
    pub applied: u64,
    /// When it was last heard, milliseconds since 1970 UTC.
    pub last_seen_ms: Option<i64>,
    /// Why its ledger isn't followed any further, if it isn't.
    #[serde(default)]
    pub quarantine: Option<String>,
}

/// The state of the store's or the bus's connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkView {
    /// `PostgreSQL`, `SQLite`, `RabbitMQ` or `spool`.
    pub kind: String,
    /// Whether it answers.
    pub up: bool,
    /// Why it doesn't; or that the broker blocks publishing.
    pub trouble: Option<Trouble>,
}

/// How the node is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The program's version.
    pub version: String,
    /// The warehouse.
    pub warehouse: WarehouseId,
    /// Its name for people; the id where none is set.
    pub name: String,
    /// The cluster.
    pub cluster: String,
    /// Its process.
    pub pid: u32,
    /// Number of this start.
    pub incarnation: u32,
    /// Own entries recorded.
    pub recorded: u64,
    /// Own entries the bus has confirmed.
    pub published: u64,
    /// Own entries that every known peer has.
    pub seen_by_all: u64,
    /// Whether it belongs, or belonged, to the cluster and has its ledger whole.
    pub joined: bool,
    /// Whether it is new and asks the others whether they know it.
    #[serde(default)]
    pub joining: bool,
    /// Whether it is getting its own ledger back.
    pub recovering: bool,
    /// How far that is.
    #[serde(default)]
    pub recovery: Option<RecoveryView>,
    /// How far the others' ledgers have come in, while much of them is missing: stock and history are not whole yet.
    #[serde(default)]
    pub catching_up: Option<CatchingUp>,
    /// Who hasn't said yet how much of it they hold.
    #[serde(default)]
    pub awaited: Vec<WarehouseId>,
    /// How many own entries this node once recorded, where its store holds fewer: it is another store, or an old copy.
    #[serde(default)]
    pub once_recorded: Option<u64>,
    /// How many other processes are at its socket: terminals and verbs.
    #[serde(default)]
    pub attached: usize,
    /// Why it stopped writing, if it did.
    pub stopped: Option<String>,
    /// The store.
    pub store: LinkView,
    /// The bus.
    pub bus: LinkView,
    /// Messages that could not be read, since the start.
    pub dropped_messages: u64,
    /// What was read and refused, since the start.
    #[serde(default)]
    pub refused: Refusals,
    /// Messages in the dead-letter queue.
    pub dead_letters: u64,
    /// Who belongs.
    pub roster: RosterStatus,
    /// Markers and closings of snapshots that changed nothing since they were none, since the start.
    pub refused_markers: u64,
    /// The own clock beside cluster time.
    pub clock: ClockView,
}

/// The own clock beside cluster time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockView {
    /// By how many milliseconds it is ahead.
    pub offset_ms: i64,
    /// What cluster time may be wrong by; none where no majority of the clocks has ever agreed since the start.
    pub error_ms: Option<u64>,
    /// Whether a majority agrees now.
    pub synchronised: bool,
}

/// One day of a product here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemandDay {
    /// The day (UTC).
    pub day: NaiveDate,
    /// Issued that day.
    pub issued: Quantity,
    /// Sum of what raised on-hand that day.
    #[serde(default)]
    pub came: Quantity,
    /// Sum of what lowered it, as a positive number.
    #[serde(default)]
    pub went: Quantity,
    /// Sum of all changes of on-hand that day.
    pub change: Quantity,
}

impl From<Day> for DemandDay {
    fn from(Day { day, issued, came, went, change }: Day) -> Self {
        Self { day, issued, came, went, change }
    }
}

/// Answers, by question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
pub enum Reply {
    /// How the node is.
    Status {
        /// It.
        status: Box<Status>,
    },
    /// All products.
    Products {
        /// By SKU.
        products: Vec<Arc<ProductView>>,
    },
    /// A page of the history.
    History {
        /// It.
        page: HistoryPage,
    },
    /// The alerts.
    Alerts {
        /// Those that stand.
        alerts: Vec<Alert>,
    },
    /// The other warehouses.
    Peers {
        /// By id.
        peers: Vec<PeerView>,
    },
    /// The locks.
    Locks {
        /// By product.
        locks: Vec<LockView>,
    },
    /// All transfers.
    Transfers {
        /// By id.
        transfers: Vec<Arc<Transfer>>,
    },
    /// This warehouse's stocktakes.
    Stocktakes {
        /// Oldest first.
        stocktakes: Vec<Arc<Stocktake>>,
    },
    /// The newest snapshots.
    Snapshots {
        /// Newest first.
        snapshots: Vec<Snapshot>,
    },
    /// One snapshot; none: it isn't known.
    Snapshot {
        /// It.
        detail: Option<Box<SnapshotDetail>>,
    },
    /// What lay where at a moment.
    StockAt {
        /// It.
        then: Box<StockThen>,
    },
    /// How often products were issued, by SKU; those that were not are left out.
    IssueCounts {
        /// Times.
        counts: Vec<(Sku, u64)>,
    },
    /// What was done here, without what was undone: acts and lines of each kind.
    DoneSince {
        /// Them.
        done: Vec<(MovementKind, u64, u64)>,
    },
    /// Issues per day, oldest first, days without movement left out.
    Demand {
        /// The days.
        days: Vec<DemandDay>,
    },
}
