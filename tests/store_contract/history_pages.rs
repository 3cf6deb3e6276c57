//! Pages of the history, with every filter, on both databases.

use rubentario::domain::{Lot, MovementKind, Operator, TransferId};
use rubentario::ledger::MovementRow;
use rubentario::store::{HistoryQuery, Store};

use super::fixtures::{Place, Quill, hybrid, madrid, moment, movement, product, sku, warehouse};

/// Sixty lines of three warehouses; in groups of six they have one sort key.
async fn filled(place: &Place) -> (Store, Vec<MovementRow>) {
    let (store, mut pen) = place.begin().await;
    let mut quills = [Quill::of("madrid"), Quill::of("sevilla"), Quill::of("a-coruna")];
    let kinds = [
        MovementKind::Receipt,
        MovementKind::Adjustment,
        MovementKind::Count,
        MovementKind::TransferReceived,
    ];
    let operators = ["Ana", "Íñigo", "o'Neil"];
    let mut batch = pen.batch();
    for n in 0..30 {
        let quill = &mut quills[n % 3];
        let entry = quill.received("P1", 1);
        for line in 0..2 {
            let mut row = movement(&entry, kinds[n % 4], ["P1", "P2"][usize::from(line == 1)], 1);
            row.line = line;
            row.sort_key = hybrid(n as u64 / 3);
            row.at_ms = moment(n as u64 / 3);
            row.operator = Operator::new(operators[n % 3]).unwrap();
            if n % 4 == 3 {
                row.transfer = Some(TransferId { origin: warehouse("sevilla"), seq: n as u64 });
                row.other = Some(warehouse("sevilla"));
            }
            match n {
                4 => row.reference = "Pedido ÑANDÚ_50%".into(),
                5 => row.reason = "roto".into(),
                6 => row.lot = Lot::new("L-Ñ1").unwrap(),
                _ => {}
            }
            if n == 8 {
                row.reverses = Some(1);
            }
            batch.movements.push(row);
        }
        batch.entries.push(entry);
    }
    let first = batch.entries[0].reference();
    batch.rows.products =
        vec![product("P1", "Macarrones", first.clone()), product("P2", "Piñones (50 g)", first)];
    store.commit(batch.clone().into()).await.unwrap();
    let mut rows = batch.movements;
    rows.sort_by(|a, b| (b.sort_key, &b.origin, b.seq, b.line).cmp(&(a.sort_key, &a.origin, a.seq, a.line)));
    (store, rows)
}

/// All rows of a query, page by page.
async fn all(store: &Store, query: &HistoryQuery) -> Vec<MovementRow> {
    let mut query = query.clone();
    let mut rows = Vec::new();
    loop {
        let page = store.history(&query).await.unwrap();
        assert!(page.rows.len() <= query.limit as usize);
        rows.extend(page.rows);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return rows,
        }
    }
}

fn query(limit: u32) -> HistoryQuery {
    HistoryQuery { limit, ..HistoryQuery::default() }
}

async fn pages_of_any_size_give_every_line_once_newest_first(place: Place) {
    let (store, rows) = filled(&place).await;
    for limit in [1, 4, 7, 59, 60, 1000] {
        assert_eq!(all(&store, &query(limit)).await, rows, "limit {limit}");
    }
    let page = store.history(&query(60)).await.unwrap();
    assert_eq!(page.next, None, "nothing follows");
    assert_eq!(store.history(&query(0)).await.unwrap().rows.len(), 1);
}

async fn lines_that_come_in_the_meantime_do_not_move_a_page(place: Place) {
    let (store, rows) = filled(&place).await;
    let first = store.history(&query(10)).await.unwrap();
    let mut pen = place_pen(&store).await;
    let mut batch = pen.batch();
    let entry = Quill::of("zamora").received("P1", 1);
    let mut row = movement(&entry, MovementKind::Receipt, "P1", 1);
    row.sort_key = hybrid(1000);
    batch.movements = vec![row];
    store.commit(batch.clone().into()).await.unwrap();
    let mut second = query(10);
    second.after = first.next;
    assert_eq!(store.history(&second).await.unwrap().rows, rows[10..20]);
}

async fn place_pen(store: &Store) -> super::fixtures::Pen {
    let nonce = uuid::Uuid::now_v7();
    super::fixtures::Pen { incarnation: store.claim(nonce).await.unwrap(), nonce, batch: 0 }
}

