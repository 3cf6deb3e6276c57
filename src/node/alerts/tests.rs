#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use super::*;
use crate::domain::reorder::ServiceLevel;
use crate::domain::{Lot, Operator, Product, ReorderRule, ShortageReason};
use crate::ledger::book::{Arrival, Dispatch, Mark, RequestStep, RuleState};
use crate::ledger::entry::{ArrivedLine, DispatchLine, EntryRef, Hash};
use crate::node::event::{AskedView, CellView, ClockView, RoadView, Standing};
use crate::node::views::Issued;
use crate::store::Demand;

const DAY_MS: i64 = 86_400_000;

fn id(text: &str) -> WarehouseId {
    WarehouseId::new(text).unwrap()
}

fn units(n: i64) -> Quantity {
    Quantity::units(n).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn moment() -> Moment {
    Moment { wall_ms: 20_000 * DAY_MS, today: day("2026-11-24") }
}

fn nobody(_: &str) -> Option<(String, i64)> {
    None
}

fn product(sku: &str) -> Product {
    Product {
        sku: Sku::new(sku).unwrap(),
        name: "gloves".into(),
        unit: "ud".into(),
        decimals: 0,
        barcodes: vec![],
        packs: vec![],
        category: String::new(),
        lot_tracked: false,
        retired: false,
    }
}

fn view(sku: &str) -> ProductView {
    ProductView {
        product: product(sku).into(),
        cells: vec![],
        rules: vec![],
        roads: vec![],
        issued_30d: vec![],
        points: Vec::new(),
        asked: Vec::new(),
        given_up: Vec::new(),
        reservations: Vec::new(),
        expectations: Vec::new(),
    }
}

fn cell(warehouse: &str, lot: &str, on_hand: i64, expiry: Option<&str>) -> CellView {
    CellView {
        warehouse: id(warehouse),
        lot: Lot::new(lot).unwrap(),
        expiry: expiry.map(day),
        on_hand: units(on_hand),
        reserved: Quantity::ZERO,
        counted_ms: None,
    }
}

fn rule(warehouse: &str, point: i64, maximum: Option<i64>) -> (WarehouseId, RuleState) {
    let rule = ReorderRule {
        reorder_point: Some(units(point)),
        maximum: maximum.map(units),
        ..ReorderRule::default()
    };
    (id(warehouse), RuleState { rule, shelf: String::new() })
}

fn words(alerts: &Alerts) -> Vec<&'static str> {
    alerts.list().iter().map(|alert| alert.what.word()).collect()
}

fn derive(view: &ProductView) -> Alerts {
    let mut alerts = Alerts::new(id("madrid"));
    alerts.product(view, moment(), &nobody);
    alerts
}

#[test]
fn low_stock_is_raised_at_the_point_and_clears_itself_above_it() {
    let mut gloves = view("GLOVES");
    gloves.rules = vec![rule("madrid", 10, None)];
    gloves.cells = vec![cell("madrid", "", 10, None)];
    let mut alerts = derive(&gloves);
    assert_eq!(words(&alerts), ["low_stock"]);
    gloves.cells[0].on_hand = units(11);
    alerts.product(&gloves, moment(), &nobody);
    assert_eq!(words(&alerts), [""; 0]);
}

#[test]
fn goods_on_the_road_to_us_count_for_the_point_and_those_of_others_do_not() {
    let mut gloves = view("GLOVES");
    gloves.rules = vec![rule("madrid", 10, None)];
    gloves.cells = vec![cell("madrid", "", 5, None), cell("sevilla", "", 900, None)];
    assert_eq!(words(&derive(&gloves)), ["low_stock"]);
    gloves.roads = vec![RoadView {
        transfer: "sevilla:3".parse().unwrap(),
        from: id("sevilla"),
        to: id("madrid"),
        lot: Lot::none(),
        qty: units(6),
    }];
    assert_eq!(words(&derive(&gloves)), [""; 0]);
}

#[test]
fn a_minimum_of_zero_and_a_stock_of_zero_are_values_and_not_missing() {
    let mut gloves = view("GLOVES");
    gloves.rules = vec![rule("madrid", 0, None)];
    assert_eq!(words(&derive(&gloves)), ["out_of_stock", "low_stock"], "no cell at all");
    gloves.cells = vec![cell("madrid", "", 0, None)];
    assert_eq!(words(&derive(&gloves)), ["out_of_stock", "low_stock"]);
    gloves.cells[0].on_hand = units(1);
    assert_eq!(words(&derive(&gloves)), [""; 0]);
}

