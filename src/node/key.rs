//! The node's signing key: made at the first start, kept in one file that only its owner may read.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use thiserror::Error;

use super::durable_file;
use crate::ledger::entry::{from_hex, to_hex};

/// Why there is no key to be had.
#[derive(Debug, Error)]
pub enum KeyError {
    /// Others may read the file.
    #[error("the key {path} can be read by others (mode {mode:03o}); run: chmod 600 {path}")]
    Open {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// What is in the file is no key.
    #[error(
        "the key {path} is not 64 hex digits; restore it from a backup (a warehouse keeps one key for good)"
    )]
    Malformed {
        /// The file.
        path: PathBuf,
    },
    /// The file can't be read or made.
    #[error("the key {path} can't be {done}: {why}")]
    Io {
        /// The file.
        path: PathBuf,
        /// `read` or `made`.
        done: &'static str,
        /// What the system says.
        why: io::Error,
    },
}

/// Reads the key of a node's folder, or makes it where there is none.
///
/// # Errors
/// When others may read it, when it is no key, or when it can't be read or made.
pub fn read_or_make(path: &Path) -> Result<SigningKey, KeyError> {
    let failed = |done: &'static str| move |why: io::Error| KeyError::Io { path: path.to_owned(), done, why };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let secret: [u8; 32] = rand::random();
            let text = to_hex(&secret) + "\n";
            durable_file::replace(path, text.as_bytes()).map_err(failed("made"))?;
            return Ok(SigningKey::from_bytes(&secret));
        }
        Err(error) => return Err(failed("read")(error)),
    };
    let mode = file.metadata().map_err(failed("read"))?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyError::Open { path: path.to_owned(), mode });
    }
    let mut text = String::new();
    let malformed = || KeyError::Malformed { path: path.to_owned() };
    file.by_ref().take(1024).read_to_string(&mut text).map_err(|_| malformed())?;
    let secret = from_hex::<32>(text.trim()).ok_or_else(malformed)?;
    Ok(SigningKey::from_bytes(&secret))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::fs;

    use super::*;

    #[test]
    fn the_key_is_made_once_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let first = read_or_make(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(read_or_make(&path).unwrap().to_bytes(), first.to_bytes());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no other file is left behind");
    }

    #[test]
    fn a_key_that_others_may_read_is_refused_with_the_command_that_mends_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        read_or_make(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let told = read_or_make(&path).unwrap_err().to_string();
        assert!(told.contains("mode 640") && told.contains("chmod 600"), "{told}");
    }

    #[test]
    fn a_file_that_is_no_key_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        durable_file::replace(&path, b"not a key").unwrap();
        assert!(matches!(read_or_make(&path), Err(KeyError::Malformed { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"not a key");
    }
}
