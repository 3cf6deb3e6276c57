//! Which database a node keeps its things in.

use std::fmt;
use std::path::PathBuf;

/// A database; it never shows its password.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    /// A SQLite file, made when missing.
    Sqlite(PathBuf),
    /// The address of a PostgreSQL database, with its password; made when missing and allowed.
    Postgres(String),
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            Self::Postgres(_) => f.write_str("Postgres(…)"),
        }
    }
}

/// What the store is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// By the node: made and migrated when needed, kept from every other process.
    Write,
    /// By a verb while no node runs: nothing is changed, not even the tables.
    Read,
}
