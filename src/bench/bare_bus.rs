//! The limit of a bus: the same bytes carried bare, one message after the other, from sending to the acknowledgement.

use std::path::{Path, PathBuf};

use futures_util::StreamExt as _;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, ExchangeDeleteOptions,
    QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, Consumer};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use tokio::net::UnixDatagram;
use tokio::time::timeout;

use super::BenchError;
use super::measure::{PATIENCE, Watch};
use super::place::{HERE, THERE};

/// A SQLite file, and a datagram that says that there is something, as the spool has them.
pub(super) struct Spool {
    sends: SqliteConnection,
    takes: SqliteConnection,
    knocks: UnixDatagram,
    hears: UnixDatagram,
    at: PathBuf,
}

impl Spool {
    pub(super) async fn open(home: &Path) -> Result<Self, BenchError> {
        let file = home.join("bare-spool.db");
        let (mut sends, takes) = (open(&file).await?, open(&file).await?);
        sqlx::query("CREATE TABLE message (id INTEGER PRIMARY KEY, payload BLOB NOT NULL) STRICT")
            .execute(&mut sends)
            .await?;
        let at = home.join("bare.sock");
        Ok(Self { sends, takes, knocks: UnixDatagram::unbound()?, hears: UnixDatagram::bind(&at)?, at })
    }

    async fn carry(&mut self, bytes: &[u8]) -> Result<(), BenchError> {
        sqlx::query("INSERT INTO message (payload) VALUES ($1)").bind(bytes).execute(&mut self.sends).await?;
        self.knocks.send_to(b"k", &self.at).await?;
        self.hears.recv(&mut [0; 1]).await?;
        let (id, payload): (i64, Vec<u8>) =
            sqlx::query_as("SELECT id, payload FROM message").fetch_one(&mut self.takes).await?;
        sqlx::query("DELETE FROM message WHERE id = $1").bind(id).execute(&mut self.takes).await?;
        same(&payload, bytes)
    }
}

fn same(came: &[u8], went: &[u8]) -> Result<(), BenchError> {
    if came == went { Ok(()) } else { Err(BenchError::Data("other bytes came than went".to_owned())) }
}

async fn open(file: &Path) -> Result<SqliteConnection, BenchError> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal);
    Ok(options.connect().await?)
}

/// A quorum queue of a broker, and a connection for each direction; what is published is confirmed.
pub(super) struct Rabbit {
    sends: Connection,
    takes: Connection,
    publish: Channel,
    comes: Consumer,
    queue: String,
}

impl Rabbit {
    pub(super) async fn open(url: &str) -> Result<Self, BenchError> {
        let (sends, takes) = (connect(url).await?, connect(url).await?);
        let (publish, consume) = (sends.create_channel().await?, takes.create_channel().await?);
        publish.confirm_select(ConfirmSelectOptions::default()).await?;
        let queue = format!("rubentario.{}", super::place::cluster());
        let mut quorum = FieldTable::default();
        quorum.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
        let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        consume.queue_declare(queue.as_str().into(), durable, quorum).await?;
        let options = BasicConsumeOptions::default();
        let comes =
            consume.basic_consume(queue.as_str().into(), "".into(), options, FieldTable::default()).await?;
        Ok(Self { sends, takes, publish, comes, queue })
    }

    async fn carry(&mut self, bytes: &[u8]) -> Result<(), BenchError> {
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let persistent = BasicProperties::default().with_delivery_mode(2);
        let queue = self.queue.as_str().into();
        let sent = self.publish.basic_publish("".into(), queue, options, bytes, persistent).await?;
        let come =
            timeout(PATIENCE, self.comes.next()).await.map_err(|_| BenchError::too_late("a message"))?;
        let Some(delivery) = come.transpose()? else {
            return Err(BenchError::Ended("the broker ended the subscription".to_owned()));
        };
        sent.await?;
        delivery.ack(BasicAckOptions::default()).await?;
        same(&delivery.data, bytes)
    }

    async fn close(self) -> Result<(), BenchError> {
        let queue = self.queue.as_str().into();
        self.publish.queue_delete(queue, QueueDeleteOptions::default()).await?;
        close(&self.sends).await?;
        close(&self.takes).await
    }
}

/// Either of them.
pub(super) enum BareBus {
    Spool(Spool),
    Rabbit(Rabbit),
}

impl BareBus {
    /// Carries bytes from one end to the other and acknowledges them; how long that took, in microseconds.
    pub(super) async fn carry(&mut self, bytes: &[u8]) -> Result<u64, BenchError> {
        let watch = Watch::start();
        match self {
            Self::Spool(spool) => spool.carry(bytes).await?,
            Self::Rabbit(rabbit) => rabbit.carry(bytes).await?,
        }
        Ok(watch.us())
    }

    pub(super) async fn close(self) -> Result<(), BenchError> {
        match self {
            Self::Spool(spool) => {
                spool.sends.close().await?;
                Ok(spool.takes.close().await?)
            }
            Self::Rabbit(rabbit) => rabbit.close().await,
        }
    }
}

/// Deletes what the nodes of a benchmark's cluster left on a broker: see the table in `bus/rabbitmq/topology.rs`.
pub(super) async fn sweep(url: &str, cluster: &str) -> Result<(), BenchError> {
    let connection = connect(url).await?;
    let channel = connection.create_channel().await?;
    let exchange = format!("rubentario.v1.{cluster}");
    let mut queues = vec![format!("{exchange}.founded")];
    let mut exchanges = vec![exchange.clone()];
    for node in [HERE, THERE] {
        queues.extend([format!("{exchange}.inbox.{node}"), format!("{exchange}.dead.{node}")]);
        exchanges.push(format!("{exchange}.dead.{node}"));
    }
    for queue in queues {
        channel.queue_delete(queue.as_str().into(), QueueDeleteOptions::default()).await?;
    }
    for exchange in exchanges {
        channel.exchange_delete(exchange.as_str().into(), ExchangeDeleteOptions::default()).await?;
    }
    close(&connection).await
}

async fn connect(url: &str) -> Result<Connection, BenchError> {
    let properties = ConnectionProperties::default().with_connection_name("rubentario bench".into());
    let connecting = Connection::connect(url, properties);
    Ok(timeout(PATIENCE, connecting).await.map_err(|_| BenchError::too_late("the broker's greeting"))??)
}

async fn close(connection: &Connection) -> Result<(), BenchError> {
    Ok(connection.close(200, "OK".into()).await?)
}
