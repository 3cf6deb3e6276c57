//! The card of a product: everywhere it is, with how old that knowledge is; lots, rule, demand, last movements.
//!
//! ```text
//! ╭ GU-NIT-M  name ─────────────────────────────────────────────╮
//! │ warehouses                      │ 90 days: stock, issues    │     narrow: one below the other, scrolled
//! │ lots, rule                      │ last movements            │
//! ╰─────────────────────────────────────────────────────────────╯
//! ```

mod outlook;
pub mod then;

use std::sync::Arc;

use chrono::{Days, NaiveDate};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Margin, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use uuid::Uuid;

use crate::domain::{Quantity, Sku, WarehouseId};
use crate::ledger::MovementRow;
use crate::node::event::{DemandDay, PeerState, ProductView};
use crate::text::{Lang, format};
use crate::ui::action::Action;
use crate::ui::keys::Place;
use crate::ui::panes::{history, peers, stock};
use crate::ui::parts::{chart, pane, text};
use crate::ui::screens::promises;
use crate::ui::theme::Theme;
use crate::ui::view::View;
use then::Then;

/// Days of the chart.
pub const DAYS: u32 = 90;
/// Promises that are listed.
const PROMISES: usize = 6;
/// Movements that are asked for.
pub const MOVEMENTS: u32 = 50;

/// What the screen keeps.
#[derive(Debug, Clone)]
pub struct Card {
    /// The product.
    pub sku: Sku,
    /// Days with issues or changes here; none until the node has told.
    pub demand: Option<Vec<DemandDay>>,
    /// The last movements, newest first; none until the node has told.
    pub movements: Option<Vec<Arc<MovementRow>>>,
    /// The questions that are out.
    pub asked: [Option<Uuid>; 2],
    /// Rows scrolled.
    pub scroll: usize,
    /// The moment that is looked at.
    pub then: Then,
}

impl Card {
    /// Of a product.
    #[must_use]
    pub const fn new(sku: Sku) -> Self {
        Self { sku, demand: None, movements: None, asked: [None, None], scroll: 0, then: Then::Now }
    }
}

/// Draws the screen.
pub fn draw(view: &View, theme: &Theme, frame: &mut Frame, body: Rect) {
    let lang = view.lang();
    let Some(card) = view.card() else { return };
    let Some(product) = view.model().products.get(&card.sku) else {
        let inner = pane::draw(frame, body, theme, card.sku.as_str(), Vec::new(), true);
        pane::message(
            frame,
            inner,
            theme,
            lang.pick("Este producto ya no existe", "This product is no more"),
        );
        return;
    };
    let mut title = format!("{}  {}", product.product.sku, product.product.name);
    if product.product.retired {
        title.push_str(lang.pick(" (retirado)", " (retired)"));
    }
    let notes = vec![Span::styled(facts(product, lang), theme.dim)];
    let inner = pane::draw(frame, body, theme, &title, notes, true).inner(Margin::new(1, 0));
    if inner.width >= 96 && inner.height >= 10 {
        draw_wide(view, theme, frame, inner, card, product);
    } else {
        let mut lines = facts_lines(view, theme, product, usize::from(inner.width));
        lines.push(Line::default());
        lines.extend(chart_lines(view, theme, card, product, usize::from(inner.width), 4));
        lines.push(Line::default());
        let from = card.scroll.min(lines.len().saturating_sub(usize::from(inner.height)));
        let shown: Vec<_> = lines.into_iter().skip(from).collect();
        frame.render_widget(Paragraph::new(shown), inner);
    }
}

/// Rows of the narrow card, so that scrolling can stop.
#[must_use]
pub fn rows(view: &View, theme: &Theme, width: usize) -> usize {
    let Some(card) = view.card() else { return 0 };
    let Some(product) = view.model().products.get(&card.sku) else { return 0 };
    facts_lines(view, theme, product, width).len()
        + chart_lines(view, theme, card, product, width, 4).len()
        + 2
}

