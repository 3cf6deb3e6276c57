//! Screen 5: the transfers, by what is to be done with them.
//!
//! ```text
//! ╭ to send 2 ──╮╭ on the road 1 ╮╭ to receive 1 ╮╭ closed 40 ──╮     narrow: one column
//! ╰─────────────╯╰───────────────╯╰──────────────╯╰─────────────╯
//! ╭ the selected one: lines, steps ──────────────────────────────╮     where there is room
//! ╰──────────────────────────────────────────────────────────────╯
//! ```

mod details;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::{Quantity, Sku, TransferId, TransferState, WarehouseId};
use crate::ledger::book::Transfer;
use crate::text::{Lang, format, time, words};
use crate::ui::Model;
use crate::ui::action::Action;
use crate::ui::fuzzy::Finder;
use crate::ui::keys::Place;
use crate::ui::panes::stock::selected;
use crate::ui::parts::cursor::Cursor;
use crate::ui::parts::field::TextField;
use crate::ui::parts::{pane, text};
use crate::ui::theme::Theme;
use crate::ui::view::{Link, View};

pub use details::{LineFacts, details_lines, line_facts};

/// At most so many closed ones are listed.
const MOST_CLOSED: usize = 500;
/// Rows that each transfer takes.
const EACH: u16 = 2;
/// Goods that find fewer columns beside the state are left out.
const LEAST_OF_GOODS: usize = 6;

/// A column of the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Asked of us.
    ToSend,
    /// Between warehouses, and nothing for us to do.
    UnderWay,
    /// For us, sent or asked for; or on its way back to us.
    ToReceive,
    /// Nobody owes anything.
    Closed,
}

impl Group {
    /// From left to right.
    pub const ALL: [Self; 4] = [Self::ToSend, Self::UnderWay, Self::ToReceive, Self::Closed];

    const fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::ToSend => lang.pick("Por enviar", "To send"),
            Self::UnderWay => lang.pick("En curso", "Under way"),
            Self::ToReceive => lang.pick("Por recibir", "To receive"),
            Self::Closed => lang.pick("Cerradas", "Closed"),
        }
    }

    /// The column of a transfer as seen from a warehouse.
    #[must_use]
    pub fn of(transfer: &Transfer, here: Option<&WarehouseId>) -> Self {
        let is_from_here = here == Some(&transfer.from);
        let is_to_here = here == Some(&transfer.to);
        match transfer.state() {
            TransferState::Requested | TransferState::WithdrawalAsked if is_from_here => Self::ToSend,
            TransferState::Requested | TransferState::WithdrawalAsked | TransferState::Dispatched
                if is_to_here =>
            {
                Self::ToReceive
            }
            TransferState::Rejected if is_from_here => Self::ToReceive,
            state if state.is_closed() => Self::Closed,
            _ => Self::UnderWay,
        }
    }
}

/// What the screen keeps.
#[derive(Debug, Clone, Default)]
pub struct Board {
    /// Which column has the keys.
    pub column: usize,
    /// A cursor per column.
    pub cursors: [Cursor; 4],
    /// Transfers per column.
    pub columns: [Vec<TransferId>; 4],
    /// The filter as typed.
    pub filter: TextField,
}

impl Board {
    /// The transfer under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&TransferId> {
        self.columns.get(self.column)?.get(self.cursors.get(self.column)?.at)
    }

    /// Sorts all transfers into their columns; cursors stay on theirs where they are still there.
    pub fn rebuild(&mut self, model: &Model) {
        let here = model.status.as_ref().map(|s| &s.warehouse);
        let typed = self.filter.text().trim().to_owned();
        let mut finder = Finder::new(&typed);
        let kept: Vec<_> = (0..4).map(|i| self.columns[i].get(self.cursors[i].at).cloned()).collect();
        let mut sorted: [Vec<(i64, &TransferId)>; 4] = Default::default();
        for transfer in model.transfers.values() {
            if !typed.is_empty() && finder.score(&haystack(transfer, model)).is_none() {
                continue;
            }
            let group = Group::of(transfer, here);
            let column = Group::ALL.iter().position(|g| *g == group).unwrap_or(0);
            sorted[column].push((transfer.changed_ms(), &transfer.id));
        }
        for (i, mut found) in sorted.into_iter().enumerate() {
            // What waits longest comes first; of those closed the newest.
            found.sort_unstable();
            if i == 3 {
                found.reverse();
                found.truncate(MOST_CLOSED);
            }
            self.columns[i] = found.into_iter().map(|(_, id)| id.clone()).collect();
            let kept = kept.get(i).and_then(Option::as_ref);
            if let Some(at) = kept.and_then(|id| self.columns[i].iter().position(|t| t == id)) {
                self.cursors[i].at = at;
            }
        }
    }

    /// Puts the cursor on a transfer.
    pub fn select(&mut self, id: &TransferId) {
        for (i, column) in self.columns.iter().enumerate() {
            if let Some(at) = column.iter().position(|t| t == id) {
                self.column = i;
                self.cursors[i].at = at;
            }
        }
    }

    /// Moves; false when the action is no motion.
    pub fn go(&mut self, action: Action, height: usize) -> bool {
        match action {
            Action::Left => self.column = self.column.saturating_sub(1),
            Action::Right => self.column = (self.column + 1).min(3),
            Action::NextPane => self.column = (self.column + 1) % 4,
            Action::PreviousPane => self.column = (self.column + 3) % 4,
            _ => {
                let len = self.columns[self.column.min(3)].len();
                return self.cursors[self.column.min(3)].go(action, len, height);
            }
        }
        true
    }

    /// Keeps all cursors on rows and in sight.
    pub fn fit(&mut self, height: usize) {
        for (cursor, column) in self.cursors.iter_mut().zip(&self.columns) {
            cursor.fit(column.len(), height);
        }
    }
}

