//! Acts: what an operator wants done, in the words of the domain. Planning turns them into entries or a refusal.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::{
    AdjustmentReason, Lot, Operator, ProductFields, Quantity, Refusal, ReorderRule, ShortageReason, Sku,
    TransferId, WarehouseId,
};

pub mod stocktake;

use stocktake::StocktakeAct;

/// The most lines one act may have.
pub const MAX_LINES: usize = 250;

/// An act with who wants it, under an id that stays the same when it is asked again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Made and kept by whoever asks.
    pub id: Uuid,
    /// Who wants it.
    pub operator: Operator,
    /// What is wanted.
    pub act: Act,
}

/// A line of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptLine {
    /// The product.
    pub sku: Sku,
    /// Its lot; empty = none.
    #[serde(default)]
    pub lot: Lot,
    /// The lot's expiry.
    pub expiry: Option<NaiveDate>,
    /// How much.
    pub qty: Quantity,
}

/// A line of goods to take out: without a lot, first expired first out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeLine {
    /// The product.
    pub sku: Sku,
    /// A certain lot; none = by expiry, the unexpired first.
    pub lot: Option<Lot>,
    /// How much.
    pub qty: Quantity,
}

/// What the amount asked for of a product was judged by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// The product.
    pub sku: Sku,
    /// At most so much is on its way here or asked for, beside this: more means that somebody else has seen to it.
    pub coming: Quantity,
    /// So much stays at the source, where others claim of it too.
    pub left: Quantity,
}

/// What became of one dispatched product and lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrivalLine {
    /// The product.
    pub sku: Sku,
    /// The lot; none where the product came in one lot only.
    pub lot: Option<Lot>,
    /// What came.
    pub arrived: Quantity,
    /// Why less came than was sent.
    pub reason: Option<ShortageReason>,
}

