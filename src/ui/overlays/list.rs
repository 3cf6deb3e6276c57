//! Help and palette: both are the table of keys, narrowed by what is typed.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::{Margin, Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::text::Lang;
use crate::ui::action::Action;
use crate::ui::fuzzy::Finder;
use crate::ui::keys::document::places;
use crate::ui::keys::map::Bound;
use crate::ui::keys::{Keymap, Place};
use crate::ui::panes::stock::selected;
use crate::ui::parts::cursor::Cursor;
use crate::ui::parts::field::TextField;
use crate::ui::parts::{pane, text};
use crate::ui::theme::{DRAWN, Signs, Theme};
use crate::ui::view::View;

/// Help: every key, and where it works.
#[derive(Debug, Clone, Default)]
pub struct Help {
    /// What was typed.
    pub filter: TextField,
    /// The first row in sight.
    pub top: usize,
}

/// Palette: every action that there is, those of this place first.
#[derive(Debug, Clone, Default)]
pub struct Palette {
    /// What was typed.
    pub field: TextField,
    /// The cursor.
    pub cursor: Cursor,
}

/// What a key did to a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picked {
    /// Nothing yet.
    Open,
    /// It goes.
    Close,
    /// It goes, and this is done, in this place where it isn't one of those here.
    Run(Action, Option<Place>),
}

/// Rows of the palette, and of a page of both.
const ROOM: u16 = 12;
/// Columns of the palette.
const WIDE: u16 = 60;

impl Help {
    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent, keymap: &Keymap, lang: Lang) -> Picked {
        match key.code {
            KeyCode::Esc | KeyCode::Enter => return Picked::Close,
            KeyCode::Down => self.top += 1,
            KeyCode::Up => self.top = self.top.saturating_sub(1),
            KeyCode::PageDown => self.top += usize::from(ROOM),
            KeyCode::PageUp => self.top = self.top.saturating_sub(usize::from(ROOM)),
            _ => {
                if self.filter.key(key) {
                    self.top = 0;
                }
            }
        }
        self.top = self.top.min(self.rows(keymap, lang, &DRAWN).len().saturating_sub(1));
        Picked::Open
    }

    /// Keys, what they do, and where: the table, then the keys of forms; then signs and what they mean.
    fn rows(&self, keymap: &Keymap, lang: Lang, signs: &Signs) -> Vec<[String; 3]> {
        let bound = keymap.rows().iter().filter(|r| !r.sequences.is_empty());
        let bound = bound.map(|r| [r.keys(), r.binding.label(lang).to_owned(), places(r.binding, lang)]);
        let in_forms = lang.pick("en formularios", "in forms");
        let forms = keymap.form_rows().iter().filter(|row| !row.keys().is_empty());
        let forms = forms.map(|r| [r.keys(), in_forms.to_owned(), r.binding.label(lang).to_owned()]);
        let sign = lang.pick("signo", "sign");
        let signs = signs.legend(lang).into_iter();
        let signs = signs.map(|(it, means)| [it.to_owned(), sign.to_owned(), means.to_owned()]);
        let rows: Vec<_> = bound.chain(forms).chain(signs).collect();
        let texts = rows.iter().map(|row| row.join(" "));
        narrow(&rows, texts, &self.filter)
    }

    /// Draws it.
    pub fn draw(&self, view: &View, theme: &Theme, frame: &mut Frame, area: Rect) {
        let lang = view.lang();
        let place = pane::middle(area, 82, area.height.saturating_sub(2));
        let inner = pane::on_top(frame, place, theme, lang.pick("Ayuda", "Help"));
        let Some((field, list)) = split(inner) else { return };
        prompt(frame, field, theme, "/", &self.filter, lang.pick("escriba para buscar", "type to find"));
        let rows = self.rows(view.keymap(), lang, &theme.signs);
        if rows.is_empty() {
            pane::message(frame, list, theme, lang.pick("Ninguna tecla coincide", "No key matches"));
            return;
        }
        let keys_wide = rows.iter().map(|[keys, ..]| text::width(keys)).max().unwrap_or(0).min(13);
        let room = usize::from(list.width).saturating_sub(keys_wide + 24);
        let top = self.top.min(rows.len().saturating_sub(usize::from(list.height)));
        let more = theme.signs.more;
        let lines: Vec<_> = rows
            .into_iter()
            .skip(top)
            .take(usize::from(list.height))
            .map(|[keys, what, place]| {
                Line::from(vec![
                    Span::styled(text::right(&keys, keys_wide, more), theme.key),
                    Span::raw("  "),
                    Span::raw(text::left(&what, 20, more)),
                    Span::styled(format!("  {}", text::clip(&place, room, more)), theme.dim),
                ])
            })
            .collect();
        frame.render_widget(Paragraph::new(lines), list);
    }
}

fn narrow<T: Clone>(rows: &[T], texts: impl Iterator<Item = String>, typed: &TextField) -> Vec<T> {
    if typed.text().trim().is_empty() {
        return rows.to_vec();
    }
    let found = Finder::new(typed.text().trim()).best(texts);
    found.into_iter().filter_map(|i| rows.get(i).cloned()).collect()
}

