//! Pane 1: the stock. Only the rows in sight are looked at when it is drawn.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::badges;
use crate::domain::reorder::{Cover, is_low};
use crate::domain::{Quantity, Severity, Sku, WarehouseId};
use crate::node::event::{PeerState, PeerView, ProductView, Standing};
use crate::text::{Lang, catching_up, format};
use crate::ui::Model;
use crate::ui::action::Action;
use crate::ui::fuzzy::Finder;
use crate::ui::keys::Place;
use crate::ui::parts::cursor::Cursor;
use crate::ui::parts::field::TextField;
use crate::ui::parts::table::{Cell, Column, Side, fit, headings, line};
use crate::ui::parts::{pane, text};
use crate::ui::theme::Theme;
use crate::ui::view::{Link, View};

/// How long a row that changed is marked.
pub const MARKED: Duration = Duration::from_secs(2);
/// From so many columns on the name is not the first to be cut.
const ROOMY: usize = 70;
/// So much of the name is left where numbers need room.
const LEAST_NAME: usize = 8;
/// More changes at once than this are an import: marking them would say nothing.
const MOST_MARKED: usize = 200;

/// What the pane keeps.
#[derive(Debug, Clone, Default)]
pub struct Stock {
    /// The cursor.
    pub cursor: Cursor,
    /// The products shown, in order.
    pub rows: Vec<Sku>,
    /// The filter as typed.
    pub filter: TextField,
    filtered_by: String,
    marked: BTreeMap<Sku, Duration>,
}

impl Stock {
    /// The product under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&Sku> {
        self.rows.get(self.cursor.at)
    }

    /// Builds the rows anew; the cursor stays on its product where it is still shown.
    pub fn rebuild(&mut self, model: &Model) {
        let selected = self.selected().cloned();
        self.filtered_by = self.filter.text().trim().to_owned();
        self.rows = if self.filtered_by.is_empty() {
            model.products.values().filter(|p| is_shown(p)).map(|p| p.product.sku.clone()).collect()
        } else {
            find(&self.filtered_by, model)
        };
        if let Some(at) = selected.and_then(|sku| self.rows.iter().position(|s| *s == sku)) {
            self.cursor.at = at;
        }
    }

    /// The filter was typed into: the cursor goes to the best that was found; without a filter it stays on its product.
    pub fn refilter(&mut self, model: &Model) {
        if self.filter.text().trim() == self.filtered_by {
            return;
        }
        self.rebuild(model);
        if !self.filtered_by.is_empty() {
            self.cursor = Cursor::default();
        }
    }

    /// Puts the cursor on a product; a filter that hides it goes.
    pub fn select(&mut self, sku: &Sku, model: &Model) {
        if !self.rows.contains(sku) {
            self.filter.set("");
            self.rebuild(model);
        }
        if let Some(at) = self.rows.iter().position(|s| s == sku) {
            self.cursor.at = at;
        }
    }

    /// Marks rows that changed just now, out of so many changes in all.
    pub fn mark(&mut self, rows: Vec<Sku>, changes: usize, at: Duration) {
        if changes <= MOST_MARKED {
            self.marked.extend(rows.into_iter().map(|sku| (sku, at + MARKED)));
        }
    }

    /// Takes marks away whose time is over; true when some were.
    pub fn unmark(&mut self, at: Duration) -> bool {
        let before = self.marked.len();
        self.marked.retain(|_, until| *until > at);
        before != self.marked.len()
    }

    /// When the next mark goes.
    #[must_use]
    pub fn due(&self) -> Option<Duration> {
        self.marked.values().min().copied()
    }

    fn is_marked(&self, sku: &Sku) -> bool {
        self.marked.contains_key(sku)
    }
}

/// A retired product is shown as long as some of it is left.
fn is_shown(product: &ProductView) -> bool {
    !product.product.retired || !product.total().is_zero()
}

fn find(typed: &str, model: &Model) -> Vec<Sku> {
    let mut finder = Finder::new(typed);
    let mut found: Vec<(u32, &Sku)> = model
        .findable()
        .iter()
        .filter_map(|product| Some((finder.score(product.all)?, product)))
        .filter(|(_, found)| !found.retired || model.products.get(found.sku).is_some_and(|p| is_shown(p)))
        .map(|(score, found)| (score, found.sku))
        .collect();
    // They come in the order of their SKUs, and equals keep it.
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.into_iter().map(|(_, sku)| sku.clone()).collect()
}

/// What stands out about a product here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Nothing.
    None,
    /// At or below its reorder point.
    Low,
    /// Nothing on hand of a product with a rule.
    Out,
    /// A lot past its date.
    Expired,
}

