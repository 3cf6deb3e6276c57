//! The wrapping of a message: who says it, in which cluster, proven by the cluster's key.
//!
//! On the wire: `RUB`, a version byte, 32 bytes of keyed BLAKE3 over what follows, then JSON.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use super::message::Message;
use crate::domain::WarehouseId;

/// The protocol's version.
pub const VERSION: u8 = 1;
/// The largest message in bytes that is sent or taken.
pub const MAX_MESSAGE_BYTES: usize = 256 * 1024;
/// Raw bytes of entries that one message carries at most, unless a single sealed run is longer.
pub const MAX_RANGE_BYTES: usize = 160 * 1024;

const MAGIC: &[u8; 3] = b"RUB";
const HEAD: usize = 3 + 1 + 32;

/// The cluster's shared key.
#[derive(Clone)]
pub struct ClusterKey([u8; 32]);

impl ClusterKey {
    /// From its 32 bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl std::fmt::Debug for ClusterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClusterKey(hidden)")
    }
}

/// A message with its sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The cluster.
    pub cluster: String,
    /// The sender.
    pub from: WarehouseId,
    /// The sender's start.
    pub incarnation: u32,
    /// The sender's nonce of that start.
    pub nonce: Uuid,
    /// Whom it is for; none = everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<WarehouseId>,
    /// Counts the sender's messages of this start.
    pub counter: u64,
    /// The sender's hybrid time.
    pub hlc: u64,
    /// What it says.
    #[serde(deserialize_with = "read_body")]
    pub body: Message,
}

fn read_body<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Message, D::Error> {
    let raw = Box::<serde_json::value::RawValue>::deserialize(deserializer)?;
    Message::read(&raw).map_err(serde::de::Error::custom)
}

/// Why bytes are not a message for us.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EnvelopeError {
    /// Larger than any message may be.
    #[error("a message of {0} bytes; at most {MAX_MESSAGE_BYTES} are taken")]
    TooLarge(usize),
    /// Not of this program at all.
    #[error("not a message of rubentario; nothing else should write to its queues")]
    Foreign,
    /// Of another version of the protocol.
    #[error(
        "a message of protocol version {0}, and this program speaks {VERSION}: update the older of the two"
    )]
    Version(u8),
    /// Of another cluster.
    #[error(
        "a message of the cluster «{0}», which is not ours: give each cluster a broker or vhost of its own"
    )]
    OtherCluster(String),
    /// Not proven by the cluster's key.
    #[error("a message that the cluster's key does not prove: compare cluster.key on the two machines")]
    Unproven,
    /// Proven, but not to be read.
    #[error("a message that can't be read: {0}")]
    Malformed(String),
}

impl Envelope {
    /// Wraps for the wire.
    ///
    /// # Errors
    /// When it is too large.
    pub fn seal(&self, key: &ClusterKey) -> Result<Vec<u8>, EnvelopeError> {
        let mut wire = Vec::with_capacity(512);
        wire.extend_from_slice(MAGIC);
        wire.push(VERSION);
        wire.extend_from_slice(&[0; 32]);
        serde_json::to_writer(&mut wire, self).map_err(|e| EnvelopeError::Malformed(e.to_string()))?;
        if wire.len() > MAX_MESSAGE_BYTES {
            return Err(EnvelopeError::TooLarge(wire.len()));
        }
        let proof = blake3::keyed_hash(&key.0, &wire[HEAD..]);
        wire[4..HEAD].copy_from_slice(proof.as_bytes());
        Ok(wire)
    }

    /// Unwraps what came.
    ///
    /// # Errors
    /// When it isn't a proven message of this cluster and version.
    pub fn open(wire: &[u8], cluster: &str, key: &ClusterKey) -> Result<Self, EnvelopeError> {
        #[derive(Deserialize)]
        struct ClusterOnly {
            cluster: String,
        }
        if wire.len() > MAX_MESSAGE_BYTES {
            return Err(EnvelopeError::TooLarge(wire.len()));
        }
        if wire.len() < HEAD || !wire.starts_with(MAGIC) {
            return Err(EnvelopeError::Foreign);
        }
        if wire[3] != VERSION {
            return Err(EnvelopeError::Version(wire[3]));
        }
        let mut proof = [0; 32];
        proof.copy_from_slice(&wire[4..HEAD]);
        let json = &wire[HEAD..];
        if blake3::keyed_hash(&key.0, json) != blake3::Hash::from_bytes(proof) {
            return Err(match serde_json::from_slice::<ClusterOnly>(json) {
                Ok(other) if other.cluster != cluster => EnvelopeError::OtherCluster(other.cluster),
                _ => EnvelopeError::Unproven,
            });
        }
        let envelope: Self =
            serde_json::from_slice(json).map_err(|e| EnvelopeError::Malformed(e.to_string()))?;
        if envelope.cluster != cluster {
            return Err(EnvelopeError::OtherCluster(envelope.cluster));
        }
        Ok(envelope)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn envelope() -> Envelope {
        Envelope {
            cluster: "acme".into(),
            from: WarehouseId::new("madrid").unwrap(),
            incarnation: 1,
            nonce: Uuid::nil(),
            to: None,
            counter: 7,
            hlc: 9,
            body: Message::Beat { ping: Some(3) },
        }
    }

    #[test]
    fn a_message_opens_with_the_clusters_key_only() {
        let key = ClusterKey::new([1; 32]);
        let wire = envelope().seal(&key).unwrap();
        assert_eq!(Envelope::open(&wire, "acme", &key).unwrap(), envelope());
        let other = ClusterKey::new([2; 32]);
        assert_eq!(Envelope::open(&wire, "acme", &other), Err(EnvelopeError::Unproven));
        assert!(matches!(Envelope::open(&wire, "zeta", &other), Err(EnvelopeError::OtherCluster(_))));
    }

    #[test]
    fn a_changed_byte_a_newer_version_and_garbage_are_told_apart() {
        let key = ClusterKey::new([1; 32]);
        let wire = envelope().seal(&key).unwrap();
        for place in HEAD..wire.len() {
            let mut bad = wire.clone();
            bad[place] ^= 1;
            assert!(Envelope::open(&bad, "acme", &key).is_err());
        }
        let mut newer = wire;
        newer[3] = 2;
        assert_eq!(Envelope::open(&newer, "acme", &key), Err(EnvelopeError::Version(2)));
        assert_eq!(Envelope::open(b"hello", "acme", &key), Err(EnvelopeError::Foreign));
        assert_eq!(Envelope::open(&vec![0; 300_000], "acme", &key), Err(EnvelopeError::TooLarge(300_000)));
    }

    #[test]
    fn a_kind_of_message_that_is_not_known_yet_is_read_as_such() {
        let key = ClusterKey::new([1; 32]);
        let json = br#"{"cluster":"acme","from":"madrid","incarnation":1,"nonce":"00000000-0000-0000-0000-000000000000","counter":1,"hlc":2,"more":true,"body":{"lock_request":{"x":1}}}"#;
        let mut wire = b"RUB\x01".to_vec();
        wire.extend_from_slice(blake3::keyed_hash(&[1; 32], json).as_bytes());
        wire.extend_from_slice(json);
        assert_eq!(Envelope::open(&wire, "acme", &key).unwrap().body, Message::Unknown);
    }
}
