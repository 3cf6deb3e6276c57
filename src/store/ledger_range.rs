//! Entries as they were written: one, those of a request, or a stretch of a ledger for a peer.

use std::collections::BTreeMap;
use std::sync::Arc;

use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::StoreError;
use super::load::hash;
use super::rows::bounded;
use super::session::{Conn, on};
use crate::domain::WarehouseId;
use crate::ledger::{Seal, StoredEntry};

/// How many entries are read at once.
const STRETCH: i64 = 256;
/// How many requests are looked up at once.
const LOOKUP: usize = 256;

fn stored(bytes: Vec<u8>, expected: &[u8]) -> Result<StoredEntry, StoreError> {
    let entry = StoredEntry::read(Arc::from(bytes)).map_err(StoreError::broken)?;
    if entry.hash == hash(expected)? {
        Ok(entry)
    } else {
        Err(StoreError::broken(format!(
            "the bytes of {}:{} have changed",
            entry.entry.origin, entry.entry.seq
        )))
    }
}

pub(super) async fn entry(
    conn: Conn<'_>,
    origin: WarehouseId,
    seq: u64,
) -> Result<Option<StoredEntry>, StoreError> {
    let question = "SELECT bytes, hash FROM entry WHERE origin = $1 AND seq = $2";
    let found: Option<(Vec<u8>, Vec<u8>)> = on!(conn, c => sqlx::query_as(question)
        .bind(origin.as_str())
        .bind(bounded(seq))
        .fetch_optional(c)
        .await)?;
    found.map(|(bytes, hash)| stored(bytes, &hash)).transpose()
}

pub(super) async fn resumed(
    conn: Conn<'_>,
    origin: WarehouseId,
    after: u32,
    upto: u64,
) -> Result<bool, StoreError> {
    let question = "SELECT seq FROM entry \
        WHERE origin = $1 AND seq <= $2 AND kind = 'ledger_resumed' AND incarnation > $3 LIMIT 1";
    let found: Option<(i64,)> = on!(conn, c => sqlx::query_as(question)
        .bind(origin.as_str())
        .bind(bounded(upto))
        .bind(i64::from(after))
        .fetch_optional(c)
        .await)?;
    Ok(found.is_some())
}

pub(super) async fn commands(
    mut conn: Conn<'_>,
    origin: WarehouseId,
    ids: Vec<Uuid>,
) -> Result<BTreeMap<Uuid, Vec<StoredEntry>>, StoreError> {
    let mut answers: BTreeMap<Uuid, Vec<StoredEntry>> = BTreeMap::new();
    let mut found: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for ids in ids.chunks(LOOKUP) {
        // A few sizes only, filled up by repeating the last, so that the texts stay prepared.
        let size = if ids.len() > 16 { LOOKUP } else { ids.len() };
        let places: Vec<_> = (2..size + 2).map(|place| format!("${place}")).collect();
        let question = format!(
            "SELECT bytes, hash FROM entry WHERE origin = $1 AND command_id IN ({})",
            places.join(", ")
        );
        let filled = ids.iter().chain(ids.last().into_iter().cycle()).take(size);
        found.extend(on!(&mut conn, c => {
            let mut query = sqlx::query_as(AssertSqlSafe(question)).bind(origin.as_str());
            for id in filled {
                query = query.bind(*id);
            }
            query.fetch_all(c).await
        })?);
    }
    for (bytes, hash) in found {
        let entry = stored(bytes, &hash)?;
        answers.entry(entry.entry.command.id).or_default().push(entry);
    }
    for entries in answers.values_mut() {
        entries.sort_by_key(|e| (e.entry.command.index, e.entry.seq));
    }
    Ok(answers)
}

pub(super) async fn range(
    mut conn: Conn<'_>,
    origin: WarehouseId,
    from_seq: u64,
    max_bytes: usize,
) -> Result<(Vec<StoredEntry>, Vec<Seal>), StoreError> {
    let question = "SELECT e.seq, e.bytes, e.hash, s.signature
                    FROM entry e LEFT JOIN seal s ON s.origin = e.origin AND s.seq = e.seq
                    WHERE e.origin = $1 AND e.seq >= $2 AND e.seq < $3 ORDER BY e.seq";
    let (mut entries, mut seals) = (Vec::new(), Vec::<Seal>::new());
    let (mut sealed, mut size) = (0, 0);
    let mut next = bounded(from_seq);
    // Whatever lies behind the last seal isn't sent, so it isn't read either.
    let Some(end) = last_seal(&mut conn, &origin, next).await? else {
        return Ok((entries, seals));
    };
    while next <= end {
        let until = end.saturating_add(1).min(next.saturating_add(STRETCH));
        let rows: Vec<(i64, Vec<u8>, Vec<u8>, Option<Vec<u8>>)> = on!(&mut conn, c => sqlx::query_as(question)
            .bind(origin.as_str())
            .bind(next)
            .bind(until)
            .fetch_all(c)
            .await)?;
        for (seq, bytes, hash, signature) in rows {
            size += bytes.len();
            if seq != next || (size > max_bytes && sealed > 0) {
                entries.truncate(sealed);
                return Ok((entries, seals));
            }
            entries.push(stored(bytes, &hash)?);
            if let Some(signature) = signature {
                seals.push(seal(seq, signature)?);
                sealed = entries.len();
            }
            next += 1;
        }
        if next < until {
            break;
        }
    }
    entries.truncate(sealed);
    Ok((entries, seals))
}

async fn last_seal(
    conn: &mut Conn<'_>,
    origin: &WarehouseId,
    from_seq: i64,
) -> Result<Option<i64>, StoreError> {
    let question = "SELECT max(seq) FROM seal WHERE origin = $1 AND seq >= $2";
    Ok(on!(conn, c => sqlx::query_scalar(question)
        .bind(origin.as_str())
        .bind(from_seq)
        .fetch_one(c)
        .await)?)
}

fn seal(seq: i64, signature: Vec<u8>) -> Result<Seal, StoreError> {
    Ok(Seal {
        seq: seq.unsigned_abs(),
        signature: signature
            .try_into()
            .map_err(|_| StoreError::broken("a signature that has not 64 bytes"))?,
    })
}
