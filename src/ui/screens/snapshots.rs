//! Screen 6: the snapshots: listed, opened, compared, and what lay where at any moment.
//!
//! ```text
//! ╭ 6 snapshots ─╮╭ the one under the cursor: who has marked, the cut drawn ╮
//! ╰──────────────╯╰─────────────────────────────────────────────────────────╯   narrow: the list alone
//! opened: positions, the cut, the equation, warehouses × products with the goods on the road
//! ```

mod cut;
mod goods;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use uuid::Uuid;

use crate::domain::TransferId;
use crate::node::Snapshot;
use crate::node::snapshots::{SnapshotDetail, StockThen};
use crate::text::{Lang, format, time};
use crate::ui::Model;
use crate::ui::action::Action;
use crate::ui::panes::stock::selected;
use crate::ui::parts::cursor::Cursor;
use crate::ui::parts::field::TextField;
use crate::ui::parts::{pane, text};
use crate::ui::theme::Theme;
use crate::ui::view::{Link, View};

pub use goods::Grid;

/// What is opened.
#[derive(Debug, Clone, Default)]
pub enum Opened {
    /// Nothing: the list.
    #[default]
    List,
    /// It was asked for.
    Waiting,
    /// A snapshot.
    One(Box<SnapshotDetail>),
    /// Two of them, the earlier first.
    Two(Box<SnapshotDetail>, Box<SnapshotDetail>),
    /// What lay where at a moment.
    Then(Box<StockThen>),
}

/// What the screen keeps.
#[derive(Debug, Clone, Default)]
pub struct Viewer {
    /// The cursor of the list.
    pub cursor: Cursor,
    /// The list, newest first.
    pub rows: Vec<TransferId>,
    /// Those marked for a comparison, at most two.
    pub marked: Vec<TransferId>,
    /// What is opened.
    pub opened: Opened,
    /// The first line in sight of what is opened.
    pub scroll: usize,
    /// The moment as it is typed.
    pub moment: TextField,
    /// Questions that are not answered yet.
    pub asked: Vec<Uuid>,
    /// The first of two that was answered.
    pub first: Option<Box<SnapshotDetail>>,
}

impl Viewer {
    /// The snapshot under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&TransferId> {
        self.rows.get(self.cursor.at)
    }

    /// Lists all snapshots, newest first; the cursor stays on its own.
    pub fn rebuild(&mut self, model: &Model) {
        let kept = self.selected().cloned();
        let mut all: Vec<_> = model.snapshots.values().map(|s| (s.begun_ms, s.id.clone())).collect();
        all.sort_by(|a, b| b.cmp(a));
        self.rows = all.into_iter().map(|(_, id)| id).collect();
        self.marked.retain(|id| model.snapshots.contains_key(id));
        if let Some(at) = kept.and_then(|id| self.rows.iter().position(|row| *row == id)) {
            self.cursor.at = at;
        }
    }

    /// Marks the one under the cursor, or takes its mark away; of three the oldest mark goes.
    pub fn mark(&mut self) {
        let Some(id) = self.selected().cloned() else { return };
        if let Some(at) = self.marked.iter().position(|m| *m == id) {
            self.marked.remove(at);
            return;
        }
        if self.marked.len() == 2 {
            self.marked.remove(0);
        }
        self.marked.push(id);
    }

    /// Back to the list; false when it is there.
    pub fn close(&mut self) -> bool {
        self.asked.clear();
        self.first = None;
        self.scroll = 0;
        !matches!(std::mem::take(&mut self.opened), Opened::List)
    }

    /// Moves; false when the action is no motion.
    pub fn go(&mut self, action: Action, height: usize, lines: usize) -> bool {
        if matches!(self.opened, Opened::List) {
            return self.cursor.go(action, self.rows.len(), height);
        }
        let last = lines.saturating_sub(height);
        let mut cursor = Cursor { at: self.scroll, top: 0 };
        let moved = cursor.go(action, last + 1, height);
        self.scroll = cursor.at;
        moved
    }
}

/// How a snapshot is, in a word or two.
fn state(snapshot: &Snapshot, lang: Lang) -> String {
    match &snapshot.closed {
        None => {
            let (marked, of) = (snapshot.markers.len(), snapshot.expected.len());
            format!("{} {marked}/{of}", lang.pick("abierta", "open"))
        }
        Some(closed) if closed.missing.is_empty() => lang.pick("completa", "complete").to_owned(),
        Some(_) => lang.pick("parcial", "partial").to_owned(),
    }
}

