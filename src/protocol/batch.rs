//! What is committed in one transaction, and what a start loads.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::roster::Acceptor;
use super::snapshot::Snapshot;
use crate::domain::{Sku, TransferId, WarehouseId};
use crate::ledger::book::{
    Decree, Expectation, PartHead, ProductState, Reservation, Restamp, RuleState, StockCell, StockKey,
    Stocktake, StocktakeHead, StocktakeLine, Transfer,
};
use crate::ledger::roster::{Acceptance, Matter};
use crate::ledger::{MovementRow, Seal, StoredEntry};

/// Who may write: one row of the store. A commit moves it from (incarnation, nonce, batch − 1) to batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writer {
    /// Number of this start of the node, from 1.
    pub incarnation: u32,
    /// Random, made at this start.
    pub nonce: Uuid,
    /// The batch, from 1 at each start.
    pub batch: u64,
}

/// State rows to upsert, with absolute values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateRows {
    /// Stock cells.
    pub stock: Vec<(StockKey, StockCell)>,
    /// Products.
    pub products: Vec<ProductState>,
    /// Rules and shelves.
    pub rules: Vec<((WarehouseId, Sku), RuleState)>,
    /// Transfers.
    pub transfers: Vec<Transfer>,
    /// Reservations.
    pub reservations: Vec<Reservation>,
    /// Expected receipts.
    pub expectations: Vec<Expectation>,
    /// Own or foreign entries undone: (origin, the entry undone, the entry that undoes it).
    pub reversals: Vec<(WarehouseId, u64, u64)>,
    /// How far each changed ledger goes.
    pub heads: Vec<(WarehouseId, PartHead)>,
    /// Acknowledged alerts: (warehouse that acknowledged, alert id, acknowledged by, milliseconds since 1970).
    pub acknowledged: Vec<(WarehouseId, String, String, i64)>,
    /// Changes of rosters.
    pub decrees: Vec<Decree>,
    /// Snapshots that began, were marked or closed.
    pub snapshots: Vec<Snapshot>,
    /// Warehouses' parts as they were at their markers.
    pub parts: Vec<FrozenPart>,
    /// Stocktakes that began, went on or ended.
    pub stocktakes: Vec<StocktakeHead>,
    /// What was counted in them: the entry that opened it, and the line.
    pub stocktake_lines: Vec<(TransferId, StocktakeLine)>,
    /// When goods were last counted, milliseconds since 1970 UTC.
    pub counted: Vec<(StockKey, i64)>,
}

/// A warehouse's part at its marker, as it is folded here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrozenPart {
    /// The snapshot.
    pub snapshot: TransferId,
    /// Whose part.
    pub warehouse: WarehouseId,
    /// The listing: [`crate::ledger::book::Part::listing`].
    pub listing: Vec<u8>,
}

/// This node's part in deciding the next version of the roster: stored before anybody is told of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterVote {
    /// What is decided on; none before a roster is known.
    pub matter: Option<Matter>,
    /// What it promised and accepted.
    pub acceptor: Acceptor,
    /// The proposer's own acceptance of what was accepted last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<Acceptance>,
    /// It takes no part in deciding versions up to this one: it may have said what it no longer knows.
    pub abstains_to: u64,
    /// It asked to be retired and appends nothing until that is decided.
    pub retiring: bool,
}

/// What is known of another node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerRecord {
    /// Its warehouse.
    pub id: WarehouseId,
    /// The public key that it showed last; which one counts is the roster's word.
    pub key: Option<[u8; 32]>,
    /// Its greatest incarnation heard of.
    pub incarnation: u32,
    /// When it was last heard, milliseconds since 1970 UTC.
    pub last_seen_ms: i64,
}

/// One transaction's worth of writing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The guard.
    pub writer: Writer,
    /// Own and replicated entries, each ledger's in order.
    pub entries: Vec<StoredEntry>,
    /// Seals, with their origins.
    pub seals: Vec<(WarehouseId, Seal)>,
    /// Lines of the history that these entries show.
    pub movements: Vec<MovementRow>,
    /// Corrections of their moments and places, to be carried out in this order after the lines are stored.
    pub restamps: Vec<Restamp>,
    /// State rows.
    pub rows: StateRows,
    /// Peers that changed.
    pub peers: Vec<PeerRecord>,
    /// This node's part in deciding the next roster, where it changed.
    pub vote: Option<RosterVote>,
    /// A start begins at or above this hybrid time.
    pub hlc_ceiling: u64,
    /// Whether this node belongs, or belonged, to a cluster and isn't getting its ledger back.
    pub joined: bool,
    /// Own entries up to here were confirmed by the broker.
    pub published: u64,
}

/// Everything a start needs; loading never replays history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Stock cells.
    pub stock: BTreeMap<StockKey, StockCell>,
    /// Products.
    pub products: BTreeMap<Sku, ProductState>,
    /// Rules and shelves.
    pub rules: BTreeMap<(WarehouseId, Sku), RuleState>,
    /// Transfers.
    pub transfers: Vec<Transfer>,
    /// Reservations.
    pub reservations: Vec<Reservation>,
    /// Expected receipts.
    pub expectations: Vec<Expectation>,
    /// (origin, entry undone, the entry that undoes it).
    pub reversals: Vec<(WarehouseId, u64, u64)>,
    /// How far each ledger goes.
    pub heads: BTreeMap<WarehouseId, PartHead>,
    /// Acknowledged alerts: (warehouse that acknowledged, alert id, acknowledged by, milliseconds since 1970).
    pub acknowledged: Vec<(WarehouseId, String, String, i64)>,
    /// Changes of rosters.
    pub decrees: Vec<Decree>,
    /// Stocktakes; of those that are over only the lines that differ.
    pub stocktakes: Vec<Stocktake>,
    /// When goods were last counted, milliseconds since 1970 UTC.
    pub counted: BTreeMap<StockKey, i64>,
    /// Peers.
    pub peers: Vec<PeerRecord>,
    /// This node's part in deciding the next roster.
    pub vote: RosterVote,
    /// The newest snapshots, at most [`super::snapshot::REMEMBERED`]; without the parts.
    pub snapshots: Vec<Snapshot>,
    /// The incarnation that wrote last, 0 at the first start.
    pub incarnation: u32,
    /// A start begins at or above this hybrid time.
    pub hlc_ceiling: u64,
    /// Whether this node belongs, or belonged, to a cluster and isn't getting its ledger back.
    pub joined: bool,
    /// Own entries up to here were confirmed by the broker.
    pub published: u64,
}
