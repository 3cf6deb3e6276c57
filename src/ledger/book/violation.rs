//! Why an entry can't be in a ledger: its origin refuses to write it, a replica to follow it.

use chrono::NaiveDate;
use thiserror::Error;

use crate::domain::{Lot, Quantity, QuantityError, Sku, TransferId};
use crate::ledger::entry::Hash;

/// An entry that would break an invariant, or the chain.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Violation {
    /// Not the next entry of its ledger.
    #[error("entry {seq} where {expected} was due")]
    OutOfOrder {
        /// Its place.
        seq: u64,
        /// The next place.
        expected: u64,
    },
    /// Chained to another history.
    #[error("entry {seq} follows another history ({found:?} instead of {expected:?})")]
    Unchained {
        /// Its place.
        seq: u64,
        /// The hash it follows.
        found: Hash,
        /// The hash it should follow.
        expected: Hash,
    },
    /// Of an older start than the entry before it.
    #[error("entry {seq} is of an older start than the one before it")]
    OldIncarnation {
        /// Its place.
        seq: u64,
    },
    /// A kind that this version doesn't know.
    #[error("entry {seq} is of a kind that this version doesn't know")]
    UnknownKind {
        /// Its place.
        seq: u64,
    },
    /// On hand below zero, or below what is reserved.
    #[error("{sku} {lot}: {on_hand} on hand, changed by {delta}, would break its bounds")]
    StockBounds {
        /// The product.
        sku: Sku,
        /// The lot.
        lot: Lot,
        /// Before.
        on_hand: Quantity,
        /// The change.
        delta: Quantity,
    },
    /// A quantity that isn't what its place demands.
    #[error("{sku}: {qty} can't be the quantity of that")]
    BadQuantity {
        /// The product.
        sku: Sku,
        /// The quantity.
        qty: Quantity,
    },
    /// A day that no store writes in four digits of a year.
    #[error("{day} can't be the day of anything")]
    BadDay {
        /// The day.
        day: NaiveDate,
    },
    /// Sums beyond the range.
    #[error("a sum beyond the range: {0}")]
    Arithmetic(#[from] QuantityError),
    /// A movement of a product that its ledger and names don't define.
    #[error("{sku} is not in the catalogue that the entry rests on")]
    UnknownProduct {
        /// The product.
        sku: Sku,
    },
    /// The first word on a product lacks its name, unit or decimals.
    #[error("the first definition of {sku} is not complete")]
    IncompleteProduct {
        /// The product.
        sku: Sku,
    },
    /// A step of a transfer that its state, its parties or its lines don't allow.
    #[error("transfer {transfer}: {why}")]
    TransferStep {
        /// The transfer.
        transfer: TransferId,
        /// What is wrong.
        why: &'static str,
    },
    /// A reversal that undoes nothing that can be undone.
    #[error("the reversal of entry {entry}: {why}")]
    Reversal {
        /// The entry to undo.
        entry: u64,
        /// What is wrong.
        why: &'static str,
    },
    /// A step of a stocktake that its lines or its operators don't allow.
    #[error("stocktake {stocktake}: {why}")]
    Stocktake {
        /// The entry that opened it.
        stocktake: u64,
        /// What is wrong.
        why: &'static str,
    },
    /// A reservation or an expected receipt that isn't there or hasn't as much left.
    #[error("{entry}: {why}")]
    Promise {
        /// The entry that made it.
        entry: u64,
        /// What is wrong.
        why: &'static str,
    },
    /// A version of the roster that does not follow.
    #[error("version {version} of the roster: {why}")]
    Roster {
        /// The version.
        version: u64,
        /// What is wrong.
        why: &'static str,
    },
    /// A correction of the clock that can't be one.
    #[error("a correction of the clock by {delta_ms} ms from entry {from} on")]
    Correction {
        /// The first entry corrected.
        from: u64,
        /// By so many milliseconds.
        delta_ms: i64,
    },
    /// The origin says that it gave up entries that are applied here.
    #[error("resumed after entry {kept}, but {applied} are applied here")]
    GaveUp {
        /// The last entry kept.
        kept: u64,
        /// The last entry applied.
        applied: u64,
    },
}
