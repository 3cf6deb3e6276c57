//! One core in memory, alone: what it books of counts, promises and dates, and what it answers to requests that come
//! again.
#![allow(clippy::unwrap_used, clippy::panic, dead_code, reason = "tests")]

#[path = "alone/counts.rs"]
mod counts;
#[path = "alone/days.rs"]
mod days;
#[path = "simulation/disk.rs"]
mod disk;
#[path = "alone/promises.rs"]
mod promises;

use disk::Disk;
use ed25519_dalek::SigningKey;
use rubentario::domain::{Lot, Operator, ProductFields, Quantity, Refusal, Sku, TransferId, WarehouseId};
use rubentario::ledger::act::{Act, Outcome, ReceiptLine, Request, TakeLine};
use rubentario::ledger::book::StockKey;
use rubentario::ledger::{Head, StoredEntry};
use rubentario::protocol::{Core, Effects, Input, Now, Setup};
use uuid::Uuid;

fn sku(name: &str) -> Sku {
    Sku::new(name).unwrap()
}

fn q(n: i64) -> Quantity {
    Quantity::units(n).unwrap()
}

/// Madrid's core over a disk.
struct Madrid {
    core: Core,
    disk: Disk,
    now_ms: u64,
    ahead_ms: i64,
    asked: u128,
}

impl Madrid {
    fn new() -> Self {
        let mut disk = Disk::default();
        let core = begin(&mut disk, 1);
        let mut madrid = Self { core, disk, now_ms: 0, ahead_ms: 0, asked: 0 };
        madrid.turn(vec![Input::Founded]);
        madrid
    }

    fn start_again(&mut self) {
        self.core = begin(&mut self.disk, 2);
    }

    fn turn(&mut self, inputs: Vec<Input>) -> Effects {
        self.now_ms += 10_300;
        let (mono_ms, ahead_ms) = (self.now_ms, self.ahead_ms);
        let now = Now { wall_ms: 1_780_000_000_000 + mono_ms, mono_ms, ahead_ms };
        let effects = self.core.handle(now, inputs);
        if let Some(batch) = &effects.batch {
            self.disk.commit(batch).unwrap();
        }
        effects
    }

    fn request(&mut self, operator: &str, act: Act) -> Request {
        self.asked += 1;
        Request { id: Uuid::from_u128(self.asked), operator: Operator::new(operator).unwrap(), act }
    }

    fn ask(&mut self, request: Request, known: Vec<StoredEntry>) -> Outcome {
        let target = match &request.act {
            Act::Reverse { entry, .. } => self.disk.ledger(&entry.origin, entry.seq).next().cloned(),
            _ => None,
        };
        let batch = self.core.batch();
        let effects = self.turn(vec![Input::Request { request, known, target }]);
        self.turn(vec![Input::Committed { batch: batch + 1, published: 0 }]);
        let [(_, outcome)] = effects.after.answers.as_slice() else { panic!("one answer") };
        outcome.clone()
    }

    fn does(&mut self, operator: &str, act: Act) -> Vec<TransferId> {
        let request = self.request(operator, act);
        match self.ask(request, Vec::new()) {
            Outcome::Recorded { entries } => entries,
            Outcome::Refused { refusal } => panic!("{refusal}"),
        }
    }

    fn refuses(&mut self, operator: &str, act: Act) -> Refusal {
        let request = self.request(operator, act);
        match self.ask(request, Vec::new()) {
            Outcome::Refused { refusal } => refusal,
            recorded @ Outcome::Recorded { .. } => panic!("{recorded:?}"),
        }
    }

    fn define(&mut self, name: &str) {
        let fields = ProductFields { name: Some(name.into()), ..ProductFields::default() };
        self.does("ana", Act::SetProduct { sku: sku(name), fields, unlocked: true });
    }

    fn tracks_lots(&mut self, name: &str) {
        let fields = ProductFields { lot_tracked: Some(true), ..ProductFields::default() };
        self.does("ana", Act::SetProduct { sku: sku(name), fields, unlocked: true });
    }

    fn receives(&mut self, name: &str, qty: i64) -> TransferId {
        let line = ReceiptLine { sku: sku(name), lot: Lot::none(), expiry: None, qty: q(qty) };
        self.does("ana", Act::Receive { lines: vec![line], reference: String::new() }).remove(0)
    }

    fn issues(&mut self, name: &str, qty: i64) {
        let lines = vec![TakeLine { sku: sku(name), lot: None, qty: q(qty) }];
        self.does("ana", Act::Issue { lines, reference: String::new(), allow_expired: false });
    }

    fn reverses(&mut self, entry: TransferId) {
        self.does("ana", Act::Reverse { entry, reason: String::new() });
    }

    fn on_hand(&self, name: &str) -> Quantity {
        let key = StockKey { warehouse: id("madrid"), sku: sku(name), lot: Lot::none() };
        self.core.book().cell(&key).map_or(Quantity::ZERO, |cell| cell.on_hand)
    }
}

fn id(name: &str) -> WarehouseId {
    WarehouseId::new(name).unwrap()
}

fn begin(disk: &mut Disk, nonce: u128) -> Core {
    let nonce = Uuid::from_u128(nonce);
    let incarnation = disk.claim(nonce);
    let setup = Setup {
        me: id("madrid"),
        cluster: "acme".into(),
        key: SigningKey::from_bytes(&[1; 32]),
        incarnation,
        nonce,
        batch: 0,
        seed: 1,
        admits: true,
    };
    Core::new(setup, disk.load())
}

#[test]
fn a_head_file_from_before_the_ledger_went_on_elsewhere_shows_no_loss() {
    let recovers = |change: fn(&mut Head)| {
        let mut madrid = Madrid::new();
        madrid.define("A");
        let mut head = madrid.core.head();
        change(&mut head);
        madrid.turn(vec![Input::HeadFile { head }]);
        madrid.core.recovering().is_some()
    };
    assert!(!recovers(|_| {}));
    assert!(!recovers(|head| *head = Head { incarnation: head.incarnation - 1, seq: head.seq + 9, ..*head }));
    assert!(recovers(|head| head.seq += 1));
    assert!(recovers(|head| *head = Head { incarnation: head.incarnation + 1, seq: 1, ..*head }));
}