fn haystack(transfer: &Transfer, model: &Model) -> String {
    let mut text = format!("{} {} {}", transfer.id, transfer.from, transfer.to);
    for sku in skus(transfer) {
        text.push(' ');
        text.push_str(sku.as_str());
        if let Some(product) = model.products.get(sku) {
            text.push(' ');
            text.push_str(&product.product.name);
        }
    }
    text
}

fn skus(transfer: &Transfer) -> Vec<&Sku> {
    let asked = transfer.request.iter().flat_map(|r| r.lines.iter().map(|l| &l.sku));
    let sent = transfer.dispatch.iter().flat_map(|d| d.lines.iter().map(|l| &l.sku));
    let mut all: Vec<_> = if transfer.dispatch.is_some() { sent.collect() } else { asked.collect() };
    all.dedup();
    all
}

/// The places of the columns in sight and of the details.
#[must_use]
pub fn areas(body: Rect, column: usize) -> (Vec<(usize, Rect)>, Option<Rect>) {
    let (lists, details) = if body.height >= 16 {
        let low = (body.height * 2 / 5).clamp(7, 16);
        let [lists, details] = Layout::vertical([Constraint::Min(0), Constraint::Length(low)]).areas(body);
        (lists, Some(details))
    } else {
        (body, None)
    };
    if body.width < 88 {
        return (vec![(column, lists)], details);
    }
    let quarters: [Rect; 4] = Layout::horizontal([Constraint::Ratio(1, 4); 4]).areas(lists);
    (quarters.into_iter().enumerate().collect(), details)
}

/// Transfers that fit into a column.
#[must_use]
pub fn height(body: Rect) -> usize {
    let (columns, _) = areas(body, 0);
    columns.first().map_or(0, |(_, area)| usize::from(area.height.saturating_sub(2) / EACH))
}

/// Draws the screen.
pub fn draw(view: &View, theme: &Theme, frame: &mut Frame, body: Rect) {
    let board = view.board();
    let (columns, details) = areas(body, board.column);
    let is_alone = columns.len() == 1;
    for (i, area) in columns {
        let Some(&group) = Group::ALL.get(i) else { continue };
        draw_column(view, theme, frame, area, group, i, is_alone);
    }
    if let Some(area) = details {
        let chosen = board.selected().and_then(|id| view.model().transfers.get(id));
        let lang = view.lang();
        let title = chosen.map_or_else(|| lang.pick("Detalle", "Details").to_owned(), |t| headline(t, theme));
        let inner = pane::draw(frame, area, theme, &title, Vec::new(), false);
        match chosen {
            Some(transfer) => {
                let lines = details_lines(view, theme, transfer, usize::from(inner.width));
                frame.render_widget(Paragraph::new(lines), inner);
            }
            None => pane::message(frame, inner, theme, lang.pick("Nada seleccionado", "Nothing selected")),
        }
    }
}

fn draw_column(
    view: &View,
    theme: &Theme,
    frame: &mut Frame,
    area: Rect,
    group: Group,
    i: usize,
    is_alone: bool,
) {
    let lang = view.lang();
    let board = view.board();
    let ids = &board.columns[i];
    let has_focus = board.column == i;
    let is_loading = matches!(view.link(), Link::Loading);
    let count =
        |i: usize| if is_loading { theme.signs.more.to_owned() } else { board.columns[i].len().to_string() };
    let mut title = format!("{} {}", group.name(lang), count(i));
    if i == 0 || is_alone {
        title = format!("5 {title}");
    }
    let mut notes = Vec::new();
    let is_typing = view.is_filtering(Place::Transfers);
    if has_focus && (is_typing || !board.filter.is_empty()) {
        let caret = if is_typing { theme.signs.caret } else { "" };
        let typed = text::clip(board.filter.text(), 16, theme.signs.more);
        notes.push(Span::styled(
            format!("/ {typed}{caret}"),
            if is_typing { theme.focus } else { theme.warning },
        ));
    } else if is_alone {
        let others = Group::ALL.iter().enumerate().filter(|(n, _)| *n != i);
        let others = others.map(|(n, g)| format!("{} {}", g.name(lang), count(n)));
        let mut others = others.collect::<Vec<_>>().join(&format!(" {} ", theme.signs.dot));
        others.insert_str(0, &format!("{} {}  ", theme.signs.back, theme.signs.to));
        notes.push(Span::styled(others, theme.dim));
    }
    let inner = pane::draw(frame, area, theme, &title, notes, has_focus);
    if inner.is_empty() {
        return;
    }
    if ids.is_empty() {
        let text =
            if is_loading { lang.pick("cargando…", "loading…") } else { lang.pick("nada", "nothing") };
        pane::message(frame, inner, theme, text);
        return;
    }
    let cursor = board.cursors[i];
    let mut lines = Vec::new();
    for at in cursor.window(ids.len(), usize::from(inner.height / EACH).max(1)) {
        let Some(transfer) = ids.get(at).and_then(|id| view.model().transfers.get(id)) else { continue };
        let is_here = at == cursor.at && has_focus;
        for row in rows(view, theme, transfer, usize::from(inner.width), is_here) {
            lines.push(selected(row, is_here, has_focus, theme));
        }
    }
    frame.render_widget(Paragraph::new(lines), inner);
}