#[test]
fn a_product_without_a_rule_here_is_not_reported_nor_is_a_retired_one() {
    let mut gloves = view("GLOVES");
    gloves.cells = vec![cell("madrid", "", 0, None)];
    gloves.rules = vec![rule("sevilla", 5, None)];
    assert_eq!(words(&derive(&gloves)), [""; 0]);
    let shelf_only = RuleState { rule: ReorderRule::default(), shelf: "A-1".into() };
    gloves.rules = vec![(id("madrid"), shelf_only)];
    assert_eq!(words(&derive(&gloves)), [""; 0]);
    gloves.rules = vec![rule("madrid", 5, None)];
    Arc::make_mut(&mut gloves.product).retired = true;
    assert_eq!(words(&derive(&gloves)), [""; 0]);
}

#[test]
fn the_suggestion_takes_from_the_longest_cover_first_and_leaves_each_above_its_own_point() {
    let mut gloves = view("GLOVES");
    gloves.rules = vec![rule("madrid", 10, Some(100)), rule("sevilla", 20, None), rule("bilbao", 50, None)];
    gloves.cells = vec![
        cell("madrid", "", 4, None),
        cell("sevilla", "", 80, None),
        cell("bilbao", "", 50, None),
        cell("vigo", "", 90, None),
    ];
    gloves.issued_30d = vec![(id("vigo"), units(300)), (id("sevilla"), units(10))];
    let AlertKind::LowStock { order, from, .. } = derive(&gloves).list()[0].what.clone() else {
        unreachable!("low stock is the only alert");
    };
    assert_eq!(order, units(96));
    assert_eq!(from, [(id("sevilla"), units(59)), (id("vigo"), units(37))]);
}

#[test]
fn lots_expire_by_the_calendar_and_only_where_there_is_something_of_them_here() {
    let mut serum = view("SERUM");
    serum.cells = vec![
        cell("madrid", "A", 3, Some("2026-11-23")),
        cell("madrid", "B", 3, Some("2026-11-24")),
        cell("madrid", "C", 3, Some("2026-12-24")),
        cell("madrid", "D", 3, Some("2026-12-25")),
        cell("madrid", "E", 0, Some("2026-11-01")),
        cell("sevilla", "F", 3, Some("2026-11-01")),
    ];
    let mut alerts = derive(&serum);
    let ids: Vec<String> = alerts.list().into_iter().map(|alert| alert.id).collect();
    assert_eq!(
        ids,
        ["lot_expired:madrid:SERUM:A", "lot_expiring:madrid:SERUM:B", "lot_expiring:madrid:SERUM:C"]
    );
    let next = Moment { today: day("2026-11-25"), ..moment() };
    alerts.product(&serum, next, &nobody);
    assert_eq!(words(&alerts), ["lot_expired", "lot_expired", "lot_expiring", "lot_expiring"]);
}

fn mark(at_ms: i64) -> Mark {
    Mark {
        entry: EntryRef { origin: id("madrid"), seq: 4, hash: Hash::ZERO },
        hlc: 1,
        rests_on: 0,
        sort_key: 0,
        at_ms,
        operator: Operator::new("ana").unwrap(),
        text: String::new(),
    }
}

fn transfer(from: &str, to: &str) -> Transfer {
    Transfer {
        id: "madrid:4".parse().unwrap(),
        from: id(from),
        to: id(to),
        request: None,
        withdrawal: None,
        decline: None,
        dispatch: None,
        receipt: None,
        rejection: None,
        returned: None,
    }
}

fn dispatched(from: &str, to: &str, at_ms: i64) -> Transfer {
    let line =
        DispatchLine { sku: Sku::new("GLOVES").unwrap(), lot: Lot::none(), expiry: None, qty: units(6) };
    let dispatch = Dispatch { mark: mark(at_ms), lines: vec![line] };
    Transfer { dispatch: Some(dispatch), ..transfer(from, to) }
}

fn received_short(from: &str, to: &str) -> Transfer {
    let line = ArrivedLine {
        sku: Sku::new("GLOVES").unwrap(),
        lot: Lot::none(),
        expiry: None,
        arrived: units(4),
        short: units(2),
        reason: Some(ShortageReason::Damaged),
    };
    let receipt = Arrival { mark: mark(0), lines: vec![line] };
    Transfer { receipt: Some(receipt), ..dispatched(from, to, 0) }
}

