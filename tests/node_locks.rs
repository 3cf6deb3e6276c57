//! Locks between nodes as a whole, on files and a spool: who gets the last pieces, who waits, what goes on without.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "support/hand.rs"]
mod hand;
#[path = "support/last_pieces.rs"]
mod last_pieces;

use hand::{Hand, has, product, receipt, request, sku, start, units};
use last_pieces::{ask_for, one_gets_them};
use rubentario::domain::{ProductFields, Refusal, WarehouseId};
use rubentario::ledger::act::{Act, Outcome};
use rubentario::node::event::{Event, Reply};
use rubentario::node::replenish::judged;
use rubentario::node::{Intent, Question};
use tempfile::TempDir;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_want_the_same_last_pieces_one_gets_them_and_the_other_is_told_who() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let (sevilla, valencia) = (start(home.path(), "sevilla").await, start(home.path(), "valencia").await);
    let (mut ana, mut luis) = (Hand::at(&madrid).await, Hand::at(&sevilla).await);
    let mut eva = Hand::at(&valencia).await;
    one_gets_them(&mut ana, &mut luis, &mut eva).await;
    for node in [madrid, sevilla, valencia] {
        node.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_shown_and_can_step_back() {
    let home = TempDir::new().unwrap();
    let (madrid, sevilla) = (start(home.path(), "madrid").await, start(home.path(), "sevilla").await);
    let (mut ana, mut luis) = (Hand::at(&madrid).await, Hand::at(&sevilla).await);
    ana.books(product()).await;
    ana.books(receipt(5)).await;
    luis.until(|model| has(model, "madrid", 5)).await;
    // Nobody votes yet: both have just started.
    let wanted = request(ask_for(5, false));
    luis.intents.send(Intent::Do { requests: vec![wanted.clone()] }).await.unwrap();
    let me = WarehouseId::new("sevilla").unwrap();
    let waits = |locks: &[rubentario::node::event::LockView]| {
        locks.iter().any(|lock| lock.sku == sku() && lock.waits(&me).is_some())
    };
    luis.until(|model| waits(&model.locks)).await;
    ana.until(|model| waits(&model.locks)).await;
    let Reply::Locks { locks } = luis.reply(Question::Locks).await else { panic!("the locks") };
    assert!(waits(&locks) && locks[0].holder.is_none(), "{locks:?}");
    luis.books(receipt(1)).await;

    let id = Uuid::now_v7();
    luis.intents.send(Intent::StepBack { id, sku: sku() }).await.unwrap();
    let refused = loop {
        let event = luis.events.recv().await.unwrap();
        if let Some(Event::Answered { answers }) = luis.take(event) {
            break answers;
        }
    };
    let [(answered, Outcome::Refused { refusal: Refusal::SteppedBack { .. } })] = &refused[..] else {
        panic!("{refused:?}")
    };
    assert_eq!(*answered, wanted.id);
    for hand in [&mut ana, &mut luis] {
        hand.until(|model| model.locks.is_empty()).await;
    }
    madrid.stop().await;
    sevilla.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_majority_that_is_said_and_what_still_works_does() {
    let home = TempDir::new().unwrap();
    let (madrid, sevilla) = (start(home.path(), "madrid").await, start(home.path(), "sevilla").await);
    let (mut ana, mut luis) = (Hand::at(&madrid).await, Hand::at(&sevilla).await);
    ana.books(product()).await;
    ana.books(receipt(5)).await;
    luis.until(|model| has(model, "madrid", 5)).await;
    madrid.stop().await;
    let refused = luis.does(ask_for(5, false)).await;
    let Outcome::Refused { refusal: Refusal::NoMajority { answered, members, .. } } = refused else {
        panic!("{refused:?}")
    };
    assert_eq!((answered, members), (1, 2));
    let id = luis.books(ask_for(5, true)).await;
    let transfer = &luis.model.transfers[&id];
    assert!(transfer.request.as_ref().unwrap().fences.is_empty(), "it claims nothing");
    luis.books(receipt(1)).await;
    sevilla.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_product_is_edited_under_its_lock() {
    let home = TempDir::new().unwrap();
    let (madrid, sevilla) = (start(home.path(), "madrid").await, start(home.path(), "sevilla").await);
    let (mut ana, mut luis) = (Hand::at(&madrid).await, Hand::at(&sevilla).await);
    ana.books(product()).await;
    luis.until(|model| model.products.contains_key(&sku())).await;
    let name = |name: &str| {
        let fields = ProductFields { name: Some(name.to_owned()), ..ProductFields::default() };
        Act::SetProduct { sku: sku(), fields, unlocked: false }
    };
    let (first, second) = tokio::join!(ana.does(name("one")), luis.does(name("other")));
    assert!(matches!(first, Outcome::Recorded { .. }), "{first:?}");
    assert!(matches!(second, Outcome::Recorded { .. }), "{second:?}");
    // The later of the two knew the earlier one: its word stands, by a revision above it.
    let revised = |model: &rubentario::ui::Model| model.products[&sku()].product.name.clone();
    ana.until(|model| revised(model) != "Guante nitrilo M").await;
    let locks_are_free = |model: &rubentario::ui::Model| model.locks.is_empty();
    ana.until(locks_are_free).await;
    luis.until(locks_are_free).await;
    let last = revised(&ana.model);
    luis.until(|model| revised(model) == last).await;
    madrid.stop().await;
    sevilla.stop().await;
}

/// Two at one warehouse see to the same need, or one does it twice: what was computed before the other's request was
/// made is not asked for once more.
#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_has_seen_to_is_not_brought_twice() {
    let home = TempDir::new().unwrap();
    let (madrid, sevilla) = (start(home.path(), "madrid").await, start(home.path(), "sevilla").await);
    let (mut ana, mut luis) = (Hand::at(&madrid).await, Hand::at(&sevilla).await);
    let mut eva = Hand::at(&sevilla).await;
    ana.books(product()).await;
    ana.books(receipt(20)).await;
    for hand in [&mut luis, &mut eva] {
        hand.until(|model| has(model, "madrid", 20)).await;
    }
    let place = |name| WarehouseId::new(name).unwrap();
    let (here, from) = (place("sevilla"), place("madrid"));
    let computed = |hand: &Hand, n| {
        let judged = judged(&hand.model.products[&sku()], &here, &from, units(n), units(0));
        let Act::RequestTransfer { from, lines, reference, unlocked, .. } = ask_for(n, false) else {
            panic!("a request")
        };
        Act::RequestTransfer { from, lines, reference, unlocked, judged: vec![judged] }
    };
    let (of_luis, of_eva) = (computed(&luis, 6), computed(&eva, 6));
    let outcomes = tokio::join!(luis.does(of_luis), eva.does(of_eva));
    let entries = match outcomes {
        (Outcome::Recorded { entries }, Outcome::Refused { refusal })
        | (Outcome::Refused { refusal }, Outcome::Recorded { entries }) => {
            assert_eq!(refusal, Refusal::MoreComing { sku: sku(), coming: units(6), seen: units(0) });
            entries
        }
        both => panic!("{both:?}"),
    };
    // Sent or not, it is coming.
    let transfer = entries[0].clone();
    ana.until(|model| model.transfers.contains_key(&transfer)).await;
    let late = computed(&luis, 6);
    ana.books(Act::SendRequested { transfer: transfer.clone(), lines: None, reference: String::new() }).await;
    eva.until(|model| model.transfers.get(&transfer).is_some_and(|t| t.dispatch.is_some())).await;
    let judged_at_nothing = |act| match act {
        Act::RequestTransfer { from, lines, reference, unlocked, mut judged } => {
            judged[0].coming = units(5);
            Act::RequestTransfer { from, lines, reference, unlocked, judged }
        }
        other => other,
    };
    let refused = eva.does(judged_at_nothing(late)).await;
    let more = Refusal::MoreComing { sku: sku(), coming: units(6), seen: units(5) };
    assert_eq!(refused, Outcome::Refused { refusal: more });
    // Who sees it may ask for more.
    let again = computed(&eva, 2);
    assert!(matches!(eva.does(again).await, Outcome::Recorded { .. }));
    madrid.stop().await;
    sevilla.stop().await;
}
