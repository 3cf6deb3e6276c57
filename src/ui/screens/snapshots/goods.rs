//! Goods at a cut: warehouses × products with the road as a column of its own, the equation, and differences.

use std::collections::{BTreeMap, BTreeSet};

use ratatui::text::{Line, Span};

use crate::domain::{Lot, Quantity, Sku, WarehouseId};
use crate::ledger::book::Riding;
use crate::node::snapshots::{self, Balance, Lying, SnapshotDetail};
use crate::text::format;
use crate::ui::parts::text;
use crate::ui::theme::Theme;
use crate::ui::view::View;

const COLUMN: usize = 10;

/// A table of goods.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grid {
    warehouses: Vec<WarehouseId>,
    rows: BTreeMap<(Sku, Lot), Row>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Row {
    lying: BTreeMap<WarehouseId, Quantity>,
    riding: Quantity,
}

impl Row {
    fn total(&self) -> Quantity {
        self.lying.values().fold(self.riding, |sum, q| sum.saturating_plus(*q))
    }
}

impl Grid {
    /// From what lay and what rode.
    #[must_use]
    pub fn of(stock: &[Lying], riding: &[Riding]) -> Self {
        let mut grid = Self::default();
        let mut warehouses = BTreeSet::new();
        for cell in stock {
            warehouses.insert(cell.warehouse.clone());
            let row = grid.rows.entry((cell.sku.clone(), cell.lot.clone())).or_default();
            let here = row.lying.entry(cell.warehouse.clone()).or_default();
            *here = here.saturating_plus(cell.on_hand);
        }
        for goods in riding {
            let row = grid.rows.entry((goods.sku.clone(), goods.lot.clone())).or_default();
            row.riding = row.riding.saturating_plus(goods.qty);
        }
        grid.rows.retain(|_, row| !row.riding.is_zero() || row.lying.values().any(|q| !q.is_zero()));
        grid.warehouses = warehouses.into_iter().collect();
        grid
    }

    /// As comma-separated rows for a file: a heading, then a row per product and lot.
    #[must_use]
    pub fn records(&self) -> Vec<Vec<String>> {
        let mut heading = vec!["sku".to_owned(), "lot".to_owned()];
        heading.extend(self.warehouses.iter().map(ToString::to_string));
        heading.extend(["in_transit".to_owned(), "total".to_owned()]);
        let rows = self.rows.iter().map(|((sku, lot), row)| {
            let mut cells = vec![sku.to_string(), lot.to_string()];
            let lying = |w| row.lying.get(w).copied().unwrap_or_default().to_string();
            cells.extend(self.warehouses.iter().map(lying));
            cells.extend([row.riding.to_string(), row.total().to_string()]);
            cells
        });
        std::iter::once(heading).chain(rows).collect()
    }

    /// The lines of the table; warehouses that find no room are summed up in one column.
    #[must_use]
    pub fn lines<'a>(&self, view: &View, theme: &Theme, width: usize) -> Vec<Line<'a>> {
        let lang = view.lang();
        if self.rows.is_empty() {
            return vec![Line::styled(
                lang.pick(" no había nada", " nothing was there").to_owned(),
                theme.dim,
            )];
        }
        let name = (width / 3).clamp(8, 32);
        let room = width.saturating_sub(name + 1) / COLUMN;
        let fit = room.saturating_sub(2).min(self.warehouses.len());
        let (shown, rest) = if fit < self.warehouses.len() {
            self.warehouses.split_at(fit.saturating_sub(1))
        } else {
            self.warehouses.split_at(fit)
        };
        let cell = |words: &str| text::right(words, COLUMN, theme.signs.more);
        let mut heading = text::left(lang.pick(" Producto", " Product"), name + 1, theme.signs.more);
        for warehouse in shown {
            heading.push_str(&text::right(
                &text::clip(warehouse.as_str(), COLUMN - 1, theme.signs.more),
                COLUMN,
                "",
            ));
        }
        if !rest.is_empty() {
            heading.push_str(&cell(&format!("+{}", rest.len())));
        }
        heading.push_str(&cell(theme.signs.transit));
        heading.push_str(&cell("Total"));
        let mut lines = vec![Line::styled(heading, theme.heading)];
        for ((sku, lot), row) in &self.rows {
            let product = view.model().products.get(sku);
            let decimals = product.map_or(0, |p| p.product.decimals);
            let quantity = |q: Quantity| {
                if q.is_zero() { theme.signs.none.to_owned() } else { format::quantity(q, decimals, lang) }
            };
            let what = if lot.is_none() { sku.to_string() } else { format!("{sku} {lot}") };
            let lead = if lot.is_none() {
                product.map_or(what.clone(), |p| format!("{what} {}", p.product.name))
            } else {
                what
            };
            let mut numbers = String::new();
            for warehouse in shown {
                numbers.push_str(&cell(&quantity(row.lying.get(warehouse).copied().unwrap_or_default())));
            }
            if !rest.is_empty() {
                let sum = rest.iter().filter_map(|w| row.lying.get(w));
                numbers
                    .push_str(&cell(&quantity(sum.fold(Quantity::ZERO, |sum, q| sum.saturating_plus(*q)))));
            }
            lines.push(Line::from(vec![
                Span::styled(format!(" {}", text::left(&lead, name, theme.signs.more)), theme.normal),
                Span::styled(numbers, theme.normal),
                Span::styled(cell(&quantity(row.riding)), theme.transit),
                Span::styled(cell(&quantity(row.total())), theme.heading),
            ]));
        }
        lines
    }
}

