//! One way of speaking to both databases: the same SQL text, expanded for either connection.

use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{Connection, PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool};

use super::StoreError;

/// How long a call waits for a free connection.
pub(super) const ACQUIRE: Duration = Duration::from_secs(3);
/// How long one commit or question may take.
pub(super) const OPERATION: Duration = Duration::from_secs(10);
/// How long loading the whole state may take.
pub(super) const LOAD: Duration = Duration::from_mins(1);

/// Which of the two databases.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Database {
    Postgres,
    Sqlite,
}

/// A borrowed connection to either database.
pub(super) enum Conn<'c> {
    Postgres(&'c mut PgConnection),
    Sqlite(&'c mut SqliteConnection),
}

impl Conn<'_> {
    pub(super) const fn database(&self) -> Database {
        match self {
            Conn::Postgres(_) => Database::Postgres,
            Conn::Sqlite(_) => Database::Sqlite,
        }
    }
}

/// The same body for either connection; `$c` is a `&mut` of the database's own connection type.
macro_rules! on {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn {
            $crate::store::session::Conn::Postgres($c) => {
                let $c: &mut sqlx::PgConnection = $c;
                $body
            }
            $crate::store::session::Conn::Sqlite($c) => {
                let $c: &mut sqlx::SqliteConnection = $c;
                $body
            }
        }
    };
}
pub(super) use on;

/// The connection that writes.
pub(super) enum Session {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

impl Session {
    pub(super) const fn conn(&mut self) -> Conn<'_> {
        match self {
            Self::Postgres(connection) => Conn::Postgres(connection),
            Self::Sqlite(connection) => Conn::Sqlite(connection),
        }
    }

    pub(super) async fn close(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Postgres(connection) => connection.close().await,
            Self::Sqlite(connection) => connection.close().await,
        }
    }
}

/// The connections that read.
pub(super) enum Readers {
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

/// One of the connections that read.
pub(super) enum Reader {
    Postgres(PoolConnection<Postgres>),
    Sqlite(PoolConnection<Sqlite>),
}

impl Readers {
    pub(super) async fn acquire(&self) -> Result<Reader, sqlx::Error> {
        Ok(match self {
            Self::Postgres(pool) => Reader::Postgres(pool.acquire().await?),
            Self::Sqlite(pool) => Reader::Sqlite(pool.acquire().await?),
        })
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Postgres(pool) => pool.close().await,
            Self::Sqlite(pool) => pool.close().await,
        }
    }
}

impl Reader {
    pub(super) fn conn(&mut self) -> Conn<'_> {
        match self {
            Self::Postgres(connection) => Conn::Postgres(connection),
            Self::Sqlite(connection) => Conn::Sqlite(connection),
        }
    }

    /// Gives the connection up: one that was left in the middle of a question must not come back to the pool.
    pub(super) fn discard(self) {
        match self {
            Self::Postgres(connection) => drop(connection.detach()),
            Self::Sqlite(connection) => drop(connection.detach()),
        }
    }
}

impl Conn<'_> {
    /// Begins a transaction that writes.
    pub(super) async fn begin(&mut self) -> Result<(), sqlx::Error> {
        // SQLite must take the write lock at once: a transaction that reads first and writes later fails as busy
        // without waiting.
        match self {
            Conn::Postgres(connection) => sqlx::query("BEGIN").execute(&mut **connection).await.map(drop),
            Conn::Sqlite(connection) => {
                sqlx::query("BEGIN IMMEDIATE").execute(&mut **connection).await.map(drop)
            }
        }
    }

    /// Begins a transaction that reads, all as of one moment.
    pub(super) async fn begin_reading(&mut self) -> Result<(), sqlx::Error> {
        let begin = match self {
            Conn::Sqlite(_) => "BEGIN",
            Conn::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        on!(self, c => sqlx::query(begin).execute(c).await.map(drop))
    }

    /// Ends the transaction; whether that worked isn't known when this fails.
    pub(super) async fn commit(&mut self) -> Result<(), sqlx::Error> {
        on!(self, c => sqlx::query("COMMIT").execute(c).await.map(drop))
    }

    /// Takes the transaction back.
    pub(super) async fn roll_back(&mut self) -> Result<(), sqlx::Error> {
        on!(self, c => sqlx::query("ROLLBACK").execute(c).await.map(drop))
    }
}

/// Waits for an answer, but not longer than this.
pub(super) async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or_else(|_| Err(StoreError::down(format!("no answer within {} s", limit.as_secs()))))
}
