//! The file `seen`: how far each of the others was known to have the own ledger.
//!
//! Who has seen what is told by their heads, which come anew after a start, and from whoever is away not at all. Nothing
//! rests on this but what people are shown, so a missing or damaged file says: not known.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::durable_file;
use crate::domain::WarehouseId;

/// What is known, and what of it is to be written.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    path: PathBuf,
    known: BTreeMap<WarehouseId, u64>,
    is_new: bool,
    writing: bool,
}

impl Seen {
    /// As the file says.
    #[must_use]
    pub fn open(path: PathBuf) -> Self {
        let known =
            fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        Self { path, known, is_new: false, writing: false }
    }

    /// How far somebody has the own ledger: as it tells, else as it was known.
    #[must_use]
    pub fn of(&self, who: &WarehouseId, told: Option<u64>) -> u64 {
        told.unwrap_or_else(|| self.known.get(who).copied().unwrap_or(0))
    }

    /// Somebody tells how far it has the own ledger.
    pub fn learn(&mut self, who: &WarehouseId, told: u64) {
        if self.known.get(who) != Some(&told) {
            self.known.insert(who.clone(), told);
            self.is_new = true;
        }
    }

    /// What is to be written, if anything is.
    pub fn take_new(&mut self) -> Option<Self> {
        if self.writing || !std::mem::take(&mut self.is_new) {
            return None;
        }
        self.writing = true;
        Some(self.clone())
    }

    /// What was taken to be written is, or can't be.
    pub const fn written(&mut self) {
        self.writing = false;
    }

    /// Writes it.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&self) -> io::Result<()> {
        durable_file::replace(&self.path, &serde_json::to_vec(&self.known)?)
    }
}

/// The file in a node's folder.
#[must_use]
pub fn path(folder: &Path) -> PathBuf {
    folder.join("seen")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn what_was_known_is_known_after_a_start_until_the_peer_tells_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let sevilla = WarehouseId::new("sevilla").unwrap();
        let mut seen = Seen::open(path(folder.path()));
        assert_eq!(seen.of(&sevilla, None), 0);
        seen.learn(&sevilla, 7);
        seen.take_new().unwrap().write().unwrap();
        seen.written();
        assert!(seen.take_new().is_none());
        let again = Seen::open(path(folder.path()));
        assert_eq!(again.of(&sevilla, None), 7);
        assert_eq!(again.of(&sevilla, Some(3)), 3, "it lost its disk");
        fs::write(path(folder.path()), "{").unwrap();
        assert_eq!(Seen::open(path(folder.path())).of(&sevilla, None), 0);
    }
}
