//! The records the book consists of: each is one row of a state table, with absolute values.

use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::{
    Lot, Operator, Product, Quantity, ReorderRule, Sku, TransferId, TransferState, WarehouseId,
};
use crate::ledger::entry::{ArrivedLine, DispatchLine, EntryRef, Head, RequestLine};

/// Where goods lie.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StockKey {
    /// The warehouse.
    pub warehouse: WarehouseId,
    /// The product.
    pub sku: Sku,
    /// The lot; empty = none.
    pub lot: Lot,
}

/// What lies there. A cell at zero stays: it is known to be empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockCell {
    /// Goods there, never negative.
    pub on_hand: Quantity,
    /// Promised of them, at most on hand.
    pub reserved: Quantity,
    /// The lot's expiry.
    pub expiry: Option<NaiveDate>,
}

/// Who wrote a field last: the greater (revision, origin) wins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stamp {
    /// The writer's revision of the product.
    pub revision: u32,
    /// The writer.
    pub origin: WarehouseId,
}

/// A product of the catalogue with the stamps that decide what later writes change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductState {
    /// What is shown; whoever shows it shares it.
    pub product: Arc<Product>,
    /// Greatest revision applied.
    pub revision: u32,
    /// An entry that defines it: the one of least (origin, seq) applied. Movements name it.
    pub defined_by: EntryRef,
    /// Stamps of the fields, in the order name, unit, decimals, barcodes, packs, category, lot tracking, retired.
    ///
    /// Products that were defined together share them.
    pub stamps: Arc<[Option<Stamp>; 8]>,
}

/// A warehouse's own rule and shelf for a product.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleState {
    /// The rule.
    pub rule: ReorderRule,
    /// Where it stands; may be empty.
    pub shelf: String,
}

/// When a step of a transfer was taken, by whom, and in which entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The entry.
    pub entry: EntryRef,
    /// Its hybrid time as written.
    pub hlc: u64,
    /// The steps of the transfer that it rests on, as bits in the order of the states.
    pub rests_on: u8,
    /// Its place in the history's order.
    pub sort_key: u64,
    /// Milliseconds since 1970 UTC, by its origin's last word on its own clock.
    pub at_ms: i64,
    /// Who.
    pub operator: Operator,
    /// The free text or reason; may be empty.
    pub text: String,
}

/// The asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestStep {
    /// When, who, text.
    pub mark: Mark,
    /// What for.
    pub lines: Vec<RequestLine>,
}

/// The sending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispatch {
    /// When, who, text.
    pub mark: Mark,
    /// What.
    pub lines: Vec<DispatchLine>,
}

/// The taking in, or the taking back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// When, who.
    pub mark: Mark,
    /// Per dispatched line.
    pub lines: Vec<ArrivedLine>,
}

/// A transfer as far as it is known; each step has one decider, so steps never collide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// The entry that began it.
    pub id: TransferId,
    /// The source.
    pub from: WarehouseId,
    /// The destination.
    pub to: WarehouseId,
    /// By the destination.
    pub request: Option<RequestStep>,
    /// By the destination.
    pub withdrawal: Option<Mark>,
    /// By the source.
    pub decline: Option<Mark>,
    /// By the source.
    pub dispatch: Option<Dispatch>,
    /// By the destination.
    pub receipt: Option<Arrival>,
    /// By the destination.
    pub rejection: Option<Mark>,
    /// By the source.
    pub returned: Option<Arrival>,
}

impl Transfer {
    /// The greatest step seen.
    #[must_use]
    pub const fn state(&self) -> TransferState {
        if self.returned.is_some() {
            TransferState::Returned
        } else if self.rejection.is_some() {
            TransferState::Rejected
        } else if self.receipt.is_some() {
            TransferState::Received
        } else if self.dispatch.is_some() {
            TransferState::Dispatched
        } else if self.decline.is_some() {
            TransferState::Declined
        } else if self.withdrawal.is_some() {
            TransferState::WithdrawalAsked
        } else {
            TransferState::Requested
        }
    }

    /// Whether goods of it are between the warehouses: dispatched, neither taken in nor taken back.
    #[must_use]
    pub const fn is_on_the_road(&self) -> bool {
        self.dispatch.is_some() && self.receipt.is_none() && self.returned.is_none()
    }

    /// The steps taken, in the order of the states.
    pub fn marks(&self) -> impl Iterator<Item = &Mark> {
        self.steps().into_iter().flatten()
    }

    pub(super) fn steps(&self) -> [Option<&Mark>; 7] {
        [
            self.request.as_ref().map(|s| &s.mark),
            self.withdrawal.as_ref(),
            self.decline.as_ref(),
            self.dispatch.as_ref().map(|s| &s.mark),
            self.receipt.as_ref().map(|s| &s.mark),
            self.rejection.as_ref(),
            self.returned.as_ref().map(|s| &s.mark),
        ]
    }

    /// Whether a step is known that names one which isn't, since that one's ledger isn't followed so far.
    #[must_use]
    pub const fn is_disputed(&self) -> bool {
        self.dispatch.is_none()
            && (self.receipt.is_some() || self.rejection.is_some() || self.returned.is_some())
    }

    /// Milliseconds since 1970 UTC of the last step.
    #[must_use]
    pub fn changed_ms(&self) -> i64 {
        self.marks().map(|m| m.at_ms).max().unwrap_or(0)
    }
}

/// How far one origin's ledger is folded, and what its next entry is judged by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartHead {
    /// The last entry applied.
    pub head: Head,
    /// Its hybrid time.
    pub hlc: u64,
    /// Its place in the history's order.
    pub sort_key: u64,
    /// Its last sealed entry.
    pub sealed: u64,
    /// Set when another history under this name was seen, or an entry that breaks an invariant: nothing behind it
    /// is applied.
    pub quarantine: Option<String>,
}

impl Default for PartHead {
    fn default() -> Self {
        Self { head: Head::EMPTY, hlc: 0, sort_key: 0, sealed: 0, quarantine: None }
    }
}
