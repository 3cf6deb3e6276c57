//! The table of what is low.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::{Fate, brings, days};
use crate::domain::{Quantity, Sku};
use crate::node::event::ProductView;
use crate::node::replenish::Low;
use crate::text::format;
use crate::ui::panes::stock::selected;
use crate::ui::parts::table::{Cell, Column, Side, fit, headings, line};
use crate::ui::parts::text;
use crate::ui::theme::Theme;
use crate::ui::view::View;

/// From so many columns on the columns have room.
const ROOMY: usize = 110;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Tick,
    Sku,
    Name,
    OnHand,
    Position,
    Point,
    Days,
    Class,
    Bring,
    Buy,
    Fate,
}

fn columns(view: &View, room: usize) -> (Vec<Kind>, Vec<Column>) {
    let lang = view.lang();
    let bring = if room >= ROOMY { 26 } else { 19 };
    let all = [
        (Kind::Tick, "", 3, 0, Side::Left),
        (Kind::Sku, "SKU", 11, 0, Side::Left),
        (Kind::Name, lang.pick("Producto", "Product"), 8, 3, Side::Left),
        (Kind::OnHand, lang.pick("Hay", "Here"), 5, 6, Side::Right),
        (Kind::Position, lang.pick("Posic.", "Posit."), 6, 2, Side::Right),
        (Kind::Point, lang.pick("PdP", "ROP"), 5, 2, Side::Right),
        (Kind::Days, lang.pick("Días", "Days"), 4, 4, Side::Right),
        (Kind::Class, "ABC", 3, 5, Side::Left),
        (Kind::Bring, lang.pick("Traer (queda)", "Bring (keeps)"), bring, 1, Side::Left),
        (Kind::Buy, lang.pick("Comprar", "Buy"), 7, 0, Side::Right),
        (Kind::Fate, "", 1, 0, Side::Left),
    ];
    let column = |(_, title, width, rank, side): &(Kind, &str, usize, u8, Side)| Column {
        title: (*title).to_owned(),
        width: *width,
        grows: *rank == 3,
        rank: *rank,
        side: *side,
    };
    (all.iter().map(|(kind, ..)| *kind).collect(), all.iter().map(column).collect())
}

fn cell(view: &View, theme: &Theme, sku: &Sku, product: &ProductView, low: &Low, kind: Kind) -> Cell {
    let lang = view.lang();
    let run = view.run();
    let of = |q: Quantity| format::quantity(q, product.product.decimals, lang);
    let plain = |text: String| (text, theme.normal);
    match kind {
        Kind::Tick if run.ticked.contains(sku) => ("[x]".to_owned(), theme.key),
        Kind::Tick if brings(low) => ("[ ]".to_owned(), theme.normal),
        Kind::Tick => plain(String::new()),
        Kind::Sku => plain(sku.to_string()),
        Kind::Name => plain(product.product.name.clone()),
        Kind::OnHand => plain(of(low.on_hand)),
        Kind::Position => (of(low.position), theme.warning),
        Kind::Point if low.is_computed => plain(format!("~{}", of(low.point))),
        Kind::Point => plain(of(low.point)),
        Kind::Days => plain(days(low.cover, theme, lang)),
        Kind::Class => {
            plain(run.classes.as_ref().map_or_else(String::new, |classes| classes.of(sku).to_string()))
        }
        Kind::Bring => match low.proposal.bring.as_slice() {
            [] if low.asked.is_positive() => {
                (format!("{} {}", lang.pick("pedido", "requested"), of(low.asked)), theme.transit)
            }
            [] => (theme.signs.none.to_owned(), theme.dim),
            [first, rest @ ..] => {
                let more = if rest.is_empty() { String::new() } else { format!(" +{}", rest.len()) };
                plain(format!("{} {} ({}){more}", of(first.qty), first.warehouse, of(first.keeps)))
            }
        },
        Kind::Buy if low.proposal.buy.is_positive() => plain(of(low.proposal.buy)),
        Kind::Buy => (theme.signs.none.to_owned(), theme.dim),
        Kind::Fate => fate(view, theme, sku),
    }
}

/// The worst that became of a product's requests.
fn fate(view: &View, theme: &Theme, sku: &Sku) -> (String, Style) {
    let of_it = || view.run().asked.iter().filter(|asked| asked.sku == *sku).map(|asked| &asked.fate);
    let (sign, style) = if of_it().next().is_none() {
        ("", theme.normal)
    } else if of_it().any(|fate| *fate == Fate::Waiting) {
        (theme.signs.pending, theme.transit)
    } else if of_it().all(|fate| matches!(fate, Fate::Claimed(_))) {
        (theme.signs.done, theme.ok)
    } else {
        (theme.signs.error, theme.error)
    };
    (sign.to_owned(), style)
}

/// Draws headings and rows.
pub(super) fn draw(view: &View, theme: &Theme, frame: &mut Frame, inner: Rect) {
    let run = view.run();
    // The cursor's own column.
    let room = usize::from(inner.width).saturating_sub(1);
    let window = run.cursor.window(run.rows.len(), usize::from(inner.height.saturating_sub(1)));
    let in_sight: Vec<_> = window
        .filter_map(|at| {
            let sku = run.rows.get(at)?;
            Some((at, sku, view.model().products.get(sku)?, run.lows.get(sku)?))
        })
        .collect();
    let (kinds, mut all) = columns(view, room);
    // Numbers are shown whole: what is cut is another number. The name gives way.
    for (i, column) in all.iter_mut().enumerate() {
        if column.side == Side::Right || kinds[i] == Kind::Fate {
            let cells =
                in_sight.iter().map(|(_, sku, product, low)| cell(view, theme, sku, product, low, kinds[i]));
            let widest = cells.map(|(said, _)| text::width(&said)).max().unwrap_or(0);
            column.width = column.width.max(widest);
        }
    }
    let shown = fit(&all, room);
    let mut lines = vec![Line::from(Span::raw(" "))];
    lines[0].extend(headings(&all, &shown, theme.heading).spans);
    for (at, sku, product, low) in in_sight {
        let is_here = at == run.cursor.at;
        let lead = if is_here { theme.signs.cursor } else { " " };
        let mut row = Line::from(Span::styled(lead, theme.focus));
        row.extend(
            line(&all, &shown, theme.signs.more, |i| cell(view, theme, sku, product, low, kinds[i])).spans,
        );
        lines.push(selected(row, is_here, true, theme));
    }
    frame.render_widget(Paragraph::new(lines), inner);
}
