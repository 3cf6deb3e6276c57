#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use super::*;
use crate::domain::{Product, ReorderRule};
use crate::ledger::book::{Dispatch, Mark, RequestStep, RuleState};
use crate::ledger::entry::{ArrivedLine, DispatchLine, EntryRef, Hash, RequestLine};
use crate::node::event::{CellView, RoadView};

fn id(text: &str) -> WarehouseId {
    WarehouseId::new(text).unwrap()
}

fn q(text: &str) -> Quantity {
    Quantity::parse(text, 3).unwrap()
}

fn lot(text: &str) -> Lot {
    Lot::new(text).unwrap()
}

fn sku(text: &str) -> Sku {
    Sku::new(text).unwrap()
}

fn product() -> ProductView {
    ProductView {
        product: Arc::new(Product {
            sku: sku("QUESO"),
            name: "Queso".into(),
            unit: "kg".into(),
            decimals: 3,
            barcodes: vec![],
            packs: vec![],
            category: String::new(),
            lot_tracked: true,
            retired: false,
        }),
        cells: vec![],
        rules: vec![],
        roads: vec![],
        issued_30d: vec![],
        points: Vec::new(),
        asked: Vec::new(),
        given_up: vec![],
        reservations: Vec::new(),
        expectations: Vec::new(),
    }
}

fn mark() -> Mark {
    Mark {
        entry: EntryRef { origin: id("madrid"), seq: 1, hash: Hash::ZERO },
        hlc: 1,
        rests_on: 0,
        sort_key: 1,
        at_ms: 0,
        operator: Operator::new("ana").unwrap(),
        text: String::new(),
    }
}

#[test]
fn stock_has_a_row_per_lot_and_warehouse_and_repeats_the_rule() {
    let cell = |warehouse, name, on_hand| CellView {
        warehouse: id(warehouse),
        lot: lot(name),
        expiry: NaiveDate::from_ymd_opt(2027, 1, 31),
        on_hand: q(on_hand),
        reserved: q("0.5"),
        counted_ms: None,
    };
    let view = ProductView {
        cells: vec![cell("madrid", "L1", "2.5"), cell("madrid", "L2", "10")],
        rules: vec![(
            id("madrid"),
            RuleState {
                rule: ReorderRule { reorder_point: Some(q("0")), ..ReorderRule::default() },
                shelf: "A-1".into(),
            },
        )],
        roads: vec![RoadView {
            transfer: "madrid:4".parse().unwrap(),
            from: id("madrid"),
            to: id("sevilla"),
            lot: lot("L1"),
            qty: q("4"),
        }],
        issued_30d: vec![(id("madrid"), q("30"))],
        points: Vec::new(),
        asked: Vec::new(),
        ..product()
    };
    let rows = stock_rows(&view, &id("madrid"), &heard(&id("madrid"), &[], 1_500));
    let rows = serde_json::to_value(rows).unwrap();
    assert_eq!(
        rows[0],
        serde_json::json!({
            "sku": "QUESO", "name": "Queso", "lot": "L1", "expiry": "2027-01-31", "warehouse": "madrid",
            "retired": false, "shelf": "A-1", "on_hand": 2.5, "reserved": 0.5, "available": 2, "in_transit": 0,
            "reorder_point": 0, "position": 11.5, "days_of_cover": 11.5,
            "as_of": "1970-01-01T00:00:01.500Z", "reachable": true, "given_up": 0
        })
    );
    assert_eq!(rows[1]["lot"], "L2");
    let on_its_way = &rows[2];
    assert_eq!(on_its_way["warehouse"], "sevilla");
    assert_eq!(on_its_way["in_transit"], 4);
    assert_eq!(on_its_way["on_hand"], 0);
    assert_eq!(on_its_way["expiry"], "2027-01-31");
    assert!(on_its_way["as_of"].is_null() && on_its_way["days_of_cover"].is_null());
    assert_eq!(on_its_way["reachable"], false);
    assert_eq!(rows.as_array().unwrap().len(), 3);
}

#[test]
fn what_was_given_up_stands_apart_and_counts_in_no_other_figure() {
    let cell = |warehouse, on_hand| CellView {
        warehouse: id(warehouse),
        lot: lot("L1"),
        expiry: None,
        on_hand: q(on_hand),
        reserved: Quantity::ZERO,
        counted_ms: None,
    };
    let road = |transfer: &str, from, to, qty| RoadView {
        transfer: transfer.parse().unwrap(),
        from: id(from),
        to: id(to),
        lot: lot("L1"),
        qty: q(qty),
    };
    let view = ProductView {
        cells: vec![cell("madrid", "10"), cell("sevilla", "7")],
        roads: vec![road("sevilla:4", "sevilla", "madrid", "3"), road("madrid:5", "madrid", "sevilla", "2")],
        given_up: vec![id("sevilla")],
        ..product()
    };
    // What the source can take back is on the road as before.
    assert_eq!((view.total(), view.in_transit(), view.lost(&id("sevilla"))), (q("12"), q("2"), q("10")));
    assert_eq!((view.available(&id("sevilla")), view.position(&id("madrid"))), (Quantity::ZERO, q("10")));
    let rows = stock_rows(&view, &id("madrid"), &BTreeMap::new());
    let figures: Vec<_> = rows
        .iter()
        .map(|r| (r.warehouse.as_str(), r.on_hand, r.available, r.in_transit, r.position, r.given_up))
        .collect();
    let zero = Quantity::ZERO;
    assert_eq!(
        figures,
        [("madrid", q("10"), q("10"), zero, q("10"), zero), ("sevilla", zero, zero, q("2"), q("2"), q("10")),]
    );
}

