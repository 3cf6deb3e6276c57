//! The screen itself: the real view and the real frame, with the keys of an operator and what a node tells, drawn for a
//! terminal that takes everything at once.

use std::collections::BTreeMap;
use std::io::{Sink, sink};
use std::sync::Arc;
use std::time::Duration;

use chrono::{Offset as _, Utc};
use crossterm::event::{Event as Term, KeyCode, KeyEvent};
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::{CompletedFrame, Terminal, TerminalOptions, Viewport};
use uuid::Uuid;

use super::measure::{Watch, percentile};
use super::place::HERE;
use super::{BenchError, Plan, Row, goods};
use crate::domain::{Lot, MovementKind, Operator, Product, Quantity, WarehouseId};
use crate::ledger::MovementRow;
use crate::node::event::{CellView, Changes, ClockView, Event, LinkView, Picture, ProductView, Status};
use crate::protocol::Refusals;
use crate::protocol::core::RosterStatus;
use crate::text::Lang;
use crate::ui::frame;
use crate::ui::keys::{KeyError, Keymap};
use crate::ui::moment::Moment;
use crate::ui::theme::Theme;
use crate::ui::view::{Settings, View};
use crate::ui::wake::Wake;

const SIZE: Size = Size::new(200, 60);
/// Products of the catalogue, per unit of the plan's size: 100,000 by default.
const PRODUCTS_PER_SIZE: usize = 5;
/// Movements that come within one frame at 2,000 a second.
const A_FRAME: usize = 32;
const FRAME: Duration = Duration::from_millis(16);
const SAMPLES: usize = 2000;
/// What an operator looks up, letter by letter.
const TYPED: [&str; 4] = ["guante 77", "P-00042", "filtro nit", "843000"];
/// What an operator presses while goods move.
const PRESSED: [char; 12] = ['j', 'j', 'k', 'G', 'k', 'g', 'g', '2', 'j', '1', 'j', 'e'];

pub(super) fn run(plan: &Plan) -> Result<Vec<Row>, BenchError> {
    let products = plan.size.saturating_mul(PRODUCTS_PER_SIZE).max(1);
    let samples = plan.samples(SAMPLES);
    let mut desk = Desk::open(products)?;
    let mut rows = keys(&mut desk, products, samples)?;
    rows.extend(search(&mut desk)?);
    rows.extend(frames(&mut desk, samples)?);
    rows.push(idle(&mut desk, samples)?);
    Ok(rows)
}

fn pair(name: &str, times: &[u64], target: &'static str) -> [Row; 2] {
    [50, 99].map(|percent| Row::new(&format!("{name}.p{percent}"), percentile(times, percent), "ms", target))
}

/// From a key until its frame is written, at the worst moment: what came within a frame is being taken and drawn.
fn keys(desk: &mut Desk, products: usize, samples: usize) -> Result<Vec<Row>, BenchError> {
    let mut times = Vec::with_capacity(samples);
    for (n, key) in PRESSED.into_iter().cycle().take(samples).enumerate() {
        let changes = desk.changes(n, products)?;
        let watch = Watch::start();
        desk.tell(changes);
        desk.draw_if_dirty()?;
        desk.press(KeyCode::Char(key));
        desk.draw_if_dirty()?;
        times.push(watch.us());
    }
    Ok(pair("view.key", &times, "p99 <= 16 ms").into())
}

/// From a letter typed into the filter until what is found is on the screen.
fn search(desk: &mut Desk) -> Result<Vec<Row>, BenchError> {
    let mut times = Vec::new();
    desk.press(KeyCode::Char('1'));
    for text in TYPED {
        desk.press(KeyCode::Char('/'));
        for letter in text.chars() {
            let watch = Watch::start();
            desk.press(KeyCode::Char(letter));
            desk.draw_if_dirty()?;
            times.push(watch.us());
        }
        desk.press(KeyCode::Esc);
    }
    Ok(pair("view.search", &times, "<= 30 ms").into())
}

/// A frame in which nearly everything differs from the one before.
fn frames(desk: &mut Desk, samples: usize) -> Result<Vec<Row>, BenchError> {
    let mut times = Vec::new();
    for key in ['5', '1', '6', '1'].into_iter().cycle().take(samples) {
        desk.press(KeyCode::Char(key));
        let watch = Watch::start();
        desk.write()?;
        times.push(watch.us());
        desk.view.take_dirty();
    }
    Ok(pair("view.frame", &times, "<= 3 ms").into())
}

/// How often the screen is drawn anew for changes of which it shows nothing: the clock may go on meanwhile.
fn idle(desk: &mut Desk, samples: usize) -> Result<Row, BenchError> {
    desk.press(KeyCode::Char('5'));
    desk.rest();
    let mut shown = desk.draw()?;
    let mut drawn = 0_u32;
    for n in 0..samples {
        let mut changes = desk.changes(n, A_FRAME)?;
        changes.movements.truncate(1);
        desk.tell(changes);
        if desk.view.take_dirty() {
            let anew = desk.draw()?;
            drawn += u32::from(anew == shown);
            shown = anew;
        }
    }
    Ok(Row::new("view.redraws", f64::from(drawn), "frames", "0"))
}

struct Desk {
    view: View,
    terminal: Terminal<CrosstermBackend<Sink>>,
    theme: Theme,
    here: WarehouseId,
    operator: Operator,
    running: Duration,
    seq: u64,
}

