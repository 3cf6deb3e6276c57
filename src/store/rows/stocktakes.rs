//! Stocktakes as rows: the stocktake, its lines, and when goods were last counted.

use super::{Filled, bounded, first_of, int, json, last_of_each, text};
use crate::store::bulk::Kind::{Bool, Date, Int, Json, Text};
use crate::store::bulk::{Column, Known, Table};
use crate::store::{Batch, StoreError};

static STOCKTAKE: Table = Table {
    name: "stocktake",
    columns: &[
        ("origin", Text),
        ("seq", Int),
        ("selection", Json),
        ("blind", Bool),
        ("threshold", Json),
        ("opened_ms", Int),
        ("opened_by", Text),
        ("ended", Json),
    ],
    key: 2,
    known: Known::Changes,
};

static STOCKTAKE_LINE: Table = Table {
    name: "stocktake_line",
    columns: &[
        ("origin", Text),
        ("seq", Int),
        ("sku", Text),
        ("lot", Text),
        ("expiry", Date),
        ("pinned", Int),
        ("counted", Int),
        ("book", Int),
        ("entry", Int),
        ("at_ms", Int),
        ("operator", Text),
        ("times", Int),
        ("again", Bool),
        ("review", Json),
        ("booked", Int),
    ],
    key: 4,
    known: Known::Changes,
};

static COUNTED: Table = Table {
    name: "counted",
    columns: &[("warehouse", Text), ("sku", Text), ("lot", Text), ("at_ms", Int)],
    key: 3,
    known: Known::Changes,
};

pub(super) fn heads(batch: &Batch) -> Result<Filled<'_>, StoreError> {
    let all = last_of_each(&batch.rows.stocktakes, |head| &head.id);
    let ends = all.iter().map(|head| head.end.as_ref().map(json).transpose());
    Ok(Filled {
        table: &STOCKTAKE,
        columns: vec![
            text(&all, |head| head.id.origin.as_str()),
            int(&all, |head| bounded(head.id.seq)),
            Column::Text(all.iter().map(|head| json(&head.selection)).collect::<Result<_, _>>()?),
            Column::Bool(all.iter().map(|head| head.blind).collect()),
            Column::Text(all.iter().map(|head| json(&head.threshold)).collect::<Result<_, _>>()?),
            int(&all, |head| head.opened_ms),
            text(&all, |head| head.opened_by.as_str()),
            Column::MaybeText(ends.collect::<Result<_, _>>()?),
        ],
        blame: Box::new(move |row| first_of(batch, &all[row].id.origin)),
    })
}

pub(super) fn lines(batch: &Batch) -> Result<Filled<'_>, StoreError> {
    let all = last_of_each(&batch.rows.stocktake_lines, |(id, line)| (id, &line.sku, &line.lot));
    let reviews = all.iter().map(|(_, line)| line.review.as_ref().map(json).transpose());
    Ok(Filled {
        table: &STOCKTAKE_LINE,
        columns: vec![
            text(&all, |(id, _)| id.origin.as_str()),
            int(&all, |(id, _)| bounded(id.seq)),
            text(&all, |(_, line)| line.sku.as_str()),
            text(&all, |(_, line)| line.lot.as_str()),
            Column::MaybeDate(all.iter().map(|(_, line)| line.expiry).collect()),
            int(&all, |(_, line)| bounded(line.pinned)),
            int(&all, |(_, line)| line.counted.thousandths()),
            int(&all, |(_, line)| line.book.thousandths()),
            int(&all, |(_, line)| bounded(line.entry)),
            int(&all, |(_, line)| line.at_ms),
            text(&all, |(_, line)| line.by.as_str()),
            int(&all, |(_, line)| i64::from(line.times)),
            Column::Bool(all.iter().map(|(_, line)| line.again).collect()),
            Column::MaybeText(reviews.collect::<Result<_, _>>()?),
            Column::MaybeInt(all.iter().map(|(_, line)| line.booked.map(bounded)).collect()),
        ],
        blame: Box::new(move |row| (all[row].0.origin.clone(), all[row].1.entry)),
    })
}

pub(super) fn counted(batch: &Batch) -> Filled<'_> {
    let all = last_of_each(&batch.rows.counted, |(key, _)| key);
    Filled {
        table: &COUNTED,
        columns: vec![
            text(&all, |(key, _)| key.warehouse.as_str()),
            text(&all, |(key, _)| key.sku.as_str()),
            text(&all, |(key, _)| key.lot.as_str()),
            int(&all, |(_, at_ms)| *at_ms),
        ],
        blame: Box::new(move |row| first_of(batch, &all[row].0.warehouse)),
    }
}
