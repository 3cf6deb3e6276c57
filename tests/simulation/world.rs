//! The cluster and its course: time passes, messages arrive, cores are stepped and their effects carried out.

use std::collections::{BTreeMap, BTreeSet};

use rand::rngs::ChaCha8Rng;
use rand::{RngExt as _, SeedableRng as _};
use rubentario::domain::{Refusal, WarehouseId};
use rubentario::ledger::act::{Act, Outcome, Request};
use rubentario::ledger::roster::Change;
use rubentario::ledger::{Body, Head, Seal, StoredEntry};
use rubentario::protocol::batch::Batch;
use rubentario::protocol::hlc::{Hlc, MAX_AHEAD_MS};
use rubentario::protocol::message::{Entries, PublicKey};
use rubentario::protocol::quorum_lock::Says;
use rubentario::protocol::roster::Say;
use rubentario::protocol::{Effects, Input, Lane, Message, Now};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::Run;
use super::clocks::{Clock, START_MS};
use super::coverage::Coverage;
use super::membership::is_of_roster;
use super::network::{Network, Sent};
use super::node::{Mutant, Node, Turned};
use super::operators::wish;

const NAMES: [&str; 9] =
    ["madrid", "sevilla", "valencia", "bilbao", "vigo", "cadiz", "soria", "lugo", "murcia"];
/// Turns that a node steps ahead of its store.
const AHEAD: usize = 2;

pub struct World {
    pub(super) rng: ChaCha8Rng,
    pub(super) nodes: Vec<Node>,
    pub(super) network: Network,
    pub(super) now_ms: u64,
    pub(super) answered: BTreeMap<Uuid, (Vec<String>, Request, usize)>,
    /// Requests of which a lost disk kept only the beginning, with the entries that they had.
    pub(super) torn: BTreeMap<Uuid, Vec<String>>,
    /// What was written under locks, and who has ever stored it.
    pub(super) fenced: BTreeMap<(WarehouseId, u64), (StoredEntry, BTreeSet<WarehouseId>)>,
    /// What was found wrong while effects were carried out.
    pub(super) failed: Option<String>,
    pub(super) wishes: u64,
    /// A warehouse was given up on an operator's word alone, by one that could not reach a majority.
    pub(super) forced_alone: bool,
    /// Numbers the messages of all nodes, so that each node's grow.
    sent: u64,
    pub(super) run: Run,
    pub coverage: Coverage,
}

