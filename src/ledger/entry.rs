//! The entry: one fact, written once by its origin, chained by hash, relayed as the bytes it was written in.
//!
//! The bytes are JSON, so that a person can read them in the database; nobody but the origin ever encodes them.

mod body;
mod hash;
mod lines;
mod snapshot;
mod stocktake;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

pub use body::Body;
pub use hash::{Hash, from_hex, to_hex};
pub use lines::{ArrivedLine, DispatchLine, RequestLine, StockDelta};
pub use snapshot::{MissingPart, SnapshotClosed, SnapshotMarker};
pub use stocktake::{ReviewedLine, StocktakeClosed, StocktakeCounted, StocktakeOpened, StocktakeReviewed};

use crate::domain::{Operator, Sku, WarehouseId};

/// The largest entry in bytes that is written or taken.
pub const MAX_ENTRY_BYTES: usize = 64 * 1024;

/// One entry, named for good: place and hash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EntryRef {
    /// Whose ledger.
    #[serde(rename = "o")]
    pub origin: WarehouseId,
    /// Its place there, from 1.
    #[serde(rename = "s")]
    pub seq: u64,
    /// Hash of its bytes.
    #[serde(rename = "h")]
    pub hash: Hash,
}

/// How far a ledger goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Head {
    /// The incarnation that wrote its last entry.
    pub incarnation: u32,
    /// Place of its last entry.
    pub seq: u64,
    /// Hash of its last entry.
    pub hash: Hash,
}

impl Head {
    /// Of a ledger without entries.
    pub const EMPTY: Self = Self { incarnation: 0, seq: 0, hash: Hash::ZERO };
}

/// A position in every ledger.
pub type Cut = BTreeMap<WarehouseId, Head>;

/// Which request an entry answers: the id is made by who asks and is the same on a retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CommandId {
    /// The request.
    pub id: Uuid,
    /// Place among the entries of that request, from 0.
    pub index: u32,
    /// Start of the hash of what was asked, so that the same id with another content is noticed.
    pub digest: u32,
    /// How many entries that request has, where they are more than one: a long one is sealed, and may come back from
    /// others, in parts. 0: not told.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub entries: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
const fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// A number that only grows, per locked product, and breaks ties by node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fence<N = WarehouseId> {
    /// The growing number.
    pub n: u64,
    /// Who held it.
    pub node: N,
}

/// The milliseconds since 1970 UTC of a hybrid time.
#[must_use]
pub fn hlc_millis(hlc: u64) -> i64 {
    i64::try_from(hlc >> 16).unwrap_or(i64::MAX)
}

/// A fact of one warehouse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Whose ledger it stands in.
    pub origin: WarehouseId,
    /// Which start of that node wrote it.
    pub incarnation: u32,
    /// Its place, gapless from 1.
    pub seq: u64,
    /// Hybrid logical time: 48 bits of milliseconds, 16 of counter.
    pub hlc: u64,
    /// Bound of the clock's error in milliseconds; none = not synchronised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_ms: Option<u32>,
    /// Who did it.
    pub operator: Operator,
    /// The request it answers.
    pub command: CommandId,
    /// The entries of other origins that it rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<EntryRef>,
    /// The locks it was written under.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fences: Vec<(Sku, Fence)>,
    /// The cut its lock holder had applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Cut>,
    /// Hash of the entry before it.
    pub prev_hash: Hash,
    /// What happened.
    pub body: Body,
}

/// An entry with its bytes and their hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// What the bytes say.
    pub entry: Arc<Entry>,
    /// As written by the origin.
    pub bytes: Arc<[u8]>,
    /// Of the bytes.
    pub hash: Hash,
}

/// Why bytes are not an entry.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EntryError {
    /// Larger than any entry may be.
    #[error("an entry of {0} bytes; at most {MAX_ENTRY_BYTES} are taken")]
    TooLarge(usize),
    /// Not the JSON of an entry.
    #[error("not an entry: {0}")]
    Malformed(String),
}

impl StoredEntry {
    /// Reads an entry from the bytes its origin wrote.
    ///
    /// # Errors
    /// When they are too many or no entry.
    pub fn read(bytes: Arc<[u8]>) -> Result<Self, EntryError> {
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(EntryError::TooLarge(bytes.len()));
        }
        let entry: Entry =
            serde_json::from_slice(&bytes).map_err(|e| EntryError::Malformed(e.to_string()))?;
        Ok(Self { entry: Arc::new(entry), hash: Hash::of(&bytes), bytes })
    }

    /// Encodes a new entry: the one time that this ever happens to it.
    ///
    /// # Errors
    /// When it is too large.
    pub fn write(entry: Entry) -> Result<Self, EntryError> {
        let bytes = serde_json::to_vec(&entry).map_err(|e| EntryError::Malformed(e.to_string()))?;
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(EntryError::TooLarge(bytes.len()));
        }
        Ok(Self { entry: Arc::new(entry), hash: Hash::of(&bytes), bytes: bytes.into() })
    }

    /// Its name for good.
    #[must_use]
    pub fn reference(&self) -> EntryRef {
        EntryRef { origin: self.entry.origin.clone(), seq: self.entry.seq, hash: self.hash }
    }
}

/// An origin's signature over the chain up to one of its entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// The entry whose hash is signed.
    pub seq: u64,
    /// Ed25519 over (cluster, origin, seq, hash), hex in text.
    #[serde(with = "signature_hex")]
    pub signature: [u8; 64],
}

pub(super) mod signature_hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(signature: &[u8; 64], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&super::to_hex(signature))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<[u8; 64], D::Error> {
        let text = String::deserialize(d)?;
        super::from_hex(&text).ok_or_else(|| D::Error::custom("not a signature of 128 hex digits"))
    }
}
