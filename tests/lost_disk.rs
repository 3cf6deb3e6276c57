//! A warehouse that lost its disk, on cores in memory: what the others hold of its ledger comes back, and what an old
//! disk says is not believed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "simulation/disk.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod disk;
#[path = "support/net.rs"]
mod net;

use net::{Net, id, product, receipt, sku};
use rubentario::domain::{
    AdjustmentReason, LineState, Lot, Operator, Quantity, Refusal, Selection, Threshold,
};
use rubentario::ledger::act::stocktake::{CountedLine, ReviewLine, StocktakeAct};
use rubentario::ledger::act::{Act, Outcome, ReceiptLine, Request};
use rubentario::ledger::book::StockKey;
use rubentario::protocol::Input;
use uuid::Uuid;

#[test]
fn an_old_disk_that_is_put_back_writes_nothing_though_it_is_longer_than_what_went_on() {
    let mut net = Net::of(&["madrid", "sevilla"], true);
    net.records("madrid", product());
    net.run(2_000);
    net.stop("sevilla");
    for _ in 0..5 {
        net.records("madrid", receipt(1));
    }
    let old = net.nodes[&id("madrid")].disk.clone();
    net.stop("madrid");
    net.start("sevilla");
    net.lose_disk("madrid", 1);
    net.run(30_000);
    let went_on = net.core("madrid").head();
    assert!(went_on.incarnation > 1 && old.ledger(&id("madrid"), went_on.seq + 1).next().is_some());

    net.stop("madrid");
    net.nodes.get_mut(&id("madrid")).unwrap().disk = old.clone();
    net.start("madrid");
    net.run(30_000);
    assert!(net.core("madrid").stopped().is_some());
    assert!(matches!(net.refuses("madrid", receipt(1)), Refusal::Stopped { .. }));
    let written = net.nodes[&id("madrid")].disk.ledger(&id("madrid"), 1).count();
    assert_eq!(written, old.ledger(&id("madrid"), 1).count());
    assert_eq!(net.core("sevilla").book().head(&id("madrid")), went_on);
}

/// So many differences that no message holds all of them.
const LOTS: usize = 450;

fn lots() -> impl Iterator<Item = Lot> {
    (0..LOTS).map(|n| Lot::new(&format!("L{n:03}")).unwrap())
}

fn units(n: i64) -> Quantity {
    Quantity::units(n).unwrap()
}

fn on_hand(net: &Net, lot: &Lot) -> Quantity {
    let key = StockKey { warehouse: id("madrid"), sku: sku(), lot: lot.clone() };
    net.core("madrid").book().cell(&key).unwrap().on_hand
}

/// Madrid has ten of each lot, and has counted and reviewed eight.
fn counted(net: &mut Net) -> Act {
    net.records("madrid", product());
    let lots: Vec<_> = lots().collect();
    let receipt = |lot: &Lot| ReceiptLine { sku: sku(), lot: lot.clone(), expiry: None, qty: units(10) };
    for some in lots.chunks(200) {
        let lines = some.iter().map(receipt).collect();
        net.records("madrid", Act::Receive { lines, reference: String::new() });
    }
    let step =
        StocktakeAct::Open { selection: Selection::All, blind: false, threshold: Threshold::default() };
    let Outcome::Recorded { entries } = net.does("madrid", Act::Stocktake(step)) else {
        panic!("not opened")
    };
    let stocktake = entries[0].clone();
    let count = |lot: &Lot| CountedLine {
        sku: sku(),
        lot: lot.clone(),
        expiry: None,
        counted: units(8),
        pinned: None,
    };
    for some in lots.chunks(200) {
        let (stocktake, lines) = (stocktake.clone(), some.iter().map(count).collect());
        net.records("madrid", Act::Stocktake(StocktakeAct::Count { stocktake, lines }));
    }
    let reason = Some(AdjustmentReason::Lost);
    let lines =
        lots.iter().map(|lot| ReviewLine { sku: sku(), lot: lot.clone(), count: None, reason }).collect();
    let review = Act::Stocktake(StocktakeAct::Review { stocktake: stocktake.clone(), lines });
    net.records_of("madrid", "luis", review);
    Act::Stocktake(StocktakeAct::Close { stocktake })
}

