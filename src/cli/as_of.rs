//! The stock of an earlier moment, in the form of today's.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::{Quantity, Sku};
use crate::node::event::{CellView, ProductView, RoadView};
use crate::node::snapshots::StockThen;

/// The products of today with what lay where then.
pub(super) fn products(products: &[Arc<ProductView>], then: &StockThen) -> Vec<Arc<ProductView>> {
    let mut cells: HashMap<&Sku, Vec<CellView>> = HashMap::new();
    for cell in &then.stock {
        cells.entry(&cell.sku).or_default().push(CellView {
            warehouse: cell.warehouse.clone(),
            lot: cell.lot.clone(),
            expiry: None,
            on_hand: cell.on_hand,
            reserved: Quantity::ZERO,
            counted_ms: None,
        });
    }
    let mut roads: HashMap<&Sku, Vec<RoadView>> = HashMap::new();
    for riding in &then.riding {
        roads.entry(&riding.sku).or_default().push(RoadView {
            transfer: riding.transfer.clone(),
            from: riding.from.clone(),
            to: riding.to.clone(),
            lot: riding.lot.clone(),
            qty: riding.qty,
        });
    }
    let as_then = products.iter().map(|product| {
        let sku = &product.product.sku;
        let mut cells = cells.remove(sku).unwrap_or_default();
        for cell in &mut cells {
            let now = product.cells.iter().find(|c| c.warehouse == cell.warehouse && c.lot == cell.lot);
            cell.expiry = now.and_then(|c| c.expiry);
        }
        let roads = roads.remove(sku).unwrap_or_default();
        Arc::new(ProductView { cells, roads, issued_30d: Vec::new(), ..(**product).clone() })
    });
    as_then.collect()
}
