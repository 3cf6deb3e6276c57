//! A stocktake at the doors of a node: counted while goods move, over a restart, reviewed by somebody else, booked in
//! one go.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "support/hand.rs"]
mod hand;

use hand::{Hand, config};
use rubentario::domain::{
    AdjustmentReason, LineState, Lot, MovementKind, Operator, Quantity, Refusal, Selection, Sku,
    StocktakeProblem, Threshold, TransferId,
};
use rubentario::ledger::act::stocktake::{CountedLine, ReviewLine, StocktakeAct};
use rubentario::ledger::act::{Act, Outcome, ReceiptLine, Request, TakeLine};
use rubentario::ledger::book::Stocktake;
use rubentario::node::stocktakes::{counts_due, rows};
use uuid::Uuid;

fn sku(name: &str) -> Sku {
    Sku::new(name).unwrap()
}

fn q(n: i64) -> Quantity {
    Quantity::units(n).unwrap()
}

async fn ask(hand: &mut Hand, operator: &str, act: Act) -> Outcome {
    let operator = Operator::new(operator).unwrap();
    hand.ask_again(Request { id: Uuid::now_v7(), operator, act }).await
}

async fn done(hand: &mut Hand, operator: &str, act: Act) -> Vec<TransferId> {
    match ask(hand, operator, act).await {
        Outcome::Recorded { entries } => entries,
        Outcome::Refused { refusal } => panic!("{refusal}"),
    }
}

async fn problem(hand: &mut Hand, operator: &str, step: StocktakeAct) -> StocktakeProblem {
    match ask(hand, operator, Act::Stocktake(step)).await {
        Outcome::Refused { refusal: Refusal::Stocktake { problem } } => problem,
        other => panic!("{other:?}"),
    }
}

async fn stock(hand: &mut Hand, all: &[(&str, i64)]) {
    for (name, qty) in all {
        let fields = rubentario::domain::ProductFields {
            name: Some((*name).to_owned()),
            unit: Some("ud".into()),
            decimals: Some(0),
            ..Default::default()
        };
        let act = Act::SetProduct { sku: sku(name), fields, unlocked: false };
        done(hand, "ana", act).await;
        let shelf = Some(format!("A-{name}"));
        done(hand, "ana", Act::SetRule { sku: sku(name), rule: None, shelf }).await;
        let line = ReceiptLine { sku: sku(name), lot: Lot::none(), expiry: None, qty: q(*qty) };
        done(hand, "ana", Act::Receive { lines: vec![line], reference: String::new() }).await;
    }
}

async fn issue(hand: &mut Hand, name: &str, qty: i64) {
    let lines = vec![TakeLine { sku: sku(name), lot: None, qty: q(qty) }];
    let act = Act::Issue { lines, reference: String::new(), allow_expired: false };
    done(hand, "ana", act).await;
}

async fn open(hand: &mut Hand, threshold: Threshold) -> TransferId {
    let step = StocktakeAct::Open { selection: Selection::All, blind: true, threshold };
    done(hand, "ana", Act::Stocktake(step)).await.remove(0)
}

fn counted(name: &str, qty: i64, pinned: Option<u64>) -> CountedLine {
    CountedLine { sku: sku(name), lot: Lot::none(), expiry: None, counted: q(qty), pinned }
}

fn count(id: &TransferId, lines: Vec<CountedLine>) -> StocktakeAct {
    StocktakeAct::Count { stocktake: id.clone(), lines }
}

fn review(id: &TransferId, name: &str, reason: Option<AdjustmentReason>) -> StocktakeAct {
    let line = ReviewLine { sku: sku(name), lot: Lot::none(), count: None, reason };
    StocktakeAct::Review { stocktake: id.clone(), lines: vec![line] }
}

fn on_hand(hand: &Hand, name: &str) -> Quantity {
    let here = hand.model.status.as_ref().unwrap().warehouse.clone();
    hand.model.products[&sku(name)].on_hand(&here)
}