/// Rows of the list, or lines of what is opened, that fit.
#[must_use]
pub fn height(body: Rect) -> usize {
    usize::from(body.height.saturating_sub(2))
}

/// Lines of what is opened.
#[must_use]
pub fn lines(view: &View, width: usize) -> usize {
    opened_lines(view, &Theme::default(), width).map_or(0, |(_, lines)| lines.len())
}

/// Draws the screen.
pub fn draw(view: &View, theme: &Theme, frame: &mut Frame, body: Rect) {
    if let Some((title, lines)) = opened_lines(view, theme, usize::from(body.width.saturating_sub(4))) {
        let inner = pane::draw(frame, body, theme, &title, Vec::new(), true);
        let from = view.viewer().scroll.min(lines.len());
        let shown: Vec<_> = lines.into_iter().skip(from).take(usize::from(inner.height)).collect();
        frame.render_widget(Paragraph::new(shown), inner);
        return;
    }
    if body.width < 88 {
        draw_list(view, theme, frame, body);
        return;
    }
    let [list, side] = Layout::horizontal([Constraint::Length(44), Constraint::Min(0)]).areas(body);
    draw_list(view, theme, frame, list);
    let lang = view.lang();
    let chosen = view.viewer().selected().and_then(|id| view.model().snapshots.get(id));
    let title = chosen.map_or_else(|| lang.pick("Detalle", "Details").to_owned(), |s| s.id.to_string());
    let inner = pane::draw(frame, side, theme, &title, Vec::new(), false);
    match chosen {
        Some(snapshot) => {
            let mut lines = progress(view, theme, snapshot);
            lines.push(Line::default());
            lines.extend(cut::draw(view, theme, snapshot, &[], usize::from(inner.width.saturating_sub(1))));
            frame.render_widget(Paragraph::new(lines), inner);
        }
        None => pane::message(frame, inner, theme, lang.pick("Nada seleccionado", "Nothing selected")),
    }
}

fn draw_list(view: &View, theme: &Theme, frame: &mut Frame, area: Rect) {
    let lang = view.lang();
    let viewer = view.viewer();
    let title = format!("6 {} {}", lang.pick("Instantáneas", "Snapshots"), viewer.rows.len());
    let mut notes = Vec::new();
    if view.is_filtering(crate::ui::keys::Place::Snapshots) {
        let typed = text::clip(viewer.moment.text(), 20, theme.signs.more);
        let words = lang.pick("a fecha de", "as of");
        notes.push(Span::styled(format!("{words} {typed}{}", theme.signs.caret), theme.focus));
    }
    let inner = pane::draw(frame, area, theme, &title, notes, true);
    if viewer.rows.is_empty() {
        let words = if matches!(view.link(), Link::Loading) {
            lang.pick("cargando…", "loading…")
        } else {
            lang.pick("aún no hay ninguna", "none yet")
        };
        pane::message(frame, inner, theme, words);
        return;
    }
    let width = usize::from(inner.width);
    let mut rows = Vec::new();
    for at in viewer.cursor.window(viewer.rows.len(), usize::from(inner.height).max(1)) {
        let Some(snapshot) = viewer.rows.get(at).and_then(|id| view.model().snapshots.get(id)) else {
            continue;
        };
        let is_here = at == viewer.cursor.at;
        let lead = if is_here { theme.signs.cursor } else { " " };
        let mark = if viewer.marked.contains(&snapshot.id) { theme.signs.done } else { " " };
        let (sign, style) = match &snapshot.closed {
            _ if !snapshot.digests_agree() => (theme.signs.error, theme.error),
            None => (theme.signs.pending, theme.transit),
            Some(closed) if closed.missing.is_empty() => (theme.signs.done, theme.ok),
            Some(_) => (theme.signs.warning, theme.warning),
        };
        let when = format::date_time(snapshot.begun_ms, view.now().zone, lang);
        let tail = format!(" {sign} {}", state(snapshot, lang));
        let room = width.saturating_sub(2 + text::width(&tail));
        let name = text::left(&format!("{} {when}", snapshot.id), room, theme.signs.more);
        let line = Line::from(vec![
            Span::styled(lead, theme.focus),
            Span::styled(mark, theme.key),
            Span::styled(name, theme.normal),
            Span::styled(tail, style),
        ]);
        rows.push(selected(line, is_here, true, theme));
    }
    frame.render_widget(Paragraph::new(rows), inner);
}

