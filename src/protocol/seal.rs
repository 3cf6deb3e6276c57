//! Seals: an origin's signature over the chain up to an entry, so that any peer may relay and none can forge.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::message::PublicKey;
use crate::domain::WarehouseId;
use crate::ledger::{Hash, Seal};

fn signed_bytes(cluster: &str, origin: &WarehouseId, seq: u64, hash: Hash) -> Vec<u8> {
    let mut bytes = b"rubentario seal 1".to_vec();
    for text in [cluster, origin.as_str()] {
        bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes.extend_from_slice(&seq.to_be_bytes());
    bytes.extend_from_slice(hash.as_bytes());
    bytes
}

/// Signs the chain up to an entry.
#[must_use]
pub fn sign(key: &SigningKey, cluster: &str, origin: &WarehouseId, seq: u64, hash: Hash) -> Seal {
    Seal { seq, signature: key.sign(&signed_bytes(cluster, origin, seq, hash)).to_bytes() }
}

/// Whether a seal is of that origin's key over that entry.
#[must_use]
pub fn verify(key: PublicKey, cluster: &str, origin: &WarehouseId, seal: &Seal, hash: Hash) -> bool {
    let Ok(key) = VerifyingKey::from_bytes(&key.0) else {
        return false;
    };
    let signature = Signature::from_bytes(&seal.signature);
    key.verify_strict(&signed_bytes(cluster, origin, seal.seq, hash), &signature).is_ok()
}
