//! What there is to count and what was counted, in the order in which one walks along the shelves.

use std::sync::Arc;

use chrono::NaiveDate;

use super::event::{CellView, ProductView};
use crate::domain::stocktake::is_due;
use crate::domain::{Countable, LineState, Lot, Quantity, Sku, WarehouseId};
use crate::ledger::book::{Stocktake, StocktakeLine};

/// One product and lot of a stocktake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountRow {
    /// Where it stands; may be empty.
    pub shelf: String,
    /// The product.
    pub sku: Sku,
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// With how many decimals it is counted.
    pub decimals: u8,
    /// The lot; empty = none.
    pub lot: Lot,
    /// Its expiry.
    pub expiry: Option<NaiveDate>,
    /// What the book says now.
    pub on_hand: Quantity,
    /// What was counted; none: nobody has been there.
    pub line: Option<StocktakeLine>,
    /// How far it has got; none: nobody has been there.
    pub state: Option<LineState>,
    /// Whether the book stays hidden from whoever counts it.
    pub hides_book: bool,
}

impl CountRow {
    /// What moved since it was counted.
    #[must_use]
    pub fn moved(&self) -> Quantity {
        self.line.as_ref().map_or(Quantity::ZERO, |line| self.on_hand.saturating_plus(line.book.negated()))
    }
}

/// What is counted and what is still to be, by shelf; shelves without a name come last.
#[must_use]
pub fn rows<'a>(
    stocktake: &Stocktake,
    products: impl Iterator<Item = &'a Arc<ProductView>>,
    here: &WarehouseId,
) -> Vec<CountRow> {
    let mut all: Vec<_> = products.flat_map(|view| rows_of(stocktake, view, here)).collect();
    all.sort_by(|a, b| {
        let key = |row: &CountRow| (row.shelf.is_empty(), row.shelf.to_lowercase());
        key(a).cmp(&key(b)).then_with(|| (&a.sku, &a.lot).cmp(&(&b.sku, &b.lot)))
    });
    all
}

/// The same of one product, lot by lot.
#[must_use]
pub fn rows_of(stocktake: &Stocktake, view: &ProductView, here: &WarehouseId) -> Vec<CountRow> {
    let mut all = Vec::new();
    let shelf = view.rule(here).map_or("", |rule| rule.shelf.as_str());
    let sku = &view.product.sku;
    let mut row = |lot: &Lot, cell: Option<&CellView>, line: Option<&StocktakeLine>| {
        let state = line.map(|line| line.state(stocktake.head.threshold));
        all.push(CountRow {
            shelf: shelf.to_owned(),
            sku: sku.clone(),
            name: view.product.name.clone(),
            unit: view.product.unit.clone(),
            decimals: view.product.decimals,
            lot: lot.clone(),
            expiry: cell.and_then(|cell| cell.expiry).or_else(|| line.and_then(|line| line.expiry)),
            on_hand: cell.map_or(Quantity::ZERO, |cell| cell.on_hand),
            line: line.cloned(),
            state,
            hides_book: stocktake.is_open()
                && stocktake.head.blind
                && matches!(state, None | Some(LineState::Recount)),
        });
    };
    for cell in view.cells.iter().filter(|cell| cell.warehouse == *here) {
        let line = stocktake.lines.get(&(sku.clone(), cell.lot.clone()));
        let waits = stocktake.is_open() && stocktake.awaits(&countable(view, cell, shelf));
        if line.is_some() || waits {
            row(&cell.lot, Some(cell), line);
        }
    }
    // What was found where the book knows nothing at all.
    let first = (sku.clone(), Lot::none());
    let of_it = stocktake.lines.range(first..).take_while(|((of, _), _)| of == sku);
    for ((_, lot), line) in of_it {
        if !view.cells.iter().any(|cell| cell.warehouse == *here && cell.lot == *lot) {
            row(lot, None, Some(line));
        }
    }
    all
}

/// Products and lots here that nobody has counted for so many days.
#[must_use]
pub fn counts_due<'a>(
    products: impl Iterator<Item = &'a Arc<ProductView>>,
    here: &WarehouseId,
    days: u32,
    now_ms: i64,
) -> Vec<(Sku, Lot)> {
    let mut due = Vec::new();
    for view in products {
        let cells = view.cells.iter().filter(|cell| cell.warehouse == *here && cell.on_hand.is_positive());
        let old = cells.filter(|cell| is_due(cell.counted_ms, days, now_ms));
        due.extend(old.map(|cell| (view.product.sku.clone(), cell.lot.clone())));
    }
    due
}

/// Goods as selections look at them.
#[must_use]
pub fn countable<'a>(view: &'a ProductView, cell: &'a CellView, shelf: &'a str) -> Countable<'a> {
    Countable {
        sku: &view.product.sku,
        lot: &cell.lot,
        shelf,
        category: &view.product.category,
        on_hand: cell.on_hand,
        counted_ms: cell.counted_ms,
    }
}
