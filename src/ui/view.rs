//! What the screen of one warehouse shows, and how it changes: pure, with the time passed in.

mod acting;
mod deadline;
mod forming;
mod hearing;
mod locks;
mod mouse;
mod promises;
mod reading;
mod refusing;
mod replenish;
mod snapshots;
mod stocktake;
mod telling;
mod today;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use ratatui::layout::{Position, Rect, Size};
use uuid::Uuid;

use super::Model;
use super::forms::{Form, FormContext, FormKind};
use super::keys::press::Press;
use super::keys::{Keymap, Place};
use super::layout;
use super::moment::Moment;
use super::overlays::Overlay;
use super::panes::alerts;
use super::panes::history::{self, History};
use super::panes::peers;
use super::panes::stock::{self, Stock};
use super::parts::cursor::Cursor;
use super::requests::Requests;
use super::scan::Scanner;
use super::screens::board::{self, Board};
use super::screens::card::Card;
use super::screens::promises::{self as promised, Promises};
use super::screens::replenish::{self as replenishing, Run};
use super::screens::snapshots::{self as viewer, Viewer};
use super::screens::stocktake::{self as counting, CountSheet};
use super::screens::today::{self as todays, Today};
use super::screens::top;
use super::toasts::Toasts;
use super::wake::{Effect, Wake};
use crate::domain::gtin::Gtin;
use crate::domain::{Operator, Sku, TransferId, WarehouseId};
use crate::node::event::PeerView;
use crate::node::intent::Intent;
use crate::text::Lang;

/// Makes the ids of requests and questions; `wall_ms` is now, in milliseconds since 1970 UTC.
pub type Ids = Box<dyn FnMut(i64) -> Uuid + Send>;

/// How it stands with the node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// The first picture has not come.
    Loading,
    /// It tells.
    Live,
    /// It has ended, and why; the terminal looks for it, or takes its place.
    Away(String),
    /// It has ended for good, and why.
    Stopped(String),
}

/// Which screen is shown under the overlays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Screen {
    Home,
    Transfers,
    Snapshots,
    Promises,
    Stocktake,
    Replenish,
    Today,
}

/// What a burst of keys may have typed by accident, as it was before.
#[derive(Debug, Clone)]
enum Before {
    Form(Box<Form>),
    Filter(String),
}

/// What a view is made with.
pub struct Settings {
    /// The language at first.
    pub lang: Lang,
    /// Who works here; none asks.
    pub operator: Option<Operator>,
    /// Whose badge says what.
    pub badges: Arc<BTreeMap<String, Operator>>,
    /// The keys.
    pub keymap: Arc<Keymap>,
    /// Whether notes can be printed.
    pub can_print: bool,
    /// The process of this terminal: a node of the same one ends with it.
    pub pid: u32,
    /// Which of the warehouses of this terminal it is, from 0, and of how many.
    pub place: (usize, usize),
    /// The size of the window.
    pub size: Size,
    /// Makes ids.
    pub ids: Ids,
}

/// The screen of one warehouse.
pub struct View {
    lang: Lang,
    operator: Option<Operator>,
    badges: Arc<BTreeMap<String, Operator>>,
    keymap: Arc<Keymap>,
    can_print: bool,
    pid: u32,
    place: (usize, usize),
    size: Size,
    ids: Ids,
    now: Moment,
    link: Link,
    model: Model,
    own: Option<WarehouseId>,
    screen: Screen,
    focus: Place,
    below: Place,
    zoom: bool,
    stock: Stock,
    history: History,
    peers: Cursor,
    peers_shown: Vec<PeerView>,
    alerts: Cursor,
    board: Board,
    card: Option<Card>,
    viewer: Viewer,
    promises: Promises,
    sheet: CountSheet,
    run: Run,
    today: Today,
    overlays: Vec<Overlay>,
    toasts: Toasts,
    requests: Requests,
    filtering: bool,
    pressed: Vec<Press>,
    clicked: Option<(Duration, Position)>,
    scanner: Scanner,
    before: Option<Before>,
    /// Which product a barcode stands for that several bear, as long as the form is open.
    chosen: Option<(Gtin, Sku)>,
    /// The lock of which it was said that it is waited for.
    wait_told: Option<Sku>,
    last_act: FormKind,
    last_destination: Option<WarehouseId>,
    scans: VecDeque<String>,
    list_scans: bool,
    notes_due: Vec<TransferId>,
    outbox: VecDeque<Intent>,
    effects: Vec<Effect>,
    is_dirty: bool,
}