#[test]
fn a_product_that_is_nowhere_has_a_row_at_zero_and_a_retired_one_has_none() {
    let rows = stock_rows(&product(), &id("madrid"), &BTreeMap::new());
    assert_eq!(rows.len(), 1);
    assert!(rows[0].on_hand.is_zero() && rows[0].lot.is_none());
    let mut retired = product();
    Arc::make_mut(&mut retired.product).retired = true;
    assert!(stock_rows(&retired, &id("madrid"), &BTreeMap::new()).is_empty());
}

fn transfer() -> Transfer {
    let asked = |name, wanted, qty| RequestLine { sku: sku(name), lot: lot(wanted), qty: q(qty) };
    Transfer {
        id: "sevilla:9".parse().unwrap(),
        from: id("madrid"),
        to: id("sevilla"),
        request: Some(RequestStep {
            mark: mark(),
            lines: vec![asked("A", "", "10"), asked("A", "L9", "1"), asked("B", "", "5")],
            fences: vec![],
            renews: None,
        }),
        withdrawal: None,
        decline: None,
        dispatch: None,
        receipt: None,
        rejection: None,
        returned: None,
    }
}

#[test]
fn a_request_shows_what_was_asked_for_and_nothing_else_yet() {
    let row = TransferRow::of(&transfer());
    assert_eq!(row.state, TransferState::Requested);
    let row = serde_json::to_value(row).unwrap();
    assert_eq!(
        row["lines"][0],
        serde_json::json!({
            "sku": "A", "lot": null, "requested": 10, "dispatched": null, "received": null, "returned": null,
            "shortage": null, "reason": null
        })
    );
}

#[test]
fn dispatched_lots_stand_beside_what_was_asked_and_shortages_beside_what_came() {
    let sent = |name, code, qty| DispatchLine { sku: sku(name), lot: lot(code), expiry: None, qty: q(qty) };
    let came = |arrived, short, reason| ArrivedLine {
        sku: sku("A"),
        lot: Lot::none(),
        expiry: None,
        arrived: q(arrived),
        short: q(short),
        reason,
    };
    let received = Transfer {
        dispatch: Some(Dispatch {
            mark: mark(),
            lines: vec![sent("A", "L1", "6"), sent("A", "L2", "4"), sent("A", "L9", "1")],
        }),
        receipt: Some(Arrival {
            mark: mark(),
            lines: vec![
                came("6", "0", None),
                came("3.5", "0.5", Some(ShortageReason::Damaged)),
                came("1", "0", None),
            ],
        }),
        ..transfer()
    };
    let row = TransferRow::of(&Arc::new(received));
    assert_eq!(row.state, TransferState::Received);
    let lines: Vec<_> = row
        .lines
        .iter()
        .map(|l| (l.sku.as_str(), l.requested, l.dispatched, l.received, l.shortage))
        .collect();
    assert_eq!(
        lines,
        [
            ("A", Some(q("10")), Some(q("6")), Some(q("6")), Some(q("0"))),
            ("A", None, Some(q("4")), Some(q("3.5")), Some(q("0.5"))),
            ("A", Some(q("1")), Some(q("1")), Some(q("1")), Some(q("0"))),
            ("B", Some(q("5")), Some(q("0")), None, None),
        ]
    );
    assert_eq!(row.lines[1].reason, Some(ShortageReason::Damaged));
}

#[test]
fn the_order_of_movements_is_text_that_sorts() {
    let row = MovementRow {
        origin: id("madrid"),
        seq: 42,
        line: 0,
        kind: MovementKind::TransferDispatched,
        sku: sku("A"),
        lot: Lot::none(),
        qty: q("-4"),
        shortage: Quantity::ZERO,
        sort_key: 255,
        at_ms: 0,
        hlc: 3,
        operator: Operator::new("ana").unwrap(),
        reason: String::new(),
        reference: "pedido 8812".into(),
        transfer: Some("madrid:42".parse().unwrap()),
        other: Some(id("sevilla")),
        reverses: None,
    };
    assert_eq!(
        serde_json::to_value(HistoryRow::of(&row)).unwrap(),
        serde_json::json!({
            "entry": "madrid:42", "kind": "transfer_dispatched", "sku": "A", "lot": null, "qty": -4,
            "warehouse": "madrid", "at": "1970-01-01T00:00:00.000Z", "hlc": "00000000000000ff", "operator": "ana",
            "reason": null, "ref": "pedido 8812", "transfer": "madrid:42"
        })
    );
}