impl World {
    pub fn new(run: Run) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(run.seed);
        let n = if rng.random_bool(0.7) { rng.random_range(2..=4) } else { rng.random_range(5..=9) };
        // Two can't go on without one of them.
        let n = if run.is_a_rush() { n.max(3) } else { n };
        // A majority of the clocks is right; of two, one may be wrong: nobody can say which.
        let mut wrong = if n == 2 { rng.random_range(0..=1) } else { rng.random_range(0..=(n - 1) / 2) };
        let mut coverage = Coverage::default();
        let mut nodes = Vec::new();
        for (i, name) in NAMES.into_iter().take(n).enumerate() {
            let is_wrong = wrong > 0 && rng.random_bool(wrong as f64 / (n - i) as f64);
            wrong -= usize::from(is_wrong);
            coverage.saw("fault: clock drifted");
            nodes.push(Node::new(name, i as u8, Clock::new(&mut rng, is_wrong)));
        }
        let network = Network::new(&mut rng, run.is_a_rush());
        let mut world = Self {
            rng,
            nodes,
            network,
            now_ms: 0,
            answered: BTreeMap::new(),
            torn: BTreeMap::new(),
            fenced: BTreeMap::new(),
            failed: None,
            wishes: 0,
            forced_alone: false,
            sent: 0,
            run,
            coverage,
        };
        let admits = world.rng.random_bool(0.5) || run.is_a_rush();
        for i in 0..n {
            world.nodes[i].admits = admits;
            // Some come when the others are at work.
            if i > 0 && world.rng.random_bool(0.3) {
                world.coverage.saw("late comer");
                world.nodes[i].wake_at = world.rng.random_range(500..30_000);
            } else {
                world.start(i);
            }
        }
        world
    }

    pub fn steps(&mut self) -> usize {
        self.rng.random_range(200..900)
    }

    pub(super) fn say(&self, what: impl FnOnce() -> String) {
        if self.run.trace {
            eprintln!("{:>8} {}", self.now_ms, what());
        }
    }

    fn is(&self, mutant: Mutant) -> bool {
        self.run.mutant == Some(mutant)
    }

    /// What a node's clocks show.
    pub(super) fn now(&self, node: usize) -> Now {
        self.nodes[node].clock.read(self.now_ms)
    }

    fn start(&mut self, i: usize) {
        let nonce = Uuid::from_u128(self.rng.random());
        let seed = self.rng.random();
        let incarnation = self.nodes[i].start(nonce, seed, self.run.mutant);
        self.say(|| format!("node {i} starts, incarnation {incarnation}"));
    }

    pub fn step(&mut self) {
        let long = self.rng.random_bool(0.01);
        self.now_ms += self.rng.random_range(1..if long { 20_000 } else { 200 });
        self.misfortune();
        if self.run.is_a_rush() && self.rng.random_bool(0.2) {
            (0..self.nodes.len()).for_each(|i| self.new_wish(i));
        } else if self.rng.random_bool(0.5) {
            let i = self.rng.random_range(0..self.nodes.len());
            self.new_wish(i);
        }
        self.pass();
    }

    fn pass(&mut self) {
        self.deliver();
        for i in 0..self.nodes.len() {
            if !self.stands_still(i) {
                self.turn(i);
                self.stop_before_the_commit(i);
            }
            if !self.stands_still(i) {
                self.finish(i);
            }
        }
        self.note_misled();
    }

    fn new_wish(&mut self, i: usize) {
        let others = self.nodes.iter().enumerate().filter(|(j, _)| *j != i);
        let others: Vec<_> = others.map(|(_, n)| n.name.clone()).collect();
        self.wishes += 1;
        let id = Uuid::from_u128(u128::from(self.wishes));
        let Some(core) = &self.nodes[i].core else { return };
        if self.run.is_a_rush() && self.nodes[i].asking.len() >= 2 {
            return;
        }
        let rush = self.run.is_a_rush().then(|| &self.nodes[0].name);
        let request = wish(&mut self.rng, core, &others, rush, id);
        self.nodes[i].asking.push_back(request);
    }

    fn deliver(&mut self) {
        let up: Vec<_> = self.nodes.iter().map(|n| n.core.is_some()).collect();
        for (wire, delivery) in self.network.arriving(self.now_ms, &up, &mut self.coverage) {
            let from = self.nodes[wire.from].name.clone();
            self.nodes[wire.to].inputs.push(Input::Message {
                from,
                key: wire.key,
                incarnation: wire.incarnation,
                nonce: wire.nonce,
                counter: wire.counter,
                hlc: wire.hlc,
                message: wire.message,
                delivery,
            });
        }
    }

    /// Steps a node's core, unless it is too far ahead of its store.
    fn turn(&mut self, i: usize) {
        if self.nodes[i].core.is_none() {
            if self.nodes[i].wake_at <= self.now_ms && !self.nodes[i].burnt {
                self.start(i);
            }
            return;
        }
        if self.nodes[i].unfinished.len() >= AHEAD {
            return;
        }
        let now = self.now(i);
        let node = &mut self.nodes[i];
        let mut inputs = std::mem::take(&mut node.inputs);
        inputs.extend(node.requests());
        if inputs.is_empty() && node.wake_at > now.mono_ms {
            return;
        }
        let Some(core) = &mut node.core else { return };
        let before = node.witness.before(core, now, &inputs);
        let mut effects = core.handle(now, inputs);
        if self.run.cuts_requests() {
            self.seal_each_entry(i, &mut effects);
        }
        self.watch_locks(i, &before, &effects);
        self.begin(i, effects);
    }

    /// Carries out what rests on nothing; the rest waits for the commit.
    fn begin(&mut self, i: usize, effects: Effects) {
        self.nodes[i].wake_at = effects.wake_at;
        for send in effects.at_once {
            self.send(i, send.to.as_ref(), send.lane, &send.message);
        }
        for serve in effects.serve {
            let most = self.rng.random_range(1..20);
            let (entries, seals) = self.nodes[i].disk.range(&serve.origin, serve.from_seq, most);
            let key = self.nodes[i].core.as_ref().and_then(|c| c.key_of(&serve.origin));
            if let (Some(key), false) = (key, entries.is_empty()) {
                let message = as_message(&serve.origin, key, &entries, seals);
                self.send(i, Some(&serve.to), Lane::Inbox, &message);
            }
        }
        for seen in effects.compare {
            let compared = self.nodes[i].disk.compared(seen);
            self.nodes[i].inputs.push(compared);
        }
        let mut after = effects.after;
        if self.is(Mutant::AcknowledgeBeforeCommit) {
            self.acknowledge(i, std::mem::take(&mut after.acknowledge));
            self.answer_all(i, std::mem::take(&mut after.answers));
        }
        if let (true, Some(batch)) = (self.is(Mutant::PublishBeforeCommit), &effects.batch) {
            self.publish_uncommitted(i, batch);
        }
        let slow = self.nodes[i].slow_until > self.now_ms && !self.network.healing;
        let takes = if slow { self.rng.random_range(100..2_000) } else { 0 };
        let turned = Turned { batch: effects.batch, after, done_at: self.now_ms + takes };
        self.nodes[i].unfinished.push_back(turned);
    }

    /// Commits what the store has done with, and releases what waited for it.
    fn finish(&mut self, i: usize) {
        while self.nodes[i].unfinished.front().is_some_and(|t| t.done_at <= self.now_ms) {
            if self.dies("fault: crash before commit", i) {
                return;
            }
            let Some(Turned { batch, after, .. }) = self.nodes[i].unfinished.pop_front() else { return };
            if let Some(batch) = &batch {
                self.commit(i, batch);
            }
            if self.dies("fault: crash after commit", i) {
                return;
            }
            let half = self.rng.random_range(0..=after.sends.len());
            for (n, send) in after.sends.into_iter().enumerate() {
                if n == half && self.dies("fault: crash among the sends", i) {
                    return;
                }
                self.send(i, send.to.as_ref(), send.lane, &send.message);
            }
            if self.dies("fault: crash before the acknowledgements", i) {
                return;
            }
            self.acknowledge(i, after.acknowledge);
            self.answer_all(i, after.answers);
            self.publish(i);
            if let Some(batch) = batch {
                let published = self.nodes[i].published;
                self.nodes[i].inputs.push(Input::Committed { batch: batch.writer.batch, published });
            }
        }
    }

    fn commit(&mut self, i: usize, batch: &Batch) {
        for entry in &batch.entries {
            let e = &entry.entry;
            self.say(|| {
                let what = match &e.body {
                    Body::RosterChanged { version, change, .. } => format!("version {version}: {change:?}"),
                    body => body.kind().to_owned(),
                };
                format!("node {i} stores {}:{} {:?} {what}", e.origin, e.seq, entry.hash)
            });
            if Hlc::millis(e.hlc) > START_MS + self.now_ms + 2 * MAX_AHEAD_MS {
                self.coverage.saw("ledger: stamped far ahead");
            }
            if e.origin == self.nodes[i].name {
                match e.body {
                    Body::LedgerResumed { .. } => self.coverage.saw(match e.incarnation {
                        ..4_096 => "ledger: resumed",
                        _ => "ledger: resumed without somebody",
                    }),
                    Body::ClockCorrected { .. } => self.coverage.saw("ledger: clock corrected"),
                    Body::RosterChanged { ballot: None, change: Change::GivenUp { .. }, .. } => {
                        self.coverage.saw("roster: forced alone");
                        self.forced_alone = true;
                    }
                    _ => {}
                }
            }
        }
        self.watch_commit(i, batch);
        let node = &mut self.nodes[i];
        if let Err(why) = node.disk.commit(batch) {
            self.failed.get_or_insert(format!("{}: {why}", node.name));
            return;
        }
        for entry in batch.entries.iter().filter(|e| e.entry.origin == node.name) {
            let e = &entry.entry;
            // What comes back in a recovery doesn't set it back.
            if (e.incarnation, e.seq) > (node.head_file.incarnation, node.head_file.seq) {
                node.head_file = Head { incarnation: e.incarnation, seq: e.seq, hash: entry.hash };
            }
        }
    }

    fn acknowledge(&mut self, i: usize, tokens: Vec<u64>) {
        for token in tokens {
            self.network.acknowledge(i, token);
        }
    }

    fn answer_all(&mut self, i: usize, answers: Vec<(Uuid, Outcome)>) {
        for (id, outcome) in answers {
            self.answer(i, id, outcome);
        }
    }

    /// The outbox: own entries from the cursor on; what the broker took moves the cursor.
    fn publish(&mut self, i: usize) {
        let name = self.nodes[i].name.clone();
        let most = self.rng.random_range(1..10);
        let (entries, seals) = self.nodes[i].disk.range(&name, self.nodes[i].published + 1, most);
        let Some(last) = entries.last().map(|e| e.entry.seq) else {
            return;
        };
        self.send_own(i, &entries, seals);
        // A crash may fall between the publish and the note of its confirmation.
        if self.rng.random_bool(0.9) {
            self.nodes[i].published = last;
        }
    }

    fn publish_uncommitted(&mut self, i: usize, batch: &Batch) {
        let name = self.nodes[i].name.clone();
        let own = |e: &&StoredEntry| e.entry.origin == name;
        let entries: Vec<_> = batch.entries.iter().filter(own).cloned().collect();
        let seals =
            batch.seals.iter().filter(|(origin, _)| *origin == name).map(|(_, s)| s.clone()).collect();
        if !entries.is_empty() {
            self.send_own(i, &entries, seals);
        }
    }

    fn send_own(&mut self, i: usize, entries: &[StoredEntry], seals: Vec<Seal>) {
        let name = self.nodes[i].name.clone();
        let Some(key) = self.nodes[i].core.as_ref().map(rubentario::protocol::Core::public_key) else {
            return;
        };
        let message = as_message(&name, key, entries, seals);
        let others: Vec<_> = self.nodes.iter().map(|n| n.name.clone()).filter(|n| *n != name).collect();
        for other in others {
            self.send(i, Some(&other), Lane::Inbox, &message);
        }
    }

    fn answer(&mut self, i: usize, id: Uuid, outcome: Outcome) {
        let Some(place) = self.nodes[i].asking.iter().position(|r| r.id == id) else {
            return;
        };
        match outcome {
            // Whoever writes down what the members decided, it is one of them.
            Outcome::Recorded { .. } if is_of_roster(&self.nodes[i].asking[place].act) => {
                self.coverage.saw(match &self.nodes[i].asking[place].act {
                    Act::RetireWarehouse { force: true, .. } => "operator: given up",
                    Act::RetireWarehouse { .. } => "operator: retired",
                    Act::AdmitWarehouse { replace_key: true, .. } => "operator: key replaced",
                    _ => "operator: admitted",
                });
            }
            Outcome::Recorded { entries } => {
                self.coverage.saw("operator: recorded");
                let entries: Vec<_> = entries.iter().map(ToString::to_string).collect();
                let request = self.nodes[i].asking[place].clone();
                if let Some(whole) = self.torn.get(&id).filter(|whole| entries.len() < whole.len()) {
                    self.failed.get_or_insert(format!("{request:?}: {entries:?} is not all of {whole:?}"));
                }
                if let Some((before, ..)) = self.answered.get(&id)
                    && *before != entries
                {
                    self.failed.get_or_insert(format!("{request:?}: {before:?}, then {entries:?}"));
                }
                self.answered.insert(id, (entries, request, i));
                // The operator's terminal may not have heard the answer and asks again.
                if !self.network.healing && self.rng.random_bool(0.1) {
                    self.coverage.saw("operator: asked again");
                    return;
                }
            }
            // Whoever doesn't know how much of a request is left asks again until there is an answer.
            Outcome::Refused { refusal: Refusal::Recovering | Refusal::Joining | Refusal::NotJoined }
                if self.torn.contains_key(&id) =>
            {
                return;
            }
            Outcome::Refused { refusal } => self.coverage.saw(match refusal {
                Refusal::Claimed { .. } => "lock: claimed by somebody",
                Refusal::NoMajority { .. } => "lock: no majority",
                Refusal::LockLost { .. } => "lock: lost",
                Refusal::SteppedBack { .. } => "lock: stepped back",
                Refusal::HalfRecorded { .. } => "operator: half recorded",
                _ => "operator: refused",
            }),
        }
        self.nodes[i].asking.remove(place);
    }

    fn send(&mut self, from: usize, to: Option<&WarehouseId>, lane: Lane, message: &Message) {
        self.coverage.saw(match message {
            Message::Entries(_) => "message: entries",
            Message::Heads { .. } => "message: heads",
            Message::Fetch { .. } => "message: fetch",
            Message::Beat { .. } => "message: beat",
            Message::Pong { .. } => "message: pong",
            Message::RecoverAsk { .. } => "message: recover_ask",
            Message::RecoverAnswer { .. } => "message: recover_answer",
            Message::Known { .. } => "message: known",
            Message::Lock { says, .. } => match says {
                Says::Request { .. } => "message: lock request",
                Says::Vote { .. } => "message: lock vote",
                Says::Wait { .. } => "message: lock wait",
                Says::Stale { .. } => "message: lock stale",
                Says::Inquire { .. } => "message: lock inquire",
                Says::Yield { .. } => "message: lock yield",
                Says::Release { .. } => "message: lock release",
                Says::Unknown => "message: unknown",
            },
            Message::Hello(_) => "message: hello",
            Message::Voting(voting) => match voting.say {
                Say::Prepare { .. } => "message: prepare",
                Say::Promise { .. } => "message: promise",
                Say::Accept { .. } => "message: accept",
                Say::Accepted { .. } => "message: accepted",
                Say::Refused { .. } => "message: refused",
            },
            Message::Chosen(_) => "message: chosen",
            Message::RetireAsk { .. } => "message: retire_ask",
            Message::RetireAnswer { .. } => "message: retire_answer",
            Message::Unknown => "message: unknown",
        });
        self.sent += 1;
        let counter = self.sent;
        let node = &self.nodes[from];
        let Some(core) = &node.core else { return };
        let (incarnation, nonce, hlc, key) = (core.incarnation(), node.nonce, core.hlc(), core.public_key());
        let message = match message {
            Message::Pong { ping, wall_ms } => {
                &Message::Pong { ping: *ping, wall_ms: wall_ms.saturating_add_signed(node.clock.lie_ms) }
            }
            honest => honest,
        };
        let inbox = lane == Lane::Inbox;
        for i in 0..self.nodes.len() {
            if to.is_none_or(|to| *to == self.nodes[i].name) {
                let sent = Sent { to: i, from, key, incarnation, nonce, counter, hlc, message, inbox };
                self.network.send(&mut self.rng, self.now_ms, sent, &mut self.coverage);
            }
        }
    }

    /// No more misfortunes: everybody runs, everything arrives, until all is quiet.
    pub fn heal(&mut self) {
        self.network.heal(self.now_ms);
        self.say(|| "healing".into());
        let until = self.now_ms + 150_000;
        while self.now_ms < until {
            self.now_ms += 50;
            for i in 0..self.nodes.len() {
                if self.nodes[i].core.is_none() && !self.nodes[i].burnt {
                    self.start(i);
                }
            }
            self.keep_members();
            self.pass();
            if self.is_quiet() {
                break;
            }
        }
    }
}

fn as_message(origin: &WarehouseId, key: PublicKey, entries: &[StoredEntry], seals: Vec<Seal>) -> Message {
    let raw = |e: &StoredEntry| RawValue::from_string(String::from_utf8(e.bytes.to_vec()).unwrap()).unwrap();
    let entries = entries.iter().map(raw).collect();
    Message::Entries(Entries { origin: origin.clone(), key, entries, seals })
}
