//! A small network to look at: madrid, with sevilla alive and valencia not heard of for four minutes.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate};
use rubentario::domain::gtin::Gtin;
use rubentario::domain::{
    Alert, AlertKind, Lot, MovementKind, Pack, Product, Quantity, ReorderRule, ShortageReason, Sku,
    TransferId, WarehouseId,
};
use rubentario::ledger::MovementRow;
use rubentario::ledger::book::{
    Arrival, Dispatch, Expectation, Mark, RequestStep, Reservation, RuleState, Transfer,
};
use rubentario::ledger::entry::{ArrivedLine, DispatchLine, EntryRef, Hash, RequestLine};
use rubentario::node::event::{
    CellView, ClockView, LinkView, PeerState, PeerView, Picture, ProductView, RoadView, RosterStatus,
    Standing, Status,
};

pub const GLOVES_CODE: &str = "5901234123457";
pub const CARTON_CODE: &str = "20611628936004";

/// 17 May 2026, 14:03:19 UTC.
pub fn now_ms() -> i64 {
    DateTime::parse_from_rfc3339("2026-05-17T14:03:19Z").unwrap().timestamp_millis()
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

pub fn q(units: i64) -> Quantity {
    Quantity::units(units).unwrap()
}

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).unwrap()
}

pub fn sku(text: &str) -> Sku {
    Sku::new(text).unwrap()
}

fn place(text: &str) -> WarehouseId {
    WarehouseId::new(text).unwrap()
}

pub fn id(text: &str) -> TransferId {
    text.parse().unwrap()
}

fn link(kind: &str) -> LinkView {
    LinkView { kind: kind.into(), up: true, trouble: None }
}

pub fn status() -> Status {
    Status {
        version: "0.1.0".into(),
        warehouse: place("madrid"),
        name: "Madrid centro".into(),
        cluster: "acme".into(),
        pid: 1,
        incarnation: 1,
        recorded: 44,
        published: 44,
        seen_by_all: 41,
        joined: true,
        joining: false,
        recovering: false,
        recovery: None,
        catching_up: None,
        awaited: Vec::new(),
        once_recorded: None,
        attached: 0,
        stopped: None,
        store: link("PostgreSQL"),
        bus: link("RabbitMQ"),
        dropped_messages: 0,
        refused: rubentario::protocol::Refusals::default(),
        dead_letters: 0,
        roster: RosterStatus::default(),
        refused_markers: 0,
        clock: ClockView { offset_ms: -1, error_ms: Some(2), synchronised: true },
    }
}

fn peers() -> Vec<PeerView> {
    let sevilla = PeerView {
        id: place("sevilla"),
        standing: Standing::Member,
        state: PeerState::Alive,
        rtt_ms: Some(3.1),
        offset_ms: Some(1.2),
        error_ms: Some(2.0),
        lag_entries: 0,
        has_ours: 44,
        applied: 120,
        last_seen_ms: Some(now_ms() - 900),
        quarantine: None,
    };
    let valencia = PeerView {
        id: place("valencia"),
        standing: Standing::Member,
        state: PeerState::Down,
        rtt_ms: Some(8.0),
        offset_ms: Some(-4.0),
        error_ms: Some(3.0),
        lag_entries: 3,
        has_ours: 41,
        applied: 77,
        last_seen_ms: Some(now_ms() - 4 * MINUTE - 20_000),
        quarantine: None,
    };
    vec![sevilla, valencia]
}

fn cell(warehouse: &str, lot: &str, expiry: Option<NaiveDate>, on_hand: i64, reserved: i64) -> CellView {
    CellView {
        warehouse: place(warehouse),
        lot: Lot::new(lot).unwrap(),
        expiry,
        on_hand: q(on_hand),
        reserved: q(reserved),
        counted_ms: None,
    }
}

fn product(sku_text: &str, name: &str, category: &str) -> Product {
    Product {
        sku: sku(sku_text),
        name: name.into(),
        unit: "ud".into(),
        decimals: 0,
        barcodes: Vec::new(),
        packs: Vec::new(),
        category: category.into(),
        lot_tracked: false,
        retired: false,
    }
}

fn view(product: Product, cells: Vec<CellView>) -> ProductView {
    ProductView {
        product: product.into(),
        cells,
        rules: Vec::new(),
        roads: Vec::new(),
        issued_30d: Vec::new(),
        points: Vec::new(),
        asked: Vec::new(),
        given_up: Vec::new(),
        reservations: Vec::new(),
        expectations: Vec::new(),
    }
}

