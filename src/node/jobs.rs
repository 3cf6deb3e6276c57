//! What the loop has done for it while it goes on: everything that waits for the store, the disk or the broker.
//!
//! A commit, and what a step waits for, is tried until it is done or the store says no: the loop shows the trouble
//! meanwhile. No database call is ever abandoned half-way; the store sees to that.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::task::{JoinHandle, JoinSet};
use uuid::Uuid;

use super::alerts::since::Undated;
use super::door::DoorId;
use super::event::{DemandDay, Reply};
use super::founding::Claim;
use super::head_file;
use super::outbox::Range;
use super::seen_file::Seen;
use super::snapshots;
use crate::domain::{Sku, TransferId, Trouble, WarehouseId};
use crate::ledger::act::{Act, Request};
use crate::ledger::{Hash, Head, StoredEntry};
use crate::protocol::batch::{Batch, Loaded};
use crate::protocol::effects::{Serve, Testimony};
use crate::protocol::envelope::MAX_RANGE_BYTES;
use crate::protocol::input::Input;
use crate::store::{Demand, HistoryQuery, Ready, Store, StoreError};

const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// Questions to the store at once, those of the commits and of the lookups apart.
const QUESTIONS: usize = 3;
/// Beyond so many jobs, a question isn't taken.
const WAITING: usize = 256;

/// How a commit ended.
#[derive(Debug)]
pub enum Commit {
    /// It is in.
    Done,
    /// Another process writes.
    Foreign,
    /// An entry can't be; nothing of the batch is in.
    Refused {
        /// Whose.
        origin: WarehouseId,
        /// Why.
        why: String,
    },
}

/// What was done.
#[derive(Debug)]
pub enum Done {
    /// A batch.
    Committed(Commit),
    /// The lookup of requests: ready to be stepped.
    LookedUp(Vec<Input>),
    /// The head file says this.
    HeadWritten(Head),
    /// The file of what others have seen is written, or can't be.
    SeenWritten,
    /// Own entries to publish.
    Read(Option<Range>),
    /// A range for somebody, where there is one.
    Served(Serve, Option<Range>),
    /// An entry for a comparison.
    Compared {
        /// What was seen.
        seen: Testimony,
        /// What is stored.
        stored: Option<Hash>,
        /// Whether a later start went on from before it.
        resumed: bool,
    },
    /// The answer to a question.
    Answered {
        /// Where it was asked.
        door: DoorId,
        /// The question.
        id: Uuid,
        /// The answer.
        reply: Result<Reply, String>,
    },
    /// Since when alerts stand, as far as the history tells.
    Dated(Vec<(String, i64)>),
    /// What was issued within the last days.
    Issued(Option<Vec<Demand>>),
    /// The state anew, after a refusal.
    Loaded(Box<Loaded>),
    /// The founding mark: ours or not.
    Founding(bool),
    /// The store was asked whether it answers.
    Pinged,
}

/// Starts jobs and gathers what they did.
#[derive(Debug)]
pub struct Jobs {
    store: StoreHandle,
    running: JoinSet<Done>,
    told: mpsc::Sender<Option<Trouble>>,
    room: Arc<Semaphore>,
}

/// The store, with a plain word for debugging.
#[derive(Clone)]
struct StoreHandle(Store);

impl std::fmt::Debug for StoreHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl Jobs {
    /// Over a store; the other end hears of its troubles.
    #[must_use]
    pub fn new(store: Store) -> (Self, mpsc::Receiver<Option<Trouble>>) {
        let (told, troubles) = mpsc::channel(16);
        let jobs = Self {
            store: StoreHandle(store),
            running: JoinSet::new(),
            told,
            room: Arc::new(Semaphore::new(QUESTIONS)),
        };
        (jobs, troubles)
    }

    /// The next job that is done; none where none runs.
    pub async fn next(&mut self) -> Option<Done> {
        loop {
            match self.running.join_next().await? {
                Ok(done) => return Some(done),
                Err(error) => tracing::error!(%error, "a job of the node ended without a result"),
            }
        }
    }

