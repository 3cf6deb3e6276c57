//! The core: composes the machines. Inputs go in with the time; effects come out as data, one atomic turn at a time.

mod clock;
mod faulty;
mod ledgers;
mod lock;
mod peers;
mod recovering;
mod replication;
mod requests;
mod roster;
mod snapshot;
mod turn;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate};
use ed25519_dalek::SigningKey;
use uuid::Uuid;

use super::batch::{Loaded, PeerRecord};
use super::cluster_time::ClusterTime;
use super::effects::{Effects, Lane, Send, Testimony};
use super::hlc::Hlc;
use super::incoming::Incoming;
use super::input::{Input, Now};
use super::message::{Message, PublicKey};
use super::offset::Pings;
use super::recovery::Recovery;
use super::refusals::Refusals;
use super::snapshot::Snapshots;
use crate::domain::{TransferId, WarehouseId};
use crate::ledger::Head;
use crate::ledger::book::{Book, Tables};
use crate::ledger::plan::RecentMoves;

pub use ledgers::{LedgerStatus, RecoveryStatus};
pub use lock::{LockStatus, Seat};
pub use peers::PeerStatus;
pub use roster::{Electorate, RosterStatus, Standing};

/// What a core begins with, besides what the store holds.
#[derive(Debug, Clone)]
pub struct Setup {
    /// This warehouse.
    pub me: WarehouseId,
    /// The cluster.
    pub cluster: String,
    /// Seals the own ledger.
    pub key: SigningKey,
    /// Number of this start, stored before the core begins.
    pub incarnation: u32,
    /// Random, stored before the core begins.
    pub nonce: Uuid,
    /// The last batch of this start that the store holds; 0 at the start.
    pub batch: u64,
    /// Any number: it spreads timers so that nodes don't speak all at once.
    pub seed: u64,
    /// Whether who shows the cluster's key is admitted without asking anybody.
    pub admits: bool,
}

/// One node's part of the protocol.
#[derive(Debug, Clone)]
pub struct Core {
    setup: Setup,
    public: PublicKey,
    incarnation: u32,
    book: Book,
    recent: RecentMoves,
    hlc: Hlc,
    time: ClusterTime,
    stamped: Option<clock::Stamped>,
    pings: Pings,
    joined: bool,
    stopped: Option<String>,
    /// The bus serves another process under this name.
    elsewhere: bool,
    recovery: Option<Recovery>,
    recoveries: u64,
    batch: u64,
    published: u64,
    commands: BTreeMap<Uuid, requests::InFlight>,
    /// The batch with the last own entries that came back from others, while it may not be committed: what a request
    /// wrote before is not to be found in the store until then.
    came_back: Option<u64>,
    /// What a member that follows the own ledger no further holds of it, while that is compared; and what it says.
    told_apart: Option<(Testimony, String)>,
    peers: BTreeMap<WarehouseId, peers::Peer>,
    incoming: BTreeMap<WarehouseId, Incoming>,
    echo_at: Option<u64>,
    beat_at: u64,
    beats: u64,
    heads_at: u64,
    jitter: u64,
    refusals: Refusals,
    membership: roster::Membership,
    snapshots: Snapshots,
    /// When own snapshots are closed without those who are silent, monotonic milliseconds.
    close_by: BTreeMap<TransferId, u64>,
    refused_markers: u64,
    locks: lock::Locks,
    turn: turn::Turn,
    #[cfg(feature = "faults")]
    fault: Option<super::fault::Fault>,
}

/// Milliseconds between two tellings of the own heads.
const HEADS_MS: u64 = 5_000;
/// Milliseconds after something was applied until the heads are told.
const HEADS_SOON_MS: u64 = 150;
/// Why a ledger is set apart of which two histories were seen; the place follows.
const FORK: &str = "another history under this name was seen at entry ";
/// Why nothing is written while another process is served under this name.
const ELSEWHERE: &str = "another process is served under this node's name: stop one of the two; this one goes on once it is \
                         served and has compared its ledger with the others'";
/// Every so many beats, one asks for a pong.
const PING_EVERY: u64 = 5;

