//! The one loop: it takes what has arrived, steps the core, commits one batch, then sends, acknowledges and tells.
//!
//! Nothing rests on a batch before it is committed. While one batch commits, what arrives gathers for the next.

mod asking;
mod commits;
mod links;
mod schedule;
mod showing;
mod stepping;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::alerts::Alerts;
use super::catching_up::Progress;
use super::clock;
use super::door::{Doors, Knock};
use super::event::{Changes, LinkView};
use super::founding::Claim;
use super::inbox::Inbox;
use super::jobs::{Done, Jobs, Readying};
use super::outbox::Outbox;
use super::post::Post;
use super::seen_file::Seen;
use super::shown::{Recorded, Shown};
use super::views::Issued;
use crate::bus::{BusCommand, BusEvent};
use crate::domain::Trouble;
use crate::ledger::Head;
use crate::ledger::act::Request;
use crate::protocol::batch::Batch;
use crate::protocol::core::{Core, Setup};
use crate::protocol::effects::After;
use crate::protocol::input::{Input, Now};

/// Things taken from the queues before the core is stepped.
const DRAIN: usize = 1024;
/// A slow subscriber is looked after again this many milliseconds later.
const CATCH_UP_MS: u64 = 50;
/// At the end, a commit that runs is waited for this long, and the farewells of bus and store that long together.
const LAST_COMMIT: Duration = Duration::from_millis(500);
const FAREWELL: Duration = Duration::from_millis(400);

/// What the loop is told at the start and never changes.
#[derive(Debug)]
pub struct Ground {
    /// What the core is set up with; a reload needs it again.
    pub setup: Setup,
    /// The name for people.
    pub name: String,
    /// The head file.
    pub head_file: PathBuf,
    /// Whether the node ends when somebody else wants to run it.
    pub gives_way: bool,
    /// The claim to found the cluster, where this node may.
    pub claim: Option<Claim>,
    /// The minute of the day (local time) at which a snapshot is taken each day.
    pub snapshot_daily_at: Option<u32>,
}

/// What was stepped and isn't released yet.
#[derive(Debug)]
struct Turn {
    /// For stepping it anew after a refusal.
    inputs: Vec<Input>,
    batch: Option<Arc<Batch>>,
    /// Its batch, being made ready for the store.
    readying: Option<Readying>,
    after: After,
    changes: Changes,
}

/// The loop's state.
#[derive(Debug)]
pub struct Runtime {
    ground: Ground,
    core: Core,
    recorded: Recorded,
    issued: Issued,
    jobs: Jobs,
    post: Post,
    inbox: Inbox,
    outbox: Outbox,
    doors: Doors,
    shown: Shown,
    alerts: Alerts,
    progress: Progress,

    /// Requests that wait for their lookup.
    requests: VecDeque<Request>,
    looked_up: Vec<Input>,
    lookups: commits::Lookups,
    /// Inputs that may write, and those that hardly do: beats go on while the store is down.
    held: VecDeque<Input>,
    quick: Vec<Input>,

    unfinished: VecDeque<Turn>,
    committing: bool,
    /// Set while the state is loaded anew: what is stepped first then, and the origin whose entries are left out.
    reloading: Option<commits::Reload>,
    /// Another process writes to the store: nothing is written, read for others or answered any more.
    lost: Option<String>,

    head_written: Head,
    writing_head: bool,
    seen: Seen,

    store: LinkView,
    bus: LinkView,
    bus_ended: bool,
    /// The bus hasn't said yet how it is.
    waits_for_bus: bool,
    dead_letters: u64,

    times: Times,
    dirty: Dirty,
    stopping: Option<String>,
}

/// When what is due next, in monotonic milliseconds.
#[derive(Debug, Default)]
struct Times {
    started: u64,
    core: u64,
    peers: u64,
    minute: u64,
    issued: u64,
    ping: u64,
    alerts: u64,
    today: NaiveDate,
}

