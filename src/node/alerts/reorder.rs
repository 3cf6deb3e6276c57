//! What to do about low stock: how much is wanted, and which warehouses can spare some of it.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::domain::reorder::{Cover, to_order};
use crate::domain::{Quantity, ReorderRule, WarehouseId};
use crate::node::event::ProductView;

/// Days over which issues are looked at.
const WINDOW_DAYS: u32 = 30;

/// What to order, and who can spare how much of it, best first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Suggestion {
    /// Up to the rule's maximum; zero where it has none.
    pub(super) order: Quantity,
    /// Warehouses with a surplus, together at most the order where there is one.
    pub(super) from: Vec<(WarehouseId, Quantity)>,
}

pub(super) fn suggest(view: &ProductView, me: &WarehouseId, rule: &ReorderRule) -> Suggestion {
    let ordered = rule.maximum.map(|maximum| {
        let position = view.position(me);
        // Beyond what can be counted there is nothing to suggest.
        to_order(position, maximum, rule.multiple, rule.minimum_order).unwrap_or_default()
    });
    let others: BTreeSet<&WarehouseId> = view.cells.iter().map(|cell| &cell.warehouse).collect();
    let mut spare: Vec<(Reverse<Cover>, &WarehouseId, Quantity)> = others
        .into_iter()
        .filter(|&warehouse| warehouse != me)
        .map(|warehouse| {
            let cover = Cover::of(view.available(warehouse), view.issued_30d(warehouse), WINDOW_DAYS);
            (Reverse(cover), warehouse, surplus(view, warehouse))
        })
        .filter(|(_, _, surplus)| surplus.is_positive())
        .collect();
    spare.sort();
    let mut wanted = ordered.filter(|order| order.is_positive());
    let mut from = Vec::new();
    for (_, warehouse, surplus) in spare {
        let given = wanted.map_or(surplus, |left| left.min(surplus));
        if !given.is_positive() {
            break;
        }
        wanted = wanted.map(|left| left.saturating_plus(given.negated()));
        from.push((warehouse.clone(), given));
    }
    Suggestion { order: ordered.unwrap_or_default(), from }
}

/// What a warehouse can give and still be above its own reorder point, in whole steps of the product.
fn surplus(view: &ProductView, warehouse: &WarehouseId) -> Quantity {
    let step = 10_i64.pow(3 - u32::from(view.product.decimals.min(3)));
    let available = view.available(warehouse);
    let point = view.rule(warehouse).and_then(|state| state.rule.reorder_point);
    let spare = match point {
        Some(point) => available.thousandths() - point.thousandths() - 1,
        None => available.thousandths(),
    };
    // Both are below 10^15, so the difference is in range; the bound is for show.
    Quantity::from_thousandths(spare.max(0) / step * step).unwrap_or_default()
}