impl Core {
    /// A core over what the store holds.
    #[must_use]
    pub fn new(setup: Setup, loaded: Loaded) -> Self {
        let peers = loaded.peers.into_iter().map(|record| (record.id.clone(), peers::Peer::known(record)));
        let book = Book::from_tables(Tables {
            stock: loaded.stock,
            products: loaded.products,
            rules: loaded.rules,
            transfers: loaded.transfers,
            reservations: loaded.reservations,
            expectations: loaded.expectations,
            reversals: loaded.reversals,
            heads: loaded.heads,
            acknowledged: loaded.acknowledged,
            decrees: loaded.decrees,
            stocktakes: loaded.stocktakes,
            counted: loaded.counted,
        });
        let recent = RecentMoves::since(book.head(&setup.me).seq);
        let mut core = Self {
            public: PublicKey(setup.key.verifying_key().to_bytes()),
            incarnation: setup.incarnation,
            recent,
            hlc: Hlc::starting_at(loaded.hlc_ceiling),
            time: ClusterTime::default(),
            stamped: None,
            pings: Pings::default(),
            joined: loaded.joined,
            stopped: None,
            elsewhere: false,
            recovery: None,
            recoveries: 0,
            batch: setup.batch,
            published: loaded.published,
            commands: BTreeMap::new(),
            came_back: None,
            told_apart: None,
            peers: peers.filter(|(id, _)| *id != setup.me).collect(),
            incoming: BTreeMap::new(),
            echo_at: None,
            beat_at: 0,
            beats: 0,
            heads_at: 0,
            jitter: setup.seed | 1,
            refusals: Refusals::default(),
            membership: roster::Membership::loaded(loaded.vote),
            snapshots: Snapshots::from_records(loaded.snapshots),
            close_by: BTreeMap::new(),
            refused_markers: 0,
            locks: lock::Locks::new(&setup.me, setup.incarnation, &book, loaded.joined),
            turn: turn::Turn::default(),
            book,
            setup,
            #[cfg(feature = "faults")]
            fault: None,
        };
        core.go_on_leaving();
        core
    }

    /// Steps through inputs that came together and says what is to be done: one atomic turn.
    pub fn handle(&mut self, now: Now, inputs: Vec<Input>) -> Effects {
        // The start before ended in the middle of a recovery; where only a roster had come by then, nobody in it may
        // have the key of today, and nobody else would be believed.
        let has_begun = self.head().seq > 0 || (self.roster().is_some() && !self.is_compared());
        if !self.joined && self.recovery.is_none() && has_begun {
            self.begin_recovery(now);
        }
        self.weigh_clocks(now);
        self.begin_locks(now);
        for input in inputs {
            self.step(now, input);
        }
        self.end_recovery_if_agreed(now);
        self.keep_roster(now);
        self.settle_locks(now);
        self.keep_time(now);
        self.finish(now)
    }

    fn step(&mut self, now: Now, input: Input) {
        match input {
            Input::Request { request, known, target } => self.request(now, &request, &known, target.as_ref()),
            Input::Message { from, key, incarnation, nonce, counter, hlc, message, delivery } => {
                self.turn.acknowledge.extend(delivery);
                if from == self.setup.me {
                    self.own_name(now, key, incarnation, nonce, &message);
                } else if self.is_heard(&from, key, incarnation, nonce, counter, &message) {
                    self.message(now, &from, key, incarnation, hlc, message);
                }
            }
            Input::Timer => {}
            Input::BusUp => {
                self.beat_at = now.mono_ms;
                self.heads_at = now.mono_ms;
                self.is_served_again(now);
            }
            Input::Elsewhere => self.is_not_served(now),
            Input::Founded => self.found(now),
            Input::Committed { batch, published } => {
                self.commands.retain(|_, in_flight| in_flight.batch > batch);
                self.came_back = self.came_back.filter(|came| *came > batch);
                self.published = self.published.max(published);
            }
            Input::Compared { seen, stored, resumed } => {
                let told = self.told_apart.take_if(|(told, _)| *told == seen);
                if let Some((_, why)) = told.filter(|_| stored.is_some() && !resumed) {
                    self.stop(why);
                } else if stored.is_some_and(|stored| stored != seen.hash) && !resumed {
                    self.other_history(&seen.origin, seen.seq);
                }
            }
            Input::HeadFile { head } => {
                let own = self.book.head(&self.setup.me);
                // A ledger that went on from where others knew it is shorter than the one it takes the place of.
                let (noted, stored) = ((head.incarnation, head.seq), (own.incarnation, own.seq));
                if noted > stored || (noted == stored && head.hash != own.hash) {
                    self.begin_recovery(now);
                    self.lost_something();
                }
            }
            Input::Absent { who } => {
                if let Some(recovery) = &mut self.recovery {
                    recovery.without(&who);
                    self.turn.changed.others = true;
                }
            }
            Input::StepBack { sku } => self.step_back(now, &sku),
            Input::Quarantine { origin, why } => self.quarantine(&origin, &why),
            Input::Stop { why } => self.stop(why),
        }
    }

