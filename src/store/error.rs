//! Why the store didn't do it: one sentence each, with what to do. Passwords are never in it.

use std::path::PathBuf;

use sqlx::error::ErrorKind;
use sqlx::migrate::MigrateError;
use sqlx::postgres::PgDatabaseError;
use sqlx::sqlite::SqliteError;
use thiserror::Error;

use crate::domain::{Trouble, TroubleKind, WarehouseId};

/// Why the store didn't do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// It can't be reached or doesn't answer: the same again, later.
    #[error("the database does not answer: {why}")]
    Down {
        /// What was seen.
        why: String,
    },
    /// Another process has written since this one's last batch.
    #[error("another process writes to this node's database: stop one of the two, then start this one again")]
    ForeignWriter,
    /// An entry, or what follows from it, can't be: the whole batch is taken back.
    #[error("the database refuses what {origin}:{seq} says: {why}")]
    Refused {
        /// Whose entry.
        origin: WarehouseId,
        /// Its place, or that of the first of that origin's entries in the batch that can be it.
        seq: u64,
        /// What can't be.
        why: String,
    },
    /// Somebody has to change something first.
    #[error(transparent)]
    Config(#[from] Fault),
    /// The data is not what this program wrote.
    #[error(
        "the database is damaged: {why}; stop the node, move its file or database away and start it again: it gets its ledger back from the others"
    )]
    Broken {
        /// What was found.
        why: String,
    },
}

/// What somebody has to change.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// The address can't be read.
    #[error("the database address is no postgres://user:password@host/database: {why}")]
    Address {
        /// What is wrong with it.
        why: String,
    },
    /// Who logs in isn't let in.
    #[error(
        "PostgreSQL at {server} does not let {user} in: {why}; correct user and password in the store's url"
    )]
    LogIn {
        /// Host and port.
        server: String,
        /// The user.
        user: String,
        /// What the server says.
        why: String,
    },
    /// The user may not do what the node must.
    #[error(
        "{user} may not use database {database} as a node must: {why}; make it the owner: ALTER DATABASE \"{database}\" OWNER TO \"{user}\""
    )]
    Rights {
        /// The user.
        user: String,
        /// The database.
        database: String,
        /// What the server says.
        why: String,
    },
    /// There is no such database, and it can't be made from here.
    #[error("there is no database {database}, and {why}; create it, or name another one in the store's url")]
    Missing {
        /// The database.
        database: String,
        /// Why it isn't made.
        why: String,
    },
    /// A newer program wrote the tables.
    #[error(
        "the tables are of version {found} and this program knows {known}: run the newer rubentario that wrote them"
    )]
    Newer {
        /// Version of the tables.
        found: i64,
        /// Greatest version known here.
        known: i64,
    },
    /// There are no tables yet, and a reader makes none.
    #[error("{what} is empty: no node ever used it; start the node once")]
    Blank {
        /// The file or the database.
        what: String,
    },
    /// The tables are of an older program, and a reader doesn't change them.
    #[error(
        "the tables of {what} are not those of this program: start the node once, it brings them up to date"
    )]
    Older {
        /// The file or the database.
        what: String,
    },
    /// Another process holds the database.
    #[error("the database is held by {by}: stop that process, or give this node a database of its own")]
    Held {
        /// Name, process and host of the holder, as far as the server tells.
        by: String,
    },
    /// The database belongs to another node.
    #[error("this is the database of node {found}, not of {wanted}: every node needs its own")]
    OtherNode {
        /// Whose it is.
        found: String,
        /// Who came.
        wanted: WarehouseId,
    },
    /// The file holds something else than a database, or not all of one.
    #[error(
        "the database file {} is damaged: {why}; move it away and start the node again: it gets its ledger back from the others",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        why: String,
    },
    /// The file can't be used.
    #[error("the database file {} can't be used: {why}; check the path and its rights", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
}

impl StoreError {
    /// [`StoreError::Down`], because of this.
    pub(super) fn down(why: impl std::fmt::Display) -> Self {
        Self::Down { why: why.to_string() }
    }

    /// [`StoreError::Broken`], because of this.
    pub(super) fn broken(why: impl std::fmt::Display) -> Self {
        Self::Broken { why: why.to_string() }
    }

