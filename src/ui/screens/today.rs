//! Today: what this warehouse has done, and what there is to do. Each row leads to where it is dealt with.
//!
//! ```text
//! ╭ done today · to do: how many, how many of them late, what it is ╮
//! ╰─────────────────────────────────────────────────────────────────╯
//! ╭ the one under the cursor: each of them, in a line ╮             low: not there
//! ╰───────────────────────────────────────────────────╯
//! ```

use std::time::Duration;

use chrono::NaiveDate;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use uuid::Uuid;

use super::promises::{self, Kind};
use crate::domain::alert::AlertKind;
use crate::domain::{MovementKind, Sku, TransferState, WarehouseId};
use crate::node::stocktakes::counts_due;
use crate::text::{Lang, alert_line, format};
use crate::ui::Model;
use crate::ui::action::Action;
use crate::ui::keys::Place;
use crate::ui::moment::Moment;
use crate::ui::panes::stock::selected;
use crate::ui::parts::cursor::Cursor;
use crate::ui::parts::table::{Column, Side, fit, headings, line};
use crate::ui::parts::{pane, text};
use crate::ui::theme::Theme;
use crate::ui::view::{Link, View};

/// From so many rows on what stands behind the row under the cursor is shown below.
const HIGH: u16 = 18;
/// Rows of the table with frame, headings and all matters.
const TABLE: u16 = 16;
/// Goods that nobody has counted for so many days are due.
pub const COUNT_DAYS: u32 = 30;
/// Of each matter, what is named.
const NAMED: usize = 40;

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matter {
    /// Goods came in from outside.
    Receipts,
    /// Goods went out.
    Issues,
    /// Goods went to other warehouses.
    Sent,
    /// Goods of other warehouses came in.
    TakenIn,
    /// The book was put right: adjustments, counts, reversals.
    Corrections,
    /// Others wait for our answer, or for goods to come back.
    Requests,
    /// Goods of other warehouses are on their way here.
    Arriving,
    /// Goods are on their way from here.
    OnTheWay,
    /// Goods are expected from outside, today or earlier.
    Expected,
    /// Goods are kept until today.
    Reserved,
    /// A stocktake is open, or goods are due to be counted.
    Counts,
    /// Lots expire soon, or are past their date.
    Expiring,
    /// Goods are low or out.
    Low,
}

impl Matter {
    const DONE: [Self; 5] = [Self::Receipts, Self::Issues, Self::Sent, Self::TakenIn, Self::Corrections];

    /// What it is called.
    #[must_use]
    pub const fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Receipts => lang.pick("Entradas", "Receipts"),
            Self::Issues => lang.pick("Salidas", "Issues"),
            Self::Sent => lang.pick("Enviadas", "Sent"),
            Self::TakenIn => lang.pick("Recibidas", "Received"),
            Self::Corrections => lang.pick("Correcciones", "Corrections"),
            Self::Requests => lang.pick("Solicitudes por contestar", "Requests to answer"),
            Self::Arriving => lang.pick("Vienen de otros almacenes", "Coming from warehouses"),
            Self::OnTheWay => lang.pick("Van a otros almacenes", "Going to warehouses"),
            Self::Expected => lang.pick("Entradas esperadas", "Expected receipts"),
            Self::Reserved => lang.pick("Reservas que vencen", "Reservations that end"),
            Self::Counts => lang.pick("Por contar", "To count"),
            Self::Expiring => lang.pick("Lotes que caducan", "Lots that expire"),
            Self::Low => lang.pick("Bajo mínimo", "Low stock"),
        }
    }

    /// Where it is dealt with.
    #[must_use]
    pub const fn place(self) -> Place {
        match self {
            Self::Receipts | Self::Issues | Self::Corrections => Place::History,
            Self::Sent | Self::TakenIn | Self::Requests | Self::Arriving | Self::OnTheWay => Place::Transfers,
            Self::Expected | Self::Reserved => Place::Promises,
            Self::Counts => Place::Stocktake,
            Self::Expiring => Place::Alerts,
            Self::Low => Place::Replenish,
        }
    }

    const fn is_done(self) -> bool {
        matches!(self, Self::Receipts | Self::Issues | Self::Sent | Self::TakenIn | Self::Corrections)
    }

    fn counts(self, kind: MovementKind) -> bool {
        matches!(
            (self, kind),
            (Self::Receipts, MovementKind::Receipt)
                | (Self::Issues, MovementKind::Issue)
                | (Self::Sent, MovementKind::TransferDispatched)
                | (Self::TakenIn, MovementKind::TransferReceived)
                | (
                    Self::Corrections,
                    MovementKind::Adjustment | MovementKind::Count | MovementKind::Reversal
                )
        )
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it is about.
    pub matter: Matter,
    /// How many; none: not told yet.
    pub count: Option<usize>,
    /// How many of them should have been dealt with by now.
    pub late: usize,
    /// The first of them, in a line each.
    pub named: Vec<String>,
}

