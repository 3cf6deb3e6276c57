//! Since when an alert stands that was there already when this process began: found in the history, so that nothing
//! has to be kept for it.

use std::collections::{BTreeMap, HashMap};

use crate::domain::{AlertKind, Lot, MovementKind, Quantity, Sku, WarehouseId};
use crate::ledger::MovementRow;
use crate::ledger::book::{Arrival, Transfer};
use crate::store::{HistoryQuery, Store, StoreError};

/// What moves goods in a warehouse.
const MOVING: [MovementKind; 8] = [
    MovementKind::Receipt,
    MovementKind::Issue,
    MovementKind::Adjustment,
    MovementKind::Count,
    MovementKind::TransferDispatched,
    MovementKind::TransferReceived,
    MovementKind::TransferReturned,
    MovementKind::Reversal,
];
/// Rows that are asked for at once, and pages at most: beyond them the alert is at least as old as the last.
const PAGE: u32 = 200;
const PAGES: usize = 10;

/// Which levels raise the alert, in thousandths.
#[derive(Debug, Clone, Copy)]
enum Raises {
    AtMost(i64),
    Above(i64),
}

/// A level changed by so much, at a time in milliseconds since 1970 UTC.
type Steps = BTreeMap<i64, i64>;

/// An alert whose beginning is to be looked for.
#[derive(Debug, Clone)]
pub struct Undated {
    /// The alert.
    pub id: String,
    sku: Sku,
    /// Only goods of this lot count.
    lot: Option<Lot>,
    level: i64,
    raises: Raises,
    /// What changes the level beside the own movements: goods that set out to us and arrived.
    roads: Steps,
    /// The alert can't be older.
    not_before: i64,
}

/// Goods on the road to a warehouse, by product: more when they set out, less when they arrived or were back.
pub fn roads<'a>(transfers: impl Iterator<Item = &'a Transfer>, me: &WarehouseId) -> HashMap<Sku, Steps> {
    let mut roads: HashMap<Sku, Steps> = HashMap::new();
    for transfer in transfers.filter(|transfer| transfer.to == *me) {
        let Some(dispatch) = &transfer.dispatch else { continue };
        let end = [&transfer.receipt, &transfer.returned].into_iter().flatten().next();
        let end: Option<&Arrival> = end;
        for line in &dispatch.lines {
            let steps = roads.entry(line.sku.clone()).or_default();
            let qty = line.qty.thousandths();
            add(steps, dispatch.mark.at_ms, qty);
            if let Some(end) = end {
                add(steps, end.mark.at_ms, -qty);
            }
        }
    }
    roads
}

impl Undated {
    /// What to look for of an alert; none where the alert itself tells, or nothing does.
    #[must_use]
    pub fn of(id: &str, what: &AlertKind, not_before: i64, roads: &HashMap<Sku, Steps>) -> Option<Self> {
        let (sku, lot, level, raises, roads) = match what {
            AlertKind::LowStock { sku, position, reorder_point, .. } => {
                let raises = Raises::AtMost(reorder_point.thousandths());
                (sku, None, *position, raises, roads.get(sku).cloned().unwrap_or_default())
            }
            AlertKind::OutOfStock { sku } => (sku, None, Quantity::ZERO, Raises::AtMost(0), Steps::default()),
            AlertKind::LotExpiring { sku, lot, on_hand, .. }
            | AlertKind::LotExpired { sku, lot, on_hand, .. } => {
                (sku, Some(lot.clone()), *on_hand, Raises::Above(0), Steps::default())
            }
            _ => return None,
        };
        Some(Self {
            id: id.to_owned(),
            sku: sku.clone(),
            lot,
            level: level.thousandths(),
            raises,
            roads,
            not_before,
        })
    }

    /// When it began, as far as the history tells.
    ///
    /// # Errors
    /// When the store doesn't answer.
    pub async fn look(&self, store: &Store, me: &WarehouseId) -> Result<Option<i64>, StoreError> {
        let mut query = HistoryQuery {
            sku: Some(self.sku.clone()),
            warehouse: Some(me.clone()),
            kinds: MOVING.to_vec(),
            limit: PAGE,
            ..HistoryQuery::default()
        };
        let mut steps = Steps::default();
        for _ in 0..PAGES {
            let page = store.history(&query).await?;
            self.count(&page.rows, &mut steps);
            if let Some(at_ms) = self.began(&steps, page.next.is_none()) {
                return Ok(Some(at_ms.max(self.not_before)));
            }
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
        Ok(steps.keys().next().map(|&at_ms| at_ms.max(self.not_before)))
    }

    fn count(&self, rows: &[MovementRow], steps: &mut Steps) {
        for row in rows.iter().filter(|row| self.lot.as_ref().is_none_or(|lot| *lot == row.lot)) {
            add(steps, row.at_ms, row.qty.thousandths());
        }
    }

    /// The last step that led to a level which raises the alert, walking back from now; what happened at one moment
    /// counts as one step. `whole`: there are no older movements.
    fn began(&self, steps: &Steps, whole: bool) -> Option<i64> {
        let oldest = if whole { i64::MIN } else { *steps.keys().next()? };
        let mut all = steps.clone();
        for (&at_ms, &change) in self.roads.range(oldest..) {
            add(&mut all, at_ms, change);
        }
        let mut level = self.level;
        for (&at_ms, &change) in all.iter().rev() {
            level = level.saturating_sub(change);
            let raises = match self.raises {
                Raises::AtMost(most) => level <= most,
                Raises::Above(least) => level > least,
            };
            if !raises {
                return Some(at_ms);
            }
        }
        None
    }
}

fn add(steps: &mut Steps, at_ms: i64, change: i64) {
    let step = steps.entry(at_ms).or_default();
    *step = step.saturating_add(change);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn low(position: i64, roads: &[(i64, i64)]) -> Undated {
        let sku = Sku::new("GLOVES").unwrap();
        let what = AlertKind::LowStock {
            sku: sku.clone(),
            position: Quantity::from_thousandths(position).unwrap(),
            reorder_point: Quantity::from_thousandths(50).unwrap(),
            order: Quantity::ZERO,
            from: vec![],
        };
        let roads = HashMap::from([(sku, roads.iter().copied().collect())]);
        Undated::of("x", &what, 0, &roads).unwrap()
    }

    #[test]
    fn low_stock_began_with_the_movement_that_crossed_the_point_not_with_the_last_one() {
        let steps = Steps::from([(1, 100), (2, -40), (3, -20), (4, -5)]);
        assert_eq!(low(35, &[]).began(&steps, true), Some(3));
    }

    #[test]
    fn goods_on_the_road_kept_it_up_until_they_came_short() {
        // 40 here and 30 on the road since 5; at 9 only 4 of them arrived.
        let steps = Steps::from([(1, 40), (9, 4)]);
        assert_eq!(low(44, &[(5, 30), (9, -30)]).began(&steps, true), Some(9));
        // What arrived whole changed nothing: it was low before, and has been up in between.
        let steps = Steps::from([(1, 60), (3, -40), (9, 20)]);
        assert_eq!(low(40, &[(2, 20), (9, -20)]).began(&steps, true), Some(3));
    }

    #[test]
    fn what_was_always_so_began_with_the_first_movement_and_a_part_of_the_history_does_not_decide() {
        let steps = Steps::from([(7, 10), (8, 5)]);
        assert_eq!(low(15, &[]).began(&steps, true), None);
        assert_eq!(low(15, &[(3, 90)]).began(&steps, false), None, "older roads wait for older movements");
    }
}
