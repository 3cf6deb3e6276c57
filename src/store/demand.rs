//! What left a warehouse, from the history: the ground of reorder points and of days of cover.

use chrono::DateTime;

use super::load::{name, number};
use super::page::place_in_time;
use super::session::{Conn, on};
use super::{Day, Demand, StoreError};
use crate::domain::{MovementKind, Quantity, Sku, WarehouseId};

/// Milliseconds of a day.
pub(super) const MS_PER_DAY: i64 = 86_400_000;

pub(super) async fn demand(conn: Conn<'_>, since_ms: i64, now_ms: i64) -> Result<Vec<Demand>, StoreError> {
    // Sums of doubles: exact as far as a quantity goes, and beyond it no overflow that would fail the question.
    let question = "SELECT origin, sku, SUM(issued), SUM(issued * issued),
                           SUM(CASE WHEN day = $3 THEN issued ELSE 0.0 END),
                           SUM(CASE WHEN day <= $4 THEN issued ELSE 0.0 END)
                    FROM (SELECT m.origin, m.sku, m.at_ms / $2 AS day,
                                 CAST(-SUM(CAST(m.qty AS double precision)) AS double precision) AS issued
                          FROM movement m LEFT JOIN reversal r ON r.origin = m.origin AND r.undone = m.seq
                          WHERE m.kind = 'issue' AND m.sort_key >= $1 AND r.undone IS NULL
                          GROUP BY m.origin, m.sku, m.at_ms / $2) days
                    GROUP BY origin, sku ORDER BY origin, sku";
    let rows: Vec<(String, String, f64, f64, f64, f64)> = on!(conn, c => sqlx::query_as(question)
        .bind(place_in_time(since_ms))
        .bind(MS_PER_DAY)
        .bind(now_ms.div_euclid(MS_PER_DAY))
        .bind(since_ms.div_euclid(MS_PER_DAY))
        .fetch_all(c)
        .await)?;
    rows.into_iter()
        .map(|(warehouse, sku, issued, squares, today, first)| {
            Ok(Demand {
                warehouse: name(&warehouse)?,
                sku: name(&sku)?,
                issued: amount(issued),
                squares,
                today: amount(today),
                first: amount(first),
            })
        })
        .collect()
}

/// What a warehouse has done since then, without what was undone: acts and lines of each kind.
pub(super) async fn done_since(
    conn: Conn<'_>,
    warehouse: WarehouseId,
    since_ms: i64,
) -> Result<Vec<(MovementKind, u64, u64)>, StoreError> {
    let question = "SELECT m.kind, COUNT(DISTINCT m.seq), COUNT(*)
                    FROM movement m LEFT JOIN reversal r ON r.origin = m.origin AND r.undone = m.seq
                    WHERE m.origin = $1 AND m.sort_key >= $2 AND r.undone IS NULL
                    GROUP BY m.kind ORDER BY m.kind";
    let rows: Vec<(String, i64, i64)> = on!(conn, c => sqlx::query_as(question)
        .bind(warehouse.as_str())
        .bind(place_in_time(since_ms))
        .fetch_all(c)
        .await)?;
    let row = |(kind, acts, lines): (String, i64, i64)| Ok((name(&kind)?, number(acts)?, number(lines)?));
    rows.into_iter().map(row).collect()
}

/// How often each product was issued: entries, whatever they issued of it.
pub(super) async fn issue_counts(
    conn: Conn<'_>,
    warehouse: WarehouseId,
    since_ms: i64,
) -> Result<Vec<(Sku, u64)>, StoreError> {
    let question = "SELECT m.sku, COUNT(DISTINCT m.seq)
                    FROM movement m LEFT JOIN reversal r ON r.origin = m.origin AND r.undone = m.seq
                    WHERE m.kind = 'issue' AND m.origin = $1 AND m.sort_key >= $2 AND r.undone IS NULL
                    GROUP BY m.sku ORDER BY m.sku";
    let rows: Vec<(String, i64)> = on!(conn, c => sqlx::query_as(question)
        .bind(warehouse.as_str())
        .bind(place_in_time(since_ms))
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(|(sku, times)| Ok((name(&sku)?, number(times)?))).collect()
}

pub(super) async fn days(
    conn: Conn<'_>,
    warehouse: WarehouseId,
    sku: Sku,
    since_ms: i64,
) -> Result<Vec<Day>, StoreError> {
    let question = "SELECT m.at_ms / $4,
                           CAST(SUM(CASE WHEN m.kind = 'issue' AND r.undone IS NULL
                                         THEN -CAST(m.qty AS double precision) ELSE 0.0 END) AS double precision),
                           CAST(SUM(CASE WHEN m.qty > 0
                                         THEN CAST(m.qty AS double precision) ELSE 0.0 END) AS double precision),
                           CAST(SUM(CASE WHEN m.qty < 0
                                         THEN -CAST(m.qty AS double precision) ELSE 0.0 END) AS double precision),
                           CAST(SUM(CAST(m.qty AS double precision)) AS double precision)
                    FROM movement m LEFT JOIN reversal r ON r.origin = m.origin AND r.undone = m.seq
                    WHERE m.sku = $2 AND m.origin = $1 AND m.sort_key >= $5 AND m.at_ms >= $3
                      AND m.kind IN ('receipt', 'issue', 'adjustment', 'count', 'transfer_dispatched',
                                     'transfer_received', 'transfer_returned', 'reversal')
                    GROUP BY m.at_ms / $4 ORDER BY m.at_ms / $4";
    let rows: Vec<(i64, f64, f64, f64, f64)> = on!(conn, c => sqlx::query_as(question)
        .bind(warehouse.as_str())
        .bind(sku.as_str())
        .bind(since_ms)
        .bind(MS_PER_DAY)
        // A line never stands before its own time: this finds by the index what could be of these days.
        .bind(place_in_time(since_ms))
        .fetch_all(c)
        .await)?;
    rows.into_iter()
        .map(|(day, issued, came, went, change)| {
            let day = DateTime::from_timestamp_millis(day.saturating_mul(MS_PER_DAY))
                .ok_or_else(|| StoreError::broken("a movement outside of time"))?;
            Ok(Day {
                day: day.date_naive(),
                issued: amount(issued),
                came: amount(came),
                went: amount(went),
                change: amount(change),
            })
        })
        .collect()
}

/// The quantity of a sum of thousandths; the largest one where the sum lies beyond.
fn amount(thousandths: f64) -> Quantity {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "whole numbers; the cast saturates, and so does the quantity"
    )]
    let whole = thousandths as i64;
    Quantity::from_thousandths(whole).unwrap_or(if whole < 0 {
        Quantity::MAX.negated()
    } else {
        Quantity::MAX
    })
}