/// On hand + in transit = receipts − issues + adjustments − shortages, and whether that holds of every lot.
pub fn equation<'a>(view: &View, theme: &Theme, balance: &Balance, width: usize) -> Vec<Line<'a>> {
    let lang = view.lang();
    let q = |q: Quantity| format::quantity(q, 0, lang);
    let (on_hand, riding) = (q(balance.on_hand), q(balance.riding));
    let (receipts, issues) = (q(balance.receipts), q(balance.issues));
    let (adjustments, shortages) = (q(balance.adjustments), q(balance.shortages));
    let words = match lang {
        crate::text::Lang::Es => format!(
            "existencias {on_hand} + en tránsito {riding} = entradas {receipts} − salidas {issues} + ajustes \
             {adjustments} − mermas {shortages}"
        ),
        crate::text::Lang::En => format!(
            "on hand {on_hand} + in transit {riding} = receipts {receipts} − issues {issues} + adjustments \
             {adjustments} − shortages {shortages}"
        ),
    };
    let wrapped = text::wrap(&words, width.saturating_sub(2).max(20)).into_iter();
    let mut lines: Vec<_> = wrapped.map(|line| Line::styled(format!(" {line}"), theme.normal)).collect();
    if balance.violations.is_empty() {
        let words = lang.pick("se conserva, lote por lote", "conserved, lot by lot");
        lines.push(Line::styled(format!(" {} {words}", theme.signs.done), theme.ok));
    } else {
        let words = lang.pick("NO se conserva:", "NOT conserved:");
        lines.push(Line::styled(format!(" {} {words}", theme.signs.error), theme.error));
        for v in &balance.violations {
            let (found, expected) = (v.found, v.expected);
            lines.push(Line::styled(format!("   {} {}: {found} / {expected}", v.sku, v.lot), theme.error));
        }
    }
    lines
}

/// What differs between two snapshots.
pub fn differences<'a>(
    view: &View,
    theme: &Theme,
    first: &SnapshotDetail,
    second: &SnapshotDetail,
    width: usize,
) -> Vec<Line<'a>> {
    let lang = view.lang();
    let found = snapshots::differences(first, second);
    if found.is_empty() {
        return vec![Line::styled(lang.pick(" no hay diferencias", " no differences").to_owned(), theme.dim)];
    }
    let name = width.saturating_sub(3 * COLUMN + 1).max(8);
    let cell = |words: &str| text::right(words, COLUMN, theme.signs.more);
    let heading = [
        text::left(lang.pick(" Producto, dónde", " Product, where"), name + 1, theme.signs.more),
        cell(lang.pick("antes", "before")),
        cell(lang.pick("después", "after")),
        cell(lang.pick("cambio", "change")),
    ];
    let mut lines = vec![Line::styled(heading.concat(), theme.heading)];
    for difference in found {
        let decimals = view.model().products.get(&difference.sku).map_or(0, |p| p.product.decimals);
        let road = || lang.pick("en tránsito", "in transit").to_owned();
        let place = difference.warehouse.as_ref().map_or_else(road, ToString::to_string);
        let what = format!("{} {} {place}", difference.sku, difference.lot).replace("  ", " ");
        let change = difference.after.saturating_plus(difference.before.negated());
        lines.push(Line::from(vec![
            Span::styled(format!(" {}", text::left(&what, name, theme.signs.more)), theme.normal),
            Span::styled(cell(&format::quantity(difference.before, decimals, lang)), theme.dim),
            Span::styled(cell(&format::quantity(difference.after, decimals, lang)), theme.normal),
            Span::styled(cell(&format::change(change, decimals, lang)), theme.heading),
        ]));
    }
    lines
}
