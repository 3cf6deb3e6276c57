//! The stocktake drawn: its lines, and what is known of the one under the cursor.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::{Show, current};
use crate::domain::{LineState, Quantity};
use crate::ledger::book::{Stocktake, StocktakeLine};
use crate::node::stocktakes::CountRow;
use crate::text::{Lang, format, stocktake as said, words};
use crate::ui::action::Action;
use crate::ui::keys::{FormKey, Place};
use crate::ui::overlays::Overlay;
use crate::ui::panes::stock::selected;
use crate::ui::parts::table::{Cell, Column, Side, fit, headings, line};
use crate::ui::parts::{pane, text};
use crate::ui::theme::Theme;
use crate::ui::view::View;

/// From so many rows of the body on the line under the cursor is told of below.
const HIGH: u16 = 16;
/// Rows of what is told of it.
const DETAILS: u16 = 5;
/// The sorts of lines and the headings.
const HEAD: u16 = 2;

/// Lines that fit.
#[must_use]
pub fn height(body: Rect) -> usize {
    usize::from(body.height.saturating_sub(2 + HEAD + details_height(body)))
}

const fn details_height(body: Rect) -> u16 {
    if body.height >= HIGH { DETAILS } else { 0 }
}

/// Draws the screen.
pub fn draw(view: &View, theme: &Theme, frame: &mut Frame, body: Rect) {
    let lang = view.lang();
    let sheet = view.sheet();
    let stocktake = current(view.model());
    let title = stocktake.map_or_else(|| Place::Stocktake.name(lang).to_owned(), |s| title(s, view, theme));
    let mut notes = Vec::new();
    let is_typing = view.is_filtering(Place::Stocktake);
    if is_typing || !sheet.filter.is_empty() {
        let caret = if is_typing { theme.signs.caret } else { "" };
        let typed = text::clip(sheet.filter.text(), 24, theme.signs.more);
        let style = if is_typing { theme.focus } else { theme.warning };
        notes.push(Span::styled(format!("/ {typed}{caret}"), style));
    } else if let Some(stocktake) = stocktake {
        notes.push(Span::styled(progress(stocktake, sheet.rows(), lang), theme.dim));
    }
    let inner = pane::draw(frame, body, theme, &title, notes, true);
    if inner.is_empty() {
        return;
    }
    let Some(stocktake) = stocktake else {
        pane::message(frame, inner, theme, &nothing_yet(view));
        return;
    };
    let width = usize::from(inner.width);
    frame.render_widget(Paragraph::new(sorts(view, theme, width)), Rect { height: 1, ..inner });
    let details = details_height(body);
    let list = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1 + details), ..inner };
    if sheet.is_empty() {
        pane::message(frame, list, theme, &why_empty(view, stocktake));
        return;
    }
    // The line that is counted stays in sight above its form.
    let covered = view.overlays().iter().find_map(|overlay| match overlay {
        Overlay::Form(open) if open.is_counting() => Some(open.place(body).y),
        _ => None,
    });
    let free = covered.map_or(list.height, |from| from.saturating_sub(list.y).clamp(2, list.height.max(2)));
    let seen = Rect { height: free.min(list.height), ..list };
    frame.render_widget(Paragraph::new(lines(view, theme, seen)), seen);
    if details > 0
        && let Some(row) = sheet.selected()
    {
        let area = Rect { y: list.bottom(), height: details, ..inner };
        let rule = Line::styled(theme.signs.line.repeat(width), theme.dim);
        let told = told(view, theme, stocktake, row, width.saturating_sub(2)).into_iter();
        let told = told.map(|line| {
            Line::styled(
                format!(" {}", text::clip(&line.0, width.saturating_sub(2), theme.signs.more)),
                line.1,
            )
        });
        frame.render_widget(Paragraph::new([rule].into_iter().chain(told).collect::<Vec<_>>()), area);
    }
}

