//! Pane 2: the movements, newest first; older ones are asked for page by page as the cursor gets there.

use std::sync::Arc;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;
use ratatui::widgets::Paragraph;
use uuid::Uuid;

use super::stock::selected;
use crate::domain::{MovementKind, Sku, TransferId};
use crate::ledger::MovementRow;
use crate::node::event::ProductView;
use crate::store::history::PageKey;
use crate::store::{HistoryPage, HistoryQuery};
use crate::text::number::one_or_more;
use crate::text::{Lang, catching_up, format, words};
use crate::ui::action::Action;
use crate::ui::keys::Place;
use crate::ui::moment::Moment;
use crate::ui::parts::cursor::Cursor;
use crate::ui::parts::field::TextField;
use crate::ui::parts::table::{Cell, Column, Side, fit, line};
use crate::ui::parts::{pane, text};
use crate::ui::requests::{self, Asked};
use crate::ui::theme::Theme;
use crate::ui::view::{Link, View};
use crate::ui::{Model, history_filter};

/// Rows of a page.
pub const PAGE: u32 = 200;
/// At most so many rows are kept; older ones are asked for again.
const MOST: usize = 20_000;
/// A page is asked for when the cursor comes so near to the end.
const NEAR: usize = 20;
/// The columns are as wide as the cells of so many rows, whatever is in sight: they don't jump as one scrolls.
const MEASURED: usize = 200;
/// Pending acts shown on top, at most.
const PENDING_SHOWN: usize = 3;

/// Rows with what is known of their end.
#[derive(Debug, Clone, Default)]
struct Loaded {
    rows: Vec<Arc<MovementRow>>,
    is_whole: bool,
    asked: Option<Uuid>,
}

impl Loaded {
    fn insert(&mut self, row: Arc<MovementRow>) -> usize {
        let place = self.rows.partition_point(|r| r.sort_key > row.sort_key);
        self.rows.insert(place, row);
        if self.rows.len() > MOST {
            self.rows.truncate(MOST);
            self.is_whole = false;
        }
        place
    }

    fn last(&self) -> Option<PageKey> {
        self.rows.last().map(|r| PageKey {
            sort_key: r.sort_key,
            origin: r.origin.clone(),
            seq: r.seq,
            line: r.line,
        })
    }
}

/// What the pane keeps.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// The cursor.
    pub cursor: Cursor,
    /// The filter as typed.
    pub filter: TextField,
    live: Loaded,
    found: Option<(String, Loaded)>,
    /// New rows that wait while the history is held still.
    waiting: Option<Vec<Arc<MovementRow>>>,
}

impl History {
    /// The rows shown.
    #[must_use]
    pub fn rows(&self) -> &[Arc<MovementRow>] {
        self.found.as_ref().map_or(&self.live.rows, |(_, found)| &found.rows)
    }

