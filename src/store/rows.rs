//! What is written, as columns of tables, and who is to blame where a row can't be.

mod promises;
mod snapshots;
mod stocktakes;
mod tables;

use std::collections::HashMap;
use std::hash::Hash;

use serde::Serialize;

use tables::{
    ACKNOWLEDGED_ALERT, DECREE, ENTRY, LEDGER_HEAD, MOVEMENT, PEER, PRODUCT, REORDER_RULE, REVERSAL, SEAL,
    STOCK, TRANSFER,
};

use super::Batch;
use super::StoreError;
use super::bulk::{Column, Table};
use crate::domain::{Quantity, Sku, WarehouseId};
use crate::ledger::book::{ProductState, Stamp, StockKey};
use crate::ledger::{Body, MovementRow};

/// Rows for one table.
pub(super) struct Filled<'b> {
    pub(super) table: &'static Table,
    pub(super) columns: Vec<Column>,
    /// Whose entry a row comes from.
    pub(super) blame: Box<dyn Fn(usize) -> (WarehouseId, u64) + Send + Sync + 'b>,
}

impl Filled<'_> {
    pub(super) fn rows(&self) -> usize {
        self.columns.first().map_or(0, Column::len)
    }
}

/// All rows of a batch, table by table; tables without rows are left out. The entries come first.
pub(super) fn of_batch(batch: &Batch) -> Result<Vec<Filled<'_>>, StoreError> {
    let mut all = vec![
        entries(batch),
        seals(batch),
        movements(batch),
        stock(batch),
        products(batch)?,
        rules(batch),
        transfers(batch)?,
        promises::reservations(batch),
        promises::expectations(batch),
        reversals(batch),
        heads(batch),
        acknowledged(batch),
        decrees(batch)?,
        peers(batch),
        snapshots::snapshots(batch)?,
        snapshots::markers(batch)?,
        snapshots::parts(batch),
        stocktakes::heads(batch)?,
        stocktakes::lines(batch)?,
        stocktakes::counted(batch),
    ];
    all.retain(|filled| filled.rows() > 0);
    Ok(all)
}

fn entries(batch: &Batch) -> Filled<'_> {
    let all = &batch.entries;
    Filled {
        table: &ENTRY,
        columns: vec![
            text(all, |e| e.entry.origin.as_str()),
            int(all, |e| bounded(e.entry.seq)),
            int(all, |e| i64::from(e.entry.incarnation)),
            int(all, |e| bounded(e.entry.hlc)),
            text(all, |e| e.entry.body.kind()),
            text(all, |e| e.entry.operator.as_str()),
            Column::Uuid(all.iter().map(|e| e.entry.command.id).collect()),
            int(all, |e| i64::from(e.entry.command.index)),
            bytes(all, |e| e.hash.as_bytes()),
            bytes(all, |e| e.entry.prev_hash.as_bytes()),
            bytes(all, |e| &e.bytes),
        ],
        blame: Box::new(|row| (all[row].entry.origin.clone(), all[row].entry.seq)),
    }
}

fn seals(batch: &Batch) -> Filled<'_> {
    let all = &batch.seals;
    Filled {
        table: &SEAL,
        columns: vec![
            text(all, |(origin, _)| origin.as_str()),
            int(all, |(_, seal)| bounded(seal.seq)),
            bytes(all, |(_, seal)| &seal.signature),
        ],
        blame: Box::new(|row| (all[row].0.clone(), all[row].1.seq)),
    }
}

