//! Operators who do everything the verbs can, on few products so that they collide.

use chrono::NaiveDate;
use rand::RngExt as _;
use rand::rngs::ChaCha8Rng;
use rubentario::domain::{
    AdjustmentReason, Lot, Operator, ProductFields, Quantity, ReorderRule, Selection, ShortageReason, Sku,
    Threshold, TransferId, TransferState, WarehouseId,
};
use rubentario::ledger::act::stocktake::{CountedLine, ReviewLine, StocktakeAct};
use rubentario::ledger::act::{Act, ArrivalLine, ReceiptLine, Request, TakeLine};
use rubentario::protocol::Core;
use uuid::Uuid;

pub const SKUS: &[&str] = &["A", "B", "C"];

fn sku(rng: &mut ChaCha8Rng) -> Sku {
    Sku::new(SKUS[rng.random_range(0..SKUS.len())]).unwrap()
}

fn lot(rng: &mut ChaCha8Rng) -> Lot {
    Lot::new(["", "L1", "L2"][rng.random_range(0..3)]).unwrap()
}

fn qty(rng: &mut ChaCha8Rng) -> Quantity {
    Quantity::units(rng.random_range(1..20)).unwrap()
}

fn some_transfer(rng: &mut ChaCha8Rng, core: &Core, wanted: &[TransferState]) -> Option<TransferId> {
    let fitting: Vec<_> = core.book().transfers().filter(|t| wanted.contains(&t.state())).collect();
    (!fitting.is_empty()).then(|| fitting[rng.random_range(0..fitting.len())].id.clone())
}

fn one_of(rng: &mut ChaCha8Rng, ids: &[TransferId]) -> Option<TransferId> {
    (!ids.is_empty()).then(|| ids[rng.random_range(0..ids.len())].clone())
}

