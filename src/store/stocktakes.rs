//! Stocktakes read back at a start.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use futures_util::TryStreamExt;
use sqlx::Row;

use super::StoreError;
use super::load::{json, name, number, quantity};
use super::session::{Conn, on};
use crate::domain::TransferId;
use crate::ledger::book::{StockKey, Stocktake, StocktakeHead, StocktakeLine};

/// All of them; of those that are over only the lines that differ.
pub(super) async fn all(conn: &mut Conn<'_>) -> Result<Vec<Stocktake>, StoreError> {
    let mut all = heads(conn).await?;
    // Of all that was ever counted, most agreed: the lines that differ have an index of their own.
    let question = "SELECT l.origin, l.seq, l.sku, l.lot, l.expiry, l.pinned, l.counted, l.book, l.entry, l.at_ms,
                           l.operator, l.times, l.again, CAST(l.review AS text), l.booked
                    FROM stocktake_line l WHERE l.counted <> l.book
                    UNION ALL
                    SELECT l.origin, l.seq, l.sku, l.lot, l.expiry, l.pinned, l.counted, l.book, l.entry, l.at_ms,
                           l.operator, l.times, l.again, CAST(l.review AS text), l.booked
                    FROM stocktake s JOIN stocktake_line l ON l.origin = s.origin AND l.seq = s.seq
                    WHERE s.ended IS NULL AND l.counted = l.book";
    let lines: Vec<(TransferId, StocktakeLine)> = on!(conn, c => {
        let mut lines = Vec::new();
        let mut rows = sqlx::query(question).fetch(c);
        while let Some(row) = rows.try_next().await? {
            let id = TransferId { origin: name(row.try_get(0)?)?, seq: number(row.try_get(1)?)? };
            let line = StocktakeLine {
                sku: name(row.try_get(2)?)?,
                lot: name(row.try_get(3)?)?,
                expiry: row.try_get::<Option<NaiveDate>, _>(4)?,
                pinned: number(row.try_get(5)?)?,
                counted: quantity(row.try_get(6)?)?,
                book: quantity(row.try_get(7)?)?,
                entry: number(row.try_get(8)?)?,
                at_ms: row.try_get(9)?,
                by: name(row.try_get(10)?)?,
                times: number(row.try_get(11)?)?,
                again: row.try_get(12)?,
                review: row.try_get::<Option<&str>, _>(13)?.map(json).transpose()?,
                booked: row.try_get::<Option<i64>, _>(14)?.map(number).transpose()?,
            };
            lines.push((id, line));
        }
        Ok::<_, StoreError>(lines)
    })?;
    for (id, line) in lines {
        if let Some(stocktake) = all.get_mut(&id) {
            stocktake.lines.insert((line.sku.clone(), line.lot.clone()), line);
        }
    }
    Ok(all.into_values().collect())
}

async fn heads(conn: &mut Conn<'_>) -> Result<BTreeMap<TransferId, Stocktake>, StoreError> {
    let question = "SELECT origin, seq, CAST(selection AS text), blind, CAST(threshold AS text), opened_ms,
                           opened_by, CAST(ended AS text)
                    FROM stocktake";
    on!(conn, c => {
        let mut all = BTreeMap::new();
        let mut rows = sqlx::query(question).fetch(c);
        while let Some(row) = rows.try_next().await? {
            let id = TransferId { origin: name(row.try_get(0)?)?, seq: number(row.try_get(1)?)? };
            let head = StocktakeHead {
                id: id.clone(),
                selection: json(row.try_get(2)?)?,
                blind: row.try_get(3)?,
                threshold: json(row.try_get(4)?)?,
                opened_ms: row.try_get(5)?,
                opened_by: name(row.try_get(6)?)?,
                end: row.try_get::<Option<&str>, _>(7)?.map(json).transpose()?,
            };
            all.insert(id, Stocktake::new(head));
        }
        Ok(all)
    })
}

/// When goods were last counted.
pub(super) async fn counted(conn: &mut Conn<'_>) -> Result<BTreeMap<StockKey, i64>, StoreError> {
    let question = "SELECT warehouse, sku, lot, at_ms FROM counted";
    on!(conn, c => {
        let mut all = BTreeMap::new();
        let mut rows = sqlx::query(question).fetch(c);
        while let Some(row) = rows.try_next().await? {
            let key = StockKey {
                warehouse: name(row.try_get(0)?)?,
                sku: name(row.try_get(1)?)?,
                lot: name(row.try_get(2)?)?,
            };
            all.insert(key, row.try_get(3)?);
        }
        Ok(all)
    })
}