    /// The row under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&Arc<MovementRow>> {
        self.rows().get(self.cursor.at)
    }

    /// Whether it is held still.
    #[must_use]
    pub const fn is_frozen(&self) -> bool {
        self.waiting.is_some()
    }

    /// Begins anew from a picture.
    pub fn restart(&mut self, model: &Model) {
        self.live = Loaded { rows: model.movements.iter().cloned().collect(), ..Loaded::default() };
        if let Some((_, found)) = &mut self.found {
            *found = Loaded::default();
        }
        self.waiting = self.waiting.is_some().then(Vec::new);
    }

    /// Takes new rows.
    pub fn take(&mut self, new: &[Arc<MovementRow>], model: &Model, moment: &Moment) {
        if let Some(waiting) = &mut self.waiting {
            waiting.extend_from_slice(new);
            return;
        }
        let mut above = 0;
        for row in new {
            let place = self.live.insert(Arc::clone(row));
            let shown = match &mut self.found {
                None => Some(place),
                Some((typed, found)) => {
                    let query = history_filter::parse(typed, moment);
                    history_filter::matches(row, &query, model).then(|| found.insert(Arc::clone(row)))
                }
            };
            if shown.is_some_and(|place| place <= self.cursor.at) {
                above += 1;
            }
        }
        // At the top one sees what comes; further down the cursor stays on its row.
        if self.cursor.at > 0 {
            self.cursor.at += above;
            self.cursor.top += above;
        }
    }

    /// Holds it still, or lets what waited in.
    pub fn freeze(&mut self, model: &Model, moment: &Moment) {
        match self.waiting.take() {
            None => self.waiting = Some(Vec::new()),
            Some(rows) => self.take(&rows, model, moment),
        }
    }

    /// What to ask the node for now, if anything: the next page, or the first of a filter.
    pub fn wants(&mut self, id: Uuid, moment: &Moment) -> Option<HistoryQuery> {
        let typed = self.filter.text().trim();
        if typed.is_empty() {
            if self.found.take().is_some() {
                self.cursor = Cursor::default();
            }
        } else if self.found.as_ref().is_none_or(|(known, _)| known != typed) {
            self.found = Some((typed.to_owned(), Loaded::default()));
            self.cursor = Cursor::default();
        }
        let (mut query, rows) = match &mut self.found {
            Some((typed, rows)) => (history_filter::parse(typed, moment), rows),
            None => (HistoryQuery::default(), &mut self.live),
        };
        if rows.is_whole || rows.asked.is_some() || self.cursor.at + NEAR < rows.rows.len() {
            return None;
        }
        rows.asked = Some(id);
        query.after = rows.last();
        query.limit = PAGE;
        Some(query)
    }

    /// Takes a page that was asked for; pages of filters that are no more are dropped.
    pub fn page(&mut self, id: Uuid, page: Option<HistoryPage>) {
        let found = self.found.as_mut().map(|(_, rows)| rows);
        let Some(rows) = [Some(&mut self.live), found].into_iter().flatten().find(|r| r.asked == Some(id))
        else {
            return;
        };
        rows.asked = None;
        match page {
            Some(page) => {
                rows.is_whole = page.next.is_none();
                rows.rows.extend(page.rows.into_iter().map(Arc::new));
            }
            // The node couldn't tell; asking again at once would only repeat that.
            None => rows.is_whole = true,
        }
    }

    /// Whether a page is on its way.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.found.as_ref().map_or(&self.live, |(_, found)| found).asked.is_some()
    }
}

/// Rows that fit into the pane, pending acts taken off.
#[must_use]
pub fn height(area: Rect, pending: usize) -> usize {
    usize::from(area.height.saturating_sub(2)).saturating_sub(pending.min(PENDING_SHOWN))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Time,
    Warehouse,
    Operator,
    Kind,
    Sku,
    Change,
    Note,
    Seen,
}

/// The columns of the history, as wide as what stands in them; `of_one_product` leaves the product out.
fn columns(
    view: &View,
    theme: &Theme,
    rows: &[Arc<MovementRow>],
    of_one_product: bool,
) -> (Vec<Field>, Vec<Column>) {
    let mut all = vec![
        (Field::Time, 8, 8, false, 0, Side::Left),
        (Field::Warehouse, 6, 12, false, 2, Side::Left),
        (Field::Operator, 4, 10, false, 6, Side::Left),
        (Field::Kind, 8, 13, false, 1, Side::Left),
        (Field::Sku, 6, 11, false, 0, Side::Left),
        (Field::Change, 5, 12, false, 0, Side::Right),
        (Field::Note, 12, 12, true, 4, Side::Left),
        (Field::Seen, 5, 7, false, 3, Side::Right),
    ];
    all.retain(|(field, ..)| !(of_one_product && *field == Field::Sku));
    let kinds = all.iter().map(|c| c.0).collect();
    let columns = all
        .into_iter()
        .map(|(kind, least, most, grows, rank, side)| {
            let cells = rows.iter().take(MEASURED).filter(|_| least < most);
            let widest = cells.map(|row| text::width(&cell(view, theme, row, kind).0)).max();
            let width = widest.map_or(most, |widest| widest.clamp(least, most));
            Column { title: String::new(), width, grows, rank, side }
        })
        .collect();
    (kinds, columns)
}

