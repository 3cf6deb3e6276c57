//! What is promised: goods kept for somebody, and goods that are expected from outside. The product that was looked at comes
//! first, then this warehouse's before the others', what is due soonest in front.

use std::cmp::Reverse;

use chrono::NaiveDate;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;
use ratatui::widgets::Paragraph;

use crate::domain::{Lot, Quantity, Sku, TransferId, WarehouseId};
use crate::ledger::book::{Expectation, Reservation};
use crate::node::event::ProductView;
use crate::text::{Lang, format};
use crate::ui::Model;
use crate::ui::action::Action;
use crate::ui::fuzzy::Finder;
use crate::ui::keys::Place;
use crate::ui::panes::stock::selected;
use crate::ui::parts::cursor::Cursor;
use crate::ui::parts::field::TextField;
use crate::ui::parts::table::{Cell, Column, Side, fit, headings, line};
use crate::ui::parts::{pane, text};
use crate::ui::theme::Theme;
use crate::ui::view::{Link, View};

/// From so many columns on for whom it is has more room.
const ROOMY: usize = 100;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Goods kept for somebody.
    Reservation,
    /// Goods that are expected from outside.
    Expected,
}

impl Kind {
    /// In a word.
    #[must_use]
    pub const fn word(self, lang: Lang) -> &'static str {
        match self {
            Self::Reservation => lang.pick("reserva", "reserved"),
            Self::Expected => lang.pick("esperada", "expected"),
        }
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// Which of the two.
    pub kind: Kind,
    /// The entry that made it; its origin is the warehouse.
    pub id: TransferId,
    /// The product.
    pub sku: Sku,
    /// The lot; empty = none.
    pub lot: Lot,
    /// How much there was of it at first.
    pub qty: Quantity,
    /// What is left of it.
    pub left: Quantity,
    /// For whom or what; the order, the supplier.
    pub text: String,
    /// The last day of a reservation, the day on which goods are expected.
    pub day: Option<NaiveDate>,
}

impl From<&Reservation> for Promise {
    fn from(known: &Reservation) -> Self {
        Self {
            kind: Kind::Reservation,
            id: known.id.clone(),
            sku: known.sku.clone(),
            lot: known.lot.clone(),
            qty: known.qty,
            left: known.left(),
            text: known.purpose.clone(),
            day: known.until,
        }
    }
}

impl From<&Expectation> for Promise {
    fn from(known: &Expectation) -> Self {
        Self {
            kind: Kind::Expected,
            id: known.id.clone(),
            sku: known.sku.clone(),
            lot: Lot::none(),
            qty: known.qty,
            left: known.left(),
            text: known.reference.clone(),
            day: Some(known.due),
        }
    }
}

/// What is promised of a product, in all warehouses that count.
pub fn of(view: &ProductView) -> impl Iterator<Item = Promise> + '_ {
    let kept = view.reservations.iter().map(Promise::from);
    let all = kept.chain(view.expectations.iter().map(Promise::from));
    all.filter(|p| p.left.is_positive() && !view.is_given_up(&p.id.origin))
}

/// What the screen keeps.
#[derive(Debug, Clone, Default)]
pub struct Promises {
    /// The cursor.
    pub cursor: Cursor,
    /// The rows, in order.
    pub rows: Vec<Promise>,
    /// The filter as typed.
    pub filter: TextField,
    /// The product that was looked at: its rows come first.
    pub first: Option<Sku>,
}

impl Promises {
    /// The row under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&Promise> {
        self.rows.get(self.cursor.at)
    }

    /// Shows all, a product's first, the cursor on the first row.
    pub fn open(&mut self, first: Option<Sku>, model: &Model) {
        self.first = first;
        self.filter.set("");
        self.rebuild(model);
        self.cursor = Cursor::default();
    }

    /// Whether a product as it is now changes the rows, or may.
    #[must_use]
    pub fn concerns(&self, view: &ProductView) -> bool {
        let has_any = !view.reservations.is_empty() || !view.expectations.is_empty();
        has_any || self.rows.iter().any(|p| p.sku == view.product.sku)
    }

    /// Builds the rows anew; the cursor stays on its row where it is still there.
    pub fn rebuild(&mut self, model: &Model) {
        let kept = self.selected().map(|p| (p.kind, p.id.clone()));
        let here = model.status.as_ref().map(|s| &s.warehouse);
        let typed = self.filter.text().trim().to_owned();
        let mut finder = Finder::new(&typed);
        let mut rows: Vec<_> = model.products.values().flat_map(|view| of(view)).collect();
        rows.retain(|p| typed.is_empty() || finder.score(&haystack(p, model)).is_some());
        rows.sort_by_cached_key(|p| {
            let is_first = self.first.as_ref() == Some(&p.sku);
            let is_here = here == Some(&p.id.origin);
            (Reverse(is_first), Reverse(is_here), p.kind, p.day.unwrap_or(NaiveDate::MAX), p.id.clone())
        });
        self.rows = rows;
        if let Some(at) =
            kept.and_then(|(kind, id)| self.rows.iter().position(|p| p.kind == kind && p.id == id))
        {
            self.cursor.at = at;
        }
    }
}

