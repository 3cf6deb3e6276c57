//! The file `head`: what this node has committed of its own ledger, kept apart from the store.
//!
//! It has two slots, written by turns: after a crash at least one of them is whole, and nothing was published on the
//! word of the other.
//!
//! A store that was restored from an old copy is noticed by it: the node is behind its own word then, and gets its
//! ledger back from the others before it writes (`docs/architecture.md`, Recovery).

use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::durable_file;
use crate::ledger::{Hash, Head};

/// Bytes of a slot: a block of the disk, so that writing one never touches the other.
const SLOT: usize = 4096;

/// Why the file can't be used.
#[derive(Debug, Error)]
pub enum HeadFileError {
    /// It can't be read.
    #[error("the file {path} can't be read: {why}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        why: io::Error,
    },
    /// It isn't what was written.
    #[error("the file {path} is damaged ({why}); remove it only if the store was never restored from a copy")]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong.
        why: String,
    },
}

/// What a slot says, with the hash of that: a slot half written is known by it.
#[derive(Serialize, Deserialize)]
struct Slot {
    head: Head,
    check: Hash,
}

/// What the file says; [`Head::EMPTY`] where there is none.
///
/// # Errors
/// When it can't be read, or is damaged.
pub fn read(path: &Path) -> Result<Head, HeadFileError> {
    match fs::read(path) {
        Ok(bytes) => newest(&bytes).map(|(_, head)| head).ok_or_else(|| HeadFileError::Damaged {
            path: path.display().to_string(),
            why: "neither of its two slots is whole".to_owned(),
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Head::EMPTY),
        Err(why) => Err(HeadFileError::Unreadable { path: path.display().to_string(), why }),
    }
}

/// Writes it; it has reached the disk when this returns.
///
/// Overwriting a block in place costs one flush without the file system's journal; replacing the file costs several.
///
/// # Errors
/// When the disk refuses.
pub fn write(path: &Path, head: &Head) -> io::Result<()> {
    let slot = slot(head)?;
    let mut file = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return make(path, &slot),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::with_capacity(2 * SLOT);
    file.read_to_end(&mut bytes)?;
    match newest(&bytes) {
        Some((at, _)) if bytes.len() == 2 * SLOT => {
            let older = if at == 0 { SLOT as u64 } else { 0 };
            file.write_all_at(&slot, older)?;
            file.sync_data()
        }
        _ => make(path, &slot),
    }
}

fn make(path: &Path, slot: &[u8]) -> io::Result<()> {
    durable_file::replace(path, &[slot, slot].concat())
}

fn slot(head: &Head) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(&Slot { head: *head, check: check(head)? })?;
    text.resize(SLOT - 1, b' ');
    text.push(b'\n');
    Ok(text)
}

fn check(head: &Head) -> io::Result<Hash> {
    Ok(Hash::of(&serde_json::to_vec(head)?))
}

/// The newer of the slots that are whole, and where it begins; where none is, the head alone, as it was written before
/// there were slots.
fn newest(bytes: &[u8]) -> Option<(usize, Head)> {
    let slots = bytes.chunks(SLOT).take(2).enumerate().filter_map(|(at, bytes)| {
        let slot: Slot = serde_json::from_slice(bytes).ok()?;
        (check(&slot.head).ok()? == slot.check).then_some((at * SLOT, slot.head))
    });
    let newest = slots.max_by_key(|(_, head)| (head.incarnation, head.seq));
    newest.or_else(|| serde_json::from_slice(bytes).ok().map(|head| (0, head)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::ledger::Hash;

    #[test]
    fn what_was_written_is_read_back_and_a_missing_file_is_an_empty_ledger() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("head");
        assert_eq!(read(&path).unwrap(), Head::EMPTY);
        let head = Head { incarnation: 3, seq: 42, hash: Hash::of(b"x") };
        write(&path, &head).unwrap();
        assert_eq!(read(&path).unwrap(), head);
    }

    #[test]
    fn after_a_write_that_was_cut_off_the_one_before_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("head");
        let head = |seq| Head { incarnation: 3, seq, hash: Hash::of(b"x") };
        for seq in 40..=42 {
            write(&path, &head(seq)).unwrap();
            assert_eq!(read(&path).unwrap(), head(seq));
        }
        let whole = fs::read(&path).unwrap();
        let torn = whole
            .chunks(SLOT)
            .position(|slot| slot.starts_with(br#"{"head":{"incarnation":3,"seq":42"#))
            .unwrap();
        let mut bytes = whole;
        bytes[torn * SLOT + 34] ^= 1;
        fs::write(&path, &bytes).unwrap();
        assert_eq!(read(&path).unwrap(), head(41));
        write(&path, &head(43)).unwrap();
        assert_eq!(read(&path).unwrap(), head(43));
    }

    #[test]
    fn a_file_from_before_there_were_slots_is_read_and_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("head");
        let head = |seq| Head { incarnation: 3, seq, hash: Hash::of(b"x") };
        fs::write(&path, serde_json::to_vec(&head(40)).unwrap()).unwrap();
        assert_eq!(read(&path).unwrap(), head(40));
        write(&path, &head(41)).unwrap();
        assert_eq!(read(&path).unwrap(), head(41));
        assert_eq!(fs::read(&path).unwrap().len(), 2 * SLOT);
    }

    #[test]
    fn a_damaged_file_is_told_and_not_taken_for_an_empty_ledger() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("head");
        fs::write(&path, "{\"incarnation\":3").unwrap();
        assert!(matches!(read(&path), Err(HeadFileError::Damaged { .. })));
    }
}