/// Draws the pane.
pub fn draw(view: &View, theme: &Theme, frame: &mut Frame, area: Rect, has_focus: bool) {
    let lang = view.lang();
    let history = view.history();
    let is_typing = view.is_filtering(Place::History);
    let mut notes = Vec::new();
    if !history.filter.is_empty() || is_typing {
        let style = if is_typing { theme.focus } else { theme.warning };
        let typed = text::clip(history.filter.text(), 30, theme.signs.more);
        let caret = if is_typing { theme.signs.caret } else { "" };
        notes.push(Span::styled(format!("/ {typed}{caret}"), style));
    }
    if notes.is_empty()
        && let Some(progress) = view.catching_up()
    {
        notes.push(Span::styled(catching_up::so_far(lang, progress), theme.warning));
    }
    if let Some(waiting) = &history.waiting {
        let held = lang.pick("congelado", "frozen");
        let new = lang.pick("nuevos", "new");
        notes.push(Span::styled(
            format!(" {held} {} {} {new}", theme.signs.dot, waiting.len()),
            theme.warning,
        ));
    }
    let title = format!("2 {}", Place::History.name(lang));
    let inner = pane::draw(frame, area, theme, &title, notes, has_focus);
    if inner.is_empty() {
        return;
    }
    let pending: Vec<_> = view.requests().pending().collect();
    let rows = history.rows();
    if rows.is_empty() && pending.is_empty() {
        pane::message(frame, inner, theme, &why_empty(view));
        return;
    }
    let (kinds, columns) = columns(view, theme, rows, false);
    let shown = fit(&columns, usize::from(inner.width).saturating_sub(1));
    let mut lines = Vec::new();
    for asked in pending.iter().take(PENDING_SHOWN) {
        let mut row =
            line(&columns, &shown, theme.signs.more, |i| pending_cell(view, theme, asked, kinds[i]));
        row.spans.insert(0, Span::raw(" "));
        lines.push(row);
    }
    for at in history.cursor.window(rows.len(), height(area, pending.len())) {
        let Some(row) = rows.get(at) else { continue };
        let is_here = at == history.cursor.at;
        let mut text = line(&columns, &shown, theme.signs.more, |i| cell(view, theme, row, kinds[i]));
        let lead = if is_here && has_focus { theme.signs.cursor } else { " " };
        text.spans.insert(0, Span::styled(lead, theme.focus));
        lines.push(selected(text, is_here, has_focus, theme));
    }
    frame.render_widget(Paragraph::new(lines), inner);
}

/// Draws movements of one product, without a frame and a cursor: for its card.
pub fn draw_plain(view: &View, theme: &Theme, frame: &mut Frame, area: Rect, rows: &[Arc<MovementRow>]) {
    let (kinds, columns) = columns(view, theme, rows, true);
    let shown = fit(&columns, usize::from(area.width));
    let lines: Vec<_> = rows
        .iter()
        .take(usize::from(area.height))
        .map(|row| line(&columns, &shown, theme.signs.more, |i| cell(view, theme, row, kinds[i])))
        .collect();
    frame.render_widget(Paragraph::new(lines), area);
}

fn why_empty(view: &View) -> String {
    let lang = view.lang();
    if matches!(view.link(), Link::Loading) || view.history().is_loading() {
        return lang.pick("cargando…", "loading…").to_owned();
    }
    if !view.history().filter.is_empty() {
        return view.nothing_matches();
    }
    view.still_coming().unwrap_or_else(|| {
        let key = view.key_of(Action::Receipt, Place::History).unwrap_or_default();
        match lang {
            Lang::Es => {
                format!("Aún no hay movimientos: escanee un producto, o pulse {key} para una entrada")
            }
            Lang::En => format!("No movements yet: scan a product, or press {key} for a receipt"),
        }
    })
}

/// The time of a row: of the day, or the day itself.
fn when(ms: i64, view: &View) -> String {
    let now = view.now();
    let day = format::local(ms, now.zone).date_naive();
    if day == now.today() { format::time(ms, now.zone) } else { format::short_date(day, view.lang()) }
}

fn cell(view: &View, theme: &Theme, row: &MovementRow, field: Field) -> Cell {
    let is_own = view.own() == Some(&row.origin);
    let style = if is_own { theme.normal } else { theme.dim };
    match field {
        Field::Time => (when(row.at_ms, view), theme.dim),
        Field::Warehouse => (row.origin.to_string(), style),
        Field::Operator => (row.operator.to_string(), style),
        Field::Kind => (words::movement(view.lang(), row.kind).to_owned(), kind_style(row.kind, theme)),
        Field::Sku => (row.sku.to_string(), theme.normal),
        Field::Change => {
            let decimals = decimals(view, &row.sku);
            let is_wish = !row.kind.moves() || row.kind == MovementKind::TransferRejected;
            if is_wish && row.qty.is_zero() {
                (String::new(), theme.dim)
            } else if is_wish {
                (format!("({})", format::quantity(row.qty, decimals, view.lang())), theme.dim)
            } else {
                (format::change(row.qty, decimals, view.lang()), theme.heading)
            }
        }
        Field::Note => (note(view, theme, row), style),
        Field::Seen => seen_cell(view, theme, row, is_own),
    }
}