fn movements(batch: &Batch) -> Filled<'_> {
    let all = last_of_each(&batch.movements, |m| (&m.origin, m.seq, m.line));
    Filled {
        table: &MOVEMENT,
        columns: vec![
            text(&all, |m| m.origin.as_str()),
            int(&all, |m| bounded(m.seq)),
            int(&all, |m| i64::from(m.line)),
            text(&all, |m| m.kind.word()),
            text(&all, |m| m.sku.as_str()),
            text(&all, |m| m.lot.as_str()),
            int(&all, |m| m.qty.thousandths()),
            int(&all, |m| m.shortage.thousandths()),
            int(&all, |m| bounded(m.sort_key)),
            int(&all, |m| m.at_ms),
            int(&all, |m| bounded(m.hlc)),
            text(&all, |m| m.operator.as_str()),
            text(&all, |m| m.reason.as_str()),
            text(&all, |m| m.reference.as_str()),
            Column::MaybeText(all.iter().map(|m| m.transfer.as_ref().map(ToString::to_string)).collect()),
            Column::MaybeText(all.iter().map(|m| m.other.as_ref().map(ToString::to_string)).collect()),
            Column::MaybeInt(all.iter().map(|m| m.reverses.map(bounded)).collect()),
            Column::Text(all.iter().map(|m| search_of(m)).collect()),
        ],
        blame: Box::new(move |row| (all[row].origin.clone(), all[row].seq)),
    }
}

fn stock(batch: &Batch) -> Filled<'_> {
    let all = last_of_each(&batch.rows.stock, |(key, _)| key);
    Filled {
        table: &STOCK,
        columns: vec![
            text(&all, |(key, _)| key.warehouse.as_str()),
            text(&all, |(key, _)| key.sku.as_str()),
            text(&all, |(key, _)| key.lot.as_str()),
            int(&all, |(_, cell)| cell.on_hand.thousandths()),
            int(&all, |(_, cell)| cell.reserved.thousandths()),
            Column::MaybeDate(all.iter().map(|(_, cell)| cell.expiry).collect()),
        ],
        blame: Box::new(move |row| mover(batch, &all[row].0)),
    }
}

fn products(batch: &Batch) -> Result<Filled<'_>, StoreError> {
    let all = last_of_each(&batch.rows.products, |state| &state.product.sku);
    Ok(Filled {
        table: &PRODUCT,
        columns: vec![
            text(&all, |p| p.product.sku.as_str()),
            text(&all, |p| p.product.name.as_str()),
            text(&all, |p| p.product.unit.as_str()),
            int(&all, |p| i64::from(p.product.decimals)),
            Column::Text(all.iter().map(|p| json(&p.product.barcodes)).collect::<Result<_, _>>()?),
            Column::Text(all.iter().map(|p| json(&p.product.packs)).collect::<Result<_, _>>()?),
            text(&all, |p| p.product.category.as_str()),
            Column::Bool(all.iter().map(|p| p.product.lot_tracked).collect()),
            Column::Bool(all.iter().map(|p| p.product.retired).collect()),
            int(&all, |p| i64::from(p.revision)),
            text(&all, |p| p.defined_by.origin.as_str()),
            int(&all, |p| bounded(p.defined_by.seq)),
            bytes(&all, |p| p.defined_by.hash.as_bytes()),
            Column::Text(all.iter().map(|p| stamps_to_text(&p.stamps)).collect()),
            Column::Text(all.iter().map(|p| p.product.name.to_lowercase()).collect()),
        ],
        blame: Box::new(move |row| definer(batch, all[row])),
    })
}

fn rules(batch: &Batch) -> Filled<'_> {
    let all = last_of_each(&batch.rows.rules, |(key, _)| key);
    let amount = |get: fn(&crate::domain::ReorderRule) -> Option<Quantity>| {
        Column::MaybeInt(all.iter().map(|(_, r)| get(&r.rule).map(Quantity::thousandths)).collect())
    };
    Filled {
        table: &REORDER_RULE,
        columns: vec![
            text(&all, |((warehouse, _), _)| warehouse.as_str()),
            text(&all, |((_, sku), _)| sku.as_str()),
            amount(|rule| rule.reorder_point),
            amount(|rule| rule.maximum),
            amount(|rule| rule.multiple),
            amount(|rule| rule.minimum_order),
            Column::MaybeInt(all.iter().map(|(_, r)| r.rule.lead_time_days.map(i64::from)).collect()),
            text(&all, |(_, rule)| rule.shelf.as_str()),
            Column::MaybeInt(
                all.iter().map(|(_, r)| r.rule.lead_time_deviation_days.map(i64::from)).collect(),
            ),
            Column::MaybeText(
                all.iter().map(|(_, r)| r.rule.service_level.map(|l| l.word().to_owned())).collect(),
            ),
        ],
        blame: Box::new(move |row| first_of(batch, &all[row].0.0)),
    }
}

