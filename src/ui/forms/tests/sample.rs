//! A small warehouse for the tests: madrid, with sevilla and valencia as its peers.

use std::sync::Arc;

use chrono::NaiveDate;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Rect;

use crate::domain::gtin::Gtin;
use crate::domain::{
    Lot, MovementKind, Pack, Product, Quantity, ReorderRule, Selection, Sku, Threshold, TransferId,
    WarehouseId,
};
use crate::ledger::MovementRow;
use crate::ledger::act::Act;
use crate::ledger::book::{
    Arrival, Dispatch, Expectation, Mark, RequestStep, Reservation, RuleState, Stocktake, StocktakeHead,
    StocktakeLine, Transfer,
};
use crate::ledger::entry::{DispatchLine, EntryRef, Hash, RequestLine};
use crate::node::event::{
    CellView, ClockView, LinkView, PeerState, PeerView, ProductView, RosterStatus, Standing, Status,
};
use crate::text::Lang;
use crate::ui::Model;
use crate::ui::forms::{Form, FormContext, FormKind, FormStep, Prefill};
use crate::ui::keys::Keymap;
use crate::ui::theme::Theme;

pub fn q(units: i64) -> Quantity {
    Quantity::units(units).unwrap()
}

pub fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).unwrap()
}

pub fn sku(text: &str) -> Sku {
    Sku::new(text).unwrap()
}

pub fn lot(text: &str) -> Lot {
    Lot::new(text).unwrap()
}

pub fn place(text: &str) -> WarehouseId {
    WarehouseId::new(text).unwrap()
}

pub fn id(text: &str) -> TransferId {
    text.parse().unwrap()
}

/// What the scanner reads off a box of gloves.
pub const GLOVES_CODE: &str = "5901234123457";
/// What no product bears.
pub const UNBORNE: &str = "4006381333931";
/// What it reads off a carton of twelve of them.
pub const CARTON_CODE: &str = "20611628936004";

fn link(kind: &str) -> LinkView {
    LinkView { kind: kind.into(), up: true, trouble: None }
}

fn peer(name: &str, state: PeerState) -> PeerView {
    PeerView {
        id: place(name),
        standing: Standing::Member,
        state,
        rtt_ms: Some(3.0),
        offset_ms: None,
        error_ms: None,
        lag_entries: 0,
        has_ours: 7,
        applied: 5,
        last_seen_ms: None,
        quarantine: None,
    }
}

fn cell(warehouse: &str, lot_name: &str, expiry: Option<NaiveDate>, on_hand: i64, reserved: i64) -> CellView {
    CellView {
        warehouse: place(warehouse),
        lot: lot(lot_name),
        expiry,
        on_hand: q(on_hand),
        reserved: q(reserved),
        counted_ms: None,
    }
}