fn reserved(
    name: &str,
    sku_text: &str,
    lot: &str,
    qty: i64,
    purpose: &str,
    until: Option<NaiveDate>,
) -> Reservation {
    Reservation {
        id: id(name),
        sku: sku(sku_text),
        lot: Lot::new(lot).unwrap(),
        qty: q(qty),
        issued: Quantity::ZERO,
        released: Quantity::ZERO,
        cut: None,
        purpose: purpose.into(),
        until,
        closed: false,
    }
}

fn ordered(
    name: &str,
    sku_text: &str,
    (qty, received): (i64, i64),
    due: NaiveDate,
    reference: &str,
) -> Expectation {
    Expectation {
        id: id(name),
        sku: sku(sku_text),
        qty: q(qty),
        received: q(received),
        due,
        reference: reference.into(),
        closed: false,
    }
}

fn rule(point: i64, maximum: i64, shelf: &str) -> RuleState {
    RuleState {
        rule: ReorderRule {
            reorder_point: Some(q(point)),
            maximum: Some(q(maximum)),
            multiple: Some(q(12)),
            lead_time_days: Some(5),
            ..ReorderRule::default()
        },
        shelf: shelf.into(),
    }
}

pub fn products() -> Vec<ProductView> {
    let everywhere = |here, sevilla, valencia| {
        vec![
            cell("madrid", "", None, here, 0),
            cell("sevilla", "", None, sevilla, 0),
            cell("valencia", "", None, valencia, 0),
        ]
    };
    let mut medium = view(
        Product {
            barcodes: vec![Gtin::parse(GLOVES_CODE).unwrap()],
            packs: vec![Pack { size: q(12), barcode: Some(Gtin::parse(CARTON_CODE).unwrap()) }],
            ..product("GU-NIT-M", "Guante nitrilo M", "Guantes")
        },
        everywhere(1_120, 40, 0),
    );
    medium.rules = vec![(place("madrid"), rule(50, 1_200, "A-03-2"))];
    medium.issued_30d = vec![(place("madrid"), q(930)), (place("sevilla"), q(12))];
    medium.roads = vec![RoadView {
        transfer: id("sevilla:117"),
        from: place("sevilla"),
        to: place("madrid"),
        lot: Lot::none(),
        qty: q(12),
    }];
    medium.expectations =
        vec![ordered("madrid:37", "GU-NIT-M", (60, 0), day(2026, 5, 20), "Proveedor Sur 771")];
    let mut large = view(product("GU-NIT-L", "Guante nitrilo L", "Guantes"), everywhere(18, 0, 64));
    large.rules = vec![(place("madrid"), rule(50, 100, "A-03-3"))];
    large.issued_30d = vec![(place("madrid"), q(108))];
    let mut small = view(product("GU-LAT-S", "Guante látex S", "Guantes"), everywhere(0, 210, 33));
    small.cells[1].reserved = q(10);
    small.reservations = vec![reserved("sevilla:77", "GU-LAT-S", "", 10, "Hospital Macarena", None)];
    small.expectations = vec![ordered("madrid:33", "GU-LAT-S", (40, 10), day(2026, 5, 12), "Látex Norte 90")];
    small.rules = vec![(place("madrid"), rule(20, 60, "A-04-1"))];
    let mut serum = view(
        Product { lot_tracked: true, ..product("SU-FIS-500", "Suero fisiológico 500 ml", "Farmacia") },
        vec![
            cell("madrid", "L-VIEJO", Some(day(2026, 4, 30)), 5, 0),
            cell("madrid", "L-PRONTO", Some(day(2026, 5, 31)), 4, 2),
            cell("madrid", "L-NUEVO", Some(day(2027, 3, 31)), 10, 0),
        ],
    );
    serum.reservations = vec![reserved("madrid:39", "SU-FIS-500", "L-PRONTO", 2, "Marta Ruiz", None)];
    let mut flour = view(
        Product { unit: "kg".into(), decimals: 2, ..product("HA-TRI", "Harina de trigo, saco a granel", "") },
        vec![CellView {
            on_hand: Quantity::from_thousandths(40_250).unwrap(),
            ..cell("madrid", "", None, 0, 0)
        }],
    );
    let (today, quarter) = (Some(day(2026, 5, 17)), Quantity::from_thousandths(250).unwrap());
    flour.cells[0].reserved = quarter;
    let kept = reserved("madrid:38", "HA-TRI", "", 0, "Panadería Sol", today);
    flour.reservations = vec![Reservation { qty: quarter, ..kept }];
    vec![small, large, medium, flour, serum]
}