    /// A job that is done already.
    pub fn ready(&mut self) -> Option<Done> {
        self.running.try_join_next()?.ok()
    }

    /// Begins to make a batch ready for its commit.
    pub fn make_ready(&self, batch: Arc<Batch>) -> Readying {
        let store = self.store.0.clone();
        tokio::spawn(async move { store.ready(batch) })
    }

    /// Commits a batch that is, or is being, made ready.
    pub fn commit(&mut self, batch: Arc<Batch>, readying: Readying) {
        let (store, told) = self.at_hand();
        self.running.spawn(async move {
            let mut readying = Some(readying);
            let outcome = insist(&told, || commit_once(store.clone(), Arc::clone(&batch), readying.take()));
            Done::Committed(outcome.await)
        });
    }

    /// Looks up what the store holds of these requests already.
    pub fn look_up(&mut self, me: WarehouseId, requests: Vec<Request>) {
        let (store, told) = self.at_hand();
        self.running.spawn(async move {
            let ids: Arc<[Uuid]> = requests.iter().map(|request| request.id).collect();
            let mut known = insist(&told, || commands(store.clone(), ids.clone())).await;
            let mut targets = BTreeMap::new();
            for request in &requests {
                let Act::Reverse { entry, .. } = &request.act else {
                    continue;
                };
                if entry.origin == me && !targets.contains_key(&entry.seq) {
                    let target = insist(&told, || entry_at(store.clone(), me.clone(), entry.seq)).await;
                    targets.insert(entry.seq, target);
                }
            }
            let inputs = requests.into_iter().map(|request| {
                let target = match &request.act {
                    Act::Reverse { entry, .. } if entry.origin == me => {
                        targets.get(&entry.seq).cloned().flatten()
                    }
                    _ => None,
                };
                let known = known.remove(&request.id).unwrap_or_default();
                Input::Request { request, known, target }
            });
            Done::LookedUp(inputs.collect())
        });
    }

    /// Loads the state anew.
    pub fn load(&mut self) {
        let (store, told) = self.at_hand();
        self.running.spawn(async move {
            let loaded = Box::pin(insist(&told, || load(store.clone()))).await;
            Done::Loaded(Box::new(loaded))
        });
    }

