//! The founding mark: a durable queue that carries its maker's nonce in an argument which the broker
//! compares, so that of all who declare it exactly one succeeds, and may declare it again.

use lapin::Connection;

use super::address::{Address, Brokers};
use super::connect::{close, connect, probe};
use super::fault::{explain, is_made_otherwise};
use super::topology::{durable_queue, exchange_of, table, text};
use crate::bus::backoff::Backoff;
use crate::bus::{BusError, Founding};
use crate::domain::Trouble;

/// A claim whose answer was lost is repeated with its nonce, so often.
const TRIES: usize = 3;

pub(in crate::bus) async fn claim_founding(
    brokers: Brokers,
    cluster: &str,
    nonce: &str,
) -> Result<Founding, BusError> {
    let mut backoff = Backoff::default();
    let mut reason = String::new();
    for attempt in 0..TRIES {
        if attempt > 0 {
            tokio::time::sleep(backoff.next()).await;
        }
        let mut troubles = Vec::new();
        for address in &brokers.addresses {
            match claim_at(&brokers, address, cluster, nonce).await {
                Ok(founding) => return Ok(founding),
                Err(trouble) => troubles.push(trouble),
            }
        }
        reason = Trouble::of_all(&troubles).said;
    }
    Err(BusError::Unreachable(reason))
}

async fn claim_at(
    brokers: &Brokers,
    address: &Address,
    cluster: &str,
    nonce: &str,
) -> Result<Founding, Trouble> {
    probe(address).await?;
    let connection = connect(brokers, address, "rubentario founding").await?;
    let claimed = claim(&connection, cluster, nonce).await;
    close(&connection).await;
    claimed.map_err(|error| explain(&error, address))
}

async fn claim(connection: &Connection, cluster: &str, nonce: &str) -> lapin::Result<Founding> {
    let channel = connection.create_channel().await?;
    let arguments = table([
        ("x-queue-type", text("quorum")),
        ("x-dead-letter-exchange", text("")),
        ("x-dead-letter-routing-key", text(nonce)),
    ]);
    let mark = format!("{}.founded", exchange_of(cluster));
    match channel.queue_declare(mark.into(), durable_queue(), arguments).await {
        Ok(_) => Ok(Founding::Created),
        Err(error) if is_made_otherwise(&error) => Ok(Founding::AlreadyThere),
        Err(error) => Err(error),
    }
}
