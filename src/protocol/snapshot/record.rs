//! What is remembered of a snapshot, and what can be wrong with a marker or a closing.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::{Operator, TransferId, WarehouseId};
use crate::ledger::entry::{Cut, MissingPart};
use crate::ledger::{EntryRef, Hash, Head};

/// A snapshot as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Snapshot {
    /// The entry that began it.
    pub id: TransferId,
    /// The same, with its hash.
    pub begun: EntryRef,
    /// When, milliseconds since 1970 UTC.
    pub begun_ms: i64,
    /// Who wanted it.
    pub operator: Operator,
    /// Who is to mark.
    pub expected: BTreeSet<WarehouseId>,
    /// Who has.
    pub markers: BTreeMap<WarehouseId, Marker>,
    /// Its end, once there is one.
    pub closed: Option<Closing>,
}

/// One warehouse's marker.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Marker {
    /// Where it stands: the cut goes through here.
    pub at: Head,
    /// What its writer had applied of each ledger; nothing where the ledger had ended.
    pub cut: Cut,
    /// The digest of its part, by its own word.
    pub claimed: Hash,
    /// The digest of its part as it is folded here.
    pub computed: Hash,
}

impl Marker {
    /// Of a ledger that has ended: its writer has left, and somebody else's word on where it ended stands for a marker.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        // Whoever marks has applied at least what admitted it, or what it founded.
        self.cut.is_empty()
    }
}

/// The end of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Closing {
    /// The entry that closed it, in the ledger of who began it.
    pub seq: u64,
    /// When, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Where each ledger is cut.
    pub cut: Cut,
    /// Whose markers did not come.
    pub missing: Vec<MissingPart>,
}

/// What became of a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It counts.
    Counted,
    /// It was counted before.
    Doubled,
    /// The snapshot was closed without it.
    Late,
}

/// Why a marker or a closing changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refused {
    /// No such snapshot was begun.
    #[error("snapshot {id} is not known")]
    Unknown {
        /// Which.
        id: TransferId,
    },
    /// No such snapshot is known; it may have been begun before those that are remembered.
    #[error("snapshot {id} is not known any more")]
    Forgotten {
        /// Which.
        id: TransferId,
    },
    /// Another entry has that id.
    #[error("snapshot {id} was begun by another entry")]
    Reused {
        /// Which.
        id: TransferId,
    },
    /// Its writer has marked at another place.
    #[error("{by} has marked snapshot {id} at another place before")]
    MarkedTwice {
        /// Which.
        id: TransferId,
        /// Who.
        by: WarehouseId,
    },
    /// Somebody had applied what lies behind a marker.
    #[error("the marker of {by} in snapshot {id} does not fit the others")]
    BeyondMarker {
        /// Which.
        id: TransferId,
        /// Who.
        by: WarehouseId,
    },
    /// Only who began a snapshot closes it.
    #[error("{by} closes snapshot {id}, which it didn't begin")]
    NotItsOwner {
        /// Which.
        id: TransferId,
        /// Who.
        by: WarehouseId,
    },
    /// It was closed before.
    #[error("snapshot {id} was closed before")]
    ClosedTwice {
        /// Which.
        id: TransferId,
    },
    /// Its cut is not the one that the markers make.
    #[error("the cut that closes snapshot {id} is not the one that its markers make")]
    OtherCut {
        /// Which.
        id: TransferId,
    },
}