/// `Recuento madrid:45 · ubicación A · a ciegas`
fn title(stocktake: &Stocktake, view: &View, theme: &Theme) -> String {
    let lang = view.lang();
    let head = &stocktake.head;
    let dot = theme.signs.dot;
    let mut title = format!("{} {}", Place::Stocktake.name(lang), head.id);
    title.push_str(&format!(" {dot} {}", said::selection(lang, &head.selection)));
    if head.blind && head.end.is_none() {
        title.push_str(&format!(" {dot} {}", lang.pick("a ciegas", "blind")));
    }
    if let Some(end) = &head.end {
        let word =
            if end.dropped { lang.pick("descartado", "dropped") } else { lang.pick("cerrado", "closed") };
        title.push_str(&format!(" {dot} {word} {}", format::date_time(end.at_ms, view.now().zone, lang)));
    }
    title
}

/// How far it has got.
fn progress(stocktake: &Stocktake, rows: &[CountRow], lang: Lang) -> String {
    let (counted, left) = said::tally(stocktake, rows);
    let n = |n| format::count(n, lang);
    match (lang, stocktake.is_open()) {
        (Lang::Es, true) => format!("contadas {} de {}", n(counted), n(counted + left)),
        (Lang::En, true) => format!("counted {} of {}", n(counted), n(counted + left)),
        (Lang::Es, false) => format!("contadas {}, sin contar {}", n(counted), n(left)),
        (Lang::En, false) => format!("counted {}, not counted {}", n(counted), n(left)),
    }
}

/// The sorts of lines with how many there are of each, the one that is shown marked.
fn sorts<'a>(view: &View, theme: &Theme, width: usize) -> Line<'a> {
    let (lang, sheet) = (view.lang(), view.sheet());
    let mut spans = Vec::new();
    let mut used = 0;
    let parts = Show::ALL
        .map(|show| (show, format!("{} {}", show.name(lang), format::count(sheet.count(show), lang))));
    let all_fit = parts.iter().map(|(_, part)| text::width(part) + 3).sum::<usize>() <= width;
    for (show, part) in parts {
        let is_shown = show == sheet.show;
        // Where there is no room for all, the one that is shown stands alone.
        if !all_fit && !is_shown {
            continue;
        }
        let part = if is_shown { format!("[{part}]") } else { format!(" {part} ") };
        let part = text::clip(&part, width.saturating_sub(used), theme.signs.more);
        used += text::width(&part) + 1;
        spans.push(Span::styled(part, if is_shown { theme.focus } else { theme.normal }));
        spans.push(Span::raw(" "));
    }
    Line::from(spans)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Shelf,
    Sku,
    Name,
    Lot,
    Counted,
    Book,
    Difference,
    Moved,
    State,
    By,
}

fn columns(view: &View, is_open: bool, rows: &[(usize, &CountRow)]) -> (Vec<Kind>, Vec<Column>) {
    let lang = view.lang();
    let mut kinds = Vec::new();
    let mut all = Vec::new();
    let mut add = |kind, title: &str, width, rank, side| {
        kinds.push(kind);
        let grows = kind == Kind::Name;
        all.push(Column { title: title.to_owned(), width, grows, rank, side });
    };
    let widest = |of: &dyn Fn(&CountRow) -> usize, least: usize, most: usize| {
        rows.iter().map(|(_, row)| of(row)).max().unwrap_or(0).clamp(least, most)
    };
    let figure = |of: &dyn Fn(&CountRow) -> String, least: usize| {
        widest(&|row| text::width(&of(row)), least, usize::MAX)
    };
    let lots = widest(&|row| text::width(row.lot.as_str()), 0, 12);
    add(
        Kind::Shelf,
        lang.pick("Ubic.", "Shelf"),
        widest(&|row| text::width(&row.shelf), 6, 9),
        2,
        Side::Left,
    );
    add(Kind::Sku, "SKU", 11, 0, Side::Left);
    add(Kind::Name, lang.pick("Producto", "Product"), 8, 4, Side::Left);
    if lots > 0 {
        add(Kind::Lot, lang.pick("Lote", "Lot"), lots.max(6), 1, Side::Left);
    }
    add(Kind::Counted, lang.pick("Contado", "Counted"), figure(&|row| counted(row, lang), 7), 0, Side::Right);
    // What no line in sight has, blind or not moved, leaves its room to the names.
    let mut add_known = |kind, title: &str, of: &dyn Fn(&CountRow) -> String, rank| {
        if rows.iter().any(|(_, row)| !of(row).is_empty()) {
            add(kind, title, figure(of, 6), rank, Side::Right);
        }
    };
    add_known(Kind::Book, lang.pick("Libro", "Book"), &|row| book(row, lang), 5);
    add_known(Kind::Difference, lang.pick("Dif.", "Diff."), &|row| difference(row, lang), 3);
    // Once it is closed, what moved since is the closing and the day's work.
    if is_open {
        add_known(Kind::Moved, lang.pick("Movido", "Moved"), &|row| moved(row, lang), 6);
    }
    add(Kind::State, lang.pick("Estado", "State"), 12, 0, Side::Left);
    add(Kind::By, lang.pick("Por", "By"), 8, 7, Side::Left);
    (kinds, all)
}