/// What is to be told anew.
#[derive(Debug, Default)]
struct Dirty {
    peers: bool,
    alerts: bool,
    status: bool,
    slow_doors: bool,
    issued_moved: bool,
    pinging: bool,
    summing: bool,
}

/// The parts a loop is put together from.
#[derive(Debug)]
pub struct Parts {
    /// What never changes.
    pub ground: Ground,
    /// The core over the loaded state.
    pub core: Core,
    /// What the store holds.
    pub recorded: Recorded,
    /// What was issued lately.
    pub issued: Issued,
    /// Does what takes time.
    pub jobs: Jobs,
    /// The way out.
    pub post: Post,
    /// The way in.
    pub inbox: Inbox,
    /// How far the own ledger is published.
    pub outbox: Outbox,
    /// What the head file says.
    pub head_written: Head,
    /// Who was known to have how much of the own ledger.
    pub seen: Seen,
    /// The names of the store and the bus.
    pub kinds: (&'static str, &'static str),
}

/// Where the loop listens.
#[derive(Debug)]
pub struct Ears {
    /// The doors.
    pub knocks: mpsc::Receiver<Knock>,
    /// The bus.
    pub events: mpsc::Receiver<BusEvent>,
    /// The store's troubles.
    pub troubles: mpsc::Receiver<Option<Trouble>>,
    /// Says that the node shall end.
    pub stop: CancellationToken,
}

