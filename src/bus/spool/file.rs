//! The spool's file: made, migrated, and replaced when it is corrupt, by one process at a time.
//!
//! SQLite migrations take no lock of their own, so the first starts of several processes would
//! collide; a lock file keeps them apart.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};

use super::SpoolError;

const SCHEMA: &str = include_str!("schema.sql");
const VERSION: i64 = 1;
const BUSY: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct SpoolFile {
    pub(super) connection: SqliteConnection,
    path: PathBuf,
    identity: (u64, u64),
}

impl SpoolFile {
    /// Opens the spool in this folder, and makes both when they are missing.
    pub(super) async fn open(dir: &Path) -> Result<Self, SpoolError> {
        let path = dir.join("spool.db");
        let (lock_dir, file) = (dir.to_owned(), path.clone());
        let guard = tokio::task::spawn_blocking(move || {
            DirBuilder::new().recursive(true).mode(0o700).create(&lock_dir)?;
            let guard = private_file(&lock_dir.join("spool.lock"))?;
            guard.lock()?;
            make_private(&file)?;
            io::Result::Ok(guard)
        })
        .await
        .map_err(|_| SpoolError::Stopping)?
        .map_err(|cause| SpoolError::Dir { dir: dir.to_owned(), cause })?;

        let connection = match prepare(&path).await {
            Err(SpoolError::Sql(error)) if is_corrupt(&error) => {
                tracing::warn!(path = %path.display(), "the spool file is corrupt and is replaced");
                replace(&path).map_err(|cause| SpoolError::Dir { dir: dir.to_owned(), cause })?;
                prepare(&path).await?
            }
            other => other?,
        };
        let identity = identity(&path).map_err(|cause| SpoolError::Dir { dir: dir.to_owned(), cause })?;
        drop(guard);
        Ok(Self { connection, path, identity })
    }

    /// Whether the path still leads to the file that is open; another process may have replaced it.
    pub(super) fn is_current(&self) -> bool {
        identity(&self.path).is_ok_and(|now| now == self.identity)
    }
}

async fn prepare(path: &Path) -> Result<SqliteConnection, SpoolError> {
    let mut connection = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .pragma("journal_size_limit", "16777216")
        .disable_statement_logging()
        .connect()
        .await?;
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut connection).await?;
    if version > VERSION {
        return Err(SpoolError::Newer { path: path.to_owned(), version });
    }
    if version == 0 {
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::raw_sql(SCHEMA).execute(&mut *tx).await?;
        tx.commit().await?;
    }
    let verdict: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut connection).await?;
    if verdict == "ok" {
        Ok(connection)
    } else {
        Err(SpoolError::Sql(sqlx::Error::Protocol(CORRUPT.to_owned())))
    }
}

const CORRUPT: &str = "the spool file is corrupt";

/// `SQLITE_CORRUPT` or `SQLITE_NOTADB`, with or without extended bits; or what `quick_check` found.
fn is_corrupt(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => error
            .code()
            .and_then(|code| code.parse::<u32>().ok())
            .is_some_and(|code| matches!(code & 0xff, 11 | 26)),
        sqlx::Error::Protocol(text) => text == CORRUPT,
        _ => false,
    }
}

fn replace(path: &Path) -> io::Result<()> {
    fs::rename(path, path.with_extension("broken"))?;
    for tail in ["db-wal", "db-shm"] {
        match fs::remove_file(path.with_extension(tail)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    make_private(path)
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let meta = fs::metadata(path)?;
    Ok((meta.dev(), meta.ino()))
}

/// Makes the database's file, which SQLite gives its -wal and -shm the mode of.
///
/// One that is there is not opened: whoever closes any handle of a file gives up every lock that its process has on
/// it, those of SQLite, too (POSIX, `fcntl`).
fn make_private(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Opens a file that only its owner may read, and makes it when it is missing.
pub(super) fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    /// SQLite holds a lock on a database in WAL mode while it is open, so that nobody else takes it for unused.
    fn is_locked(path: &Path) -> bool {
        let of_it = format!(":{} ", fs::metadata(path).unwrap().ino());
        fs::read_to_string("/proc/locks").unwrap().lines().any(|line| line.contains(&of_it))
    }

    #[tokio::test]
    async fn a_second_look_at_the_file_takes_no_lock_away_from_the_first() {
        let home = tempfile::tempdir().unwrap();
        let first = SpoolFile::open(home.path()).await.unwrap();
        assert!(is_locked(&first.path));
        let second = SpoolFile::open(home.path()).await.unwrap();
        second.connection.close().await.unwrap();
        assert!(is_locked(&first.path));
    }
}
