//! What comes over the bus: opened, proven, and turned into inputs; what can't be read is counted and put apart.

use std::collections::HashMap;

use crate::bus::{Lane, Token};
use crate::domain::WarehouseId;
use crate::protocol::envelope::{ClusterKey, Envelope, EnvelopeError};
use crate::protocol::input::Input;

/// What to do with a delivery.
#[derive(Debug, PartialEq, Eq)]
pub enum Opened {
    /// It is for the core.
    Input(Box<Input>),
    /// It is of no use here: to be acknowledged, if it can be.
    Ignored(Option<Token>),
    /// It can't be read: to be kept apart.
    Poison(Token),
    /// It can't be read, and is gone.
    Dropped,
}

/// The way in.
#[derive(Debug)]
pub struct Inbox {
    me: WarehouseId,
    cluster: String,
    key: ClusterKey,
    deliveries: HashMap<u64, Token>,
    last: u64,
    dropped: u64,
}

impl Inbox {
    /// Of a node in a cluster.
    #[must_use]
    pub fn new(me: WarehouseId, cluster: String, key: ClusterKey) -> Self {
        Self { me, cluster, key, deliveries: HashMap::new(), last: 0, dropped: 0 }
    }

    /// Messages that could not be read, or were of another cluster, since the start.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Opens a delivery.
    pub fn open(&mut self, lane: Lane, token: Option<Token>, payload: &[u8]) -> Opened {
        let envelope = match Envelope::open(payload, &self.cluster, &self.key) {
            Ok(envelope) => envelope,
            Err(error) => {
                self.dropped += 1;
                // Whoever floods us with garbage must not flood the log.
                if self.dropped.is_power_of_two() {
                    tracing::warn!(%error, ?lane, dropped = self.dropped, "a message was not taken");
                }
                return match (error, token) {
                    (EnvelopeError::OtherCluster(_), token) => Opened::Ignored(token),
                    (_, Some(token)) => Opened::Poison(token),
                    (_, None) => Opened::Dropped,
                };
            }
        };
        if envelope.to.as_ref().is_some_and(|to| *to != self.me) {
            return Opened::Ignored(token);
        }
        let delivery = token.map(|token| {
            self.last += 1;
            self.deliveries.insert(self.last, token);
            self.last
        });
        Opened::Input(Box::new(Input::Message {
            from: envelope.from,
            key: envelope.key,
            incarnation: envelope.incarnation,
            nonce: envelope.nonce,
            counter: envelope.counter,
            hlc: envelope.hlc,
            message: envelope.body,
            delivery,
        }))
    }

    /// What deliveries that the core is done with are acknowledged by.
    pub fn tokens(&mut self, deliveries: &[u64]) -> Vec<Token> {
        deliveries.iter().filter_map(|delivery| self.deliveries.remove(delivery)).collect()
    }

    /// The link ended: what came over it comes again, and its tokens are worth nothing.
    pub fn link_down(&mut self) {
        self.deliveries.clear();
    }
}
