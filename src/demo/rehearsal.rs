//! The sample data played on cores in memory: no act is refused, and all warehouses come to one book.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ed25519_dalek::SigningKey;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::catalogue::wares;
use super::opening::{STEADY, opening};
use super::script::{Begun, steps};
use super::warehouse;
use crate::domain::{Operator, TransferId, TransferState, WarehouseId};
use crate::ledger::act::{Act, Outcome, Request};
use crate::ledger::{Seal, StoredEntry};
use crate::node::clock;
use crate::protocol::core::{Core, Setup};
use crate::protocol::effects::{Effects, Lane, Send};
use crate::protocol::input::{Input, Now};
use crate::protocol::message::{Entries, Message, PublicKey};

const START_MS: u64 = 1_772_000_000_000;

struct Rehearsal {
    cores: Vec<(WarehouseId, PublicKey, Core)>,
    asked: u64,
    counter: u64,
    /// What each has written, by its first entry.
    written: BTreeMap<WarehouseId, Vec<(u64, Message)>>,
}

impl Rehearsal {
    fn new(warehouses: usize) -> Self {
        let cores = (0..warehouses).map(|place| {
            let me = warehouse(place).unwrap();
            let key = SigningKey::from_bytes(&[u8::try_from(place).unwrap() + 1; 32]);
            let public = PublicKey(key.verifying_key().to_bytes());
            let setup = Setup {
                me: me.clone(),
                cluster: "demo".into(),
                key,
                incarnation: 1,
                nonce: Uuid::from_u128(place as u128 + 1),
                batch: 0,
                seed: 7,
                admits: true,
            };
            (me, public, Core::new(setup, crate::protocol::batch::Loaded::default()))
        });
        let mut rehearsal = Self { cores: cores.collect(), asked: 0, counter: 0, written: BTreeMap::new() };
        rehearsal.step(0, vec![Input::Founded]);
        // Until everybody is in: messages go round, and time goes on.
        for _ in 0..2_000 {
            rehearsal.asked += 1;
            for place in 0..warehouses {
                rehearsal.step(place, vec![Input::Timer]);
            }
        }
        for (name, _, core) in &rehearsal.cores {
            assert!(core.may_append(), "{name} is in");
        }
        rehearsal
    }

    fn now(&self) -> Now {
        Now { wall_ms: START_MS + self.asked * 10, mono_ms: self.asked * 10, ahead_ms: 0 }
    }

    /// Steps a core, and others with what it says to them, until nobody has anything to say.
    fn step(&mut self, place: usize, inputs: Vec<Input>) -> Effects {
        let now = self.now();
        let effects = self.cores[place].2.handle(now, inputs);
        let mut said: VecDeque<(usize, Send)> = VecDeque::new();
        self.gather(place, &effects, &mut said);
        while let Some((from, send)) = said.pop_front() {
            for to in 0..self.cores.len() {
                if to == from || send.to.as_ref().is_some_and(|name| *name != self.cores[to].0) {
                    continue;
                }
                self.counter += 1;
                let message = Input::Message {
                    from: self.cores[from].0.clone(),
                    key: self.cores[from].1,
                    incarnation: 1,
                    nonce: Uuid::from_u128(from as u128 + 1),
                    counter: self.counter,
                    hlc: 0,
                    message: send.message.clone(),
                    delivery: None,
                };
                let answers = self.cores[to].2.handle(now, vec![message]);
                self.gather(to, &answers, &mut said);
            }
        }
        effects
    }

