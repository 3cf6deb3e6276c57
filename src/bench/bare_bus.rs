//! The limit of a bus: the same bytes carried bare, one message after the other, from sending to the acknowledgement.

use std::path::Path;

use futures_util::StreamExt as _;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, ExchangeDeleteOptions,
    QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Connection, ConnectionProperties};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use tokio::net::UnixDatagram;
use tokio::time::timeout;

use super::BenchError;
use super::measure::{PATIENCE, Watch};
use super::place::{HERE, THERE};

/// Over a SQLite file and a datagram that says that there is something, as the spool does it.
pub(super) async fn spool(home: &Path, bytes: &[u8], count: usize) -> Result<Vec<u64>, BenchError> {
    let file = home.join("bare-spool.db");
    let (mut sends, mut takes) = (open(&file).await?, open(&file).await?);
    sqlx::query("CREATE TABLE message (id INTEGER PRIMARY KEY, payload BLOB NOT NULL) STRICT")
        .execute(&mut sends)
        .await?;
    let at = home.join("bare.sock");
    let (knocks, hears) = (UnixDatagram::unbound()?, UnixDatagram::bind(&at)?);
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let watch = Watch::start();
        sqlx::query("INSERT INTO message (payload) VALUES ($1)").bind(bytes).execute(&mut sends).await?;
        knocks.send_to(b"k", &at).await?;
        hears.recv(&mut [0; 1]).await?;
        let (id, payload): (i64, Vec<u8>) =
            sqlx::query_as("SELECT id, payload FROM message").fetch_one(&mut takes).await?;
        sqlx::query("DELETE FROM message WHERE id = $1").bind(id).execute(&mut takes).await?;
        if payload != bytes {
            return Err(BenchError::Data("other bytes came back".to_owned()));
        }
        times.push(watch.us());
    }
    sends.close().await?;
    takes.close().await?;
    Ok(times)
}

async fn open(file: &Path) -> Result<SqliteConnection, BenchError> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal);
    Ok(options.connect().await?)
}

/// Over a quorum queue of a broker, published with confirms, on a connection for each direction.
pub(super) async fn rabbitmq(url: &str, bytes: &[u8], count: usize) -> Result<Vec<u64>, BenchError> {
    let (sends, takes) = (connect(url).await?, connect(url).await?);
    let (publish, consume) = (sends.create_channel().await?, takes.create_channel().await?);
    publish.confirm_select(ConfirmSelectOptions::default()).await?;
    let queue = format!("rubentario.{}", super::place::cluster());
    let mut quorum = FieldTable::default();
    quorum.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    consume.queue_declare(queue.as_str().into(), durable, quorum).await?;
    let options = BasicConsumeOptions::default();
    let mut comes =
        consume.basic_consume(queue.as_str().into(), "".into(), options, FieldTable::default()).await?;
    let persistent = BasicProperties::default().with_delivery_mode(2);
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let watch = Watch::start();
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let sent = publish
            .basic_publish("".into(), queue.as_str().into(), options, bytes, persistent.clone())
            .await?;
        let come = timeout(PATIENCE, comes.next()).await.map_err(|_| BenchError::too_late("a message"))?;
        let Some(delivery) = come.transpose()? else {
            return Err(BenchError::Ended("the broker ended the subscription".to_owned()));
        };
        sent.await?;
        delivery.ack(BasicAckOptions::default()).await?;
        times.push(watch.us());
    }
    consume.queue_delete(queue.as_str().into(), QueueDeleteOptions::default()).await?;
    close(&sends).await?;
    close(&takes).await?;
    Ok(times)
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