    /// Beats, heads, fetches and questions that are due.
    fn keep_time(&mut self, now: Now) {
        if now.mono_ms >= self.beat_at {
            // Until the clocks agree, each beat asks for the others'.
            let asks = self.beats.is_multiple_of(PING_EVERY) || !self.time.is_synchronised();
            let ping = asks.then(|| self.spread(u64::MAX));
            if let Some(nonce) = ping {
                self.pings.sent(nonce, now.mono_ms);
            }
            self.beats += 1;
            self.beat_at = now.mono_ms + super::failure_detector::BEAT_MS;
            self.turn.at_once.push(Send { to: None, lane: Lane::Control, message: Message::Beat { ping } });
        }
        if now.mono_ms >= self.heads_at {
            self.heads_at = now.mono_ms + HEADS_MS + self.spread(HEADS_MS / 2);
            let message = Message::Heads { heads: self.told_heads(), forks: self.told_forks() };
            self.turn.after_sends.push(Send { to: None, lane: Lane::Control, message });
        }
        self.ask_for_own_ledger(now);
        self.close_snapshots(now);
        self.fetch_what_is_missing(now);
        self.turn.wake_by(self.beat_at);
        self.turn.wake_by(self.heads_at);
    }

    /// A number below `limit` that differs from node to node and time to time.
    fn spread(&mut self, limit: u64) -> u64 {
        // xorshift64: spreading needs no more.
        self.jitter ^= self.jitter << 13;
        self.jitter ^= self.jitter >> 7;
        self.jitter ^= self.jitter << 17;
        self.jitter % limit.max(1)
    }

    fn heads_soon(&mut self, now: Now) {
        self.heads_at = self.heads_at.min(now.mono_ms + HEADS_SOON_MS);
    }

    fn join(&mut self) {
        if !self.joined {
            self.joined = true;
            self.turn.dirty = true;
            self.turn.changed.others = true;
        }
    }

    fn stop(&mut self, why: String) {
        if self.stopped.is_none() {
            self.stopped = Some(why);
            self.turn.changed.others = true;
        }
    }

    fn quarantine(&mut self, origin: &WarehouseId, why: &str) {
        if *origin == self.setup.me {
            self.stop(why.to_owned());
            return;
        }
        if !self.book.is_quarantined(origin) {
            self.book.quarantine(origin, why);
            self.turn.heads.insert(origin.clone());
            self.turn.dirty = true;
            self.turn.changed.others = true;
            // Whose it is must know of it.
            self.heads_at = 0;
        }
        if let Some(incoming) = self.incoming.get_mut(origin) {
            incoming.clear();
        }
    }

    /// An origin's own seals prove two histories under its name.
    fn other_history(&mut self, origin: &WarehouseId, seq: u64) {
        self.quarantine(origin, &format!("{FORK}{seq}"));
    }

    /// A member says that it follows the own ledger no further. Its word is enough to stop, for whoever goes on writing is
    /// followed by nobody there; unless what it holds is what a recovery without it gave up.
    fn set_apart_at(&mut self, by: &WarehouseId, seq: u64, theirs: &Head) {
        let Head { seq: last, hash, incarnation } = *theirs;
        let seen = Testimony { origin: self.setup.me.clone(), seq: last, hash, incarnation };
        let why = format!("{by} holds another history of this warehouse at entry {seq}");
        self.told_apart = Some((seen.clone(), why));
        self.turn.compare.push(seen);
    }

    /// The ledgers of which two histories were seen, with the place.
    fn told_forks(&self) -> BTreeMap<WarehouseId, u64> {
        let apart = self.book.heads().iter().filter_map(|(w, part)| Some((w, part.quarantine.as_ref()?)));
        apart.filter_map(|(w, why)| Some((w.clone(), why.strip_prefix(FORK)?.parse().ok()?))).collect()
    }

    /// How far the ledgers go here, with everybody known, though nothing of theirs be applied.
    fn told_heads(&self) -> crate::ledger::entry::Cut {
        let mut heads = self.book.cut();
        for other in self.others() {
            heads.entry(other).or_insert(Head::EMPTY);
        }
        heads
    }

