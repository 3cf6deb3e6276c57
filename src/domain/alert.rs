//! Alerts: what somebody should look at now. They are derived, raised and cleared by themselves.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::gtin::Gtin;
use super::movement::words;
use super::{Lot, Quantity, Sku, TransferId, Trouble, WarehouseId};

words!(
    /// How much an alert presses.
    Severity {
        /// Look at it when there is time.
        Info = "info",
        /// Look at it today.
        Warning = "warning",
        /// Look at it now.
        Error = "error",
    }
);

/// Days before its expiry at which a lot is reported.
pub const EXPIRING_DAYS: i64 = 30;
/// Hours on the road after which a transfer is reported.
pub const OVERDUE_HOURS: i64 = 24;

/// What an alert is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AlertKind {
    /// The inventory position is at or below the reorder point.
    LowStock {
        /// The product.
        sku: Sku,
        /// On hand + incoming − reserved.
        position: Quantity,
        /// The rule's, fixed or computed.
        reorder_point: Quantity,
        /// What is wanted in all; zero where as much is asked for already.
        order: Quantity,
        /// Of that, what other warehouses can spare, best first; the rest is to be bought.
        from: Vec<(WarehouseId, Quantity)>,
    },
    /// Nothing on hand of a product with a rule.
    OutOfStock {
        /// The product.
        sku: Sku,
    },
    /// A lot expires soon.
    LotExpiring {
        /// The product.
        sku: Sku,
        /// The lot.
        lot: Lot,
        /// Its date.
        expiry: NaiveDate,
        /// What is there of it.
        on_hand: Quantity,
    },
    /// A lot is past its date.
    LotExpired {
        /// The product.
        sku: Sku,
        /// The lot.
        lot: Lot,
        /// Its date.
        expiry: NaiveDate,
        /// What is there of it.
        on_hand: Quantity,
    },
    /// Too long on the road.
    TransferOverdue {
        /// The transfer.
        transfer: TransferId,
        /// Where from.
        from: WarehouseId,
        /// Where to.
        to: WarehouseId,
        /// Since when, milliseconds since 1970 UTC.
        since_ms: i64,
    },
    /// Another warehouse waits for our answer.
    RequestWaiting {
        /// The request.
        transfer: TransferId,
        /// Who waits.
        to: WarehouseId,
        /// Since when, milliseconds since 1970 UTC.
        since_ms: i64,
    },
    /// A count or an adjustment left less than was reserved: some of a reservation was released.
    ReservationCut {
        /// The reservation.
        reservation: TransferId,
        /// The product.
        sku: Sku,
        /// For whom or what it was.
        purpose: String,
        /// What was released of it.
        qty: Quantity,
        /// When, milliseconds since 1970 UTC.
        since_ms: i64,
    },
    /// Goods that were expected from outside have not come.
    ReceiptOverdue {
        /// The entry that expected them.
        expectation: TransferId,
        /// The product.
        sku: Sku,
        /// What is still to come.
        left: Quantity,
        /// The day on which it was expected.
        due: NaiveDate,
    },
    /// Less came than we sent.
    Discrepancy {
        /// The transfer.
        transfer: TransferId,
        /// Where to.
        to: WarehouseId,
        /// Short, per product: the first few.
        short: Vec<(Sku, Quantity, String)>,
        /// Since when that is known, milliseconds since 1970 UTC.
        since_ms: i64,
    },
    /// A peer is not heard of.
    PeerDown {
        /// Which.
        peer: WarehouseId,
        /// Last heard, milliseconds since 1970 UTC.
        since_ms: i64,
    },
    /// A peer's clock is far from ours.
    Clock {
        /// Which.
        peer: WarehouseId,
        /// By how many milliseconds it is ahead.
        offset_ms: i64,
    },
    /// Two histories under one name, or an entry that can't be: the ledger is not followed further.
    LedgerFork {
        /// Whose ledger.
        peer: WarehouseId,
        /// What was found.
        why: String,
    },
    /// A ledger goes on with what this program is too old to know: it is not followed until that is updated.
    NewerLedger {
        /// Whose ledger.
        peer: WarehouseId,
    },
    /// What a warehouse says of its part in a snapshot is not what that part is here: the replicas differ.
    SnapshotDigest {
        /// The snapshot.
        snapshot: TransferId,
        /// Whose part.
        peer: WarehouseId,
    },
    /// Two products with one barcode.
    ProductConflict {
        /// One.
        sku: Sku,
        /// The other.
        other: Sku,
        /// The barcode.
        gtin: Gtin,
    },
    /// Somebody waits until an operator lets it in, or lets it go on with a new key.
    WaitsForAdmission {
        /// Who.
        peer: WarehouseId,
        /// It belongs, and shows another key than the roster's.
        new_key: bool,
    },
    /// Two different changes of one version of the roster are known: nobody is admitted or retired any more.
    RosterSplit {
        /// The version.
        version: u64,
    },
    /// Another cluster of the same name and key, with warehouses of its own.
    TwoClusters {
        /// One of them.
        peer: WarehouseId,
    },
    /// The database does not answer; nothing can be recorded.
    StoreDown {
        /// Why.
        trouble: Trouble,
    },
    /// Messages come that are not understood here.
    UnreadableMessages {
        /// How many since it began.
        count: u64,
        /// The version of the protocol that the last of another version was of.
        version: Option<u8>,
    },
    /// The broker does not answer; others see our work later.
    BusDown {
        /// Why.
        trouble: Trouble,
    },
}

