//! Stocktakes: what is counted in one, when a difference must be counted again, and how far a line has got.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::replenish::AbcClass;
use super::{Lot, Operator, Quantity, Sku, TransferId};

/// What a stocktake counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Selection {
    /// All that is here.
    All,
    /// What stands on shelves whose name begins so.
    Shelf {
        /// The beginning, in any case of letters.
        shelf: String,
    },
    /// Products of one category.
    Category {
        /// The category, in any case of letters.
        category: String,
    },
    /// Products of one class by how often they are taken, as they were when the stocktake was opened.
    Class {
        /// The class.
        class: AbcClass,
        /// The products.
        skus: BTreeSet<Sku>,
    },
    /// What nobody has counted for so long before the stocktake was opened.
    NotCounted {
        /// Days.
        days: u32,
    },
}

/// What a selection looks at: goods of one product and lot in this warehouse.
#[derive(Debug, Clone, Copy)]
pub struct Countable<'a> {
    /// The product.
    pub sku: &'a Sku,
    /// The lot; empty = none.
    pub lot: &'a Lot,
    /// Where it stands; may be empty.
    pub shelf: &'a str,
    /// The product's category; may be empty.
    pub category: &'a str,
    /// How much the book says is there.
    pub on_hand: Quantity,
    /// When it was last counted, milliseconds since 1970 UTC.
    pub counted_ms: Option<i64>,
}

const DAY_MS: i64 = 86_400_000;

impl Selection {
    /// Whether goods belong to a stocktake that was opened then (milliseconds since 1970 UTC). What the book says is
    /// not there is not looked for; where it turns up all the same, it is counted along.
    #[must_use]
    pub fn takes(&self, goods: &Countable<'_>, opened_ms: i64) -> bool {
        goods.on_hand.is_positive()
            && match self {
                Self::All => true,
                Self::Shelf { shelf } => goods.shelf.to_lowercase().starts_with(&shelf.trim().to_lowercase()),
                Self::Category { category } => {
                    goods.category.trim().to_lowercase() == category.trim().to_lowercase()
                }
                Self::Class { skus, .. } => skus.contains(goods.sku),
                Self::NotCounted { days } => is_due(goods.counted_ms, *days, opened_ms),
            }
    }
}

/// Whether what was last counted then is due again.
#[must_use]
pub fn is_due(counted_ms: Option<i64>, days: u32, now_ms: i64) -> bool {
    counted_ms.is_none_or(|at| at < now_ms.saturating_sub(i64::from(days).saturating_mul(DAY_MS)))
}

/// From which difference on a line must be counted again; without either, none must.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threshold {
    /// A difference of more than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<Quantity>,
    /// A difference of more than this percentage of the book.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<u32>,
}

impl Threshold {
    /// Whether a first count must be confirmed by a second.
    #[must_use]
    pub fn asks_again(&self, book: Quantity, counted: Quantity) -> bool {
        let by = i128::from(counted.thousandths()) - i128::from(book.thousandths());
        let by = by.abs();
        let over_units = self.units.is_some_and(|limit| by > i128::from(limit.thousandths()));
        let over_share = self
            .percent
            .is_some_and(|percent| by * 100 > i128::from(percent) * i128::from(book.thousandths()).abs());
        over_units || over_share
    }
}

super::movement::words!(
    /// How far a counted line has got.
    LineState {
        /// The count agrees with the book: nothing to book.
        Agrees = "agrees",
        /// It is to be counted again.
        Recount = "recount",
        /// It differs, and a second operator is to look at it.
        Review = "review",
        /// It differs, was looked at, and is booked when the stocktake is closed.
        Accepted = "accepted",
    }
);

