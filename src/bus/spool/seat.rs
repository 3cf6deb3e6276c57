//! The seat of a node: a lock file that one process at a time can hold, and that the kernel frees when
//! its holder dies.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::file::private_file;
use super::rows::Owner;

pub(super) enum Seat {
    Mine(#[allow(dead_code, reason = "the lock is held as long as the file is open")] File),
    Taken { who: String },
}

/// Takes the seat, or says who has it.
pub(super) fn take(dir: &Path, owner: &Owner) -> io::Result<Seat> {
    let mut file = private_file(&dir.join(format!("{}.{}.lock", owner.cluster, owner.node)))?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            write!(file, "process {}", std::process::id())?;
            Ok(Seat::Mine(file))
        }
        Err(TryLockError::WouldBlock) => {
            let mut who = String::new();
            file.take(64).read_to_string(&mut who)?;
            Ok(Seat::Taken { who: if who.is_empty() { "another process".to_owned() } else { who } })
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}
