//! The spool's tables, one function per act.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;

use crate::bus::{Founding, NodeName};

/// Payload bytes that may wait for one recipient; beyond, the oldest go.
const INBOX_BYTES: i64 = 64 * 1024 * 1024;
/// Links that may deliver a message and end without an answer before it is taken for poison.
const DELIVERY_LIMIT: i64 = 20;
/// Dead letters kept per recipient; beyond, the oldest go.
const DEAD_KEPT: i64 = 1000;

/// Whose rows these are.
#[derive(Debug, Clone)]
pub(super) struct Owner {
    pub(super) cluster: String,
    pub(super) node: NodeName,
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct Mail {
    pub(super) id: i64,
    pub(super) sender: String,
    pub(super) tries: i64,
    pub(super) payload: Vec<u8>,
}

/// Makes the inbox, tells where the node is, and counts one more try for what was delivered before.
pub(super) async fn move_in(db: &mut SqliteConnection, owner: &Owner, socket: &Path) -> sqlx::Result<()> {
    let Owner { cluster, node } = owner;
    let mut tx = db.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query("INSERT INTO inbox (cluster, node) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(cluster)
        .bind(node)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "INSERT INTO presence (cluster, node, process, socket) VALUES ($1, $2, $3, $4)
         ON CONFLICT (cluster, node) DO UPDATE SET process = excluded.process, socket = excluded.socket",
    )
    .bind(cluster)
    .bind(node)
    .bind(std::process::id())
    .bind(socket.as_os_str().as_bytes())
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "UPDATE message SET tries = tries + 1 WHERE cluster = $1 AND recipient = $2
         AND id <= (SELECT read_to FROM inbox WHERE cluster = $1 AND node = $2)",
    )
    .bind(cluster)
    .bind(node)
    .execute(&mut *tx)
    .await?;
    let poison: Vec<i64> =
        sqlx::query_scalar("SELECT id FROM message WHERE cluster = $1 AND recipient = $2 AND tries > $3")
            .bind(cluster)
            .bind(node)
            .bind(DELIVERY_LIMIT)
            .fetch_all(&mut *tx)
            .await?;
    for id in poison {
        bury(&mut tx, owner, id, "delivered too often without an answer").await?;
    }
    tx.commit().await
}

/// Nobody consumes this inbox any more; it goes on collecting.
pub(super) async fn move_out(db: &mut SqliteConnection, owner: &Owner) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM presence WHERE cluster = $1 AND node = $2")
        .bind(&owner.cluster)
        .bind(&owner.node)
        .execute(db)
        .await
        .map(drop)
}

/// Puts a message into one inbox; `false` where there is no such inbox.
pub(super) async fn post(
    tx: &mut SqliteConnection,
    sender: &Owner,
    recipient: &str,
    payload: &[u8],
) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO message (cluster, recipient, sender, payload)
         SELECT cluster, node, $3, $4 FROM inbox WHERE cluster = $1 AND node = $2",
    )
    .bind(&sender.cluster)
    .bind(recipient)
    .bind(&sender.node)
    .bind(payload)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Lets the oldest messages of an overfull inbox go.
pub(super) async fn trim(tx: &mut SqliteConnection, cluster: &str, recipient: &str) -> sqlx::Result<()> {
    loop {
        let bytes: Option<i64> =
            sqlx::query_scalar("SELECT bytes FROM inbox WHERE cluster = $1 AND node = $2")
                .bind(cluster)
                .bind(recipient)
                .fetch_optional(&mut *tx)
                .await?;
        if bytes.unwrap_or(0) <= INBOX_BYTES {
            return Ok(());
        }
        let gone = sqlx::query(
            "DELETE FROM message WHERE id IN
             (SELECT id FROM message WHERE cluster = $1 AND recipient = $2 ORDER BY id LIMIT 16)",
        )
        .bind(cluster)
        .bind(recipient)
        .execute(&mut *tx)
        .await?;
        if gone.rows_affected() == 0 {
            return Ok(());
        }
    }
}

/// The next messages after one, oldest first, noted as delivered before anybody sees them.
pub(super) async fn fetch(
    db: &mut SqliteConnection,
    owner: &Owner,
    after: i64,
    limit: usize,
) -> sqlx::Result<Vec<Mail>> {
    let mail: Vec<Mail> = sqlx::query_as(
        "SELECT id, sender, tries, payload FROM message
         WHERE cluster = $1 AND recipient = $2 AND id > $3 ORDER BY id LIMIT $4",
    )
    .bind(&owner.cluster)
    .bind(&owner.node)
    .bind(after)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(&mut *db)
    .await?;
    if let Some(last) = mail.last() {
        sqlx::query("UPDATE inbox SET read_to = $3 WHERE cluster = $1 AND node = $2 AND read_to < $3")
            .bind(&owner.cluster)
            .bind(&owner.node)
            .bind(last.id)
            .execute(&mut *db)
            .await?;
    }
    Ok(mail)
}

pub(super) async fn acknowledge(tx: &mut SqliteConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM message WHERE id = $1").bind(id).execute(tx).await.map(drop)
}

/// Moves a message among the dead letters.
pub(super) async fn bury(
    tx: &mut SqliteConnection,
    owner: &Owner,
    id: i64,
    reason: &str,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO dead (cluster, recipient, sender, reason, payload)
         SELECT cluster, recipient, sender, $2, payload FROM message WHERE id = $1",
    )
    .bind(id)
    .bind(reason)
    .execute(&mut *tx)
    .await?;
    acknowledge(tx, id).await?;
    sqlx::query(
        "DELETE FROM dead WHERE id <= (SELECT id FROM dead WHERE cluster = $1 AND recipient = $2
         ORDER BY id DESC LIMIT 1 OFFSET $3) AND cluster = $1 AND recipient = $2",
    )
    .bind(&owner.cluster)
    .bind(&owner.node)
    .bind(DEAD_KEPT)
    .execute(tx)
    .await
    .map(drop)
}

pub(super) async fn dead_letters(db: &mut SqliteConnection, owner: &Owner) -> sqlx::Result<u64> {
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM dead WHERE cluster = $1 AND recipient = $2")
        .bind(&owner.cluster)
        .bind(&owner.node)
        .fetch_one(db)
        .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// The nodes that are up, and their sockets.
pub(super) async fn present(
    db: &mut SqliteConnection,
    cluster: &str,
) -> sqlx::Result<Vec<(NodeName, PathBuf)>> {
    let rows: Vec<(String, Vec<u8>)> = sqlx::query_as("SELECT node, socket FROM presence WHERE cluster = $1")
        .bind(cluster)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(|(node, socket)| (node, PathBuf::from(OsString::from_vec(socket)))).collect())
}

pub(super) async fn found(db: &mut SqliteConnection, cluster: &str, nonce: &str) -> sqlx::Result<Founding> {
    sqlx::query("INSERT INTO founding (cluster, nonce) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(cluster)
        .bind(nonce)
        .execute(&mut *db)
        .await?;
    let made: String = sqlx::query_scalar("SELECT nonce FROM founding WHERE cluster = $1")
        .bind(cluster)
        .fetch_one(db)
        .await?;
    Ok(if made == nonce { Founding::Created } else { Founding::AlreadyThere })
}