fn seen_cell(view: &View, theme: &Theme, row: &MovementRow, is_own: bool) -> Cell {
    let recorded = view.model().status.as_ref().map_or(0, |s| s.recorded);
    let (seen, all) = requests::seen(row.seq, view.model().members());
    if !is_own || row.seq + 50 <= recorded || all == 0 {
        return (String::new(), theme.dim);
    }
    let style = if seen == all { theme.ok } else { theme.dim };
    (format!("{}{seen}/{all}", theme.signs.done), style)
}

fn kind_style(kind: MovementKind, theme: &Theme) -> Style {
    match kind {
        MovementKind::TransferDispatched
        | MovementKind::TransferReceived
        | MovementKind::TransferReturned
        | MovementKind::TransferRequested => theme.transit,
        MovementKind::TransferRejected | MovementKind::TransferDeclined | MovementKind::Reversal => {
            theme.warning
        }
        _ => theme.normal,
    }
}

fn decimals(view: &View, sku: &Sku) -> u8 {
    view.model().products.get(sku).map_or(0, |p: &Arc<ProductView>| p.product.decimals)
}

/// What else there is to say of a row.
#[must_use]
pub fn note(view: &View, theme: &Theme, row: &MovementRow) -> String {
    let lang = view.lang();
    let mut parts = Vec::new();
    if let Some(other) = &row.other {
        let comes = matches!(
            row.kind,
            MovementKind::TransferReceived | MovementKind::TransferRequested | MovementKind::TransferReturned
        );
        let arrow = if comes { theme.signs.back } else { theme.signs.to };
        parts.push(format!("{arrow} {other}"));
    }
    if let Some(TransferId { origin, seq }) = &row.transfer {
        let id = if *origin == row.origin { format!(":{seq}") } else { format!("{origin}:{seq}") };
        parts.push(id);
    }
    if !row.shortage.is_zero() {
        let short = format::quantity(row.shortage, decimals(view, &row.sku), lang);
        parts.push(format!("{} {short}", lang.pick(one_or_more(row.shortage, ("falta", "faltan")), "short")));
    }
    if !row.lot.is_none() {
        parts.push(format!("{} {}", lang.pick("lote", "lot"), row.lot));
    }
    if let Some(seq) = row.reverses {
        parts.push(format!("{} :{seq}", lang.pick("anula", "undoes")));
    }
    if !row.reason.is_empty() {
        parts.push(words::reason(lang, &row.reason).to_owned());
    }
    if !row.reference.is_empty() {
        parts.push(row.reference.clone());
    }
    parts.join(&format!(" {} ", theme.signs.dot))
}

fn pending_cell(view: &View, theme: &Theme, asked: &Asked, field: Field) -> Cell {
    let lines = requests::lines(&asked.request.act);
    let first = lines.first();
    let text = match field {
        Field::Time => when(asked.at_ms, view),
        Field::Warehouse => view.own().map(ToString::to_string).unwrap_or_default(),
        Field::Operator => view.operator().map(ToString::to_string).unwrap_or_default(),
        Field::Kind => first.map_or_else(
            || view.lang().pick("catálogo", "catalogue").to_owned(),
            |(kind, ..)| words::movement(view.lang(), *kind).to_owned(),
        ),
        Field::Sku => first.and_then(|l| l.1.as_ref()).map(ToString::to_string).unwrap_or_default(),
        Field::Change => match first {
            Some((_, Some(sku), Some(q))) => format::change(*q, decimals(view, sku), view.lang()),
            _ => String::new(),
        },
        Field::Note => {
            let more = lines.len().saturating_sub(1);
            let pending = view.lang().pick("pendiente", "pending");
            if more > 0 { format!("{pending} (+{more})") } else { pending.to_owned() }
        }
        Field::Seen => theme.signs.pending.to_owned(),
    };
    (text, theme.dim)
}
