//! What other nodes say of a ledger, at a core in memory: two histories under one name set it apart only where its
//! origin's own seals prove both; forged fences at a source; seals of what is written while the node's number rises.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, dead_code, reason = "tests")]

#[path = "simulation/disk.rs"]
mod disk;
#[path = "fork/refused.rs"]
mod refused;

use std::collections::BTreeMap;

use disk::Disk;
use ed25519_dalek::SigningKey;
use rubentario::domain::{
    Lot, MovementKind, Operator, ProductFields, Quantity, Sku, TransferId, WarehouseId,
};
use rubentario::ledger::act::{Act, ReceiptLine, Request};
use rubentario::ledger::book::StockKey;
use rubentario::ledger::entry::{CommandId, Entry, Fence, RequestLine, StockDelta};
use rubentario::ledger::{Body, EntryRef, Hash, Head, PublicKey, Seal, StoredEntry};
use rubentario::protocol::message::{Entries, Hello};
use rubentario::protocol::{Core, Effects, Input, Message, Now, Setup, seal};
use serde_json::value::RawValue;
use uuid::Uuid;

const CLUSTER: &str = "acme";

fn id(name: &str) -> WarehouseId {
    WarehouseId::new(name).unwrap()
}

fn sku() -> Sku {
    Sku::new("A").unwrap()
}