fn transfers(batch: &Batch) -> Result<Filled<'_>, StoreError> {
    let all = last_of_each(&batch.rows.transfers, |transfer| &transfer.id);
    macro_rules! step {
        ($step:ident) => {
            Column::MaybeText(
                all.iter().map(|t| t.$step.as_ref().map(json).transpose()).collect::<Result<_, _>>()?,
            )
        };
    }
    Ok(Filled {
        table: &TRANSFER,
        columns: vec![
            text(&all, |t| t.id.origin.as_str()),
            int(&all, |t| bounded(t.id.seq)),
            text(&all, |t| t.from.as_str()),
            text(&all, |t| t.to.as_str()),
            text(&all, |t| t.state().word()),
            int(&all, |t| t.changed_ms()),
            step!(request),
            step!(withdrawal),
            step!(decline),
            step!(dispatch),
            step!(receipt),
            step!(rejection),
            step!(returned),
        ],
        blame: Box::new(move |row| (all[row].id.origin.clone(), all[row].id.seq)),
    })
}

fn reversals(batch: &Batch) -> Filled<'_> {
    let all = last_of_each(&batch.rows.reversals, |(origin, undone, _)| (origin, *undone));
    Filled {
        table: &REVERSAL,
        columns: vec![
            text(&all, |(origin, _, _)| origin.as_str()),
            int(&all, |(_, undone, _)| bounded(*undone)),
            int(&all, |(_, _, by)| bounded(*by)),
        ],
        blame: Box::new(move |row| (all[row].0.clone(), all[row].2)),
    }
}

fn heads(batch: &Batch) -> Filled<'_> {
    let all = last_of_each(&batch.rows.heads, |(origin, _)| origin);
    Filled {
        table: &LEDGER_HEAD,
        columns: vec![
            text(&all, |(origin, _)| origin.as_str()),
            int(&all, |(_, part)| i64::from(part.head.incarnation)),
            int(&all, |(_, part)| bounded(part.head.seq)),
            bytes(&all, |(_, part)| part.head.hash.as_bytes()),
            int(&all, |(_, part)| bounded(part.hlc)),
            int(&all, |(_, part)| bounded(part.sort_key)),
            int(&all, |(_, part)| bounded(part.sealed)),
            Column::MaybeText(all.iter().map(|(_, part)| part.quarantine.clone()).collect()),
        ],
        blame: Box::new(move |row| first_of(batch, &all[row].0)),
    }
}

fn acknowledged(batch: &Batch) -> Filled<'_> {
    let all = last_of_each(&batch.rows.acknowledged, |(warehouse, alert, _, _)| (warehouse, alert));
    Filled {
        table: &ACKNOWLEDGED_ALERT,
        columns: vec![
            text(&all, |(warehouse, _, _, _)| warehouse.as_str()),
            text(&all, |(_, alert, _, _)| alert.as_str()),
            text(&all, |(_, _, operator, _)| operator.as_str()),
            int(&all, |(_, _, _, at)| *at),
        ],
        blame: Box::new(move |row| first_of(batch, &all[row].0)),
    }
}

fn peers(batch: &Batch) -> Filled<'_> {
    let all = last_of_each(&batch.peers, |peer| &peer.id);
    Filled {
        table: &PEER,
        columns: vec![
            text(&all, |p| p.id.as_str()),
            Column::MaybeBytes(all.iter().map(|p| p.key.map(Vec::from)).collect()),
            int(&all, |p| i64::from(p.incarnation)),
            int(&all, |p| p.last_seen_ms),
        ],
        blame: Box::new(move |row| first_of(batch, &all[row].id)),
    }
}