/// Why a step of a stocktake is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum StocktakeProblem {
    /// Another one is open: the difference of a product must not be booked twice.
    #[error("stocktake {open} is open")]
    OneIsOpen {
        /// Which.
        open: TransferId,
    },
    /// None is open.
    #[error("no stocktake is open")]
    NoneIsOpen,
    /// Nothing here is of that selection.
    #[error("nothing here is of that selection")]
    NothingToCount,
    /// No such stocktake of this warehouse.
    #[error("there is no stocktake {stocktake} here")]
    Unknown {
        /// The id as given.
        stocktake: TransferId,
    },
    /// It is closed.
    #[error("stocktake {stocktake} is closed")]
    Closed {
        /// Which.
        stocktake: TransferId,
    },
    /// Nobody has counted that in it.
    #[error("{sku} {lot} is not counted in it")]
    NotCounted {
        /// The product.
        sku: Sku,
        /// The lot.
        lot: Lot,
    },
    /// One product and lot twice in one act.
    #[error("{sku} {lot} is named twice")]
    Twice {
        /// The product.
        sku: Sku,
        /// The lot.
        lot: Lot,
    },
    /// The one who counted can't review it.
    #[error("{operator} counted {sku} {lot}: another operator reviews it")]
    OwnCount {
        /// The product.
        sku: Sku,
        /// The lot.
        lot: Lot,
        /// Who.
        operator: Operator,
    },
    /// It must be counted again before it can be accepted.
    #[error("{sku} {lot} is to be counted again first")]
    RecountDue {
        /// The product.
        sku: Sku,
        /// The lot.
        lot: Lot,
    },
    /// It was counted again since the reviewer looked.
    #[error("{sku} {lot} was counted again meanwhile")]
    CountedSince {
        /// The product.
        sku: Sku,
        /// The lot.
        lot: Lot,
    },
    /// Differences that nobody has reviewed, or that are to be counted again.
    #[error("{reviews} differences await their review, {recounts} are to be counted again")]
    Unfinished {
        /// To be reviewed.
        reviews: usize,
        /// To be counted again.
        recounts: usize,
    },
    /// So many differences can't be booked in one go.
    #[error("{limit} differences are the most that one stocktake books")]
    Full {
        /// The most.
        limit: usize,
    },
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn q(n: i64) -> Quantity {
        Quantity::units(n).unwrap()
    }

    #[test]
    fn a_selection_takes_what_is_there_and_belongs() {
        let (sku, lot) = (Sku::new("A").unwrap(), Lot::none());
        let now = 100 * DAY_MS;
        let goods = Countable {
            sku: &sku,
            lot: &lot,
            shelf: "A-03",
            category: "Guantes",
            on_hand: q(3),
            counted_ms: Some(60 * DAY_MS),
        };
        assert!(Selection::All.takes(&goods, now));
        assert!(!Selection::All.takes(&Countable { on_hand: q(0), ..goods }, now));
        assert!(Selection::Shelf { shelf: "a-".into() }.takes(&goods, now));
        assert!(!Selection::Shelf { shelf: "B".into() }.takes(&goods, now));
        assert!(Selection::Category { category: "guantes".into() }.takes(&goods, now));
        assert!(!Selection::Category { category: "guante".into() }.takes(&goods, now));
        assert!(Selection::NotCounted { days: 30 }.takes(&goods, now));
        assert!(!Selection::NotCounted { days: 40 }.takes(&goods, now));
        assert!(Selection::NotCounted { days: 40 }.takes(&Countable { counted_ms: None, ..goods }, now));
    }

    #[test]
    fn a_threshold_asks_for_a_second_count_beyond_units_or_share() {
        let by_units = Threshold { units: Some(q(2)), percent: None };
        assert!(!by_units.asks_again(q(10), q(12)));
        assert!(by_units.asks_again(q(10), q(13)));
        assert!(by_units.asks_again(q(10), q(7)));
        let by_share = Threshold { units: None, percent: Some(10) };
        assert!(!by_share.asks_again(q(100), q(90)));
        assert!(by_share.asks_again(q(100), q(89)));
        assert!(by_share.asks_again(q(0), q(1)));
        assert!(!by_share.asks_again(q(0), q(0)));
        assert!(!Threshold::default().asks_again(q(10), q(0)));
    }
}