impl View {
    /// A view that has heard nothing yet and asks for everything.
    #[must_use]
    pub fn new(settings: Settings, now: Moment) -> Self {
        let asks_who = settings.operator.is_none();
        let mut view = Self {
            lang: settings.lang,
            operator: settings.operator,
            badges: settings.badges,
            keymap: settings.keymap,
            can_print: settings.can_print,
            pid: settings.pid,
            place: settings.place,
            size: settings.size,
            ids: settings.ids,
            now,
            link: Link::Loading,
            model: Model::default(),
            own: None,
            screen: Screen::Home,
            focus: Place::Stock,
            below: Place::History,
            zoom: false,
            stock: Stock::default(),
            history: History::default(),
            peers: Cursor::default(),
            peers_shown: Vec::new(),
            alerts: Cursor::default(),
            board: Board::default(),
            card: None,
            viewer: Viewer::default(),
            promises: Promises::default(),
            sheet: CountSheet::default(),
            run: Run::default(),
            today: Today::default(),
            overlays: Vec::new(),
            toasts: Toasts::default(),
            requests: Requests::default(),
            filtering: false,
            pressed: Vec::new(),
            clicked: None,
            scanner: Scanner::default(),
            before: None,
            chosen: None,
            wait_told: None,
            last_act: FormKind::Receipt,
            last_destination: None,
            scans: VecDeque::new(),
            list_scans: false,
            notes_due: Vec::new(),
            outbox: VecDeque::from([Intent::Subscribe]),
            effects: Vec::new(),
            is_dirty: true,
        };
        if asks_who {
            view.open_form(FormKind::Operator);
        }
        view
    }

    /// Takes what woke it; what it wants of the shell is returned, what it wants of the node waits in the outbox.
    pub fn update(&mut self, wake: Wake, now: Moment) -> Vec<Effect> {
        let before = self.now;
        self.now = self.on_cluster_time(now);
        match wake {
            Wake::Term { event, at } => self.hear_event(event, at),
            Wake::Node(event) => self.told(event),
            Wake::Gone => self.gone(),
            Wake::Deadline => {}
            Wake::Done(done) => self.done(done),
        }
        self.pass_time(before);
        self.settle();
        std::mem::take(&mut self.effects)
    }

    /// Takes out what waits for the node, in order; what can't be handed over is put back in front.
    pub fn outbox(&mut self) -> &mut VecDeque<Intent> {
        &mut self.outbox
    }