#[test]
fn a_transfer_is_overdue_after_a_day_at_both_ends_and_at_no_third_one() {
    let sent = dispatched("madrid", "sevilla", moment().wall_ms - DAY_MS + 1);
    for (me, concerned) in [("madrid", true), ("sevilla", true), ("bilbao", false)] {
        let mut alerts = Alerts::new(id(me));
        alerts.transfer(&sent, moment(), &nobody);
        assert_eq!(words(&alerts), [""; 0], "{me}: not yet");
        let later = Moment { wall_ms: moment().wall_ms + 1, ..moment() };
        let due = alerts.overdue(later);
        assert_eq!(due.len(), usize::from(concerned), "{me}");
        if concerned {
            alerts.transfer(&sent, later, &nobody);
            assert_eq!(words(&alerts), ["transfer_overdue"], "{me}");
            assert!(alerts.overdue(later).is_empty(), "it is reported once");
            alerts.transfer(&received_short("madrid", "sevilla"), later, &nobody);
            assert!(!words(&alerts).contains(&"transfer_overdue"), "{me}");
        }
    }
}

#[test]
fn a_request_waits_at_its_source_until_it_is_answered() {
    let asked = Transfer {
        request: Some(RequestStep { mark: mark(5), lines: vec![], fences: vec![], renews: None }),
        ..transfer("madrid", "sevilla")
    };
    let mut alerts = Alerts::new(id("madrid"));
    alerts.transfer(&asked, moment(), &nobody);
    assert_eq!(words(&alerts), ["request_waiting"]);
    let declined = Transfer { decline: Some(mark(6)), ..asked.clone() };
    alerts.transfer(&declined, moment(), &nobody);
    assert_eq!(words(&alerts), [""; 0]);
    let mut requester = Alerts::new(id("sevilla"));
    requester.transfer(&asked, moment(), &nobody);
    assert_eq!(words(&requester), [""; 0]);
}

#[test]
fn what_came_in_short_is_told_to_its_sender_until_somebody_has_seen_it() {
    let short = received_short("madrid", "sevilla");
    let mut alerts = Alerts::new(id("madrid"));
    alerts.started();
    alerts.transfer(&short, moment(), &nobody);
    let AlertKind::Discrepancy { short: lines, .. } = alerts.list()[0].what.clone() else {
        unreachable!("a discrepancy is the only alert");
    };
    assert_eq!(lines, [(Sku::new("GLOVES").unwrap(), units(2), "damaged".to_owned())]);
    let seen =
        |id: &str| (id == "discrepancy:madrid:madrid:4").then(|| ("ana".to_owned(), moment().wall_ms + 5));
    alerts.acknowledged(&seen);
    assert_eq!(words(&alerts), [""; 0]);
    alerts.transfer(&short, moment(), &seen);
    assert_eq!(words(&alerts), [""; 0], "and it stays away");
    let mut receiver = Alerts::new(id("sevilla"));
    receiver.transfer(&short, moment(), &nobody);
    assert_eq!(words(&receiver), [""; 0]);
}

#[test]
fn an_acknowledged_alert_says_by_whom_and_is_new_when_it_is_raised_again() {
    let mut gloves = view("GLOVES");
    gloves.rules = vec![rule("madrid", 10, None)];
    gloves.cells = vec![cell("madrid", "", 5, None)];
    let seen = |_: &str| Some(("ana".to_owned(), moment().wall_ms + 5));
    let mut alerts = derive(&gloves);
    alerts.started();
    alerts.acknowledged(&seen);
    assert_eq!(alerts.list()[0].acknowledged_by.as_deref(), Some("ana"));
    gloves.cells[0].on_hand = units(50);
    alerts.product(&gloves, moment(), &seen);
    gloves.cells[0].on_hand = units(5);
    let later = Moment { wall_ms: moment().wall_ms + 60_000, ..moment() };
    alerts.product(&gloves, later, &seen);
    assert_eq!(alerts.list()[0].acknowledged_by, None);
}

#[test]
fn messages_that_are_not_understood_are_reported_as_long_as_they_come() {
    let mut alerts = Alerts::new(id("madrid"));
    alerts.messages(Some((9, None)), moment(), &nobody);
    assert_eq!(words(&alerts), ["unreadable_messages"]);
    alerts.messages(None, moment(), &nobody);
    assert_eq!(words(&alerts), [""; 0]);
}

#[test]
fn who_does_not_belong_to_the_network_raises_no_alert_of_its_clock() {
    let mut alerts = Alerts::new(id("madrid"));
    let stranger = PeerView { standing: Standing::Stranger, ..peer(PeerState::Alive, Some(9e9)) };
    alerts.peers(&[stranger], moment(), &nobody);
    assert_eq!(words(&alerts), [""; 0]);
    alerts.peers(&[peer(PeerState::Alive, Some(9e9))], moment(), &nobody);
    assert_eq!(words(&alerts), ["clock"]);
}

