//! Days: only those that every store writes and reads alike; what has passed is a matter of the warehouse's own midnight.

use chrono::NaiveDate;
use rubentario::domain::AdjustmentReason;

use super::*;

fn acts(day: NaiveDate) -> [Act; 6] {
    let (sku, lot, expiry) = (sku("A"), Lot::new("L1").unwrap(), Some(day));
    let line = ReceiptLine { sku: sku.clone(), lot: lot.clone(), expiry, qty: q(1) };
    let (reference, purpose) = (String::new(), "order".to_owned());
    [
        Act::Receive { lines: vec![line], reference: reference.clone() },
        Act::Adjust {
            sku: sku.clone(),
            lot: lot.clone(),
            expiry,
            delta: q(1),
            reason: AdjustmentReason::Found,
            reference: reference.clone(),
            transfer: None,
        },
        Act::Count {
            sku: sku.clone(),
            lot: lot.clone(),
            expiry,
            counted: q(1),
            pinned: None,
            reference: reference.clone(),
        },
        Act::Count {
            sku: sku.clone(),
            lot,
            expiry,
            counted: q(0),
            pinned: None,
            reference: reference.clone(),
        },
        Act::Reserve { sku: sku.clone(), lot: None, qty: q(1), purpose, until: Some(day) },
        Act::Expect { sku, qty: q(1), due: day, reference },
    ]
}

#[test]
fn a_day_that_no_store_would_read_back_is_refused_by_every_act() {
    let mut madrid = Madrid::new();
    madrid.define("A");
    madrid.receives("A", 5);
    let before = madrid.core.head();
    for day in [NaiveDate::MAX, NaiveDate::from_ymd_opt(10_000, 1, 1).unwrap(), NaiveDate::MIN] {
        for act in acts(day) {
            assert_eq!(madrid.refuses("ana", act), Refusal::DayUnusual { day });
        }
    }
    assert_eq!(madrid.core.head(), before);
    for act in acts(NaiveDate::from_ymd_opt(9999, 12, 31).unwrap()) {
        madrid.does("ana", act);
    }
}

#[test]
fn a_reservation_stands_until_midnight_at_its_own_warehouse() {
    let mut madrid = Madrid::new();
    madrid.define("A");
    madrid.receives("A", 5);
    // By UTC it is the evening of 28 May 2026.
    let today = NaiveDate::from_ymd_opt(2026, 5, 28);
    let (purpose, qty) = ("order".to_owned(), q(1));
    let act = Act::Reserve { sku: sku("A"), lot: None, qty, purpose, until: today };
    let reservation = madrid.does("ana", act.clone()).remove(0);
    let release = Act::Release { reservation, due: true };
    assert_eq!(madrid.refuses("system", release.clone()), Refusal::Nothing);
    madrid.ahead_ms = -6 * 3_600_000;
    assert_eq!(madrid.refuses("system", release.clone()), Refusal::Nothing);
    madrid.ahead_ms = 6 * 3_600_000;
    assert_eq!(madrid.refuses("ana", act), Refusal::DayPassed { day: today.unwrap() });
    assert_eq!(madrid.does("system", release).len(), 1);
}
