//! What a snapshot writes into the ledgers: one marker per warehouse, and one closing by who began it.

use serde::{Deserialize, Serialize};

use super::{Cut, EntryRef, Hash};
use crate::domain::WarehouseId;

/// Here this ledger is cut for a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SnapshotMarker {
    /// The entry that began the snapshot; none: this one begins it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<EntryRef>,
    /// Who is to mark: in the beginning entry only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected: Vec<WarehouseId>,
    /// Whose ledgers have ended, at the place that `cut` tells, as they have left: in the beginning entry only. Nobody
    /// is left to mark for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ended: Vec<WarehouseId>,
    /// What the writer had applied of every ledger, of those whose marker it had seen up to that.
    pub cut: Cut,
    /// Hash of the listing of the writer's own part before this entry.
    pub digest: Hash,
}

/// A warehouse whose marker didn't come in time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MissingPart {
    /// Which.
    pub id: WarehouseId,
    /// The last entry of its ledger that is in the snapshot; 0 = none.
    pub seq: u64,
    /// Milliseconds since it was last heard when the snapshot was closed; none: never heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_ms: Option<u64>,
}

/// The end of a snapshot, by who began it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SnapshotClosed {
    /// The entry that began it.
    pub snapshot: EntryRef,
    /// Where each ledger is cut.
    pub cut: Cut,
    /// Whose markers did not come: of them, what the others had applied is in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<MissingPart>,
}
