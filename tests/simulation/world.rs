//! The cluster, its network and its misfortunes.

use std::collections::{BTreeMap, VecDeque};

use ed25519_dalek::SigningKey;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt as _, SeedableRng as _};
use rubentario::domain::{Lot, Operator, Quantity, Sku, WarehouseId};
use rubentario::ledger::PublicKey;
use rubentario::ledger::act::{Act, Outcome, Request};
use rubentario::ledger::{Body, Head};
use rubentario::protocol::core::Standing;
use rubentario::protocol::message::Entries;
use rubentario::protocol::roster::Say;
use rubentario::protocol::{Core, Effects, Input, Lane, Message, Now, Setup};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::disk::Disk;
use crate::operators::{SKUS, wish};

/// How often what happened.
#[derive(Debug, Default, Clone)]
pub struct Coverage(BTreeMap<&'static str, u64>);

impl Coverage {
    fn saw(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }

    pub fn add(&mut self, other: &Self) {
        for (what, times) in &other.0 {
            *self.0.entry(what).or_default() += times;
        }
    }

    /// Every fault, message and answer must have happened at least once.
    pub fn all_occurred(&self) {
        for what in [
            "lost",
            "doubled",
            "crash before commit",
            "crash after commit",
            "disk set back",
            "partition",
            "retry",
            "recorded",
            "refused",
            "entries",
            "heads",
            "fetch",
            "beat",
            "pong",
            "recover_ask",
            "recover_answer",
            "resumed",
            "hello",
            "prepare",
            "promise",
            "accept",
            "accepted",
            "late",
            "key lost",
            "key replaced",
        ] {
            assert!(self.0.contains_key(what), "«{what}» never happened: {:?}", self.0);
        }
    }
}

struct Wire {
    to: usize,
    from: usize,
    key: PublicKey,
    counter: u64,
    incarnation: u32,
    nonce: Uuid,
    hlc: u64,
    message: Message,
    inbox: bool,
    due: u64,
}

struct Node {
    name: WarehouseId,
    key: SigningKey,
    disk: Disk,
    /// What the head file says: it survives a disk set back.
    head_file: Head,
    core: Option<Core>,
    nonce: Uuid,
    published: u64,
    skew_ms: i64,
    wake_at: u64,
    /// Requests that were not answered yet: asked again until they are.
    asking: VecDeque<Request>,
    inputs: Vec<Input>,
    /// It made the cluster's founding mark; a file beside the head file says so.
    made_the_mark: bool,
    /// A copy of the disk of some earlier moment.
    backup: Option<Disk>,
}

pub struct World {
    rng: ChaCha8Rng,
    nodes: Vec<Node>,
    wires: Vec<Wire>,
    /// Deliveries in the inboxes that wait for their acknowledgement: (node, token) → message.
    unacked: BTreeMap<(usize, u64), Wire>,
    token: u64,
    now_ms: u64,
    loss: f64,
    double: f64,
    cut_off: Option<usize>,
    answered: BTreeMap<Uuid, (Vec<String>, Request, usize)>,
    wishes: u64,
    /// Numbers the messages of all nodes, so that each node's grow.
    sent: u64,
    trace: bool,
    healing: bool,
    pub coverage: Coverage,
}

const START_MS: u64 = 1_780_000_000_000;

impl World {
    pub fn new(seed: u64, trace: bool) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let n = rng.random_range(2..=5);
        let names = ["madrid", "sevilla", "valencia", "bilbao", "vigo"];
        let nodes = (0..n)
            .map(|i| Node {
                name: WarehouseId::new(names[i]).unwrap(),
                key: SigningKey::from_bytes(&[i as u8 + 1; 32]),
                disk: Disk::default(),
                head_file: Head::EMPTY,
                core: None,
                nonce: Uuid::nil(),
                published: 0,
                skew_ms: rng.random_range(-3_000..3_000),
                wake_at: 0,
                asking: VecDeque::new(),
                inputs: Vec::new(),
                made_the_mark: i == 0,
                backup: None,
            })
            .collect();
        let loss = if rng.random_bool(0.3) { 0.0 } else { rng.random_range(0.0..0.3) };
        let double = if rng.random_bool(0.3) { 0.0 } else { rng.random_range(0.0..0.5) };
        let mut world = Self {
            rng,
            nodes,
            wires: Vec::new(),
            unacked: BTreeMap::new(),
            token: 0,
            now_ms: 0,
            loss,
            double,
            cut_off: None,
            answered: BTreeMap::new(),
            wishes: 0,
            sent: 0,
            trace,
            healing: false,
            coverage: Coverage::default(),
        };
        for i in 0..n {
            // Some come later, when the others are at work.
            if i >= 1 && world.rng.random_bool(0.3) {
                world.coverage.saw("late");
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

    fn say(&self, what: impl FnOnce() -> String) {
        if self.trace {
            eprintln!("{:>8} {}", self.now_ms, what());
        }
    }

    fn now(&self, node: usize) -> Now {
        let wall = (START_MS + self.now_ms) as i64 + self.nodes[node].skew_ms;
        Now { wall_ms: wall as u64, mono_ms: self.now_ms }
    }

    fn start(&mut self, i: usize) {
        let nonce = Uuid::from_u128(self.rng.random());
        let seed = self.rng.random();
        let node = &mut self.nodes[i];
        let incarnation = node.disk.claim(nonce);
        let loaded = node.disk.load();
        node.published = loaded.published;
        let setup = Setup {
            me: node.name.clone(),
            cluster: "acme".into(),
            key: node.key.clone(),
            incarnation,
            nonce,
            batch: 0,
            seed,
            admits: true,
        };
        node.nonce = nonce;
        node.core = Some(Core::new(setup, loaded));
        node.wake_at = self.now_ms;
        node.inputs.push(Input::HeadFile { head: node.head_file });
        if node.made_the_mark {
            node.inputs.push(Input::Founded);
        }
        // The broker gives again what was not acknowledged.
        let back: Vec<_> = self.unacked.keys().filter(|(n, _)| *n == i).copied().collect();
        for key in back {
            let mut wire = self.unacked.remove(&key).unwrap();
            wire.due = self.now_ms + self.rng.random_range(0..50);
            self.wires.push(wire);
        }
        self.say(|| format!("node {i} starts, incarnation {incarnation}"));
    }

    fn crash(&mut self, i: usize) {
        self.say(|| format!("node {i} crashes"));
        // The queue of its quick messages goes with its connection.
        self.wires.retain(|w| w.inbox || w.to != i);
        self.nodes[i].core = None;
        self.nodes[i].inputs.clear();
        self.nodes[i].wake_at = self.now_ms + self.rng.random_range(0..5_000);
        if !self.healing && self.rng.random_bool(0.3) {
            self.set_back(i);
        }
    }

    /// The database comes back from an older copy. Only what another disk holds may be missing from it: what an
    /// operator was told and only this disk held, no protocol brings back.
    fn set_back(&mut self, i: usize) {
        let names: Vec<_> = self.nodes.iter().map(|n| n.name.clone()).collect();
        let held = |disk: &Disk, name| disk.ledger(name, 1).count();
        // Of another's ledger too, this may be the only copy: its writer's disk may have been set back before.
        let only_here = names.iter().any(|name| {
            let others = self.nodes.iter().enumerate().filter(|(j, n)| *j != i && !self.has_left(&n.name));
            let elsewhere = others.map(|(_, n)| held(&n.disk, name)).max().unwrap_or(0);
            elsewhere < held(&self.nodes[i].disk, name)
        });
        if only_here || self.a_key_is_lost() {
            return;
        }
        let Some(backup) = self.nodes[i].backup.take() else {
            return;
        };
        // What was promised since a copy is missed only if an entry of the same time is: of that the head file tells.
        let same_ledger =
            held(&backup, &self.nodes[i].name) == held(&self.nodes[i].disk, &self.nodes[i].name);
        if same_ledger && backup.load().vote != self.nodes[i].disk.load().vote {
            return;
        }
        self.coverage.saw("disk set back");
        self.nodes[i].disk = backup;
        // The head file lies in the data directory and stays.
        self.say(|| format!("node {i}: its disk is set back"));
    }

    pub fn step(&mut self) {
        self.now_ms += self.rng.random_range(1..200);
        self.misfortune();
        if self.rng.random_bool(0.5) {
            let i = self.rng.random_range(0..self.nodes.len());
            self.new_wish(i);
        }
        self.deliver();
        for i in 0..self.nodes.len() {
            self.turn(i);
        }
    }

    /// Its disk is gone with all that was on it, its key too. Nothing may have been on it alone.
    fn lose_disk(&mut self, i: usize) {
        let name = self.nodes[i].name.clone();
        let elsewhere = |n: &Node, origin: &WarehouseId| n.disk.ledger(origin, 1).count();
        let only_here = self.nodes.iter().map(|n| &n.name).any(|origin| {
            let others = self.nodes.iter().filter(|n| n.name != name && !self.has_left(&n.name));
            let most = others.map(|n| elsewhere(n, origin)).max().unwrap_or(0);
            most < elsewhere(&self.nodes[i], origin)
        });
        let belongs = |n: &Node| n.core.as_ref().is_some_and(|c| c.standing(&name) == Standing::Member);
        if only_here || !self.nodes.iter().filter(|n| n.name != name).any(belongs) || !self.all_whole() {
            return;
        }
        self.coverage.saw("key lost");
        self.say(|| format!("node {i} loses its disk and its key"));
        if self.nodes[i].core.is_some() {
            self.crash(i);
        }
        let key = self.rng.random();
        let node = &mut self.nodes[i];
        node.disk = Disk::default();
        node.head_file = Head::EMPTY;
        node.backup = None;
        node.made_the_mark = false;
        node.published = 0;
        node.key = SigningKey::from_bytes(&key);
    }

    /// Whoever was retired is not asked for what it holds.
    fn has_left(&self, who: &WarehouseId) -> bool {
        let rosters = self.nodes.iter().filter_map(|n| n.core.as_ref()?.roster());
        rosters.into_iter().any(|roster| roster.former.contains_key(who))
    }

    /// Whether nobody is getting its ledger or its key back: where several of few have lost what they promised, only
    /// an operator's force helps, which the tests of the roster look after.
    fn all_whole(&self) -> bool {
        self.nodes.iter().all(|n| {
            let is_whole = |c: &Core| c.joined() && c.recovering().is_none() && c.is_member();
            n.core.as_ref().is_some_and(is_whole)
        })
    }

    fn a_key_is_lost(&self) -> bool {
        let other_key = |n: &Node| {
            let cores = self.nodes.iter().filter_map(|o| o.core.as_ref());
            let key = PublicKey(n.key.verifying_key().to_bytes());
            cores.filter_map(|c| c.roster()?.key(&n.name)).any(|known| known != key)
        };
        self.nodes.iter().any(other_key)
    }

    /// Operators let those with a new key go on with it.
    fn replace_keys(&mut self) {
        let waits = |n: &Node, who: &WarehouseId| {
            n.core.as_ref().is_some_and(|c| c.is_member() && c.standing(who) == Standing::OtherKey)
        };
        for i in 0..self.nodes.len() {
            let who = self.nodes[i].name.clone();
            let Some(at) = (0..self.nodes.len()).find(|at| waits(&self.nodes[*at], &who)) else { continue };
            let same = |r: &Request| matches!(r.act, Act::AdmitWarehouse { .. });
            if !self.nodes[at].asking.iter().any(same) {
                self.ask(at, Act::AdmitWarehouse { warehouse: who, replace_key: true });
            }
        }
    }

    fn ask(&mut self, i: usize, act: Act) {
        self.wishes += 1;
        let id = Uuid::from_u128(u128::from(self.wishes));
        let operator = Operator::new("luis").unwrap();
        self.nodes[i].asking.push_back(Request { id, operator, act });
    }

    fn misfortune(&mut self) {
        if self.rng.random_bool(0.003) {
            let i = self.rng.random_range(0..self.nodes.len());
            self.lose_disk(i);
        }
        if self.rng.random_bool(0.05) {
            self.replace_keys();
        }
        if self.rng.random_bool(0.005) {
            let (i, who) =
                (self.rng.random_range(0..self.nodes.len()), self.rng.random_range(0..self.nodes.len()));
            let warehouse = self.nodes[who].name.clone();
            if self.nodes[i].core.is_some() && self.nodes.len() > 3 {
                self.ask(i, Act::RetireWarehouse { warehouse, force: false });
            }
        }
        if self.rng.random_bool(0.03) {
            let i = self.rng.random_range(0..self.nodes.len());
            self.nodes[i].backup = Some(self.nodes[i].disk.clone());
        }
        if self.rng.random_bool(0.02) {
            let i = self.rng.random_range(0..self.nodes.len());
            if self.nodes[i].core.is_some() {
                self.crash(i);
            }
        }
        if self.rng.random_bool(0.02) {
            self.cut_off = match self.cut_off {
                None => {
                    self.coverage.saw("partition");
                    Some(self.rng.random_range(0..self.nodes.len()))
                }
                Some(_) => None,
            };
        }
    }

    fn new_wish(&mut self, i: usize) {
        let others: Vec<_> =
            self.nodes.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, n)| n.name.clone()).collect();
        self.wishes += 1;
        let id = Uuid::from_u128(u128::from(self.wishes));
        let Some(core) = &self.nodes[i].core else { return };
        let request = wish(&mut self.rng, core, &others, id);
        self.nodes[i].asking.push_back(request);
    }

    fn deliver(&mut self) {
        let (due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.wires).into_iter().partition(|w| w.due <= self.now_ms);
        self.wires = later;
        for wire in due {
            let to = wire.to;
            let cut = self.cut_off.is_some_and(|c| (c == to) != (c == wire.from));
            if self.nodes[to].core.is_none() || cut {
                // An inbox keeps its messages; quick ones are lost.
                if wire.inbox {
                    let due = self.now_ms + 500;
                    self.wires.push(Wire { due, ..wire });
                }
                continue;
            }
            let delivery = wire.inbox.then(|| {
                self.token += 1;
                self.token
            });
            let from = self.nodes[wire.from].name.clone();
            self.nodes[to].inputs.push(Input::Message {
                from,
                key: wire.key,
                counter: wire.counter,
                incarnation: wire.incarnation,
                nonce: wire.nonce,
                hlc: wire.hlc,
                message: wire.message.clone(),
                delivery,
            });
            if let Some(token) = delivery {
                self.unacked.insert((to, token), wire);
            }
        }
    }

    fn turn(&mut self, i: usize) {
        if self.nodes[i].core.is_none() {
            if self.nodes[i].wake_at <= self.now_ms {
                self.start(i);
            }
            return;
        }
        let mut inputs = std::mem::take(&mut self.nodes[i].inputs);
        let node = &self.nodes[i];
        // Everything that isn't answered is asked again, sometimes though it is.
        for request in &node.asking {
            let target = match &request.act {
                Act::Reverse { entry, .. } => {
                    node.disk.entries.get(&(entry.origin.clone(), entry.seq)).cloned()
                }
                _ => None,
            };
            let known = node.disk.command(&node.name, request.id);
            inputs.push(Input::Request { request: request.clone(), known, target });
        }
        if inputs.is_empty() && node.wake_at > self.now_ms {
            return;
        }
        let now = self.now(i);
        let effects = self.nodes[i].core.as_mut().unwrap().handle(now, inputs);
        self.carry_out(i, effects);
    }

    fn carry_out(&mut self, i: usize, effects: Effects) {
        self.nodes[i].wake_at = effects.wake_at;
        for send in effects.at_once {
            self.send(i, send.to.as_ref(), send.lane, &send.message);
        }
        if self.dies("crash before commit", i) {
            return;
        }
        if let Some(batch) = &effects.batch {
            for entry in &batch.entries {
                let e = &entry.entry;
                self.say(|| {
                    let change = match &e.body {
                        Body::RosterChanged { change, .. } => format!("{change:?}"),
                        body => body.kind().to_owned(),
                    };
                    format!("node {i} stores {}:{} {:?} {change}", e.origin, e.seq, entry.hash)
                });
            }
            let node = &mut self.nodes[i];
            node.disk.commit(batch);
            for entry in &batch.entries {
                if entry.entry.origin == node.name {
                    let e = &entry.entry;
                    // What comes back in a recovery doesn't set it back.
                    if (e.incarnation, e.seq) > (node.head_file.incarnation, node.head_file.seq) {
                        node.head_file = Head { incarnation: e.incarnation, seq: e.seq, hash: entry.hash };
                    }
                    if matches!(entry.entry.body, Body::LedgerResumed { .. }) {
                        self.coverage.saw("resumed");
                    }
                }
            }
        }
        if self.dies("crash after commit", i) {
            return;
        }
        for send in effects.after.sends {
            self.send(i, send.to.as_ref(), send.lane, &send.message);
        }
        for token in effects.after.acknowledge {
            self.unacked.remove(&(i, token));
        }
        for (id, outcome) in effects.after.answers {
            self.answer(i, id, outcome);
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
        for (origin, seq, seen) in effects.compare {
            let stored = self.nodes[i].disk.hash(&origin, seq);
            self.nodes[i].inputs.push(Input::Compared { origin, seq, seen, stored });
        }
        self.publish(i);
        if let Some(batch) = effects.batch {
            let published = self.nodes[i].published;
            self.nodes[i].inputs.push(Input::Committed { batch: batch.writer.batch, published });
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
        let key = self.nodes[i].core.as_ref().unwrap().public_key();
        let message = as_message(&name, key, &entries, seals);
        let others: Vec<_> = self.nodes.iter().filter(|n| n.name != name).map(|n| n.name.clone()).collect();
        for other in others {
            self.send(i, Some(&other), Lane::Inbox, &message);
        }
        // A crash may fall between the publish and the note of its confirmation.
        if self.rng.random_bool(0.9) {
            self.nodes[i].published = last;
        }
    }

    fn dies(&mut self, how: &'static str, i: usize) -> bool {
        let dies = !self.healing && self.rng.random_bool(0.003);
        if dies {
            self.coverage.saw(how);
            self.crash(i);
        }
        dies
    }

    fn answer(&mut self, i: usize, id: Uuid, outcome: Outcome) {
        let Some(place) = self.nodes[i].asking.iter().position(|r| r.id == id) else {
            return;
        };
        match outcome {
            Outcome::Recorded { entries } => {
                self.coverage.saw("recorded");
                let act = &self.nodes[i].asking[place].act;
                if matches!(act, Act::AdmitWarehouse { .. } | Act::RetireWarehouse { .. }) {
                    // Whoever writes down what the members decided, it is one of them.
                    self.coverage.saw(if matches!(act, Act::AdmitWarehouse { .. }) {
                        "key replaced"
                    } else {
                        "retired"
                    });
                    self.nodes[i].asking.remove(place);
                    return;
                }
                let entries: Vec<_> = entries.iter().map(ToString::to_string).collect();
                let request = self.nodes[i].asking[place].clone();
                if let Some((before, ..)) = self.answered.get(&id) {
                    assert_eq!(*before, entries, "the same request, another answer");
                }
                self.answered.insert(id, (entries, request, i));
                // The operator's terminal may not have heard the answer and asks again.
                if !self.healing && self.rng.random_bool(0.1) {
                    self.coverage.saw("retry");
                    return;
                }
            }
            Outcome::Refused { .. } => self.coverage.saw("refused"),
        }
        self.nodes[i].asking.remove(place);
    }

    fn send(&mut self, from: usize, to: Option<&WarehouseId>, lane: Lane, message: &Message) {
        self.coverage.saw(match message {
            Message::Entries(_) => "entries",
            Message::Heads { .. } => "heads",
            Message::Fetch { .. } => "fetch",
            Message::Beat { .. } => "beat",
            Message::Pong { .. } => "pong",
            Message::RecoverAsk { .. } => "recover_ask",
            Message::RecoverAnswer { .. } => "recover_answer",
            Message::Known { .. } => "known",
            Message::Hello(_) => "hello",
            Message::Voting(voting) => match voting.say {
                Say::Prepare { .. } => "prepare",
                Say::Promise { .. } => "promise",
                Say::Accept { .. } => "accept",
                Say::Accepted { .. } => "accepted",
                Say::Refused { .. } => "refused ballot",
            },
            Message::Chosen(_) => "chosen",
            Message::RetireAsk { .. } => "retire_ask",
            Message::RetireAnswer { .. } => "retire_answer",
            Message::Unknown => "unknown",
        });
        let core = self.nodes[from].core.as_ref().unwrap();
        let (incarnation, nonce, hlc) = (core.incarnation(), self.nodes[from].nonce, core.hlc());
        let key = core.public_key();
        self.sent += 1;
        let counter = self.sent;
        for i in 0..self.nodes.len() {
            if to.is_some_and(|to| *to != self.nodes[i].name) {
                continue;
            }
            // A broker loses what it holds now and then, inboxes included: anti-entropy must do without it.
            if !self.healing && self.rng.random_bool(self.loss) {
                self.coverage.saw("lost");
                continue;
            }
            let doubled = !self.healing && self.rng.random_bool(self.double);
            if doubled {
                self.coverage.saw("doubled");
            }
            for _ in 0..=usize::from(doubled) {
                let slow = if self.rng.random_bool(0.05) { 5_000 } else { 100 };
                self.wires.push(Wire {
                    to: i,
                    from,
                    key,
                    counter,
                    incarnation,
                    nonce,
                    hlc,
                    message: message.clone(),
                    inbox: lane == Lane::Inbox,
                    due: self.now_ms + self.rng.random_range(0..slow),
                });
            }
        }
    }

    /// Nothing is ever negative, and no honest node is taken for a liar.
    pub fn check(&self) -> Result<(), String> {
        for node in &self.nodes {
            let Some(core) = &node.core else { continue };
            if let Some(why) = core.stopped() {
                return Err(format!("{} stopped: {why}", node.name));
            }
            if let Some(version) = core.roster().and_then(|roster| roster.split) {
                return Err(format!("{} knows two changes of version {version} of the roster", node.name));
            }
            for (key, cell) in core.book().stock() {
                if cell.on_hand.is_negative() || cell.reserved > cell.on_hand {
                    return Err(format!("{}: {key:?} {cell:?}", node.name));
                }
            }
            for (origin, part) in core.book().heads() {
                if let Some(why) = &part.quarantine {
                    return Err(format!("{} follows {origin} no more: {why}", node.name));
                }
            }
        }
        Ok(())
    }

    /// No more misfortunes: everybody runs, everything arrives, until all is quiet.
    pub fn heal(&mut self) {
        self.healing = true;
        self.cut_off = None;
        self.say(|| "healing".into());
        for _ in 0..3_000 {
            self.now_ms += 50;
            for i in 0..self.nodes.len() {
                if self.nodes[i].core.is_none() {
                    self.start(i);
                }
            }
            self.replace_keys();
            self.deliver();
            for i in 0..self.nodes.len() {
                self.turn(i);
            }
            if self.is_quiet() {
                break;
            }
        }
    }

    fn is_quiet(&self) -> bool {
        let cuts: Vec<_> = self.nodes.iter().map(|n| n.core.as_ref().map(|c| c.book().cut())).collect();
        let nobody_waits = self.nodes.iter().all(|n| {
            n.asking.is_empty() && n.core.as_ref().is_some_and(|c| c.joined() && c.recovering().is_none())
        });
        nobody_waits && cuts.windows(2).all(|w| w[0] == w[1])
    }

    /// All books are equal, the answers given stand, and not a unit is lost or doubled.
    pub fn check_agreement(&self) -> Result<(), String> {
        self.check()?;
        let first = self.nodes[0].core.as_ref().unwrap();
        for node in &self.nodes {
            let core = node.core.as_ref().unwrap();
            if !node.asking.is_empty() || core.recovering().is_some() || !core.joined() {
                return Err(format!(
                    "{} is not done: asking {:?}, recovering {:?}, joined {}",
                    node.name,
                    node.asking,
                    core.recovering(),
                    core.joined()
                ));
            }
            if core.book().cut() != first.book().cut() {
                return Err(format!(
                    "{}: {:?} against {:?}",
                    node.name,
                    core.book().cut(),
                    first.book().cut()
                ));
            }
            let same = core.book().stock().eq(first.book().stock())
                && core.book().transfers().eq(first.book().transfers())
                && core.book().products().eq(first.book().products());
            if !same {
                return Err(format!("{} has another book at the same cut", node.name));
            }
            let again = Core::new(
                Setup {
                    me: node.name.clone(),
                    cluster: "acme".into(),
                    key: node.key.clone(),
                    incarnation: 1,
                    nonce: Uuid::nil(),
                    batch: 0,
                    seed: 1,
                    admits: true,
                },
                node.disk.load(),
            );
            if !again.book().stock().eq(core.book().stock()) || again.book().cut() != core.book().cut() {
                return Err(format!("{}: its store says something else than its book", node.name));
            }
        }
        self.check_conservation()
    }

    fn check_conservation(&self) -> Result<(), String> {
        let first = &self.nodes[0];
        let mut expected: BTreeMap<(Sku, Lot), Quantity> = BTreeMap::new();
        let mut add = |sku: &Sku, lot: &Lot, qty: Quantity| {
            let sum = expected.entry((sku.clone(), lot.clone())).or_default();
            *sum = sum.plus(qty).unwrap();
        };
        for entry in first.disk.entries.values() {
            match &entry.entry.body {
                Body::Received { sku, lot, qty, .. } => add(sku, lot, *qty),
                Body::Issued { sku, lot, qty, .. } => add(sku, lot, qty.negated()),
                Body::Adjusted { sku, lot, delta, .. } => add(sku, lot, *delta),
                Body::CountLine { sku, lot, counted, book, .. } => {
                    add(sku, lot, counted.minus(*book).unwrap());
                }
                Body::Reversed { deltas, .. } => deltas.iter().for_each(|d| add(&d.sku, &d.lot, d.delta)),
                Body::TransferReceived { lines, .. } | Body::TransferReturned { lines, .. } => {
                    lines.iter().for_each(|l| add(&l.sku, &l.lot, l.short.negated()));
                }
                _ => {}
            }
        }
        let book = first.core.as_ref().unwrap().book();
        for sku in SKUS.iter().map(|s| Sku::new(s).unwrap()) {
            for lot in ["", "L1", "L2"].map(|l| Lot::new(l).unwrap()) {
                let wanted = expected.get(&(sku.clone(), lot.clone())).copied().unwrap_or_default();
                let total = book.network_total(&sku, &lot);
                if total != wanted {
                    return Err(format!("{sku} {lot}: {total} in the network, {wanted} by the ledgers"));
                }
            }
        }
        for (id, (entries, request, i)) in &self.answered {
            let own = first.disk.ledger(&self.nodes[*i].name, 1).filter(|e| e.entry.command.id == *id);
            let now: Vec<_> = own.map(|e| format!("{}:{}", e.entry.origin, e.entry.seq)).collect();
            if now != *entries {
                return Err(format!("{request:?} was answered {entries:?}, the ledgers hold {now:?}"));
            }
        }
        Ok(())
    }
}

fn as_message(
    origin: &WarehouseId,
    key: rubentario::protocol::message::PublicKey,
    entries: &[rubentario::ledger::StoredEntry],
    seals: Vec<rubentario::ledger::Seal>,
) -> Message {
    let raw = |e: &rubentario::ledger::StoredEntry| {
        RawValue::from_string(String::from_utf8(e.bytes.to_vec()).unwrap()).unwrap()
    };
    Message::Entries(Entries {
        origin: origin.clone(),
        key,
        entries: entries.iter().map(raw).collect(),
        seals,
    })
}
