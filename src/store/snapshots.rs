//! Snapshots in the store: the list, the parts, and what lay where at any cut, from the nearest known state.

use std::collections::BTreeMap;

use sqlx::Row;

use super::StoreError;
use super::load::{hash, json, name, number, quantity, transfers};
use super::page::place_in_time;
use super::rows::bounded;
use super::session::{Conn, on};
use crate::domain::{Lot, Quantity, Sku, TransferId, WarehouseId};
use crate::ledger::book::{Part, Riding, Transfer, part};
use crate::ledger::{EntryRef, Head};
use crate::protocol::snapshot::{Closing, Marker, Snapshot};

/// Parts are kept of so many snapshots, the newest; of older ones the cut says what the history makes of it.
const PARTS_KEPT: i64 = 32;

/// Places in ledgers, by warehouse; not named = nothing of it.
pub type Places = BTreeMap<WarehouseId, u64>;

/// What lay where at a cut.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StockAt {
    /// How far each ledger is in.
    pub places: Places,
    /// Goods on hand, by warehouse, product and lot.
    pub on_hand: BTreeMap<(WarehouseId, Sku, Lot), Quantity>,
    /// Goods on the road.
    pub riding: Vec<Riding>,
    /// Lines of the history that were read to find it.
    pub lines_read: u64,
}

/// What came, went and was lost of a product and lot up to a cut: conservation's right side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flow {
    /// From outside.
    pub receipts: i64,
    /// To outside, as a positive number.
    pub issues: i64,
    /// Adjustments and differences of counts.
    pub adjustments: i64,
    /// Short on receipt or return of transfers.
    pub shortages: i64,
}

impl Flow {
    /// What must be there, in thousandths.
    #[must_use]
    pub const fn expected(&self) -> i64 {
        self.receipts - self.issues + self.adjustments - self.shortages
    }
}

/// The newest snapshots, newest first.
pub(super) async fn newest(conn: &mut Conn<'_>, limit: usize) -> Result<Vec<Snapshot>, StoreError> {
    let question =
        "SELECT origin, seq, hash, begun_ms, operator, CAST(expected AS text), closed_by, closed_ms,
                           CAST(cut AS text), CAST(missing AS text)
                    FROM snapshot ORDER BY begun_ms DESC, origin DESC, seq DESC LIMIT $1";
    let rows: Vec<(
        String,
        i64,
        Vec<u8>,
        i64,
        String,
        String,
        Option<i64>,
        Option<i64>,
        Option<String>,
        Option<String>,
    )> = on!(&mut *conn, c => sqlx::query_as(question).bind(bounded(limit as u64)).fetch_all(c).await)?;
    let mut all = Vec::with_capacity(rows.len());
    for (origin, seq, found, begun_ms, operator, expected, closed_by, closed_ms, cut, missing) in rows {
        let id = TransferId { origin: name(&origin)?, seq: number(seq)? };
        let closed = match (closed_by, closed_ms, cut, missing) {
            (Some(seq), Some(at_ms), Some(cut), Some(missing)) => {
                Some(Closing { seq: number(seq)?, at_ms, cut: json(&cut)?, missing: json(&missing)? })
            }
            _ => None,
        };
        let mut markers = markers(conn, &id).await?;
        if let Some(closed) = &closed {
            // One that came after the closing was written is none of it.
            markers.retain(|warehouse, _| closed.missing.iter().all(|m| m.id != *warehouse));
        }
        all.push(Snapshot {
            begun: EntryRef { origin: id.origin.clone(), seq: id.seq, hash: hash(&found)? },
            id,
            begun_ms,
            operator: name(&operator)?,
            expected: json(&expected)?,
            markers,
            closed,
        });
    }
    Ok(all)
}