/// What the screen keeps.
#[derive(Debug, Clone, Default)]
pub struct Today {
    /// The cursor.
    pub cursor: Cursor,
    /// The rows; a matter that there is nothing of has one, too.
    pub rows: Vec<Row>,
    /// The question for what was done.
    pub question: Option<Uuid>,
    /// What was done: acts and lines.
    pub done: Option<Vec<(MovementKind, u64, u64)>>,
    /// When the rows were built, and whether something has changed since.
    pub built: Option<Duration>,
    /// Whether something has changed since.
    pub is_stale: bool,
}

impl Today {
    /// The row under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&Row> {
        self.rows.get(self.cursor.at)
    }

    /// Looks at everything anew.
    pub fn rebuild(&mut self, model: &Model, here: Option<&WarehouseId>, now: &Moment, lang: Lang) {
        self.built = Some(now.running);
        self.is_stale = false;
        self.rows.clear();
        let Some(here) = here else { return };
        self.rows.extend(Matter::DONE.map(|matter| self.done_row(matter, lang)));
        let look = Look { model, here, now, lang };
        self.rows.extend([
            look.transfers(Matter::Requests, |t, here| match t.state() {
                TransferState::Requested | TransferState::WithdrawalAsked | TransferState::Rejected => {
                    t.from == *here
                }
                _ => false,
            }),
            look.transfers(Matter::Arriving, |t, here| {
                t.state() == TransferState::Dispatched && t.to == *here
            }),
            look.transfers(Matter::OnTheWay, |t, here| {
                t.state() == TransferState::Dispatched && t.from == *here
            }),
            look.promises(Matter::Expected, Kind::Expected),
            look.promises(Matter::Reserved, Kind::Reservation),
            look.counts(),
            look.alerts(Matter::Expiring),
            look.alerts(Matter::Low),
        ]);
    }

    fn done_row(&self, matter: Matter, lang: Lang) -> Row {
        let of = |of: fn(&(MovementKind, u64, u64)) -> u64| {
            let done = self.done.as_ref()?.iter().filter(|(kind, ..)| matter.counts(*kind));
            usize::try_from(done.map(of).sum::<u64>()).ok()
        };
        let (count, lines) = (of(|(_, acts, _)| *acts), of(|(.., lines)| *lines));
        let named = lines.filter(|lines| *lines > 0).map(|lines| match (lines, lang) {
            (1, Lang::Es) => "1 línea".to_owned(),
            (n, Lang::Es) => format!("{} líneas", format::count(n, lang)),
            (1, Lang::En) => "1 line".to_owned(),
            (n, Lang::En) => format!("{} lines", format::count(n, lang)),
        });
        Row { matter, count, late: 0, named: named.into_iter().collect() }
    }
}

/// What rows are built from.
struct Look<'a> {
    model: &'a Model,
    here: &'a WarehouseId,
    now: &'a Moment,
    lang: Lang,
}

