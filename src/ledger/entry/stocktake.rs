//! What entries say of stocktakes. They change no stock: a stocktake's differences are booked as count lines when it is
//! closed, each against the book of the moment it was counted at.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::{AdjustmentReason, Lot, Quantity, Selection, Sku, Threshold};

/// A stocktake begins; it is named by this entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StocktakeOpened {
    /// What is counted.
    pub selection: Selection,
    /// Whoever counts does not see the book.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub blind: bool,
    /// Which differences must be counted twice.
    #[serde(default)]
    pub threshold: Threshold,
}

/// What was counted of one product and lot; a later one takes its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StocktakeCounted {
    /// The own entry that opened the stocktake.
    pub stocktake: u64,
    /// The product.
    pub sku: Sku,
    /// The lot.
    #[serde(default, skip_serializing_if = "Lot::is_none")]
    pub lot: Lot,
    /// The lot's expiry, where the lot is new here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<NaiveDate>,
    /// The own entry whose book the count is held against.
    pub pinned: u64,
    /// What was counted.
    pub counted: Quantity,
    /// What the book said there.
    pub book: Quantity,
}

/// Lines as somebody else than who counted them judges them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StocktakeReviewed {
    /// The own entry that opened the stocktake.
    pub stocktake: u64,
    /// The lines.
    pub lines: Vec<ReviewedLine>,
}

/// One line as it is judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewedLine {
    /// The product.
    pub sku: Sku,
    /// The lot.
    #[serde(default, skip_serializing_if = "Lot::is_none")]
    pub lot: Lot,
    /// The own entry with the count that was looked at.
    pub count: u64,
    /// Why it differs; none: it is to be counted again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<AdjustmentReason>,
}

/// A stocktake is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StocktakeClosed {
    /// The own entry that opened it.
    pub stocktake: u64,
    /// Of its selection, nobody has counted so many.
    #[serde(default)]
    pub uncounted: u32,
    /// It was given up: nothing of it is booked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dropped: bool,
}
