//! What each warehouse begins with: rules, shelves, stock with lots, a few movements, and what is promised.
//!
//! Everything follows from the product's place in the catalogue and the warehouse's place in the list, so that two
//! runs on one day are alike.

use chrono::{Datelike as _, Days, NaiveDate};

use super::catalogue::{Ware, by_category, wares};
use super::error::DataError;
use super::promises::promises;
use crate::domain::{AdjustmentReason, Lot, Quantity, ReorderRule};
use crate::ledger::act::{Act, ReceiptLine, TakeLine};

/// Stock in percent of the reorder point, dealt out around: two of these are low, one is empty.
const LEVELS: [i64; 19] =
    [210, 160, 255, 120, 185, 60, 230, 140, 300, 175, 0, 150, 225, 195, 35, 270, 165, 240, 130];
/// The level of the products that the script and the story move.
const STEADY_LEVEL: i64 = 220;
/// The products that the script and the story move: there is enough of them everywhere.
pub const STEADY: [&str; 11] = [
    "GU-NIT-M",
    "GU-NIT-L",
    "GU-ANT-9",
    "MA-FFP2",
    "CA-BL",
    "CH-AV-L",
    "GA-INC",
    "BO-S3-42",
    "GE-HID-500",
    "AL-70",
    "AB-MIN",
];
/// Days from today to the expiry of a lot-tracked product's older lot, dealt out around; some are past.
const OLDER_EXPIRES: [i64; 13] = [75, 12, 140, -9, 26, 210, 5, 95, -33, 165, 19, 60, 120];
/// Of the stock, what the older lot makes up, in percent: little of it is left where it is past its date.
const OLDER_SHARE: (i64, i64) = (40, 8);
/// What the other warehouses' rules are, in percent of the central one's.
const BRANCH_SHARE: i64 = 60;

/// What a warehouse does first, in order; the first one also defines the catalogue.
///
/// # Errors
/// Never, for the data there is.
pub fn opening(place: usize, today: NaiveDate) -> Result<Vec<Act>, DataError> {
    let mut acts = Vec::new();
    if place == 0 {
        for ware in wares() {
            acts.push(ware.definition()?);
        }
    }
    for ware in wares().filter(|ware| is_kept(ware, place)) {
        acts.push(rule(&ware, place)?);
    }
    for (number, (_, group)) in (1..).zip(by_category()) {
        let mut lines = Vec::new();
        for ware in group.iter().filter(|ware| is_kept(ware, place)) {
            lines.extend(receipt_lines(ware, place, today)?);
        }
        if !lines.is_empty() {
            let reference = format!("Inventario inicial {}/{number:02}", place + 1);
            acts.push(Act::Receive { lines, reference });
        }
    }
    acts.extend(issues(place)?);
    acts.extend(corrections(place)?);
    acts.extend(promises(place, today)?);
    Ok(acts)
}

/// Whether a warehouse has the product in its range: the central one has all.
fn is_kept(ware: &Ware, place: usize) -> bool {
    place == 0 || is_steady(ware) || (ware.place + place * 3) % 7 != 3
}

fn is_steady(ware: &Ware) -> bool {
    STEADY.contains(&ware.sku)
}

/// At how many units a warehouse reorders a product.
#[must_use]
pub fn reorder_point(ware: &Ware, place: usize) -> i64 {
    if place == 0 { ware.point } else { (ware.point * BRANCH_SHARE + 99) / 100 }
}

fn rule(ware: &Ware, place: usize) -> Result<Act, DataError> {
    let point = reorder_point(ware, place);
    let pack = (ware.pack > 0).then(|| Quantity::units(ware.pack)).transpose()?;
    let rule = ReorderRule {
        reorder_point: Some(Quantity::units(point)?),
        maximum: Some(Quantity::units(point * 3)?),
        multiple: pack,
        minimum_order: pack,
        lead_time_days: Some([2, 3, 5, 7, 10][ware.place % 5]),
        ..ReorderRule::default()
    };
    let aisle = ["A", "B", "C", "D", "E"][(ware.place / 16 + place) % 5];
    let shelf = format!("{aisle}-{:02}-{}", ware.place % 16 + 1, (ware.place + place) % 4 + 1);
    Ok(Act::SetRule { sku: ware.sku()?, rule: Some(rule), shelf: Some(shelf) })
}

/// What a warehouse has of a product at first, in thousandths of its unit.
fn stock(ware: &Ware, place: usize) -> i64 {
    let level =
        if is_steady(ware) { STEADY_LEVEL } else { LEVELS[(ware.place * 7 + place * 5) % LEVELS.len()] };
    whole_steps(ware, reorder_point(ware, place) * level * 10)
}

/// Down to what the product can be counted in.
fn whole_steps(ware: &Ware, thousandths: i64) -> i64 {
    let step = 10_i64.pow(u32::from(3_u8.saturating_sub(ware.unit.decimals())));
    thousandths / step * step
}

fn receipt_lines(ware: &Ware, place: usize, today: NaiveDate) -> Result<Vec<ReceiptLine>, DataError> {
    let all = stock(ware, place);
    let line = |lot, expiry, thousandths| -> Result<ReceiptLine, DataError> {
        Ok(ReceiptLine { sku: ware.sku()?, lot, expiry, qty: Quantity::from_thousandths(thousandths)? })
    };
    if !ware.lots {
        return if all > 0 { Ok(vec![line(Lot::none(), None, all)?]) } else { Ok(Vec::new()) };
    }
    let mut lines = Vec::new();
    let [(older, older_expiry), (newer, newer_expiry)] = lots(ware, today)?;
    let share = if older_expiry < today { OLDER_SHARE.1 } else { OLDER_SHARE.0 };
    let of_older = whole_steps(ware, all * share / 100);
    for (lot, expiry, thousandths) in [(older, older_expiry, of_older), (newer, newer_expiry, all - of_older)]
    {
        if thousandths > 0 {
            lines.push(line(lot, Some(expiry), thousandths)?);
        }
    }
    Ok(lines)
}

