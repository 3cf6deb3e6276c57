//! One process per node: whoever holds the lock file runs it.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::durable_file;

/// Why this process may not run the node.
#[derive(Debug, Error)]
pub enum LockError {
    /// Another process runs it.
    #[error("this node is already running here: process {pid}")]
    Held {
        /// The other's process id, `?` where it can't be told.
        pid: String,
    },
    /// The lock file can't be used.
    #[error("the lock {path} can't be taken: {why}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
}

/// Holds a node's folder for this process until it is dropped, or the process ends in any way.
#[derive(Debug)]
pub struct NodeLock {
    pid_file: PathBuf,
    _file: File,
}

impl NodeLock {
    /// Takes the folder (made for its owner only, where it is missing), and leaves this process's id in `node.pid`.
    ///
    /// # Errors
    /// When another process holds it, or the files can't be written.
    pub fn take(folder: &Path) -> Result<Self, LockError> {
        let path = folder.join("lock");
        let failed = |why| LockError::Io { path: path.clone(), why };
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        let mut open = OpenOptions::new();
        let file = open.write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let pid = holder(folder).map_or_else(|| "?".to_owned(), |pid| pid.to_string());
                return Err(LockError::Held { pid });
            }
            Err(TryLockError::Error(why)) => return Err(failed(why)),
        }
        let pid_file = folder.join("node.pid");
        let text = format!("{}\n", std::process::id());
        durable_file::replace(&pid_file, text.as_bytes()).map_err(failed)?;
        Ok(Self { pid_file, _file: file })
    }
}

impl Drop for NodeLock {
    fn drop(&mut self) {
        // The file tells people; the lock itself goes with the open file.
        let _ = fs::remove_file(&self.pid_file);
    }
}

/// The process that says it runs the node of a folder; it may have died since.
#[must_use]
pub fn holder(folder: &Path) -> Option<u32> {
    fs::read_to_string(folder.join("node.pid")).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_second_is_refused_with_the_firsts_pid_until_the_first_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let first = NodeLock::take(folder.path()).unwrap();
        let told = NodeLock::take(folder.path()).unwrap_err().to_string();
        assert!(told.contains(&std::process::id().to_string()), "{told}");
        drop(first);
        assert!(NodeLock::take(folder.path()).is_ok());
    }

    #[test]
    fn what_a_dead_process_left_behind_does_not_hold_anybody_up() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("node.pid"), "1").unwrap();
        fs::write(folder.path().join("lock"), "").unwrap();
        let _held = NodeLock::take(folder.path()).unwrap();
        assert_eq!(holder(folder.path()), Some(std::process::id()));
    }
}