    /// What a turn says, own entries included; ranges that are asked for come from what was written before.
    fn gather(&mut self, place: usize, effects: &Effects, said: &mut VecDeque<(usize, Send)>) {
        let (me, key, _) = &self.cores[place];
        if let Some(batch) = &effects.batch {
            let own: Vec<_> = batch.entries.iter().filter(|e| e.entry.origin == *me).cloned().collect();
            if !own.is_empty() {
                let seals = batch.seals.iter().filter(|(origin, _)| origin == me);
                let message = written(me, *key, &own, seals.map(|(_, seal)| seal.clone()).collect());
                said.push_back((place, Send { to: None, lane: Lane::Inbox, message: message.clone() }));
                self.written.entry(me.clone()).or_default().push((own[0].entry.seq, message));
            }
        }
        let serve = effects.serve.iter();
        for serve in serve {
            let ranges = self.written.get(&serve.origin).into_iter().flatten();
            for (_, message) in ranges.filter(|(first, _)| *first >= serve.from_seq) {
                let to = Some(serve.to.clone());
                said.push_back((place, Send { to, lane: Lane::Inbox, message: message.clone() }));
            }
        }
        said.extend(effects.at_once.iter().chain(&effects.after.sends).map(|send| (place, send.clone())));
    }

    fn acts(&mut self, place: usize, act: Act) -> Vec<TransferId> {
        self.asked += 1;
        let id = Uuid::from_u128(u128::from(self.asked));
        let request = Request { id, operator: Operator::new("demo").unwrap(), act: act.clone() };
        let effects = self.step(place, vec![Input::Request { request, known: Vec::new(), target: None }]);
        let outcome = effects.after.answers.iter().find(|(answered, _)| *answered == id).unwrap().1.clone();
        let me = &self.cores[place].0;
        let Outcome::Recorded { entries } = outcome else { panic!("{me}: {act:?}: {outcome:?}") };
        entries
    }

    fn play(&mut self) {
        let today = clock::day_of(START_MS);
        for place in 0..self.cores.len() {
            for act in opening(place, today).unwrap() {
                self.acts(place, act);
            }
        }
        let mut begun = Begun::new();
        for step in steps(self.cores.len()) {
            if let Some(state) = step.after() {
                let book = self.cores[step.at].2.book();
                assert_eq!(book.transfer(&begun[step.transfer]).unwrap().state(), state, "{step:?}");
            }
            let entries = self.acts(step.at, step.act(&begun).unwrap());
            begun.entry(step.transfer).or_insert_with(|| entries[0].clone());
        }
    }
}

/// What one turn wrote, as the others are told of it.
fn written(me: &WarehouseId, key: PublicKey, entries: &[StoredEntry], seals: Vec<Seal>) -> Message {
    let raw = |bytes: &[u8]| RawValue::from_string(String::from_utf8(bytes.to_vec()).unwrap()).unwrap();
    Message::Entries(Entries {
        origin: me.clone(),
        key,
        entries: entries.iter().map(|entry| raw(&entry.bytes)).collect(),
        seals,
    })
}

#[test]
fn no_act_of_the_sample_data_is_refused_and_all_come_to_one_book() {
    for warehouses in [2, 3, 9] {
        let mut rehearsal = Rehearsal::new(warehouses);
        rehearsal.play();
        let first = rehearsal.cores[0].2.book();
        assert_eq!(first.products().count(), wares().count());
        for (name, _, core) in &rehearsal.cores {
            assert!(core.book().stock().eq(first.stock()), "{name}");
            assert!(core.book().transfers().eq(first.transfers()), "{name}");
            assert!(core.book().products().eq(first.products()), "{name}");
        }
    }
}

#[test]
fn there_are_transfers_in_every_state_even_between_two() {
    for warehouses in [2, 3] {
        let mut rehearsal = Rehearsal::new(warehouses);
        rehearsal.play();
        let book = rehearsal.cores[0].2.book();
        let mut states: BTreeMap<TransferState, usize> = BTreeMap::new();
        for transfer in book.transfers() {
            *states.entry(transfer.state()).or_default() += 1;
        }
        let all: BTreeSet<_> = TransferState::ALL.iter().copied().collect();
        assert_eq!(states.keys().copied().collect::<BTreeSet<_>>(), all, "{states:?}");
        let short = book.transfers().filter_map(|t| t.receipt.as_ref()).flat_map(|r| &r.lines);
        assert!(short.into_iter().any(|line| line.short.is_positive()));
    }
}

#[test]
fn what_the_script_and_the_story_move_is_in_the_catalogue() {
    for sku in STEADY {
        assert!(wares().any(|ware| ware.sku == sku), "{sku}");
    }
}