async fn markers(conn: &mut Conn<'_>, id: &TransferId) -> Result<BTreeMap<WarehouseId, Marker>, StoreError> {
    let question =
        "SELECT warehouse, incarnation, marker_seq, marker_hash, CAST(cut AS text), claimed, computed
                    FROM snapshot_marker WHERE origin = $1 AND seq = $2";
    let rows: Vec<(String, i64, i64, Vec<u8>, String, Vec<u8>, Vec<u8>)> = on!(conn, c => sqlx::query_as(question)
        .bind(id.origin.as_str())
        .bind(bounded(id.seq))
        .fetch_all(c)
        .await)?;
    let read = |(warehouse, incarnation, seq, at, cut, claimed, computed): (
        String,
        i64,
        i64,
        Vec<u8>,
        String,
        Vec<u8>,
        Vec<u8>,
    )| {
        let at = Head { incarnation: number(incarnation)?, seq: number(seq)?, hash: hash(&at)? };
        let (claimed, computed) = (hash(&claimed)?, hash(&computed)?);
        Ok((name(&warehouse)?, Marker { at, cut: json(&cut)?, claimed, computed }))
    };
    rows.into_iter().map(read).collect()
}

/// The parts that are kept of a snapshot.
pub(super) async fn parts(conn: &mut Conn<'_>, id: &TransferId) -> Result<Vec<Part>, StoreError> {
    let question = "SELECT listing FROM snapshot_part WHERE origin = $1 AND seq = $2 ORDER BY warehouse";
    let rows: Vec<Vec<u8>> = on!(conn, c => sqlx::query_scalar(question)
        .bind(id.origin.as_str())
        .bind(bounded(id.seq))
        .fetch_all(c)
        .await)?;
    rows.iter().map(|listing| Part::read(listing).map_err(StoreError::broken)).collect()
}

/// Lets go of the parts of snapshots that are no longer among the newest.
pub(super) async fn drop_old_parts(conn: &mut Conn<'_>) -> Result<(), sqlx::Error> {
    let order = "DELETE FROM snapshot_part WHERE NOT EXISTS (
                     SELECT 1 FROM (SELECT origin, seq FROM snapshot ORDER BY begun_ms DESC LIMIT $1) newest
                     WHERE newest.origin = snapshot_part.origin AND newest.seq = snapshot_part.seq)";
    on!(conn, c => sqlx::query(order).bind(PARTS_KEPT).execute(c).await.map(drop))
}

/// How far each ledger had come at a moment, in milliseconds since 1970 UTC: its longest prefix that lies before, and
/// what that rests on. Where a clock was corrected the history's order falls within a ledger, so a prefix alone need
/// not hold the dispatch of what came in.
pub(super) async fn places_at(conn: &mut Conn<'_>, at_ms: i64) -> Result<Places, StoreError> {
    let question = "SELECT min(seq) FROM movement WHERE origin = $1 AND sort_key >= $2";
    let from = place_in_time(at_ms.saturating_add(1));
    let mut places = Places::new();
    for (origin, head) in heads(conn).await? {
        let later: Option<i64> = on!(&mut *conn, c => sqlx::query_scalar(question)
            .bind(origin.as_str())
            .bind(from)
            .fetch_one(c)
            .await)?;
        let upto = later.map(number::<u64>).transpose()?.map_or(head, |later| later.saturating_sub(1));
        if upto > 0 {
            places.insert(origin, upto);
        }
    }
    let all = transfers(conn).await?;
    while all.iter().any(|transfer| close_under(transfer, &mut places)) {}
    Ok(places)
}

/// Takes in the steps that those of a transfer which are in rest on; tells whether any was missing.
fn close_under(transfer: &Transfer, places: &mut Places) -> bool {
    let request = transfer.request.as_ref().map(|step| &step.mark.entry);
    let dispatch = transfer.dispatch.as_ref().map(|step| &step.mark.entry);
    let rejection = transfer.rejection.as_ref().map(|mark| &mark.entry);
    let rests = [
        (transfer.withdrawal.as_ref().map(|mark| &mark.entry), request),
        (transfer.decline.as_ref().map(|mark| &mark.entry), request),
        (dispatch, request),
        (transfer.receipt.as_ref().map(|step| &step.mark.entry), dispatch),
        (rejection, dispatch),
        (transfer.returned.as_ref().map(|step| &step.mark.entry), rejection),
    ];
    let mut any = false;
    for (step, on) in rests {
        let (Some(step), Some(on)) = (step, on) else { continue };
        let is_in =
            |places: &Places, entry: &EntryRef| places.get(&entry.origin).is_some_and(|p| *p >= entry.seq);
        if is_in(places, step) && !is_in(places, on) {
            places.insert(on.origin.clone(), on.seq);
            any = true;
        }
    }
    any
}