/// `madrid:41  madrid → sevilla`
#[must_use]
pub fn headline(transfer: &Transfer, theme: &Theme) -> String {
    format!("{}  {} {} {}", transfer.id, transfer.from, theme.signs.to, transfer.to)
}

/// The same as it is seen here: `madrid:41 → sevilla`.
fn short_headline(view: &View, transfer: &Transfer, theme: &Theme) -> String {
    let (from, to) = (&transfer.from, &transfer.to);
    let comes_back = transfer.state() == TransferState::Rejected;
    match view.own() {
        Some(own) if own == from && comes_back => format!("{} {} {to}", transfer.id, theme.signs.back),
        Some(own) if own == from => format!("{} {} {to}", transfer.id, theme.signs.to),
        Some(own) if own == to => format!("{} {} {from}", transfer.id, theme.signs.back),
        _ if transfer.id.origin == *from => format!("{} {} {to}", transfer.id, theme.signs.to),
        _ => format!("{} {} {from}", transfer.id, theme.signs.back),
    }
}

/// The style of a transfer's state.
#[must_use]
pub const fn state_style(state: TransferState, theme: &Theme) -> Style {
    match state {
        TransferState::Requested | TransferState::Dispatched => theme.transit,
        TransferState::WithdrawalAsked | TransferState::Rejected | TransferState::Declined => theme.warning,
        TransferState::Received => theme.ok,
        TransferState::Returned => theme.normal,
    }
}

fn rows<'a>(view: &View, theme: &Theme, transfer: &Transfer, width: usize, is_here: bool) -> Vec<Line<'a>> {
    let lang = view.lang();
    let state = transfer.state();
    let age = format::ago(transfer.changed_ms(), view.now().wall_ms, lang);
    let lead = if is_here { theme.signs.cursor } else { " " };
    let room = width.saturating_sub(1);
    let short = shortage(transfer);
    let flag = if short.is_zero() { "" } else { theme.signs.warning };
    let mut head = headline(transfer, theme);
    if text::width(&head) + text::width(flag) > room {
        head = short_headline(view, transfer, theme);
    }
    let head = text::left(&head, room.saturating_sub(text::width(flag)), theme.signs.more);
    let goods = goods(transfer);
    let word = words::transfer(lang, state);
    let mut said = format!("{word} {} {age}", theme.signs.dot);
    if text::width(&said) + LEAST_OF_GOODS + 2 > room {
        let age = time::age(lang, view.now().wall_ms.saturating_sub(transfer.changed_ms()));
        said = format!("{word} {} {age}", theme.signs.dot);
    }
    let left_room = room.saturating_sub(text::width(&said) + 2);
    let second = if left_room >= LEAST_OF_GOODS {
        vec![
            Span::raw("  "),
            Span::styled(text::left(&goods, left_room, theme.signs.more), theme.normal),
            Span::styled(format!(" {said}"), state_style(state, theme)),
        ]
    } else {
        vec![
            Span::raw("  "),
            Span::styled(
                text::clip(&said, room.saturating_sub(1), theme.signs.more),
                state_style(state, theme),
            ),
        ]
    };
    vec![
        Line::from(vec![
            Span::styled(lead, theme.focus),
            Span::styled(head, theme.heading),
            Span::styled(flag, theme.warning),
        ]),
        Line::from(second),
    ]
}

/// What was short on arrival, all lines.
#[must_use]
pub fn shortage(transfer: &Transfer) -> Quantity {
    let lines = transfer.receipt.iter().chain(&transfer.returned).flat_map(|a| &a.lines);
    lines.fold(Quantity::ZERO, |sum, l| sum.saturating_plus(l.short))
}

/// The first product and how many more.
fn goods(transfer: &Transfer) -> String {
    let skus = skus(transfer);
    match skus.as_slice() {
        [] => String::new(),
        [one] => one.to_string(),
        [first, rest @ ..] => format!("{first} +{}", rest.len()),
    }
}
