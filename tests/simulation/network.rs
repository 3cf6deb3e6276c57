//! The bus: inboxes that keep what isn't acknowledged, and quick messages that may be lost; both double and reorder.

use std::collections::{BTreeMap, BTreeSet};

use rand::RngExt as _;
use rand::rngs::ChaCha8Rng;
use rubentario::ledger::PublicKey;
use rubentario::protocol::Message;
use uuid::Uuid;

use super::coverage::Coverage;

/// A message on its way.
#[derive(Debug, Clone)]
pub struct Wire {
    pub to: usize,
    pub from: usize,
    pub key: PublicKey,
    pub incarnation: u32,
    pub nonce: Uuid,
    pub counter: u64,
    pub hlc: u64,
    pub message: Message,
    /// Kept until acknowledged.
    pub inbox: bool,
    sent: u64,
    due: u64,
}

/// Who can't be heard by whom, and what is on its way.
#[derive(Debug)]
pub struct Network {
    wires: Vec<Wire>,
    /// Deliveries in the inboxes that wait for their acknowledgement: (node, token) → message.
    unacked: BTreeMap<(usize, u64), Wire>,
    token: u64,
    loss: f64,
    double: f64,
    /// Of a thousand messages so many are late.
    late: u32,
    /// Pairs (from, to) between which nothing goes.
    blocked: BTreeSet<(usize, usize)>,
    /// The last message delivered between two, by when it was sent.
    last: BTreeMap<(usize, usize), u64>,
    pub healing: bool,
}

impl Network {
    /// In a rush messages overtake each other more than otherwise.
    pub fn new(rng: &mut ChaCha8Rng, rush: bool) -> Self {
        Self {
            late: if rush { rng.random_range(50..400) } else { 55 },
            wires: Vec::new(),
            unacked: BTreeMap::new(),
            token: 0,
            loss: if rng.random_bool(0.3) { 0.0 } else { rng.random_range(0.0..0.3) },
            double: if rng.random_bool(0.3) { 0.0 } else { rng.random_range(0.0..0.5) },
            blocked: BTreeSet::new(),
            last: BTreeMap::new(),
            healing: false,
        }
    }

    /// Cuts one node off, in both directions or in one, or joins everybody again.
    pub fn cut(&mut self, rng: &mut ChaCha8Rng, nodes: usize, coverage: &mut Coverage) {
        if !self.blocked.is_empty() {
            self.blocked.clear();
            return;
        }
        let side: BTreeSet<usize> = (0..nodes).filter(|_| rng.random_bool(0.4)).collect();
        let (hears, speaks) = [(true, true), (true, false), (false, true)][rng.random_range(0..3)];
        for a in 0..nodes {
            for b in (0..nodes).filter(|b| side.contains(&a) && !side.contains(b)) {
                if hears {
                    self.blocked.insert((b, a));
                }
                if speaks {
                    self.blocked.insert((a, b));
                }
            }
        }
        if !self.blocked.is_empty() {
            coverage.saw(if hears && speaks { "fault: partition" } else { "fault: one-way partition" });
        }
    }

    /// No more misfortunes.
    pub fn heal(&mut self, now_ms: u64) {
        self.healing = true;
        self.blocked.clear();
        for wire in &mut self.wires {
            wire.due = wire.due.min(now_ms + 1_000);
        }
    }

    /// A message leaves, once or twice, or is lost: a broker loses what it holds now and then, inboxes included.
    pub fn send(&mut self, rng: &mut ChaCha8Rng, now_ms: u64, wire: Sent<'_>, coverage: &mut Coverage) {
        if !self.healing && rng.random_bool(self.loss) {
            coverage.saw("fault: message lost");
            return;
        }
        let doubled = !self.healing && rng.random_bool(self.double);
        if doubled {
            coverage.saw("fault: message doubled");
        }
        for _ in 0..=usize::from(doubled) {
            let slow = match rng.random_range(0..1_000) {
                _ if self.healing => 100,
                0..5 => {
                    coverage.saw("fault: message late by minutes");
                    180_000
                }
                place if place < self.late => 5_000,
                _ => 100,
            };
            self.wires.push(Wire {
                to: wire.to,
                from: wire.from,
                key: wire.key,
                incarnation: wire.incarnation,
                nonce: wire.nonce,
                counter: wire.counter,
                hlc: wire.hlc,
                message: wire.message.clone(),
                inbox: wire.inbox,
                sent: now_ms,
                due: now_ms + rng.random_range(0..slow),
            });
        }
    }

    /// What arrives now, with the token of its acknowledgement; `up` tells who lives.
    pub fn arriving(
        &mut self,
        now_ms: u64,
        up: &[bool],
        coverage: &mut Coverage,
    ) -> Vec<(Wire, Option<u64>)> {
        let (due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.wires).into_iter().partition(|w| w.due <= now_ms);
        self.wires = later;
        let mut arriving = Vec::new();
        for mut wire in due {
            if !up[wire.to] || self.blocked.contains(&(wire.from, wire.to)) {
                // An inbox keeps its messages; quick ones are lost.
                if wire.inbox {
                    wire.due = now_ms + 500;
                    self.wires.push(wire);
                }
                continue;
            }
            let last = self.last.entry((wire.from, wire.to)).or_default();
            if wire.sent < *last {
                coverage.saw("fault: message overtaken");
            }
            *last = wire.sent.max(*last);
            let token = wire.inbox.then(|| {
                self.token += 1;
                self.unacked.insert((wire.to, self.token), wire.clone());
                self.token
            });
            arriving.push((wire, token));
        }
        arriving
    }

    /// A delivery is acknowledged.
    pub fn acknowledge(&mut self, node: usize, token: u64) {
        self.unacked.remove(&(node, token));
    }

    /// Messages like this never come.
    pub fn forget(&mut self, like: impl Fn(&Message) -> bool) {
        self.wires.retain(|wire| !like(&wire.message));
        self.unacked.retain(|_, wire| !like(&wire.message));
    }

    /// The node's connection ends: its quick messages go with it, and its inbox will give again what it didn't
    /// acknowledge.
    pub fn disconnect(&mut self, rng: &mut ChaCha8Rng, now_ms: u64, node: usize) {
        self.wires.retain(|w| w.inbox || w.to != node);
        let back: Vec<_> = self.unacked.keys().filter(|(n, _)| *n == node).copied().collect();
        for key in back {
            if let Some(mut wire) = self.unacked.remove(&key) {
                wire.due = now_ms + rng.random_range(0..50);
                self.wires.push(wire);
            }
        }
    }
}

/// What is sent to one node.
#[derive(Debug)]
pub struct Sent<'a> {
    pub to: usize,
    pub from: usize,
    pub key: PublicKey,
    pub incarnation: u32,
    pub nonce: Uuid,
    pub counter: u64,
    pub hlc: u64,
    pub message: &'a Message,
    pub inbox: bool,
}