async fn heads(conn: &mut Conn<'_>) -> Result<Places, StoreError> {
    let question = "SELECT origin, seq FROM ledger_head";
    let rows: Vec<(String, i64)> = on!(conn, c => sqlx::query_as(question).fetch_all(c).await)?;
    rows.into_iter().map(|(origin, seq)| Ok((name(&origin)?, number(seq)?))).collect()
}

/// A state that is known as a whole.
struct Known {
    places: Places,
    /// None: what the stock table holds now.
    snapshot: Option<TransferId>,
}

/// What lay where at these places. All that it is told from is read as of one moment: what is committed meanwhile must
/// not be in the stock and out of the history, or the other way round.
pub(super) async fn stock_at(conn: &mut Conn<'_>, places: &Places) -> Result<StockAt, StoreError> {
    conn.begin_reading().await?;
    let at = from_the_nearest(conn, places).await;
    let ended = conn.commit().await;
    at.and_then(|at| ended.map(|()| at).map_err(StoreError::from))
}

/// From the nearest known state, forth or back through the history between.
async fn from_the_nearest(conn: &mut Conn<'_>, places: &Places) -> Result<StockAt, StoreError> {
    let mut known = vec![Known { places: heads(conn).await?, snapshot: None }];
    for snapshot in newest(conn, usize::try_from(PARTS_KEPT).unwrap_or(0)).await? {
        let Some(closed) = &snapshot.closed else { continue };
        if closed.missing.is_empty() {
            let places = closed.cut.iter().map(|(w, head)| (w.clone(), head.seq)).collect();
            known.push(Known { places, snapshot: Some(snapshot.id) });
        }
    }
    let distance = |from: &Places| {
        let all = from.keys().chain(places.keys());
        all.map(|w| from.get(w).unwrap_or(&0).abs_diff(*places.get(w).unwrap_or(&0))).sum::<u64>()
    };
    known.sort_by_key(|k| distance(&k.places));
    let mut at = StockAt { places: places.clone(), ..StockAt::default() };
    let mut from = Places::new();
    for nearest in known {
        match &nearest.snapshot {
            None => at.on_hand = on_hand_now(conn).await?,
            Some(id) => {
                let parts = parts(conn, id).await?;
                if parts.len() < nearest.places.len() {
                    continue;
                }
                let cells = parts.into_iter().flat_map(|part| part.stock);
                at.on_hand =
                    cells.map(|(key, cell)| ((key.warehouse, key.sku, key.lot), cell.on_hand)).collect();
            }
        }
        from = nearest.places;
        break;
    }
    let all: std::collections::BTreeSet<_> = from.keys().chain(places.keys()).cloned().collect();
    for origin in all {
        let (was, is) = (*from.get(&origin).unwrap_or(&0), *places.get(&origin).unwrap_or(&0));
        at.lines_read += go(conn, &mut at.on_hand, &origin, was, is).await?;
    }
    at.riding = riding_at(conn, places).await?;
    Ok(at)
}

async fn on_hand_now(conn: &mut Conn<'_>) -> Result<BTreeMap<(WarehouseId, Sku, Lot), Quantity>, StoreError> {
    let cells = super::load::stock_within(conn).await?;
    Ok(cells.into_iter().map(|(key, cell)| ((key.warehouse, key.sku, key.lot), cell.on_hand)).collect())
}