fn product(sku_text: &str, name: &str) -> Product {
    Product {
        sku: sku(sku_text),
        name: name.into(),
        unit: "ud".into(),
        decimals: 0,
        barcodes: Vec::new(),
        packs: Vec::new(),
        category: String::new(),
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

/// Gloves without lots, serum by lots (one expired), flour by weight, masks retired.
pub fn model() -> Model {
    let mut gloves = view(
        Product {
            barcodes: vec![Gtin::parse(GLOVES_CODE).unwrap()],
            packs: vec![Pack { size: q(12), barcode: Some(Gtin::parse(CARTON_CODE).unwrap()) }],
            ..product("GU-NIT-M", "Guante nitrilo M")
        },
        vec![
            cell("madrid", "", None, 18, 2),
            cell("sevilla", "", None, 120, 0),
            cell("valencia", "", None, 64, 0),
        ],
    );
    let rule = |point| RuleState {
        rule: ReorderRule { reorder_point: Some(q(point)), maximum: Some(q(100)), ..ReorderRule::default() },
        shelf: "A-03-2".into(),
    };
    gloves.rules = vec![(place("madrid"), rule(50)), (place("sevilla"), rule(30))];
    gloves.issued_30d = vec![(place("sevilla"), q(90)), (place("valencia"), q(10))];
    gloves.reservations = vec![reservation("madrid:3", "GU-NIT-M", 2, "Pedido 8812")];
    let serum = view(
        Product { lot_tracked: true, ..product("SU-FIS-500", "Suero fisiológico 500 ml") },
        vec![
            cell("madrid", "L-NUEVO", Some(day(2027, 3, 31)), 10, 0),
            cell("madrid", "L-PRONTO", Some(day(2026, 6, 30)), 4, 0),
            cell("madrid", "L-VIEJO", Some(day(2026, 4, 30)), 5, 0),
        ],
    );
    let mut flour = view(
        Product { unit: "kg".into(), decimals: 2, ..product("HA-TRI", "Harina de trigo") },
        vec![cell("madrid", "", None, 40, 0)],
    );
    flour.expectations = vec![Expectation {
        id: id("madrid:1"),
        sku: sku("HA-TRI"),
        qty: q(30),
        received: q(5),
        due: day(2026, 5, 15),
        reference: "Harinas Sur 771".into(),
        closed: false,
    }];
    let masks = view(
        Product { retired: true, ..product("MA-OLD", "Mascarilla antigua") },
        vec![cell("madrid", "", None, 3, 0)],
    );
    let mut model = Model::default();
    model.status = Some(Status {
        version: "0.1.0".into(),
        warehouse: place("madrid"),
        name: "Madrid".into(),
        cluster: "acme".into(),
        pid: 1,
        incarnation: 1,
        recorded: 7,
        published: 7,
        seen_by_all: 7,
        joined: true,
        joining: false,
        recovering: false,
        recovery: None,
        catching_up: None,
        awaited: Vec::new(),
        once_recorded: None,
        attached: 0,
        stopped: None,
        store: link("SQLite"),
        bus: link("spool"),
        dropped_messages: 0,
        refused: crate::protocol::Refusals::default(),
        dead_letters: 0,
        roster: RosterStatus::default(),
        refused_markers: 0,
        clock: ClockView::default(),
    });
    model.peers = vec![peer("sevilla", PeerState::Alive), peer("valencia", PeerState::Suspect)];
    for view in [gloves, serum, flour, masks] {
        model.take_product(Arc::new(view));
    }
    for transfer in transfers() {
        model.transfers.insert(transfer.id.clone(), Arc::new(transfer));
    }
    let stocktake = stocktake();
    model.stocktakes.insert(stocktake.head.id.clone(), Arc::new(stocktake));
    model.movements.push_back(Arc::new(movement(6, MovementKind::Receipt, "GU-NIT-M", "", 12)));
    model.movements.push_back(Arc::new(movement(5, MovementKind::TransferDispatched, "GU-NIT-M", "", -3)));
    model.movements.push_back(Arc::new(movement(4, MovementKind::Receipt, "GU-NIT-M", "", 40)));
    model
}

/// Goods without a lot kept until three days from now.
pub fn reservation(name: &str, sku_text: &str, qty: i64, purpose: &str) -> Reservation {
    Reservation {
        id: id(name),
        sku: sku(sku_text),
        lot: Lot::none(),
        qty: q(qty),
        issued: Quantity::ZERO,
        released: Quantity::ZERO,
        cut: None,
        purpose: purpose.into(),
        until: Some(day(2026, 5, 20)),
        closed: false,
    }
}

/// Open; a lot in it that differs.
fn stocktake() -> Stocktake {
    let mut stocktake = Stocktake::new(StocktakeHead {
        id: id("madrid:5"),
        selection: Selection::All,
        blind: false,
        threshold: Threshold::default(),
        opened_ms: 0,
        opened_by: "ana".parse().unwrap(),
        end: None,
    });
    let line = StocktakeLine {
        sku: sku("SU-FIS-500"),
        lot: lot("L-NUEVO"),
        expiry: None,
        pinned: 5,
        counted: q(9),
        book: q(10),
        entry: 7,
        at_ms: 0,
        by: "ana".parse().unwrap(),
        times: 1,
        again: false,
        review: None,
        booked: None,
    };
    stocktake.lines.insert((line.sku.clone(), line.lot.clone()), line);
    stocktake
}

/// A line of madrid's history.
pub fn movement(seq: u64, kind: MovementKind, sku_text: &str, lot_text: &str, qty: i64) -> MovementRow {
    MovementRow {
        origin: place("madrid"),
        seq,
        line: 0,
        kind,
        sku: sku(sku_text),
        lot: lot(lot_text),
        qty: q(qty),
        shortage: Quantity::ZERO,
        sort_key: seq,
        at_ms: 0,
        hlc: seq,
        operator: "ana".parse().unwrap(),
        reason: String::new(),
        reference: "pedido 8812".into(),
        transfer: None,
        other: None,
        reverses: None,
    }
}

fn mark(text: &str) -> Mark {
    Mark {
        entry: EntryRef { origin: place("sevilla"), seq: 1, hash: Hash::ZERO },
        hlc: 1,
        rests_on: 0,
        sort_key: 1,
        at_ms: 0,
        operator: "luis".parse().unwrap(),
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

/// sevilla:9 is on its way here; sevilla:3 asks for goods; madrid:2 was rejected; madrid:7 is our request.
fn transfers() -> Vec<Transfer> {
    let sent = |sku_text: &str, lot_text: &str, qty| DispatchLine {
        sku: sku(sku_text),
        lot: lot(lot_text),
        expiry: None,
        qty: q(qty),
    };
    let asked = |sku_text: &str, qty| RequestLine { sku: sku(sku_text), lot: Lot::none(), qty: q(qty) };
    let dispatch = |lines| Some(Dispatch { mark: mark(""), lines });
    let mut coming = transfer("sevilla:9", "sevilla", "madrid");
    coming.dispatch = dispatch(vec![sent("GU-NIT-M", "", 12), sent("SU-FIS-500", "L-PRONTO", 6)]);
    let mut wanted = transfer("sevilla:3", "madrid", "sevilla");
    wanted.request = Some(RequestStep {
        mark: mark("urgente"),
        lines: vec![asked("GU-NIT-M", 20), asked("HA-TRI", 5)],
        fences: vec![],
        renews: None,
    });
    let mut refused = transfer("madrid:2", "madrid", "valencia");
    refused.dispatch = dispatch(vec![sent("GU-NIT-M", "", 3)]);
    refused.rejection = Some(mark("caja rota"));
    let mut own = transfer("madrid:7", "sevilla", "madrid");
    own.request = Some(RequestStep {
        mark: mark(""),
        lines: vec![asked("GU-NIT-M", 30)],
        fences: vec![],
        renews: None,
    });
    let mut done = transfer("sevilla:1", "sevilla", "madrid");
    done.dispatch = dispatch(vec![sent("GU-NIT-M", "", 1)]);
    done.receipt = Some(Arrival { mark: mark(""), lines: Vec::new() });
    vec![coming, wanted, refused, own, done]
}

/// A form with its world, fed keys and scans.
pub struct Desk {
    pub model: Model,
    pub lang: Lang,
    pub selected: Option<Sku>,
    pub own_seq: u64,
    pub form: Option<Form>,
    pub keys: Keymap,
}

impl Desk {
    pub fn new(selected: Option<&str>) -> Self {
        Self {
            model: model(),
            lang: Lang::Es,
            selected: selected.map(sku),
            own_seq: 7,
            form: None,
            keys: Keymap::new(&std::collections::BTreeMap::new()).unwrap(),
        }
    }

    pub fn cx(&self) -> FormContext<'_> {
        FormContext {
            model: &self.model,
            lang: self.lang,
            today: day(2026, 5, 17),
            now_ms: 1_779_026_599_000,
            selected: self.selected.as_ref(),
            own_seq: self.own_seq,
            operator: None,
            chosen: None,
            keys: &self.keys,
        }
    }

    pub fn open(mut self, kind: FormKind) -> Self {
        self.form = Some(Form::open(kind, &self.cx()).unwrap());
        self
    }

    /// As a scan outside any form opens it.
    pub fn open_by_scan(mut self, kind: FormKind, code: &str) -> Self {
        let prefill = Prefill { by_scan: true, ..Prefill::default() };
        self.form = Some(Form::open_prefilled(kind, &prefill, &self.cx()).unwrap());
        self.scan(code);
        self
    }

    /// Goods move here meanwhile, by an entry of our own.
    pub fn moves(&mut self, sku_text: &str, qty: i64) {
        self.changes(MovementKind::Issue, sku_text, qty);
    }

    /// The stock changes here meanwhile, by an entry of our own of this kind.
    pub fn changes(&mut self, kind: MovementKind, sku_text: &str, qty: i64) {
        self.own_seq += 1;
        let row = movement(self.own_seq, kind, sku_text, "", qty);
        self.model.movements.push_front(Arc::new(row));
        let mut view = self.model.products[&sku(sku_text)].as_ref().clone();
        view.cells[0].on_hand = view.cells[0].on_hand.plus(q(qty)).unwrap();
        self.model.products.insert(sku(sku_text), Arc::new(view));
    }

    pub fn refusal(&self, kind: FormKind) -> String {
        Form::open(kind, &self.cx()).unwrap_err()
    }

    pub fn press(&mut self, key: KeyEvent) -> FormStep {
        let mut form = self.form.take().unwrap();
        let step = form.key(key, &self.cx());
        self.form = Some(form);
        step
    }

    pub fn scan(&mut self, text: &str) -> FormStep {
        let mut form = self.form.take().unwrap();
        let step = form.scan(text, &self.cx());
        self.form = Some(form);
        step
    }

    /// Feeds keys: text as it is, `{enter}`, `{tab}`, … in braces; the last step is told.
    pub fn keys(&mut self, keys: &str) -> FormStep {
        let mut step = FormStep::Stay;
        let mut rest = keys;
        while let Some(first) = rest.chars().next() {
            let key = if first == '{' {
                let (name, behind) = rest[1..].split_once('}').unwrap();
                rest = behind;
                named(name)
            } else {
                rest = &rest[first.len_utf8()..];
                KeyEvent::from(KeyCode::Char(first))
            };
            step = self.press(key);
        }
        step
    }

    /// Feeds keys and takes the acts that are booked by them.
    pub fn books(&mut self, keys: &str) -> Vec<Act> {
        match self.keys(keys) {
            FormStep::Submit(acts) => acts,
            other => panic!("{keys} led to {other:?}\n{}", self.screen(80, 24)),
        }
    }

    /// Feeds keys and tells what is on the screen, for a form that stays.
    pub fn stays(&mut self, keys: &str) -> String {
        assert_eq!(self.keys(keys), FormStep::Stay, "{}", self.screen(80, 24));
        self.words()
    }

    /// What is on the screen, as one line of words.
    pub fn words(&self) -> String {
        let screen = self.screen(80, 24).replace(['│', '╭', '╮', '─', '╰', '╯'], " ");
        screen.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub fn screen(&self, width: u16, height: u16) -> String {
        let form = self.form.as_ref().unwrap();
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let all = Rect::new(0, 0, width, height);
        let (w, h) = form.size(all);
        let area = Rect::new(0, 0, w, h);
        terminal.draw(|frame| form.draw(frame, area, &Theme::default(), &self.cx())).unwrap();
        let buffer = terminal.backend().buffer();
        let mut text = String::new();
        for y in 0..height {
            let line: String = (0..width).map(|x| buffer[(x, y)].symbol()).collect();
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text.trim_end().to_owned()
    }
}

fn named(name: &str) -> KeyEvent {
    let ctrl = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL);
    match name {
        "enter" => KeyCode::Enter.into(),
        "tab" => KeyCode::Tab.into(),
        "back" => KeyCode::BackTab.into(),
        "up" => KeyCode::Up.into(),
        "down" => KeyCode::Down.into(),
        "left" => KeyCode::Left.into(),
        "right" => KeyCode::Right.into(),
        "esc" => KeyCode::Esc.into(),
        "del" => KeyCode::Backspace.into(),
        "pgup" => KeyCode::PageUp.into(),
        "book" => ctrl('s'),
        "new" => ctrl('n'),
        "drop" => ctrl('x'),
        "clear" => ctrl('u'),
        "undo" => ctrl('r'),
        other => panic!("no key {other}"),
    }
}
