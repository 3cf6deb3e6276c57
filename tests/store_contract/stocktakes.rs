//! Stocktakes to store: an open one, and one that is over.

use rubentario::domain::{
    AdjustmentReason, Lot, MovementKind, Operator, Quantity, Selection, Sku, Threshold, TransferId,
};
use rubentario::ledger::book::{Review, Stocktake, StocktakeEnd, StocktakeHead, StocktakeLine};

use super::fixtures::{Place, Quill, cell, madrid, moment, movement, units};

fn line(name: &str, lot: &str, counted: i64, book: i64) -> StocktakeLine {
    StocktakeLine {
        sku: Sku::new(name).unwrap(),
        lot: Lot::new(lot).unwrap(),
        expiry: (!lot.is_empty()).then(|| "2027-02-28".parse().unwrap()),
        pinned: 0,
        counted: units(counted),
        book: units(book),
        entry: 5,
        at_ms: moment(2),
        by: Operator::new("Ana").unwrap(),
        times: 2,
        again: false,
        review: None,
        booked: None,
    }
}

fn stocktake(seq: u64, end: Option<StocktakeEnd>, lines: Vec<StocktakeLine>) -> Stocktake {
    let head = StocktakeHead {
        id: TransferId { origin: madrid(), seq },
        selection: Selection::Shelf { shelf: "A'1".into() },
        blind: end.is_none(),
        threshold: Threshold { units: Some(Quantity::ZERO), percent: Some(u32::MAX) },
        opened_ms: moment(1),
        opened_by: Operator::new("Ana").unwrap(),
        end,
    };
    let lines = lines.into_iter().map(|line| ((line.sku.clone(), line.lot.clone()), line)).collect();
    Stocktake { head, lines }
}

/// It goes on: what agrees counts too.
pub fn open() -> Stocktake {
    let sent_back = StocktakeLine { again: true, ..line("P1", "L1", 0, 3) };
    let accepted = StocktakeLine {
        review: Some(Review {
            at_ms: moment(3),
            by: Operator::new("Luis").unwrap(),
            reason: AdjustmentReason::Lost,
        }),
        booked: Some(6),
        ..line("P2", "", 2, 3)
    };
    stocktake(9, None, vec![line("P1", "", 4, 4), sent_back, accepted])
}

/// It is over.
pub fn closed() -> Stocktake {
    let end = StocktakeEnd {
        entry: 7,
        at_ms: moment(3),
        by: Operator::new("Luis").unwrap(),
        dropped: false,
        counted: 2,
        uncounted: 1,
    };
    stocktake(2, Some(end), vec![line("P1", "", 4, 4), line("P2", "", 5, 4)])
}

/// What a start knows of both: of the one that is over, the line that differs.
pub fn kept() -> Vec<Stocktake> {
    let mut closed = closed();
    closed.lines.retain(|_, line| line.counted != line.book);
    assert_eq!(closed.lines.len(), 1);
    vec![closed, open()]
}

pub async fn what_was_counted_and_booked_before_it_was_kept_is_found_in_the_history(place: Place) {
    let (store, mut pen) = place.begin().await;
    let mut batch = pen.batch();
    let mut quill = Quill::of("madrid");
    // Of two counts the later one counts; the third is what the stocktake booked, so nobody counted then.
    let notes = [("", 0), ("", 0), ("madrid:2", 1)];
    for (reference, qty) in notes {
        let entry = quill.received("P2", 1);
        let mut row = movement(&entry, MovementKind::Count, "P2", qty);
        reference.clone_into(&mut row.reference);
        batch.entries.push(entry);
        batch.movements.push(row);
    }
    let mut booked = closed();
    for line in booked.lines.values_mut() {
        line.entry = 1;
        line.review = open().lines.into_values().find_map(|line| line.review);
    }
    let id = booked.head.id.clone();
    batch.rows.stocktakes = vec![booked.head];
    batch.rows.stocktake_lines = booked.lines.into_values().map(|line| (id.clone(), line)).collect();
    let last = batch.entries.iter().map(|e| e.entry.seq).max().unwrap();
    store.commit(batch.into()).await.unwrap();
    store.close().await;
    place
        .run(
            "DROP INDEX stocktake_line_that_differs;
             ALTER TABLE stocktake_line DROP COLUMN booked;
             DELETE FROM _sqlx_migrations WHERE version = 6",
        )
        .await;

    let loaded = place.open().await.load().await.unwrap();
    assert_eq!(loaded.counted, [(cell("madrid", "P2", 0).0, moment(last - 1))].into());
    let lines: Vec<_> = loaded.stocktakes[0].lines.values().map(|line| line.booked).collect();
    assert_eq!(lines, [Some(last)]);
}
