//! The defects that an earlier program of this kind had, one test each: none of them may come back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "support/hand.rs"]
mod hand;
#[path = "support/program.rs"]
mod program;

use std::path::Path;
use std::time::Duration;

use hand::{Hand, has, here, product, receipt, sku, start, start_when_free, units};
use program::Home;
use rubentario::domain::{Operator, Quantity, Refusal, TransferId, TransferState, WarehouseId};
use rubentario::ledger::act::{Act, Outcome, Request, TakeLine};
use rubentario::node::Intent;
use rubentario::protocol::Message;
use rubentario::protocol::envelope::{ClusterKey, Envelope};
use rubentario::ui::Model;
use serde_json::json;
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tempfile::TempDir;
use uuid::Uuid;

async fn open(file: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(file).busy_timeout(Duration::from_secs(20));
    SqliteConnection::connect_with(&options).await.unwrap()
}

async fn store_of(home: &Path, name: &str) -> SqliteConnection {
    open(&home.join(name).join("store.db")).await
}

async fn execute(database: &mut SqliteConnection, text: &'static str) {
    sqlx::query(text).execute(database).await.unwrap();
}

/// Batches of entries that wait in the spool for a warehouse's acknowledgement.
async fn unacknowledged(home: &Path, recipient: &str) -> usize {
    let mut spool = open(&home.join("spool.db")).await;
    let mail: Vec<Vec<u8>> = sqlx::query_scalar("SELECT payload FROM message WHERE recipient = $1")
        .bind(recipient)
        .fetch_all(&mut spool)
        .await
        .unwrap();
    let opened = mail.iter().map(|wire| Envelope::open(wire, "acme", &ClusterKey::new([7; 32])).unwrap());
    opened.filter(|envelope| matches!(envelope.body, Message::Entries(_))).count()
}

fn alerted(model: &Model, word: &str) -> bool {
    model.alerts.iter().any(|alert| alert.what.word() == word)
}

fn state(model: &Model, transfer: &TransferId) -> Option<TransferState> {
    model.transfers.get(transfer).map(|transfer| transfer.state())
}

