//! An operator at a node's door, as a test sees it: real stores on files, a real spool, one process.

#![allow(dead_code, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::path::Path;
use std::time::Duration;

use rubentario::bus::BusConfig;
use rubentario::domain::{Lot, Operator, ProductFields, Quantity, Sku, TransferId, WarehouseId};
use rubentario::ledger::act::{Act, Outcome, ReceiptLine, Request, TakeLine};
use rubentario::node::event::{Reply, Status};
use rubentario::node::{Event, Intent, Node, NodeConfig, Question};
use rubentario::protocol::envelope::ClusterKey;
use rubentario::store::Target;
use rubentario::ui::Model;
use tokio::sync::mpsc;
use tokio::time::timeout;
use uuid::Uuid;

pub fn config(home: &Path, name: &str) -> NodeConfig {
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
        admits: true,
        gives_way: false,
        patience: Duration::ZERO,
        snapshot_daily_at: None,
    }
}

/// An operator at a node's door.
pub struct Hand {
    pub intents: mpsc::Sender<Intent>,
    pub events: mpsc::Receiver<Event>,
    pub model: Model,
}

impl Hand {
    pub async fn at(node: &Node) -> Self {
        let (intents, events) = node.door();
        let mut hand = Self { intents, events, model: Model::default() };
        hand.intents.send(Intent::Subscribe).await.unwrap();
        hand.until(|model| model.status.as_ref().is_some_and(|s| s.joined)).await;
        hand
    }

    pub fn take(&mut self, event: Event) -> Option<Event> {
        match event {
            Event::Picture { picture } => self.model.take_picture(*picture),
            Event::Changed { changes } => self.model.take_changes(*changes),
            other => return Some(other),
        }
        None
    }

    pub async fn until(&mut self, seen: impl Fn(&Model) -> bool) {
        let waiting = async {
            while !seen(&self.model) {
                let event = self.events.recv().await.expect("the node lives");
                self.take(event);
            }
        };
        timeout(Duration::from_secs(20), waiting).await.expect("it is seen in time");
    }

    pub async fn ask_again(&mut self, request: Request) -> Outcome {
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

    pub async fn does(&mut self, act: Act) -> Outcome {
        self.ask_again(request(act)).await
    }

    pub async fn books(&mut self, act: Act) -> TransferId {
        match self.does(act).await {
            Outcome::Recorded { entries } => entries[0].clone(),
            Outcome::Refused { refusal } => panic!("{refusal}"),
        }
    }

    pub async fn reply(&mut self, question: Question) -> Reply {
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

    pub async fn status(&mut self) -> Status {
        match self.reply(Question::Status).await {
            Reply::Status { status } => *status,
            other => panic!("{other:?}"),
        }
    }
}

pub fn sku() -> Sku {
    Sku::new("GU-NIT-M").unwrap()
}

pub fn units(n: i64) -> Quantity {
    Quantity::units(n).unwrap()
}

pub fn product() -> Act {
    let fields = ProductFields { name: Some("Guante nitrilo M".into()), ..ProductFields::default() };
    Act::SetProduct { sku: sku(), fields, unlocked: false }
}

pub fn receipt(n: i64) -> Act {
    let line = ReceiptLine { sku: sku(), lot: Lot::none(), expiry: None, qty: units(n) };
    Act::Receive { lines: vec![line], reference: "order 8812".into() }
}

pub fn request(act: Act) -> Request {
    Request { id: Uuid::now_v7(), operator: Operator::new("ana").unwrap(), act }
}

pub fn issue(n: i64) -> Act {
    let line = TakeLine { sku: sku(), lot: None, qty: units(n) };
    Act::Issue { lines: vec![line], reference: String::new(), allow_expired: false }
}

pub fn here(model: &Model, warehouse: &str) -> Option<Quantity> {
    let product = model.products.get(&sku())?;
    Some(product.on_hand(&WarehouseId::new(warehouse).unwrap()))
}

pub fn has(model: &Model, warehouse: &str, n: i64) -> bool {
    here(model, warehouse) == Some(units(n))
}

pub async fn start(home: &Path, name: &str) -> Node {
    rubentario::node::start(config(home, name)).await.unwrap()
}

pub async fn start_when_free(home: &Path, name: &str) -> Node {
    let config = NodeConfig { patience: Duration::from_secs(5), ..config(home, name) };
    rubentario::node::start(config).await.unwrap()
}
