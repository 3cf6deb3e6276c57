//! Nodes as a whole: real stores on files, a real spool, doors, in one process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::path::Path;
use std::time::Duration;

use rubentario::bus::BusConfig;
use rubentario::domain::{
    Lot, Operator, ProductFields, Quantity, Refusal, Sku, TransferId, TransferState, WarehouseId,
};
use rubentario::ledger::act::{Act, ArrivalLine, Outcome, ReceiptLine, Request, TakeLine};
use rubentario::node::event::{Reply, Status};
use rubentario::node::{Event, Intent, Node, NodeConfig, NodeError, Question};
use rubentario::protocol::envelope::ClusterKey;
use rubentario::store::{HistoryQuery, Target};
use rubentario::ui::Model;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::time::timeout;
use uuid::Uuid;

fn config(home: &Path, name: &str) -> NodeConfig {
    let folder = home.join(name);
    NodeConfig {
        me: WarehouseId::new(name).unwrap(),
        name: name.to_owned(),
        cluster: "acme".into(),
        cluster_key: ClusterKey::new([7; 32]),
        store: Target::Sqlite(folder.join("store.db")),
        bus: BusConfig::Spool { dir: home.to_owned() },
        socket: folder.join("node.sock"),
        folder,
        may_found: true,
        gives_way: false,
        patience: Duration::ZERO,
    }
}

/// An operator at a node's door.
struct Hand {
    intents: mpsc::Sender<Intent>,
    events: mpsc::Receiver<Event>,
    model: Model,
}

impl Hand {
    async fn at(node: &Node) -> Self {
        let (intents, events) = node.door();
        let mut hand = Self { intents, events, model: Model::default() };
        hand.intents.send(Intent::Subscribe).await.unwrap();
        hand.until(|model| model.status.as_ref().is_some_and(|s| s.joined)).await;
        hand
    }

    fn take(&mut self, event: Event) -> Option<Event> {
        match event {
            Event::Picture { picture } => self.model.take_picture(*picture),
            Event::Changed { changes } => self.model.take_changes(*changes),
            other => return Some(other),
        }
        None
    }

    async fn until(&mut self, seen: impl Fn(&Model) -> bool) {
        let waiting = async {
            while !seen(&self.model) {
                let event = self.events.recv().await.expect("the node lives");
                self.take(event);
            }
        };
        timeout(Duration::from_secs(20), waiting).await.expect("it is seen in time");
    }

    async fn ask_again(&mut self, request: Request) -> Outcome {
        let id = request.id;
        self.intents.send(Intent::Do { requests: vec![request] }).await.unwrap();
        loop {
            let event = timeout(Duration::from_secs(20), self.events.recv()).await.expect("in time").unwrap();
            if let Some(Event::Answered { answers }) = self.take(event)
                && let Some((_, outcome)) = answers.into_iter().find(|(answered, _)| *answered == id)
            {
                return outcome;
            }
        }
    }

    async fn does(&mut self, act: Act) -> Outcome {
        let operator = Operator::new("ana").unwrap();
        self.ask_again(Request { id: Uuid::now_v7(), operator, act }).await
    }

    async fn books(&mut self, act: Act) -> TransferId {
        match self.does(act).await {
            Outcome::Recorded { entries } => entries[0].clone(),
            Outcome::Refused { refusal } => panic!("{refusal}"),
        }
    }

    async fn reply(&mut self, question: Question) -> Reply {
        let id = Uuid::now_v7();
        self.intents.send(Intent::Ask { id, question }).await.unwrap();
        loop {
            let event = timeout(Duration::from_secs(20), self.events.recv()).await.expect("in time").unwrap();
            if let Some(Event::Reply { id: answered, reply }) = self.take(event)
                && answered == id
            {
                return reply.unwrap();
            }
        }
    }

    async fn status(&mut self) -> Status {
        match self.reply(Question::Status).await {
            Reply::Status { status } => *status,
            other => panic!("{other:?}"),
        }
    }
}

fn sku() -> Sku {
    Sku::new("GU-NIT-M").unwrap()
}

fn units(n: i64) -> Quantity {
    Quantity::units(n).unwrap()
}

fn product() -> Act {
    let fields = ProductFields { name: Some("Guante nitrilo M".into()), ..ProductFields::default() };
    Act::SetProduct { sku: sku(), fields }
}

fn receipt(n: i64) -> Act {
    let line = ReceiptLine { sku: sku(), lot: Lot::none(), expiry: None, qty: units(n) };
    Act::Receive { lines: vec![line], reference: "order 8812".into() }
}

fn issue(n: i64) -> Act {
    let line = TakeLine { sku: sku(), lot: None, qty: units(n) };
    Act::Issue { lines: vec![line], reference: String::new(), allow_expired: false }
}

fn here(model: &Model, warehouse: &str) -> Option<Quantity> {
    let product = model.products.get(&sku())?;
    Some(product.on_hand(&WarehouseId::new(warehouse).unwrap()))
}

fn has(model: &Model, warehouse: &str, n: i64) -> bool {
    here(model, warehouse) == Some(units(n))
}

