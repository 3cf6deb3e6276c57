//! Stocktakes to store: an open one, and one that is over.

use rubentario::domain::{AdjustmentReason, Lot, Operator, Quantity, Selection, Sku, Threshold, TransferId};
use rubentario::ledger::book::{Review, Stocktake, StocktakeEnd, StocktakeHead, StocktakeLine};

use super::fixtures::{madrid, moment, units};

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
