//! The example of `docs/protocol.md` is what this program reads and writes, byte by byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::fs;
use std::path::Path;

use ed25519_dalek::SigningKey;
use rubentario::domain::WarehouseId;
use rubentario::ledger::{Body, Hash, StoredEntry};
use rubentario::protocol::envelope::{ClusterKey, Envelope, VERSION};
use rubentario::protocol::message::{Message, PublicKey};
use rubentario::protocol::seal;

const CLUSTER: &str = "acme";

/// The one block of a kind in the document.
fn block(kind: &str) -> String {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/protocol.md")).unwrap();
    let (_, after) = text.split_once(&format!("```{kind}\n")).expect(kind);
    after.split_once("\n```").expect(kind).0.to_owned()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

fn stored(text: &str) -> StoredEntry {
    StoredEntry::read(text.as_bytes().into()).unwrap()
}

#[test]
fn the_entry_is_read_hashed_and_written_as_the_document_says() {
    let text = block("entry");
    let read = stored(&text);
    assert_eq!(read.hash.to_string(), block("hash"));
    let entry = (*read.entry).clone();
    assert_eq!((entry.origin.as_str(), entry.seq, entry.prev_hash), ("madrid", 1, Hash::ZERO));
    assert_eq!(entry.operator.to_string(), "ana");
    assert!(matches!(&entry.body, Body::ProductDefined { sku, revision: 1, .. } if sku.as_str() == "CASCO"));
    let written = StoredEntry::write(entry).unwrap();
    assert_eq!(std::str::from_utf8(&written.bytes).unwrap(), text);
    let changed = stored(&text.replace("\"ana\"", "\"eva\""));
    assert_ne!(changed.hash, read.hash);
}

#[test]
fn the_message_is_proven_opened_and_sealed_as_the_document_says() {
    let (json, proof, key) =
        (block("message"), block("proof").parse::<Hash>().unwrap(), ClusterKey::new([1; 32]));
    let origins_key = SigningKey::from_bytes(&[7; 32]);
    let signature = bytes(&block("signature"));
    let wire = [b"RUB", &[VERSION][..], proof.as_bytes(), &signature, json.as_bytes()].concat();
    let envelope = Envelope::open(&wire, CLUSTER, &key).unwrap();
    assert_eq!(envelope.seal(&key, &origins_key).unwrap(), wire);

    let Message::Entries(entries) = envelope.body else { panic!("{:?}", envelope.body) };
    let madrid = WarehouseId::new("madrid").unwrap();
    assert_eq!(entries.key, PublicKey(origins_key.verifying_key().to_bytes()));
    let [entry] = &entries.entries[..] else { panic!("{:?}", entries.entries) };
    assert_eq!(entry.get(), block("entry"));
    let [sealed] = &entries.seals[..] else { panic!("{:?}", entries.seals) };
    let hash = stored(entry.get()).hash;
    assert!(seal::verify(entries.key, CLUSTER, &madrid, sealed, hash));
    assert_eq!(*sealed, seal::sign(&origins_key, CLUSTER, &madrid, 1, hash));
    assert!(!seal::verify(entries.key, "zeta", &madrid, sealed, hash));
}
