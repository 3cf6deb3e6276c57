//! The port through which nodes reach each other, and its two adapters.
//!
//! The bus knows bytes, node names and two lanes; it knows nothing of stock or of what peers say.
//!
//! What a caller may rest on, whichever adapter is behind it:
//! - The inbox lane delivers at least once. A delivery that isn't acknowledged when its link ends
//!   comes again, marked as redelivered.
//! - First deliveries from one sender to one recipient come in the order of publishing. Redeliveries
//!   may come late and out of order, so order above the bus by what the messages themselves say.
//! - The control lane is quick and may lose messages. One's own `Everyone` comes back: an echo that
//!   doesn't come tells a node that its own link is down.
//! - Every inbox message is settled exactly once. `Dropped` means unknown: send it again.

use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

use crate::domain::Trouble;

mod backoff;
mod desk;
mod name;
mod rabbitmq;
mod spool;

pub use name::{NAME_MAX, is_name};

/// The name of a node, or of a cluster: 1 to [`NAME_MAX`] of `a-z`, `0-9` and `-`.
pub type NodeName = String;

/// The largest payload of the inbox lane, in bytes: a range of 256 KiB and room for its envelope.
pub const INBOX_PAYLOAD_MAX: usize = (256 + 16) * 1024;
/// The largest payload of the control lane, in bytes; it must fit in one datagram.
pub const CONTROL_PAYLOAD_MAX: usize = 64 * 1024;
/// The most inbox deliveries that one link has outstanding, not yet acknowledged.
pub const PREFETCH: u16 = 128;

/// Which of its two ways a message takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Durable and at least once.
    Inbox,
    /// Quick, may be lost, and too old after a few seconds.
    Control,
}

/// Who gets a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipients {
    /// All nodes whose link is up, the sender's own too; on the control lane only.
    Everyone,
    /// These nodes, each its own copy.
    Some(Vec<NodeName>),
}

/// A message to send.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The caller's mark, which comes back in [`BusEvent::Settled`].
    pub tag: u64,
    /// The way it takes.
    pub lane: Lane,
    /// Who gets it.
    pub to: Recipients,
    /// What they get.
    pub payload: Arc<[u8]>,
}

/// Stands for one inbox delivery of one link; worth nothing once that link has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token {
    link: u64,
    generation: u64,
    delivery: u64,
}

/// What the caller wants of the bus.
#[derive(Debug)]
pub enum BusCommand {
    /// Send these in this order.
    Publish(Vec<Outgoing>),
    /// These deliveries are dealt with. A stale, doubled or foreign token changes nothing.
    Ack(Vec<Token>),
    /// This delivery is poison: keep it apart among the dead letters.
    Refuse(Token),
    /// Do what was asked before, end the link, then answer. Of very many acknowledgements given just
    /// before, a broker may forget the last: those deliveries come again.
    Close(oneshot::Sender<()>),
}

/// What became of an inbox message, or of a message that no lane can carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It is stored for every recipient.
    Confirmed,
    /// The broker refused to store it for some recipient.
    Nacked,
    /// Some recipient has no inbox; the others have it.
    Returned,
    /// The link ended first, so it may or may not have arrived: send it again.
    Dropped,
    /// It can never be sent: too large, a bad name, or `Everyone` on the inbox lane.
    Unsendable {
        /// Why, in one sentence.
        reason: String,
    },
}

/// What the bus tells the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BusEvent {
    /// The link works; deliveries of this generation follow.
    Up {
        /// Grows by one with every new link of this process.
        generation: u64,
    },
    /// The link doesn't work; the adapter keeps trying. Said once per trouble.
    Down {
        /// Why.
        trouble: Trouble,
    },
    /// The broker takes no messages for now, as it lacks memory or disk (`true`), or takes them again.
    Blocked(bool),
    /// A message came.
    Delivery {
        /// The way it came.
        lane: Lane,
        /// What to acknowledge it with; none on the control lane.
        token: Option<Token>,
        /// The sender as the bus was told, unproven; empty where it isn't a name.
        from: NodeName,
        /// The bytes.
        payload: Vec<u8>,
        /// An earlier link may have delivered it already.
        redelivered: bool,
    },
    /// What became of a message. Control messages are settled only as `Unsendable`.
    Settled {
        /// The mark given on publishing.
        tag: u64,
        /// What became of it.
        outcome: Settled,
    },
    /// How many dead letters this node has; told on every `Up` and when it changes.
    DeadLetters(u64),
    /// Another process consumes this node's inbox; the adapter keeps trying. Said once per `who`.
    Elsewhere {
        /// What is known of the other.
        who: String,
    },
}

/// The two ends a caller holds. Dropping them ends the link as a crash would.
#[derive(Debug)]
pub struct BusLink {
    /// What the caller wants; bounded.
    pub commands: mpsc::Sender<BusCommand>,
    /// What the bus tells; bounded. While a few hundred wait unread, control messages are lost; beyond a few
    /// thousand, no command is taken until some are read.
    pub events: mpsc::Receiver<BusEvent>,
}

