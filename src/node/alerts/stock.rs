//! Alerts that follow from one product as it is shown: low, out, expiring, expired.

use chrono::{Days, NaiveDate};

use crate::domain::alert::EXPIRING_DAYS;
use crate::domain::reorder::is_low;
use crate::domain::{AlertKind, ReorderRule, WarehouseId};
use crate::node::event::ProductView;
use crate::node::replenish;

/// The alerts of a product in a warehouse, with their ids.
pub(super) fn alerts(view: &ProductView, me: &WarehouseId, today: NaiveDate) -> Vec<(String, AlertKind)> {
    let sku = &view.product.sku;
    let mut found = Vec::new();
    let rule = view.rule(me).map(|state| &state.rule).filter(|_| !view.product.retired);
    if let Some(rule) = rule {
        let position = view.position(me);
        // What isn't set isn't there; 0 is a value, and a position of 0 is at it.
        if let Some(reorder_point) = view.reorder_point(me).filter(|&point| is_low(position, point)) {
            let proposal = replenish::propose(view, me, reorder_point, today);
            let from = proposal.bring.into_iter().map(|bring| (bring.warehouse, bring.qty)).collect();
            let (of, order) = (sku.clone(), proposal.order);
            let what = AlertKind::LowStock { sku: of, position, reorder_point, order, from };
            found.push((format!("low_stock:{me}:{sku}"), what));
        }
        if *rule != ReorderRule::default() && !view.on_hand(me).is_positive() {
            let what = AlertKind::OutOfStock { sku: sku.clone() };
            found.push((format!("out_of_stock:{me}:{sku}"), what));
        }
    }
    let soon = u64::try_from(EXPIRING_DAYS)
        .ok()
        .and_then(|days| today.checked_add_days(Days::new(days)))
        .unwrap_or(NaiveDate::MAX);
    let here = view.cells.iter().filter(|cell| cell.warehouse == *me && cell.on_hand.is_positive());
    for cell in here {
        let Some(expiry) = cell.expiry.filter(|&expiry| expiry <= soon) else {
            continue;
        };
        let (sku, lot, on_hand) = (sku.clone(), cell.lot.clone(), cell.on_hand);
        let about = format!("{me}:{sku}:{lot}");
        found.push(if expiry < today {
            let what = AlertKind::LotExpired { sku, lot, expiry, on_hand };
            (format!("lot_expired:{about}"), what)
        } else {
            let what = AlertKind::LotExpiring { sku, lot, expiry, on_hand };
            (format!("lot_expiring:{about}"), what)
        });
    }
    promises(view, me, today, &mut found);
    found
}

/// What was promised and does not hold: reservations that a count cut short, receipts that are late.
fn promises(view: &ProductView, me: &WarehouseId, today: NaiveDate, found: &mut Vec<(String, AlertKind)>) {
    let sku = &view.product.sku;
    for known in view.reservations.iter().filter(|r| r.id.origin == *me) {
        let Some(cut) = &known.cut else { continue };
        let what = AlertKind::ReservationCut {
            reservation: known.id.clone(),
            sku: sku.clone(),
            purpose: known.purpose.clone(),
            qty: cut.qty,
            since_ms: cut.at_ms,
        };
        found.push((cut.alert(&known.id), what));
    }
    for known in view.expectations.iter().filter(|e| e.id.origin == *me && e.due < today) {
        let (expectation, sku) = (known.id.clone(), sku.clone());
        let what = AlertKind::ReceiptOverdue { expectation, sku, left: known.left(), due: known.due };
        found.push((format!("receipt_overdue:{me}:{}", known.id), what));
    }
}