#[test]
fn a_closing_of_which_others_hold_a_part_books_the_rest_and_nothing_twice() {
    let mut net = Net::of(&["madrid", "sevilla"], true);
    let close = counted(&mut net);
    net.run(2_000);
    net.up_to_first_seal = true;
    let request = Request { id: Uuid::from_u128(77), operator: Operator::new("luis").unwrap(), act: close };
    net.input("madrid", Input::Request { request: request.clone(), known: Vec::new(), target: None });
    net.run(50);
    net.stop("madrid");
    net.run(50);
    net.up_to_first_seal = false;
    net.lose_disk("madrid", 1);
    net.run(30_000);
    let open = net.core("madrid").book().open_stocktake(&id("madrid")).expect("its closing is lost");
    let booked = open.lines.values().filter(|line| line.booked.is_some()).count();
    assert!(booked > 0 && booked < LOTS, "{booked} came back");
    assert_eq!(open.in_state(LineState::Accepted), LOTS);
    let open_id = open.head.id.clone();

    let known = net.nodes[&id("madrid")].disk.command(&id("madrid"), request.id);
    assert_eq!(known.len(), booked);
    net.input("madrid", Input::Request { request: request.clone(), known, target: None });
    net.run(50);
    let (kept, of) = (u32::try_from(booked).unwrap(), u32::try_from(LOTS + 1).unwrap());
    let half = Outcome::Refused { refusal: Refusal::HalfRecorded { kept, of } };
    assert_eq!(net.answers.remove(&request.id), Some(half));

    // What moved in entries that came back isn't known: a count that began before them is too old.
    let began = open_id.seq;
    let lot = lots().next().unwrap();
    let late = Act::Count {
        sku: sku(),
        lot: lot.clone(),
        expiry: None,
        counted: units(8),
        pinned: Some(began),
        reference: String::new(),
    };
    assert_eq!(net.refuses("madrid", late), Refusal::CountTooOld { sku: sku() });
    // One that was booked is counted again against the book with it: it agrees.
    let line = CountedLine { sku: sku(), lot, expiry: None, counted: units(8), pinned: None };
    let again = StocktakeAct::Count { stocktake: open_id.clone(), lines: vec![line] };
    net.records("madrid", Act::Stocktake(again));
    let open = net.core("madrid").book().stocktake(&open_id).unwrap();
    assert_eq!((open.in_state(LineState::Agrees), open.in_state(LineState::Accepted)), (1, LOTS - 1));

    let Outcome::Recorded { entries } = net.does("madrid", request.act) else { panic!("not closed") };
    assert_eq!(entries.len(), LOTS - booked + 1);
    assert!(lots().all(|lot| on_hand(&net, &lot) == units(8)));
    net.run(5_000);
    assert_eq!(net.core("sevilla").book().cut(), net.core("madrid").book().cut(), "and sevilla follows");
}

#[test]
fn a_request_that_a_message_holds_comes_back_whole_or_not_at_all() {
    let mut net = Net::of(&["madrid", "sevilla"], true);
    net.records("madrid", product());
    net.run(2_000);
    net.up_to_first_seal = true;
    let lots: Vec<_> = lots().collect();
    let long = "x".repeat(150);
    let receipt = |lot: &Lot| ReceiptLine { sku: sku(), lot: lot.clone(), expiry: None, qty: units(10) };
    let lines: Vec<_> = lots.iter().take(200).map(receipt).collect();
    net.records("madrid", Act::Receive { lines, reference: long });
    net.run(50);
    let book = net.core("sevilla").book();
    let came = lots.iter().filter(|lot| {
        let key = StockKey { warehouse: id("madrid"), sku: sku(), lot: (*lot).clone() };
        book.cell(&key).is_some()
    });
    assert_eq!(came.count(), 200);
}
