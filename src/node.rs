//! The node: one loop between the doors, the core, the store and the bus.
//!
//! The doors are the only way in and out for terminals and verbs: [`intent::Intent`] in, [`event::Event`] out, over
//! bounded channels in the process or one JSON line each over the node's socket.

mod alerts;
mod catching_up;
pub mod client;
pub mod clock;
mod door;
mod durable_file;
pub mod event;
mod founding;
mod head_file;
mod inbox;
pub mod intent;
mod jobs;
mod key;
mod line;
mod lock;
mod outbox;
mod post;
pub mod reader;
pub mod replenish;
mod runtime;
mod seen_file;
mod shown;
pub mod snapshots;
mod socket;
pub mod stocktakes;
mod views;

use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use crate::bus::{self, BusConfig, BusError};
use crate::domain::WarehouseId;
use crate::protocol::core::{Core, Setup};
use crate::protocol::envelope::ClusterKey;
use crate::store::{HistoryQuery, Mode, Store, StoreError, Target};

pub use crate::protocol::snapshot::Snapshot;
pub use door::Door;
pub use event::Event;
pub use head_file::HeadFileError;
pub use intent::{Intent, Question};
pub use key::KeyError;
pub use lock::{LockError, holder};

/// How far back issues count for the days of cover, in milliseconds.
/// How often a lock that another process gives up is tried.
const TRY_AGAIN: Duration = Duration::from_millis(50);
/// A node that gives way ends within this time.
const GIVING_WAY: Duration = Duration::from_millis(1_500);

/// What a node needs to start.
#[derive(Debug, Clone)]
pub struct NodeConfig {
    /// Its warehouse.
    pub me: WarehouseId,
    /// The warehouse's name for people.
    pub name: String,
    /// The cluster.
    pub cluster: String,
    /// The cluster's key.
    pub cluster_key: ClusterKey,
    /// The database.
    pub store: Target,
    /// The way to the others.
    pub bus: BusConfig,
    /// The node's own folder: lock, pid, head and key files.
    pub folder: PathBuf,
    /// The socket of its door.
    pub socket: PathBuf,
    /// Whether it may found the cluster.
    pub may_found: bool,
    /// Whether who shows the cluster's key is admitted without asking anybody.
    pub admits: bool,
    /// Whether it ends when another process wants to run the node: a verb's node does.
    pub gives_way: bool,
    /// How long to wait for another process that gives way.
    pub patience: Duration,
    /// The minute of the day (local time) at which a snapshot is taken each day.
    pub snapshot_daily_at: Option<u32>,
}

impl NodeConfig {
    /// The name of the way to the others.
    #[must_use]
    pub const fn bus_kind(&self) -> &'static str {
        match self.bus {
            BusConfig::Rabbit { .. } => "RabbitMQ",
            BusConfig::Spool { .. } => "spool",
        }
    }
}