impl Desk {
    fn open(products: usize) -> Result<Self, BenchError> {
        let here = WarehouseId::new(HERE)?;
        let operator: Operator = HERE.parse().map_err(|_| BenchError::Data(HERE.to_owned()))?;
        let mut last = 0;
        let keymap = Keymap::new(&BTreeMap::new());
        let settings = Settings {
            lang: Lang::Es,
            operator: Some(operator.clone()),
            badges: Arc::new(BTreeMap::new()),
            keymap: Arc::new(keymap.map_err(|error: KeyError| BenchError::Data(error.to_string()))?),
            can_print: false,
            place: (0, 1),
            pid: 0,
            size: SIZE,
            ids: Box::new(move |_| {
                last += 1;
                Uuid::from_u128(last)
            }),
        };
        let area = Rect::new(0, 0, SIZE.width, SIZE.height);
        let options = TerminalOptions { viewport: Viewport::Fixed(area) };
        let terminal = Terminal::with_options(CrosstermBackend::new(sink()), options)?;
        let view = View::new(settings, moment(Duration::ZERO));
        let theme = Theme::default();
        let mut desk = Self { view, terminal, theme, here, operator, running: Duration::ZERO, seq: 0 };
        let goods = goods::products_shown(products)?;
        let products = goods.into_iter().map(|product| Arc::new(desk.shown(product, 100))).collect();
        let picture = Picture {
            status: status(&desk.here),
            products,
            transfers: Vec::new(),
            movements: Vec::new(),
            alerts: Vec::new(),
            peers: Vec::new(),
            snapshots: Vec::new(),
            locks: Vec::new(),
            stocktakes: Vec::new(),
        };
        desk.wake(Wake::Node(Event::Picture { picture: Box::new(picture) }));
        desk.write()?;
        Ok(desk)
    }

    fn wake(&mut self, wake: Wake) {
        // What it wants of the shell and of the node is nobody's here.
        self.view.update(wake, moment(self.running));
        self.view.outbox().clear();
    }

    /// A key that a person presses: long after the one before.
    fn press(&mut self, code: KeyCode) {
        self.running += Duration::from_millis(120);
        self.wake(Wake::Term { event: Term::Key(KeyEvent::from(code)), at: self.running });
        self.running += Duration::from_millis(120);
        self.wake(Wake::Deadline);
    }

    fn tell(&mut self, changes: Changes) {
        self.running += FRAME;
        self.wake(Wake::Node(Event::Changed { changes: Box::new(changes) }));
    }

    /// Until marks and messages have gone.
    fn rest(&mut self) {
        self.running += Duration::from_secs(10);
        self.wake(Wake::Deadline);
        self.view.take_dirty();
    }

    fn draw_if_dirty(&mut self) -> Result<(), BenchError> {
        if self.view.take_dirty() {
            self.write()?;
        }
        Ok(())
    }

    fn write(&mut self) -> Result<CompletedFrame<'_>, BenchError> {
        let (view, theme) = (&self.view, &self.theme);
        Ok(self.terminal.draw(|canvas| frame::draw(view, theme, canvas))?)
    }

    /// Draws, and tells what stands on the screen then.
    fn draw(&mut self) -> Result<Buffer, BenchError> {
        Ok(self.write()?.buffer.clone())
    }

    fn shown(&self, product: Arc<Product>, on_hand: i64) -> ProductView {
        let on_hand = Quantity::units(on_hand).unwrap_or(Quantity::ZERO);
        let (warehouse, reserved) = (self.here.clone(), Quantity::ZERO);
        let cell =
            CellView { warehouse, lot: Lot::none(), expiry: None, on_hand, reserved, counted_ms: None };
        ProductView {
            product,
            cells: vec![cell],
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

    /// As many movements as come within a frame, each of another product.
    fn changes(&mut self, round: usize, products: usize) -> Result<Changes, BenchError> {
        let mut changes = Changes::default();
        for n in 0..A_FRAME {
            let sku = goods::sku((round * 7919 + n * 31) % products)?;
            let Some(known) = self.view.model().products.get(&sku) else { continue };
            let product = Arc::clone(&known.product);
            let on_hand = i64::try_from(round + n).unwrap_or(0);
            changes.products.push(Arc::new(self.shown(product, on_hand)));
            self.seq += 1;
            changes.movements.push(Arc::new(MovementRow {
                origin: self.here.clone(),
                seq: self.seq,
                line: 0,
                kind: MovementKind::Receipt,
                sku,
                lot: Lot::none(),
                qty: Quantity::units(1)?,
                shortage: Quantity::ZERO,
                sort_key: self.seq,
                at_ms: START_MS,
                hlc: self.seq,
                operator: self.operator.clone(),
                reason: String::new(),
                reference: String::new(),
                transfer: None,
                other: None,
                reverses: None,
            }));
        }
        Ok(changes)
    }
}

/// 17 May 2026; the view reads no clock.
const START_MS: i64 = 1_778_976_000_000;

fn moment(running: Duration) -> Moment {
    let passed = i64::try_from(running.as_millis()).unwrap_or(0);
    Moment { running, wall_ms: START_MS + passed, zone: Utc.fix() }
}

fn status(here: &WarehouseId) -> Status {
    let link = |kind: &str| LinkView { kind: kind.to_owned(), up: true, trouble: None };
    Status {
        version: String::new(),
        warehouse: here.clone(),
        name: here.to_string(),
        cluster: HERE.to_owned(),
        pid: 1,
        attached: 0,
        incarnation: 1,
        recorded: 0,
        published: 0,
        seen_by_all: 0,
        joined: true,
        joining: false,
        recovering: false,
        recovery: None,
        catching_up: None,
        awaited: Vec::new(),
        once_recorded: None,
        stopped: None,
        store: link("SQLite"),
        bus: link("spool"),
        dropped_messages: 0,
        refused: Refusals::default(),
        dead_letters: 0,
        roster: RosterStatus::default(),
        refused_markers: 0,
        clock: ClockView { offset_ms: 0, error_ms: Some(1), synchronised: true },
    }
}