#[test]
fn two_products_with_one_barcode_are_reported_until_one_lets_go_of_it() {
    let gtin: Gtin = "5901234123457".parse().unwrap();
    let mut first = view("GLOVES");
    Arc::make_mut(&mut first.product).barcodes = vec![gtin];
    let mut second = view("MASKS");
    Arc::make_mut(&mut second.product).barcodes = vec![gtin];
    let mut alerts = derive(&first);
    assert_eq!(words(&alerts), [""; 0]);
    alerts.product(&second, moment(), &nobody);
    assert_eq!(words(&alerts), ["product_conflict"]);
    Arc::make_mut(&mut first.product).barcodes.clear();
    alerts.product(&first, moment(), &nobody);
    assert_eq!(words(&alerts), [""; 0]);
}

fn peer(state: PeerState, offset_ms: Option<f64>) -> PeerView {
    PeerView {
        id: id("sevilla"),
        standing: Standing::Member,
        state,
        rtt_ms: Some(2.0),
        offset_ms,
        error_ms: Some(1.0),
        lag_entries: 0,
        has_ours: 0,
        applied: 0,
        last_seen_ms: Some(7),
        quarantine: None,
    }
}

#[test]
fn a_silent_peer_and_a_wrong_clock_are_reported_and_clear_when_they_are_well_again() {
    let mut alerts = Alerts::new(id("madrid"));
    alerts.peers(&[peer(PeerState::Suspect, Some(1_900.0))], moment(), &nobody);
    assert_eq!(words(&alerts), [""; 0]);
    alerts.peers(&[peer(PeerState::Down, Some(-3_000.0))], moment(), &nobody);
    assert_eq!(words(&alerts), ["peer_down", "clock"]);
    alerts.peers(&[peer(PeerState::Alive, Some(0.3))], moment(), &nobody);
    assert_eq!(words(&alerts), [""; 0]);
}

#[test]
fn the_own_clock_is_reported_when_the_others_outvote_it() {
    let off = |offset_ms, error_ms| ClockView { offset_ms, error_ms, synchronised: true };
    let mut alerts = Alerts::new(id("madrid"));
    alerts.own_clock(off(-1_500, Some(500)), moment(), &nobody);
    assert_eq!(words(&alerts), [""; 0]);
    alerts.own_clock(off(10_800_000, None), moment(), &nobody);
    assert_eq!(words(&alerts), [""; 0], "nobody says so");
    alerts.own_clock(off(10_800_000, Some(500)), moment(), &nobody);
    alerts.own_clock(off(10_800_040, Some(510)), moment(), &nobody);
    let AlertKind::Clock { peer, offset_ms } = alerts.list()[0].what.clone() else {
        unreachable!("the clock's alert is the only one");
    };
    assert_eq!((peer, offset_ms), (id("madrid"), 10_800_000));
    alerts.own_clock(off(2, Some(500)), moment(), &nobody);
    assert_eq!(words(&alerts), [""; 0]);
}

#[test]
fn the_store_the_bus_and_forked_ledgers_are_reported() {
    let link = |up| LinkView { kind: "SQLite".into(), up, trouble: None };
    let mut alerts = Alerts::new(id("madrid"));
    alerts.links(&link(false), &link(false), moment(), &nobody);
    assert_eq!(words(&alerts), ["store_down", "bus_down"]);
    let sevilla = id("sevilla");
    alerts.ledgers([(&sevilla, "two of 7")].into_iter(), std::iter::empty(), moment(), &nobody);
    alerts.links(&link(true), &link(true), moment(), &nobody);
    assert_eq!(words(&alerts), ["ledger_fork"]);
}

#[test]
fn a_ledger_that_this_version_cannot_read_on_is_told_and_clears_when_it_can() {
    let sevilla = id("sevilla");
    let mut alerts = Alerts::new(id("madrid"));
    alerts.ledgers(std::iter::empty(), [&sevilla].into_iter(), moment(), &nobody);
    assert_eq!(words(&alerts), ["newer_ledger"]);
    alerts.ledgers(std::iter::empty(), std::iter::empty(), moment(), &nobody);
    assert_eq!(words(&alerts), [""; 0]);
}

