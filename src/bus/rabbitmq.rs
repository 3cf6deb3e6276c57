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

use super::backoff::Backoff;
use super::desk::{Desk, End};
use session::{Obstacle, Session};
use topology::Topology;

pub(super) use address::{Brokers, redacted};
pub(super) use founding::claim_founding;

pub(super) fn spawn(brokers: Brokers, node: &str, cluster: &str, desk: Desk) {
    tokio::spawn(supervise(brokers, Topology::new(cluster, node), desk));
}

async fn supervise(brokers: Brokers, topology: Topology, mut desk: Desk) {
    let mut backoff = Backoff::default();
    loop {
        let end = match desk.meanwhile(Session::open(&brokers, &topology)).await {
            Ok(Ok(session)) => {
                backoff.reset();
                session.run(&mut desk).await
            }
            Ok(Err(Obstacle::Broken(reason))) => End::Broken(reason),
            Ok(Err(Obstacle::SeatTaken)) => {
                End::Elsewhere(format!("another process is connected as {}", topology.node))
            }
            Err(end) => end,
        };
        match end {
            End::Closed(answer) => return desk.close(answer),
            End::Broken(reason) => desk.down(reason),
            End::Elsewhere(who) => desk.elsewhere(who),
        }
        if let Some(End::Closed(answer)) = desk.wait_without_link(backoff.next()).await {
            return desk.close(answer);
        }
    }
}