/// What stands out about a product in a warehouse; the worst of it.
#[must_use]
pub fn mark(product: &ProductView, here: &WarehouseId, today: chrono::NaiveDate) -> Mark {
    let is_expired = product
        .cells
        .iter()
        .any(|c| c.warehouse == *here && c.on_hand.is_positive() && c.expiry.is_some_and(|day| day < today));
    if is_expired {
        return Mark::Expired;
    }
    match product.reorder_point(here) {
        Some(_) if product.on_hand(here).is_zero() => Mark::Out,
        Some(point) if is_low(product.position(here), point) => Mark::Low,
        _ => Mark::None,
    }
}

/// The sign and style of a mark.
#[must_use]
pub const fn mark_look(mark: Mark, theme: &Theme) -> (&'static str, Style) {
    match mark {
        Mark::None => ("", theme.normal),
        Mark::Low => (theme.signs.low, theme.warning),
        Mark::Out => (theme.signs.out, theme.error),
        Mark::Expired => (theme.signs.expired, theme.error),
    }
}

/// What a warehouse is known to have of a product; none = never heard of.
#[must_use]
pub fn known(product: &ProductView, warehouse: &WarehouseId, peer: Option<&PeerView>) -> Option<Quantity> {
    let has_cell = product.cells.iter().any(|c| c.warehouse == *warehouse);
    let is_told = peer.is_some_and(|p| p.applied > 0 && p.state == PeerState::Alive && p.lag_entries == 0);
    (has_cell || is_told).then(|| product.on_hand(warehouse))
}

/// Days of cover as they are shown.
#[must_use]
pub fn days(product: &ProductView, here: &WarehouseId, theme: &Theme, view: &View) -> String {
    match Cover::of(product.available(here), product.issued_30d(here), 30) {
        Cover::Endless => theme.signs.endless.to_owned(),
        Cover::Tenths(tenths) => format::whole(i64::try_from(tenths / 10).unwrap_or(i64::MAX), view.lang()),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sku,
    Name,
    Mark,
    Here,
    Peer(usize),
    Transit,
    Total,
    GivenUp,
    Point,
    Days,
    Reserved,
}

fn columns(view: &View, theme: &Theme, room: usize) -> (Vec<Kind>, Vec<Column>) {
    let lang = view.lang();
    let mut kinds = Vec::new();
    let mut all = Vec::new();
    let mut add = |kind, title: &str, width, grows, rank, side| {
        kinds.push(kind);
        all.push(Column { title: title.to_owned(), width, grows, rank, side });
    };
    add(Kind::Sku, "SKU", 11, false, 0, Side::Left);
    let name = if room >= ROOMY { 18 } else { 10 };
    add(Kind::Name, lang.pick("Producto", "Product"), name, true, 1, Side::Left);
    add(Kind::Mark, "", theme.signs.low.len().min(1), false, 0, Side::Left);
    add(Kind::Here, lang.pick("Aquí", "Here"), 7, false, 0, Side::Right);
    add(Kind::Reserved, lang.pick("Res.", "Rsvd."), 6, false, 101, Side::Right);
    let peers = view.model().peers.iter().enumerate();
    for (i, peer) in peers.filter(|(_, peer)| peer.standing.belongs()) {
        let sign = match peer.state {
            PeerState::Alive => "",
            PeerState::Suspect => theme.signs.suspect,
            PeerState::Down => theme.signs.down,
        };
        let title = text::clip(&title_case(peer.id.as_str()), 5, ".");
        let rank = u8::try_from(i + 5).unwrap_or(u8::MAX);
        add(Kind::Peer(i), &format!("{title}{sign}"), 7, false, rank, Side::Right);
    }
    add(Kind::Transit, theme.signs.transit, 5, false, 3, Side::Right);
    add(Kind::Total, "Total", 7, false, 2, Side::Right);
    if view.model().peers.iter().any(|peer| peer.standing == Standing::GivenUp) {
        add(Kind::GivenUp, lang.pick("Perdido", "Given up"), 8, false, 3, Side::Right);
    }
    add(Kind::Point, lang.pick("PdP", "ROP"), 6, false, 100, Side::Right);
    add(Kind::Days, lang.pick("Días", "Days"), 5, false, 4, Side::Right);
    (kinds, all)
}

fn model_product<'a>(view: &'a View, sku: &Sku) -> Option<&'a ProductView> {
    view.model().products.get(sku).map(AsRef::as_ref)
}

