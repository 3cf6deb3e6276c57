//! What lay where: a snapshot opened, or any moment, from the store; never while the loop waits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{Lot, Quantity, Sku, TransferId, WarehouseId};
use crate::ledger::book::Riding;
use crate::protocol::snapshot::Snapshot;
use crate::store::{Flow, StockAt, Store, StoreError};

/// So many snapshots are listed, the newest.
pub const LISTED: usize = 64;

/// Goods of one product and lot in one warehouse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lying {
    /// The warehouse.
    pub warehouse: WarehouseId,
    /// The product.
    pub sku: Sku,
    /// The lot; empty = none.
    pub lot: Lot,
    /// How much.
    pub on_hand: Quantity,
}

/// A product and lot of which more or less is there than came and went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imbalance {
    /// The product.
    pub sku: Sku,
    /// The lot; empty = none.
    pub lot: Lot,
    /// On hand and on the road, everywhere.
    pub found: Quantity,
    /// Receipts − issues + adjustments − shortages.
    pub expected: Quantity,
}

/// The terms of conservation, summed over all products, and where it fails.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// On hand everywhere.
    pub on_hand: Quantity,
    /// On the road.
    pub riding: Quantity,
    /// From outside.
    pub receipts: Quantity,
    /// To outside.
    pub issues: Quantity,
    /// Adjustments and differences of counts.
    pub adjustments: Quantity,
    /// Short on receipt or return of transfers.
    pub shortages: Quantity,
    /// Products and lots that don't add up.
    pub violations: Vec<Imbalance>,
}

/// A snapshot with what lay where at its cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotDetail {
    /// It; where it isn't closed, nothing of the rest is known.
    pub snapshot: Snapshot,
    /// Goods in the warehouses, cells at zero left out.
    pub stock: Vec<Lying>,
    /// Goods on the road.
    pub riding: Vec<Riding>,
    /// Conservation.
    pub balance: Balance,
}

/// What lay where at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockThen {
    /// The moment, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// How far each ledger had come.
    pub places: BTreeMap<WarehouseId, u64>,
    /// Goods in the warehouses, cells at zero included.
    pub stock: Vec<Lying>,
    /// Goods on the road.
    pub riding: Vec<Riding>,
}

/// Opens a snapshot.
///
/// # Errors
/// When the store doesn't answer. None: it isn't known.
pub async fn open(store: &Store, id: &TransferId) -> Result<Option<SnapshotDetail>, StoreError> {
    let found = store.snapshots(LISTED).await?.into_iter().find(|s| s.id == *id);
    let Some(snapshot) = found else { return Ok(None) };
    let Some(closed) = &snapshot.closed else {
        let (stock, riding, balance) = (Vec::new(), Vec::new(), Balance::default());
        return Ok(Some(SnapshotDetail { snapshot, stock, riding, balance }));
    };
    let places = closed.cut.iter().map(|(w, head)| (w.clone(), head.seq)).collect();
    let at = store.stock_at(&places).await?;
    let flows = store.flows(&places).await?;
    let balance = balance(&at, flows);
    let mut stock = lying(at.on_hand);
    stock.retain(|cell| !cell.on_hand.is_zero());
    Ok(Some(SnapshotDetail { snapshot, stock, riding: at.riding, balance }))
}

/// What lay where at a moment.
///
/// # Errors
/// When the store doesn't answer.
pub async fn stock_then(store: &Store, at_ms: i64) -> Result<StockThen, StoreError> {
    let places = store.places_at(at_ms).await?;
    let at = store.stock_at(&places).await?;
    Ok(StockThen { at_ms, places, stock: lying(at.on_hand), riding: at.riding })
}

fn lying(on_hand: BTreeMap<(WarehouseId, Sku, Lot), Quantity>) -> Vec<Lying> {
    let cells = on_hand.into_iter();
    cells.map(|((warehouse, sku, lot), on_hand)| Lying { warehouse, sku, lot, on_hand }).collect()
}

fn balance(at: &StockAt, mut flows: BTreeMap<(Sku, Lot), Flow>) -> Balance {
    let mut found: BTreeMap<(Sku, Lot), i64> = BTreeMap::new();
    let mut sums = (0i64, 0i64);
    for ((_, sku, lot), qty) in &at.on_hand {
        *found.entry((sku.clone(), lot.clone())).or_default() += qty.thousandths();
        sums.0 = sums.0.saturating_add(qty.thousandths());
    }
    for riding in &at.riding {
        *found.entry((riding.sku.clone(), riding.lot.clone())).or_default() += riding.qty.thousandths();
        sums.1 = sums.1.saturating_add(riding.qty.thousandths());
    }
    for key in found.keys() {
        flows.entry(key.clone()).or_default();
    }
    let mut total = Flow::default();
    let mut violations = Vec::new();
    for ((sku, lot), flow) in flows {
        total.receipts = total.receipts.saturating_add(flow.receipts);
        total.issues = total.issues.saturating_add(flow.issues);
        total.adjustments = total.adjustments.saturating_add(flow.adjustments);
        total.shortages = total.shortages.saturating_add(flow.shortages);
        let there = found.get(&(sku.clone(), lot.clone())).copied().unwrap_or(0);
        if there != flow.expected() {
            violations.push(Imbalance { sku, lot, found: amount(there), expected: amount(flow.expected()) });
        }
    }
    Balance {
        on_hand: amount(sums.0),
        riding: amount(sums.1),
        receipts: amount(total.receipts),
        issues: amount(total.issues),
        adjustments: amount(total.adjustments),
        shortages: amount(total.shortages),
        violations,
    }
}

/// A sum for people; the largest quantity where it lies beyond.
fn amount(thousandths: i64) -> Quantity {
    let largest = if thousandths < 0 { Quantity::MAX.negated() } else { Quantity::MAX };
    Quantity::from_thousandths(thousandths).unwrap_or(largest)
}

/// What differs between two snapshots, of one product and lot in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The warehouse; none: on the road.
    pub warehouse: Option<WarehouseId>,
    /// The product.
    pub sku: Sku,
    /// The lot; empty = none.
    pub lot: Lot,
    /// In the first.
    pub before: Quantity,
    /// In the second.
    pub after: Quantity,
}

/// What differs between two snapshots, by product, lot and place; the road last.
#[must_use]
pub fn differences(first: &SnapshotDetail, second: &SnapshotDetail) -> Vec<Difference> {
    type Place = (Sku, Lot, bool, Option<WarehouseId>);
    let mut places: BTreeMap<Place, (Quantity, Quantity)> = BTreeMap::new();
    for (detail, is_second) in [(first, false), (second, true)] {
        let lying = detail.stock.iter().map(|c| (&c.sku, &c.lot, Some(&c.warehouse), c.on_hand));
        let riding = detail.riding.iter().map(|r| (&r.sku, &r.lot, None, r.qty));
        for (sku, lot, warehouse, qty) in lying.chain(riding) {
            let place = (sku.clone(), lot.clone(), warehouse.is_none(), warehouse.cloned());
            let (before, after) = places.entry(place).or_default();
            let side = if is_second { after } else { before };
            *side = side.saturating_plus(qty);
        }
    }
    let moved = places.into_iter().filter(|(_, (before, after))| before != after);
    let differences = moved.map(|((sku, lot, _, warehouse), (before, after))| Difference {
        warehouse,
        sku,
        lot,
        before,
        after,
    });
    differences.collect()
}
