//! Cores in memory whose messages arrive at once, in order, at whoever is up.
#![allow(dead_code, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, VecDeque};

use ed25519_dalek::SigningKey;
use rubentario::domain::{Lot, Operator, ProductFields, Quantity, Refusal, Sku, WarehouseId};
use rubentario::ledger::act::{Act, Outcome, ReceiptLine, Request, TakeLine};
use rubentario::ledger::{PublicKey, Seal, StoredEntry};
use rubentario::protocol::message::Entries;
use rubentario::protocol::{Core, Effects, Input, Message, Now, Setup};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::disk::Disk;

pub struct Node {
    pub key: SigningKey,
    pub disk: Disk,
    pub core: Option<Core>,
    pub nonce: Uuid,
    pub wake_at: u64,
    pub admits: bool,
    pub inputs: Vec<Input>,
}

#[derive(Default)]
pub struct Net {
    pub nodes: BTreeMap<WarehouseId, Node>,
    pub now_ms: u64,
    pub counter: u64,
    pub asked: u128,
    pub answers: BTreeMap<Uuid, Outcome>,
    /// Of what is written, only what its first seal proves goes out.
    pub up_to_first_seal: bool,
    /// To whom no entries come for now.
    pub without_entries: Option<WarehouseId>,
    /// The last message that each sent, as it went over the wire.
    pub wires: Vec<(WarehouseId, Input)>,
}

pub fn id(name: &str) -> WarehouseId {
    WarehouseId::new(name).unwrap()
}

pub fn public(key: &SigningKey) -> PublicKey {
    PublicKey(key.verifying_key().to_bytes())
}

impl Net {
    pub fn of(names: &[&str], admits: bool) -> Self {
        let mut net = Self::default();
        for (n, name) in (1..).zip(names) {
            net.add(name, n, admits);
        }
        net.input(names[0], Input::Founded);
        net.run(30_000);
        net
    }

    pub fn add(&mut self, name: &str, key: u8, admits: bool) {
        let node = Node {
            key: SigningKey::from_bytes(&[key; 32]),
            disk: Disk::default(),
            core: None,
            nonce: Uuid::nil(),
            wake_at: 0,
            admits,
            inputs: Vec::new(),
        };
        self.nodes.insert(id(name), node);
        self.start(name);
    }

    pub fn start(&mut self, name: &str) {
        self.counter += 1;
        let nonce = Uuid::from_u128(u128::from(self.counter));
        let node = self.nodes.get_mut(&id(name)).unwrap();
        let incarnation = node.disk.claim(nonce);
        let setup = Setup {
            me: id(name),
            cluster: "acme".into(),
            key: node.key.clone(),
            incarnation,
            nonce,
            batch: 0,
            seed: self.counter,
            admits: node.admits,
        };
        node.nonce = nonce;
        node.core = Some(Core::new(setup, node.disk.load()));
        node.wake_at = 0;
    }

    pub fn stop(&mut self, name: &str) {
        self.nodes.get_mut(&id(name)).unwrap().core = None;
    }

    /// The disk is gone, and the key with it.
    pub fn lose_disk(&mut self, name: &str, key: u8) {
        self.stop(name);
        let node = self.nodes.get_mut(&id(name)).unwrap();
        node.disk = Disk::default();
        node.key = SigningKey::from_bytes(&[key; 32]);
        self.start(name);
    }

    pub fn core(&self, name: &str) -> &Core {
        self.nodes[&id(name)].core.as_ref().unwrap()
    }

    pub fn input(&mut self, name: &str, input: Input) {
        self.nodes.get_mut(&id(name)).unwrap().inputs.push(input);
    }

    pub fn run(&mut self, ms: u64) {
        let until = self.now_ms + ms;
        while self.now_ms < until {
            self.now_ms += 50;
            let names: Vec<_> = self.nodes.keys().cloned().collect();
            for name in names {
                let node = self.nodes.get_mut(&name).unwrap();
                if node.core.is_none() {
                    node.inputs.clear();
                } else if !node.inputs.is_empty() || node.wake_at <= self.now_ms {
                    self.turn(&name);
                }
            }
        }
    }