async fn start(home: &Path, name: &str) -> Node {
    rubentario::node::start(config(home, name)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn goods_go_from_one_warehouse_to_another_and_both_see_every_step() {
    let home = TempDir::new().unwrap();
    let (madrid, sevilla) = (start(home.path(), "madrid").await, start(home.path(), "sevilla").await);
    let mut ana = Hand::at(&madrid).await;
    let mut luis = Hand::at(&sevilla).await;
    ana.books(product()).await;
    ana.books(receipt(50)).await;
    luis.until(|model| has(model, "madrid", 50)).await;
    let line = TakeLine { sku: sku(), lot: None, qty: units(12) };
    let to = WarehouseId::new("sevilla").unwrap();
    let id = ana.books(Act::Send { to, lines: vec![line], reference: String::new() }).await;
    let state = |model: &Model, wanted| model.transfers.get(&id).is_some_and(|t| t.state() == wanted);
    luis.until(|model| state(model, TransferState::Dispatched)).await;
    assert!(has(&luis.model, "madrid", 38));
    assert_eq!(luis.model.products[&sku()].in_transit(), units(12));
    let short = ArrivalLine {
        sku: sku(),
        lot: None,
        arrived: units(11),
        reason: Some(rubentario::domain::ShortageReason::Damaged),
    };
    luis.books(Act::TakeIn { transfer: id.clone(), lines: vec![short] }).await;
    ana.until(|model| state(model, TransferState::Received) && has(model, "sevilla", 11)).await;
    ana.until(|model| model.alerts.iter().any(|alert| alert.what.word() == "discrepancy")).await;
    let again = luis.does(Act::TakeIn { transfer: id, lines: Vec::new() }).await;
    assert!(matches!(again, Outcome::Refused { refusal: Refusal::WrongState { .. } }), "{again:?}");
    madrid.stop().await;
    sevilla.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_is_booked_once_and_another_content_under_its_id_is_refused() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    ana.books(product()).await;
    let operator = Operator::new("ana").unwrap();
    let request = Request { id: Uuid::now_v7(), operator, act: receipt(5) };
    let first = ana.ask_again(request.clone()).await;
    assert_eq!(ana.ask_again(request.clone()).await, first);
    let other = ana.ask_again(Request { act: receipt(6), ..request.clone() }).await;
    assert_eq!(other, Outcome::Refused { refusal: Refusal::RequestReused });
    madrid.stop().await;
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    assert_eq!(ana.ask_again(request).await, first, "after a restart too");
    assert!(has(&ana.model, "madrid", 5));
    madrid.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_unit_can_be_issued_and_the_empty_row_stays() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    ana.books(product()).await;
    ana.books(receipt(1)).await;
    ana.books(issue(1)).await;
    ana.until(|model| has(model, "madrid", 0)).await;
    assert_eq!(ana.model.products[&sku()].cells.len(), 1, "known to be empty, not unknown");
    let refused = ana.does(issue(1)).await;
    let Outcome::Refused { refusal: Refusal::NotEnough { available, .. } } = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(available, Quantity::ZERO);
    madrid.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_killed_has_everything_it_answered() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    ana.books(product()).await;
    for _ in 0..20 {
        ana.books(receipt(1)).await;
    }
    drop(madrid);
    let madrid = start_when_free(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    assert!(has(&ana.model, "madrid", 20));
    let Reply::History { page } =
        ana.reply(Question::History { query: HistoryQuery { limit: 7, ..HistoryQuery::default() } }).await
    else {
        panic!("a page")
    };
    assert_eq!(page.rows.len(), 7);
    assert!(page.next.is_some());
    assert!(ana.status().await.incarnation > 1);
    madrid.stop().await;
}

async fn start_when_free(home: &Path, name: &str) -> Node {
    let config = NodeConfig { patience: Duration::from_secs(5), ..config(home, name) };
    rubentario::node::start(config).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_is_refused_with_the_pid_of_the_first() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let refused = rubentario::node::start(config(home.path(), "madrid")).await.unwrap_err();
    assert!(matches!(refused, NodeError::Lock(_)), "{refused}");
    assert!(refused.to_string().contains(&std::process::id().to_string()), "{refused}");
    madrid.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_away_while_the_spool_was_lost_catches_up_from_the_others() {
    let home = TempDir::new().unwrap();
    let (madrid, sevilla) = (start(home.path(), "madrid").await, start(home.path(), "sevilla").await);
    let mut ana = Hand::at(&madrid).await;
    let mut luis = Hand::at(&sevilla).await;
    ana.books(product()).await;
    luis.until(|model| model.products.contains_key(&sku())).await;
    sevilla.stop().await;
    for _ in 0..5 {
        ana.books(receipt(2)).await;
    }
    madrid.stop().await;
    for file in ["spool.db", "spool.db-wal", "spool.db-shm"] {
        let _ = std::fs::remove_file(home.path().join(file));
    }
    let (madrid, sevilla) = (start(home.path(), "madrid").await, start(home.path(), "sevilla").await);
    let mut luis = Hand::at(&sevilla).await;
    luis.until(|model| has(model, "madrid", 10)).await;
    madrid.stop().await;
    sevilla.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_database_lost_its_tail_gets_it_back_from_the_others_before_it_writes() {
    let home = TempDir::new().unwrap();
    let (madrid, sevilla) = (start(home.path(), "madrid").await, start(home.path(), "sevilla").await);
    let mut ana = Hand::at(&madrid).await;
    let mut luis = Hand::at(&sevilla).await;
    ana.books(product()).await;
    ana.books(receipt(3)).await;
    luis.until(|model| has(model, "madrid", 3)).await;
    madrid.stop().await;
    let store = home.path().join("madrid/store.db");
    let old = home.path().join("old.db");
    std::fs::copy(&store, &old).unwrap();
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    ana.books(receipt(4)).await;
    luis.until(|model| has(model, "madrid", 7)).await;
    madrid.stop().await;
    for end in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(home.path().join(format!("madrid/store.db{end}")));
    }
    std::fs::copy(&old, &store).unwrap();
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    ana.until(|model| has(model, "madrid", 7)).await;
    ana.books(receipt(1)).await;
    luis.until(|model| has(model, "madrid", 8)).await;
    assert_eq!(luis.model.alerts.iter().filter(|a| a.what.word() == "ledger_fork").count(), 0);
    madrid.stop().await;
    sevilla.stop().await;
}
