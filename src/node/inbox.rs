//! What comes over the bus: opened, proven, and turned into inputs; what can't be read is counted and put apart.

use std::collections::{HashMap, HashSet};
use std::mem::{Discriminant, discriminant};

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

/// What isn't understood is forgotten so many milliseconds after the last of it.
const STRANGE_MS: u64 = 600_000;
/// So many messages that aren't understood are told of; one of another version at once.
const STRANGE: u64 = 8;

/// Messages of late that could not be read.
#[derive(Debug, Default)]
struct Strange {
    count: u64,
    last_ms: u64,
    version: Option<u8>,
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
    strange: Strange,
    /// The kinds of trouble that the log has told of.
    logged: HashSet<Discriminant<EnvelopeError>>,
}

impl Inbox {
    /// Of a node in a cluster.
    #[must_use]
    pub fn new(me: WarehouseId, cluster: String, key: ClusterKey) -> Self {
        Self {
            me,
            cluster,
            key,
            deliveries: HashMap::new(),
            last: 0,
            dropped: 0,
            strange: Strange::default(),
            logged: HashSet::new(),
        }
    }

    /// Messages that could not be read, or were of another cluster, since the start.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// What came of late and isn't understood, if somebody should look: how many messages, and the protocol's version
    /// of the last of another version.
    #[must_use]
    pub fn strange(&self, mono_ms: u64) -> Option<(u64, Option<u8>)> {
        let Strange { count, last_ms, version } = self.strange;
        let is_told = count >= STRANGE || version.is_some();
        (is_told && mono_ms < last_ms.saturating_add(STRANGE_MS)).then_some((count, version))
    }

    fn came_strange(&mut self, error: &EnvelopeError, mono_ms: u64) {
        if mono_ms >= self.strange.last_ms.saturating_add(STRANGE_MS) {
            self.strange = Strange::default();
        }
        let of_late = &mut self.strange;
        match error {
            // Several clusters may well share a broker.
            EnvelopeError::OtherCluster(_) => return,
            EnvelopeError::Version(version) => of_late.version = Some(*version),
            _ => {}
        }
        of_late.count += 1;
        of_late.last_ms = mono_ms;
    }

    /// Opens a delivery.
    pub fn open(&mut self, lane: Lane, token: Option<Token>, payload: &[u8], mono_ms: u64) -> Opened {
        let envelope = match Envelope::open(payload, &self.cluster, &self.key) {
            Ok(envelope) => envelope,
            Err(error) => {
                self.dropped += 1;
                self.came_strange(&error, mono_ms);
                // Whoever floods us with garbage must not flood the log; the first of its kind is told.
                if self.logged.insert(discriminant(&error)) || self.dropped.is_power_of_two() {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::protocol::envelope::VERSION;

    fn inbox() -> Inbox {
        Inbox::new("madrid".parse().unwrap(), "acme".to_owned(), ClusterKey::new([7; 32]))
    }

    #[test]
    fn what_is_not_understood_is_told_of_when_it_comes_repeatedly_and_forgotten_in_time() {
        let mut inbox = inbox();
        for n in 1..STRANGE {
            assert_eq!(inbox.open(Lane::Control, None, b"garbage", n), Opened::Dropped);
            assert_eq!(inbox.strange(n), None, "{n}");
        }
        inbox.open(Lane::Control, None, b"garbage", STRANGE);
        assert_eq!(inbox.strange(STRANGE), Some((STRANGE, None)));
        let later = STRANGE + STRANGE_MS;
        assert_eq!(inbox.strange(later), None);
        inbox.open(Lane::Control, None, b"garbage", later);
        assert_eq!(inbox.strange(later), None, "counted anew");
    }

    #[test]
    fn one_message_of_another_version_is_told_of_at_once() {
        let mut inbox = inbox();
        let mut wire = vec![0; 256];
        wire[..3].copy_from_slice(b"RUB");
        wire[3] = VERSION + 1;
        inbox.open(Lane::Control, None, &wire, 5);
        assert_eq!(inbox.strange(5), Some((1, Some(VERSION + 1))));
    }
}
