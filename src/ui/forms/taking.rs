//! Which lots goods are taken from: first expired first out, the unexpired first.

use chrono::NaiveDate;

use crate::domain::{Lot, Quantity, Refusal, WarehouseId};
use crate::node::event::{CellView, ProductView};

/// What a line takes from one lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The lot; empty = none.
    pub lot: Lot,
    /// Its last day.
    pub expiry: Option<NaiveDate>,
    /// How much of it.
    pub qty: Quantity,
    /// On hand before and after.
    pub before_after: (Quantity, Quantity),
}

/// A line's way through the lots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// From each lot, in the order of taking.
    pub parts: Vec<Part>,
    /// The first of them that is past its date.
    pub expired: Option<(Lot, NaiveDate)>,
}

/// Whether a lot is past its last day.
pub fn is_expired(expiry: Option<NaiveDate>, today: NaiveDate) -> bool {
    expiry.is_some_and(|day| day < today)
}

/// The lots of a warehouse in the order in which goods leave: unexpired first, earliest date first, dateless last.
pub fn in_order<'a>(view: &'a ProductView, here: &WarehouseId, today: NaiveDate) -> Vec<&'a CellView> {
    let mut cells: Vec<_> = view.cells.iter().filter(|c| c.warehouse == *here).collect();
    cells.sort_by_key(|c| {
        let last = c.expiry.unwrap_or(NaiveDate::MAX);
        (is_expired(c.expiry, today), last, c.lot.clone())
    });
    cells
}

/// Plans a line. `taken` tells what earlier lines of the same act took from a lot.
///
/// # Errors
/// When the lot isn't here, or not enough is.
pub fn plan(
    view: &ProductView,
    here: &WarehouseId,
    lot: Option<&Lot>,
    qty: Quantity,
    today: NaiveDate,
    taken: impl Fn(&Lot) -> Quantity,
) -> Result<Plan, Refusal> {
    let sku = &view.product.sku;
    let mut cells = in_order(view, here, today);
    if let Some(lot) = lot {
        cells.retain(|c| c.lot == *lot);
        if cells.is_empty() {
            return Err(Refusal::UnknownLot { sku: sku.clone(), lot: lot.clone() });
        }
    }
    let mut plan = Plan { parts: Vec::new(), expired: None };
    let mut missing = qty;
    let (mut on_hand, mut reserved) = (Quantity::ZERO, Quantity::ZERO);
    for cell in cells {
        let there = cell.on_hand.saturating_plus(taken(&cell.lot).negated());
        on_hand = on_hand.saturating_plus(there);
        reserved = reserved.saturating_plus(cell.reserved);
        let free = there.saturating_plus(cell.reserved.negated());
        let take = free.min(missing);
        if !take.is_positive() {
            continue;
        }
        missing = missing.saturating_plus(take.negated());
        if let Some(day) = cell.expiry.filter(|&day| day < today) {
            plan.expired.get_or_insert_with(|| (cell.lot.clone(), day));
        }
        plan.parts.push(Part {
            lot: cell.lot.clone(),
            expiry: cell.expiry,
            qty: take,
            before_after: (there, there.saturating_plus(take.negated())),
        });
    }
    if missing.is_positive() {
        return Err(Refusal::NotEnough {
            sku: sku.clone(),
            lot: lot.cloned().unwrap_or_default(),
            wanted: qty,
            available: on_hand.saturating_plus(reserved.negated()),
            on_hand,
            reserved,
        });
    }
    Ok(plan)
}

/// One lot in a warehouse, if it was ever there.
pub fn cell_of<'a>(view: &'a ProductView, warehouse: &WarehouseId, lot: &Lot) -> Option<&'a CellView> {
    view.cells.iter().find(|c| c.warehouse == *warehouse && c.lot == *lot)
}

/// On hand of one lot in a warehouse.
pub fn on_hand_of(view: &ProductView, warehouse: &WarehouseId, lot: &Lot) -> Quantity {
    cell_of(view, warehouse, lot).map_or(Quantity::ZERO, |c| c.on_hand)
}

/// Whether a lot can change by so much: what is left must be there.
///
/// # Errors
/// When it can't.
pub fn can_change(
    view: &ProductView,
    warehouse: &WarehouseId,
    lot: &Lot,
    delta: Quantity,
) -> Result<(), Refusal> {
    if !delta.is_negative() {
        return Ok(());
    }
    let sku = view.product.sku.clone();
    let Some(cell) = cell_of(view, warehouse, lot) else {
        return Err(if lot.is_none() {
            Refusal::BelowZero { sku, lot: lot.clone(), delta, on_hand: Quantity::ZERO }
        } else {
            Refusal::UnknownLot { sku, lot: lot.clone() }
        });
    };
    let left = cell.on_hand.saturating_plus(delta);
    if left.is_negative() {
        return Err(Refusal::BelowZero { sku, lot: lot.clone(), delta, on_hand: cell.on_hand });
    }
    Ok(())
}

/// Whether what is left then covers what is promised of it: a movement is undone only where nobody waits for the goods.
/// (A count and an adjustment tell what is there, whatever was promised: they release.)
///
/// # Errors
/// When it can't be.
pub fn keeps_promises(
    view: &ProductView,
    warehouse: &WarehouseId,
    lot: &Lot,
    delta: Quantity,
) -> Result<(), Refusal> {
    can_change(view, warehouse, lot, delta)?;
    match cell_of(view, warehouse, lot) {
        Some(cell) if delta.is_negative() && cell.on_hand.saturating_plus(delta) < cell.reserved => {
            let (sku, lot) = (view.product.sku.clone(), lot.clone());
            let (on_hand, reserved) = (cell.on_hand, cell.reserved);
            Err(Refusal::BelowReserved { sku, lot, delta, on_hand, reserved })
        }
        _ => Ok(()),
    }
}

/// The date a lot is known with, and whether it is known so in this warehouse.
pub fn known_expiry(view: &ProductView, warehouse: &WarehouseId, lot: &Lot) -> Option<(NaiveDate, bool)> {
    if lot.is_none() {
        return None;
    }
    let of_lot = || view.cells.iter().filter(|c| c.lot == *lot);
    let own = of_lot().find(|c| c.warehouse == *warehouse).and_then(|c| c.expiry);
    own.map(|day| (day, true)).or_else(|| of_lot().find_map(|c| c.expiry).map(|day| (day, false)))
}