impl Look<'_> {
    fn transfers(
        &self,
        matter: Matter,
        is_meant: impl Fn(&crate::ledger::book::Transfer, &WarehouseId) -> bool,
    ) -> Row {
        let is_late = |transfer: &crate::ledger::book::Transfer| {
            self.model.alerts.iter().any(|alert| match &alert.what {
                AlertKind::TransferOverdue { transfer: id, .. }
                | AlertKind::RequestWaiting { transfer: id, .. } => *id == transfer.id,
                _ => false,
            })
        };
        let meant: Vec<_> = self.model.transfers.values().filter(|t| is_meant(t, self.here)).collect();
        let mut named: Vec<_> = meant.iter().map(|t| (!is_late(t), t)).collect();
        named.sort_by_key(|(is_in_time, t)| (*is_in_time, t.id.clone()));
        let late = named.iter().filter(|(is_in_time, _)| !is_in_time).count();
        let in_words = |t: &crate::ledger::book::Transfer| {
            let (from, to) = (&t.from, &t.to);
            let lines = t.dispatch.as_ref().map_or_else(
                || t.request.as_ref().map_or(0, |request| request.lines.len()),
                |dispatch| dispatch.lines.len(),
            );
            match (lines, self.lang) {
                (1, Lang::Es) => format!("{}: de {from} a {to}, 1 línea", t.id),
                (n, Lang::Es) => format!("{}: de {from} a {to}, {n} líneas", t.id),
                (1, Lang::En) => format!("{}: {from} to {to}, 1 line", t.id),
                (n, Lang::En) => format!("{}: {from} to {to}, {n} lines", t.id),
            }
        };
        let named = named.into_iter().take(NAMED).map(|(_, t)| in_words(t)).collect();
        Row { matter, count: Some(meant.len()), late, named }
    }

    /// What was expected by today; what is kept until today, or longer than it should be.
    fn promises(&self, matter: Matter, kind: Kind) -> Row {
        let today = self.now.today();
        let all = self.model.products.values().flat_map(|view| promises::of(view).map(move |p| (view, p)));
        let is_due = |day: Option<NaiveDate>| day.is_some_and(|day| day <= today);
        let meant = all.filter(|(_, p)| p.kind == kind && p.id.origin == *self.here && is_due(p.day));
        let mut meant: Vec<_> = meant.collect();
        meant.sort_by_key(|(_, p)| (p.day, p.id.clone()));
        let late = meant.iter().filter(|(_, p)| promises::is_past(p, today)).count();
        let named = meant.iter().take(NAMED).map(|(view, p)| {
            let said = promises::sentence(p, view.product.decimals, Some(self.here), self.lang);
            format!("{}: {said}", p.sku)
        });
        Row { matter, count: Some(meant.len()), late, named: named.collect() }
    }

    /// What is left of an open stocktake, else what nobody has counted for long.
    fn counts(&self) -> Row {
        let due = counts_due(self.model.products.values(), self.here, COUNT_DAYS, self.now.wall_ms);
        let open = self.model.stocktakes.values().find(|stocktake| stocktake.is_open());
        let lang = self.lang;
        let opened = open.map(|stocktake| {
            let (id, by) = (&stocktake.head.id, &stocktake.head.opened_by);
            let since = format::date_time(stocktake.head.opened_ms, self.now.zone, lang);
            match lang {
                Lang::Es => format!("El recuento {id} está abierto desde el {since}, por {by}"),
                Lang::En => format!("Stocktake {id} has been open since {since}, by {by}"),
            }
        });
        let named = due.iter().map(|(sku, lot)| {
            let name = self.name_of(sku);
            let of =
                if lot.is_none() { String::new() } else { format!(", {} {lot}", lang.pick("lote", "lot")) };
            format!("{sku}{name}{of}")
        });
        let late = usize::from(opened.is_some());
        Row {
            matter: Matter::Counts,
            count: Some(due.len()),
            late,
            named: opened.into_iter().chain(named).take(NAMED).collect(),
        }
    }

    fn name_of(&self, sku: &Sku) -> String {
        self.model.products.get(sku).map_or_else(String::new, |view| format!(" {}", view.product.name))
    }

    /// What is told by alerts.
    fn alerts(&self, matter: Matter) -> Row {
        let is_meant = |what: &AlertKind| match what {
            AlertKind::LowStock { .. } | AlertKind::OutOfStock { .. } => matter == Matter::Low,
            AlertKind::LotExpiring { .. } | AlertKind::LotExpired { .. } => matter == Matter::Expiring,
            _ => false,
        };
        let is_late =
            |what: &AlertKind| matches!(what, AlertKind::OutOfStock { .. } | AlertKind::LotExpired { .. });
        let mut meant: Vec<_> = self.model.alerts.iter().filter(|alert| is_meant(&alert.what)).collect();
        meant.sort_by_key(|alert| !is_late(&alert.what));
        let late = meant.iter().filter(|alert| is_late(&alert.what)).count();
        let named = meant.iter().take(NAMED).map(|alert| alert_line(self.lang, alert, self.now.wall_ms));
        Row { matter, count: Some(meant.len()), late, named: named.collect() }
    }
}

fn areas(body: Rect) -> (Rect, Option<Rect>) {
    if body.height < HIGH {
        return (body, None);
    }
    let [table, below] = Layout::vertical([Constraint::Length(TABLE), Constraint::Min(0)]).areas(body);
    (table, (below.height > 2).then_some(below))
}

/// Rows of the table that fit.
#[must_use]
pub fn height(body: Rect) -> usize {
    usize::from(areas(body).0.height.saturating_sub(3))
}