    /// Everybody else that belongs; before a roster is known, everybody that was heard or told of.
    fn others(&self) -> Vec<WarehouseId> {
        let mut others: Vec<_> = match self.book.roster() {
            Some(roster) => roster.members.keys().chain(self.later_members()).cloned().collect(),
            None => self.peers.keys().chain(self.book.heads().keys()).cloned().collect(),
        };
        others.sort();
        others.dedup();
        others.retain(|other| *other != self.setup.me);
        others
    }

    fn today(&self, now: Now) -> NaiveDate {
        let here = self.cluster_moment(now).saturating_add(now.ahead_ms);
        DateTime::from_timestamp_millis(here).unwrap_or_default().date_naive()
    }

    /// The book with everything stepped so far; it runs ahead of the store by the batches in flight.
    #[must_use]
    pub const fn book(&self) -> &Book {
        &self.book
    }

    /// This warehouse.
    #[must_use]
    pub const fn me(&self) -> &WarehouseId {
        &self.setup.me
    }

    /// How far the own ledger goes.
    #[must_use]
    pub fn head(&self) -> Head {
        self.book.head(&self.setup.me)
    }

    /// The number of this start as others are shown it.
    #[must_use]
    pub const fn incarnation(&self) -> u32 {
        self.incarnation
    }

    /// The last batch given out.
    #[must_use]
    pub const fn batch(&self) -> u64 {
        self.batch
    }

    /// The greatest hybrid time given or merged.
    #[must_use]
    pub const fn hlc(&self) -> u64 {
        self.hlc.last()
    }

    /// The public key of the own seals.
    #[must_use]
    pub const fn public_key(&self) -> PublicKey {
        self.public
    }

    /// Whether the node belongs, or belonged, to a cluster and isn't getting its ledger back.
    #[must_use]
    pub const fn joined(&self) -> bool {
        self.joined
    }

    /// Whether it asks the others how much of its own ledger they hold; who has not answered yet.
    #[must_use]
    pub fn recovering(&self) -> Option<Vec<WarehouseId>> {
        self.recovery.as_ref().map(|r| r.silent().cloned().collect())
    }

    /// Whether it asks only since it has nothing: as far as is known, it is new here.
    #[must_use]
    pub fn joining(&self) -> bool {
        self.recovery.as_ref().is_some_and(Recovery::is_new)
    }

    /// Who was declared absent for the recovery under way.
    #[must_use]
    pub fn declared_absent(&self) -> BTreeSet<WarehouseId> {
        self.recovery.as_ref().map(|r| r.absent().clone()).unwrap_or_default()
    }

    /// Why it stopped writing, if it did.
    #[must_use]
    pub fn stopped(&self) -> Option<&str> {
        self.stopped.as_deref().or(self.elsewhere.then_some(ELSEWHERE))
    }

    /// Whether it stopped for as long as it runs: no wait for the bus brings it back to work.
    #[must_use]
    pub fn stopped_for_good(&self) -> Option<&str> {
        self.stopped.as_deref()
    }

    /// Whether the bus serves another process under this name.
    #[must_use]
    pub const fn is_elsewhere(&self) -> bool {
        self.elsewhere
    }

    /// What was refused since the start, by kind.
    #[must_use]
    pub const fn refusals(&self) -> Refusals {
        self.refusals
    }

    fn refuse(&mut self, kind: impl FnOnce(&mut Refusals) -> &mut u64) {
        *kind(&mut self.refusals) += 1;
        self.turn.changed.others = true;
    }

    /// The public key that the newest seals of an origin are checked with, if it is known.
    #[must_use]
    pub fn key_of(&self, origin: &WarehouseId) -> Option<PublicKey> {
        self.key_at(origin, u64::MAX)
    }

    /// The public key that proves an entry, if it is known.
    fn key_at(&self, origin: &WarehouseId, seq: u64) -> Option<PublicKey> {
        self.book.rosters().key_at(origin, seq).or_else(|| self.founders_key(origin))
    }

    fn peer(&mut self, id: &WarehouseId) -> &mut peers::Peer {
        self.peers.entry(id.clone()).or_insert_with(|| {
            peers::Peer::known(PeerRecord { id: id.clone(), key: None, incarnation: 0, last_seen_ms: 0 })
        })
    }
}
