//! The door in: what a terminal or a verb wants of the node.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::{Sku, TransferId, WarehouseId};
use crate::ledger::act::Request;
use crate::store::HistoryQuery;

/// A wish; one JSON line on the socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "intent", rename_all = "snake_case")]
pub enum Intent {
    /// Send the whole picture now and every change from now on. Again after a [`super::Event::Lagged`].
    Subscribe,
    /// Do these; each is answered on its own.
    Do {
        /// The acts.
        requests: Vec<Request>,
    },
    /// Answer a question.
    Ask {
        /// Comes back with the reply.
        id: Uuid,
        /// The question.
        question: Question,
    },
    /// The recovery of the own ledger shall go on without these warehouses. The reply is how the node is then.
    RecoverWithout {
        /// Comes back with the reply.
        id: Uuid,
        /// Who won't answer.
        absent: BTreeSet<WarehouseId>,
    },
    /// Step back from the queue of a product's lock: what waits for it here is refused.
    StepBack {
        /// Comes back with the reply.
        id: Uuid,
        /// The product.
        sku: Sku,
    },
    /// Give way: whoever asks wants to run the node itself.
    HandOver,
}

/// What can be asked; the reply has the variant of the same name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "question", rename_all = "snake_case")]
pub enum Question {
    /// How the node is.
    Status,
    /// All products with what lies where.
    Products,
    /// One page of the history.
    History {
        /// Which lines.
        query: HistoryQuery,
    },
    /// The alerts that stand.
    Alerts,
    /// The other warehouses.
    Peers,
    /// The locks that are held or wanted, as this node knows.
    Locks,
    /// All transfers.
    Transfers,
    /// This warehouse's stocktakes.
    Stocktakes,
    /// The newest snapshots.
    Snapshots,
    /// One snapshot, with what lay where at its cut.
    Snapshot {
        /// Which.
        id: TransferId,
    },
    /// What lay where at a moment.
    StockAt {
        /// Milliseconds since 1970 UTC.
        at_ms: i64,
    },
    /// How often each product was issued here within the last 90 days: what its class follows from.
    IssueCounts,
    /// What was done here since a moment.
    DoneSince {
        /// Milliseconds since 1970 UTC.
        since_ms: i64,
    },
    /// Issues and on-hand per day of one product here, for the chart.
    Demand {
        /// The product.
        sku: Sku,
        /// So many days back, 1–366.
        days: u32,
    },
}