impl Runtime {
    /// Puts the loop together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { ground, core, recorded, issued, jobs, post, inbox, outbox, head_written, seen, kinds } =
            parts;
        let link = |kind: &str, up| LinkView { kind: kind.to_owned(), up, trouble: None };
        let (store, bus) = (link(kinds.0, true), link(kinds.1, false));
        let status = showing::first_status(&ground, &store, &bus);
        Self {
            alerts: Alerts::new(core.me().clone()),
            progress: Progress::default(),
            doors: Doors::default(),
            shown: Shown::new(status),
            requests: VecDeque::new(),
            looked_up: Vec::new(),
            lookups: commits::Lookups::default(),
            held: VecDeque::new(),
            quick: Vec::new(),
            unfinished: VecDeque::new(),
            committing: false,
            reloading: None,
            lost: None,
            writing_head: false,
            bus_ended: false,
            waits_for_bus: true,
            dead_letters: 0,
            times: Times::default(),
            dirty: Dirty::default(),
            stopping: None,
            ground,
            core,
            recorded,
            issued,
            jobs,
            post,
            inbox,
            outbox,
            head_written,
            seen,
            store,
            bus,
        }
    }

    /// Runs until it is told to stop, and says why it ended.
    pub async fn run(mut self, mut ears: Ears, movements: Vec<crate::ledger::MovementRow>) -> String {
        self.begin(clock::now(), movements);
        let commands = self.post.commands();
        while self.stopping.is_none() {
            let now = clock::now();
            let due = self.work(now);
            let wait = Duration::from_millis(due.saturating_sub(now.mono_ms));
            tokio::select! {
                () = ears.stop.cancelled() => self.stopping = Some("the node was told to stop".to_owned()),
                Some(knock) = ears.knocks.recv() => self.knock(knock),
                event = ears.events.recv(), if !self.bus_ended && self.held.len() < 2 * DRAIN => self.bus_event(event),
                Some(done) = self.jobs.next() => self.done(done),
                Some(trouble) = ears.troubles.recv() => self.store_trouble(trouble),
                _ = commands.reserve(), if self.post.waits() => {}
                () = tokio::time::sleep(wait) => {}
            }
            self.drain(&mut ears);
        }
        self.end(ears).await
    }

    /// Takes what else has arrived, within bounds.
    fn drain(&mut self, ears: &mut Ears) {
        for _ in 0..DRAIN {
            let mut any = false;
            if let Ok(knock) = ears.knocks.try_recv() {
                self.knock(knock);
                any = true;
            }
            if self.held.len() < 2 * DRAIN
                && let Ok(event) = ears.events.try_recv()
            {
                self.bus_event(Some(event));
                any = true;
            }
            if let Some(done) = self.jobs.ready() {
                self.done(done);
                any = true;
            }
            if !any {
                return;
            }
        }
    }

    /// Does all that can be done now; tells until when there is nothing to do.
    fn work(&mut self, now: Now) -> u64 {
        self.look_up();
        self.step(now);
        self.go_on_committing(now);
        self.look_at_the_time(now);
        self.publish();
        self.tell(now);
        if self.dirty.slow_doors {
            self.dirty.slow_doors = self.doors.catch_up();
        }
        self.post.hand_over();
        self.due(now)
    }

    fn due(&self, now: Now) -> u64 {
        if self.could_step() {
            return now.mono_ms;
        }
        let mut due = self.times.minute.min(self.times.ping);
        if self.unfinished.is_empty() {
            due = due.min(self.times.issued);
        }
        if self.waits_for_bus {
            due = due.min(self.times.started + stepping::FIRST_WORD_MS);
        } else if self.reloading.is_none() {
            due = due.min(self.times.core);
        }
        if self.dirty.slow_doors {
            due = due.min(now.mono_ms + CATCH_UP_MS);
        }
        if self.dirty.alerts {
            due = due.min(self.times.alerts);
        }
        // A deadline in the past that nothing was done about must not spin.
        due.max(now.mono_ms + 1)
    }

    fn done(&mut self, done: Done) {
        let now = clock::now();
        match done {
            Done::Committed(commit) => self.committed(commit, now),
            Done::LookedUp(inputs) => self.requests_ready(inputs),
            Done::HeadWritten(head) => self.head_is_written(head),
            Done::Read(range) => self.outbox.read(range),
            Done::Served(serve, range) => self.served(serve, range),
            Done::Compared { seen, stored, resumed } => {
                self.held.push_back(Input::Compared { seen, stored, resumed });
            }
            Done::Answered { door, id, reply } => self.replied(door, id, reply),
            Done::Dated(dated) => {
                let recorded = &self.recorded;
                for (id, at_ms) in dated {
                    self.alerts.dated(&id, at_ms, &|id| recorded.acknowledged(id));
                }
            }
            Done::Issued(sums) => self.summed(sums, now),
            Done::Loaded(loaded) => self.loaded_anew(*loaded, now),
            Done::Founding(ours) => {
                if ours && self.core.roster().is_none() {
                    self.held.push_back(Input::Founded);
                }
            }
            Done::SeenWritten => self.seen.written(),
            Done::Pinged => self.dirty.pinging = false,
        }
    }

    /// Ends in order: what was being committed is still answered.
    async fn end(mut self, mut ears: Ears) -> String {
        let reason = self.stopping.take().unwrap_or_default();
        let last = async {
            while self.committing {
                match self.jobs.next().await {
                    Some(Done::Committed(commit)) => {
                        self.committed(commit, clock::now());
                        return;
                    }
                    Some(_) => {}
                    None => return,
                }
            }
        };
        if tokio::time::timeout(LAST_COMMIT, last).await.is_err() {
            tracing::warn!(
                "the last batch was not committed before the end; whoever asked for it may ask again"
            );
        }
        self.doors.stop(&reason);
        self.post.hand_over();
        let commands = self.post.commands();
        if let Some(seen) = self.seen.take_new()
            && let Err(error) = seen.write()
        {
            tracing::warn!(%error, "the file of what others have seen can't be written");
        }
        let jobs = self.jobs;
        let farewell = async {
            let (closed, done) = oneshot::channel();
            let hear = async { while ears.events.recv().await.is_some() {} };
            let close = async {
                if commands.send(BusCommand::Close(closed)).await.is_ok() {
                    // The bus ends in any case.
                    let _ = done.await;
                }
            };
            tokio::select! {
                () = hear => {}
                () = close => {}
            }
            jobs.close().await;
        };
        if tokio::time::timeout(FAREWELL, farewell).await.is_err() {
            tracing::warn!("the bus or the store did not say good-bye in time");
        }
        reason
    }
}