impl AlertKind {
    /// The fixed word of the kind.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::LowStock { .. } => "low_stock",
            Self::OutOfStock { .. } => "out_of_stock",
            Self::LotExpiring { .. } => "lot_expiring",
            Self::LotExpired { .. } => "lot_expired",
            Self::TransferOverdue { .. } => "transfer_overdue",
            Self::RequestWaiting { .. } => "request_waiting",
            Self::ReservationCut { .. } => "reservation_cut",
            Self::ReceiptOverdue { .. } => "receipt_overdue",
            Self::Discrepancy { .. } => "discrepancy",
            Self::PeerDown { .. } => "peer_down",
            Self::Clock { .. } => "clock",
            Self::LedgerFork { .. } => "ledger_fork",
            Self::NewerLedger { .. } => "newer_ledger",
            Self::SnapshotDigest { .. } => "snapshot_digest",
            Self::ProductConflict { .. } => "product_conflict",
            Self::WaitsForAdmission { .. } => "waits_for_admission",
            Self::RosterSplit { .. } => "roster_split",
            Self::TwoClusters { .. } => "two_clusters",
            Self::StoreDown { .. } => "store_down",
            Self::BusDown { .. } => "bus_down",
            Self::UnreadableMessages { .. } => "unreadable_messages",
        }
    }

    /// How much it presses.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        match self {
            Self::LedgerFork { .. }
            | Self::SnapshotDigest { .. }
            | Self::StoreDown { .. }
            | Self::RosterSplit { .. }
            | Self::TwoClusters { .. }
            | Self::OutOfStock { .. }
            | Self::LotExpired { .. } => Severity::Error,
            Self::ProductConflict { .. } | Self::LotExpiring { .. } | Self::RequestWaiting { .. } => {
                Severity::Info
            }
            _ => Severity::Warning,
        }
    }

    /// The product it is about, if one.
    #[must_use]
    pub const fn sku(&self) -> Option<&Sku> {
        match self {
            Self::LowStock { sku, .. }
            | Self::OutOfStock { sku }
            | Self::LotExpiring { sku, .. }
            | Self::LotExpired { sku, .. }
            | Self::ReservationCut { sku, .. }
            | Self::ReceiptOverdue { sku, .. }
            | Self::ProductConflict { sku, .. } => Some(sku),
            _ => None,
        }
    }

    /// All products it is about: two where two are in conflict.
    #[must_use]
    pub const fn skus(&self) -> [Option<&Sku>; 2] {
        match self {
            Self::ProductConflict { sku, other, .. } => [Some(sku), Some(other)],
            _ => [self.sku(), None],
        }
    }

    /// The other warehouses it is about: one, or the two ends of a transfer.
    #[must_use]
    pub const fn warehouses(&self) -> [Option<&WarehouseId>; 2] {
        match self {
            Self::TransferOverdue { from, to, .. } => [Some(from), Some(to)],
            Self::RequestWaiting { to, .. } | Self::Discrepancy { to, .. } => [Some(to), None],
            Self::PeerDown { peer, .. }
            | Self::Clock { peer, .. }
            | Self::LedgerFork { peer, .. }
            | Self::NewerLedger { peer }
            | Self::SnapshotDigest { peer, .. }
            | Self::WaitsForAdmission { peer, .. }
            | Self::TwoClusters { peer } => [Some(peer), None],
            _ => [None, None],
        }
    }

    /// The transfer it is about, if one.
    #[must_use]
    pub const fn transfer(&self) -> Option<&TransferId> {
        match self {
            Self::TransferOverdue { transfer, .. }
            | Self::RequestWaiting { transfer, .. }
            | Self::Discrepancy { transfer, .. } => Some(transfer),
            _ => None,
        }
    }
}

/// An alert as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Stable while the matter lasts: `low_stock:madrid:GU-NIT-M`.
    pub id: String,
    /// The warehouse it concerns.
    pub warehouse: WarehouseId,
    /// What it is about.
    pub what: AlertKind,
    /// Since when, milliseconds since 1970 UTC.
    pub raised_ms: i64,
    /// Who has seen it.
    pub acknowledged_by: Option<String>,
}
