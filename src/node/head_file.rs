//! The file `head`: what this node has committed of its own ledger, kept apart from the store.
//!
//! A store that was restored from an old copy is noticed by it: the node is behind its own word then, and gets its
//! ledger back from the others before it writes (`docs/architecture.md`, Recovery).

use std::fs;
use std::io;
use std::path::Path;

use thiserror::Error;

use super::durable_file;
use crate::ledger::Head;

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

/// What the file says; [`Head::EMPTY`] where there is none.
///
/// # Errors
/// When it can't be read, or is damaged.
pub fn read(path: &Path) -> Result<Head, HeadFileError> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| HeadFileError::Damaged {
            path: path.display().to_string(),
            why: error.to_string(),
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Head::EMPTY),
        Err(why) => Err(HeadFileError::Unreadable { path: path.display().to_string(), why }),
    }
}

/// Writes it; it has reached the disk when this returns.
///
/// # Errors
/// When the disk refuses.
pub fn write(path: &Path, head: &Head) -> io::Result<()> {
    let mut text = serde_json::to_vec(head)?;
    text.push(b'\n');
    durable_file::replace(path, &text)
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
    fn a_damaged_file_is_told_and_not_taken_for_an_empty_ledger() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("head");
        fs::write(&path, "{\"incarnation\":3").unwrap();
        assert!(matches!(read(&path), Err(HeadFileError::Damaged { .. })));
    }
}
