//! Steps of a stocktake, as operators want them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::{AdjustmentReason, Lot, Quantity, Selection, Sku, Threshold, TransferId};

/// A step of a stocktake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum StocktakeAct {
    /// Begin one.
    Open {
        /// What is counted.
        selection: Selection,
        /// Whoever counts does not see the book.
        #[serde(default)]
        blind: bool,
        /// Which differences must be counted twice.
        #[serde(default)]
        threshold: Threshold,
    },
    /// Note what was counted.
    Count {
        /// The entry that opened it.
        stocktake: TransferId,
        /// What was counted, each product and lot once.
        lines: Vec<CountedLine>,
    },
    /// Judge what somebody else counted.
    Review {
        /// The entry that opened it.
        stocktake: TransferId,
        /// The lines.
        lines: Vec<ReviewLine>,
    },
    /// Book the differences and end it.
    Close {
        /// The entry that opened it.
        stocktake: TransferId,
    },
    /// End it and book nothing.
    Drop {
        /// The entry that opened it.
        stocktake: TransferId,
    },
}

/// What was counted of one product and lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedLine {
    /// The product.
    pub sku: Sku,
    /// The lot; empty = none.
    #[serde(default)]
    pub lot: Lot,
    /// The lot's expiry, where it is new here.
    pub expiry: Option<NaiveDate>,
    /// What was counted; 0 is a count too.
    pub counted: Quantity,
    /// The own entry when counting it began; none = now.
    pub pinned: Option<u64>,
}

/// A line as it is judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewLine {
    /// The product.
    pub sku: Sku,
    /// The lot; empty = none.
    #[serde(default)]
    pub lot: Lot,
    /// The own entry with the count that was looked at; none = the one that stands.
    pub count: Option<u64>,
    /// Why it differs; none: it is to be counted again.
    pub reason: Option<AdjustmentReason>,
}
