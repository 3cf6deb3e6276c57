//! The entry: one fact, written once by its origin, chained by hash, relayed as the bytes it was written in.
//!
//! The bytes are JSON, so that a person can read them in the database; nobody but the origin ever encodes them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use crate::domain::{
    AdjustmentReason, Lot, MovementKind, Operator, ProductFields, Quantity, ReorderRule, ShortageReason, Sku,
    TransferId, WarehouseId,
};

/// The largest entry in bytes that is written or taken.
pub const MAX_ENTRY_BYTES: usize = 64 * 1024;

/// BLAKE3 of an entry's bytes; hex in text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hash([u8; 32]);

impl Hash {
    /// What the first entry of a ledger is chained to.
    pub const ZERO: Self = Self([0; 32]);

    /// The hash of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// From its 32 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.0[..4]))
    }
}

impl FromStr for Hash {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        from_hex(text).map(Self).ok_or_else(|| "not a hash of 64 hex digits".to_owned())
    }
}

impl TryFrom<String> for Hash {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        hash.to_string()
    }
}

/// Lower-case hex of bytes.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for b in bytes {
        text.push(char::from(DIGITS[usize::from(b >> 4)]));
        text.push(char::from(DIGITS[usize::from(b & 15)]));
    }
    text
}

/// Bytes from hex of exactly that length.
#[must_use]
pub fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let text = text.as_bytes();
    if text.len() != N * 2 {
        return None;
    }
    let mut bytes = [0; N];
    for (i, byte) in bytes.iter_mut().enumerate() {
        let high = char::from(text[2 * i]).to_digit(16)?;
        let low = char::from(text[2 * i + 1]).to_digit(16)?;
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    Some(bytes)
}

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

/// A line of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestLine {
    /// The product.
    pub sku: Sku,
    /// A certain lot, or none in particular.
    #[serde(default, skip_serializing_if = "Lot::is_none")]
    pub lot: Lot,
    /// How much.
    pub qty: Quantity,
}

/// A line of a dispatch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DispatchLine {
    /// The product.
    pub sku: Sku,
    /// The lot, or no lot.
    #[serde(default, skip_serializing_if = "Lot::is_none")]
    pub lot: Lot,
    /// The lot's expiry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<NaiveDate>,
    /// How much.
    pub qty: Quantity,
}

/// What became of a dispatched line, in the order of the dispatch: arrived (or came back) + short = sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrivedLine {
    /// The product.
    pub sku: Sku,
    /// The lot.
    #[serde(default, skip_serializing_if = "Lot::is_none")]
    pub lot: Lot,
    /// The lot's expiry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<NaiveDate>,
    /// What came.
    pub arrived: Quantity,
    /// What didn't.
    pub short: Quantity,
    /// Why not; present exactly where something is short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ShortageReason>,
}

/// A change of one stock cell of the entry's origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockDelta {
    /// The product.
    pub sku: Sku,
    /// The lot.
    #[serde(default, skip_serializing_if = "Lot::is_none")]
    pub lot: Lot,
    /// By how much.
    pub delta: Quantity,
}