fn lines<'a>(view: &View, theme: &Theme, area: Rect) -> Vec<Line<'a>> {
    let sheet = view.sheet();
    let room = usize::from(area.width).saturating_sub(1);
    let height = usize::from(area.height.saturating_sub(1));
    let mut cursor = sheet.cursor;
    cursor.fit(sheet.len(), height);
    let window = cursor.window(sheet.len(), height);
    let in_sight: Vec<_> = sheet.in_window(window).collect();
    let is_open = current(view.model()).is_some_and(|stocktake| stocktake.is_open());
    let (kinds, all) = columns(view, is_open, &in_sight);
    let shown = fit(&all, room);
    let mut head = headings(&all, &shown, theme.heading);
    head.spans.insert(0, Span::raw(" "));
    let mut lines = vec![head];
    for (at, row) in in_sight {
        let is_here = at == sheet.cursor.at;
        let mut drawn = line(&all, &shown, theme.signs.more, |i| cell(view, theme, row, kinds[i]));
        let lead = if is_here { theme.signs.cursor } else { " " };
        drawn.spans.insert(0, Span::styled(lead, theme.focus));
        lines.push(selected(drawn, is_here, true, theme));
    }
    lines
}

fn cell(view: &View, theme: &Theme, row: &CountRow, kind: Kind) -> Cell {
    let lang = view.lang();
    match kind {
        Kind::Shelf => (row.shelf.clone(), theme.normal),
        Kind::Sku => (row.sku.to_string(), theme.normal),
        Kind::Name => (row.name.clone(), theme.normal),
        Kind::Lot => (row.lot.to_string(), theme.normal),
        Kind::Counted => (counted(row, lang), theme.heading),
        Kind::Book => (book(row, lang), theme.normal),
        Kind::Difference => {
            let differs = row.line.as_ref().is_some_and(|line| !line.difference().is_zero());
            (difference(row, lang), if differs { theme.warning } else { theme.normal })
        }
        Kind::Moved => (moved(row, lang), theme.transit),
        Kind::State if view.requests().is_counting(&row.sku, &row.lot) => {
            (format!("{} {}", theme.signs.pending, lang.pick("registrando", "recording")), theme.dim)
        }
        Kind::State => {
            let (sign, style) = state_look(row.state, theme);
            (format!("{sign} {}", said::state(lang, row.state)), style)
        }
        Kind::By => (row.line.as_ref().map_or_else(String::new, |line| line.by.to_string()), theme.dim),
    }
}

const fn state_look(state: Option<LineState>, theme: &Theme) -> (&'static str, Style) {
    match state {
        None => (" ", theme.dim),
        Some(LineState::Agrees) => (theme.signs.done, theme.ok),
        Some(LineState::Recount) => (theme.signs.error, theme.error),
        Some(LineState::Review) => (theme.signs.warning, theme.warning),
        Some(LineState::Accepted) => (theme.signs.done, theme.normal),
    }
}

