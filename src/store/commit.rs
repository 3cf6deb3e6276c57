//! The one transaction: guard, rows, commit.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

use super::Batch;
use super::StoreError;
use super::bulk::{self, Table};
use super::error::{Fault, refusal};
use super::restamp;
use super::rows::{self, Filled, bounded};
use super::session::{Conn, Database, on};
use super::snapshots;
use crate::domain::WarehouseId;

/// What a commit did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// The batch is in.
    Now,
    /// It was in already: an earlier try had worked, though nobody heard of it.
    Already,
}

/// Makes the database this node's, or finds that it is another's.
pub(super) async fn belong(mut conn: Conn<'_>, node: WarehouseId) -> Result<(), StoreError> {
    let made = "INSERT INTO writer (one, node) VALUES (1, $1) ON CONFLICT (one) DO NOTHING";
    on!(&mut conn, c => sqlx::query(made).bind(node.as_str()).execute(c).await.map(drop))?;
    of_this_node(conn, node).await
}

/// Whether the database is this node's.
pub(super) async fn of_this_node(conn: Conn<'_>, node: WarehouseId) -> Result<(), StoreError> {
    let found: Option<String> =
        on!(conn, c => sqlx::query_scalar("SELECT node FROM writer").fetch_optional(c).await)?;
    match found {
        Some(found) if found != node.as_str() => Err(Fault::OtherNode { found, wanted: node }.into()),
        _ => Ok(()),
    }
}

/// Begins an incarnation.
pub(super) async fn claim(mut conn: Conn<'_>, nonce: Uuid) -> Result<u32, StoreError> {
    let next = "UPDATE writer SET incarnation = incarnation + 1, nonce = $1, batch = 0
                WHERE one = 1 AND nonce IS DISTINCT FROM $1";
    on!(&mut conn, c => sqlx::query(next).bind(nonce).execute(c).await.map(drop))?;
    let (incarnation, now): (i64, Option<Uuid>) = on!(conn, c => sqlx::query_as("SELECT incarnation, nonce FROM writer WHERE one = 1").fetch_one(c).await)?;
    if now != Some(nonce) {
        return Err(StoreError::ForeignWriter);
    }
    u32::try_from(incarnation).map_err(StoreError::broken)
}

/// A batch whose rows are made ready: what takes the processor is done before its turn at the database has come.
pub struct Ready {
    batch: Arc<Batch>,
    rows: Vec<Rows>,
}

/// What goes into one table.
struct Rows {
    table: &'static Table,
    count: usize,
    values: bulk::Ready,
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ready").field("batch", &self.batch.writer).finish_non_exhaustive()
    }
}

impl Ready {
    pub(super) fn of(batch: Arc<Batch>, on: Database) -> Result<Self, StoreError> {
        let filled = rows::of_batch(&batch)?;
        keepable(&filled)?;
        let ready = |filled: Filled<'_>| {
            let (table, count) = (filled.table, filled.rows());
            bulk::ready(on, table, filled.columns).map(|values| Rows { table, count, values })
        };
        let rows = filled.into_iter().map(ready).collect::<Result<_, _>>()?;
        Ok(Self { batch, rows })
    }
}

/// Commits a batch, or takes all of it back.
pub(super) async fn commit(mut conn: Conn<'_>, ready: Ready) -> Result<Committed, StoreError> {
    let Ready { batch, rows } = ready;
    conn.begin().await?;
    match write(&mut conn, &batch, rows).await {
        Ok(Committed::Now) => {
            conn.commit().await?;
            Ok(Committed::Now)
        }
        Ok(Committed::Already) => {
            conn.roll_back().await?;
            Ok(Committed::Already)
        }
        Err(Trouble::Known(error)) => {
            if error.spares_the_connection() {
                conn.roll_back().await?;
            }
            Err(error)
        }
        Err(Trouble::Rows(table, error)) => {
            let Some(why) = refusal(&error, table.name) else {
                return Err(error.into());
            };
            conn.roll_back().await?;
            let filled = rows::of_batch(&batch)?;
            let Some(filled) = filled.iter().find(|filled| filled.table.name == table.name) else {
                return Err(error.into());
            };
            // Rows that can be one by one blame nobody.
            let Some(row) = offender(&mut conn, filled).await? else {
                return Err(error.into());
            };
            let (origin, seq) = (filled.blame)(row);
            Err(StoreError::Refused { origin, seq, why })
        }
    }
}

enum Trouble {
    Known(StoreError),
    /// Rows of this table could not be written.
    Rows(&'static Table, sqlx::Error),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Known(error)
    }
}

