//! The exchanges and queues of a cluster, and of one node in it.
//!
//! | name | what |
//! |---|---|
//! | `rubentario.v1.<cluster>` | durable topic exchange, where everything is published |
//! | `….inbox.<node>` | durable quorum queue, bound with `to.<node>` |
//! | (named by the broker) | exclusive control queue, short-lived messages, bound with `control.all` and `control.<node>` |
//! | `….dead.<node>` | headers exchange and durable queue of dead letters |
//! | `….seat.<node>` | exclusive queue that one connection at a time can have: quorum queues know no exclusive consumer |
//! | `….seat.<node>.<mark>` | beside it, tells this process's own broken connection from another process's |
//! | `….founded` | durable queue, the founding mark |

use lapin::options::{
    BasicConsumeOptions, BasicQosOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
    QueueDeleteOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Consumer, ExchangeKind, Result};
use uuid::Uuid;

use super::fault::{is_locked, is_missing};
use crate::bus::PREFETCH;

/// Payload bytes that may wait in an inbox; beyond, the oldest go.
const INBOX_BYTES: i64 = 64 * 1024 * 1024;
/// Links that may deliver a message and end without an answer before it is taken for poison.
const DELIVERY_LIMIT: i64 = 20;
/// Dead letters: at most so many bytes, for 30 days.
const DEAD_BYTES: i64 = 16 * 1024 * 1024;
const DEAD_MILLIS: i64 = 30 * 24 * 3600 * 1000;
/// A control message is of no use after 5 s.
const CONTROL_MILLIS: i64 = 5_000;
const CONTROL_BYTES: i64 = 4 * 1024 * 1024;

/// The names of one node's things.
#[derive(Debug, Clone)]
pub(super) struct Topology {
    pub(super) exchange: String,
    pub(super) node: String,
    /// Of this process.
    mark: Uuid,
}

pub(super) fn exchange_of(cluster: &str) -> String {
    format!("rubentario.v1.{cluster}")
}

impl Topology {
    pub(super) fn new(cluster: &str, node: &str) -> Self {
        Self { exchange: exchange_of(cluster), node: node.to_owned(), mark: Uuid::from_u128(rand::random()) }
    }

    pub(super) fn inbox_key(node: &str) -> String {
        format!("to.{node}")
    }

    pub(super) fn control_key(node: Option<&str>) -> String {
        // A node can be called `all`, so its own key needs another shape than everyone's.
        node.map_or_else(|| "control.all".to_owned(), |node| format!("control.node.{node}"))
    }

    pub(super) fn dead(&self) -> String {
        format!("{}.dead.{}", self.exchange, self.node)
    }

    fn inbox(&self) -> String {
        format!("{}.inbox.{}", self.exchange, self.node)
    }

    fn seat(&self) -> String {
        format!("{}.seat.{}", self.exchange, self.node)
    }

    fn mark(&self) -> String {
        format!("{}.{}", self.seat(), self.mark.simple())
    }

    /// Takes the node's seat for as long as the connection lives; fails where another has it.
    pub(super) async fn take_seat(&self, channel: &Channel) -> Result<()> {
        let options = QueueDeclareOptions { exclusive: true, auto_delete: true, ..Default::default() };
        for queue in [self.seat(), self.mark()] {
            channel.queue_declare(queue.into(), options, FieldTable::default()).await?;
        }
        Ok(())
    }

    /// Whether a taken seat is this process's own: until the broker notices that a connection is broken, it has it.
    pub(super) async fn is_own_seat(&self, channel: &Channel) -> Result<bool> {
        let options = QueueDeclareOptions { passive: true, ..Default::default() };
        match channel.queue_declare(self.mark().into(), options, FieldTable::default()).await {
            Err(error) if is_locked(&error) => Ok(true),
            Err(error) if is_missing(&error) => Ok(false),
            other => other.map(|_| false),
        }
    }