    pub fn turn(&mut self, name: &WarehouseId) {
        let now = Now { wall_ms: 1_780_000_000_000 + self.now_ms, mono_ms: self.now_ms, ahead_ms: 0 };
        let node = self.nodes.get_mut(name).unwrap();
        let inputs = std::mem::take(&mut node.inputs);
        let core = node.core.as_mut().unwrap();
        let Effects { batch, after, at_once, serve, compare, wake_at } = core.handle(now, inputs);
        node.wake_at = wake_at;
        let mut said: VecDeque<(Option<WarehouseId>, Message)> = VecDeque::new();
        if let Some(batch) = batch {
            node.disk.commit(&batch).unwrap();
            node.inputs.push(Input::Committed { batch: batch.writer.batch, published: 0 });
            let mut own: Vec<_> = batch.entries.iter().filter(|e| e.entry.origin == *name).cloned().collect();
            if !own.is_empty() {
                let seals = batch.seals.iter().filter(|(o, _)| o == name).map(|(_, s)| s.clone());
                let seals: Vec<_> =
                    if self.up_to_first_seal { seals.take(1).collect() } else { seals.collect() };
                let sealed = seals.last().map_or(0, |seal| seal.seq);
                own.retain(|e| e.entry.seq <= sealed);
                said.push_back((None, entries(name, core.public_key(), &own, seals)));
            }
        }
        node.inputs.extend(compare.into_iter().map(|seen| node.disk.compared(seen)));
        for serve in serve {
            let (range, seals) = node.disk.range(&serve.origin, serve.from_seq, 100);
            if let (false, Some(key)) = (range.is_empty(), core.key_of(&serve.origin)) {
                said.push_back((Some(serve.to), entries(&serve.origin, key, &range, seals)));
            }
        }
        said.extend(at_once.into_iter().chain(after.sends).map(|s| (s.to, s.message)));
        self.answers.extend(after.answers);
        let (key, nonce) = (public(&node.key), node.nonce);
        let (incarnation, hlc) = (core.incarnation(), core.hlc());
        for (to, message) in said {
            self.counter += 1;
            let input = Input::Message {
                from: name.clone(),
                key,
                incarnation,
                nonce,
                counter: self.counter,
                hlc,
                message,
                delivery: None,
            };
            self.wires.push((to.clone().unwrap_or_else(|| name.clone()), input.clone()));
            let is_withheld = |other: &WarehouseId| {
                let are_entries = matches!(&input, Input::Message { message: Message::Entries(_), .. });
                are_entries && self.without_entries.as_ref() == Some(other)
            };
            for (other, node) in &mut self.nodes {
                if is_withheld(other) {
                    continue;
                }
                if other != name && to.as_ref().is_none_or(|to| to == other) {
                    node.inputs.push(input.clone());
                }
            }
        }
    }

    pub fn does(&mut self, name: &str, act: Act) -> Outcome {
        self.does_as(name, "ana", act)
    }

    pub fn does_as(&mut self, name: &str, operator: &str, act: Act) -> Outcome {
        self.asked += 1;
        let operator = Operator::new(operator).unwrap();
        let request = Request { id: Uuid::from_u128(self.asked), operator, act };
        let asked = request.id;
        self.input(name, Input::Request { request, known: Vec::new(), target: None });
        for _ in 0..400 {
            self.run(50);
            if let Some(outcome) = self.answers.remove(&asked) {
                return outcome;
            }
        }
        panic!("{asked} is never answered")
    }

    pub fn records(&mut self, name: &str, act: Act) {
        let outcome = self.does(name, act.clone());
        assert!(matches!(outcome, Outcome::Recorded { .. }), "{act:?}: {outcome:?}");
    }

    pub fn records_of(&mut self, name: &str, operator: &str, act: Act) {
        let outcome = self.does_as(name, operator, act);
        assert!(matches!(outcome, Outcome::Recorded { .. }), "{outcome:?}");
    }

    pub fn refuses(&mut self, name: &str, act: Act) -> Refusal {
        match self.does(name, act.clone()) {
            Outcome::Refused { refusal } => refusal,
            recorded @ Outcome::Recorded { .. } => panic!("{act:?}: {recorded:?}"),
        }
    }

    pub fn members(&self, name: &str) -> Vec<String> {
        let roster = self.core(name).roster();
        roster.map(|r| r.members.keys().map(ToString::to_string).collect()).unwrap_or_default()
    }
}

pub fn entries(origin: &WarehouseId, key: PublicKey, entries: &[StoredEntry], seals: Vec<Seal>) -> Message {
    let raw = |e: &StoredEntry| RawValue::from_string(String::from_utf8(e.bytes.to_vec()).unwrap()).unwrap();
    Message::Entries(Entries {
        origin: origin.clone(),
        key,
        entries: entries.iter().map(raw).collect(),
        seals,
    })
}

pub fn sku() -> Sku {
    Sku::new("A").unwrap()
}

pub fn product() -> Act {
    Act::SetProduct {
        sku: sku(),
        fields: ProductFields { name: Some("glove".into()), ..ProductFields::default() },
        unlocked: false,
    }
}

pub fn receipt(n: i64) -> Act {
    let line = ReceiptLine { sku: sku(), lot: Lot::none(), expiry: None, qty: Quantity::units(n).unwrap() };
    Act::Receive { lines: vec![line], reference: String::new() }
}

pub fn goods(n: i64) -> Vec<TakeLine> {
    vec![TakeLine { sku: sku(), lot: None, qty: Quantity::units(n).unwrap() }]
}