/// Who has marked, who has not; each node's recorded position.
fn progress<'a>(view: &View, theme: &Theme, snapshot: &Snapshot) -> Vec<Line<'a>> {
    let lang = view.lang();
    let when = format::date_time(snapshot.begun_ms, view.now().zone, lang);
    let mut lines = vec![Line::from(vec![
        Span::styled(format!(" {when} {} {} ", theme.signs.dot, snapshot.operator), theme.normal),
        Span::styled(state(snapshot, lang), theme.heading),
    ])];
    let closed = snapshot.closed.as_ref();
    let others = closed.iter().flat_map(|c| c.cut.keys());
    let all: std::collections::BTreeSet<_> = snapshot.expected.iter().chain(others).collect();
    let widest = all.iter().map(|id| text::width(id.as_str())).max().unwrap_or(0) + 1;
    let name = widest.clamp(14, 24);
    for warehouse in all {
        let missing = closed.and_then(|c| c.missing.iter().find(|m| m.id == *warehouse));
        let (sign, style, words) = match (snapshot.markers.get(warehouse), missing) {
            (Some(marker), None) if marker.claimed != marker.computed => (
                theme.signs.error,
                theme.error,
                lang.pick("su resumen no coincide", "its digest differs").to_owned(),
            ),
            (Some(marker), None) => (theme.signs.done, theme.ok, format!(":{}", marker.at.seq)),
            (_, Some(missing)) => {
                let heard = missing.age_ms.map_or_else(
                    || lang.pick("nunca oído", "never heard").to_owned(),
                    |ms| time::age(lang, i64::try_from(ms).unwrap_or(i64::MAX)),
                );
                let words = lang.pick("falta; última posición", "missing; last position");
                (theme.signs.warning, theme.warning, format!("{words} :{} ({heard})", missing.seq))
            }
            (None, None) => (theme.signs.pending, theme.dim, lang.pick("esperando", "waiting").to_owned()),
        };
        lines.push(Line::from(vec![
            Span::styled(format!(" {sign} "), style),
            Span::styled(text::left(warehouse.as_str(), name, theme.signs.more), theme.normal),
            Span::styled(words, style),
        ]));
    }
    let refused = view.model().status.as_ref().map_or(0, |s| s.refused_markers);
    if refused > 0 {
        let words = lang.pick("marcas rechazadas desde el arranque:", "markers refused since the start:");
        lines.push(Line::styled(format!(" {} {words} {refused}", theme.signs.warning), theme.warning));
    }
    lines
}

/// The title and the lines of what is opened.
fn opened_lines<'a>(view: &View, theme: &Theme, width: usize) -> Option<(String, Vec<Line<'a>>)> {
    let lang = view.lang();
    let zone = view.now().zone;
    match &view.viewer().opened {
        Opened::List => None,
        Opened::Waiting => {
            let words = lang.pick("cargando…", "loading…");
            Some((lang.pick("Instantánea", "Snapshot").to_owned(), vec![Line::styled(words, theme.dim)]))
        }
        Opened::One(detail) => {
            let snapshot = &detail.snapshot;
            let mut lines = progress(view, theme, snapshot);
            lines.push(Line::default());
            lines.extend(cut::draw(view, theme, snapshot, &detail.riding, width));
            lines.push(Line::default());
            lines.extend(goods::equation(view, theme, &detail.balance, width));
            lines.push(Line::default());
            lines.extend(Grid::of(&detail.stock, &detail.riding).lines(view, theme, width));
            Some((snapshot.id.to_string(), lines))
        }
        Opened::Two(first, second) => {
            let title = format!("{} {} {}", first.snapshot.id, theme.signs.to, second.snapshot.id);
            Some((title, goods::differences(view, theme, first, second, width)))
        }
        Opened::Then(then) => {
            let when = format::date_time(then.at_ms, zone, lang);
            let title = format!("{} {when}", lang.pick("Existencias a fecha de", "Stock as of"));
            Some((title, Grid::of(&then.stock, &then.riding).lines(view, theme, width)))
        }
    }
}
