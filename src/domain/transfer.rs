//! Transfers between warehouses: their id, states and reasons of shortage.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::WarehouseId;
use super::movement::words;

/// The entry that began the transfer: `madrid:42`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TransferId {
    /// The warehouse whose entry began it.
    pub origin: WarehouseId,
    /// That entry's place in its ledger, from 1.
    pub seq: u64,
}

impl fmt::Display for TransferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}:{}", self.origin, self.seq))
    }
}

impl FromStr for TransferId {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once(':').and_then(|(origin, seq)| {
            Some(Self { origin: WarehouseId::new(origin).ok()?, seq: seq.parse().ok().filter(|&n| n > 0)? })
        });
        parts.ok_or_else(|| format!("«{text}» is not an id such as madrid:42"))
    }
}

impl TryFrom<String> for TransferId {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<TransferId> for String {
    fn from(id: TransferId) -> Self {
        id.to_string()
    }
}

words!(
    /// How far a transfer is; the greatest step seen.
    TransferState {
        /// Asked for, not answered.
        Requested = "requested",
        /// The requester asks to drop it; the source has not answered.
        WithdrawalAsked = "withdrawal_asked",
        /// The source said no.
        Declined = "declined",
        /// On the road.
        Dispatched = "dispatched",
        /// In, with whatever was short booked as such.
        Received = "received",
        /// The destination refused it; it is on its way back.
        Rejected = "rejected",
        /// Back at its source.
        Returned = "returned",
    }
);

words!(
    /// Why less came than was sent.
    ShortageReason {
        /// It wasn't there.
        Missing = "missing",
        /// It came broken.
        Damaged = "damaged",
        /// It came past its date.
        Expired = "expired",
        /// Something else came.
        WrongProduct = "wrong_product",
        /// Anything else.
        Other = "other",
    }
);

impl TransferState {
    /// Whether nobody owes anything more.
    #[must_use]
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Declined | Self::Received | Self::Returned)
    }
}