/// Where the bus is.
#[derive(Clone, PartialEq, Eq)]
pub enum BusConfig {
    /// A RabbitMQ broker.
    Rabbit {
        /// Its addresses, `amqps://user:password@host:port/vhost`, tried in turn.
        urls: Vec<String>,
        /// Allows `amqp://`, which shows password and content to the network, to other machines.
        allow_plain: bool,
        /// A PEM file with the certificate authority to trust besides the system's.
        ca_file: Option<PathBuf>,
    },
    /// A file shared by the nodes of this machine.
    Spool {
        /// The folder it is in; made when missing.
        dir: PathBuf,
    },
}

impl std::fmt::Debug for BusConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rabbit { urls, allow_plain, ca_file } => {
                let urls: Vec<String> = urls.iter().map(|url| rabbitmq::redacted(url)).collect();
                f.debug_struct("Rabbit")
                    .field("urls", &urls)
                    .field("allow_plain", allow_plain)
                    .field("ca_file", ca_file)
                    .finish()
            }
            Self::Spool { dir } => f.debug_struct("Spool").field("dir", dir).finish(),
        }
    }
}

/// Why there is no bus to be had. No message contains a password.
#[derive(Debug, Error)]
pub enum BusError {
    /// A node or cluster name that the bus can't carry.
    #[error("the {what} name {name:?} isn't usable: it takes 1 to {NAME_MAX} of a-z, 0-9 and -")]
    Name {
        /// `node`, `cluster` or `nonce`.
        what: &'static str,
        /// The name given.
        name: String,
    },
    /// No address at all.
    #[error("no broker address is given: name at least one amqps:// address")]
    NoAddress,
    /// An address that can't be read.
    #[error("the broker address {address} can't be used: {why}")]
    Address {
        /// The address without its password.
        address: String,
        /// What is wrong with it.
        why: String,
    },
    /// A password would cross the network in clear.
    #[error(
        "the broker address {address} would send the password in clear to another machine: use amqps://, or allow it with allow_plain = true"
    )]
    Plain {
        /// The address without its password.
        address: String,
    },
    /// The certificate authority's file can't be read.
    #[error("[bus] ca_file {path} can't be used: {why}; name a PEM file with the authority's certificate")]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The bus can't be reached now; asking again later may work.
    #[error("{0}")]
    Unreachable(String),
}

/// Who made the cluster's founding mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Founding {
    /// This call made it: the one founder.
    Created,
    /// It was there: somebody else has founded, or may be about to.
    AlreadyThere,
}

/// Starts the adapter's task, which keeps the link up until it is closed or both ends are dropped.
///
/// It starts with the bus unreachable too: `Down` comes first then, and `Up` later. Call it inside a
/// tokio runtime.
///
/// # Errors
/// When the configuration or a name can't be used at all; never because the bus is unreachable.
pub fn start(config: BusConfig, node: &str, cluster: &str) -> Result<BusLink, BusError> {
    name::check("node", node)?;
    name::check("cluster", cluster)?;
    let (link, desk) = desk::open();
    match config {
        BusConfig::Rabbit { urls, allow_plain, ca_file } => {
            let brokers = rabbitmq::Brokers::read(&urls, allow_plain, ca_file.as_deref())?;
            rabbitmq::spawn(brokers, node, cluster, desk);
        }
        BusConfig::Spool { dir } => spool::spawn(dir, node, cluster, desk),
    }
    Ok(link)
}

/// Claims the founding of a cluster: of all nonces ever shown, exactly one is answered `Created`, again and again.
///
/// The nonce is the claimant's, 1 to [`NAME_MAX`] of a-z, 0-9 and -, kept by it before it claims.
///
/// # Errors
/// When the configuration can't be used, or the bus can't be reached now.
pub async fn claim_founding(config: &BusConfig, cluster: &str, nonce: &str) -> Result<Founding, BusError> {
    name::check("cluster", cluster)?;
    name::check("nonce", nonce)?;
    match config {
        BusConfig::Rabbit { urls, allow_plain, ca_file } => {
            let brokers = rabbitmq::Brokers::read(urls, *allow_plain, ca_file.as_deref())?;
            rabbitmq::claim_founding(brokers, cluster, nonce).await
        }
        BusConfig::Spool { dir } => spool::claim_founding(dir, cluster, nonce).await,
    }
}

/// Why a message can't be sent by any adapter, if so.
fn unsendable(message: &Outgoing) -> Option<String> {
    let (limit, lane) = match message.lane {
        Lane::Inbox => (INBOX_PAYLOAD_MAX, "inbox"),
        Lane::Control => (CONTROL_PAYLOAD_MAX, "control"),
    };
    let length = message.payload.len();
    if length > limit {
        return Some(format!("the message has {length} bytes and the {lane} lane carries {limit}"));
    }
    match &message.to {
        Recipients::Everyone if message.lane == Lane::Inbox => {
            Some("the inbox lane needs the recipients by name".to_owned())
        }
        Recipients::Everyone => None,
        Recipients::Some(names) => {
            names.iter().find(|name| !is_name(name)).map(|name| format!("{name:?} isn't the name of a node"))
        }
    }
}