    /// Whether the connection is as good after this as before.
    pub(super) const fn spares_the_connection(&self) -> bool {
        matches!(self, Self::ForeignWriter | Self::Refused { .. })
    }
}

impl From<&StoreError> for Trouble {
    fn from(error: &StoreError) -> Self {
        let what = match error {
            StoreError::Down { why } => return Self::silent(why.as_str()),
            StoreError::ForeignWriter | StoreError::Config(Fault::Held { .. }) => TroubleKind::Elsewhere,
            StoreError::Config(Fault::LogIn { .. }) => TroubleKind::LogIn,
            StoreError::Config(Fault::Rights { .. }) => TroubleKind::Rights,
            StoreError::Config(Fault::Damaged { .. })
            | StoreError::Refused { .. }
            | StoreError::Broken { .. } => TroubleKind::Damaged,
            StoreError::Config(_) => TroubleKind::Setup,
        };
        Self::new(what, error.to_string())
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Io(why) => Self::down(why),
            sqlx::Error::Tls(why) => Self::down(why),
            sqlx::Error::Protocol(why) => Self::down(why),
            sqlx::Error::PoolTimedOut => Self::down("no connection in time"),
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::down("the connection is closed"),
            sqlx::Error::Database(ref what) => {
                if let Some(postgres) = what.try_downcast_ref::<PgDatabaseError>() {
                    of_postgres(postgres)
                } else if let Some(sqlite) = what.try_downcast_ref::<SqliteError>() {
                    of_sqlite(&error, sqlite_code(sqlite))
                } else {
                    Self::broken(what)
                }
            }
            other => Self::broken(other),
        }
    }
}

fn of_postgres(error: &PgDatabaseError) -> StoreError {
    let passing = matches!(
        error.code().as_bytes(),
        // Connection, resources, shutdown and start, cancelled, lock timeout, serialization, read-only standby.
        [b'0', b'8', ..] | [b'5', b'3' | b'5' | b'7', ..] | [b'4', b'0', ..] | b"25006" | b"25P03"
    );
    if passing { StoreError::down(error.message()) } else { StoreError::broken(error.message()) }
}

fn of_sqlite(error: &sqlx::Error, primary: u32) -> StoreError {
    match primary {
        // Busy, locked, out of memory, read-only, interrupted, input/output, full, can't open, protocol, authorisation.
        5 | 6 | 7 | 8 | 9 | 10 | 13 | 14 | 15 | 23 => StoreError::down(message(error)),
        _ => StoreError::broken(message(error)),
    }
}

/// The primary result code of SQLite.
pub(super) fn sqlite_code(error: &SqliteError) -> u32 {
    use sqlx::error::DatabaseError;
    let extended = error.code().and_then(|code| code.parse::<u32>().ok());
    extended.unwrap_or(1) & 0xff
}

/// What the database itself says, without sqlx's words around it.
pub(super) fn message(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |e| e.message().to_owned())
}

/// What rows of a table can't be, in words, where the error is about what was written.
pub(super) fn refusal(error: &sqlx::Error, table: &str) -> Option<String> {
    let database = error.as_database_error()?;
    let postgres = database.try_downcast_ref::<PgDatabaseError>();
    let sqlite = database.try_downcast_ref::<SqliteError>();
    let about_data = postgres.is_some_and(|e| e.code().starts_with("22"))
        || sqlite.is_some_and(|e| matches!(sqlite_code(e), 18..=20));
    match database.kind() {
        ErrorKind::CheckViolation => {
            let name = postgres
                .and_then(PgDatabaseError::constraint)
                .or_else(|| database.message().rsplit_once(": ").map(|(_, name)| name));
            Some(format!("{table}: {}", name.unwrap_or("out of bounds").replace('_', " ")))
        }
        ErrorKind::NotNullViolation | ErrorKind::UniqueViolation => {
            Some(format!("{table}: {}", database.message()))
        }
        _ if about_data => Some(format!("{table}: {}", database.message())),
        _ => None,
    }
}

/// What became of a migration, for tables known up to a version.
pub(super) fn of_migration(error: MigrateError, known: i64) -> StoreError {
    match error {
        MigrateError::VersionMissing(found) => Fault::Newer { found, known }.into(),
        MigrateError::VersionMismatch(version) => {
            StoreError::broken(format!("version {version} of its tables is not the one of this program"))
        }
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => StoreError::broken(other),
    }
}