fn haystack(promise: &Promise, model: &Model) -> String {
    let name = model.products.get(&promise.sku).map_or("", |view| view.product.name.as_str());
    let Promise { id, sku, lot, text, .. } = promise;
    format!("{id} {sku} {name} {lot} {text}")
}

/// Rows that fit.
#[must_use]
pub fn height(body: Rect) -> usize {
    usize::from(body.height.saturating_sub(3))
}

/// Draws the screen.
pub fn draw(view: &View, theme: &Theme, frame: &mut Frame, body: Rect) {
    let lang = view.lang();
    let screen = view.promises();
    let is_typing = view.is_filtering(Place::Promises);
    let mut notes = Vec::new();
    if is_typing || !screen.filter.is_empty() {
        let caret = if is_typing { theme.signs.caret } else { "" };
        let typed = text::clip(screen.filter.text(), 30, theme.signs.more);
        let style = if is_typing { theme.focus } else { theme.warning };
        notes.push(Span::styled(format!("/ {typed}{caret} "), style));
    }
    if !screen.rows.is_empty() {
        notes.push(Span::styled(counts(&screen.rows, theme, lang), theme.dim));
    }
    let inner = pane::draw(frame, body, theme, Place::Promises.name(lang), notes, true);
    if inner.is_empty() {
        return;
    }
    if screen.rows.is_empty() {
        pane::message(frame, inner, theme, &why_empty(view));
        return;
    }
    let room = usize::from(inner.width).saturating_sub(1);
    let all = columns(view, theme, room);
    let kinds: Vec<_> = all.iter().map(|(kind, _)| *kind).collect();
    let mut columns: Vec<_> = all.into_iter().map(|(_, column)| column).collect();
    let window = screen.cursor.window(screen.rows.len(), height(body));
    let in_sight: Vec<_> = window.filter_map(|at| Some((at, screen.rows.get(at)?))).collect();
    // Numbers and names of entries stand whole or not at all.
    let whole = columns.iter_mut().zip(&kinds).filter(|(c, kind)| c.side == Side::Right || **kind == Col::Id);
    for (column, kind) in whole {
        let widest = in_sight.iter().map(|(_, p)| text::width(&cell(view, theme, p, *kind).0)).max();
        column.width = column.width.max(widest.unwrap_or(0));
    }
    let shown = fit(&columns, room);
    let mut head = headings(&columns, &shown, theme.heading);
    head.spans.insert(0, Span::raw(" "));
    let mut lines = vec![head];
    for (at, promise) in in_sight {
        let is_at = at == screen.cursor.at;
        let mut row = line(&columns, &shown, theme.signs.more, |i| cell(view, theme, promise, kinds[i]));
        let lead = if is_at { Span::styled(theme.signs.cursor, theme.focus) } else { Span::raw(" ") };
        row.spans.insert(0, lead);
        lines.push(selected(row, is_at, true, theme));
    }
    frame.render_widget(Paragraph::new(lines), inner);
}

fn counts(rows: &[Promise], theme: &Theme, lang: Lang) -> String {
    let kept = rows.iter().filter(|p| p.kind == Kind::Reservation).count();
    let expected = rows.len() - kept;
    let (kept, expected) = (format::count(kept, lang), format::count(expected, lang));
    let dot = theme.signs.dot;
    match lang {
        Lang::Es => format!("reservas {kept} {dot} esperadas {expected}"),
        Lang::En => format!("reserved {kept} {dot} expected {expected}"),
    }
}