fn draw_wide(view: &View, theme: &Theme, frame: &mut Frame, inner: Rect, card: &Card, product: &ProductView) {
    let lang = view.lang();
    let [left, _, right] =
        Layout::horizontal([Constraint::Percentage(54), Constraint::Length(2), Constraint::Min(0)])
            .areas(inner);
    let facts = facts_lines(view, theme, product, usize::from(left.width));
    let from = card.scroll.min(facts.len().saturating_sub(usize::from(left.height)));
    frame.render_widget(Paragraph::new(facts.into_iter().skip(from).collect::<Vec<_>>()), left);
    let high = if right.height >= 24 { 6 } else { 3 };
    let lines = chart_lines(view, theme, card, product, usize::from(right.width), high);
    let chart_height = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(right.height);
    let [top, below] = Layout::vertical([Constraint::Length(chart_height), Constraint::Min(0)]).areas(right);
    frame.render_widget(Paragraph::new(lines), top);
    if below.height < 3 {
        return;
    }
    let [_, head, rows] =
        Layout::vertical([Constraint::Length(1), Constraint::Length(1), Constraint::Min(0)]).areas(below);
    let words = lang.pick("Últimos movimientos", "Last movements");
    frame.render_widget(Paragraph::new(Line::styled(words, theme.heading)), head);
    match &card.movements {
        Some(movements) => history::draw_plain(view, theme, frame, rows, movements),
        None => pane::message(frame, rows, theme, lang.pick("cargando…", "loading…")),
    }
}

/// Unit, packs, category, barcodes.
fn facts(product: &ProductView, lang: Lang) -> String {
    let p = &product.product;
    let mut facts = vec![p.unit.clone()];
    if let Some(pack) = p.packs.first() {
        facts.push(format!(
            "{} {}",
            lang.pick("paquete de", "pack of"),
            format::quantity(pack.size, p.decimals, lang)
        ));
    }
    if !p.category.is_empty() {
        facts.push(p.category.clone());
    }
    facts.extend(p.barcodes.first().map(crate::domain::gtin::Gtin::short));
    if p.lot_tracked {
        facts.push(lang.pick("por lotes", "by lot").to_owned());
    }
    facts.join(" · ")
}

fn facts_lines<'a>(view: &View, theme: &Theme, product: &ProductView, width: usize) -> Vec<Line<'a>> {
    let past = view.card().and_then(|card| then::lines(view, theme, &card.then, product, width));
    let mut lines = past.unwrap_or_else(|| {
        let mut lines = warehouses(view, theme, product, width);
        lines.push(Line::default());
        lines.extend(lots(view, theme, product, width));
        lines
    });
    lines.push(Line::default());
    lines.extend(promised(view, theme, product, width));
    lines.extend(rule(view, theme, product));
    lines
}

