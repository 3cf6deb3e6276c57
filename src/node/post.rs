//! Sends messages: wraps them, and hands them to the bus without ever waiting for it.

use std::collections::VecDeque;
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::bus::{self, BusCommand, Outgoing, Recipients, Token};
use crate::domain::WarehouseId;
use crate::protocol::effects::{Lane, Send};
use crate::protocol::envelope::{ClusterKey, Envelope};
use crate::protocol::message::{Message, PublicKey};

/// Messages that wait for the bus; beyond that, new ones are let go: peers ask again.
const WAITING: usize = 2_048;

/// Who this node is to others.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The cluster.
    pub cluster: String,
    /// Its key.
    pub key: ClusterKey,
    /// Signs what it says.
    pub signing: SigningKey,
    /// This warehouse.
    pub me: WarehouseId,
    /// Of this start.
    pub nonce: Uuid,
}

/// What is stamped on every message.
#[derive(Debug, Clone, Copy)]
pub struct Stamp {
    /// The number of this start.
    pub incarnation: u32,
    /// The hybrid time.
    pub hlc: u64,
}

/// The way out.
#[derive(Debug)]
pub struct Post {
    sender: Sender,
    commands: mpsc::Sender<BusCommand>,
    counter: u64,
    tag: u64,
    up: bool,
    publish: Vec<Outgoing>,
    acknowledge: Vec<Token>,
    refuse: VecDeque<Token>,
}

impl Post {
    /// Over the bus's end for commands.
    #[must_use]
    pub const fn new(sender: Sender, commands: mpsc::Sender<BusCommand>) -> Self {
        Self {
            sender,
            commands,
            counter: 0,
            tag: 0,
            up: false,
            publish: Vec::new(),
            acknowledge: Vec::new(),
            refuse: VecDeque::new(),
        }
    }

    /// The bus's end for commands.
    #[must_use]
    pub fn commands(&self) -> mpsc::Sender<BusCommand> {
        self.commands.clone()
    }

    /// The link works, or doesn't.
    pub fn link(&mut self, up: bool) {
        self.up = up;
        if !up {
            self.publish.clear();
        }
    }

    /// Whether the link works.
    #[must_use]
    pub const fn is_up(&self) -> bool {
        self.up
    }

    /// Sends what may be lost, or will be asked for again.
    pub fn send(&mut self, stamp: Stamp, send: Send) {
        if !self.up || self.publish.len() >= WAITING {
            return;
        }
        let to = match (&send.to, send.lane) {
            (Some(to), _) => Recipients::Some(vec![to.to_string()]),
            (None, Lane::Control) => Recipients::Everyone,
            (None, Lane::Inbox) => {
                tracing::error!("a message for the inboxes names no recipient");
                return;
            }
        };
        self.put(stamp, send.lane, send.to, to, send.message);
    }

    /// Sends to the inboxes of these; the mark comes back when the bus has settled it. None where it can't be sent.
    pub fn send_to_all(
        &mut self,
        stamp: Stamp,
        peers: impl Iterator<Item = WarehouseId>,
        message: Message,
    ) -> Option<u64> {
        let to = Recipients::Some(peers.map(|peer| peer.to_string()).collect());
        self.put(stamp, Lane::Inbox, None, to, message)
    }

    fn put(
        &mut self,
        stamp: Stamp,
        lane: Lane,
        to: Option<WarehouseId>,
        recipients: Recipients,
        message: Message,
    ) -> Option<u64> {
        self.counter += 1;
        self.tag += 1;
        let envelope = Envelope {
            cluster: self.sender.cluster.clone(),
            from: self.sender.me.clone(),
            key: PublicKey(self.sender.signing.verifying_key().to_bytes()),
            incarnation: stamp.incarnation,
            nonce: self.sender.nonce,
            to,
            counter: self.counter,
            hlc: stamp.hlc,
            body: message,
        };
        match envelope.seal(&self.sender.key, &self.sender.signing) {
            Ok(payload) => {
                self.publish.push(Outgoing {
                    tag: self.tag,
                    lane: match lane {
                        Lane::Inbox => bus::Lane::Inbox,
                        Lane::Control => bus::Lane::Control,
                    },
                    to: recipients,
                    payload: Arc::from(payload),
                });
                Some(self.tag)
            }
            Err(error) => {
                tracing::error!(%error, "a message can't be sent");
                None
            }
        }
    }

    /// Acknowledges deliveries.
    pub fn acknowledge(&mut self, tokens: impl Iterator<Item = Token>) {
        self.acknowledge.extend(tokens);
    }

    /// Puts a delivery among the dead letters.
    pub fn refuse(&mut self, token: Token) {
        self.refuse.push_back(token);
    }

    /// Whether something waits for the bus.
    #[must_use]
    pub fn waits(&self) -> bool {
        !(self.publish.is_empty() && self.acknowledge.is_empty() && self.refuse.is_empty())
    }

    /// Hands over what the bus has room for.
    pub fn hand_over(&mut self) {
        while self.waits() {
            let Ok(permit) = self.commands.try_reserve() else {
                return;
            };
            // What was said goes before what was heard is given up.
            permit.send(if !self.publish.is_empty() {
                BusCommand::Publish(std::mem::take(&mut self.publish))
            } else if !self.acknowledge.is_empty() {
                BusCommand::Ack(std::mem::take(&mut self.acknowledge))
            } else if let Some(token) = self.refuse.pop_front() {
                BusCommand::Refuse(token)
            } else {
                return;
            });
        }
    }
}