/// Why a node can't start.
#[derive(Debug, Error)]
pub enum NodeError {
    /// Another process runs it, or its folder can't be used.
    #[error(transparent)]
    Lock(#[from] lock::LockError),
    /// Its key can't be used.
    #[error(transparent)]
    Key(#[from] key::KeyError),
    /// Its head file can't be used.
    #[error(transparent)]
    Head(#[from] head_file::HeadFileError),
    /// Its database can't be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The configuration of its bus can't be used.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// Its socket can't be made.
    #[error("the node's socket {path} can't be made: {why}", path = path.display())]
    Socket {
        /// Where.
        path: PathBuf,
        /// What the system says.
        why: std::io::Error,
    },
}

/// A running node. Dropping it ends it as a crash would.
#[derive(Debug)]
pub struct Node {
    hall: door::Hall,
    stop: CancellationToken,
    task: AbortOnDropHandle<String>,
    _socket: socket::Socket,
    _lock: lock::NodeLock,
}

impl Node {
    /// Opens a door within this process.
    #[must_use]
    pub fn door(&self) -> Door {
        self.hall.open()
    }

    /// Ends it in order, and says why it ended if it had before.
    pub async fn stop(self) -> String {
        self.stop.cancel();
        self.task.await.unwrap_or_else(|error| error.to_string())
    }

    /// Waits until it ends by itself: another process took over, or its loop failed.
    pub async fn ended(&mut self) -> String {
        (&mut self.task).await.unwrap_or_else(|error| error.to_string())
    }
}

/// Starts a node. The bus may be down; the store must answer once.
///
/// # Errors
/// When another process runs it, or its folder, key, store or configuration can't be used.
pub async fn start(config: NodeConfig) -> Result<Node, NodeError> {
    let lock = take_lock(&config).await?;
    let signing = key::read_or_make(&config.folder.join("key"))?;
    let head_path = config.folder.join("head");
    let head_written = head_file::read(&head_path)?;
    let store = Store::open(&config.store, &config.me, Mode::Write).await?;
    let nonce = Uuid::from_u128(rand::random());
    let incarnation = store.claim(nonce).await?;
    let loaded = store.load().await?;
    let wall_ms = i64::try_from(clock::wall_ms()).unwrap_or(i64::MAX);
    let issued = store.demand(views::demand_since(wall_ms), wall_ms).await?;
    let newest = HistoryQuery { limit: 500, ..HistoryQuery::default() };
    let movements = store.history(&newest).await?.rows;
    let link = bus::start(config.bus.clone(), config.me.as_str(), &config.cluster)?;

    let setup = Setup {
        me: config.me.clone(),
        cluster: config.cluster.clone(),
        key: signing,
        incarnation,
        nonce,
        batch: 0,
        seed: rand::random(),
        admits: config.admits,
    };
    let claim = config.may_found.then(|| founding::Claim {
        bus: config.bus.clone(),
        cluster: config.cluster.clone(),
        file: config.folder.join("founding"),
    });
    let sender = post::Sender {
        cluster: config.cluster.clone(),
        key: config.cluster_key.clone(),
        signing: setup.key.clone(),
        me: config.me.clone(),
        nonce,
    };
    let kinds = (store.kind(), config.bus_kind());
    let (jobs, troubles) = jobs::Jobs::new(store);
    let parts = runtime::Parts {
        recorded: shown::Recorded::new(&config.me, &loaded),
        issued: views::Issued::new(issued),
        jobs,
        post: post::Post::new(sender, link.commands),
        inbox: inbox::Inbox::new(config.me.clone(), config.cluster.clone(), config.cluster_key.clone()),
        outbox: outbox::Outbox::new(loaded.published),
        head_written,
        seen: seen_file::Seen::open(seen_file::path(&config.folder)),
        kinds,
        core: Core::new(setup.clone(), loaded),
        ground: runtime::Ground {
            setup,
            name: config.name.clone(),
            head_file: head_path,
            gives_way: config.gives_way,
            claim,
            snapshot_daily_at: config.snapshot_daily_at,
        },
    };
    let (hall, knocks) = door::Hall::new();
    let socket = socket::Socket::listen(&config.socket, hall.clone())
        .map_err(|why| NodeError::Socket { path: config.socket.clone(), why })?;
    let stop = CancellationToken::new();
    let ears = runtime::Ears { knocks, events: link.events, troubles, stop: stop.clone() };
    let task = AbortOnDropHandle::new(tokio::spawn(runtime::Runtime::new(parts).run(ears, movements)));
    Ok(Node { hall, stop, task, _socket: socket, _lock: lock })
}

/// Takes the node's folder, asking whoever holds it to give way. One that doesn't is not waited for; one that has no
/// door is just starting, or just ending.
async fn take_lock(config: &NodeConfig) -> Result<lock::NodeLock, NodeError> {
    let until = tokio::time::sleep(config.patience);
    tokio::pin!(until);
    loop {
        match lock::NodeLock::take(&config.folder) {
            Err(lock::LockError::Held { .. }) if !until.is_elapsed() && gives_way(config).await => {}
            done => return done.map_err(NodeError::from),
        }
        tokio::select! {
            () = &mut until => {}
            () = tokio::time::sleep(TRY_AGAIN) => {}
        }
    }
}

/// Asks whoever holds the folder to give way, and sees whether it ends.
async fn gives_way(config: &NodeConfig) -> bool {
    if config.patience.is_zero() {
        return false;
    }
    let Ok(mut client) = client::Client::connect(&config.socket).await else { return true };
    if client.send(&Intent::HandOver).await.is_err() {
        return true;
    }
    let ends = async {
        loop {
            match client.next().await {
                Ok(Some(Event::Reply { reply: Err(_), .. })) => return false,
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => return true,
            }
        }
    };
    tokio::time::timeout(GIVING_WAY, ends).await.unwrap_or(false)
}