fn number(q: Quantity, row: &CountRow, lang: Lang) -> String {
    format::quantity(q, row.decimals, lang)
}

fn counted(row: &CountRow, lang: Lang) -> String {
    row.line.as_ref().map_or_else(String::new, |line| number(line.counted, row, lang))
}

fn seen(row: &CountRow) -> Option<&StocktakeLine> {
    row.line.as_ref().filter(|_| !row.hides_book)
}

fn book(row: &CountRow, lang: Lang) -> String {
    if row.hides_book {
        return String::new();
    }
    number(row.line.as_ref().map_or(row.on_hand, |line| line.book), row, lang)
}

fn difference(row: &CountRow, lang: Lang) -> String {
    seen(row).map_or_else(String::new, |line| format::change(line.difference(), row.decimals, lang))
}

/// What moved since it was counted.
fn moved(row: &CountRow, lang: Lang) -> String {
    match seen(row) {
        Some(_) if !row.moved().is_zero() => format::change(row.moved(), row.decimals, lang),
        _ => String::new(),
    }
}

fn nothing_yet(view: &View) -> String {
    let lang = view.lang();
    let key = view.key_of(Action::Stocktake, Place::Stocktake).unwrap_or_default();
    match lang {
        Lang::Es => format!("Aquí aún no se ha hecho ningún recuento. {key} abre uno."),
        Lang::En => format!("No stocktake was made here yet. {key} opens one."),
    }
}

fn why_empty(view: &View, stocktake: &Stocktake) -> String {
    let (lang, sheet) = (view.lang(), view.sheet());
    if !sheet.filter.is_empty() {
        return view.nothing_matches();
    }
    let words = match sheet.show {
        _ if !stocktake.is_open() => lang.pick("Ninguna línea difiere", "No line differs"),
        Show::All => lang.pick("No queda nada de esa selección", "Nothing of that selection is left"),
        Show::ToCount => lang.pick("Todo está contado", "All is counted"),
        Show::Recount => lang.pick("Nada que volver a contar", "Nothing to count again"),
        Show::Review => lang.pick("Nada que revisar", "Nothing to review"),
        Show::Differ => lang.pick("Ninguna línea difiere", "No line differs"),
    };
    words.to_owned()
}

/// What is known of a line, and what comes next.
fn told(
    view: &View,
    theme: &Theme,
    stocktake: &Stocktake,
    row: &CountRow,
    width: usize,
) -> Vec<(String, Style)> {
    let lang = view.lang();
    let dot = format!(" {} ", theme.signs.dot);
    let mut name = vec![format!("{} {}", row.sku, row.name)];
    if !row.lot.is_none() {
        name.push(format!("{} {}", lang.pick("lote", "lot"), row.lot));
    }
    if let Some(day) = row.expiry {
        name.push(format!("{} {}", lang.pick("caduca", "expires"), format::date(day, lang)));
    }
    let mut facts = Vec::new();
    match &row.line {
        Some(line) => {
            let ago = format::ago(line.at_ms, view.now().wall_ms, lang);
            facts.push(format!(
                "{} {} {}",
                lang.pick("contado", "counted"),
                figure(line.counted, row, lang),
                ago
            ));
            facts.push(match (lang, line.times) {
                (Lang::Es, 1) => format!("por {}", line.by),
                (Lang::Es, times) => format!("{times} veces, la última por {}", line.by),
                (Lang::En, 1) => format!("by {}", line.by),
                (Lang::En, times) => format!("{times} times, last by {}", line.by),
            });
            if stocktake.is_open() && !row.hides_book && !row.moved().is_zero() {
                let moved = format::change(row.moved(), row.decimals, lang);
                facts.push(format!("{} {moved}", lang.pick("movido desde entonces", "moved since")));
            }
        }
        None if row.hides_book => facts.push(lang.pick("a ciegas", "blind").to_owned()),
        None => facts.push(format!("{} {}", lang.pick("libro", "book"), figure(row.on_hand, row, lang))),
    }
    let (next, style) = next(view, theme, stocktake, row);
    let mut told = vec![(name.join(&dot), theme.heading), (facts.join(&dot), theme.normal)];
    told.extend(text::wrap(&next, width).into_iter().map(|line| (line, style)));
    told
}

