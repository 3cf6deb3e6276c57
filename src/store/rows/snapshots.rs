//! Snapshots as rows: the snapshot, its markers, the parts at them.

use super::tables::{SNAPSHOT, SNAPSHOT_MARKER, SNAPSHOT_PART};
use super::{Filled, bounded, bytes, first_of, int, json, last_of_each, text};
use crate::store::bulk::Column;
use crate::store::{Batch, StoreError};

pub(super) fn snapshots(batch: &Batch) -> Result<Filled<'_>, StoreError> {
    let all = last_of_each(&batch.rows.snapshots, |snapshot| &snapshot.id);
    let closed = |get: fn(&crate::protocol::snapshot::Closing) -> i64| {
        Column::MaybeInt(all.iter().map(|s| s.closed.as_ref().map(get)).collect())
    };
    let cuts = all.iter().map(|s| s.closed.as_ref().map(|c| json(&c.cut)).transpose());
    let missing = all.iter().map(|s| s.closed.as_ref().map(|c| json(&c.missing)).transpose());
    Ok(Filled {
        table: &SNAPSHOT,
        columns: vec![
            text(&all, |s| s.id.origin.as_str()),
            int(&all, |s| bounded(s.id.seq)),
            bytes(&all, |s| s.begun.hash.as_bytes()),
            int(&all, |s| s.begun_ms),
            text(&all, |s| s.operator.as_str()),
            Column::Text(all.iter().map(|s| json(&s.expected)).collect::<Result<_, _>>()?),
            closed(|c| bounded(c.seq)),
            closed(|c| c.at_ms),
            Column::MaybeText(cuts.collect::<Result<_, _>>()?),
            Column::MaybeText(missing.collect::<Result<_, _>>()?),
        ],
        blame: Box::new(move |row| first_of(batch, &all[row].id.origin)),
    })
}

pub(super) fn markers(batch: &Batch) -> Result<Filled<'_>, StoreError> {
    let snapshots = last_of_each(&batch.rows.snapshots, |snapshot| &snapshot.id);
    let all: Vec<_> =
        snapshots.into_iter().flat_map(|s| s.markers.iter().map(move |(w, m)| (&s.id, w, m))).collect();
    Ok(Filled {
        table: &SNAPSHOT_MARKER,
        columns: vec![
            text(&all, |(id, _, _)| id.origin.as_str()),
            int(&all, |(id, _, _)| bounded(id.seq)),
            text(&all, |(_, warehouse, _)| warehouse.as_str()),
            int(&all, |(_, _, marker)| i64::from(marker.at.incarnation)),
            int(&all, |(_, _, marker)| bounded(marker.at.seq)),
            bytes(&all, |(_, _, marker)| marker.at.hash.as_bytes()),
            Column::Text(all.iter().map(|(_, _, m)| json(&m.cut)).collect::<Result<_, _>>()?),
            bytes(&all, |(_, _, marker)| marker.claimed.as_bytes()),
            bytes(&all, |(_, _, marker)| marker.computed.as_bytes()),
        ],
        blame: Box::new(move |row| (all[row].1.clone(), all[row].2.at.seq)),
    })
}

pub(super) fn parts(batch: &Batch) -> Filled<'_> {
    let all = last_of_each(&batch.rows.parts, |part| (&part.snapshot, &part.warehouse));
    Filled {
        table: &SNAPSHOT_PART,
        columns: vec![
            text(&all, |part| part.snapshot.origin.as_str()),
            int(&all, |part| bounded(part.snapshot.seq)),
            text(&all, |part| part.warehouse.as_str()),
            bytes(&all, |part| &part.listing),
        ],
        blame: Box::new(move |row| first_of(batch, &all[row].warehouse)),
    }
}