fn state(hand: &Hand, id: &TransferId, name: &str) -> Option<LineState> {
    hand.model.stocktakes[id].state_of(&sku(name), &Lot::none())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn goods_move_while_they_are_counted_and_a_restart_loses_nothing() {
    let home = tempfile::tempdir().unwrap();
    let config = config(home.path(), "madrid");
    let node = rubentario::node::start(config.clone()).await.unwrap();
    let mut hand = Hand::at(&node).await;
    stock(&mut hand, &[("A", 10), ("B", 5), ("C", 7)]).await;
    let id = open(&mut hand, Threshold { units: Some(q(2)), percent: None }).await;

    // A is short of one when counting it begins; two leave before the count is noted.
    let began = id.seq;
    issue(&mut hand, "A", 2).await;
    done(&mut hand, "ana", Act::Stocktake(count(&id, vec![counted("A", 9, Some(began))]))).await;
    // B is far off and must be counted twice.
    done(&mut hand, "ana", Act::Stocktake(count(&id, vec![counted("B", 1, None)]))).await;
    let wanted = id.clone();
    hand.until(|m| m.stocktakes.get(&wanted).is_some_and(|s| s.lines.len() == 2)).await;
    assert_eq!(state(&hand, &id, "A"), Some(LineState::Review));
    assert_eq!(state(&hand, &id, "B"), Some(LineState::Recount));
    let before: Stocktake = (*hand.model.stocktakes[&id]).clone();
    drop(hand);
    node.stop().await;

    let node = rubentario::node::start(config).await.unwrap();
    let mut hand = Hand::at(&node).await;
    assert_eq!(*hand.model.stocktakes[&id], before);
    let here = before.head.id.origin.clone();
    let sheet = rows(&hand.model.stocktakes[&id], hand.model.products.values(), &here);
    let listed: Vec<_> = sheet.iter().map(|row| (row.sku.as_str(), row.line.is_some())).collect();
    assert_eq!(listed, [("A", true), ("B", true), ("C", false)]);
    assert!(sheet.iter().any(|row| row.sku == sku("C") && row.hides_book));
    assert_eq!(sheet[0].moved(), q(-2));

    let lost = Some(AdjustmentReason::Lost);
    let own = problem(&mut hand, "ana", review(&id, "A", lost)).await;
    assert!(matches!(own, StocktakeProblem::OwnCount { .. }), "{own:?}");
    let early = problem(&mut hand, "luis", review(&id, "B", lost)).await;
    assert!(matches!(early, StocktakeProblem::RecountDue { .. }), "{early:?}");
    let unfinished = problem(&mut hand, "luis", StocktakeAct::Close { stocktake: id.clone() }).await;
    assert_eq!(unfinished, StocktakeProblem::Unfinished { reviews: 1, recounts: 1 });

    done(&mut hand, "luis", Act::Stocktake(count(&id, vec![counted("B", 6, None)]))).await;
    done(&mut hand, "luis", Act::Stocktake(review(&id, "A", lost))).await;
    done(&mut hand, "ana", Act::Stocktake(review(&id, "B", Some(AdjustmentReason::Found)))).await;
    let entries =
        done(&mut hand, "luis", Act::Stocktake(StocktakeAct::Close { stocktake: id.clone() })).await;
    assert_eq!(entries.len(), 3, "two differences and the closing");
    let wanted = id.clone();
    hand.until(|m| m.stocktakes.get(&wanted).is_some_and(|s| !s.is_open())).await;
    // 10 − 2 issued − 1 missing; 5 + 1 found; C was not touched.
    assert_eq!((on_hand(&hand, "A"), on_hand(&hand, "B"), on_hand(&hand, "C")), (q(7), q(6), q(7)));
    let end = hand.model.stocktakes[&id].head.end.clone().unwrap();
    assert_eq!((end.counted, end.uncounted, end.dropped), (2, 1, false));
    let row = hand.model.movements.iter().find(|m| m.kind == MovementKind::Count && m.sku == sku("A"));
    let row = row.unwrap();
    assert_eq!((row.qty, row.reason.as_str(), row.reference.clone()), (q(-1), "lost", id.to_string()));
    let due = counts_due(hand.model.products.values(), &here, 30, i64::MAX / 2);
    assert_eq!(due.len(), 3, "by then all are due");
    let now = hand.model.stocktakes[&id].head.opened_ms;
    let due = counts_due(hand.model.products.values(), &here, 30, now);
    assert_eq!(due, [(sku("C"), Lot::none())]);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_can_no_longer_be_booked_is_counted_again() {
    let home = tempfile::tempdir().unwrap();
    let node = rubentario::node::start(config(home.path(), "madrid")).await.unwrap();
    let mut hand = Hand::at(&node).await;
    stock(&mut hand, &[("A", 10), ("B", 4)]).await;
    let id = open(&mut hand, Threshold::default()).await;
    let second =
        StocktakeAct::Open { selection: Selection::All, blind: false, threshold: Threshold::default() };
    assert_eq!(problem(&mut hand, "ana", second).await, StocktakeProblem::OneIsOpen { open: id.clone() });
    done(&mut hand, "ana", Act::Stocktake(count(&id, vec![counted("A", 4, None)]))).await;
    done(&mut hand, "luis", Act::Stocktake(review(&id, "A", Some(AdjustmentReason::Lost)))).await;
    issue(&mut hand, "A", 5).await;
    let close = || Act::Stocktake(StocktakeAct::Close { stocktake: id.clone() });
    let refused = ask(&mut hand, "luis", close()).await;
    assert_eq!(
        refused,
        Outcome::Refused { refusal: Refusal::Recount { sku: sku("A"), lot: Lot::none(), moved: q(-5) } }
    );
    // A count outside of the stocktake books the same difference: it must not be booked twice.
    let alone = Act::Count {
        sku: sku("A"),
        lot: Lot::none(),
        expiry: None,
        counted: q(4),
        pinned: None,
        reference: String::new(),
    };
    done(&mut hand, "ana", alone).await;
    let wanted = id.clone();
    let again = |s: &Stocktake| s.state_of(&sku("A"), &Lot::none()) == Some(LineState::Recount);
    hand.until(|m| m.stocktakes.get(&wanted).is_some_and(|s| again(s))).await;
    done(&mut hand, "ana", Act::Stocktake(count(&id, vec![counted("A", 4, None), counted("B", 4, None)])))
        .await;
    // A reviewer may doubt what agrees, too.
    done(&mut hand, "luis", Act::Stocktake(review(&id, "B", None))).await;
    let unfinished = problem(&mut hand, "luis", StocktakeAct::Close { stocktake: id.clone() }).await;
    assert_eq!(unfinished, StocktakeProblem::Unfinished { reviews: 0, recounts: 1 });
    done(&mut hand, "ana", Act::Stocktake(count(&id, vec![counted("B", 4, None)]))).await;
    assert_eq!(done(&mut hand, "luis", close()).await.len(), 1, "nothing differs");
    let closed = problem(&mut hand, "ana", StocktakeAct::Drop { stocktake: id.clone() }).await;
    assert_eq!(closed, StocktakeProblem::Closed { stocktake: id.clone() });
    hand.until(|m| m.products[&sku("A")].cells.iter().any(|c| c.on_hand == q(4))).await;
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn closing_below_what_is_reserved_releases_what_is_no_longer_there() {
    let home = tempfile::tempdir().unwrap();
    let node = rubentario::node::start(config(home.path(), "madrid")).await.unwrap();
    let mut hand = Hand::at(&node).await;
    stock(&mut hand, &[("A", 10)]).await;
    let reserve = Act::Reserve { sku: sku("A"), lot: None, qty: q(4), purpose: "order".into(), until: None };
    done(&mut hand, "ana", reserve).await;
    let id = open(&mut hand, Threshold::default()).await;
    done(&mut hand, "ana", Act::Stocktake(count(&id, vec![counted("A", 1, None)]))).await;
    done(&mut hand, "luis", Act::Stocktake(review(&id, "A", Some(AdjustmentReason::Lost)))).await;
    let close = Act::Stocktake(StocktakeAct::Close { stocktake: id });
    assert_eq!(done(&mut hand, "luis", close).await.len(), 3, "a release, the count, the closing");
    hand.until(|m| m.movements.iter().any(|row| row.kind == MovementKind::Released && row.qty == q(3))).await;
    node.stop().await;
}