impl From<sqlx::Error> for Trouble {
    fn from(error: sqlx::Error) -> Self {
        Self::Known(error.into())
    }
}

async fn write(conn: &mut Conn<'_>, batch: &Batch, rows: Vec<Rows>) -> Result<Committed, Trouble> {
    if !guard(conn, batch).await? {
        return Ok(Committed::Already);
    }
    for Rows { table, count, values } in rows {
        let written = bulk::write(conn, table, values).await.map_err(|error| Trouble::Rows(table, error))?;
        if table.name == "entry" && written < count as u64 {
            same_entries(conn, batch).await?;
        }
    }
    if !batch.rows.parts.is_empty() {
        snapshots::drop_old_parts(conn).await?;
    }
    for restamp in &batch.restamps {
        restamp::carry_out(conn, restamp).await?;
    }
    Ok(Committed::Now)
}

/// Moves the writer row from the batch before to this one; false: it is at this one.
async fn guard(conn: &mut Conn<'_>, batch: &Batch) -> Result<bool, StoreError> {
    let writer = &batch.writer;
    let (incarnation, number) = (i64::from(writer.incarnation), bounded(writer.batch));
    let ceiling = i64::try_from(batch.hlc_ceiling).unwrap_or(i64::MAX);
    let published = bounded(batch.published);
    let vote = batch.vote.as_ref().map(rows::json).transpose()?;
    // A node that hears of a greater incarnation of itself goes on above it; its nonce tells whose start it is.
    let moving =
        "UPDATE writer SET incarnation = $1, batch = $3, hlc_ceiling = $4, joined = $5, published = $6,
                  roster_vote = COALESCE($7, roster_vote)
                  WHERE one = 1 AND incarnation <= $1 AND nonce = $2 AND batch = $3 - 1";
    let moved = on!(&mut *conn, c => sqlx::query(moving)
        .bind(incarnation)
        .bind(writer.nonce)
        .bind(number)
        .bind(ceiling)
        .bind(batch.joined)
        .bind(published)
        .bind(vote.as_deref())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if moved == 1 {
        return Ok(true);
    }
    let question = "SELECT incarnation, nonce, batch FROM writer WHERE one = 1";
    let now: Option<(i64, Option<Uuid>, i64)> =
        on!(&mut *conn, c => sqlx::query_as(question).fetch_optional(c).await)?;
    if now == Some((incarnation, Some(writer.nonce), number)) {
        Ok(false)
    } else {
        Err(StoreError::ForeignWriter)
    }
}

/// Some entries were there before: each must be the same.
async fn same_entries(conn: &mut Conn<'_>, batch: &Batch) -> Result<(), StoreError> {
    let question = "SELECT hash FROM entry WHERE origin = $1 AND seq = $2";
    for stored in &batch.entries {
        let (origin, seq) = (&stored.entry.origin, stored.entry.seq);
        let hash: Option<Vec<u8>> = on!(&mut *conn, c => sqlx::query_scalar(question)
            .bind(origin.as_str())
            .bind(bounded(seq))
            .fetch_optional(c)
            .await)?;
        if hash.is_some_and(|hash| hash != stored.hash.as_bytes()) {
            return Err(StoreError::Refused {
                origin: origin.clone(),
                seq,
                why: "entry: another one stands in its place".into(),
            });
        }
    }
    Ok(())
}

/// PostgreSQL keeps no zero bytes in texts, so neither database does.
fn keepable(all: &[Filled<'_>]) -> Result<(), StoreError> {
    for filled in all {
        if let Some(row) = filled.columns.iter().find_map(bulk::Column::unkeepable) {
            let (origin, seq) = (filled.blame)(row);
            return Err(StoreError::Refused {
                origin,
                seq,
                why: format!("{}: a text with a zero byte", filled.table.name),
            });
        }
    }
    Ok(())
}

/// Finds the row that can't be, by trying one after the other; nothing of that stays.
async fn offender(conn: &mut Conn<'_>, filled: &Filled<'_>) -> Result<Option<usize>, StoreError> {
    conn.begin().await?;
    let mut found = None;
    for row in 0..filled.rows() {
        let one = filled.columns.iter().map(|column| column.only(row)).collect();
        let one = bulk::ready(conn.database(), filled.table, one)?;
        if let Err(error) = bulk::write(conn, filled.table, one).await {
            if refusal(&error, filled.table.name).is_none() {
                return Err(error.into());
            }
            found = Some(row);
            break;
        }
    }
    conn.roll_back().await?;
    Ok(found)
}