fn why_empty(view: &View) -> String {
    let lang = view.lang();
    let key = |action| view.key_of(action, Place::Promises).unwrap_or_default();
    match view.link() {
        Link::Loading => lang.pick("cargando…", "loading…").to_owned(),
        _ if !view.promises().filter.is_empty() => view.nothing_matches(),
        _ => {
            let (reserve, expect) = (key(Action::Reserve), key(Action::Expect));
            match lang {
                Lang::Es => format!(
                    "No hay nada reservado ni se espera nada de fuera. {reserve} reserva para un pedido o una persona; {expect} anota lo que \
                     se espera de un proveedor."
                ),
                Lang::En => format!(
                    "Nothing is reserved, and nothing is expected from outside. {reserve} reserves for an order or a person; {expect} notes what is \
                     expected from a supplier."
                ),
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Col {
    Kind,
    Sku,
    Name,
    Lot,
    Left,
    Of,
    Text,
    Day,
    Warehouse,
    Id,
}

fn columns(view: &View, theme: &Theme, room: usize) -> Vec<(Col, Column)> {
    let lang = view.lang();
    let column = |col, title: &str, width, rank, side| {
        (col, Column { title: title.to_owned(), width, grows: col == Col::Text, rank, side })
    };
    let said = if room >= ROOMY { 26 } else { 16 };
    let mut all = vec![
        column(Col::Kind, lang.pick("Clase", "Kind"), 8, 0, Side::Left),
        column(Col::Sku, "SKU", 11, 0, Side::Left),
        column(Col::Name, lang.pick("Producto", "Product"), 18, 6, Side::Left),
        column(Col::Lot, lang.pick("Lote", "Lot"), 10, 4, Side::Left),
        column(Col::Left, lang.pick("Quedan", "Left"), 7, 0, Side::Right),
        column(Col::Of, lang.pick("De", "Of"), 6, 3, Side::Right),
        column(Col::Day, lang.pick("Día", "Day"), 10 + text::width(theme.signs.warning) + 1, 1, Side::Left),
        column(Col::Text, lang.pick("Para, referencia", "For, reference"), said, 2, Side::Left),
    ];
    if !view.model().peers.is_empty() {
        all.push(column(Col::Warehouse, lang.pick("Almacén", "Warehouse"), 9, 5, Side::Left));
    }
    all.push(column(Col::Id, "Id", 11, 7, Side::Left));
    all
}

/// Whether its day has gone by: what is expected is late then.
#[must_use]
pub fn is_past(promise: &Promise, today: NaiveDate) -> bool {
    promise.day.is_some_and(|day| day < today)
}

fn cell(view: &View, theme: &Theme, promise: &Promise, col: Col) -> Cell {
    let lang = view.lang();
    let product = view.model().products.get(&promise.sku);
    let decimals = product.map_or(0, |view| view.product.decimals);
    let is_ours = view.own() == Some(&promise.id.origin);
    let plain = if is_ours { theme.normal } else { theme.dim };
    match col {
        Col::Kind => {
            let style = match promise.kind {
                _ if !is_ours => theme.dim,
                Kind::Reservation => theme.focus,
                Kind::Expected => theme.transit,
            };
            (promise.kind.word(lang).to_owned(), style)
        }
        Col::Sku => (promise.sku.to_string(), plain),
        Col::Name => (product.map_or_else(String::new, |view| view.product.name.clone()), plain),
        Col::Lot => (promise.lot.to_string(), plain),
        Col::Left => (format::quantity(promise.left, decimals, lang), plain),
        Col::Of => (format::quantity(promise.qty, decimals, lang), theme.dim),
        Col::Text => (promise.text.clone(), plain),
        Col::Day => day(promise, view.now().today(), plain, theme, lang),
        Col::Warehouse => (promise.id.origin.to_string(), plain),
        Col::Id => (promise.id.to_string(), theme.dim),
    }
}

fn day(promise: &Promise, today: NaiveDate, plain: Style, theme: &Theme, lang: Lang) -> Cell {
    match promise.day {
        None => (theme.signs.none.to_owned(), theme.dim),
        Some(day) if day < today => {
            (format!("{} {}", theme.signs.warning, format::date(day, lang)), theme.warning)
        }
        Some(day) if day == today => (lang.pick("hoy", "today").to_owned(), theme.warning),
        Some(day) => (format::date(day, lang), plain),
    }
}

/// A promise in one line: `20 para Pedido 8812, hasta 17/05/2026`. Of another warehouse with its name.
#[must_use]
pub fn sentence(promise: &Promise, decimals: u8, own: Option<&WarehouseId>, lang: Lang) -> String {
    let qty = format::quantity(promise.left, decimals, lang);
    let date = promise.day.map(|day| format::date(day, lang));
    let mut said = match (promise.kind, lang) {
        (Kind::Reservation, Lang::Es) => format!("{qty} para {}", promise.text),
        (Kind::Reservation, Lang::En) => format!("{qty} for {}", promise.text),
        (Kind::Expected, Lang::Es) => format!("{qty} por llegar"),
        (Kind::Expected, Lang::En) => format!("{qty} to come"),
    };
    if !promise.lot.is_none() {
        said = format!("{said}, {} {}", lang.pick("lote", "lot"), promise.lot);
    }
    if let Some(date) = date {
        let word = match promise.kind {
            Kind::Reservation => lang.pick("hasta", "until"),
            Kind::Expected => lang.pick("para el", "due"),
        };
        said = format!("{said}, {word} {date}");
    }
    if promise.kind == Kind::Expected && !promise.text.is_empty() {
        said = format!("{said}, {}", promise.text);
    }
    if own != Some(&promise.id.origin) {
        said = format!("{}: {said}", promise.id.origin);
    }
    said
}
