//! Somebody at the door of a node in this process.

use std::collections::HashSet;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;
use uuid::Uuid;

use super::BenchError;
use super::measure::{PATIENCE, Watch};
use crate::domain::Operator;
use crate::ledger::act::{Act, Outcome, Request};
use crate::node::event::{Changes, PeerState, PeerView, Reply};
use crate::node::{Event, Intent, Node, NodeConfig, Question, clock};

/// Acts of one message, and acts under way: as an import does it.
const CHUNK: usize = 500;
const WINDOW: usize = 8 * CHUNK;
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A node and somebody at its door.
pub(super) struct Worker {
    node: Node,
    operator: Operator,
    intents: mpsc::Sender<Intent>,
    events: mpsc::Receiver<Event>,
}

impl Worker {
    /// Starts a node and waits until it may write.
    pub(super) async fn start(config: NodeConfig) -> Result<Self, BenchError> {
        let node = crate::node::start(config).await?;
        let (intents, events) = node.door();
        let mut worker = Self { node, operator: Operator::new("bench")?, intents, events };
        worker.watch().await?;
        // Whoever books much doesn't look at every change: another door, at which nothing is told unasked.
        (worker.intents, worker.events) = worker.node.door();
        Ok(worker)
    }

    /// Subscribes to all changes, and waits until the node has joined.
    pub(super) async fn watch(&mut self) -> Result<(), BenchError> {
        self.send(Intent::Subscribe).await?;
        loop {
            let status = match self.next("the node joins").await? {
                Event::Picture { picture } => Some(picture.status),
                Event::Changed { changes } => changes.status,
                _ => None,
            };
            if status.is_some_and(|status| status.joined) {
                return Ok(());
            }
        }
    }

    /// Does all of these, as many at once as an import does.
    pub(super) async fn book(&mut self, acts: Vec<Act>) -> Result<(), BenchError> {
        let mut waiting = acts.into_iter();
        let mut under_way = HashSet::new();
        loop {
            if under_way.len() + CHUNK <= WINDOW {
                let requests: Vec<_> = waiting.by_ref().take(CHUNK).map(|act| self.request(act)).collect();
                if !requests.is_empty() {
                    under_way.extend(requests.iter().map(|request| request.id));
                    self.send(Intent::Do { requests }).await?;
                    continue;
                }
            }
            if under_way.is_empty() {
                return Ok(());
            }
            if let Event::Answered { answers } = self.next("an answer").await? {
                for (id, outcome) in answers {
                    under_way.remove(&id);
                    recorded(outcome)?;
                }
            }
        }
    }

    /// The last own entry that is recorded.
    pub(super) async fn recorded(&mut self) -> Result<u64, BenchError> {
        let id = Uuid::now_v7();
        self.send(Intent::Ask { id, question: Question::Status }).await?;
        loop {
            if let Event::Reply { id: answered, reply } = self.next("a reply").await?
                && answered == id
            {
                return match reply {
                    Ok(Reply::Status { status }) => Ok(status.recorded),
                    other => Err(BenchError::Data(format!("no status: {other:?}"))),
                };
            }
        }
    }

    /// Asks for one act; which entry it became, and how long it took until that was answered and shown here, in
    /// microseconds. The door must watch.
    pub(super) async fn book_one(&mut self, act: Act) -> Result<(u64, u64), BenchError> {
        let request = self.request(act);
        let id = request.id;
        let watch = Watch::start();
        self.send(Intent::Do { requests: vec![request] }).await?;
        let mut newest = 0;
        let mut entry = None;
        loop {
            match self.next("an answer").await? {
                Event::Answered { answers } => {
                    for (answered, outcome) in answers {
                        if answered == id {
                            entry = Some(recorded(outcome)?);
                        }
                    }
                }
                Event::Changed { changes } => newest = newest.max(newest_of(&changes, None)),
                _ => {}
            }
            if let Some(entry) = entry
                && newest >= entry
            {
                return Ok((entry, watch.us()));
            }
        }
    }

    /// Asks for one act; which entry it became, and how long it took until that was answered, in microseconds.
    pub(super) async fn ask_one(&mut self, act: Act) -> Result<(u64, u64), BenchError> {
        let request = self.request(act);
        let id = request.id;
        let watch = Watch::start();
        self.send(Intent::Do { requests: vec![request] }).await?;
        loop {
            if let Event::Answered { answers } = self.next("an answer").await?
                && let Some((_, outcome)) = answers.into_iter().find(|(answered, _)| *answered == id)
            {
                return Ok((recorded(outcome)?, watch.us()));
            }
        }
    }

