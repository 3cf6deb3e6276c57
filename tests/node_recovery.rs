//! Nodes whose disks failed: old copies, lost tails, lost databases; real stores on files, a real spool, one process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "support/hand.rs"]
mod hand;
#[path = "support/one_name.rs"]
mod one_name;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use hand::{Hand, has, product, receipt, sku, start};
use one_name::OneName;
use rubentario::bus::BusConfig;
use rubentario::domain::{Refusal, WarehouseId};
use rubentario::ledger::act::Outcome;
use rubentario::node::event::{PeerState, Reply};
use rubentario::node::{Event, Intent, Node};

use rubentario::ui::Model;
use tempfile::TempDir;
use uuid::Uuid;

/// An operator at the door of a node that may not have joined yet.
async fn before_it_joins(node: &Node) -> Hand {
    let (intents, events) = node.door();
    let mut hand = Hand { intents, events, model: Model::default() };
    hand.intents.send(Intent::Subscribe).await.unwrap();
    hand.until(|model| model.status.is_some()).await;
    hand
}

fn forget(folder: &Path, files: &[&str]) {
    for file in files {
        let _ = fs::remove_file(folder.join(file));
    }
}

const DATABASE: &[&str] = &["store.db", "store.db-wal", "store.db-shm"];

fn forks(model: &Model) -> usize {
    model.alerts.iter().filter(|alert| alert.what.word() == "ledger_fork").count()
}