#[test]
fn a_computed_point_raises_low_stock_and_a_fixed_one_overrides_it() {
    let mut gloves = view("GLOVES");
    gloves.rules = vec![(id("madrid"), RuleState { rule: computing(), shelf: String::new() })];
    gloves.cells = vec![cell("madrid", "", 30, None)];
    assert_eq!(words(&derive(&gloves)), [""; 0], "nothing is known of the demand");
    gloves.points = vec![(id("madrid"), units(30)), (id("sevilla"), units(900))];
    let AlertKind::LowStock { reorder_point, order, .. } = derive(&gloves).list()[0].what.clone() else {
        unreachable!("low stock is the only alert");
    };
    assert_eq!((reorder_point, order), (units(30), units(1)));
    gloves.rules[0].1.rule.reorder_point = Some(units(29));
    assert_eq!(words(&derive(&gloves)), [""; 0]);
}

#[test]
fn what_is_asked_of_a_source_is_not_proposed_again_nor_what_we_asked_for_ourselves() {
    let mut gloves = view("GLOVES");
    gloves.rules = vec![rule("madrid", 10, Some(100)), rule("sevilla", 20, None)];
    gloves.cells = vec![cell("madrid", "", 4, None), cell("sevilla", "", 80, None)];
    let asked = |to, qty| AskedView { from: id("sevilla"), to: id(to), qty: units(qty) };
    gloves.asked = vec![asked("vigo", 40), asked("madrid", 9)];
    let AlertKind::LowStock { order, from, .. } = derive(&gloves).list()[0].what.clone() else {
        unreachable!("low stock is the only alert");
    };
    assert_eq!((order, from), (units(87), vec![(id("sevilla"), units(10))]));
    gloves.asked = vec![asked("madrid", 96)];
    let AlertKind::LowStock { order, from, .. } = derive(&gloves).list()[0].what.clone() else {
        unreachable!("it is low until the goods are on the road");
    };
    assert_eq!((order, from), (Quantity::ZERO, vec![]));
}

fn computing() -> ReorderRule {
    ReorderRule { service_level: Some(ServiceLevel::P95), lead_time_days: Some(7), ..ReorderRule::default() }
}

#[test]
fn points_are_computed_from_the_thirty_days_before_today() {
    // 3 and 1 in turn for 30 days, then 500 today.
    let squares = 15.0 * 9e6 + 15.0 * 1e6 + 500e3_f64.powi(2);
    let sums = |issued, today, first| Demand {
        warehouse: id("madrid"),
        sku: Sku::new("GLOVES").unwrap(),
        issued: units(issued),
        squares,
        today: units(today),
        first: units(first),
    };
    let issued = Issued::new(vec![sums(560, 500, 3)]);
    assert_eq!(issued.of(&Sku::new("GLOVES").unwrap()), [(id("madrid"), units(557))]);
    let state = |rule| RuleState { rule, shelf: String::new() };
    let fixed = ReorderRule { reorder_point: Some(units(5)), ..computing() };
    let rules =
        [(id("madrid"), state(computing())), (id("sevilla"), state(fixed)), (id("vigo"), state(computing()))];
    // d = 2, σd = 1.017, so 14 + 1.645 · √(7 · 1.034) = 18.4.
    let points = issued.points(&product("GLOVES"), &rules);
    assert_eq!(points, [(id("madrid"), units(18)), (id("vigo"), Quantity::ZERO)]);
}

#[test]
fn a_digest_that_differs_from_what_is_known_here_is_reported_with_snapshot_and_warehouse() {
    let mut alerts = Alerts::new(id("madrid"));
    let marker = |claimed: &[u8]| crate::protocol::snapshot::Marker {
        at: crate::ledger::Head::EMPTY,
        cut: BTreeMap::new(),
        claimed: Hash::of(claimed),
        computed: Hash::of(b"here"),
    };
    let snapshot = |claimed: &[u8]| Snapshot {
        id: "madrid:7".parse().unwrap(),
        begun: EntryRef { origin: id("madrid"), seq: 7, hash: Hash::ZERO },
        begun_ms: 0,
        operator: Operator::new("ana").unwrap(),
        expected: BTreeSet::new(),
        markers: [(id("madrid"), marker(b"here")), (id("sevilla"), marker(claimed))].into(),
        closed: None,
    };
    alerts.snapshot(&snapshot(b"here"), moment(), &nobody);
    assert!(alerts.list().is_empty());
    alerts.snapshot(&snapshot(b"there"), moment(), &nobody);
    let told: Vec<_> = alerts.list().into_iter().map(|alert| alert.what).collect();
    let snapshot = "madrid:7".parse().unwrap();
    assert_eq!(told, [AlertKind::SnapshotDigest { snapshot, peer: id("sevilla") }]);
}
