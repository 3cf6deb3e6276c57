//! The lines of a transfer's steps, and the changes that a reversal makes.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::{Lot, Quantity, ShortageReason, Sku};

/// A line of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestLine {
    /// The product.
    pub sku: Sku,
    /// A certain lot, or none in particular.
    #[serde(default, skip_serializing_if = "Lot::is_none")]
    pub lot: Lot,
    /// How much.
    pub qty: Quantity,
}

/// A line of a dispatch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DispatchLine {
    /// The product.
    pub sku: Sku,
    /// The lot, or no lot.
    #[serde(default, skip_serializing_if = "Lot::is_none")]
    pub lot: Lot,
    /// The lot's expiry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<NaiveDate>,
    /// How much.
    pub qty: Quantity,
}

/// What became of a dispatched line, in the order of the dispatch: arrived (or came back) + short = sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrivedLine {
    /// The product.
    pub sku: Sku,
    /// The lot.
    #[serde(default, skip_serializing_if = "Lot::is_none")]
    pub lot: Lot,
    /// The lot's expiry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<NaiveDate>,
    /// What came.
    pub arrived: Quantity,
    /// What didn't.
    pub short: Quantity,
    /// Why not; present exactly where something is short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ShortageReason>,
}

/// A change of one stock cell of the entry's origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockDelta {
    /// The product.
    pub sku: Sku,
    /// The lot.
    #[serde(default, skip_serializing_if = "Lot::is_none")]
    pub lot: Lot,
    /// By how much.
    pub delta: Quantity,
}
