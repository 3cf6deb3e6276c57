//! The wrapping of a message: who says it, in which cluster, proven by the cluster's key and signed by the sender's.
//!
//! On the wire: `RUB`, a version byte, 32 bytes of keyed BLAKE3 over what follows, 64 bytes of Ed25519 over what
//! follows, then JSON. The signature is of the key that the JSON names; whose key that is, is the roster's word.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use super::message::{Message, PublicKey};
use crate::domain::WarehouseId;

/// The protocol's version.
pub const VERSION: u8 = 2;
/// The largest message in bytes that is sent or taken.
pub const MAX_MESSAGE_BYTES: usize = 256 * 1024;
/// Raw bytes of entries that one message carries at most, unless a single sealed run is longer.
pub const MAX_RANGE_BYTES: usize = 160 * 1024;

const MAGIC: &[u8; 3] = b"RUB";
const PROOF: usize = 3 + 1;
const SIGNATURE: usize = PROOF + 32;
const HEAD: usize = SIGNATURE + 64;
const SIGNED: &[u8] = b"rubentario message 2";

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
    /// The key that the message is signed with.
    pub key: PublicKey,
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
    /// Not signed by the key that it names.
    #[error("a message that its sender's key does not prove")]
    Forged,
    /// Proven, but not to be read.
    #[error("a message that can't be read: {0}")]
    Malformed(String),
}

impl Envelope {
    /// Wraps for the wire.
    ///
    /// # Errors
    /// When it is too large.
    pub fn seal(&self, key: &ClusterKey, signing: &SigningKey) -> Result<Vec<u8>, EnvelopeError> {
        let mut wire = Vec::with_capacity(512);
        wire.extend_from_slice(MAGIC);
        wire.push(VERSION);
        wire.resize(HEAD, 0);
        serde_json::to_writer(&mut wire, self).map_err(|e| EnvelopeError::Malformed(e.to_string()))?;
        if wire.len() > MAX_MESSAGE_BYTES {
            return Err(EnvelopeError::TooLarge(wire.len()));
        }
        let signature = signing.sign(&signed(&wire[HEAD..])).to_bytes();
        wire[SIGNATURE..HEAD].copy_from_slice(&signature);
        let proof = blake3::keyed_hash(&key.0, &wire[SIGNATURE..]);
        wire[PROOF..SIGNATURE].copy_from_slice(proof.as_bytes());
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
        proof.copy_from_slice(&wire[PROOF..SIGNATURE]);
        let json = &wire[HEAD..];
        if blake3::keyed_hash(&key.0, &wire[SIGNATURE..]) != blake3::Hash::from_bytes(proof) {
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
        let mut signature = [0; 64];
        signature.copy_from_slice(&wire[SIGNATURE..HEAD]);
        let key = VerifyingKey::from_bytes(&envelope.key.0).map_err(|_| EnvelopeError::Forged)?;
        key.verify_strict(&signed(json), &Signature::from_bytes(&signature))
            .map_err(|_| EnvelopeError::Forged)?;
        Ok(envelope)
    }
}

/// What is signed: the JSON, and that it is a message.
fn signed(json: &[u8]) -> Vec<u8> {
    [SIGNED, json].concat()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn signing() -> SigningKey {
        SigningKey::from_bytes(&[3; 32])
    }

    fn envelope() -> Envelope {
        Envelope {
            cluster: "acme".into(),
            from: WarehouseId::new("madrid").unwrap(),
            key: PublicKey(signing().verifying_key().to_bytes()),
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
        let wire = envelope().seal(&key, &signing()).unwrap();
        assert_eq!(Envelope::open(&wire, "acme", &key).unwrap(), envelope());
        let other = ClusterKey::new([2; 32]);
        assert_eq!(Envelope::open(&wire, "acme", &other), Err(EnvelopeError::Unproven));
        assert!(matches!(Envelope::open(&wire, "zeta", &other), Err(EnvelopeError::OtherCluster(_))));
    }

    #[test]
    fn a_changed_byte_a_newer_version_and_garbage_are_told_apart() {
        let key = ClusterKey::new([1; 32]);
        let wire = envelope().seal(&key, &signing()).unwrap();
        for place in HEAD..wire.len() {
            let mut bad = wire.clone();
            bad[place] ^= 1;
            assert!(Envelope::open(&bad, "acme", &key).is_err());
        }
        let mut newer = wire;
        newer[3] = 3;
        assert_eq!(Envelope::open(&newer, "acme", &key), Err(EnvelopeError::Version(3)));
        assert_eq!(Envelope::open(b"hello", "acme", &key), Err(EnvelopeError::Foreign));
        assert_eq!(Envelope::open(&vec![0; 300_000], "acme", &key), Err(EnvelopeError::TooLarge(300_000)));
    }

    fn wrapped(json: &str, signing: &SigningKey) -> Vec<u8> {
        let signature = signing.sign(&signed(json.as_bytes())).to_bytes();
        let proven = [&signature[..], json.as_bytes()].concat();
        let proof = blake3::keyed_hash(&[1; 32], &proven);
        [&b"RUB\x02"[..], proof.as_bytes(), &proven].concat()
    }

    #[test]
    fn a_kind_of_message_that_is_not_known_yet_is_read_as_such() {
        let key = serde_json::to_string(&envelope().key).unwrap();
        let json = format!(
            r#"{{"cluster":"acme","from":"madrid","key":{key},"incarnation":1,"nonce":"00000000-0000-0000-0000-000000000000","counter":1,"hlc":2,"more":true,"body":{{"lock_of_tomorrow":{{"x":1}}}}}}"#
        );
        let wire = wrapped(&json, &signing());
        assert_eq!(Envelope::open(&wire, "acme", &ClusterKey::new([1; 32])).unwrap().body, Message::Unknown);
    }

    #[test]
    fn a_message_that_another_key_signed_is_forged_though_the_clusters_key_proves_it() {
        let json = serde_json::to_string(&envelope()).unwrap();
        let forged = wrapped(&json, &SigningKey::from_bytes(&[4; 32]));
        assert_eq!(Envelope::open(&forged, "acme", &ClusterKey::new([1; 32])), Err(EnvelopeError::Forged));
    }
}