fn decrees(batch: &Batch) -> Result<Filled<'_>, StoreError> {
    let all = last_of_each(&batch.rows.decrees, |d| (d.founding, d.version, d.change.hash()));
    Ok(Filled {
        table: &DECREE,
        columns: vec![
            bytes(&all, |d| d.founding.as_bytes()),
            int(&all, |d| bounded(d.version)),
            Column::Bytes(all.iter().map(|d| d.change.hash().as_bytes().to_vec()).collect()),
            Column::Text(all.iter().map(|d| json(&d.change)).collect::<Result<_, _>>()?),
            text(&all, |d| d.entry.origin.as_str()),
            int(&all, |d| bounded(d.entry.seq)),
            bytes(&all, |d| d.entry.hash.as_bytes()),
            int(&all, |d| bounded(d.hlc)),
            Column::Bool(all.iter().map(|d| d.proven).collect()),
        ],
        blame: Box::new(move |row| (all[row].entry.origin.clone(), all[row].entry.seq)),
    })
}

/// The rows, of equal keys the last only: PostgreSQL refuses to write one row twice in a statement.
fn last_of_each<'b, T, K: Eq + Hash>(rows: &'b [T], key: impl Fn(&'b T) -> K) -> Vec<&'b T> {
    let mut places = HashMap::with_capacity(rows.len());
    let mut all: Vec<&T> = Vec::with_capacity(rows.len());
    for row in rows {
        match places.entry(key(row)) {
            std::collections::hash_map::Entry::Occupied(place) => all[*place.get()] = row,
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(all.len());
                all.push(row);
            }
        }
    }
    all
}

fn text<T>(rows: &[T], get: impl Fn(&T) -> &str) -> Column {
    Column::Text(rows.iter().map(|row| get(row).to_owned()).collect())
}

fn int<T>(rows: &[T], get: impl Fn(&T) -> i64) -> Column {
    Column::Int(rows.iter().map(get).collect())
}

fn bytes<T>(rows: &[T], get: impl Fn(&T) -> &[u8]) -> Column {
    Column::Bytes(rows.iter().map(|row| get(row).to_vec()).collect())
}

/// As the databases count; what is too large becomes a number that the tables refuse.
pub(super) fn bounded(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(-1)
}

/// As it is kept in a column of JSON.
pub(super) fn json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(StoreError::broken)
}

/// What the text filter looks at, one field a line.
fn search_of(movement: &MovementRow) -> String {
    let fields = [
        movement.sku.as_str(),
        movement.lot.as_str(),
        &movement.reference,
        &movement.reason,
        movement.operator.as_str(),
    ];
    let all: Vec<_> = fields.into_iter().filter(|field| !field.is_empty()).collect();
    all.join("\n").to_lowercase()
}

fn stamps_to_text(stamps: &[Option<Stamp>; 8]) -> String {
    let one = |stamp: &Option<Stamp>| {
        stamp.as_ref().map_or_else(|| "-".to_owned(), |s| format!("{} {}", s.revision, s.origin))
    };
    if stamps.iter().all(|stamp| *stamp == stamps[0]) {
        one(&stamps[0])
    } else {
        stamps.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

/// The first entry of an origin in the batch.
fn first_of(batch: &Batch, origin: &WarehouseId) -> (WarehouseId, u64) {
    let first = batch.entries.iter().find(|e| e.entry.origin == *origin);
    (origin.clone(), first.map_or(0, |e| e.entry.seq))
}

/// The first entry in the batch that moved this cell.
fn mover(batch: &Batch, key: &StockKey) -> (WarehouseId, u64) {
    let first =
        batch.movements.iter().find(|m| m.origin == key.warehouse && m.sku == key.sku && m.lot == key.lot);
    first.map_or_else(|| first_of(batch, &key.warehouse), |m| (m.origin.clone(), m.seq))
}

/// The last entry in the batch that says something of this product.
fn definer(batch: &Batch, state: &ProductState) -> (WarehouseId, u64) {
    let says = |sku: &Sku| *sku == state.product.sku;
    let last = batch.entries.iter().rev().find(|e| match &e.entry.body {
        Body::ProductDefined { sku, .. } | Body::ProductRetired { sku, .. } => says(sku),
        _ => false,
    });
    last.map_or_else(
        || (state.defined_by.origin.clone(), state.defined_by.seq),
        |e| (e.entry.origin.clone(), e.entry.seq),
    )
}