fn warehouses<'a>(view: &View, theme: &Theme, product: &ProductView, width: usize) -> Vec<Line<'a>> {
    let lang = view.lang();
    let number = |q| format::quantity(q, product.product.decimals, lang);
    // As wide as the widest: a quantity that is cut is another one.
    let own = view.own().into_iter();
    let ids = own.chain(view.model().members().map(|peer| &peer.id));
    let shown = ids.flat_map(|id| [product.on_hand(id), product.available(id)]);
    let shown = shown.chain(product.roads.iter().map(|road| road.qty));
    let shown = shown.chain(product.given_up.iter().map(|w| product.lost(w))).chain([product.total()]);
    let wide = shown.map(|q| text::width(&number(q))).max().unwrap_or(0).max(8);
    let heading = format!(
        "{} {} {}",
        text::left(lang.pick("Almacén", "Warehouse"), 11, ""),
        text::right(lang.pick("Hay", "On hand"), wide, ""),
        text::right(lang.pick("Libre", "Avail."), wide, "")
    );
    let mut lines = vec![Line::styled(heading, theme.heading)];
    let mut row =
        |id: &WarehouseId, q: Option<Quantity>, free: Option<Quantity>, said: String, style: Style| {
            let show = |q: Option<Quantity>| q.map_or_else(|| theme.signs.none.to_owned(), number);
            let text = format!(
                "{} {} {}  {said}",
                text::left(&stock::title_case(id.as_str()), 11, theme.signs.more),
                text::right(&show(q), wide, theme.signs.more),
                text::right(&show(free), wide, theme.signs.more)
            );
            lines.push(Line::styled(text::clip(&text, width, theme.signs.more), style));
        };
    if let Some(here) = view.own() {
        let shelf = product.rule(here).map(|r| r.shelf.clone()).filter(|s| !s.is_empty());
        let said = shelf.map_or_else(
            || lang.pick("aquí", "here").to_owned(),
            |shelf| format!("{} {} {shelf}", lang.pick("aquí", "here"), theme.signs.dot),
        );
        row(here, Some(product.on_hand(here)), Some(product.available(here)), said, theme.normal);
    }
    let now_ms = view.now().wall_ms;
    for peer in view.model().members() {
        let q = stock::known(product, &peer.id, Some(peer));
        let free = q.map(|_| product.available(&peer.id));
        let is_fresh = peer.state == PeerState::Alive && peer.lag_entries == 0;
        let style = if is_fresh { theme.normal } else { theme.dim };
        row(&peer.id, q, free, peers::as_of(peer, lang, now_ms, theme.signs.dot), style);
    }
    for road in product.roads.iter().filter(|road| !product.is_given_up(&road.from)) {
        let words = format!(
            "{} {} {}  {} {} {}",
            text::left(lang.pick("En tránsito", "In transit"), 11, theme.signs.more),
            text::right(&number(road.qty), wide, theme.signs.more),
            " ".repeat(wide),
            road.transfer,
            theme.signs.to,
            road.to
        );
        lines.push(Line::styled(text::clip(&words, width, theme.signs.more), theme.transit));
    }
    let total = format!(
        "{} {}",
        text::left("Total", 11, ""),
        text::right(&number(product.total()), wide, theme.signs.more)
    );
    lines.push(Line::styled(total, theme.heading));
    // Below the total, as it is in none.
    for warehouse in product.given_up.iter().filter(|w| !product.lost(w).is_zero()) {
        let words = format!(
            "{} {} {}  {}",
            text::left(&stock::title_case(warehouse.as_str()), 11, theme.signs.more),
            text::right(&number(product.lost(warehouse)), wide, theme.signs.more),
            " ".repeat(wide),
            lang.pick("dado por perdido", "given up")
        );
        lines.push(Line::styled(text::clip(&words, width, theme.signs.more), theme.dim));
    }
    lines
}

fn lots<'a>(view: &View, theme: &Theme, product: &ProductView, width: usize) -> Vec<Line<'a>> {
    let lang = view.lang();
    let Some(here) = view.own() else { return Vec::new() };
    let mut cells: Vec<_> =
        product.cells.iter().filter(|c| c.warehouse == *here && !c.on_hand.is_zero()).collect();
    let heading = lang.pick("Lotes aquí, por caducidad", "Lots here, by expiry");
    let mut lines = vec![Line::styled(heading, theme.heading)];
    cells.sort_by(|a, b| (a.expiry.is_none(), a.expiry, &a.lot).cmp(&(b.expiry.is_none(), b.expiry, &b.lot)));
    let today = view.now().today();
    for cell in &cells {
        let name = if cell.lot.is_none() {
            lang.pick("sin lote", "no lot").to_owned()
        } else {
            cell.lot.to_string()
        };
        let (said, style) = cell
            .expiry
            .map_or_else(|| (String::new(), theme.normal), |day| expiry_words(day, today, lang, theme));
        let q = format::quantity(cell.on_hand, product.product.decimals, lang);
        let text = format!(
            "{} {}  {said}",
            text::left(&name, 16, theme.signs.more),
            text::right(&q, 9, theme.signs.more)
        );
        lines.push(Line::styled(text::clip(&text, width, theme.signs.more), style));
    }
    if cells.is_empty() {
        lines.push(Line::styled(lang.pick("nada aquí", "nothing here"), theme.dim));
    }
    lines
}

/// What is kept for whom, and what is expected; nothing where there is neither.
fn promised<'a>(view: &View, theme: &Theme, product: &ProductView, width: usize) -> Vec<Line<'a>> {
    let (lang, today) = (view.lang(), view.now().today());
    let mut all: Vec<_> = promises::of(product).collect();
    if all.is_empty() {
        return Vec::new();
    }
    all.sort_by_key(|p| (view.own() != Some(&p.id.origin), p.kind, p.day.unwrap_or(NaiveDate::MAX)));
    let mut lines = vec![Line::styled(Place::Promises.name(lang), theme.heading)];
    for promise in all.iter().take(PROMISES) {
        let said = promises::sentence(promise, product.product.decimals, view.own(), lang);
        let is_past = promises::is_past(promise, today);
        let (sign, style) = if is_past { (theme.signs.warning, theme.warning) } else { ("", theme.normal) };
        let said = format!("{sign} {said}");
        lines.push(Line::styled(text::clip(said.trim_start(), width, theme.signs.more), style));
    }
    if all.len() > PROMISES {
        let more = all.len() - PROMISES;
        let key =
            view.key_of(Action::GoPromises, Place::Card).map_or_else(String::new, |key| format!(" ({key})"));
        lines.push(Line::styled(format!("+{more}{key}"), theme.dim));
    }
    lines.push(Line::default());
    lines
}

