//! What a version of the roster changes.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::PublicKey;
use crate::domain::WarehouseId;
use crate::ledger::entry::Head;

/// The one change that a version makes to the version before it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// The cluster begins.
    Founded {
        /// With this warehouse alone.
        founder: WarehouseId,
        /// Its key.
        key: PublicKey,
    },
    /// A warehouse comes.
    Admitted {
        /// Which.
        member: WarehouseId,
        /// Its key.
        key: PublicKey,
    },
    /// A warehouse leaves in order: empty, with nothing on the road.
    Retired {
        /// Which.
        member: WarehouseId,
        /// Its last entry.
        last: Head,
    },
    /// A warehouse is given up: what was there is lost, what it wrote later is void.
    GivenUp {
        /// Which.
        member: WarehouseId,
        /// Its last entry that counts.
        last: Head,
    },
    /// A warehouse that lost its key goes on with another.
    KeyReplaced {
        /// Which.
        member: WarehouseId,
        /// The new key.
        key: PublicKey,
        /// It proves the entries from this one on.
        from_seq: u64,
    },
    /// A ledger of which two histories were seen is followed again.
    QuarantineEnded {
        /// Whose.
        member: WarehouseId,
        /// The last entry of the history that counts.
        at: Head,
    },
}

impl Change {
    /// Whom it is about.
    #[must_use]
    pub const fn subject(&self) -> &WarehouseId {
        match self {
            Self::Founded { founder: who, .. }
            | Self::Admitted { member: who, .. }
            | Self::Retired { member: who, .. }
            | Self::GivenUp { member: who, .. }
            | Self::KeyReplaced { member: who, .. }
            | Self::QuarantineEnded { member: who, .. } => who,
        }
    }

    /// Whether somebody who wants the one has what it wants by the other.
    #[must_use]
    pub fn is_same_wish(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::GivenUp { member: a, .. }, Self::GivenUp { member: b, .. })
            | (Self::Retired { member: a, .. }, Self::Retired { member: b, .. }) => a == b,
            (
                Self::KeyReplaced { member: a, key: of_a, .. },
                Self::KeyReplaced { member: b, key: of_b, .. },
            ) => (a, of_a) == (b, of_b),
            _ => self == other,
        }
    }

    /// Whether an operator who wants it says that somebody's disk is gone.
    #[must_use]
    pub const fn follows_a_loss(&self) -> bool {
        matches!(self, Self::GivenUp { .. } | Self::KeyReplaced { .. })
    }

    /// Whether it may stand without acceptances, on an operator's word alone, where no majority can answer.
    #[must_use]
    pub const fn may_stand_alone(&self) -> bool {
        matches!(self, Self::GivenUp { .. } | Self::KeyReplaced { .. })
    }
}

/// Why a change can't follow a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unfit {
    /// There is a cluster.
    #[error("the cluster is founded already")]
    FoundedAlready,
    /// It belongs.
    #[error("it belongs to the cluster already")]
    MemberAlready,
    /// It left.
    #[error("it was retired, and its name is not given again")]
    Former,
    /// Too many.
    #[error("the cluster has as many warehouses as it can have")]
    Full,
    /// It doesn't belong.
    #[error("it does not belong to the cluster")]
    NotMember,
    /// Nobody would be left.
    #[error("it is the last of the cluster")]
    LastOne,
    /// It has that key.
    #[error("it has that key already")]
    SameKey,
}