/// The two lots of a product, the same in every warehouse, the one that expires first in front.
fn lots(ware: &Ware, today: NaiveDate) -> Result<[(Lot, NaiveDate); 2], DataError> {
    let days = if is_steady(ware) { 180 } else { OLDER_EXPIRES[ware.place % OLDER_EXPIRES.len()] };
    let later = 300 + i64::try_from(ware.place).unwrap_or(0) * 29 % 400;
    let lot = |days: i64, batch: &str| -> Result<(Lot, NaiveDate), DataError> {
        let expiry = on_day(today, days);
        // As makers do it: year and day of the making, two years before, and a letter.
        let name = format!("{:02}{:03}{batch}", (expiry.year() - 2).rem_euclid(100), expiry.ordinal());
        Ok((Lot::new(&name)?, expiry))
    };
    Ok([lot(days, "A")?, lot(later, "B")?])
}

fn on_day(today: NaiveDate, days: i64) -> NaiveDate {
    let distance = Days::new(days.unsigned_abs());
    let day = if days < 0 { today.checked_sub_days(distance) } else { today.checked_add_days(distance) };
    day.unwrap_or(today)
}

/// A few customers' orders: a tenth of the stock of every fifth product.
fn issues(place: usize) -> Result<Vec<Act>, DataError> {
    let mut acts = Vec::new();
    for ware in wares().filter(|ware| is_kept(ware, place) && !is_steady(ware)) {
        let qty = whole_steps(&ware, stock(&ware, place) / 10);
        if (ware.place + place).is_multiple_of(5) && qty > 0 {
            let qty = Quantity::from_thousandths(qty)?;
            let lines = vec![TakeLine { sku: ware.sku()?, lot: None, qty }];
            let reference = format!("Pedido {}", 3300 + ware.place * 3 + place);
            acts.push(Act::Issue { lines, reference, allow_expired: false });
        }
    }
    Ok(acts)
}

/// Breakage, and a count that finds one less.
fn corrections(place: usize) -> Result<Vec<Act>, DataError> {
    let mut acts = Vec::new();
    for ware in wares() {
        match ware.sku {
            "GA-INC" => acts.push(Act::Adjust {
                sku: ware.sku()?,
                lot: Lot::none(),
                expiry: None,
                delta: Quantity::units(-2)?,
                reason: AdjustmentReason::Damaged,
                reference: "Caja golpeada en el muelle".to_owned(),
                transfer: None,
            }),
            "CA-BL" => acts.push(Act::Count {
                sku: ware.sku()?,
                lot: Lot::none(),
                expiry: None,
                counted: Quantity::from_thousandths(stock(&ware, place) - Quantity::SCALE)?,
                pinned: None,
                reference: "Recuento mensual".to_owned(),
            }),
            _ => {}
        }
    }
    Ok(acts)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::demo::WAREHOUSES;
    use crate::domain::reorder::is_low;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 2, 27).unwrap()
    }

    fn first_lines(place: usize) -> Vec<ReceiptLine> {
        let receipts = opening(place, today()).unwrap().into_iter().filter_map(|act| match act {
            Act::Receive { lines, .. } => Some(lines),
            _ => None,
        });
        receipts.flatten().collect()
    }

    #[test]
    fn every_warehouse_has_some_low_some_empty_and_mostly_enough() {
        for place in 0..WAREHOUSES.len() {
            let kept: Vec<_> = wares().filter(|ware| is_kept(ware, place)).collect();
            let low = |ware: &&Ware| {
                let point = Quantity::units(reorder_point(ware, place)).unwrap();
                is_low(Quantity::from_thousandths(stock(ware, place)).unwrap(), point)
            };
            let (low, empty) =
                (kept.iter().filter(low).count(), kept.iter().filter(|ware| stock(ware, place) == 0).count());
            assert!((3..=kept.len() / 4).contains(&low), "{place}: {low} of {} low", kept.len());
            assert!((1..=6).contains(&empty), "{place}: {empty} empty");
            assert!(kept.len() >= 60 * 3 / 4, "{place}: {}", kept.len());
        }
    }

    #[test]
    fn some_lots_are_past_their_date_and_some_expire_within_a_month() {
        for place in 0..WAREHOUSES.len() {
            let days: Vec<_> = first_lines(place)
                .iter()
                .filter_map(|l| l.expiry.map(|e| (e - today()).num_days()))
                .collect();
            assert!(days.iter().filter(|&&d| d < 0).count() >= 1, "{place}: {days:?}");
            assert!(days.iter().filter(|&&d| (0..=30).contains(&d)).count() >= 2, "{place}: {days:?}");
            assert!(days.iter().filter(|&&d| d > 30).count() >= 10, "{place}: {days:?}");
        }
    }

    #[test]
    fn rules_order_up_to_more_than_the_point_and_name_a_shelf() {
        for place in 0..WAREHOUSES.len() {
            for act in opening(place, today()).unwrap() {
                if let Act::SetRule { sku, rule, shelf } = act {
                    let rule = rule.unwrap();
                    assert!(rule.maximum > rule.reorder_point, "{sku}");
                    assert!(shelf.is_some_and(|shelf| !shelf.is_empty()), "{sku}");
                }
            }
        }
    }
}