fn expiry_words(day: NaiveDate, today: NaiveDate, lang: Lang, theme: &Theme) -> (String, Style) {
    let date = format::date(day, lang);
    let left = (day - today).num_days();
    if left < 0 {
        (format!("{} {} {date}", theme.signs.expired, lang.pick("caducó el", "expired on")), theme.error)
    } else if left <= crate::domain::alert::EXPIRING_DAYS {
        let words = match lang {
            Lang::Es => format!("{} caduca el {date}, en {left} d", theme.signs.warning),
            Lang::En => format!("{} expires on {date}, in {left} d", theme.signs.warning),
        };
        (words, theme.warning)
    } else {
        (format!("{} {date}", lang.pick("caduca el", "expires on")), theme.normal)
    }
}

fn rule<'a>(view: &View, theme: &Theme, product: &ProductView) -> Vec<Line<'a>> {
    let lang = view.lang();
    let Some(here) = view.own() else { return Vec::new() };
    let number = |q| format::quantity(q, product.product.decimals, lang);
    let mut lines = vec![Line::styled(lang.pick("Reposición", "Reordering"), theme.heading)];
    let rule = product.rule(here).map(|r| &r.rule);
    let facts: Vec<_> = [
        (
            if rule.is_some_and(|r| r.computes().is_some()) {
                lang.pick("punto de pedido calculado", "computed reorder point")
            } else {
                lang.pick("punto de pedido", "reorder point")
            },
            product.reorder_point(here),
        ),
        (lang.pick("máximo", "maximum"), rule.and_then(|r| r.maximum)),
        (lang.pick("múltiplo", "multiple"), rule.and_then(|r| r.multiple)),
        (lang.pick("pedido mínimo", "minimum order"), rule.and_then(|r| r.minimum_order)),
    ]
    .into_iter()
    .filter_map(|(name, q)| q.map(|q| format!("{name} {}", number(q))))
    .chain(rule.and_then(|r| r.lead_time_days).map(|d| format!("{} {d} d", lang.pick("plazo", "lead time"))))
    .collect();
    if facts.is_empty() {
        lines.push(Line::styled(lang.pick("sin regla (R)", "no rule (R)"), theme.dim));
    } else {
        let dot = format!(" {} ", theme.signs.dot);
        lines.extend(facts.chunks(2).map(|pair| Line::raw(pair.join(&dot))));
    }
    let is_low = stock::mark(product, here, view.now().today());
    let (_, style) = match is_low {
        stock::Mark::Low | stock::Mark::Out => stock::mark_look(is_low, theme),
        _ => ("", theme.normal),
    };
    let sum = format!(
        "{} {} = {} {} + {} {}",
        lang.pick("posición", "position"),
        number(product.position(here)),
        number(product.available(here)),
        lang.pick("libres", "available"),
        number(product.incoming(here)),
        lang.pick("entrantes", "incoming")
    );
    lines.push(Line::styled(sum, style));
    let cover = stock::days(product, here, theme, view);
    let words = format!(
        "{} {cover} d {} {} {} / 30 d",
        lang.pick("cobertura", "cover"),
        theme.signs.dot,
        lang.pick("salidas", "issues"),
        number(product.issued_30d(here))
    );
    lines.push(Line::raw(words));
    lines
}

#[allow(clippy::cast_precision_loss, reason = "a chart shows shares, not figures")]
fn units(q: Quantity) -> f64 {
    q.thousandths() as f64 / 1000.0
}