fn row(seq: u64, origin: &str, kind: MovementKind, sku_text: &str, qty: i64, ago_ms: i64) -> MovementRow {
    MovementRow {
        origin: place(origin),
        seq,
        line: 0,
        kind,
        sku: sku(sku_text),
        lot: Lot::none(),
        qty: q(qty),
        shortage: Quantity::ZERO,
        sort_key: u64::try_from(now_ms() - ago_ms).unwrap(),
        at_ms: now_ms() - ago_ms,
        hlc: seq,
        operator: if origin == "madrid" { "ana" } else { "luis" }.parse().unwrap(),
        reason: String::new(),
        reference: String::new(),
        transfer: None,
        other: None,
        reverses: None,
    }
}

pub fn movements() -> Vec<MovementRow> {
    use MovementKind as K;
    let mut issue = row(44, "madrid", K::Issue, "GU-NIT-L", -4, 12_000);
    issue.reference = "pedido 8812".into();
    let mut dispatch = row(117, "sevilla", K::TransferDispatched, "GU-NIT-M", -12, 34_000);
    dispatch.transfer = Some(id("sevilla:117"));
    dispatch.other = Some(place("madrid"));
    let mut receipt = row(43, "madrid", K::Receipt, "SU-FIS-500", 10, 48_000);
    receipt.lot = Lot::new("L-NUEVO").unwrap();
    let mut adjustment = row(42, "madrid", K::Adjustment, "GU-LAT-S", -3, 2 * HOUR);
    adjustment.reason = "damaged".into();
    let mut count = row(9, "valencia", K::Count, "GU-NIT-L", 64, 26 * HOUR);
    count.reference = "recuento anual".into();
    vec![issue, dispatch, receipt, adjustment, count]
}

fn mark(origin: &str, seq: u64, ago_ms: i64, text: &str) -> Mark {
    Mark {
        entry: EntryRef { origin: place(origin), seq, hash: Hash::ZERO },
        hlc: 1,
        rests_on: 0,
        sort_key: 1,
        at_ms: now_ms() - ago_ms,
        operator: if origin == "madrid" { "ana" } else { "luis" }.parse().unwrap(),
        text: text.into(),
    }
}

fn transfer(name: &str, from: &str, to: &str) -> Transfer {
    Transfer {
        id: id(name),
        from: place(from),
        to: place(to),
        request: None,
        withdrawal: None,
        decline: None,
        dispatch: None,
        receipt: None,
        rejection: None,
        returned: None,
    }
}

/// One of each kind that somebody here has to do something about, and two that are over.
fn transfers() -> Vec<Transfer> {
    let sent = |sku_text: &str, lot: &str, expiry, qty| DispatchLine {
        sku: sku(sku_text),
        lot: Lot::new(lot).unwrap(),
        expiry,
        qty: q(qty),
    };
    let asked = |sku_text: &str, qty| RequestLine { sku: sku(sku_text), lot: Lot::none(), qty: q(qty) };
    let mut coming = transfer("sevilla:117", "sevilla", "madrid");
    coming.dispatch = Some(Dispatch {
        mark: mark("sevilla", 117, 3 * HOUR, "furgoneta 2"),
        lines: vec![
            sent("GU-NIT-M", "", None, 12),
            sent("SU-FIS-500", "L-PRONTO", Some(day(2026, 5, 31)), 6),
        ],
    });
    let mut wanted = transfer("sevilla:98", "madrid", "sevilla");
    wanted.request = Some(RequestStep {
        mark: mark("sevilla", 98, 40 * MINUTE, "urgente"),
        lines: vec![asked("GU-NIT-M", 20), asked("HA-TRI", 5)],
        fences: vec![],
        renews: None,
    });
    let mut late = transfer("madrid:41", "madrid", "valencia");
    late.dispatch = Some(Dispatch {
        mark: mark("madrid", 41, 26 * HOUR, ""),
        lines: vec![sent("GU-NIT-L", "", None, 8)],
    });
    let mut back = transfer("madrid:30", "madrid", "valencia");
    back.dispatch = Some(Dispatch {
        mark: mark("madrid", 30, 50 * HOUR, ""),
        lines: vec![sent("GU-NIT-M", "", None, 3)],
    });
    back.rejection = Some(mark("valencia", 8, 30 * HOUR, "caja rota"));
    let mut own = transfer("madrid:40", "sevilla", "madrid");
    own.request = Some(RequestStep {
        mark: mark("madrid", 40, 5 * HOUR, ""),
        lines: vec![asked("GU-LAT-S", 30)],
        fences: vec![],
        renews: None,
    });
    let mut short = transfer("madrid:22", "madrid", "sevilla");
    short.dispatch = Some(Dispatch {
        mark: mark("madrid", 22, 80 * HOUR, ""),
        lines: vec![sent("GU-NIT-M", "", None, 24)],
    });
    short.receipt = Some(Arrival {
        mark: mark("sevilla", 90, 70 * HOUR, ""),
        lines: vec![ArrivedLine {
            sku: sku("GU-NIT-M"),
            lot: Lot::none(),
            expiry: None,
            arrived: q(22),
            short: q(2),
            reason: Some(ShortageReason::Damaged),
        }],
    });
    vec![coming, wanted, late, back, own, short]
}

