//! RabbitMQ, under a supervisor of our own.
//!
//! The client's own recovery hides outages and leaves confirms hanging, so every link is a generation with
//! a clear end: on any fault both connections go, and a new link starts from nothing.

mod acknowledger;
mod address;
mod connect;
mod fault;
mod founding;
mod outbox;
mod publisher;
mod session;
mod topology;

use std::convert::Infallible;

use super::backoff::Backoff;
use super::desk::{Closed, Desk, End};
use session::{Obstacle, Session};
use topology::Topology;

pub(super) use address::{Brokers, redacted};
pub(super) use founding::claim_founding;

pub(super) fn spawn(brokers: Brokers, node: &str, cluster: &str, desk: Desk) {
    tokio::spawn(supervise(brokers, Topology::new(cluster, node), desk));
}

/// A broker killed soon after it made a quorum queue can come back with one that never answers (seen on
/// 3.10.8: the queue's registration is written late, and no restart heals it). After so many tries in a row
/// the inbox is made anew; what was in it, the ledgers repair.
const STUCK_TRIES: u32 = 3;

async fn supervise(brokers: Brokers, topology: Topology, mut desk: Desk) {
    let Err(closed) = keep_up(&brokers, &topology, &mut desk).await;
    desk.close(closed);
}

async fn keep_up(brokers: &Brokers, topology: &Topology, desk: &mut Desk) -> Result<Infallible, Closed> {
    let mut backoff = Backoff::default();
    let mut stuck = 0;
    loop {
        match desk.meanwhile(Session::open(brokers, topology)).await? {
            Ok(session) => {
                backoff.reset();
                stuck = 0;
                match session.run(desk).await {
                    End::Closed(closed) => return Err(closed),
                    End::Broken(trouble) => desk.down(trouble),
                }
            }
            Err(Obstacle::Broken(reason)) => desk.down(reason),
            Err(Obstacle::SeatTaken) => {
                desk.elsewhere(format!("another process is connected as {}", topology.node));
            }
            Err(Obstacle::InboxStuck(trouble)) => {
                desk.down(trouble);
                stuck += 1;
            }
        }
        if stuck >= STUCK_TRIES {
            stuck = 0;
            match desk.meanwhile(Session::delete_inbox(brokers, topology)).await? {
                Ok(()) => tracing::warn!(node = topology.node, "a stuck inbox is made anew"),
                Err(trouble) => desk.down(trouble),
            }
        }
        desk.wait_without_link(backoff.next()).await?;
    }
}
