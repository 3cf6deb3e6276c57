//! The folder of a demonstration: it goes with the process, and those of demonstrations that were killed go with the
//! next one.

use std::env;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use tempfile::TempDir;

const PREFIX: &str = "rubentario-demo-";
/// Locked as long as the demonstration runs, however it ends.
const LOCK: &str = "demo.lock";
/// So many folders are tried: another process sweeps one only in the moment in which it is made.
const TRIES: usize = 10;

/// The folder, and the lock that keeps others from sweeping it.
pub struct Home {
    dir: TempDir,
    _lock: File,
}

impl Home {
    /// Sweeps what dead demonstrations left, and makes a folder.
    pub fn new() -> io::Result<Self> {
        sweep(&env::temp_dir());
        for _ in 0..TRIES {
            let dir = TempDir::with_prefix(PREFIX)?;
            let path = dir.path().join(LOCK);
            let lock = File::create_new(&path)?;
            if lock.try_lock().is_ok() && path.exists() {
                return Ok(Self { dir, _lock: lock });
            }
        }
        Err(io::Error::other("the folder of the demonstration can't be kept"))
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }
}

/// Removes the folders of demonstrations of this user whose process is gone. What can't be removed is left.
fn sweep(folder: &Path) {
    let me = rustix::process::geteuid().as_raw();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX)
            && entry.metadata().is_ok_and(|found| found.is_dir() && found.uid() == me);
        if is_ours && is_dead(&entry.path()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether nobody holds its lock. Without one it is just being made, or is none of these.
fn is_dead(home: &Path) -> bool {
    File::open(home.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn what_a_dead_demonstration_left_is_swept_and_a_living_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str| {
            let home = folder.path().join(name);
            fs::create_dir(&home).unwrap();
            (File::create_new(home.join(LOCK)).unwrap(), home)
        };
        let (living, alive) = make("rubentario-demo-living");
        living.lock().unwrap();
        let (_, dead) = make("rubentario-demo-dead");
        let (_, other) = make("somebody-elses");
        let young = folder.path().join("rubentario-demo-young");
        fs::create_dir(&young).unwrap();
        sweep(folder.path());
        assert!(alive.exists() && other.exists() && young.exists());
        assert!(!dead.exists());
    }
}