fn on_the_road(model: &Model) -> Quantity {
    model.products[&sku()].in_transit()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_acknowledged_only_after_it_is_stored() {
    let home = TempDir::new().unwrap();
    let (madrid, sevilla) = (start(home.path(), "madrid").await, start(home.path(), "sevilla").await);
    let (mut ana, mut luis) = (Hand::at(&madrid).await, Hand::at(&sevilla).await);
    ana.books(product()).await;
    luis.until(|model| model.products.contains_key(&sku())).await;
    let mut store = store_of(home.path(), "sevilla").await;
    execute(&mut store, "BEGIN IMMEDIATE").await;
    ana.books(receipt(5)).await;
    luis.until(|model| alerted(model, "store_down")).await;
    assert!(unacknowledged(home.path(), "sevilla").await > 0, "not stored, so not acknowledged");
    drop(sevilla);
    execute(&mut store, "ROLLBACK").await;
    drop(store);
    assert!(unacknowledged(home.path(), "sevilla").await > 0, "nor when the process ends");
    let sevilla = start_when_free(home.path(), "sevilla").await;
    let mut luis = Hand::at(&sevilla).await;
    luis.until(|model| has(model, "madrid", 5)).await;
    sevilla.stop().await;
    assert_eq!(unacknowledged(home.path(), "sevilla").await, 0, "stored, so acknowledged");
    madrid.stop().await;
}

/// Madrid has 50 and sends 12 to sevilla, where they are seen on the road.
async fn sent(ana: &mut Hand, luis: &mut Hand) -> TransferId {
    ana.books(product()).await;
    ana.books(receipt(50)).await;
    let line = TakeLine { sku: sku(), lot: None, qty: units(12) };
    let to = WarehouseId::new("sevilla").unwrap();
    let id = ana.books(Act::Send { to, lines: vec![line], reference: String::new() }).await;
    luis.until(|model| state(model, &id) == Some(TransferState::Dispatched)).await;
    id
}

fn is_on_the_road(model: &Model, id: &TransferId) -> bool {
    state(model, id) == Some(TransferState::Dispatched) && on_the_road(model) == units(12)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acceptance_is_sent_when_the_booking_of_the_receipt_fails() {
    let home = TempDir::new().unwrap();
    let (madrid, sevilla) = (start(home.path(), "madrid").await, start(home.path(), "sevilla").await);
    let (mut ana, mut luis) = (Hand::at(&madrid).await, Hand::at(&sevilla).await);
    let id = sent(&mut ana, &mut luis).await;
    let mut store = store_of(home.path(), "sevilla").await;
    let trigger = "CREATE TRIGGER no BEFORE INSERT ON entry WHEN new.kind = 'transfer_received'
                   BEGIN SELECT RAISE(ABORT, 'no room'); END";
    execute(&mut store, trigger).await;
    let failed = luis.does(Act::TakeIn { transfer: id.clone(), lines: Vec::new() }).await;
    assert!(matches!(failed, Outcome::Refused { refusal: Refusal::Stopped { .. } }), "{failed:?}");
    assert!(is_on_the_road(&luis.model, &id));
    assert!(!has(&luis.model, "sevilla", 12));
    execute(&mut store, "DROP TRIGGER no").await;
    drop(store);
    sevilla.stop().await;

    // Entries are applied in their order: had the acceptance gone out, madrid would know it before this receipt.
    let sevilla = start(home.path(), "sevilla").await;
    let mut luis = Hand::at(&sevilla).await;
    luis.books(receipt(1)).await;
    ana.until(|model| here(model, "sevilla").is_some_and(Quantity::is_positive)).await;
    assert!(has(&ana.model, "sevilla", 1) && is_on_the_road(&ana.model, &id));
    luis.books(Act::TakeIn { transfer: id.clone(), lines: Vec::new() }).await;
    ana.until(|model| state(model, &id) == Some(TransferState::Received) && has(model, "sevilla", 13)).await;
    assert!(has(&ana.model, "madrid", 38) && on_the_road(&ana.model).is_zero());
    assert!(!alerted(&ana.model, "ledger_fork"));
    madrid.stop().await;
    sevilla.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn goods_stay_on_the_road_when_the_receiver_fails_in_the_middle_of_its_booking() {
    let home = TempDir::new().unwrap();
    let (madrid, sevilla) = (start(home.path(), "madrid").await, start(home.path(), "sevilla").await);
    let (mut ana, mut luis) = (Hand::at(&madrid).await, Hand::at(&sevilla).await);
    let id = sent(&mut ana, &mut luis).await;
    let mut store = store_of(home.path(), "sevilla").await;
    execute(&mut store, "BEGIN IMMEDIATE").await;
    let act = Act::TakeIn { transfer: id.clone(), lines: Vec::new() };
    let request = Request { id: Uuid::now_v7(), operator: Operator::new("luis").unwrap(), act };
    luis.intents.send(Intent::Do { requests: vec![request.clone()] }).await.unwrap();
    luis.until(|model| alerted(model, "store_down")).await;
    assert!(is_on_the_road(&luis.model, &id), "not stored, so not shown");
    drop(sevilla);
    execute(&mut store, "ROLLBACK").await;
    drop(store);

    let sevilla = start_when_free(home.path(), "sevilla").await;
    let mut luis = Hand::at(&sevilla).await;
    let everything = |model: &Model| model.products[&sku()].total();
    for hand in [&ana, &luis] {
        assert!(is_on_the_road(&hand.model, &id) && has(&hand.model, "madrid", 38));
        assert_eq!(everything(&hand.model), units(50));
    }
    assert!(matches!(luis.ask_again(request.clone()).await, Outcome::Recorded { .. }));
    assert!(matches!(luis.ask_again(request).await, Outcome::Recorded { .. }));
    for hand in [&mut ana, &mut luis] {
        hand.until(|model| has(model, "sevilla", 12) && on_the_road(model).is_zero()).await;
        assert_eq!(everything(&hand.model), units(50));
    }
    madrid.stop().await;
    sevilla.stop().await;
}

fn with_one_product() -> Home {
    let home = Home::new();
    home.verb("madrid", &["product", "set", "GU-NIT-M", "--name", "Guante nitrilo M"]).done();
    home
}

/// The one row of stock that there is.
fn row(home: &Home) -> serde_json::Value {
    let rows = home.verb("madrid", &["stock"]).done();
    assert_eq!(rows.as_array().map(Vec::len), Some(1), "{rows}");
    rows[0].clone()
}

fn alerts(home: &Home) -> Vec<String> {
    let alerts = home.verb("madrid", &["alerts"]).done();
    alerts.as_array().unwrap().iter().map(|alert| alert["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_stock_of_zero_and_a_minimum_of_zero_are_values_and_not_missing() {
    let home = with_one_product();
    assert_eq!(row(&home)["reorder_point"], json!(null), "no rule");
    assert!(alerts(&home).is_empty(), "without a rule nobody waits for it");
    home.verb("madrid", &["rule", "set", "GU-NIT-M", "--reorder-point", "0"]).done();
    let empty = row(&home);
    assert_eq!(
        (&empty["reorder_point"], &empty["on_hand"], &empty["position"]),
        (&json!(0), &json!(0), &json!(0))
    );
    let mut raised = alerts(&home);
    raised.sort();
    assert_eq!(raised, ["low_stock", "out_of_stock"], "a position of 0 is at a minimum of 0");
    home.verb("madrid", &["receive", "GU-NIT-M", "1"]).done();
    assert!(alerts(&home).is_empty());
    home.verb("madrid", &["count", "GU-NIT-M", "0"]).done();
    assert_eq!(row(&home)["on_hand"], json!(0), "a count of 0 is a count");
    home.verb("madrid", &["rule", "set", "GU-NIT-M", "--reorder-point", "none"]).done();
    assert_eq!(row(&home)["reorder_point"], json!(null));
}

#[test]
fn the_last_unit_is_sold_without_an_error() {
    let home = with_one_product();
    home.verb("madrid", &["receive", "GU-NIT-M", "1"]).done();
    let sold = home.verb("madrid", &["issue", "GU-NIT-M", "1"]);
    assert_eq!((sold.exit, sold.err.as_str()), (0, ""));
    assert_eq!(sold.json()["entries"], json!(["madrid:4"]));
    let none_left = home.verb("madrid", &["issue", "GU-NIT-M", "1"]);
    assert_eq!(none_left.refused(), (1, "not_enough".to_owned()));
    home.verb("madrid", &["receive", "GU-NIT-M", "2"]).done();
    home.verb("madrid", &["adjust", "GU-NIT-M", "-2", "--reason", "lost"]).done();
    home.verb("madrid", &["receive", "GU-NIT-M", "3"]).done();
    assert_eq!(row(&home)["on_hand"], json!(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_stays_when_its_stock_is_zero() {
    let home = with_one_product();
    home.verb("madrid", &["receive", "GU-NIT-M", "4", "--lot", "L1", "--expiry", "2099-01-31"]).done();
    home.verb("madrid", &["issue", "GU-NIT-M", "4"]).done();
    let empty = row(&home);
    assert_eq!(
        (&empty["lot"], &empty["expiry"], &empty["on_hand"], &empty["available"]),
        (&json!("L1"), &json!("2099-01-31"), &json!(0), &json!(0))
    );
    let history = home.verb("madrid", &["history"]).done();
    assert_eq!(history.as_array().map(Vec::len), Some(2), "{history}");
    let mut store = open(&home.data().join("local/madrid/store.db")).await;
    let rows: Vec<(String, String, i64)> =
        sqlx::query_as("SELECT sku, lot, on_hand FROM stock").fetch_all(&mut store).await.unwrap();
    assert_eq!(rows, [("GU-NIT-M".to_owned(), "L1".to_owned(), 0)]);
}
