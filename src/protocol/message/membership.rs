//! What nodes say about who belongs.

use serde::{Deserialize, Serialize};

use crate::domain::WarehouseId;
use crate::ledger::roster::{Acceptance, Ballot, Change, Matter};
use crate::ledger::{Hash, Head};
use crate::protocol::roster::{Say, Vote};

/// A cluster as one of its members sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Hash of the entry that founded it.
    pub founding: Hash,
    /// Hybrid time of the founding, and the founder.
    pub founded: (u64, WarehouseId),
    /// The roster's version.
    pub version: u64,
    /// Who belongs.
    pub members: Vec<WarehouseId>,
}

/// Here I am, with the key that proves this message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The sender's cluster; none: it belongs to none and would like to.
    pub cluster: Option<Summary>,
    /// The place of the sender's next entry; none while it is getting its own ledger back.
    pub next_seq: Option<u64>,
}

/// Something said in deciding a version of the roster, with what else the hearer must know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voting {
    /// What is decided on.
    pub matter: Matter,
    /// What is said.
    pub say: Say,
    /// Whom the proposer's wish is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<WarehouseId>,
    /// That one lost its store, an operator says.
    #[serde(default)]
    pub is_lost: bool,
    /// With a promise: how far the sender holds the ledger of whom it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Head>,
    /// With a promise: no lock vote that the sender gave for an earlier version lives still.
    #[serde(default)]
    pub settled: bool,
    /// With an acceptance: signed, for the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance: Option<Acceptance>,
}

/// A change that was chosen, told by a proposer that may write nothing itself: it is the one who leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// What was decided on.
    pub matter: Matter,
    /// In which ballot.
    pub ballot: Ballot,
    /// The change.
    pub change: Change,
    /// The proof.
    pub acceptances: Vec<Acceptance>,
}

/// A member's vote, told to one that lost its store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldVote {
    /// What the member is to decide on next.
    pub matter: Matter,
    /// What it promised and accepted of that.
    pub vote: Vote,
}