async fn every_filter_leaves_what_it_names_alone_and_with_others(place: Place) {
    let (store, rows) = filled(&place).await;
    type Keeps = Box<dyn Fn(&MovementRow) -> bool>;
    let transfer = TransferId { origin: warehouse("sevilla"), seq: 7 };
    let wanted = transfer.clone();
    let filters: Vec<(Box<dyn Fn(&mut HistoryQuery)>, Keeps)> = vec![
        (Box::new(|q| q.sku = Some(sku("P2"))), Box::new(|r| r.sku == sku("P2"))),
        (Box::new(|q| q.warehouse = Some(madrid())), Box::new(|r| r.origin == madrid())),
        (Box::new(|q| q.kinds = vec![MovementKind::Count]), Box::new(|r| r.kind == MovementKind::Count)),
        (
            Box::new(|q| q.kinds = vec![MovementKind::Count, MovementKind::Receipt]),
            Box::new(|r| matches!(r.kind, MovementKind::Count | MovementKind::Receipt)),
        ),
        (Box::new(|q| q.operator = Some("o'Neil".into())), Box::new(|r| r.operator.as_str() == "o'Neil")),
        (
            Box::new(move |q| q.transfer = Some(transfer.clone())),
            Box::new(move |r| r.transfer.as_ref() == Some(&wanted)),
        ),
        (Box::new(|q| q.since_ms = Some(moment(3))), Box::new(|r| r.at_ms >= moment(3))),
        (Box::new(|q| q.until_ms = Some(moment(6))), Box::new(|r| r.at_ms < moment(6))),
        (Box::new(|q| q.text = Some("P1".into())), Box::new(|r| r.sku == sku("P1"))),
    ];
    for (i, (set, keeps)) in filters.iter().enumerate() {
        for (j, (set_too, keeps_too)) in filters.iter().enumerate() {
            let mut asked = query(4);
            set(&mut asked);
            let before = asked.clone();
            set_too(&mut asked);
            // Two values of one filter: the second replaces the first.
            let replaced = i != j && (i, j) != (2, 3) && (i, j) != (3, 2);
            let expected: Vec<_> =
                rows.iter().filter(|row| keeps_too(row) && (!replaced || keeps(row))).cloned().collect();
            assert_eq!(all(&store, &asked).await, expected, "{before:?} {asked:?}");
        }
    }
}

async fn a_text_is_found_in_any_field_whatever_its_case(place: Place) {
    let (store, rows) = filled(&place).await;
    let cases: [(&str, fn(&MovementRow) -> bool); 10] = [
        ("ñandú", |r| r.reference.contains("ÑANDÚ")),
        ("50%", |r| r.reference.contains("50%")),
        ("u_5", |_| false),
        ("Ú_5", |r| r.reference.contains("Ú_5")),
        ("ROTO", |r| r.reason == "roto"),
        ("l-ñ1", |r| !r.lot.is_none()),
        ("íÑIGO", |r| r.operator.as_str() == "Íñigo"),
        ("PIÑONES", |r| r.sku == sku("P2")),
        ("p", |_| true),
        ("not\0there", |_| false),
    ];
    for (text, keeps) in cases {
        let asked = HistoryQuery { text: Some(text.into()), ..query(7) };
        let expected: Vec<_> = rows.iter().filter(|row| keeps(row)).cloned().collect();
        assert_eq!(all(&store, &asked).await, expected, "{text}");
    }
}

async fn odd_bounds_are_no_errors(place: Place) {
    let (store, rows) = filled(&place).await;
    let everything = HistoryQuery { since_ms: Some(i64::MIN), until_ms: Some(i64::MAX), ..query(u32::MAX) };
    assert_eq!(all(&store, &everything).await, rows);
    let nothing = HistoryQuery { since_ms: Some(i64::MAX), ..query(5) };
    assert!(all(&store, &nothing).await.is_empty());
}

macro_rules! contract {
    ($($name:ident,)+) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::Place::sqlite()).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::Place::postgres()).await;
            })+
        }
    };
}

contract!(
    pages_of_any_size_give_every_line_once_newest_first,
    lines_that_come_in_the_meantime_do_not_move_a_page,
    every_filter_leaves_what_it_names_alone_and_with_others,
    a_text_is_found_in_any_field_whatever_its_case,
    odd_bounds_are_no_errors,
);
