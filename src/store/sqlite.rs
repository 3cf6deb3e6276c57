//! The embedded database: one file, one connection that writes, a few that read.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteError, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, SqliteConnection, SqlitePool};

use super::error::{Fault, StoreError, message, of_migration, sqlite_code};
use super::session::ACQUIRE;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/sqlite");

/// How long a first start waits for another one that is making the tables.
const MIGRATION: Duration = Duration::from_secs(30);

/// The version of the tables that this program writes.
pub(super) fn version() -> i64 {
    MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0)
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .busy_timeout(Duration::from_secs(5))
        // In KiB, per connection: memory is for the book.
        .pragma("cache_size", "-2048")
}

/// Opens the connection that writes.
pub(super) async fn connect(path: &Path) -> Result<SqliteConnection, StoreError> {
    // FULL: what was confirmed to a peer or shown must survive a power cut, or the ledger would fork.
    options(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .connect()
        .await
        .map_err(|error| of_opening(error, path))
}

/// The connections that read; none is opened yet.
pub(super) fn readers(path: &Path) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(3)
        .acquire_timeout(ACQUIRE)
        .idle_timeout(Duration::from_mins(2))
        // A start reads all once, and pages of the history seldom: the system's cache is enough.
        .connect_lazy_with(options(path).pragma("cache_size", "-256").read_only(true))
}

/// Makes the file, only for its owner, and its tables; gives the connection that writes.
pub(super) async fn prepare(path: &Path) -> Result<SqliteConnection, StoreError> {
    let file = path.to_owned();
    let locking = tokio::task::spawn_blocking(move || lock(&file));
    let _lock = tokio::time::timeout(MIGRATION, locking)
        .await
        .map_err(|_| StoreError::down("another start is still making the tables"))?
        .map_err(StoreError::broken)?
        .map_err(|error| unusable(path, &error.to_string()))?;
    let mut connection = connect(path).await?;
    MIGRATIONS
        .run_direct(None, &mut connection, false)
        .await
        .map_err(|error| of_migration(error, version()))?;
    Ok(connection)
}

/// Two first starts at once would both make the tables: SQLite's migrations lock nothing by themselves.
fn lock(path: &Path) -> io::Result<File> {
    if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let mut private = OpenOptions::new();
    private.write(true).mode(0o600);
    let lock = private.clone().create(true).truncate(false).open(Path::new(&beside))?;
    lock.lock()?;
    // SQLite gives its journals the mode of this one. One that is there is not opened: whoever closes any handle of a
    // file gives up every lock that its process has on it, those of SQLite, too (POSIX, `fcntl`).
    match private.create_new(true).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(lock),
    }
}

/// What became of a question about the file as a whole.
pub(super) fn of_opening(error: sqlx::Error, path: &Path) -> StoreError {
    let code = error.as_database_error().and_then(|e| e.try_downcast_ref::<SqliteError>()).map(sqlite_code);
    match code {
        // Corrupt, not a database.
        Some(11 | 26) => Fault::Damaged { path: path.to_owned(), why: message(&error) }.into(),
        // Permission, read-only, can't open.
        Some(3 | 8 | 14) => unusable(path, &message(&error)),
        _ => error.into(),
    }
}

fn unusable(path: &Path, why: &str) -> StoreError {
    Fault::File { path: path.to_owned(), why: why.to_owned() }.into()
}