/// Makes room for the numbers in sight, whole: a quantity that is cut is another quantity. The name gives way.
fn widen<'a>(
    all: &mut [Column],
    in_sight: impl Iterator<Item = &'a ProductView> + Clone,
    width: impl Fn(&'a ProductView, usize) -> usize,
) {
    let mut gained = 0;
    for (i, column) in all.iter_mut().enumerate().filter(|(_, column)| column.side == Side::Right) {
        let widest = in_sight.clone().map(|product| width(product, i)).max().unwrap_or(0);
        let more = widest.saturating_sub(column.width);
        column.width += more;
        gained += more;
    }
    for name in all.iter_mut().filter(|column| column.grows) {
        name.width = name.width.saturating_sub(gained).max(LEAST_NAME.min(name.width));
    }
}

/// A warehouse's id as a heading.
#[must_use]
pub fn title_case(id: &str) -> String {
    let mut chars = id.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// Rows that fit into the pane.
#[must_use]
pub fn height(area: Rect) -> usize {
    usize::from(area.height.saturating_sub(3))
}

/// Draws the pane.
pub fn draw(view: &View, theme: &Theme, frame: &mut Frame, area: Rect, has_focus: bool) {
    let lang = view.lang();
    let stock = view.stock();
    let all = view.model().products.len();
    let is_filtered = !stock.filter.is_empty() || view.is_filtering(crate::ui::keys::Place::Stock);
    let mut notes = Vec::new();
    if is_filtered {
        let style =
            if view.is_filtering(crate::ui::keys::Place::Stock) { theme.focus } else { theme.warning };
        let typed = text::clip(stock.filter.text(), 30, theme.signs.more);
        let caret = if view.is_filtering(crate::ui::keys::Place::Stock) { theme.signs.caret } else { "" };
        notes.push(Span::styled(format!("/ {typed}{caret} "), style));
        let of = lang.pick("de", "of");
        let (found, all) = (format::count(stock.rows.len(), lang), format::count(all, lang));
        notes.push(Span::styled(format!("{found} {of} {all}"), theme.dim));
    } else if let Some(progress) = view.catching_up() {
        notes.push(Span::styled(catching_up::so_far(lang, progress), theme.warning));
    } else if all > 0 {
        notes.push(Span::styled(format::count(stock.rows.len(), lang), theme.dim));
    }
    let title = format!("1 {}", crate::ui::keys::Place::Stock.name(lang));
    let inner = pane::draw(frame, area, theme, &title, notes, has_focus);
    if inner.is_empty() {
        return;
    }
    if stock.rows.is_empty() {
        pane::message(frame, inner, theme, &why_empty(view, is_filtered));
        return;
    }
    let cursor_width = 1;
    let room = usize::from(inner.width).saturating_sub(cursor_width);
    let window = stock.cursor.window(stock.rows.len(), height(area));
    let in_sight: Vec<(usize, &ProductView)> =
        window.filter_map(|at| Some((at, model_product(view, stock.rows.get(at)?)?))).collect();
    let (kinds, mut all) = columns(view, theme, room);
    widen(&mut all, in_sight.iter().map(|(_, product)| *product), |product, i| {
        text::width(&cell(view, theme, product, kinds[i]).0) + usize::from(kinds[i] == Kind::Here)
    });
    let shown = fit(&all, room);
    // Where the column has no room, a sign behind what is here says that some of it is kept.
    let has_room = shown.iter().any(|(i, _)| kinds[*i] == Kind::Reserved);
    let is_kept = |product: &ProductView| view.own().is_some_and(|h| product.reserved(h).is_positive());
    let is_marked = !has_room && in_sight.iter().any(|(_, product)| is_kept(product));
    if let Some(here) = kinds.iter().position(|k| *k == Kind::Here).filter(|_| is_marked) {
        all[here].title.push(' ');
    }
    let told = told(view, &in_sight);
    let mut lines = Vec::with_capacity(usize::from(inner.height));
    let mut head = headings(&all, &shown, theme.heading);
    head.spans.insert(0, Span::raw(" "));
    lines.push(head);
    for (at, product) in in_sight {
        let is_here = at == stock.cursor.at;
        let mut row = line(&all, &shown, theme.signs.more, |i| {
            let (mut text, mut style) = cell(view, theme, product, kinds[i]);
            if kinds[i] == Kind::Mark
                && text.is_empty()
                && let Some(severity) = told.get(&product.product.sku)
            {
                let (sign, look) = badges::look(*severity, theme);
                (text, style) = (sign.to_owned(), look);
            }
            if is_marked && kinds[i] == Kind::Here {
                text.push_str(if is_kept(product) { theme.signs.kept } else { " " });
            }
            (text, style)
        });
        let lead = if stock.is_marked(&product.product.sku) {
            Span::styled(theme.signs.changed, theme.focus)
        } else if is_here && has_focus {
            Span::styled(theme.signs.cursor, theme.focus)
        } else {
            Span::raw(" ")
        };
        row.spans.insert(0, lead);
        lines.push(selected(row, is_here, has_focus, theme));
    }
    frame.render_widget(Paragraph::new(lines), inner);
}

/// How much the worst alert that nobody has seen presses, of the products in sight that one is about.
fn told<'a>(view: &View, in_sight: &[(usize, &'a ProductView)]) -> BTreeMap<&'a Sku, Severity> {
    let shown: BTreeSet<&Sku> = in_sight.iter().map(|(_, product)| &product.product.sku).collect();
    let mut told = BTreeMap::new();
    for alert in view.model().alerts.iter().filter(|alert| alert.acknowledged_by.is_none()) {
        for sku in alert.what.skus().into_iter().flatten() {
            if let Some(sku) = shown.get(sku) {
                let worst = told.entry(*sku).or_insert(Severity::Info);
                *worst = (*worst).max(alert.what.severity());
            }
        }
    }
    told
}

