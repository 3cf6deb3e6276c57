//! Rows of what is promised: reservations and expected receipts.

use super::tables::{EXPECTED_RECEIPT, RESERVATION};
use super::{Filled, bounded, int, last_of_each, text};
use crate::ledger::book::ForcedRelease;
use crate::store::Batch;
use crate::store::bulk::Column;

pub(super) fn reservations(batch: &Batch) -> Filled<'_> {
    let all = last_of_each(&batch.rows.reservations, |r| &r.id);
    let cut = |get: fn(&ForcedRelease) -> i64| {
        Column::MaybeInt(all.iter().map(|r| r.cut.as_ref().map(get)).collect())
    };
    Filled {
        table: &RESERVATION,
        columns: vec![
            text(&all, |r| r.id.origin.as_str()),
            int(&all, |r| bounded(r.id.seq)),
            text(&all, |r| r.sku.as_str()),
            text(&all, |r| r.lot.as_str()),
            int(&all, |r| r.qty.thousandths()),
            int(&all, |r| r.issued.thousandths()),
            int(&all, |r| r.released.thousandths()),
            cut(|cut| bounded(cut.seq)),
            cut(|cut| cut.at_ms),
            cut(|cut| cut.qty.thousandths()),
            text(&all, |r| r.purpose.as_str()),
            Column::MaybeDate(all.iter().map(|r| r.until).collect()),
            Column::Bool(all.iter().map(|r| r.closed).collect()),
        ],
        blame: Box::new(move |row| (all[row].id.origin.clone(), all[row].id.seq)),
    }
}

pub(super) fn expectations(batch: &Batch) -> Filled<'_> {
    let all = last_of_each(&batch.rows.expectations, |e| &e.id);
    Filled {
        table: &EXPECTED_RECEIPT,
        columns: vec![
            text(&all, |e| e.id.origin.as_str()),
            int(&all, |e| bounded(e.id.seq)),
            text(&all, |e| e.sku.as_str()),
            int(&all, |e| e.qty.thousandths()),
            int(&all, |e| e.received.thousandths()),
            Column::MaybeDate(all.iter().map(|e| Some(e.due)).collect()),
            text(&all, |e| e.reference.as_str()),
            Column::Bool(all.iter().map(|e| e.closed).collect()),
        ],
        blame: Box::new(move |row| (all[row].id.origin.clone(), all[row].id.seq)),
    }
}
