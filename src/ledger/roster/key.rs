//! A public key, by which a node's seals, messages and acceptances are proven.

use serde::{Deserialize, Serialize};

use crate::ledger::entry::{from_hex, to_hex};

/// A public Ed25519 key; hex in text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey(pub [u8; 32]);

impl TryFrom<String> for PublicKey {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        from_hex(&text).map(Self).ok_or_else(|| "not a key of 64 hex digits".to_owned())
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        to_hex(&key.0)
    }
}
