//! Questions about the history, answered by pages that are found by key.

use serde::{Deserialize, Serialize};

use crate::domain::{MovementKind, Sku, TransferId, WarehouseId};
use crate::ledger::MovementRow;

/// Where a page ended; the next one starts behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageKey {
    /// Sort key of the last row.
    pub sort_key: u64,
    /// Its origin.
    pub origin: WarehouseId,
    /// Its entry.
    pub seq: u64,
    /// Its line.
    pub line: u32,
}

/// Which lines of the history, newest first. What isn't set doesn't filter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryQuery {
    /// Of this product.
    pub sku: Option<Sku>,
    /// Of this warehouse's ledger.
    pub warehouse: Option<WarehouseId>,
    /// Of these kinds; empty = all.
    #[serde(default)]
    pub kinds: Vec<MovementKind>,
    /// By this operator.
    pub operator: Option<String>,
    /// Of this transfer.
    pub transfer: Option<TransferId>,
    /// At or after, milliseconds since 1970 UTC.
    pub since_ms: Option<i64>,
    /// Before, milliseconds since 1970 UTC.
    pub until_ms: Option<i64>,
    /// Contained in SKU, product name, lot, reference, reason or operator; case ignored.
    pub text: Option<String>,
    /// Only rows behind this one (older).
    pub after: Option<PageKey>,
    /// At most so many rows, 1–1000.
    pub limit: u32,
}

/// A page, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPage {
    /// The rows.
    pub rows: Vec<MovementRow>,
    /// Where the next page begins; none = this was the last.
    pub next: Option<PageKey>,
}
