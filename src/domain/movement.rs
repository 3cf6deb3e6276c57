//! Kinds of movements and the reasons of adjustments.

use serde::{Deserialize, Serialize};

/// Declares an enum whose values have one fixed word, used in ledgers, databases, JSON and verbs alike.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All values, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The fixed word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            /// The error is the list of the words that would do.
            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|v| v.word() == text).ok_or_else(|| {
                    let words: Vec<_> = Self::ALL.iter().map(|v| v.word()).collect();
                    format!("«{text}» is none of {}", words.join(", "))
                })
            }
        }
    };
}
pub(crate) use words;

words!(
    /// What a line of the history is.
    MovementKind {
        /// Goods in from outside the cluster.
        Receipt = "receipt",
        /// Goods out of the cluster.
        Issue = "issue",
        /// A correction with its reason.
        Adjustment = "adjustment",
        /// The difference that a count found.
        Count = "count",
        /// Goods asked for from another warehouse.
        TransferRequested = "transfer_requested",
        /// The requester would rather not have them.
        TransferWithdrawalAsked = "transfer_withdrawal_asked",
        /// The source said no.
        TransferDeclined = "transfer_declined",
        /// Goods left for another warehouse.
        TransferDispatched = "transfer_dispatched",
        /// Goods of another warehouse came in.
        TransferReceived = "transfer_received",
        /// The destination refused the goods.
        TransferRejected = "transfer_rejected",
        /// Refused goods are back at their source.
        TransferReturned = "transfer_returned",
        /// An own earlier movement undone.
        Reversal = "reversal",
        /// Goods kept for somebody; on hand stays.
        Reserved = "reserved",
        /// Goods that were kept are free again.
        Released = "released",
        /// Goods ordered from outside.
        ReceiptExpected = "receipt_expected",
        /// What was still to come of an order is not expected any more.
        ExpectationClosed = "expectation_closed",
    }
);

words!(
    /// Why on-hand was adjusted.
    AdjustmentReason {
        /// Broken or spoiled.
        Damaged = "damaged",
        /// Past its date.
        Expired = "expired",
        /// Not where it should be.
        Lost = "lost",
        /// Turned up.
        Found = "found",
        /// A count by hand.
        Count = "count",
        /// A mistake put right.
        Correction = "correction",
        /// Anything else; the reference says what.
        Other = "other",
    }
);

words!(
    /// Why reserved goods were released.
    ReleaseReason {
        /// Somebody wanted it so.
        Asked = "asked",
        /// Its last day has passed.
        Due = "due",
        /// A count or an adjustment left less on hand than was reserved.
        Short = "short",
    }
);

impl AdjustmentReason {
    /// Whether it can be why there is more, or less, than the book says.
    #[must_use]
    pub const fn suits(self, more: bool) -> bool {
        match self {
            Self::Damaged | Self::Expired | Self::Lost => !more,
            Self::Found => more,
            Self::Count | Self::Correction | Self::Other => true,
        }
    }
}

impl MovementKind {
    /// Whether an own entry of this kind can be undone by a reversal.
    #[must_use]
    pub const fn is_reversible(self) -> bool {
        matches!(self, Self::Receipt | Self::Issue | Self::Adjustment | Self::Count)
    }

    /// Whether the quantity of such a line is a change of on-hand; else it is what was asked for or promised.
    #[must_use]
    pub const fn moves(self) -> bool {
        !matches!(
            self,
            Self::TransferRequested
                | Self::TransferWithdrawalAsked
                | Self::TransferDeclined
                | Self::Reserved
                | Self::Released
                | Self::ReceiptExpected
                | Self::ExpectationClosed
        )
    }
}
