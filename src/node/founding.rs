//! Founding: of all nodes that ever start in a cluster, the one that made its mark on the bus begins the ledger.
//!
//! A file in the node's folder remembers that the mark is ours, so that a crash between the mark and the first commit
//! leaves no cluster that nobody may begin.

use std::fs;
use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::durable_file;
use crate::bus::{self, BusConfig, BusError, Founding};

/// Why it isn't known yet whether the mark is ours.
#[derive(Debug, Error)]
pub enum ClaimError {
    /// The bus doesn't answer, or refuses.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The file can't be read or written.
    #[error("{path}: {why}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
}

/// A claim to found the cluster.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Where the mark is made.
    pub bus: BusConfig,
    /// The cluster.
    pub cluster: String,
    /// The file that remembers.
    pub file: PathBuf,
}

impl Claim {
    /// Makes the mark, or finds that it is there; tells whether it is ours.
    ///
    /// # Errors
    /// When the bus or the file can't be used now.
    pub async fn try_once(&self) -> Result<bool, ClaimError> {
        let failed = |why| ClaimError::File { path: self.file.clone(), why };
        let nonce = match fs::read_to_string(&self.file) {
            Ok(nonce) => nonce.trim().to_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let nonce = format!("{:032x}", rand::random::<u128>());
                durable_file::replace(&self.file, format!("{nonce}\n").as_bytes()).map_err(failed)?;
                nonce
            }
            Err(error) => return Err(failed(error)),
        };
        let founding = bus::claim_founding(&self.bus, &self.cluster, &nonce).await?;
        Ok(founding == Founding::Created)
    }
}
