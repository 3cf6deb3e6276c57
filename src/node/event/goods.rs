//! Goods as they are shown: a product with all that is known of it, everywhere.

use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::{Lot, Product, Quantity, TransferId, WarehouseId};
use crate::ledger::book::{Expectation, Reservation, RuleState};

/// What lies in one warehouse of one lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellView {
    /// The warehouse.
    pub warehouse: WarehouseId,
    /// The lot; empty = none.
    pub lot: Lot,
    /// Its expiry.
    pub expiry: Option<NaiveDate>,
    /// Goods there.
    pub on_hand: Quantity,
    /// Promised of them.
    pub reserved: Quantity,
    /// When they were last counted, milliseconds since 1970 UTC.
    #[serde(default)]
    pub counted_ms: Option<i64>,
}

/// Goods of one product and lot on the road.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoadView {
    /// The transfer.
    pub transfer: TransferId,
    /// Where from.
    pub from: WarehouseId,
    /// Where to (a rejected transfer is still on its way, back).
    pub to: WarehouseId,
    /// The lot.
    pub lot: Lot,
    /// How much.
    pub qty: Quantity,
}

/// What one warehouse has asked another for of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedView {
    /// Who is asked.
    pub from: WarehouseId,
    /// Who asks.
    pub to: WarehouseId,
    /// How much, of all requests and lots.
    pub qty: Quantity,
}

/// A product with everything that is shown of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductView {
    /// The catalogue's word.
    pub product: Arc<Product>,
    /// What lies where, by warehouse and lot; cells at zero included.
    pub cells: Vec<CellView>,
    /// Rules and shelves, by warehouse.
    pub rules: Vec<(WarehouseId, RuleState)>,
    /// On the road.
    pub roads: Vec<RoadView>,
    /// Issued within the last 30 days, by warehouse.
    pub issued_30d: Vec<(WarehouseId, Quantity)>,
    /// The reorder points that are computed, by warehouse: of those that fix none and say what is needed for it.
    #[serde(default)]
    pub points: Vec<(WarehouseId, Quantity)>,
    /// What warehouses have asked others for and nobody has answered.
    #[serde(default)]
    pub asked: Vec<AskedView>,
    /// Warehouses that were given up, of those with cells here or goods sent from there: neither counts anywhere
    /// but in [`Self::lost`].
    #[serde(default)]
    pub given_up: Vec<WarehouseId>,
    /// Reservations that stand or were cut short, by warehouse, the oldest first.
    #[serde(default)]
    pub reservations: Vec<Reservation>,
    /// Receipts that are expected from outside, by warehouse, the oldest first.
    #[serde(default)]
    pub expectations: Vec<Expectation>,
}

impl ProductView {
    /// Goods of the product in a warehouse, all lots.
    #[must_use]
    pub fn on_hand(&self, warehouse: &WarehouseId) -> Quantity {
        self.sum_cells(warehouse, |c| c.on_hand)
    }

    /// Promised of them, all lots.
    #[must_use]
    pub fn reserved(&self, warehouse: &WarehouseId) -> Quantity {
        self.sum_cells(warehouse, |c| c.reserved)
    }

    /// On hand − reserved.
    #[must_use]
    pub fn available(&self, warehouse: &WarehouseId) -> Quantity {
        self.on_hand(warehouse).saturating_plus(self.reserved(warehouse).negated())
    }

    /// On the road to a warehouse (a rejected transfer counts where it was sent to until it is back), and expected
    /// there from outside.
    #[must_use]
    pub fn incoming(&self, warehouse: &WarehouseId) -> Quantity {
        let to_us = self.roads.iter().filter(|r| r.to == *warehouse && !self.is_given_up(&r.from));
        to_us.fold(self.expected(warehouse), |sum, r| sum.saturating_plus(r.qty))
    }

    /// Expected in a warehouse from outside.
    #[must_use]
    pub fn expected(&self, warehouse: &WarehouseId) -> Quantity {
        let counts = !self.is_given_up(warehouse);
        let there = self.expectations.iter().filter(|e| counts && e.id.origin == *warehouse);
        there.fold(Quantity::ZERO, |sum, e| sum.saturating_plus(e.left()))
    }

    /// On the road in all.
    #[must_use]
    pub fn in_transit(&self) -> Quantity {
        let roads = self.roads.iter().filter(|r| !self.is_given_up(&r.from));
        roads.fold(Quantity::ZERO, |sum, r| sum.saturating_plus(r.qty))
    }

    /// Whether a warehouse was given up: what was there or came from there is lost.
    #[must_use]
    pub fn is_given_up(&self, warehouse: &WarehouseId) -> bool {
        self.given_up.contains(warehouse)
    }

    /// What was given up with a warehouse: its goods, and those on the road from it.
    #[must_use]
    pub fn lost(&self, warehouse: &WarehouseId) -> Quantity {
        if !self.is_given_up(warehouse) {
            return Quantity::ZERO;
        }
        let there = self.cells.iter().filter(|c| c.warehouse == *warehouse).map(|c| c.on_hand);
        let sent = self.roads.iter().filter(|r| r.from == *warehouse).map(|r| r.qty);
        there.chain(sent).fold(Quantity::ZERO, Quantity::saturating_plus)
    }

    /// On hand + incoming − reserved.
    #[must_use]
    pub fn position(&self, warehouse: &WarehouseId) -> Quantity {
        self.available(warehouse).saturating_plus(self.incoming(warehouse))
    }

    /// All warehouses and the road, without what was given up.
    #[must_use]
    pub fn total(&self) -> Quantity {
        let cells = self.cells.iter().filter(|c| !self.is_given_up(&c.warehouse));
        cells.fold(self.in_transit(), |sum, c| sum.saturating_plus(c.on_hand))
    }

    /// A warehouse's rule and shelf.
    #[must_use]
    pub fn rule(&self, warehouse: &WarehouseId) -> Option<&RuleState> {
        self.rules.iter().find(|(w, _)| w == warehouse).map(|(_, rule)| rule)
    }

    /// The reorder point of a warehouse, fixed or computed.
    #[must_use]
    pub fn reorder_point(&self, warehouse: &WarehouseId) -> Option<Quantity> {
        let fixed = self.rule(warehouse)?.rule.reorder_point;
        let computed = || self.points.iter().find(|(w, _)| w == warehouse).map(|(_, point)| *point);
        fixed.or_else(computed)
    }

    /// Issued by a warehouse within the last 30 days.
    #[must_use]
    pub fn issued_30d(&self, warehouse: &WarehouseId) -> Quantity {
        self.issued_30d.iter().find(|(w, _)| w == warehouse).map_or(Quantity::ZERO, |(_, q)| *q)
    }

    fn sum_cells(&self, warehouse: &WarehouseId, of: impl Fn(&CellView) -> Quantity) -> Quantity {
        let counts = !self.is_given_up(warehouse);
        let here = self.cells.iter().filter(|c| counts && c.warehouse == *warehouse);
        here.fold(Quantity::ZERO, |sum, c| sum.saturating_plus(of(c)))
    }
}