/// What an operator wants done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// Goods in from outside.
    Receive {
        /// What.
        lines: Vec<ReceiptLine>,
        /// A free text.
        #[serde(default)]
        reference: String,
    },
    /// Goods out.
    Issue {
        /// What.
        lines: Vec<TakeLine>,
        /// A free text.
        #[serde(default)]
        reference: String,
        /// Whether goods past their date may go out.
        #[serde(default)]
        allow_expired: bool,
    },
    /// A correction.
    Adjust {
        /// The product.
        sku: Sku,
        /// The lot.
        #[serde(default)]
        lot: Lot,
        /// The lot's expiry, where it is new here.
        expiry: Option<NaiveDate>,
        /// By how much, either way.
        delta: Quantity,
        /// Why.
        reason: AdjustmentReason,
        /// A free text.
        #[serde(default)]
        reference: String,
        /// The transfer whose goods turned up.
        transfer: Option<TransferId>,
    },
    /// What was counted of one product and lot.
    Count {
        /// The product.
        sku: Sku,
        /// The lot.
        #[serde(default)]
        lot: Lot,
        /// The lot's expiry, where it is new here.
        expiry: Option<NaiveDate>,
        /// What was counted; 0 is a count too.
        counted: Quantity,
        /// The own entry when counting began; none = now.
        pinned: Option<u64>,
        /// A free text.
        #[serde(default)]
        reference: String,
    },
    /// A step of a stocktake.
    Stocktake(StocktakeAct),
    /// A new product, or changes of one.
    SetProduct {
        /// Its reference.
        sku: Sku,
        /// What is said of it.
        fields: ProductFields,
        /// Without the product's lock: where others change the same meanwhile, the later word wins.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unlocked: bool,
    },
    /// Out of the catalogue.
    RetireProduct {
        /// Its reference.
        sku: Sku,
    },
    /// The own rule and shelf of a product; what isn't given stays.
    SetRule {
        /// The product.
        sku: Sku,
        /// The rule; none = unchanged.
        rule: Option<ReorderRule>,
        /// The shelf; none = unchanged.
        shelf: Option<String>,
    },
    /// Ask another warehouse for goods.
    RequestTransfer {
        /// Who is asked.
        from: WarehouseId,
        /// What for.
        lines: Vec<TakeLine>,
        /// A free text.
        #[serde(default)]
        reference: String,
        /// Without the products' locks: it claims nothing.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unlocked: bool,
        /// What the amounts were judged by, where they were computed: it must still hold under the locks.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        judged: Vec<Judged>,
    },
    /// Withdraw an own request.
    AskWithdrawal {
        /// The request.
        transfer: TransferId,
    },
    /// Decline a request that others made of us.
    Decline {
        /// The request.
        transfer: TransferId,
        /// Why, in words.
        #[serde(default)]
        reason: String,
    },
    /// Send goods to another warehouse.
    Send {
        /// Where to.
        to: WarehouseId,
        /// What.
        lines: Vec<TakeLine>,
        /// A free text.
        #[serde(default)]
        reference: String,
    },
    /// Send what a request asks for.
    SendRequested {
        /// The request.
        transfer: TransferId,
        /// What to send of it; none = all of it, as far as stock goes.
        lines: Option<Vec<TakeLine>>,
        /// A free text.
        #[serde(default)]
        reference: String,
    },
    /// Take in a transfer; lines that aren't named came whole.
    TakeIn {
        /// The transfer.
        transfer: TransferId,
        /// Lines of which less came.
        #[serde(default)]
        lines: Vec<ArrivalLine>,
    },
    /// Refuse a transfer that came.
    Reject {
        /// The transfer.
        transfer: TransferId,
        /// Why, in words.
        #[serde(default)]
        reason: String,
    },
    /// Take back a rejected own transfer; lines that aren't named came back whole.
    TakeBack {
        /// The transfer.
        transfer: TransferId,
        /// Lines of which less came back.
        #[serde(default)]
        lines: Vec<ArrivalLine>,
    },
    /// Undo an own movement.
    Reverse {
        /// The entry, as the history names it.
        entry: TransferId,
        /// Why, in words.
        #[serde(default)]
        reason: String,
    },
    /// Keep goods for somebody.
    Reserve {
        /// The product.
        sku: Sku,
        /// A certain lot; none = by expiry, the unexpired first, one reservation per lot.
        lot: Option<Lot>,
        /// How much.
        qty: Quantity,
        /// For whom or what.
        purpose: String,
        /// The last day on which it stands; none = until somebody releases it.
        until: Option<NaiveDate>,
    },
    /// Let go of what is left of a reservation.
    Release {
        /// The entry that made it.
        reservation: TransferId,
        /// Its day has passed: the node says so itself.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        due: bool,
    },
    /// Goods out that were reserved.
    IssueReserved {
        /// The entry that made the reservation.
        reservation: TransferId,
        /// How much of it; none = all that is left.
        qty: Option<Quantity>,
        /// A free text; empty = what the reservation is for.
        #[serde(default)]
        reference: String,
        /// Whether goods past their date may go out.
        #[serde(default)]
        allow_expired: bool,
    },
    /// A supplier was asked for goods.
    Expect {
        /// The product.
        sku: Sku,
        /// How much.
        qty: Quantity,
        /// The day on which they are expected.
        due: NaiveDate,
        /// A free text.
        #[serde(default)]
        reference: String,
    },
    /// Nothing more is expected of that.
    CloseExpectation {
        /// The entry that expected it.
        expectation: TransferId,
        /// Why, in words.
        #[serde(default)]
        reason: String,
    },
    /// Goods in that were expected.
    ReceiveExpected {
        /// The entry that expected them.
        expectation: TransferId,
        /// The lot.
        #[serde(default)]
        lot: Lot,
        /// The lot's expiry.
        expiry: Option<NaiveDate>,
        /// How much; none = all that is still to come.
        qty: Option<Quantity>,
        /// A free text; empty = that of the expectation.
        #[serde(default)]
        reference: String,
    },
    /// Take a snapshot of the whole cluster.
    TakeSnapshot,
    /// Let a warehouse into the network that waits to be, let one go on with a new key, or follow a ledger again of
    /// which two histories were seen.
    AdmitWarehouse {
        /// Which.
        warehouse: WarehouseId,
        /// It lost its key: the one that it shows replaces it.
        #[serde(default)]
        replace_key: bool,
    },
    /// Let a warehouse leave the network.
    RetireWarehouse {
        /// Which.
        warehouse: WarehouseId,
        /// It is gone for good: what was there is given up.
        #[serde(default)]
        force: bool,
    },
    /// Say that an alert was seen.
    AcknowledgeAlert {
        /// The alert's id.
        alert: String,
    },
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Committed, in these own entries (`madrid:42`), in order.
    Recorded {
        /// The entries.
        entries: Vec<TransferId>,
    },
    /// Not done, nothing recorded.
    Refused {
        /// Why.
        refusal: Refusal,
    },
}