    /// Makes what is durable; making it again changes nothing.
    pub(super) async fn declare(&self, channel: &Channel) -> Result<()> {
        let durable = ExchangeDeclareOptions { durable: true, ..Default::default() };
        let none = FieldTable::default;
        channel.exchange_declare(self.exchange.as_str().into(), ExchangeKind::Topic, durable, none()).await?;
        channel.exchange_declare(self.dead().into(), ExchangeKind::Headers, durable, none()).await?;
        let dead = [
            ("x-queue-type", text("classic")),
            ("x-max-length-bytes", AMQPValue::LongLongInt(DEAD_BYTES)),
            ("x-message-ttl", AMQPValue::LongLongInt(DEAD_MILLIS)),
        ];
        channel.queue_declare(self.dead().into(), durable_queue(), table(dead)).await?;
        // What overflows an inbox is dead-lettered too, but it isn't poison: ledgers repair it.
        for reason in ["rejected", "delivery_limit"] {
            let matching = [("x-match", text("any-with-x")), ("x-first-death-reason", text(reason))];
            let (queue, exchange) = (self.dead().into(), self.dead().into());
            channel
                .queue_bind(queue, exchange, "".into(), QueueBindOptions::default(), table(matching))
                .await?;
        }
        let inbox = [
            ("x-queue-type", text("quorum")),
            ("x-max-length-bytes", AMQPValue::LongLongInt(INBOX_BYTES)),
            ("x-overflow", text("drop-head")),
            ("x-delivery-limit", AMQPValue::LongLongInt(DELIVERY_LIMIT)),
            ("x-dead-letter-exchange", text(&self.dead())),
        ];
        channel.queue_declare(self.inbox().into(), durable_queue(), table(inbox)).await?;
        self.bind(channel, &self.inbox(), Self::inbox_key(&self.node)).await
    }

    pub(super) async fn consume_inbox(&self, channel: &Channel) -> Result<Consumer> {
        channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
        let options = BasicConsumeOptions::default();
        channel.basic_consume(self.inbox().into(), "".into(), options, FieldTable::default()).await
    }

    pub(super) async fn consume_control(&self, channel: &Channel) -> Result<Consumer> {
        let options = QueueDeclareOptions { exclusive: true, auto_delete: true, ..Default::default() };
        let arguments = [
            ("x-message-ttl", AMQPValue::LongLongInt(CONTROL_MILLIS)),
            ("x-max-length-bytes", AMQPValue::LongLongInt(CONTROL_BYTES)),
        ];
        let queue = channel.queue_declare("".into(), options, table(arguments)).await?;
        let name = queue.name().as_str();
        for key in [Self::control_key(None), Self::control_key(Some(&self.node))] {
            self.bind(channel, name, key).await?;
        }
        let options = BasicConsumeOptions { no_ack: true, exclusive: true, ..Default::default() };
        channel.basic_consume(name.into(), "".into(), options, FieldTable::default()).await
    }

    /// Deletes the inbox with what is in it.
    pub(super) async fn delete_inbox(&self, channel: &Channel) -> Result<()> {
        channel.queue_delete(self.inbox().into(), QueueDeleteOptions::default()).await.map(drop)
    }

    /// How many dead letters wait.
    pub(super) async fn dead_letters(&self, channel: &Channel) -> Result<u64> {
        let options = QueueDeclareOptions { passive: true, ..Default::default() };
        let queue = channel.queue_declare(self.dead().into(), options, FieldTable::default()).await?;
        Ok(queue.message_count().into())
    }

    async fn bind(&self, channel: &Channel, queue: &str, key: String) -> Result<()> {
        let exchange = self.exchange.as_str().into();
        channel
            .queue_bind(
                queue.into(),
                exchange,
                key.into(),
                QueueBindOptions::default(),
                FieldTable::default(),
            )
            .await
    }
}

pub(super) fn durable_queue() -> QueueDeclareOptions {
    QueueDeclareOptions { durable: true, ..Default::default() }
}

pub(super) fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}

pub(super) fn table<const N: usize>(entries: [(&str, AMQPValue); N]) -> FieldTable {
    let mut table = FieldTable::default();
    for (key, value) in entries {
        table.insert(key.into(), value);
    }
    table
}
