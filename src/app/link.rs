//! The terminal's way to its node, kept up: a node in this process, or the one that runs in another.
//!
//! When that one ends, by itself or by force, the terminal says so and keeps trying: it attaches to whoever runs the
//! node next, or runs it itself where nobody does. What was asked meanwhile waits at the terminal, which asks again
//! with the same ids, so nothing is lost and nothing booked twice.

use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::start;
use crate::cli::Failure;
use crate::node::client::Client;
use crate::node::{Door, Event, Intent, Node, NodeConfig, NodeError};
use crate::store::StoreError;
use crate::text::{Lang, starting};
use crate::ui::Doors;

/// Things that may wait between a node and the screen.
const WAITING: usize = 256;
/// What a node has said that says nothing any more.
const CLOSED: &str = "its door is closed";
/// How often a node that can't be had yet is tried.
const TRY_AGAIN: Duration = Duration::from_millis(500);

/// Where the node runs.
pub enum Way {
    /// In this process, with a door to it.
    Own(Box<Node>, Door),
    /// In another one.
    Other(Box<Client>),
}

impl Way {
    async fn send(&mut self, intent: Intent) -> Result<(), String> {
        match self {
            Self::Own(_, (intents, _)) => intents.send(intent).await.map_err(|_| CLOSED.to_owned()),
            Self::Other(client) => client.send(&intent).await.map_err(|error| error.to_string()),
        }
    }

    /// The next thing the node says, or why nothing more comes. Being cancelled loses nothing.
    async fn next(&mut self) -> Result<Event, String> {
        let event = match self {
            Self::Own(_, (_, events)) => events.recv().await,
            Self::Other(client) => client.next().await.map_err(|error| error.to_string())?,
        };
        match event {
            Some(Event::Stopping { reason }) => Err(reason),
            Some(event) => Ok(event),
            None => Err(CLOSED.to_owned()),
        }
    }
}

/// A way that is kept up until the terminal ends.
pub struct Link {
    end: CancellationToken,
    task: JoinHandle<()>,
}

/// Why nothing more comes from a node.
enum Cut {
    /// The terminal ends, or shows nothing more.
    Ended,
    /// The node has ended; in whose words.
    Node(String),
}

/// Starts the node, or finds the one that runs; what is waited for meanwhile is told.
pub async fn find(node: &NodeConfig, lang: Lang, tell: impl Fn(&StoreError)) -> Result<Way, Failure> {
    match start::node_to_stay(node.clone(), tell).await {
        Ok(node) => {
            let door = node.door();
            Ok(Way::Own(Box::new(node), door))
        }
        Err(error @ NodeError::Lock(_)) => match Client::connect(&node.socket).await {
            Ok(client) => Ok(Way::Other(Box::new(client))),
            Err(_) => Err(start::node_failed(lang, &error)),
        },
        Err(error) => Err(start::node_failed(lang, &error)),
    }
}

impl Link {
    /// Keeps a way up; the doors are the terminal's, and stay open whatever becomes of the node.
    pub fn keep(way: Way, node: NodeConfig, lang: Lang, runtime: &Runtime) -> (Self, Doors) {
        let (intents, said) = mpsc::channel(WAITING);
        let (told, events) = mpsc::channel(WAITING);
        let end = CancellationToken::new();
        let task = runtime.spawn(keep_up(way, (node, lang), (said, told), end.clone()));
        (Self { end, task }, (intents, events))
    }

    /// Ends it, and in order the node that it runs.
    pub async fn end(self) {
        self.end.cancel();
        // A task that failed has dropped its node.
        let _ = self.task.await;
    }
}

async fn keep_up(
    mut way: Way,
    (node, lang): (NodeConfig, Lang),
    (mut said, told): (mpsc::Receiver<Intent>, mpsc::Sender<Event>),
    end: CancellationToken,
) {
    loop {
        let cut = pass_on(&mut way, &mut said, &told, &end).await;
        if let Way::Own(own, _) = way {
            own.stop().await;
        }
        let Cut::Node(reason) = cut else { return };
        tracing::warn!(reason, "the node has gone; the terminal looks for it");
        if told.send(Event::Stopping { reason }).await.is_err() {
            return;
        }
        way = tokio::select! {
            () = end.cancelled() => return,
            way = find_again(&node, lang, &told) => way,
        };
    }
}

/// Passes on what both sides say, until one has gone.
async fn pass_on(
    way: &mut Way,
    said: &mut mpsc::Receiver<Intent>,
    told: &mpsc::Sender<Event>,
    end: &CancellationToken,
) -> Cut {
    loop {
        let cut = tokio::select! {
            () = end.cancelled() => return Cut::Ended,
            intent = said.recv() => match intent {
                Some(intent) => way.send(intent).await,
                None => return Cut::Ended,
            },
            event = way.next() => match event {
                Ok(event) => {
                    if told.send(event).await.is_err() {
                        return Cut::Ended;
                    }
                    Ok(())
                }
                Err(reason) => Err(reason),
            },
        };
        if let Err(reason) = cut {
            return Cut::Node(reason);
        }
    }
}

/// Tries until a node is found or started; each new reason why not is told.
async fn find_again(node: &NodeConfig, lang: Lang, told: &mpsc::Sender<Event>) -> Way {
    let mut last = String::new();
    loop {
        let tell = |trouble: &StoreError| {
            let reason = starting::store_error(lang, trouble);
            // A screen that lags shows the reason before.
            let _ = told.try_send(Event::Stopping { reason });
        };
        match find(node, lang, tell).await {
            Ok(way) => return way,
            Err(failure) => {
                let reason = failure.to_string();
                if reason != last && !is_passing(&failure) {
                    tracing::warn!(reason, "the node can't be had yet");
                    let _ = told.try_send(Event::Stopping { reason: reason.clone() });
                    last = reason;
                }
            }
        }
        tokio::time::sleep(TRY_AGAIN).await;
    }
}

/// Somebody else is just starting or ending it: nothing that a person need know.
fn is_passing(failure: &Failure) -> bool {
    matches!(failure, Failure::Said { code: "node_runs", .. })
}