/// A wish of an operator at this node; not always one that can be fulfilled. In a rush mostly one for goods of the same
/// product from the same warehouse.
pub fn wish(
    rng: &mut ChaCha8Rng,
    core: &Core,
    others: &[WarehouseId],
    rush: Option<&WarehouseId>,
    id: Uuid,
) -> Request {
    if let Some(from) = rush.filter(|_| rng.random_bool(0.7)) {
        return Request { id, operator: Operator::new("ana").unwrap(), act: rushed(rng, core, from) };
    }
    let nowhere = TransferId { origin: core.me().clone(), seq: 9_999 };
    let take = |rng: &mut ChaCha8Rng| {
        let lot = rng.random_bool(0.3).then(|| lot(rng));
        TakeLine { sku: sku(rng), lot, qty: qty(rng) }
    };
    let other = others[rng.random_range(0..others.len())].clone();
    let open = [TransferState::Requested, TransferState::WithdrawalAsked];
    let act = match rng.random_range(0..28) {
        0 => Act::SetProduct {
            sku: sku(rng),
            fields: ProductFields {
                name: Some(format!("name {}", rng.random_range(0..5))),
                category: rng.random_bool(0.5).then(|| format!("category {}", rng.random_range(0..5))),
                ..ProductFields::default()
            },
            unlocked: rng.random_bool(0.1),
        },
        1..=4 => Act::Receive {
            lines: (0..rng.random_range(1..4))
                .map(|_| {
                    let (sku, lot) = (sku(rng), lot(rng));
                    let dated = rng.random_bool(0.3) && !lot.is_none();
                    let expiry = dated.then(|| NaiveDate::from_ymd_opt(2027, 1, 1).unwrap());
                    ReceiptLine { sku, lot, expiry, qty: qty(rng) }
                })
                .collect(),
            reference: String::new(),
        },
        5 | 6 => Act::Issue {
            lines: (0..rng.random_range(1..3)).map(|_| take(rng)).collect(),
            reference: "order".into(),
            allow_expired: rng.random_bool(0.5),
        },
        7 => Act::Adjust {
            sku: sku(rng),
            lot: lot(rng),
            expiry: None,
            delta: if rng.random_bool(0.5) { qty(rng) } else { qty(rng).negated() },
            reason: AdjustmentReason::Correction,
            reference: String::new(),
            transfer: None,
        },
        8 => Act::Count {
            sku: sku(rng),
            lot: lot(rng),
            expiry: None,
            counted: Quantity::units(rng.random_range(0..30)).unwrap(),
            pinned: rng.random_bool(0.5).then(|| core.head().seq.saturating_sub(rng.random_range(0..5))),
            reference: String::new(),
        },
        9 | 19 | 20 => Act::RequestTransfer {
            from: other,
            lines: (0..rng.random_range(1..3)).map(|_| take(rng)).collect(),
            reference: String::new(),
            unlocked: rng.random_bool(0.1),
        },
        10 | 11 => Act::Send {
            to: other,
            lines: (0..rng.random_range(1..3)).map(|_| take(rng)).collect(),
            reference: String::new(),
        },
        12 => {
            let transfer = some_transfer(rng, core, &open).unwrap_or(nowhere);
            match rng.random_range(0..4) {
                0 => Act::Decline { transfer, reason: String::new() },
                1 => Act::AskWithdrawal { transfer },
                _ => Act::SendRequested { transfer, lines: None, reference: String::new() },
            }
        }
        13 | 14 => take_in(rng, core, nowhere),
        15 => {
            let transfer = some_transfer(rng, core, &[TransferState::Dispatched]).unwrap_or(nowhere);
            Act::Reject { transfer, reason: "wrong".into() }
        }
        25..=27 => Act::Stocktake(stocktake(rng, core)),
        17 => Act::TakeSnapshot,
        21..=24 => promise(rng, core, nowhere),
        16 => {
            let transfer = some_transfer(rng, core, &[TransferState::Rejected]).unwrap_or(nowhere);
            Act::TakeBack { transfer, lines: Vec::new() }
        }
        _ => {
            let seq = rng.random_range(1..core.head().seq.max(1) + 1);
            if rng.random_bool(0.8) {
                Act::Reverse { entry: TransferId { origin: core.me().clone(), seq }, reason: String::new() }
            } else {
                let rule = ReorderRule { reorder_point: Some(qty(rng)), ..ReorderRule::default() };
                Act::SetRule { sku: sku(rng), rule: Some(rule), shelf: None }
            }
        }
    };
    let operator = if rng.random_bool(0.5) { "ana" } else { "luis" };
    Request { id, operator: Operator::new(operator).unwrap(), act }
}

/// All want a little of the first product, and there is enough of it.
fn rushed(rng: &mut ChaCha8Rng, core: &Core, from: &WarehouseId) -> Act {
    let sku = Sku::new(SKUS[0]).unwrap();
    if core.book().product(&sku).is_none() {
        let fields = ProductFields { name: Some("wanted".into()), ..ProductFields::default() };
        return Act::SetProduct { sku, fields, unlocked: true };
    }
    if core.me() == from {
        let line = ReceiptLine { sku, lot: Lot::none(), expiry: None, qty: Quantity::units(20).unwrap() };
        return Act::Receive { lines: vec![line], reference: String::new() };
    }
    let qty = Quantity::units(rng.random_range(1..4)).unwrap();
    let lines = vec![TakeLine { sku, lot: None, qty }];
    Act::RequestTransfer { from: from.clone(), lines, reference: String::new(), unlocked: false }
}