async fn without(hand: &mut Hand, who: &str) -> Result<Reply, String> {
    let id = Uuid::now_v7();
    let absent = BTreeSet::from([WarehouseId::new(who).unwrap()]);
    hand.intents.send(Intent::RecoverWithout { id, absent }).await.unwrap();
    loop {
        let event = hand.events.recv().await.expect("the node lives");
        if let Some(Event::Reply { id: answered, reply }) = hand.take(event)
            && answered == id
        {
            return reply;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_lost_its_database_and_head_file_gets_its_ledger_back_before_it_may_write() {
    let home = TempDir::new().unwrap();
    let (madrid, sevilla) = (start(home.path(), "madrid").await, start(home.path(), "sevilla").await);
    let (mut ana, mut luis) = (Hand::at(&madrid).await, Hand::at(&sevilla).await);
    ana.books(product()).await;
    luis.until(|model| model.products.contains_key(&sku())).await;
    luis.books(receipt(3)).await;
    luis.books(receipt(4)).await;
    ana.until(|model| has(model, "sevilla", 7)).await;
    sevilla.stop().await;
    forget(&home.path().join("sevilla"), DATABASE);
    forget(&home.path().join("sevilla"), &["head"]);
    let sevilla = start(home.path(), "sevilla").await;
    let mut luis = before_it_joins(&sevilla).await;
    let early = luis.does(receipt(100)).await;
    let refused =
        |refusal: &Refusal| matches!(refusal, Refusal::NotJoined | Refusal::Joining | Refusal::Recovering);
    assert!(matches!(&early, Outcome::Refused { refusal } if refused(refusal)), "{early:?}");
    luis.until(|model| has(model, "sevilla", 7) && model.status.as_ref().is_some_and(|s| s.joined)).await;
    luis.books(receipt(1)).await;
    ana.until(|model| has(model, "sevilla", 8)).await;
    assert_eq!((forks(&ana.model), forks(&luis.model)), (0, 0));
    madrid.stop().await;
    sevilla.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_whole_folder_comes_from_an_old_backup_learns_from_the_others_what_it_had_written() {
    let home = TempDir::new().unwrap();
    let (madrid, sevilla) = (start(home.path(), "madrid").await, start(home.path(), "sevilla").await);
    let (mut ana, mut luis) = (Hand::at(&madrid).await, Hand::at(&sevilla).await);
    ana.books(product()).await;
    luis.until(|model| model.products.contains_key(&sku())).await;
    luis.books(receipt(3)).await;
    ana.until(|model| has(model, "sevilla", 3)).await;
    sevilla.stop().await;
    let folder = home.path().join("sevilla");
    let backup = TempDir::new().unwrap();
    for file in ["store.db", "head"] {
        fs::copy(folder.join(file), backup.path().join(file)).unwrap();
    }
    let sevilla = start(home.path(), "sevilla").await;
    let mut luis = Hand::at(&sevilla).await;
    luis.books(receipt(5)).await;
    ana.until(|model| has(model, "sevilla", 8)).await;
    sevilla.stop().await;
    forget(&folder, DATABASE);
    for file in ["store.db", "head"] {
        fs::copy(backup.path().join(file), folder.join(file)).unwrap();
    }
    let sevilla = start(home.path(), "sevilla").await;
    let mut luis = Hand::at(&sevilla).await;
    luis.until(|model| has(model, "sevilla", 8) && model.status.as_ref().is_some_and(|s| s.joined)).await;
    luis.books(receipt(1)).await;
    ana.until(|model| has(model, "sevilla", 9)).await;
    assert_eq!((forks(&ana.model), forks(&luis.model)), (0, 0));
    madrid.stop().await;
    sevilla.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_waits_for_who_is_silent_until_an_operator_declares_them_absent() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let (sevilla, vigo) = (start(home.path(), "sevilla").await, start(home.path(), "vigo").await);
    let (mut ana, mut luis) = (Hand::at(&madrid).await, Hand::at(&sevilla).await);
    let mut eva = Hand::at(&vigo).await;
    ana.books(product()).await;
    luis.until(|model| model.products.contains_key(&sku())).await;
    luis.books(receipt(3)).await;
    for hand in [&mut ana, &mut eva] {
        hand.until(|model| has(model, "sevilla", 3)).await;
    }
    vigo.stop().await;
    sevilla.stop().await;
    forget(&home.path().join("sevilla"), DATABASE);
    let sevilla = start(home.path(), "sevilla").await;
    let mut luis = before_it_joins(&sevilla).await;
    let waits_for_vigo = |model: &Model| {
        model
            .status
            .as_ref()
            .is_some_and(|s| s.recovering && s.awaited == [WarehouseId::new("vigo").unwrap()])
    };
    luis.until(waits_for_vigo).await;
    assert!(matches!(luis.does(receipt(9)).await, Outcome::Refused { refusal: Refusal::Recovering }));
    assert!(without(&mut luis, "vigo").await.is_ok());
    luis.until(|model| has(model, "sevilla", 3) && model.status.as_ref().is_some_and(|s| s.joined)).await;
    assert!(without(&mut luis, "vigo").await.is_err(), "nothing is being recovered");
    luis.books(receipt(1)).await;
    ana.until(|model| has(model, "sevilla", 4)).await;
    let vigo = start(home.path(), "vigo").await;
    let mut eva = Hand::at(&vigo).await;
    eva.until(|model| has(model, "sevilla", 4)).await;
    assert_eq!((forks(&ana.model), forks(&luis.model), forks(&eva.model)), (0, 0, 0));
    madrid.stop().await;
    sevilla.stop().await;
    vigo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_node_joins_when_most_of_the_others_do_not_know_it_and_says_so_meanwhile() {
    let home = TempDir::new().unwrap();
    let (madrid, vigo) = (start(home.path(), "madrid").await, start(home.path(), "vigo").await);
    let (mut ana, mut eva) = (Hand::at(&madrid).await, Hand::at(&vigo).await);
    ana.books(product()).await;
    eva.until(|model| model.products.contains_key(&sku())).await;
    eva.books(receipt(2)).await;
    ana.until(|model| has(model, "vigo", 2)).await;
    vigo.stop().await;
    let sevilla = start(home.path(), "sevilla").await;
    let mut luis = before_it_joins(&sevilla).await;
    let asks_vigo = |model: &Model| {
        let awaited = [WarehouseId::new("vigo").unwrap()];
        model.status.as_ref().is_some_and(|s| s.joining && !s.recovering && s.awaited == awaited)
    };
    luis.until(asks_vigo).await;
    assert!(matches!(luis.does(receipt(9)).await, Outcome::Refused { refusal: Refusal::Joining }));
    let vigo = start(home.path(), "vigo").await;
    luis.until(|model| model.status.as_ref().is_some_and(|s| s.joined && !s.joining)).await;
    luis.until(|model| model.products.contains_key(&sku())).await;
    luis.books(receipt(1)).await;
    for node in [madrid, sevilla, vigo] {
        node.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_on_another_store_than_the_one_it_recorded_in_says_how_much_it_misses() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    ana.books(product()).await;
    ana.books(receipt(3)).await;
    // Only what the head file tells of is published.
    ana.until(|model| model.status.as_ref().is_some_and(|s| s.published == 3)).await;
    madrid.stop().await;
    forget(&home.path().join("madrid"), DATABASE);
    let madrid = start(home.path(), "madrid").await;
    let mut ana = before_it_joins(&madrid).await;
    ana.until(|model| {
        let status = model.status.as_ref();
        status.is_some_and(|s| s.recovering && !s.joining && (s.recorded, s.once_recorded) == (0, Some(3)))
    })
    .await;
    madrid.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_declared_absent_and_comes_back_with_more_stops_nobody_but_is_told() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let (sevilla, vigo) = (start(home.path(), "sevilla").await, start(home.path(), "vigo").await);
    let (mut ana, mut luis) = (Hand::at(&madrid).await, Hand::at(&sevilla).await);
    let mut eva = Hand::at(&vigo).await;
    ana.books(product()).await;
    luis.until(|model| model.products.contains_key(&sku())).await;
    luis.books(receipt(3)).await;
    for hand in [&mut ana, &mut eva] {
        hand.until(|model| has(model, "sevilla", 3)).await;
    }
    // Only vigo hears of what is booked now.
    madrid.stop().await;
    luis.books(receipt(40)).await;
    eva.until(|model| has(model, "sevilla", 43)).await;
    vigo.stop().await;
    sevilla.stop().await;
    forget(&home.path().join("sevilla"), DATABASE);
    // What lay in the spool for madrid is lost, too.
    forget(home.path(), &["spool.db", "spool.db-wal", "spool.db-shm"]);

    let (madrid, sevilla) = (start(home.path(), "madrid").await, start(home.path(), "sevilla").await);
    let (mut ana, mut luis) = (Hand::at(&madrid).await, before_it_joins(&sevilla).await);
    let vigos = [WarehouseId::new("vigo").unwrap()];
    luis.until(|model| model.status.as_ref().is_some_and(|s| s.recovering && s.awaited == vigos)).await;
    assert!(without(&mut luis, "vigo").await.is_ok());
    luis.until(|model| has(model, "sevilla", 3) && model.status.as_ref().is_some_and(|s| s.joined)).await;
    luis.books(receipt(1)).await;
    ana.until(|model| has(model, "sevilla", 4)).await;

    let vigo = start(home.path(), "vigo").await;
    let mut eva = Hand::at(&vigo).await;
    eva.until(|model| forks(model) == 1).await;
    luis.until(|model| model.peers.iter().any(|p| p.id.as_str() == "vigo" && p.state == PeerState::Alive))
        .await;
    luis.books(receipt(1)).await;
    ana.until(|model| has(model, "sevilla", 5)).await;
    assert_eq!((forks(&ana.model), forks(&luis.model)), (0, 0));
    madrid.stop().await;
    sevilla.stop().await;
    vigo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_under_one_name_the_second_writes_nothing_before_it_knows_what_the_first_wrote() {
    let spool = |home: &Path| BusConfig::Spool { dir: home.to_owned() };
    let place = OneName::on(spool, "acme".into());
    one_name::the_second_writes_nothing_before_it_knows_what_the_first_wrote(place).await;
}
