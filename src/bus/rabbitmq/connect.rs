//! Reaching a broker: each address in turn, first a short probe, then the connections.
//!
//! A connect that is given up leaves its thread behind until the socket dies, so a port that accepts and
//! stays silent is found out by the probe, which leaves nothing behind.

use std::time::Duration;

use lapin::{Connection, ConnectionProperties};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::address::{Address, Brokers};
use super::fault::{explain, explain_io};
use crate::domain::{Trouble, TroubleKind};

const PROBE: Duration = Duration::from_secs(2);
const CONNECT: Duration = Duration::from_secs(5);
const CLOSE: Duration = Duration::from_secs(1);

/// A connection that publishes and one that consumes: a broker short of memory stops what publishes, and
/// acknowledgements must still go through then.
pub(super) struct Pair {
    pub(super) publish: Connection,
    pub(super) consume: Connection,
    pub(super) address: Address,
}

impl Pair {
    /// Connects to the first broker that answers; else why none did.
    pub(super) async fn open(brokers: &Brokers, name: &str) -> Result<Self, Trouble> {
        let mut troubles = Vec::new();
        for address in &brokers.addresses {
            match Self::open_at(brokers, address, name).await {
                Ok(pair) => return Ok(pair),
                Err(trouble) => troubles.push(trouble),
            }
        }
        Err(Trouble::of_all(&troubles))
    }

    async fn open_at(brokers: &Brokers, address: &Address, name: &str) -> Result<Self, Trouble> {
        probe(address).await?;
        let consume = connect(brokers, address, &format!("{name} consumes")).await?;
        match connect(brokers, address, &format!("{name} publishes")).await {
            Ok(publish) => Ok(Self { publish, consume, address: address.clone() }),
            Err(trouble) => {
                close(&consume).await;
                Err(trouble)
            }
        }
    }
}

/// Ends a connection in good order, if that is still possible.
pub(super) async fn close(connection: &Connection) {
    // A connection that can't be closed any more is already lost.
    let _ = timeout(CLOSE, connection.close(200, "OK".into())).await;
}

pub(super) async fn connect(brokers: &Brokers, address: &Address, name: &str) -> Result<Connection, Trouble> {
    let properties = ConnectionProperties::default().with_connection_name(name.into());
    let runtime = lapin::runtime::default_runtime().map_err(|error| explain(&error, address))?;
    let connecting =
        Connection::connect_uri_with_config((*address.uri).clone(), properties, brokers.tls.clone(), runtime);
    match timeout(CONNECT, connecting).await {
        Ok(connected) => connected.map_err(|error| explain(&error, address)),
        Err(_) => {
            Err(Trouble::silent(format!("the broker at {} doesn't finish its greeting", address.shown)))
        }
    }
}

pub(super) async fn probe(address: &Address) -> Result<(), Trouble> {
    let at = &address.shown;
    let authority = &address.uri.authority;
    let stream = match timeout(PROBE, TcpStream::connect((authority.host.as_str(), authority.port))).await {
        Ok(connected) => connected.map_err(|cause| explain_io(&cause, address))?,
        Err(_) => return Err(explain_io(&std::io::ErrorKind::TimedOut.into(), address)),
    };
    let Ok(answer) = timeout(PROBE, greet(stream)).await else {
        let said = format!("{at} accepts the connection but says nothing: is it a RabbitMQ broker?");
        return Err(Trouble::silent(said));
    };
    if address.is_tls() {
        // Our greeting isn't TLS, so an alert or a hang-up is the right answer.
        return Ok(());
    }
    match answer {
        // A method frame, or the version that the broker would rather speak.
        Some(1 | b'A') => Ok(()),
        Some(0x15) => {
            Err(Trouble::new(TroubleKind::Setup, format!("{at} speaks TLS: write amqps:// in its address")))
        }
        Some(_) => {
            Err(Trouble::new(TroubleKind::Setup, format!("what listens at {at} isn't a RabbitMQ broker")))
        }
        None => Err(Trouble::silent(format!("{at} hangs up at once: is the broker starting or stopping?"))),
    }
}

async fn greet(mut stream: TcpStream) -> Option<u8> {
    stream.write_all(b"AMQP\x00\x00\x09\x01").await.ok()?;
    stream.read_u8().await.ok()
}