    /// Whether something shown changed since it was last asked.
    pub fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.is_dirty)
    }

    /// Everything is to be drawn anew.
    pub fn redraw(&mut self) {
        self.is_dirty = true;
    }

    /// Takes the language, the operator and the size of another view: one person looks at both.
    pub fn follow(&mut self, other: &Self) {
        self.lang = other.lang;
        if other.operator.is_some() {
            self.operator.clone_from(&other.operator);
            if matches!(self.overlays.last(), Some(Overlay::Form(f)) if f.kind == FormKind::Operator) {
                self.overlays.pop();
            }
        }
        self.size = other.size;
        self.is_dirty = true;
    }

    /// Where the keys are, overlays aside.
    #[must_use]
    pub const fn place(&self) -> Place {
        if self.card.is_some() {
            return Place::Card;
        }
        match self.screen {
            Screen::Home => self.focus,
            Screen::Transfers => Place::Transfers,
            Screen::Snapshots => Place::Snapshots,
            Screen::Promises => Place::Promises,
            Screen::Stocktake => Place::Stocktake,
            Screen::Replenish => Place::Replenish,
            Screen::Today => Place::Today,
        }
    }

    /// Whether the filter of a place is being typed.
    #[must_use]
    pub fn is_filtering(&self, place: Place) -> bool {
        self.filtering && self.place() == place
    }

    /// The keys pressed so far of one that has several.
    #[must_use]
    pub fn pressed(&self) -> &[Press] {
        &self.pressed
    }

    /// Scans that wait until they can be taken.
    #[must_use]
    pub const fn waiting_scans(&self) -> &VecDeque<String> {
        &self.scans
    }

    /// The areas of the screen.
    #[must_use]
    pub fn areas(&self) -> layout::Areas {
        layout::areas(self.size, top::banner(self, self.size.width).len())
    }

    /// Whether one pane has all the room.
    #[must_use]
    pub const fn is_zoomed(&self) -> bool {
        self.zoom
    }

    /// The panes of home in sight.
    #[must_use]
    pub fn panes(&self) -> Vec<(Place, Rect)> {
        let body = self.areas().body;
        let note = peers::note(self, usize::from(layout::side(body).saturating_sub(2)));
        layout::home(body, self.focus, self.below, self.zoom, self.peer_rows() + note.len())
    }

    /// Whether the pane of alerts is in sight.
    #[must_use]
    pub fn shows_alerts(&self) -> bool {
        matches!(self.place(), Place::Stock | Place::History | Place::Peers | Place::Alerts)
            && self.panes().iter().any(|(place, _)| *place == Place::Alerts)
    }

    /// What forms look at.
    #[must_use]
    pub fn form_context(&self) -> FormContext<'_> {
        FormContext {
            model: &self.model,
            lang: self.lang,
            today: self.now.today(),
            now_ms: self.now.wall_ms,
            selected: self.selected_sku(),
            own_seq: self.model.status.as_ref().map_or(0, |s| s.recorded),
            operator: self.operator.as_ref(),
            chosen: self.chosen.as_ref(),
            keys: &self.keymap,
        }
    }

    /// The product under the cursor.
    #[must_use]
    pub fn selected_sku(&self) -> Option<&Sku> {
        match self.place() {
            Place::Stock => self.stock.selected(),
            Place::History => self.history.selected().map(|r| &r.sku),
            Place::Alerts => self.model.alerts.get(self.alerts.at).and_then(|a| a.what.sku()),
            Place::Card => self.card.as_ref().map(|c| &c.sku),
            Place::Promises => self.promises.selected().map(|p| &p.sku),
            Place::Stocktake => self.sheet.selected().map(|row| &row.sku),
            Place::Replenish => self.run.selected(),
            Place::Peers | Place::Transfers | Place::Snapshots | Place::Today => None,
        }
    }

    fn is_home(&self) -> bool {
        self.screen == Screen::Home && self.card.is_none()
    }

    fn new_id(&mut self) -> Uuid {
        (self.ids)(self.now.wall_ms)
    }

    /// The rows of a list that are in sight.
    fn height_of(&self, place: Place) -> usize {
        let area = self.panes().into_iter().find(|(p, _)| *p == place).map(|(_, area)| area);
        let area = area.unwrap_or_default();
        match place {
            Place::Stock => stock::height(area),
            Place::History => history::height(area, self.requests.pending().count()),
            Place::Peers => layout::inner_height(area),
            Place::Alerts => alerts::height(area),
            Place::Transfers => board::height(self.areas().body),
            Place::Card => layout::inner_height(self.areas().body),
            Place::Snapshots => viewer::height(self.areas().body),
            Place::Promises => promised::height(self.areas().body),
            Place::Stocktake => counting::height(self.areas().body),
            Place::Replenish => replenishing::height(self.areas().body),
            Place::Today => todays::height(self.areas().body),
        }
    }

    /// Brings everything back into step after a change: cursors in sight, pages asked for, scans taken.
    fn settle(&mut self) {
        if self.chosen.is_some() && !self.overlays.iter().any(|o| matches!(o, Overlay::Form(_))) {
            self.chosen = None;
        }
        self.take_waiting_scans();
        self.tell_wait();
        let height = self.height_of(Place::Stock);
        self.stock.cursor.fit(self.stock.rows.len(), height);
        let height = self.height_of(Place::Peers);
        self.peers.fit(self.peer_rows(), height);
        let height = self.height_of(Place::Alerts);
        self.alerts.fit(self.model.alerts.len(), height);
        let height = self.height_of(Place::Transfers);
        self.board.fit(height);
        let height = self.height_of(Place::Snapshots);
        self.viewer.cursor.fit(self.viewer.rows.len(), height);
        let height = self.height_of(Place::Promises);
        self.promises.cursor.fit(self.promises.rows.len(), height);
        let height = self.height_of(Place::Stocktake);
        self.sheet.cursor.fit(self.sheet.len(), height);
        let height = self.height_of(Place::Replenish);
        self.run.cursor.fit(self.run.rows.len(), height);
        let height = self.height_of(Place::Today);
        self.today.cursor.fit(self.today.rows.len(), height);
        self.page_history();
        let height = self.height_of(Place::History);
        self.history.cursor.fit(self.history.rows().len(), height);
    }
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").field("own", &self.own).field("place", &self.place()).finish_non_exhaustive()
    }
}
