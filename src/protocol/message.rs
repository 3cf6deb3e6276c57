//! What nodes say to each other.

mod membership;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::quorum_lock::Says;
use crate::domain::{Operator, Refusal, Sku, WarehouseId};
pub use crate::ledger::PublicKey;
use crate::ledger::entry::Cut;
use crate::ledger::{Head, Seal};
pub use membership::{Hello, Summary, Told, ToldVote, Voting};

/// Entries of one ledger in order, without gaps, the last of them sealed; the bytes are as their origin wrote them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entries {
    /// Whose ledger.
    pub origin: WarehouseId,
    /// The origin's public key as the sender knows it.
    pub key: PublicKey,
    /// The entries.
    pub entries: Vec<Box<RawValue>>,
    /// Seals within the range; the last is of the last entry.
    pub seals: Vec<Seal>,
}

impl PartialEq for Entries {
    fn eq(&self, other: &Self) -> bool {
        self.origin == other.origin
            && self.key == other.key
            && self.seals == other.seals
            && self.entries.iter().map(|e| e.get()).eq(other.entries.iter().map(|e| e.get()))
    }
}

impl Eq for Entries {}

/// A message between nodes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// Entries of a ledger: new ones of the sender's own, or a range that was asked for.
    Entries(Entries),
    /// How far the sender's ledgers go, its own included.
    Heads {
        /// By origin.
        heads: BTreeMap<WarehouseId, Head>,
        /// Of which of them the sender has proof of another history: whose they are may not know it.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        forks: BTreeMap<WarehouseId, u64>,
    },
    /// The sender misses entries.
    Fetch {
        /// Of this ledger.
        origin: WarehouseId,
        /// From this one on.
        from_seq: u64,
    },
    /// I live. With `ping`, every receiver answers with a pong.
    Beat {
        /// A number like no other of this sender's, to be sent back.
        ping: Option<u64>,
    },
    /// Answer to a ping.
    Pong {
        /// As it came.
        ping: u64,
        /// The answerer's local time, milliseconds since 1970 UTC.
        wall_ms: u64,
    },
    /// The sender gets its own ledger back: how much of it do you hold?
    RecoverAsk {
        /// Of this attempt, like no other.
        attempt: Uuid,
    },
    /// The answer, given after everything that came before the question is committed.
    RecoverAnswer {
        /// As it came.
        attempt: Uuid,
        /// The last entry of the asker's ledger that the sender holds.
        held: Head,
        /// Whether the sender is in the cluster: else it can't tell who is new there.
        joined: bool,
        /// How far the sender's ledgers go.
        heads: BTreeMap<WarehouseId, Head>,
        /// The sender's vote on the next version of the roster.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        vote: Option<ToldVote>,
    },
    /// The receiver's name is known with a greater incarnation than it shows.
    Known {
        /// The greatest known.
        incarnation: u32,
    },
    /// Something about the lock of a product.
    Lock {
        /// The version of the roster that the sender goes by.
        version: u64,
        /// The product.
        sku: Sku,
        /// What of it.
        says: Says<WarehouseId, Arc<Cut>>,
    },
    /// Who the sender is, and in which cluster.
    Hello(Hello),
    /// Something about the next version of the roster.
    Voting(Voting),
    /// A version of the roster was chosen.
    Chosen(Told),
    /// An operator elsewhere wants the receiver to be retired.
    RetireAsk {
        /// Of this attempt, like no other.
        attempt: Uuid,
        /// Who wants it.
        operator: Operator,
    },
    /// Whether the receiver's wish is followed: the asked one then proposes it itself.
    RetireAnswer {
        /// As it came.
        attempt: Uuid,
        /// Why not; none: it is.
        refusal: Option<Refusal>,
    },
    /// Something of a newer version.
    Unknown,
}

impl Message {
    /// Reads a message; a kind that this version doesn't know is [`Message::Unknown`].
    ///
    /// # Errors
    /// When it isn't of the form of a message at all.
    pub fn read(json: &RawValue) -> Result<Self, serde_json::Error> {
        // The tag stands outside: raw values don't survive the buffering that an inner tag needs.
        serde_json::from_str(json.get()).or_else(|error| {
            let tagged: BTreeMap<String, serde_json::Value> = serde_json::from_str(json.get())?;
            let known = [
                "entries",
                "heads",
                "fetch",
                "beat",
                "pong",
                "recover_ask",
                "recover_answer",
                "known",
                "lock",
                "hello",
                "voting",
                "chosen",
                "retire_ask",
                "retire_answer",
            ];
            match tagged.into_keys().next() {
                Some(tag) if !known.contains(&tag.as_str()) => Ok(Self::Unknown),
                _ => Err(error),
            }
        })
    }
}
