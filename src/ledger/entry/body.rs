//! What an entry says: the kinds of facts and their fields.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Fence;
use super::hash::Hash;
use super::lines::{ArrivedLine, DispatchLine, RequestLine, StockDelta};
use super::snapshot::{SnapshotClosed, SnapshotMarker};
use super::stocktake::{StocktakeClosed, StocktakeCounted, StocktakeOpened, StocktakeReviewed};
use crate::domain::{
    AdjustmentReason, Lot, MovementKind, ProductFields, Quantity, ReleaseReason, ReorderRule, Sku,
    TransferId, WarehouseId,
};
use crate::ledger::roster::{Acceptance, Ballot, Change};

/// What an entry says happened at its origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Body {
    /// A product is in the catalogue, or changed.
    ProductDefined {
        /// Its reference.
        sku: Sku,
        /// 1 + the greatest that the writer had applied.
        revision: u32,
        /// What is said of it.
        fields: ProductFields,
    },
    /// A product is out of the catalogue.
    ProductRetired {
        /// Its reference.
        sku: Sku,
        /// 1 + the greatest that the writer had applied.
        revision: u32,
    },
    /// The origin's own rule and shelf for a product; both replace what was.
    ReorderRuleSet {
        /// The product.
        sku: Sku,
        /// The rule.
        rule: ReorderRule,
        /// Where it stands; may be empty.
        shelf: String,
    },
    /// Goods in from outside.
    Received {
        /// The product.
        sku: Sku,
        /// The lot.
        #[serde(default, skip_serializing_if = "Lot::is_none")]
        lot: Lot,
        /// The lot's expiry.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expiry: Option<NaiveDate>,
        /// How much.
        qty: Quantity,
        /// A free text: order, delivery note.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reference: String,
        /// The own entry that expected it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expectation: Option<u64>,
    },
    /// Goods out.
    Issued {
        /// The product.
        sku: Sku,
        /// The lot.
        #[serde(default, skip_serializing_if = "Lot::is_none")]
        lot: Lot,
        /// How much.
        qty: Quantity,
        /// A free text: order, customer.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reference: String,
        /// The own entry that had reserved it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reservation: Option<u64>,
    },
    /// A correction.
    Adjusted {
        /// The product.
        sku: Sku,
        /// The lot.
        #[serde(default, skip_serializing_if = "Lot::is_none")]
        lot: Lot,
        /// The lot's expiry, where the lot is new here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expiry: Option<NaiveDate>,
        /// By how much, either way.
        delta: Quantity,
        /// Why.
        reason: AdjustmentReason,
        /// A free text.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reference: String,
        /// The transfer whose goods turned up.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        transfer: Option<TransferId>,
    },
    /// A count of one product and lot.
    CountLine {
        /// The product.
        sku: Sku,
        /// The lot.
        #[serde(default, skip_serializing_if = "Lot::is_none")]
        lot: Lot,
        /// The lot's expiry, where the lot is new here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expiry: Option<NaiveDate>,
        /// The own entry whose book the count is held against.
        pinned: u64,
        /// What was counted.
        counted: Quantity,
        /// What the book said there; counted − book is what is booked.
        book: Quantity,
        /// A free text.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reference: String,
        /// The own stocktake that books it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stocktake: Option<u64>,
        /// Why it differs, by the word of who reviewed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<AdjustmentReason>,
    },
    /// A stocktake begins at the origin.
    StocktakeOpened(StocktakeOpened),
    /// A line of an own stocktake was counted, perhaps again.
    StocktakeCounted(StocktakeCounted),
    /// Somebody else looked at lines of an own stocktake.
    StocktakeReviewed(StocktakeReviewed),
    /// An own stocktake is over; its differences are the count lines right before.
    StocktakeClosed(StocktakeClosed),
    /// Goods are kept for somebody.
    Reserved {
        /// The product.
        sku: Sku,
        /// The lot.
        #[serde(default, skip_serializing_if = "Lot::is_none")]
        lot: Lot,
        /// How much.
        qty: Quantity,
        /// For whom or what.
        purpose: String,
        /// The last day on which it stands.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<NaiveDate>,
    },
    /// Reserved goods are free again.
    Released {
        /// The own entry that had reserved them.
        reservation: u64,
        /// How much.
        qty: Quantity,
        /// Why.
        why: ReleaseReason,
    },
    /// A supplier was asked for goods.
    ReceiptExpected {
        /// The product.
        sku: Sku,
        /// How much.
        qty: Quantity,
        /// The day on which they are expected.
        due: NaiveDate,
        /// A free text: the order, the supplier.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reference: String,
    },
    /// Nothing more is expected of that.
    ExpectationClosed {
        /// The own entry that had expected it.
        expectation: u64,
        /// Why, in words.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// The origin asks another warehouse for goods.
    TransferRequested {
        /// Who is asked.
        from: WarehouseId,
        /// What for.
        lines: Vec<RequestLine>,
        /// A free text.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reference: String,
        /// The own request that was declined as overtaken and is made again by this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        renews: Option<TransferId>,
    },
    /// The origin would rather not have what it asked for.
    WithdrawalAsked {
        /// Its request.
        transfer: TransferId,
    },
    /// The origin won't send what it was asked for.
    RequestDeclined {
        /// The request.
        transfer: TransferId,
        /// Why, in words.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
        /// It was overtaken: a product's greatest fence that the origin had applied, not below the request's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stale: Option<(Sku, Fence)>,
    },
    /// Goods left the origin for another warehouse.
    TransferDispatched {
        /// The request it answers; none: this entry begins the transfer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        transfer: Option<TransferId>,
        /// Where to.
        to: WarehouseId,
        /// What.
        lines: Vec<DispatchLine>,
        /// A free text.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reference: String,
    },
    /// The goods came in at the origin, which is the destination.
    TransferReceived {
        /// The transfer.
        transfer: TransferId,
        /// Its source.
        from: WarehouseId,
        /// Per dispatched line.
        lines: Vec<ArrivedLine>,
    },
    /// The origin, which is the destination, refuses the goods.
    TransferRejected {
        /// The transfer.
        transfer: TransferId,
        /// Its source.
        from: WarehouseId,
        /// Why, in words.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// Refused goods are back at the origin, which is the source.
    TransferReturned {
        /// The transfer.
        transfer: TransferId,
        /// Where it had been sent.
        to: WarehouseId,
        /// Per dispatched line.
        lines: Vec<ArrivedLine>,
    },
    /// An own earlier entry is undone.
    Reversed {
        /// Its place.
        entry: u64,
        /// What it was.
        of: MovementKind,
        /// The changes that undo it.
        deltas: Vec<StockDelta>,
        /// Why, in words.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
        /// The own reservation that an undone issue was for, where it gets the goods back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reservation: Option<u64>,
        /// The own expected receipt that an undone receipt was of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expectation: Option<u64>,
    },
    /// Somebody has seen an alert.
    AlertAcknowledged {
        /// The alert's id.
        alert: String,
    },
    /// The origin came back with its ledger recovered so far.
    LedgerResumed {
        /// The last entry kept; later ones of older incarnations are void.
        kept: u64,
    },
    /// A version of the cluster's roster.
    RosterChanged {
        /// From 1, the founding.
        version: u64,
        /// Hash of the entry that founded the cluster; none: this one does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        founding: Option<Hash>,
        /// What it changes of the version before.
        change: Change,
        /// The ballot in which it was chosen; none: it stands on the operator's word alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ballot: Option<Ballot>,
        /// The acceptances of a majority of the version before.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        acceptances: Vec<Acceptance>,
    },
    /// The origin's ledger is cut here for a snapshot.
    SnapshotMarker(SnapshotMarker),
    /// The origin closes a snapshot that it began.
    SnapshotClosed(SnapshotClosed),
    /// The origin learnt that its clock was wrong: its entries from one on up to this one happened at their hybrid
    /// time plus that.
    ClockCorrected {
        /// The first entry stamped wrong.
        from: u64,
        /// Milliseconds to add.
        delta_ms: i64,
    },
    /// A kind of a newer version: nothing behind it can be applied here.
    #[serde(other)]
    Unknown,
}

impl Body {
    /// The fixed word of the kind, as in the bytes.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ProductDefined { .. } => "product_defined",
            Self::ProductRetired { .. } => "product_retired",
            Self::ReorderRuleSet { .. } => "reorder_rule_set",
            Self::Received { .. } => "received",
            Self::Issued { .. } => "issued",
            Self::Adjusted { .. } => "adjusted",
            Self::CountLine { .. } => "count_line",
            Self::StocktakeOpened(_) => "stocktake_opened",
            Self::StocktakeCounted(_) => "stocktake_counted",
            Self::StocktakeReviewed(_) => "stocktake_reviewed",
            Self::StocktakeClosed(_) => "stocktake_closed",
            Self::Reserved { .. } => "reserved",
            Self::Released { .. } => "released",
            Self::ReceiptExpected { .. } => "receipt_expected",
            Self::ExpectationClosed { .. } => "expectation_closed",
            Self::TransferRequested { .. } => "transfer_requested",
            Self::WithdrawalAsked { .. } => "withdrawal_asked",
            Self::RequestDeclined { .. } => "request_declined",
            Self::TransferDispatched { .. } => "transfer_dispatched",
            Self::TransferReceived { .. } => "transfer_received",
            Self::TransferRejected { .. } => "transfer_rejected",
            Self::TransferReturned { .. } => "transfer_returned",
            Self::Reversed { .. } => "reversed",
            Self::AlertAcknowledged { .. } => "alert_acknowledged",
            Self::LedgerResumed { .. } => "ledger_resumed",
            Self::RosterChanged { .. } => "roster_changed",
            Self::SnapshotMarker(_) => "snapshot_marker",
            Self::SnapshotClosed(_) => "snapshot_closed",
            Self::ClockCorrected { .. } => "clock_corrected",
            Self::Unknown => "unknown",
        }
    }
}