impl Palette {
    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent, keymap: &Keymap, place: Place, lang: Lang) -> Picked {
        let motion = match key.code {
            KeyCode::Esc => return Picked::Close,
            KeyCode::Enter => {
                let rows = self.rows(keymap, place, lang);
                return rows
                    .get(self.cursor.at)
                    .map_or(Picked::Close, |r| Picked::Run(r.binding.action, elsewhere(r, place)));
            }
            KeyCode::Down | KeyCode::Tab => Action::Down,
            KeyCode::Up | KeyCode::BackTab => Action::Up,
            KeyCode::PageDown => Action::PageDown,
            KeyCode::PageUp => Action::PageUp,
            _ => {
                if self.field.key(key) {
                    self.cursor = Cursor::default();
                }
                return Picked::Open;
            }
        };
        let len = self.rows(keymap, place, lang).len();
        self.cursor.go(motion, len, usize::from(ROOM));
        Picked::Open
    }

    fn rows<'k>(&self, keymap: &'k Keymap, place: Place, lang: Lang) -> Vec<&'k Bound> {
        let listed = |r: &&Bound| {
            !r.binding.action.only_moves() && !matches!(r.binding.action, Action::Palette | Action::Escape)
        };
        let (mut rows, others): (Vec<_>, Vec<_>) =
            keymap.rows().iter().filter(listed).partition(|r| r.binding.places.has(place));
        for other in others {
            // What can be done here needn't be looked for elsewhere.
            if rows.iter().all(|r| r.binding.action != other.binding.action) {
                rows.push(other);
            }
        }
        let texts = rows.iter().map(|r| format!("{} {}", r.binding.label(lang), r.binding.word));
        narrow(&rows, texts, &self.field)
    }

    /// What stands at a place of the screen.
    #[must_use]
    pub fn at(
        &self,
        area: Rect,
        at: Position,
        keymap: &Keymap,
        place: Place,
        lang: Lang,
    ) -> Option<(Action, Option<Place>)> {
        let (_, list) = split(pane::middle(area, WIDE, ROOM + 3).inner(Margin::new(1, 1)))?;
        let rows = self.rows(keymap, place, lang);
        let mut cursor = self.cursor;
        cursor.fit(rows.len(), usize::from(list.height));
        let row = cursor.top + usize::from(at.y.checked_sub(list.y)?);
        list.contains(at).then(|| rows.get(row).map(|r| (r.binding.action, elsewhere(r, place)))).flatten()
    }

    /// Draws it.
    pub fn draw(&self, view: &View, theme: &Theme, frame: &mut Frame, area: Rect) {
        let lang = view.lang();
        let inner =
            pane::on_top(frame, pane::middle(area, WIDE, ROOM + 3), theme, lang.pick("Órdenes", "Commands"));
        let Some((field, list)) = split(inner) else { return };
        prompt(frame, field, theme, ":", &self.field, lang.pick("escriba una orden", "type a command"));
        let rows = self.rows(view.keymap(), view.place(), lang);
        if rows.is_empty() {
            pane::message(frame, list, theme, lang.pick("Ninguna orden coincide", "No command matches"));
            return;
        }
        let height = usize::from(list.height);
        let mut cursor = self.cursor;
        cursor.fit(rows.len(), height);
        let mut lines = Vec::new();
        for at in cursor.window(rows.len(), height) {
            let Some(row) = rows.get(at) else { continue };
            let line = palette_line(view, theme, row, usize::from(list.width));
            lines.push(selected(line, at == cursor.at, true, theme));
        }
        frame.render_widget(Paragraph::new(lines), list);
    }
}

/// Where an action is done that is none of this place's.
fn elsewhere(row: &Bound, here: Place) -> Option<Place> {
    let places = row.binding.places;
    (!places.has(here)).then(|| Place::ALL.into_iter().find(|place| places.has(*place))).flatten()
}

fn palette_line<'a>(view: &View, theme: &Theme, row: &Bound, width: usize) -> Line<'a> {
    let lang = view.lang();
    let why_not = match elsewhere(row, view.place()) {
        Some(place) => Some(format!("{} {}", lang.pick("va a", "goes to"), place.name(lang))),
        None => view.why_not(row.binding.action),
    };
    let look = if why_not.is_some() { theme.dim } else { theme.normal };
    let label = row.binding.label(lang);
    let label = why_not.map_or_else(|| label.to_owned(), |why| format!("{label}: {why}"));
    let keys = row.keys();
    let room = width.saturating_sub(text::width(&keys) + 3);
    Line::from(vec![
        Span::raw(" "),
        Span::styled(text::left(&label, room, theme.signs.more), look),
        Span::styled(format!(" {keys} "), theme.key),
    ])
}

/// The line of the field and what is below it.
fn split(inner: Rect) -> Option<(Rect, Rect)> {
    (inner.height >= 2 && inner.width >= 8).then(|| {
        let field = Rect { height: 1, ..inner };
        let list = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
        (field, list)
    })
}

fn prompt(frame: &mut Frame, area: Rect, theme: &Theme, sign: &str, field: &TextField, hint: &str) {
    frame.render_widget(Paragraph::new(Span::styled(format!(" {sign} "), theme.key)), area);
    let place = Rect { x: area.x + 3, width: area.width.saturating_sub(4), ..area };
    if field.is_empty() {
        frame.render_widget(Paragraph::new(Span::styled(format!(" {hint}"), theme.dim)), place);
        frame.set_cursor_position(place.as_position());
    } else {
        field.draw(frame, place, theme, true);
    }
}
