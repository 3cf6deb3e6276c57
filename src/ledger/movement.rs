//! Lines of the history: what an entry shows of itself, one line per product and lot that it moved.

use serde::{Deserialize, Serialize};

use crate::domain::{Lot, MovementKind, Operator, Quantity, Sku, TransferId, WarehouseId};

/// One line of the movement history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovementRow {
    /// The warehouse whose entry it is.
    pub origin: WarehouseId,
    /// That entry's place in its ledger.
    pub seq: u64,
    /// Place among the lines of that entry, from 0.
    pub line: u32,
    /// What it is.
    pub kind: MovementKind,
    /// The product.
    pub sku: Sku,
    /// The lot; empty = none.
    pub lot: Lot,
    /// Change of the origin's on-hand; for a request and its refusals, what was asked for.
    pub qty: Quantity,
    /// Of that, what was short (receipts and returns of transfers), else zero.
    pub shortage: Quantity,
    /// Where the history puts it; larger = later. Fixed-width hex of it sorts as text.
    pub sort_key: u64,
    /// When, in milliseconds since 1970 UTC, from the entry's hybrid time.
    pub at_ms: i64,
    /// The entry's own hybrid time.
    pub hlc: u64,
    /// Who did it.
    pub operator: Operator,
    /// Reason of an adjustment, shortage, refusal; may be empty.
    pub reason: String,
    /// The free text.
    pub reference: String,
    /// The transfer it belongs to.
    pub transfer: Option<TransferId>,
    /// The other warehouse of the transfer.
    pub other: Option<WarehouseId>,
    /// The own entry it undoes.
    pub reverses: Option<u64>,
}