/// What an entry says happened at its origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Body {
    /// A product is in the catalogue, or changed.
    ProductDefined {
        /// Its reference.
        sku: Sku,
        /// 1 + the greatest that the writer had applied.
        revision: u32,
        /// What is said of it.
        fields: ProductFields,
    },
    /// A product is out of the catalogue.
    ProductRetired {
        /// Its reference.
        sku: Sku,
        /// 1 + the greatest that the writer had applied.
        revision: u32,
    },
    /// The origin's own rule and shelf for a product; both replace what was.
    ReorderRuleSet {
        /// The product.
        sku: Sku,
        /// The rule.
        rule: ReorderRule,
        /// Where it stands; may be empty.
        shelf: String,
    },
    /// Goods in from outside.
    Received {
        /// The product.
        sku: Sku,
        /// The lot.
        #[serde(default, skip_serializing_if = "Lot::is_none")]
        lot: Lot,
        /// The lot's expiry.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expiry: Option<NaiveDate>,
        /// How much.
        qty: Quantity,
        /// A free text: order, delivery note.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reference: String,
    },
    /// Goods out.
    Issued {
        /// The product.
        sku: Sku,
        /// The lot.
        #[serde(default, skip_serializing_if = "Lot::is_none")]
        lot: Lot,
        /// How much.
        qty: Quantity,
        /// A free text: order, customer.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reference: String,
    },
    /// A correction.
    Adjusted {
        /// The product.
        sku: Sku,
        /// The lot.
        #[serde(default, skip_serializing_if = "Lot::is_none")]
        lot: Lot,
        /// The lot's expiry, where the lot is new here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expiry: Option<NaiveDate>,
        /// By how much, either way.
        delta: Quantity,
        /// Why.
        reason: AdjustmentReason,
        /// A free text.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reference: String,
        /// The transfer whose goods turned up.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        transfer: Option<TransferId>,
    },
    /// A count of one product and lot.
    CountLine {
        /// The product.
        sku: Sku,
        /// The lot.
        #[serde(default, skip_serializing_if = "Lot::is_none")]
        lot: Lot,
        /// The lot's expiry, where the lot is new here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expiry: Option<NaiveDate>,
        /// The own entry whose book the count is held against.
        pinned: u64,
        /// What was counted.
        counted: Quantity,
        /// What the book said there; counted − book is what is booked.
        book: Quantity,
        /// A free text.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reference: String,
    },
    /// The origin asks another warehouse for goods.
    TransferRequested {
        /// Who is asked.
        from: WarehouseId,
        /// What for.
        lines: Vec<RequestLine>,
        /// A free text.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reference: String,
    },
    /// The origin would rather not have what it asked for.
    WithdrawalAsked {
        /// Its request.
        transfer: TransferId,
    },
    /// The origin won't send what it was asked for.
    RequestDeclined {
        /// The request.
        transfer: TransferId,
        /// Why, in words.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// Goods left the origin for another warehouse.
    TransferDispatched {
        /// The request it answers; none: this entry begins the transfer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        transfer: Option<TransferId>,
        /// Where to.
        to: WarehouseId,
        /// What.
        lines: Vec<DispatchLine>,
        /// A free text.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reference: String,
    },
    /// The goods came in at the origin, which is the destination.
    TransferReceived {
        /// The transfer.
        transfer: TransferId,
        /// Its source.
        from: WarehouseId,
        /// Per dispatched line.
        lines: Vec<ArrivedLine>,
    },
    /// The origin, which is the destination, refuses the goods.
    TransferRejected {
        /// The transfer.
        transfer: TransferId,
        /// Its source.
        from: WarehouseId,
        /// Why, in words.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// Refused goods are back at the origin, which is the source.
    TransferReturned {
        /// The transfer.
        transfer: TransferId,
        /// Where it had been sent.
        to: WarehouseId,
        /// Per dispatched line.
        lines: Vec<ArrivedLine>,
    },
    /// An own earlier entry is undone.
    Reversed {
        /// Its place.
        entry: u64,
        /// What it was.
        of: MovementKind,
        /// The changes that undo it.
        deltas: Vec<StockDelta>,
        /// Why, in words.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// Somebody has seen an alert.
    AlertAcknowledged {
        /// The alert's id.
        alert: String,
    },
    /// The origin came back with its ledger recovered so far.
    LedgerResumed {
        /// The last entry kept; later ones of older incarnations are void.
        kept: u64,
    },
    /// A kind of a newer version: nothing behind it can be applied here.
    #[serde(other)]
    Unknown,
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

mod signature_hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(signature: &[u8; 64], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&super::to_hex(signature))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<[u8; 64], D::Error> {
        let text = String::deserialize(d)?;
        super::from_hex(&text).ok_or_else(|| D::Error::custom("not a signature of 128 hex digits"))
    }
}

impl Body {
    /// The fixed word of the kind, as in the bytes.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ProductDefined { .. } => "product_defined",
            Self::ProductRetired { .. } => "product_retired",
            Self::ReorderRuleSet { .. } => "reorder_rule_set",
            Self::Received { .. } => "received",
            Self::Issued { .. } => "issued",
            Self::Adjusted { .. } => "adjusted",
            Self::CountLine { .. } => "count_line",
            Self::TransferRequested { .. } => "transfer_requested",
            Self::WithdrawalAsked { .. } => "withdrawal_asked",
            Self::RequestDeclined { .. } => "request_declined",
            Self::TransferDispatched { .. } => "transfer_dispatched",
            Self::TransferReceived { .. } => "transfer_received",
            Self::TransferRejected { .. } => "transfer_rejected",
            Self::TransferReturned { .. } => "transfer_returned",
            Self::Reversed { .. } => "reversed",
            Self::AlertAcknowledged { .. } => "alert_acknowledged",
            Self::LedgerResumed { .. } => "ledger_resumed",
            Self::Unknown => "unknown",
        }
    }
}
