//! What proves a version: the acceptances of a majority of the version before, each signed by its member.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use super::{Change, PublicKey, Roster};
use crate::domain::WarehouseId;
use crate::ledger::entry::{Hash, signature_hex};

/// What is decided on: a version of a cluster's roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Matter {
    /// Hash of the entry that founded the cluster.
    pub founding: Hash,
    /// The version.
    pub version: u64,
}

/// A round of voting; later ones are greater, and no two proposers share one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ballot {
    /// Grows with every try.
    pub n: u64,
    /// Whose ballot it is.
    pub node: WarehouseId,
}

/// A member's word that it accepted a change in a ballot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// Who.
    pub member: WarehouseId,
    /// Ed25519 over the matter, the ballot and the change; hex in text.
    #[serde(with = "signature_hex")]
    pub signature: [u8; 64],
}

impl Acceptance {
    /// Signs.
    #[must_use]
    pub fn sign(
        key: &SigningKey,
        member: WarehouseId,
        matter: Matter,
        ballot: &Ballot,
        change: &Change,
    ) -> Self {
        let signature = key.sign(&signed_bytes(matter, ballot, change)).to_bytes();
        Self { member, signature }
    }

    /// Whether it is signed by that key.
    #[must_use]
    pub fn is_of(&self, key: PublicKey, matter: Matter, ballot: &Ballot, change: &Change) -> bool {
        let Ok(key) = VerifyingKey::from_bytes(&key.0) else {
            return false;
        };
        let signature = Signature::from_bytes(&self.signature);
        key.verify_strict(&signed_bytes(matter, ballot, change), &signature).is_ok()
    }
}

fn signed_bytes(matter: Matter, ballot: &Ballot, change: &Change) -> Vec<u8> {
    let mut bytes = b"rubentario acceptance 1".to_vec();
    bytes.extend_from_slice(matter.founding.as_bytes());
    bytes.extend_from_slice(&matter.version.to_be_bytes());
    bytes.extend_from_slice(&ballot.n.to_be_bytes());
    let node = ballot.node.as_str();
    bytes.extend_from_slice(&(node.len() as u64).to_be_bytes());
    bytes.extend_from_slice(node.as_bytes());
    bytes.extend_from_slice(change.hash().as_bytes());
    bytes
}

impl Change {
    /// Tells changes apart.
    #[must_use]
    pub fn hash(&self) -> Hash {
        // A change came in as JSON or was made to travel as such: it always has that form.
        Hash::of(&serde_json::to_vec(self).unwrap_or_default())
    }
}

impl Roster {
    /// Whether these acceptances are of a majority of this version's members for a change that follows it.
    #[must_use]
    pub fn is_proven(&self, ballot: &Ballot, change: &Change, acceptances: &[Acceptance]) -> bool {
        let holds = |(member, keys): (&WarehouseId, &super::Keys)| {
            let theirs = acceptances.iter().find(|a| a.member == *member);
            let key = keys.current();
            theirs.zip(key).is_some_and(|(a, key)| a.is_of(key, self.next(), ballot, change))
        };
        self.members.iter().filter(|member| holds(*member)).count() >= self.majority()
    }
}