fn alert(id: &str, what: AlertKind, ago_ms: i64) -> Alert {
    Alert {
        id: id.into(),
        warehouse: place("madrid"),
        raised_ms: now_ms() - ago_ms,
        acknowledged_by: None,
        what,
    }
}

fn alerts() -> Vec<Alert> {
    let low = AlertKind::LowStock {
        sku: sku("GU-NIT-L"),
        position: q(18),
        reorder_point: q(50),
        order: q(84),
        from: vec![(place("valencia"), q(64))],
    };
    let expired = AlertKind::LotExpired {
        sku: sku("SU-FIS-500"),
        lot: Lot::new("L-VIEJO").unwrap(),
        expiry: day(2026, 4, 30),
        on_hand: q(5),
    };
    let expiring = AlertKind::LotExpiring {
        sku: sku("SU-FIS-500"),
        lot: Lot::new("L-PRONTO").unwrap(),
        expiry: day(2026, 5, 31),
        on_hand: q(4),
    };
    let overdue = AlertKind::TransferOverdue {
        transfer: id("madrid:41"),
        from: place("madrid"),
        to: place("valencia"),
        since_ms: now_ms() - 26 * HOUR,
    };
    let waiting = AlertKind::RequestWaiting {
        transfer: id("sevilla:98"),
        to: place("sevilla"),
        since_ms: now_ms() - 40 * MINUTE,
    };
    let short = AlertKind::Discrepancy {
        transfer: id("madrid:22"),
        to: place("sevilla"),
        short: vec![(sku("GU-NIT-M"), q(2), "damaged".into())],
        since_ms: now_ms() - 3 * HOUR,
    };
    let down = AlertKind::PeerDown { peer: place("valencia"), since_ms: now_ms() - 4 * MINUTE };
    vec![
        alert("out_of_stock:madrid:GU-LAT-S", AlertKind::OutOfStock { sku: sku("GU-LAT-S") }, 2 * HOUR),
        alert("low_stock:madrid:GU-NIT-L", low, 12_000),
        alert("lot_expired:madrid:SU-FIS-500:L-VIEJO", expired, 50 * HOUR),
        alert("lot_expiring:madrid:SU-FIS-500:L-PRONTO", expiring, 60 * HOUR),
        alert("transfer_overdue:madrid:41", overdue, 2 * HOUR),
        alert("request_waiting:sevilla:98", waiting, 40 * MINUTE),
        alert("discrepancy:madrid:22", short, 70 * HOUR),
        alert("peer_down:valencia", down, 4 * MINUTE),
    ]
}

/// Everything there is.
pub fn full() -> Picture {
    Picture {
        status: status(),
        products: products().into_iter().map(Arc::new).collect(),
        transfers: transfers().into_iter().map(Arc::new).collect(),
        movements: movements().into_iter().map(Arc::new).collect(),
        alerts: alerts(),
        peers: peers(),
        snapshots: Vec::new(),
        locks: Vec::new(),
        stocktakes: Vec::new(),
    }
}

/// A new network: one warehouse with nothing in it.
pub fn empty() -> Picture {
    Picture {
        status: status(),
        products: Vec::new(),
        transfers: Vec::new(),
        movements: Vec::new(),
        alerts: Vec::new(),
        peers: Vec::new(),
        snapshots: Vec::new(),
        locks: Vec::new(),
        stocktakes: Vec::new(),
    }
}