/// The look of a row under the cursor; without the keys it is only hinted at.
#[must_use]
pub fn selected<'a>(mut row: Line<'a>, is_here: bool, has_focus: bool, theme: &Theme) -> Line<'a> {
    if is_here && has_focus {
        // Reversed, the colours of cells would be patches; their signs say it, too.
        for span in &mut row.spans {
            span.style.fg = None;
        }
        row.style(theme.selected)
    } else if is_here {
        row.style(theme.heading)
    } else {
        row
    }
}

fn why_empty(view: &View, is_filtered: bool) -> String {
    let lang = view.lang();
    match view.link() {
        Link::Loading => lang.pick("cargando…", "loading…").to_owned(),
        _ if is_filtered => view.nothing_matches(),
        _ => view.still_coming().unwrap_or_else(|| {
            let own = view.own().map_or("ID", |own| own.as_str());
            let key = view.key_of(Action::NewProduct, Place::Stock).unwrap_or_default();
            match lang {
                Lang::Es => format!(
                    "El catálogo está vacío. Pulse {key} para el primer producto, o importe uno: \
                     rubentario --node {own} import catalogue FICHERO.csv"
                ),
                Lang::En => format!(
                    "The catalogue is empty. Press {key} for the first product, or import one: \
                     rubentario --node {own} import catalogue FILE.csv"
                ),
            }
        }),
    }
}

fn cell(view: &View, theme: &Theme, product: &ProductView, kind: Kind) -> Cell {
    let lang = view.lang();
    let decimals = product.product.decimals;
    let here = view.own();
    let number = |q| format::quantity(q, decimals, lang);
    match kind {
        Kind::Sku => (product.product.sku.to_string(), theme.normal),
        Kind::Name => {
            let style = if product.product.retired { theme.dim } else { theme.normal };
            (product.product.name.clone(), style)
        }
        Kind::Mark => {
            let (sign, style) =
                here.map_or(("", theme.normal), |h| mark_look(mark(product, h, view.now().today()), theme));
            (sign.to_owned(), style)
        }
        Kind::Here => {
            let q = here.map_or(Quantity::ZERO, |h| product.on_hand(h));
            let style = here.map_or(theme.normal, |h| match mark(product, h, view.now().today()) {
                Mark::Low => theme.warning,
                Mark::Out => theme.error,
                _ => theme.heading,
            });
            (number(q), style)
        }
        Kind::Peer(i) => {
            let peer = view.model().peers.get(i);
            let q = peer.and_then(|p| known(product, &p.id, Some(p)));
            let is_fresh = peer.is_some_and(|p| p.state == PeerState::Alive && p.lag_entries == 0);
            match q {
                Some(q) => (number(q), if is_fresh { theme.normal } else { theme.dim }),
                None => (theme.signs.none.to_owned(), theme.dim),
            }
        }
        Kind::Transit => {
            let q = product.in_transit();
            if q.is_zero() { (String::new(), theme.normal) } else { (number(q), theme.transit) }
        }
        Kind::Total => (number(product.total()), theme.normal),
        Kind::GivenUp => {
            let lost = product.given_up.iter().map(|w| product.lost(w));
            let q = lost.fold(Quantity::ZERO, Quantity::saturating_plus);
            (if q.is_zero() { String::new() } else { number(q) }, theme.dim)
        }
        Kind::Reserved => {
            let q = here.map_or(Quantity::ZERO, |h| product.reserved(h));
            (if q.is_zero() { String::new() } else { number(q) }, theme.normal)
        }
        Kind::Point => {
            let point = here.and_then(|h| product.reorder_point(h));
            point.map_or_else(|| (theme.signs.none.to_owned(), theme.dim), |q| (number(q), theme.normal))
        }
        Kind::Days => {
            let text = here.map_or_else(String::new, |h| days(product, h, theme, view));
            (text, theme.normal)
        }
    }
}
