//! Why a benchmark can't be carried out.

use std::io;

use thiserror::Error;

use crate::domain::gtin::GtinError;
use crate::domain::{NameError, QuantityError, Refusal};
use crate::node::NodeError;
use crate::protocol::envelope::EnvelopeError;
use crate::store::StoreError;

/// Why a benchmark can't be carried out.
#[derive(Debug, Error)]
pub enum BenchError {
    /// No such benchmark.
    #[error("there is no benchmark «{0}»; there are: {all}", all = super::NAMES.join(", "))]
    Unknown(String),
    /// A node can't start.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// A store can't be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database by itself says no.
    #[error("the database says: {0}")]
    Sql(#[from] sqlx::Error),
    /// The broker by itself says no.
    #[error("the broker says: {0}")]
    Broker(#[from] lapin::Error),
    /// The system says no.
    #[error(transparent)]
    System(#[from] io::Error),
    /// Made-up data that can't be; they are fixed, so this happens to no one.
    #[error("the data of the benchmark can't be: {0}")]
    Data(String),
    /// A node refused an act.
    #[error("the node refused: {0}")]
    Refused(Refusal),
    /// A node ended.
    #[error("the node ended: {0}")]
    Ended(String),
    /// Something did not come within a minute.
    #[error("it did not come within {seconds} s: {what}", seconds = super::measure::PATIENCE.as_secs())]
    TooLate {
        /// What was waited for.
        what: String,
    },
    /// The program, run as a child, failed.
    #[error("`rubentario {verb}` failed: {said}")]
    Program {
        /// What it was to do.
        verb: String,
        /// What it said.
        said: String,
    },
}

impl BenchError {
    pub(super) fn too_late(what: impl Into<String>) -> Self {
        Self::TooLate { what: what.into() }
    }
}

impl From<NameError> for BenchError {
    fn from(error: NameError) -> Self {
        Self::Data(error.to_string())
    }
}

impl From<QuantityError> for BenchError {
    fn from(error: QuantityError) -> Self {
        Self::Data(error.to_string())
    }
}

impl From<GtinError> for BenchError {
    fn from(error: GtinError) -> Self {
        Self::Data(error.to_string())
    }
}

impl From<EnvelopeError> for BenchError {
    fn from(error: EnvelopeError) -> Self {
        Self::Data(error.to_string())
    }
}
