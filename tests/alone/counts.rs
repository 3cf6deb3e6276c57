//! Counts: each is held against the book of the moment it began.

use rubentario::domain::{AdjustmentReason, LineState, Selection, Threshold};
use rubentario::ledger::act::stocktake::{CountedLine, ReviewLine, StocktakeAct};

use super::*;

fn count(name: &str, counted: i64, pinned: u64) -> Act {
    Act::Count {
        sku: sku(name),
        lot: Lot::none(),
        expiry: None,
        counted: q(counted),
        pinned: Some(pinned),
        reference: String::new(),
    }
}

#[test]
fn two_counts_that_began_before_each_other_book_one_difference_once() {
    let mut madrid = Madrid::new();
    madrid.define("A");
    let began = madrid.receives("A", 10).seq;
    madrid.does("ana", count("A", 8, began));
    madrid.does("luis", count("A", 8, began));
    assert_eq!(madrid.on_hand("A"), q(8));
    // What moves in between is no difference.
    madrid.issues("A", 3);
    madrid.does("eva", count("A", 8, began));
    assert_eq!(madrid.on_hand("A"), q(5));
}

#[test]
fn a_count_that_is_undone_is_booked_anew_by_one_that_began_before_it() {
    let mut madrid = Madrid::new();
    madrid.define("A");
    let began = madrid.receives("A", 10).seq;
    let booked = madrid.does("ana", count("A", 8, began)).remove(0);
    madrid.reverses(booked);
    assert_eq!(madrid.on_hand("A"), q(10));
    madrid.does("luis", count("A", 8, began));
    assert_eq!(madrid.on_hand("A"), q(8));
}

fn counted(id: &TransferId, name: &str, qty: i64) -> Act {
    let line = CountedLine { sku: sku(name), lot: Lot::none(), expiry: None, counted: q(qty), pinned: None };
    Act::Stocktake(StocktakeAct::Count { stocktake: id.clone(), lines: vec![line] })
}

#[test]
fn goods_without_a_lot_are_counted_and_booked_though_their_product_has_lots_by_then() {
    let mut madrid = Madrid::new();
    for name in ["A", "B", "C"] {
        madrid.define(name);
        madrid.receives(name, 10);
    }
    let selection = Selection::All;
    let open = StocktakeAct::Open { selection, blind: false, threshold: Threshold::default() };
    let id = madrid.does("ana", Act::Stocktake(open)).remove(0);
    madrid.does("ana", counted(&id, "A", 12));
    for name in ["A", "B", "C"] {
        madrid.tracks_lots(name);
    }
    madrid.does("ana", counted(&id, "A", 12));
    madrid.does("ana", counted(&id, "B", 10));
    madrid.does("ana", count("C", 11, madrid.core.head().seq));
    let reason = Some(AdjustmentReason::Found);
    let lines = vec![ReviewLine { sku: sku("A"), lot: Lot::none(), count: None, reason }];
    madrid.does("luis", Act::Stocktake(StocktakeAct::Review { stocktake: id.clone(), lines }));
    madrid.does("luis", Act::Stocktake(StocktakeAct::Close { stocktake: id }));
    assert_eq!([madrid.on_hand("A"), madrid.on_hand("B"), madrid.on_hand("C")], [q(12), q(10), q(11)]);
    // What comes in names its lot as ever.
    let line = ReceiptLine { sku: sku("A"), lot: Lot::none(), expiry: None, qty: q(1) };
    let refusal = madrid.refuses("ana", Act::Receive { lines: vec![line], reference: String::new() });
    assert_eq!(refusal, Refusal::LotMissing { sku: sku("A") });
}

#[test]
fn what_was_counted_in_a_stocktake_is_counted_again_once_a_count_before_it_is_undone() {
    let mut madrid = Madrid::new();
    for name in ["A", "B"] {
        madrid.define(name);
        madrid.receives(name, 10);
    }
    let undone = madrid.does("ana", count("A", 8, madrid.core.head().seq)).remove(0);
    let open =
        StocktakeAct::Open { selection: Selection::All, blind: false, threshold: Threshold::default() };
    let id = madrid.does("ana", Act::Stocktake(open)).remove(0);
    madrid.does("ana", counted(&id, "A", 8));
    madrid.does("ana", counted(&id, "B", 10));
    madrid.reverses(undone);
    let state = |madrid: &Madrid, name| {
        let stocktake = madrid.core.book().stocktake(&id).unwrap();
        let line = &stocktake.lines[&(sku(name), Lot::none())];
        line.state(stocktake.head.threshold)
    };
    assert_eq!([state(&madrid, "A"), state(&madrid, "B")], [LineState::Recount, LineState::Agrees]);
    let close = StocktakeAct::Close { stocktake: id.clone() };
    assert!(matches!(madrid.refuses("luis", Act::Stocktake(close.clone())), Refusal::Stocktake { .. }));
    madrid.does("ana", counted(&id, "A", 8));
    let reason = Some(AdjustmentReason::Lost);
    let lines = vec![ReviewLine { sku: sku("A"), lot: Lot::none(), count: None, reason }];
    madrid.does("luis", Act::Stocktake(StocktakeAct::Review { stocktake: id.clone(), lines }));
    madrid.does("luis", Act::Stocktake(close));
    assert_eq!(madrid.on_hand("A"), q(8));
}