fn key(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

/// Madrid's core over a disk, in one cluster with sevilla and valencia, whose messages are made here.
struct Madrid {
    core: Core,
    disk: Disk,
    now_ms: u64,
    counter: u64,
}

/// A ledger that is made here.
struct Ledger {
    origin: WarehouseId,
    key: SigningKey,
    entries: Vec<StoredEntry>,
}

impl Ledger {
    fn of(name: &str, n: u8) -> Self {
        Self { origin: id(name), key: key(n), entries: Vec::new() }
    }

    /// Another history of the same ledger, alike up to an entry.
    fn branch(&self, upto: usize) -> Self {
        Self { origin: self.origin.clone(), key: self.key.clone(), entries: self.entries[..upto].to_vec() }
    }

    fn write(&mut self, incarnation: u32, body: Body) -> &mut Self {
        self.write_under(incarnation, body, Vec::new(), Vec::new())
    }

    fn note(&mut self, alert: &str) -> &mut Self {
        self.write(1, Body::AlertAcknowledged { alert: alert.into() })
    }

    fn write_under(
        &mut self,
        incarnation: u32,
        body: Body,
        names: Vec<EntryRef>,
        fences: Vec<(Sku, Fence)>,
    ) -> &mut Self {
        let seq = self.entries.len() as u64 + 1;
        let entry = Entry {
            origin: self.origin.clone(),
            incarnation,
            seq,
            hlc: seq,
            error_ms: None,
            operator: Operator::new("eva").unwrap(),
            command: CommandId { id: Uuid::from_u128(seq.into()), index: 0, digest: 0, entries: 0 },
            names,
            fences,
            after: None,
            prev_hash: self.entries.last().map_or(Hash::ZERO, |e| e.hash),
            body,
        };
        self.entries.push(StoredEntry::write(entry).unwrap());
        self
    }

    fn head(&self) -> Head {
        let last = self.entries.last().unwrap();
        Head { incarnation: last.entry.incarnation, seq: last.entry.seq, hash: last.hash }
    }

    /// Its entries from one on, sealed where it is said.
    fn sealed(&self, from: usize, seals: &[usize]) -> Message {
        let raw =
            |e: &StoredEntry| RawValue::from_string(String::from_utf8(e.bytes.to_vec()).unwrap()).unwrap();
        let seal = |seq: &usize| {
            let hash = self.entries[seq - 1].hash;
            seal::sign(&self.key, CLUSTER, &self.origin, *seq as u64, hash)
        };
        Message::Entries(Entries {
            origin: self.origin.clone(),
            key: PublicKey(self.key.verifying_key().to_bytes()),
            entries: self.entries[from - 1..].iter().map(raw).collect(),
            seals: seals.iter().map(seal).collect::<Vec<Seal>>(),
        })
    }
}

impl Madrid {
    fn at_work() -> Self {
        let nonce = Uuid::from_u128(7);
        let mut disk = Disk::default();
        let incarnation = disk.claim(nonce);
        let setup = Setup {
            me: id("madrid"),
            cluster: CLUSTER.into(),
            key: key(1),
            incarnation,
            nonce,
            batch: 0,
            seed: 1,
            admits: true,
        };
        let core = Core::new(setup, disk.load());
        let mut madrid = Self { core, disk, now_ms: 0, counter: 0 };
        madrid.turn(vec![Input::Founded]);
        for (name, n) in [("sevilla", 2), ("valencia", 3)] {
            let hello = Message::Hello(Hello { cluster: None, next_seq: Some(1) });
            // A cluster of two decides with both; here the second is let in by the first alone, before it votes.
            madrid.hears(name, n, 1, hello);
            if n == 2 {
                madrid.turn(vec![Input::Timer]);
            }
        }
        madrid
    }

    fn turn(&mut self, inputs: Vec<Input>) -> Effects {
        self.now_ms += 10_300;
        let now = Now { wall_ms: 1_780_000_000_000 + self.now_ms, mono_ms: self.now_ms, ahead_ms: 0 };
        let effects = self.core.handle(now, inputs);
        if let Some(batch) = &effects.batch {
            self.disk.commit(batch).unwrap();
        }
        let compared: Vec<_> = effects.compare.iter().cloned().map(|seen| self.disk.compared(seen)).collect();
        if !compared.is_empty() {
            self.turn(compared);
        }
        effects
    }

    fn heard(&mut self, from: &str, n: u8, incarnation: u32, message: Message) -> Input {
        self.counter += 1;
        Input::Message {
            from: id(from),
            key: PublicKey(key(n).verifying_key().to_bytes()),
            incarnation,
            nonce: Uuid::from_u128(n.into()),
            counter: self.counter,
            hlc: 0,
            message,
            delivery: None,
        }
    }

    fn hears(&mut self, from: &str, n: u8, incarnation: u32, message: Message) -> Effects {
        let input = self.heard(from, n, incarnation, message);
        self.turn(vec![input])
    }

    /// Sevilla tells how far a ledger goes.
    fn hears_heads(&mut self, origin: &WarehouseId, head: Head) -> Effects {
        self.hears(
            "sevilla",
            2,
            1,
            Message::Heads { heads: BTreeMap::from([(origin.clone(), head)]), forks: BTreeMap::new() },
        )
    }

    fn sevilla_is_apart(&self) -> bool {
        self.core.book().is_quarantined(&id("sevilla"))
    }

    fn asks(n: u128, act: Act) -> Input {
        let request = Request { id: Uuid::from_u128(n), operator: Operator::new("ana").unwrap(), act };
        Input::Request { request, known: Vec::new(), target: None }
    }
}

fn fetched(effects: &Effects, origin: &str) -> Vec<u64> {
    let fetches = effects.at_once.iter().filter_map(|send| match &send.message {
        Message::Fetch { origin: of, from_seq } if of.as_str() == origin => Some(*from_seq),
        _ => None,
    });
    fetches.collect()
}

#[test]
fn a_head_that_differs_is_no_proof_but_asks_for_it() {
    let mut madrid = Madrid::at_work();
    let mut ledger = Ledger::of("sevilla", 2);
    ledger.note("one").note("two");
    madrid.hears("sevilla", 2, 1, ledger.sealed(1, &[2]));
    assert_eq!(madrid.core.book().head(&id("sevilla")), ledger.head());
    let mut other = ledger.branch(1);
    other.note("another");

    let said = madrid.hears_heads(&id("sevilla"), other.head());
    assert_eq!(fetched(&said, "sevilla"), [2], "the proof is asked for");
    assert!(!madrid.sevilla_is_apart());

    madrid.hears("valencia", 3, 1, other.sealed(1, &[1]));
    assert!(!madrid.sevilla_is_apart(), "a seal before the place proves nothing of it");
    let mut forged = Ledger { key: key(9), ..other.branch(2) };
    madrid.hears("valencia", 3, 1, forged.sealed(2, &[2]));
    assert!(!madrid.sevilla_is_apart(), "nor does a seal by another's key");
    forged.key = key(2);

    ledger.note("three");
    madrid.hears("sevilla", 2, 1, ledger.sealed(3, &[3]));
    assert_eq!(madrid.core.book().head(&id("sevilla")), ledger.head(), "it is followed as ever");
    madrid.hears("valencia", 3, 1, other.sealed(2, &[]));
    assert!(!madrid.sevilla_is_apart());
    madrid.hears("valencia", 3, 1, other.sealed(2, &[2]));
    assert!(madrid.sevilla_is_apart(), "sevilla signed two entries for one place");
}

#[test]
fn a_delivery_that_comes_twice_asks_nothing_of_the_store_and_another_history_does() {
    let mut madrid = Madrid::at_work();
    let mut ledger = Ledger::of("sevilla", 2);
    ledger.note("one").note("two");
    madrid.hears("sevilla", 2, 1, ledger.sealed(1, &[2]));
    let mut other = ledger.branch(1);
    other.note("another");
    let doubled = ledger.sealed(1, &[2]);
    ledger.note("three");
    madrid.hears("sevilla", 2, 1, ledger.sealed(3, &[3]));
    assert!(madrid.hears("valencia", 3, 1, doubled).compare.is_empty());
    assert_eq!(madrid.hears("valencia", 3, 1, other.sealed(2, &[2])).compare.len(), 1);
    assert!(madrid.sevilla_is_apart());
}

#[test]
fn a_ledger_with_a_kind_that_is_not_known_is_followed_up_to_it_and_told() {
    let mut madrid = Madrid::at_work();
    let mut ledger = Ledger::of("sevilla", 2);
    ledger.note("one").write(1, Body::Unknown).note("three");
    let effects = madrid.hears("sevilla", 2, 1, ledger.sealed(1, &[3]));
    assert_eq!(madrid.core.book().head(&id("sevilla")).seq, 1);
    assert!(!madrid.sevilla_is_apart() && effects.after.changed.others);
    assert_eq!(madrid.core.unread_ledgers().collect::<Vec<_>>(), [&id("sevilla")]);
}

#[test]
fn a_longer_history_that_does_not_chain_is_proof_by_its_seal() {
    let mut madrid = Madrid::at_work();
    let mut ledger = Ledger::of("sevilla", 2);
    ledger.note("one").note("two");
    madrid.hears("sevilla", 2, 1, ledger.sealed(1, &[2]));
    let mut other = ledger.branch(1);
    other.note("another").note("and on");
    madrid.hears("valencia", 3, 1, other.sealed(3, &[]));
    assert!(!madrid.sevilla_is_apart());
    madrid.hears("valencia", 3, 1, other.sealed(3, &[3]));
    assert!(madrid.sevilla_is_apart());
}

#[test]
fn what_an_older_start_wrote_and_a_later_one_gave_up_is_no_other_history() {
    let mut madrid = Madrid::at_work();
    let mut given_up = Ledger::of("sevilla", 2);
    given_up.note("one").note("lost");
    let mut ledger = given_up.branch(1);
    ledger.write(5, Body::LedgerResumed { kept: 1 });
    madrid.hears("sevilla", 2, 5, ledger.sealed(1, &[2]));
    assert_eq!(madrid.core.book().head(&id("sevilla")), ledger.head());

    madrid.hears("valencia", 3, 1, given_up.sealed(1, &[2]));
    given_up.note("lost, too");
    madrid.hears("valencia", 3, 1, given_up.sealed(3, &[3]));
    assert!(!madrid.sevilla_is_apart(), "it is void");
    ledger.write(5, Body::AlertAcknowledged { alert: "on".into() });
    madrid.hears("sevilla", 2, 5, ledger.sealed(3, &[3]));
    assert_eq!(madrid.core.book().head(&id("sevilla")), ledger.head(), "and stands in nobody's way");
}

#[test]
fn the_own_ledger_elsewhere_stops_the_node_only_where_its_own_seal_proves_it() {
    let mut madrid = Madrid::at_work();
    let own = madrid.core.head();
    let mut other = Ledger::of("madrid", 1);
    other.entries = madrid.disk.ledger(&id("madrid"), 1).cloned().collect();
    other.entries.pop();
    other.write(own.incarnation, Body::AlertAcknowledged { alert: "not mine".into() });
    assert_eq!(other.head().seq, own.seq);
    let place = other.entries.len();

    let said = madrid.hears_heads(&id("madrid"), other.head());
    assert_eq!(fetched(&said, "madrid"), [own.seq]);
    let forged = Ledger { key: key(2), ..other.branch(place) };
    madrid.hears("sevilla", 2, 1, forged.sealed(place, &[place]));
    assert_eq!(madrid.core.stopped(), None);
    madrid.hears("sevilla", 2, 1, other.sealed(place, &[place]));
    assert!(madrid.core.stopped().is_some(), "another process writes under this name, with its key");
}

#[test]
fn what_is_written_in_the_turn_in_which_the_own_number_rises_is_sealed() {
    let mut madrid = Madrid::at_work();
    let fields = ProductFields { name: Some("glove".into()), ..ProductFields::default() };
    let define = Madrid::asks(1, Act::SetProduct { sku: sku(), fields, unlocked: true });
    let line = ReceiptLine { sku: sku(), lot: Lot::none(), expiry: None, qty: Quantity::units(3).unwrap() };
    let receive = Madrid::asks(2, Act::Receive { lines: vec![line], reference: String::new() });
    let known = madrid.heard("sevilla", 2, 1, Message::Known { incarnation: 40 });
    let before = madrid.core.head().seq;
    let effects = madrid.turn(vec![define, receive, known]);
    let batch = effects.batch.unwrap();
    let last = batch.entries.iter().rfind(|e| e.entry.origin == id("madrid")).unwrap();
    assert_eq!(last.entry.seq, before + 2);
    assert!(batch.writer.incarnation > 40, "the number has risen");
    let public = PublicKey(key(1).verifying_key().to_bytes());
    let seals = |(origin, seal): &(WarehouseId, Seal)| {
        *origin == id("madrid") && seal::verify(public, CLUSTER, origin, seal, last.hash)
    };
    assert!(batch.seals.iter().any(seals), "{:?}", batch.seals);
}

#[test]
fn a_forged_fence_raises_nothing_at_the_source_and_one_from_the_past_is_declined() {
    let mut madrid = Madrid::at_work();
    let fields = ProductFields { name: Some("glove".into()), ..ProductFields::default() };
    let define = Madrid::asks(1, Act::SetProduct { sku: sku(), fields, unlocked: true });
    madrid.turn(vec![define]);
    let defined = madrid.disk.ledger(&id("madrid"), 1).last().unwrap().reference();
    let mut ledger = Ledger::of("sevilla", 2);
    let mut asks = |madrid: &mut Madrid, n: u64, node: &str| {
        let lines = vec![RequestLine { sku: sku(), lot: Lot::none(), qty: Quantity::units(1).unwrap() }];
        let body =
            Body::TransferRequested { from: id("madrid"), lines, reference: String::new(), renews: None };
        ledger.write_under(1, body, vec![defined.clone()], vec![(sku(), Fence { n, node: id(node) })]);
        let place = ledger.entries.len();
        let effects = madrid.hears("sevilla", 2, 1, ledger.sealed(place, &[place]));
        let batch = effects.batch.expect("it is applied");
        assert!(batch.entries.iter().any(|e| e.entry.origin == id("sevilla")));
        batch.entries.iter().find_map(|e| match &e.entry.body {
            Body::RequestDeclined { stale, .. } => stale.clone(),
            _ => None,
        })
    };
    assert_eq!(asks(&mut madrid, 5, "sevilla"), None);
    let five = Some((sku(), Fence { n: 5, node: id("sevilla") }));
    assert_eq!(asks(&mut madrid, 5, "sevilla"), five, "the same again is overtaken");
    assert_eq!(asks(&mut madrid, 4, "sevilla"), five, "a fence from the past");
    assert_eq!(madrid.core.refusals().from_the_past, 2);
    asks(&mut madrid, 900, "valencia");
    asks(&mut madrid, u64::MAX, "sevilla");
    assert_eq!(asks(&mut madrid, 6, "sevilla"), None, "neither another's fence nor a leap stands in its way");
}

#[test]
fn a_reversal_of_several_lines_gives_all_of_them_back_to_their_reservation() {
    let mut madrid = Madrid::at_work();
    let mut ledger = Ledger::of("sevilla", 2);
    let q = |n| Quantity::units(n).unwrap();
    let fields = ProductFields { name: Some("glove".into()), ..ProductFields::default() };
    let fields = ProductFields { unit: Some("ud".into()), decimals: Some(0), ..fields };
    let (sku, lot, reference, purpose) = (sku(), Lot::none(), String::new(), "order".to_owned());
    ledger.write(1, Body::ProductDefined { sku: sku.clone(), revision: 1, fields });
    let came = Body::Received {
        sku: sku.clone(),
        lot: lot.clone(),
        expiry: None,
        qty: q(10),
        reference: reference.clone(),
        expectation: None,
    };
    ledger.write(1, came);
    ledger.write(1, Body::Reserved { sku: sku.clone(), lot: lot.clone(), qty: q(5), purpose, until: None });
    let reservation = Some(3);
    ledger.write(1, Body::Issued { sku: sku.clone(), lot: lot.clone(), qty: q(4), reference, reservation });
    let delta = StockDelta { sku: sku.clone(), lot: lot.clone(), delta: q(1) };
    ledger.write(
        1,
        Body::Reversed {
            entry: 4,
            of: MovementKind::Issue,
            deltas: vec![delta.clone(), delta],
            reason: String::new(),
            reservation,
            expectation: None,
        },
    );
    madrid.hears("sevilla", 2, 1, ledger.sealed(1, &[5]));
    assert!(!madrid.sevilla_is_apart());
    let book = madrid.core.book();
    let known = book.reservation(&TransferId { origin: id("sevilla"), seq: 3 }).unwrap();
    let cell = book.cell(&StockKey { warehouse: id("sevilla"), sku, lot }).unwrap();
    assert_eq!((known.left(), cell.reserved, cell.on_hand), (q(3), q(3), q(8)));
}

#[test]
fn a_ledger_with_a_day_that_no_store_reads_back_is_not_followed() {
    let mut madrid = Madrid::at_work();
    let mut ledger = Ledger::of("sevilla", 2);
    let fields = ProductFields { name: Some("glove".into()), ..ProductFields::default() };
    let fields = ProductFields { unit: Some("ud".into()), decimals: Some(0), ..fields };
    ledger.write(1, Body::ProductDefined { sku: sku(), revision: 1, fields });
    let due = chrono::NaiveDate::MAX;
    let qty = Quantity::units(1).unwrap();
    ledger.write(1, Body::ReceiptExpected { sku: sku(), qty, due, reference: String::new() });
    madrid.hears("sevilla", 2, 1, ledger.sealed(1, &[2]));
    assert!(madrid.sevilla_is_apart());
    assert_eq!(madrid.core.book().head(&id("sevilla")).seq, 1);
}

#[test]
fn what_is_kept_behind_a_gap_is_not_promised_to_a_recovery_and_not_applied_after_it() {
    let mut madrid = Madrid::at_work();
    let mut ledger = Ledger::of("sevilla", 2);
    ledger.note("one").note("two").note("three");
    madrid.hears("sevilla", 2, 1, ledger.branch(1).sealed(1, &[1]));
    madrid.hears("sevilla", 2, 1, ledger.sealed(3, &[3]));
    let said = madrid.hears("sevilla", 2, 2, Message::RecoverAsk { attempt: Uuid::from_u128(1) });
    let promised = said.after.sends.iter().find_map(|send| match &send.message {
        Message::RecoverAnswer { held, .. } => Some(held.seq),
        _ => None,
    });
    assert_eq!(promised, Some(1));
    // Somebody else has the second entry: sevilla goes on from there, and the third is void.
    madrid.hears("valencia", 3, 1, ledger.branch(2).sealed(2, &[2]));
    assert_eq!(madrid.core.book().head(&id("sevilla")).seq, 2);
    let mut resumed = ledger.branch(2);
    resumed.write(5, Body::LedgerResumed { kept: 2 });
    madrid.hears("sevilla", 2, 5, resumed.sealed(3, &[3]));
    assert_eq!(madrid.core.book().head(&id("sevilla")), resumed.head());
    assert!(!madrid.sevilla_is_apart());
}