fn chart_lines<'a>(
    view: &View,
    theme: &Theme,
    card: &Card,
    product: &ProductView,
    width: usize,
    height: usize,
) -> Vec<Line<'a>> {
    let lang = view.lang();
    let Some(days) = &card.demand else {
        return vec![Line::styled(lang.pick("cargando…", "loading…"), theme.dim)];
    };
    let today = view.now().today();
    let here = view.own();
    let on_hand = here.map_or(Quantity::ZERO, |here| product.on_hand(here));
    let (issued, level) = series(days, on_hand, view.now().utc_day());
    let point = here.and_then(|here| product.reorder_point(here));
    let number = |n: f64| format::decimal(n, usize::from(product.product.decimals.min(1)), lang);
    let largest = |values: &[f64]| values.iter().copied().fold(0.0_f64, f64::max);
    let last = |days: &[f64]| days.last().copied().unwrap_or(0.0);
    let sum = |days: &[f64]| days.iter().sum();
    let head = |words: &str, top: f64| {
        Line::from(vec![
            Span::styled(words.to_owned(), theme.heading),
            Span::styled(format!("  {} {}", lang.pick("máx.", "max"), number(top)), theme.dim),
        ])
    };
    let mut lines =
        vec![head(lang.pick("Existencias aquí, 90 días", "On hand here, 90 days"), largest(&level))];
    // The reorder point is a line across the bars, with its figure at the right end.
    let label = point.map(|q| format!(" {}", format::quantity(q, product.product.decimals, lang)));
    let columns = width.saturating_sub(label.as_deref().map_or(0, text::width)).min(DAYS as usize);
    let squeezed = chart::squeeze(&level, columns, last);
    if let (Some(point), Some(label)) = (point, label) {
        let (rows, at) =
            chart::bars_and_level(&squeezed, units(point), height, &theme.signs.bars, theme.signs.line);
        lines.extend(rows.into_iter().enumerate().map(|(i, row)| {
            let mut spans = vec![Span::styled(row, theme.ok)];
            if i == at {
                spans.push(Span::styled(label.clone(), theme.warning));
            }
            Line::from(spans)
        }));
    } else {
        let rows = chart::bars(&squeezed, height, &theme.signs.bars);
        lines.extend(rows.into_iter().map(|row| Line::styled(row, theme.ok)));
    }
    if let Some(here) = here {
        let said = outlook::words(product.available(here), point, product.issued_30d(here), today, lang);
        lines.extend(said.into_iter().map(|said| Line::raw(text::clip(&said, width, theme.signs.more))));
    }
    lines.push(head(lang.pick("Salidas por día", "Issues per day"), largest(&issued)));
    let columns = width.min(DAYS as usize);
    let rows = chart::bars(&chart::squeeze(&issued, columns, sum), height.div_ceil(2), &theme.signs.bars);
    lines.extend(rows.into_iter().map(|row| Line::styled(row, theme.focus)));
    lines
}

/// Issues and stock at the end of each day of UTC, as the store sums them, oldest first, up to today.
fn series(days: &[DemandDay], on_hand: Quantity, today: NaiveDate) -> (Vec<f64>, Vec<f64>) {
    let span = DAYS as usize;
    let mut issued = vec![0.0; span];
    let mut change = vec![Quantity::ZERO; span];
    let first = today.checked_sub_days(Days::new(u64::from(DAYS) - 1)).unwrap_or(today);
    for day in days {
        let place = usize::try_from((day.day - first).num_days()).unwrap_or(usize::MAX).min(span);
        if let (Some(i), Some(c)) = (issued.get_mut(place), change.get_mut(place)) {
            *i += units(day.issued);
            *c = c.saturating_plus(day.change);
        }
    }
    let mut level = vec![0.0; span];
    let mut at = on_hand;
    for (place, c) in level.iter_mut().zip(&change).rev() {
        *place = units(at).max(0.0);
        at = at.saturating_plus(c.negated());
    }
    (issued, level)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_level_is_reckoned_back_from_what_is_there_now() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        let q = |n| Quantity::units(n).unwrap();
        let days = [
            DemandDay {
                day: today.pred_opt().unwrap(),
                issued: q(0),
                came: q(50),
                went: q(0),
                change: q(50),
            },
            DemandDay { day: today, issued: q(10), came: q(0), went: q(10), change: q(-10) },
        ];
        let (issued, level) = series(&days, q(90), today);
        assert_eq!(issued[89..], [10.0]);
        assert_eq!(level[86..], [50.0, 50.0, 100.0, 90.0]);
    }
}
