//! The limit of a store: the same rows inserted bare, by SQL alone, into empty tables of the same form.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};

use super::BenchError;
use super::measure::Watch;
use super::place::{Database, HERE};

/// What a batch of entries leaves in the store: its rows, and the columns by which they belong to entries.
const ROWS: [(&str, &str, &str); 4] = [
    ("entry", "origin", "seq"),
    ("seal", "origin", "seq"),
    ("movement", "origin", "seq"),
    ("product", "defined_origin", "defined_seq"),
];

/// A copy of a node's tables, empty at first, beside the full ones.
pub(super) enum Bare {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Reads all products and stock of a node's file; what that took, in microseconds.
pub(super) async fn read(full: &Path) -> Result<u64, BenchError> {
    let watch = Watch::start();
    let mut connection = SqliteConnectOptions::new().filename(full).connect().await?;
    for table in ["SELECT * FROM product", "SELECT * FROM stock"] {
        sqlx::query(table).fetch_all(&mut connection).await?;
    }
    let took = watch.us();
    connection.close().await?;
    Ok(took)
}

impl Bare {
    /// Beside a node's file, in another one with the same settings.
    pub(super) async fn sqlite(home: &Path, full: &Path) -> Result<Self, BenchError> {
        let mut connection = SqliteConnectOptions::new()
            .filename(home.join("bare.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("cache_size", "-2048")
            .connect()
            .await?;
        sqlx::query("ATTACH $1 AS full_one")
            .bind(full.to_string_lossy().into_owned())
            .execute(&mut connection)
            .await?;
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT sql FROM full_one.sqlite_master WHERE sql IS NOT NULL AND type IN ('table', 'index')
             AND tbl_name IN ('entry', 'seal', 'movement', 'product', 'stock', 'ledger_head')",
        )
        .fetch_all(&mut connection)
        .await?;
        for table in tables {
            sqlx::raw_sql(AssertSqlSafe(table)).execute(&mut connection).await?;
        }
        Ok(Self::Sqlite(connection))
    }

    /// In another schema of a node's database.
    pub(super) async fn postgres(database: &Database) -> Result<Self, BenchError> {
        let mut bare = Self::Postgres(PgConnection::connect_with(&database.options()).await?);
        bare.run("CREATE SCHEMA bare".to_owned()).await?;
        for table in ["entry", "seal", "movement", "product", "stock", "ledger_head"] {
            bare.run(format!("CREATE TABLE bare.{table} (LIKE public.{table} INCLUDING ALL)")).await?;
        }
        Ok(bare)
    }

    /// Inserts the rows of an entry; how long that took, in microseconds.
    pub(super) async fn insert_one(&mut self, entry: u64) -> Result<u64, BenchError> {
        let text = self.transaction(entry, entry);
        let watch = Watch::start();
        self.run(text).await?;
        Ok(watch.us())
    }

    /// Inserts the rows of all entries behind one, so many entries a transaction; how long all took, in microseconds.
    pub(super) async fn insert_all(&mut self, behind: u64, batch: u64) -> Result<u64, BenchError> {
        let last = self
            .number(format!("SELECT max(seq) FROM {}.entry WHERE origin = '{HERE}'", self.full()))
            .await?;
        let mut took = 0;
        let mut first = behind + 1;
        while first <= last {
            let text = self.transaction(first, first + batch.max(1) - 1);
            let watch = Watch::start();
            self.run(text).await?;
            took += watch.us();
            first += batch.max(1);
        }
        Ok(took)
    }

    /// How many entries a transaction of the node held on the whole, of those since its start.
    pub(super) async fn batch(&mut self) -> Result<u64, BenchError> {
        let of = format!("FROM {}", self.full());
        let entries = self.number(format!("SELECT count(*) {of}.entry")).await?;
        let batches = self.number(format!("SELECT batch {of}.writer")).await?;
        Ok(entries.div_ceil(batches.max(1)))
    }

    pub(super) async fn close(self) -> Result<(), BenchError> {
        match self {
            Self::Sqlite(connection) => connection.close().await?,
            Self::Postgres(connection) => connection.close().await?,
        }
        Ok(())
    }

    fn transaction(&self, first: u64, last: u64) -> String {
        let (full, bare) = match self {
            Self::Sqlite(_) => ("full_one", "main"),
            Self::Postgres(_) => ("public", "bare"),
        };
        let mut text = "BEGIN;".to_owned();
        for (table, origin, seq) in ROWS {
            text += &format!(
                "INSERT INTO {bare}.{table} SELECT * FROM {full}.{table}
                 WHERE {origin} = '{HERE}' AND {seq} BETWEEN {first} AND {last};"
            );
        }
        text += &format!(
            "INSERT INTO {bare}.stock SELECT * FROM {full}.stock WHERE sku IN
               (SELECT sku FROM {full}.movement WHERE origin = '{HERE}' AND seq BETWEEN {first} AND {last})
             ON CONFLICT (warehouse, sku, lot) DO UPDATE SET on_hand = excluded.on_hand;
             INSERT INTO {bare}.ledger_head SELECT * FROM {full}.ledger_head WHERE origin = '{HERE}'
             ON CONFLICT (origin) DO UPDATE SET seq = excluded.seq;
             COMMIT"
        );
        text
    }

    const fn full(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "full_one",
            Self::Postgres(_) => "public",
        }
    }

    async fn run(&mut self, text: String) -> Result<(), BenchError> {
        let text = sqlx::raw_sql(AssertSqlSafe(text));
        match self {
            Self::Sqlite(connection) => text.execute(connection).await.map(drop)?,
            Self::Postgres(connection) => text.execute(connection).await.map(drop)?,
        }
        Ok(())
    }

    async fn number(&mut self, question: String) -> Result<u64, BenchError> {
        let question = AssertSqlSafe(question);
        let found: Option<i64> = match self {
            Self::Sqlite(connection) => sqlx::query_scalar(question).fetch_one(connection).await?,
            Self::Postgres(connection) => sqlx::query_scalar(question).fetch_one(connection).await?,
        };
        Ok(found.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
    }
}