/// Takes on-hand from one place of a ledger to another; tells how many lines lay between.
async fn go(
    conn: &mut Conn<'_>,
    on_hand: &mut BTreeMap<(WarehouseId, Sku, Lot), Quantity>,
    origin: &WarehouseId,
    from: u64,
    to: u64,
) -> Result<u64, StoreError> {
    if from == to {
        return Ok(0);
    }
    let question = "SELECT sku, lot, CAST(SUM(qty) AS bigint), count(*) FROM movement
                    WHERE origin = $1 AND seq > $2 AND seq <= $3
                      AND kind NOT IN ('transfer_requested', 'transfer_withdrawal_asked', 'transfer_declined', 'reserved',
                                       'released', 'receipt_expected', 'expectation_closed')
                    GROUP BY sku, lot";
    let (low, high) = (from.min(to), from.max(to));
    let rows: Vec<(String, String, i64, i64)> = on!(conn, c => sqlx::query_as(question)
        .bind(origin.as_str())
        .bind(bounded(low))
        .bind(bounded(high))
        .fetch_all(c)
        .await)?;
    let mut lines = 0;
    for (sku, lot, change, count) in rows {
        lines += count.unsigned_abs();
        let change = quantity(if to > from { change } else { -change })?;
        let cell = on_hand.entry((origin.clone(), name(&sku)?, name(&lot)?)).or_default();
        *cell = cell.plus(change).map_err(StoreError::broken)?;
    }
    Ok(lines)
}

/// What was on the road at these places, by the steps that lie within.
async fn riding_at(conn: &mut Conn<'_>, places: &Places) -> Result<Vec<Riding>, StoreError> {
    let all = transfers(conn).await?;
    let place = |w: &WarehouseId| *places.get(w).unwrap_or(&0);
    let steps: Vec<_> = all
        .iter()
        .flat_map(|t| [&t.from, &t.to].into_iter().flat_map(|w| part::steps_of(t, w, place(w))))
        .collect();
    Ok(part::riding(steps.iter()))
}

/// What came, went and was lost up to these places, by product and lot.
pub(super) async fn flows(
    conn: &mut Conn<'_>,
    places: &Places,
) -> Result<BTreeMap<(Sku, Lot), Flow>, StoreError> {
    // A reversal counts in the term that it undoes.
    let question = "SELECT m.sku, m.lot, COALESCE(u.kind, m.kind) AS term, CAST(SUM(m.qty) AS bigint),
                           CAST(SUM(m.shortage) AS bigint)
                    FROM movement m
                    LEFT JOIN movement u ON u.origin = m.origin AND u.seq = m.reverses AND u.line = 0
                    WHERE m.origin = $1 AND m.seq <= $2
                    GROUP BY m.sku, m.lot, COALESCE(u.kind, m.kind)";
    let mut flows: BTreeMap<(Sku, Lot), Flow> = BTreeMap::new();
    for (origin, upto) in places {
        let rows = on!(&mut *conn, c => {
            let rows = sqlx::query(question).bind(origin.as_str()).bind(bounded(*upto)).fetch_all(c).await?;
            rows.into_iter()
                .map(|row| {
                    Ok::<_, sqlx::Error>((
                        row.try_get::<String, _>(0)?,
                        row.try_get::<String, _>(1)?,
                        row.try_get::<String, _>(2)?,
                        row.try_get::<i64, _>(3)?,
                        row.try_get::<i64, _>(4)?,
                    ))
                })
                .collect::<Result<Vec<_>, _>>()?
        });
        for (sku, lot, term, qty, short) in rows {
            let flow = flows.entry((name(&sku)?, name(&lot)?)).or_default();
            match term.as_str() {
                "receipt" => flow.receipts += qty,
                "issue" => flow.issues -= qty,
                "adjustment" | "count" => flow.adjustments += qty,
                "transfer_received" | "transfer_returned" => flow.shortages += short,
                _ => {}
            }
        }
    }
    Ok(flows)
}