    /// Writes the head file.
    pub fn write_head(&mut self, path: PathBuf, head: Head) {
        self.running.spawn(async move {
            let mut wait = FIRST_WAIT;
            loop {
                let path = path.clone();
                let write = tokio::task::spawn_blocking(move || head_file::write(&path, &head));
                match write.await.map_err(std::io::Error::other).flatten() {
                    Ok(()) => return Done::HeadWritten(head),
                    Err(error) => {
                        tracing::error!(%error, "the head file can't be written; nothing is published");
                    }
                }
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
        });
    }

    /// Writes who has seen how much; where that can't be, the next start knows less.
    pub fn write_seen(&mut self, seen: Seen) {
        self.running.spawn(async move {
            let written = tokio::task::spawn_blocking(move || seen.write()).await;
            if let Err(error) = written.map_err(std::io::Error::other).flatten() {
                tracing::warn!(%error, "the file of what others have seen can't be written");
            }
            Done::SeenWritten
        });
    }

    /// Reads own entries to publish.
    pub fn read(&mut self, me: WarehouseId, from_seq: u64) {
        let (store, _) = self.at_hand();
        self.running.spawn(async move {
            let range = range(&store, &me, from_seq).await;
            if range.is_none() {
                tokio::time::sleep(FIRST_WAIT * 5).await;
            }
            Done::Read(range)
        });
    }

    /// Reads a range for somebody; let go where too many are read already, since they ask again.
    pub fn serve(&mut self, serve: Serve) {
        let Ok(place) = Arc::clone(&self.room).try_acquire_owned() else {
            return;
        };
        let (store, _) = self.at_hand();
        self.running.spawn(async move {
            let range = range(&store, &serve.origin, serve.from_seq).await;
            drop(place);
            Done::Served(serve, range)
        });
    }

    /// Looks at what is stored in the place of a testimony; let go where the store doesn't answer: the next one asks again.
    pub fn compare(&mut self, seen: Testimony) {
        let Ok(place) = Arc::clone(&self.room).try_acquire_owned() else {
            return;
        };
        let (store, _) = self.at_hand();
        self.running.spawn(async move {
            let stored = store.entry(&seen.origin, seen.seq).await.ok().flatten();
            let stored = stored.map(|entry: StoredEntry| entry.hash);
            let resumed = stored.is_some_and(|stored| stored != seen.hash);
            let resumed =
                resumed && store.resumed(&seen.origin, seen.incarnation, seen.seq).await.unwrap_or(true);
            drop(place);
            Done::Compared { seen, stored, resumed }
        });
    }

    /// Answers a question about the history.
    pub fn history(&mut self, door: DoorId, id: Uuid, query: HistoryQuery) {
        self.ask(door, id, move |store| async move {
            let page = store.history(&query).await?;
            Ok(Reply::History { page })
        });
    }

    /// Answers which snapshots there are.
    pub fn snapshots(&mut self, door: DoorId, id: Uuid) {
        self.ask(door, id, move |store| async move {
            Ok(Reply::Snapshots { snapshots: store.snapshots(snapshots::LISTED).await? })
        });
    }

    /// Answers a question about one snapshot.
    pub fn snapshot(&mut self, door: DoorId, id: Uuid, snapshot: TransferId) {
        self.ask(door, id, move |store| async move {
            let detail = snapshots::open(&store, &snapshot).await?.map(Box::new);
            Ok(Reply::Snapshot { detail })
        });
    }

    /// Answers what lay where at a moment.
    pub fn stock_at(&mut self, door: DoorId, id: Uuid, at_ms: i64) {
        self.ask(door, id, move |store| async move {
            let then = Box::new(snapshots::stock_then(&store, at_ms).await?);
            Ok(Reply::StockAt { then })
        });
    }

    /// Answers how often each product was issued.
    pub fn issue_counts(&mut self, door: DoorId, id: Uuid, me: WarehouseId, since_ms: i64) {
        self.ask(door, id, move |store| async move {
            Ok(Reply::IssueCounts { counts: store.issue_counts(&me, since_ms).await? })
        });
    }

    /// Answers what was done here since then.
    pub fn done_since(&mut self, door: DoorId, id: Uuid, me: WarehouseId, since_ms: i64) {
        self.ask(door, id, move |store| async move {
            Ok(Reply::DoneSince { done: store.done_since(&me, since_ms).await? })
        });
    }

    /// Answers a question about the demand of a product.
    pub fn demand(&mut self, door: DoorId, id: Uuid, me: WarehouseId, sku: Sku, since_ms: i64) {
        self.ask(door, id, move |store| async move {
            let days = store.days(&me, &sku, since_ms).await?.into_iter();
            Ok(Reply::Demand { days: days.map(DemandDay::from).collect() })
        });
    }

    fn ask<F>(&mut self, door: DoorId, id: Uuid, work: impl FnOnce(Store) -> F + Send + 'static)
    where
        F: Future<Output = Result<Reply, StoreError>> + Send + 'static,
    {
        if self.running.len() >= WAITING {
            let reply = Err("too much is asked at once; ask again in a moment".to_owned());
            self.running.spawn(async move { Done::Answered { door, id, reply } });
            return;
        }
        let (store, _) = self.at_hand();
        let room = Arc::clone(&self.room);
        self.running.spawn(async move {
            let place = room.acquire_owned().await;
            let reply = work(store).await.map_err(|error| error.to_string());
            drop(place);
            Done::Answered { door, id, reply }
        });
    }

    /// Sums up what was issued from then until now (milliseconds since 1970 UTC).
    pub fn issued(&mut self, since_ms: i64, now_ms: i64) {
        let (store, _) = self.at_hand();
        self.running.spawn(async move { Done::Issued(store.demand(since_ms, now_ms).await.ok()) });
    }

    /// Looks up since when alerts stand.
    pub fn date(&mut self, me: WarehouseId, undated: Vec<Undated>) {
        let (store, _) = self.at_hand();
        let room = Arc::clone(&self.room);
        self.running.spawn(async move {
            let mut dated = Vec::new();
            for alert in undated {
                let place = room.acquire().await;
                let found = alert.look(&store, &me).await;
                drop(place);
                match found {
                    Ok(at_ms) => dated.extend(at_ms.map(|at_ms| (alert.id, at_ms))),
                    Err(error) => {
                        tracing::warn!(%error, "since when alerts stand can't be read; they count from this start");
                        break;
                    }
                }
            }
            Done::Dated(dated)
        });
    }

    /// Claims the founding until the bus answers.
    pub fn found(&mut self, claim: Claim) {
        self.running.spawn(async move {
            let mut wait = FIRST_WAIT;
            let mut told = String::new();
            loop {
                match claim.try_once().await.map_err(|error| error.to_string()) {
                    Ok(ours) => return Done::Founding(ours),
                    Err(error) if error == told => {}
                    Err(error) => {
                        tracing::warn!(%error, "the cluster can't be founded yet");
                        told = error;
                    }
                }
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
        });
    }

    /// Asks the store whether it answers, and insists.
    pub fn ping(&mut self) {
        let (store, told) = self.at_hand();
        self.running.spawn(async move {
            insist(&told, || ping(store.clone())).await;
            Done::Pinged
        });
    }

    fn at_hand(&self) -> (Store, mpsc::Sender<Option<Trouble>>) {
        (self.store.0.clone(), self.told.clone())
    }

    /// Ends the store's connections.
    pub async fn close(self) {
        drop(self.running);
        self.store.0.close().await;
    }
}

async fn range(store: &Store, origin: &WarehouseId, from_seq: u64) -> Option<Range> {
    match store.range(origin, from_seq, MAX_RANGE_BYTES).await {
        Ok((entries, seals)) => Some(Range { entries, seals }).filter(|range| !range.entries.is_empty()),
        Err(error) => {
            tracing::debug!(%error, %origin, from_seq, "a range can't be read");
            None
        }
    }
}

/// Tries until it works, telling the trouble, and that it is over.
async fn insist<T, F>(told: &mpsc::Sender<Option<Trouble>>, mut work: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut wait = FIRST_WAIT;
    loop {
        match work().await {
            Ok(done) => {
                // Whoever listens asks for the state only; a full queue has newer word of the same.
                let _ = told.try_send(None);
                return done;
            }
            Err(error) => {
                let _ = told.try_send(Some(Trouble::from(&error)));
            }
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

/// A batch on its way to being ready.
pub type Readying = JoinHandle<Result<Ready, StoreError>>;

async fn commit_once(
    store: Store,
    batch: Arc<Batch>,
    readying: Option<Readying>,
) -> Result<Commit, StoreError> {
    let ready = match readying {
        Some(readying) => readying.await.ok(),
        None => None,
    };
    // Once tried it is gone: it is made ready anew.
    let ready = ready.unwrap_or_else(|| store.ready(batch));
    let done = match ready {
        Ok(ready) => store.commit_ready(ready).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(_) => Ok(Commit::Done),
        Err(StoreError::ForeignWriter) => Ok(Commit::Foreign),
        Err(StoreError::Refused { origin, seq, why }) => {
            Ok(Commit::Refused { origin, why: format!("entry {seq}: {why}") })
        }
        Err(error) => Err(error),
    }
}

async fn commands(store: Store, ids: Arc<[Uuid]>) -> Result<BTreeMap<Uuid, Vec<StoredEntry>>, StoreError> {
    store.commands(&ids).await
}

async fn entry_at(store: Store, origin: WarehouseId, seq: u64) -> Result<Option<StoredEntry>, StoreError> {
    store.entry(&origin, seq).await
}

async fn load(store: Store) -> Result<Loaded, StoreError> {
    store.load().await
}

async fn ping(store: Store) -> Result<(), StoreError> {
    store.ping().await
}