/// Draws the screen.
pub fn draw(view: &View, theme: &Theme, frame: &mut Frame, body: Rect) {
    let lang = view.lang();
    let screen = view.today();
    let (above, below) = areas(body);
    let title = Place::Today.name(lang);
    let notes = vec![Span::styled(format::date(view.now().today(), lang), theme.dim)];
    let inner = pane::draw(frame, above, theme, title, notes, true);
    if inner.is_empty() {
        return;
    }
    if screen.rows.is_empty() {
        let words = match view.link() {
            Link::Loading => lang.pick("cargando…", "loading…"),
            _ => {
                lang.pick("Aún no se sabe qué almacén es este", "It isn't known yet which warehouse this is")
            }
        };
        pane::message(frame, inner, theme, words);
        return;
    }
    draw_rows(view, theme, frame, inner);
    let (Some(below), Some(row)) = (below, screen.selected()) else { return };
    let place = row.matter.place().name(lang);
    let key = view.key_of(Action::Open, Place::Today).unwrap_or_default();
    let notes = vec![Span::styled(format!("{key} {} {place}", theme.signs.to), theme.dim)];
    let inner = pane::draw(frame, below, theme, row.matter.name(lang), notes, false);
    if row.named.is_empty() {
        pane::message(frame, inner, theme, nothing(row.matter, lang));
        return;
    }
    let room = usize::from(inner.width).saturating_sub(2);
    let rows = usize::from(inner.height);
    let total = row.named.len();
    let shown = if total > rows { rows.saturating_sub(1) } else { total };
    let mut lines: Vec<Line> = row
        .named
        .iter()
        .take(shown)
        .map(|said| Line::raw(format!(" {}", text::clip(said, room, theme.signs.more))))
        .collect();
    if total > shown {
        let more = format::count(row.count.unwrap_or(total).max(total) - shown, lang);
        lines.push(Line::styled(
            format!(" {} {more} {}", lang.pick("y", "and"), lang.pick("más", "more")),
            theme.dim,
        ));
    }
    frame.render_widget(Paragraph::new(lines), inner);
}

fn draw_rows(view: &View, theme: &Theme, frame: &mut Frame, inner: Rect) {
    let lang = view.lang();
    let screen = view.today();
    let column =
        |title: &str, width, grows, rank, side| Column { title: title.to_owned(), width, grows, rank, side };
    let mut columns = [
        column(lang.pick("Cuándo", "When"), 9, false, 3, Side::Left),
        column(lang.pick("Qué", "What"), 25, false, 0, Side::Left),
        column(lang.pick("Cuántas", "How many"), 8, false, 0, Side::Right),
        column(lang.pick("Urgen", "Urgent"), 9, false, 1, Side::Right),
        column("", 10, true, 2, Side::Left),
    ];
    let room = usize::from(inner.width).saturating_sub(1);
    let number = |n: usize| format::count(n, lang);
    let window = screen.cursor.window(screen.rows.len(), height(view.areas().body));
    let widest = screen.rows.iter().filter_map(|row| row.count).map(|n| text::width(&number(n))).max();
    columns[2].width = columns[2].width.max(widest.unwrap_or(0));
    let shown = fit(&columns, room);
    let mut head = headings(&columns, &shown, theme.heading);
    head.spans.insert(0, Span::raw(" "));
    let mut lines = vec![head];
    for at in window {
        let Some(row) = screen.rows.get(at) else { continue };
        let is_first =
            at == 0 || screen.rows.get(at - 1).is_some_and(|r| r.matter.is_done() != row.matter.is_done());
        let urges = row.late > 0;
        let style = match row.count {
            Some(0) | None => theme.dim,
            Some(_) if urges => theme.warning,
            Some(_) => theme.normal,
        };
        let mut drawn = line(&columns, &shown, theme.signs.more, |i| match i {
            0 if is_first && row.matter.is_done() => (lang.pick("hecho", "done").to_owned(), theme.heading),
            0 if is_first => (lang.pick("por hacer", "to do").to_owned(), theme.heading),
            1 => (row.matter.name(lang).to_owned(), style),
            2 => (row.count.map_or_else(|| theme.signs.more.to_owned(), number), style),
            3 if urges => (format!("{} {}", theme.signs.warning, number(row.late)), theme.warning),
            0 | 3 => (String::new(), theme.dim),
            _ => (row.named.first().cloned().unwrap_or_default(), theme.dim),
        });
        let is_at = at == screen.cursor.at;
        let lead = if is_at { Span::styled(theme.signs.cursor, theme.focus) } else { Span::raw(" ") };
        drawn.spans.insert(0, lead);
        lines.push(selected(drawn, is_at, true, theme));
    }
    frame.render_widget(Paragraph::new(lines), inner);
}

/// There is nothing of it.
const fn nothing(matter: Matter, lang: Lang) -> &'static str {
    if matter.is_done() {
        lang.pick("Hoy, ninguna", "None today")
    } else {
        lang.pick("Nada pendiente", "Nothing is waiting")
    }
}
