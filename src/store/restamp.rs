//! Corrections of the history: lines that stand at another moment since their origin learnt that its clock was wrong.

use super::StoreError;
use super::rows::bounded;
use super::session::{Conn, on};
use crate::ledger::book::Restamp;

/// The moment in milliseconds is kept within what a hybrid time holds, as the book keeps it.
const CORRECT: &str = "UPDATE movement
    SET at_ms = moved.ms, sort_key = (moved.ms << 16) | (movement.hlc & 65535)
    FROM (SELECT origin, seq, line, CASE
              WHEN (hlc >> 16) + $1 < 0 THEN 0
              WHEN (hlc >> 16) + $1 > 140737488355327 THEN 140737488355327
              ELSE (hlc >> 16) + $1 END AS ms
          FROM movement WHERE origin = $2 AND seq BETWEEN $3 AND $4) AS moved
    WHERE movement.origin = moved.origin AND movement.seq = moved.seq AND movement.line = moved.line";

const STEP: &str = "UPDATE movement SET at_ms = $1, sort_key = $2 WHERE origin = $3 AND seq = $4";

/// Moves the lines of the entries corrected, and of the steps of transfers that rest on them.
pub(super) async fn carry_out(conn: &mut Conn<'_>, restamp: &Restamp) -> Result<(), StoreError> {
    on!(&mut *conn, c => sqlx::query(CORRECT)
        .bind(restamp.delta_ms)
        .bind(restamp.origin.as_str())
        .bind(bounded(restamp.from))
        .bind(bounded(restamp.upto))
        .execute(c)
        .await
        .map(drop))?;
    for step in &restamp.steps {
        on!(&mut *conn, c => sqlx::query(STEP)
            .bind(step.at_ms)
            .bind(bounded(step.sort_key))
            .bind(step.entry.origin.as_str())
            .bind(bounded(step.entry.seq))
            .execute(c)
            .await
            .map(drop))?;
    }
    Ok(())
}