    /// Waits until an entry of another warehouse is shown here; when that was. The door must watch.
    pub(super) async fn see(&mut self, origin: &str, entry: u64) -> Result<u64, BenchError> {
        loop {
            if let Event::Changed { changes } = self.next("an entry of another warehouse").await?
                && newest_of(&changes, Some(origin)) >= entry
            {
                return Ok(clock::mono_us());
            }
        }
    }

    /// Waits until the node holds an entry of another warehouse; its door need not watch.
    pub(super) async fn holds(&mut self, origin: &str, entry: u64) -> Result<(), BenchError> {
        let watch = Watch::start();
        while !watch.is_late() {
            let id = Uuid::now_v7();
            self.send(Intent::Ask { id, question: Question::Peers }).await?;
            let peers = loop {
                if let Event::Reply { id: answered, reply } = self.next("a reply").await?
                    && answered == id
                {
                    break reply;
                }
            };
            let Ok(Reply::Peers { peers }) = peers else {
                return Err(BenchError::Data(format!("no peers: {peers:?}")));
            };
            if peers.iter().any(|peer| peer.id.as_str() == origin && peer.applied >= entry) {
                return Ok(());
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Err(BenchError::too_late("all entries of another warehouse"))
    }

    /// Takes a snapshot; how long it took until it was shown as closed here, in microseconds. All must have marked
    /// it. The door must watch.
    pub(super) async fn snapshot(&mut self) -> Result<u64, BenchError> {
        let request = self.request(Act::TakeSnapshot);
        let watch = Watch::start();
        self.send(Intent::Do { requests: vec![request] }).await?;
        loop {
            match self.next("a closed snapshot").await? {
                Event::Answered { answers } => {
                    for (_, outcome) in answers {
                        recorded(outcome)?;
                    }
                }
                Event::Changed { changes } => {
                    let closed = changes.snapshots.iter().find_map(|snapshot| snapshot.closed.as_ref());
                    match closed {
                        Some(closed) if closed.missing.is_empty() => return Ok(watch.us()),
                        Some(closed) => {
                            return Err(BenchError::Data(format!(
                                "a partial snapshot: {:?}",
                                closed.missing
                            )));
                        }
                        None => {}
                    }
                }
                _ => {}
            }
        }
    }

    /// Subscribes to all changes, and waits until another warehouse is alive.
    pub(super) async fn meet(&mut self) -> Result<(), BenchError> {
        self.send(Intent::Subscribe).await?;
        loop {
            let peers = match self.next("the other warehouse").await? {
                Event::Picture { picture } => Some(picture.peers),
                Event::Changed { changes } => changes.peers,
                _ => None,
            };
            let is_alive = |peers: Vec<PeerView>| peers.iter().any(|peer| peer.state == PeerState::Alive);
            if peers.is_some_and(is_alive) {
                return Ok(());
            }
        }
    }

    /// Ends the node.
    pub(super) async fn stop(self) {
        self.node.stop().await;
    }

    fn request(&self, act: Act) -> Request {
        Request { id: Uuid::now_v7(), operator: self.operator.clone(), act }
    }

    async fn send(&self, intent: Intent) -> Result<(), BenchError> {
        self.intents.send(intent).await.map_err(|_| BenchError::Ended(String::new()))
    }

    async fn next(&mut self, what: &'static str) -> Result<Event, BenchError> {
        match timeout(PATIENCE, self.events.recv()).await {
            Ok(Some(Event::Stopping { reason })) => Err(BenchError::Ended(reason)),
            Ok(Some(event)) => Ok(event),
            Ok(None) => Err(BenchError::Ended(String::new())),
            Err(_) => Err(BenchError::too_late(what)),
        }
    }
}

/// The last entry of an act that was recorded.
fn recorded(outcome: Outcome) -> Result<u64, BenchError> {
    match outcome {
        Outcome::Recorded { entries } => Ok(entries.last().map_or(0, |entry| entry.seq)),
        Outcome::Refused { refusal } => Err(BenchError::Refused(refusal)),
    }
}

/// The newest entry among changes, of any warehouse or of one.
fn newest_of(changes: &Changes, origin: Option<&str>) -> u64 {
    let of = changes.movements.iter().filter(|row| origin.is_none_or(|origin| row.origin.as_str() == origin));
    of.map(|row| row.seq).max().unwrap_or(0)
}
