//! What is promised in a warehouse: goods kept for somebody, and goods that a supplier has been asked for.
//!
//! Both are named by the entry that made them, and only that entry's origin changes them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::{Lot, Quantity, Sku, TransferId};

/// Goods of one lot kept for an order or a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// The entry that made it; its origin is the warehouse.
    pub id: TransferId,
    /// The product.
    pub sku: Sku,
    /// The lot; empty = none.
    pub lot: Lot,
    /// How much was reserved.
    pub qty: Quantity,
    /// Of that, issued against it.
    pub issued: Quantity,
    /// Of that, released: nobody waits for it any more.
    pub released: Quantity,
    /// The last release that a count or an adjustment forced.
    pub cut: Option<ForcedRelease>,
    /// For whom or what.
    pub purpose: String,
    /// The last day on which it stands.
    pub until: Option<NaiveDate>,
    /// All that was left of it was released: an issue that is undone gives it nothing back.
    pub closed: bool,
}

/// A release that a count or an adjustment forced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForcedRelease {
    /// The entry of the reservation's ledger.
    pub seq: u64,
    /// When, in milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// How much.
    pub qty: Quantity,
}

impl ForcedRelease {
    /// The id of the alert that tells of it. Named by the release: a further one is another matter.
    #[must_use]
    pub fn alert(&self, reservation: &TransferId) -> String {
        format!("reservation_cut:{}:{reservation}:{}", reservation.origin, self.seq)
    }
}

impl Reservation {
    /// What is still kept.
    #[must_use]
    pub fn left(&self) -> Quantity {
        self.qty.saturating_plus(self.issued.negated()).saturating_plus(self.released.negated())
    }

    /// Whether nothing can become of it any more, and nothing is to be told.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.closed && self.cut.is_none()
    }
}

/// Goods that a supplier has been asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expectation {
    /// The entry that made it; its origin is the warehouse.
    pub id: TransferId,
    /// The product.
    pub sku: Sku,
    /// How much was ordered.
    pub qty: Quantity,
    /// What came of it so far; it may be more.
    pub received: Quantity,
    /// The day on which it is expected.
    pub due: NaiveDate,
    /// A free text: the order, the supplier.
    pub reference: String,
    /// Nothing more is expected of it.
    pub closed: bool,
}

impl Expectation {
    /// What is still to come.
    #[must_use]
    pub fn left(&self) -> Quantity {
        if self.closed {
            return Quantity::ZERO;
        }
        self.qty.saturating_plus(self.received.negated()).max(Quantity::ZERO)
    }
}