fn figure(q: Quantity, row: &CountRow, lang: Lang) -> String {
    format!("{} {}", number(q, row, lang), row.unit).trim_end().to_owned()
}

/// What is to be done with a line.
fn next(view: &View, theme: &Theme, stocktake: &Stocktake, row: &CountRow) -> (String, Style) {
    let lang = view.lang();
    let key = |action| view.key_of(action, Place::Stocktake).unwrap_or_default();
    let Some((line, state)) = row.line.as_ref().zip(row.state) else {
        let enter = view.form_key(FormKey::Enter);
        let words = match lang {
            Lang::Es => {
                format!("Escriba la cantidad, o lea las piezas; {enter} la registra y pasa a la siguiente.")
            }
            Lang::En => {
                format!("Type the quantity, or scan the pieces; {enter} books it and goes on to the next.")
            }
        };
        return (words, theme.dim);
    };
    let change = || {
        let after = row.on_hand.saturating_plus(line.difference());
        let (now, after) = (number(row.on_hand, row, lang), figure(after, row, lang));
        format!("{now} {} {after}", theme.signs.to)
    };
    if !stocktake.is_open() {
        let review = line.review.as_ref();
        let reason = review.map_or("", |review| words::adjustment(lang, review.reason));
        let by = review.map_or_else(String::new, |review| review.by.to_string());
        let words = match lang {
            Lang::Es => format!("Revisado por {by}: {reason}"),
            Lang::En => format!("Reviewed by {by}: {reason}"),
        };
        return (if review.is_some() { words } else { String::new() }, theme.normal);
    }
    match state {
        LineState::Agrees => {
            (lang.pick("Cuadra con el libro.", "It agrees with the book.").to_owned(), theme.ok)
        }
        LineState::Recount if line.again => {
            let words = lang.pick(
                "Hay que volver a contarla: se devolvió al revisarla, o se contó aparte.",
                "To be counted again: a reviewer sent it back, or it was counted apart.",
            );
            (words.to_owned(), theme.error)
        }
        LineState::Recount => {
            let words = lang.pick(
                "Difiere más de lo permitido: hay que volver a contarla.",
                "It differs by more than is allowed: it is to be counted again.",
            );
            (words.to_owned(), theme.error)
        }
        LineState::Review if view.operator() == Some(&line.by) => {
            let (who, key) = (&line.by, key(Action::Operator));
            let words = match lang {
                Lang::Es => format!("La contó {who}: la revisa otra persona; {key} cambia de operario."),
                Lang::En => {
                    format!("{who} counted it: somebody else reviews it; {key} changes the operator.")
                }
            };
            (words, theme.warning)
        }
        LineState::Review => {
            let (change, key) = (change(), key(Action::Review));
            let words = match lang {
                Lang::Es => format!("Espera revisión: {key} dice por qué difiere. Al cerrar, {change}"),
                Lang::En => {
                    format!("It awaits a review: {key} says why it differs. At the closing, {change}")
                }
            };
            (words, theme.warning)
        }
        LineState::Accepted => {
            let change = change();
            let review = line.review.as_ref();
            let by = review.map_or_else(String::new, |review| review.by.to_string());
            let reason = review.map_or("", |review| words::adjustment(lang, review.reason));
            let words = match lang {
                Lang::Es => format!("Revisada por {by}, {reason}. Al cerrar, {change}"),
                Lang::En => format!("Reviewed by {by}, {reason}. At the closing, {change}"),
            };
            (words, theme.ok)
        }
    }
}