/// The next step of the stocktake at this node: mostly one that brings it nearer to its end.
fn stocktake(rng: &mut ChaCha8Rng, core: &Core) -> StocktakeAct {
    let Some(open) = core.book().open_stocktake(core.me()) else {
        let units = rng.random_bool(0.5).then(|| Quantity::units(3).unwrap());
        let threshold = Threshold { units, percent: None };
        return StocktakeAct::Open { selection: Selection::All, blind: rng.random_bool(0.5), threshold };
    };
    let stocktake = open.head.id.clone();
    match rng.random_range(0..10) {
        0..=3 => {
            let cells: Vec<_> = core.book().countables(core.me()).collect();
            let (sku, lot, on_hand) = if cells.is_empty() || rng.random_bool(0.1) {
                (sku(rng), lot(rng), Quantity::ZERO)
            } else {
                let cell = &cells[rng.random_range(0..cells.len())];
                (cell.sku.clone(), cell.lot.clone(), cell.on_hand)
            };
            let off = Quantity::units(rng.random_range(-3..5)).unwrap();
            let counted = on_hand.saturating_plus(off).max(Quantity::ZERO);
            let pinned = rng.random_bool(0.5).then(|| core.head().seq.saturating_sub(rng.random_range(0..5)));
            let lines = vec![CountedLine { sku, lot, expiry: None, counted, pinned }];
            StocktakeAct::Count { stocktake, lines }
        }
        4..=7 => {
            let lines = open.lines.values().map(|line| ReviewLine {
                sku: line.sku.clone(),
                lot: line.lot.clone(),
                count: Some(line.entry),
                reason: rng.random_bool(0.9).then_some(AdjustmentReason::Lost),
            });
            let lines: Vec<_> = lines.collect();
            let some = rng.random_range(0..=lines.len());
            StocktakeAct::Review { stocktake, lines: lines.into_iter().take(some).collect() }
        }
        8 => StocktakeAct::Close { stocktake },
        _ if rng.random_bool(0.2) => StocktakeAct::Drop { stocktake },
        _ => StocktakeAct::Close { stocktake },
    }
}

/// Something about a reservation or an expected receipt; `nowhere` is one that isn't there.
fn promise(rng: &mut ChaCha8Rng, core: &Core, nowhere: TransferId) -> Act {
    match rng.random_range(0..4) {
        0 => Act::Reserve {
            sku: sku(rng),
            lot: rng.random_bool(0.3).then(|| lot(rng)),
            qty: qty(rng),
            purpose: "order".into(),
            until: None,
        },
        1 => {
            let standing: Vec<_> = core.book().reservations_in(core.me()).map(|r| r.id.clone()).collect();
            let reservation = one_of(rng, &standing).unwrap_or(nowhere);
            if rng.random_bool(0.3) {
                Act::Release { reservation, due: false }
            } else {
                let qty = rng.random_bool(0.5).then(|| qty(rng));
                Act::IssueReserved { reservation, qty, reference: String::new(), allow_expired: true }
            }
        }
        2 => Act::Expect {
            sku: sku(rng),
            qty: qty(rng),
            due: NaiveDate::from_ymd_opt(9999, 12, 31).unwrap(),
            reference: String::new(),
        },
        _ => {
            let sku = sku(rng);
            let own = core.book().expectations_of(&sku).filter(|e| e.id.origin == *core.me());
            let expectation = one_of(rng, &own.map(|e| e.id.clone()).collect::<Vec<_>>()).unwrap_or(nowhere);
            if rng.random_bool(0.3) {
                Act::CloseExpectation { expectation, reason: String::new() }
            } else {
                let (lot, qty) = (lot(rng), rng.random_bool(0.5).then(|| qty(rng)));
                Act::ReceiveExpected { expectation, lot, expiry: None, qty, reference: String::new() }
            }
        }
    }
}

/// Goods that came in, sometimes not all; `nowhere` is a transfer that isn't there.
fn take_in(rng: &mut ChaCha8Rng, core: &Core, nowhere: TransferId) -> Act {
    let transfer = some_transfer(rng, core, &[TransferState::Dispatched]).unwrap_or(nowhere);
    let first = core.book().transfer(&transfer).and_then(|t| t.dispatch.clone());
    let short = first.filter(|_| rng.random_bool(0.3)).map(|d| ArrivalLine {
        sku: d.lines[0].sku.clone(),
        lot: Some(d.lines[0].lot.clone()),
        arrived: Quantity::ZERO,
        reason: Some(ShortageReason::Missing),
    });
    Act::TakeIn { transfer, lines: short.into_iter().collect() }
}
