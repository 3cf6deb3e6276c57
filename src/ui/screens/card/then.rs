//! The product as of an earlier moment, in place of what is known now.

use std::collections::BTreeMap;

use ratatui::text::Line;
use uuid::Uuid;

use crate::domain::{Lot, Quantity, Sku, WarehouseId};
use crate::node::event::ProductView;
use crate::node::snapshots::StockThen;
use crate::text::format;
use crate::ui::action::Action;
use crate::ui::keys::Place;
use crate::ui::panes::stock;
use crate::ui::parts::field::TextField;
use crate::ui::parts::text;
use crate::ui::theme::Theme;
use crate::ui::view::View;

/// The moment that the card looks at.
#[derive(Debug, Clone, Default)]
pub enum Then {
    /// The present.
    #[default]
    Now,
    /// A moment is being typed.
    Typing(TextField),
    /// The node was asked.
    Asked(Uuid),
    /// What lay where then.
    At(Box<Past>),
}

/// What lay where at a moment, of one product.
#[derive(Debug, Clone)]
pub struct Past {
    at_ms: i64,
    here: BTreeMap<(WarehouseId, Lot), Quantity>,
    road: Quantity,
}

impl Past {
    /// Of one product, out of everything that lay somewhere.
    #[must_use]
    pub fn of(sku: &Sku, all: &StockThen) -> Self {
        let mut here: BTreeMap<_, Quantity> = BTreeMap::new();
        for lying in all.stock.iter().filter(|lying| lying.sku == *sku) {
            let q = here.entry((lying.warehouse.clone(), lying.lot.clone())).or_default();
            *q = q.saturating_plus(lying.on_hand);
        }
        let riding = all.riding.iter().filter(|riding| riding.sku == *sku);
        let road = riding.fold(Quantity::ZERO, |sum, riding| sum.saturating_plus(riding.qty));
        Self { at_ms: all.at_ms, here, road }
    }
}

/// The lines that stand for warehouses and lots; none while the present is shown.
#[must_use]
pub fn lines<'a>(
    view: &View,
    theme: &Theme,
    then: &Then,
    product: &ProductView,
    width: usize,
) -> Option<Vec<Line<'a>>> {
    let lang = view.lang();
    let as_of = lang.pick("A fecha de", "As of");
    match then {
        Then::Now => None,
        Then::Typing(field) => {
            let typed = format!("{as_of} {}{}", field.text(), theme.signs.caret);
            let hint = lang.pick("14:30, 2026-05-17 o ambos", "14:30, 2026-05-17 or both");
            Some(vec![
                Line::styled(text::clip(&typed, width, theme.signs.more), theme.focus),
                Line::styled(text::clip(hint, width, theme.signs.more), theme.dim),
            ])
        }
        Then::Asked(_) => Some(vec![Line::styled(lang.pick("cargando…", "loading…"), theme.dim)]),
        Then::At(past) => {
            let number = |q| format::quantity(q, product.product.decimals, lang);
            let when = format::date_time(past.at_ms, view.now().zone, lang);
            let back = lang.pick("ahora", "now");
            let leave = view.key_of(Action::Escape, Place::Card).unwrap_or_default();
            let title = format!("{as_of} {when} {} {leave}: {back}", theme.signs.dot);
            let mut lines = vec![Line::styled(text::clip(&title, width, theme.signs.more), theme.focus)];
            let mut row = |name: &str, q: Quantity, lot: &str, style| {
                let line = format!(
                    "{} {}  {lot}",
                    text::left(name, 11, theme.signs.more),
                    text::right(&number(q), 8, theme.signs.more)
                );
                lines.push(Line::styled(text::clip(line.trim_end(), width, theme.signs.more), style));
            };
            for ((warehouse, lot), q) in past.here.iter().filter(|(_, q)| !q.is_zero()) {
                row(&stock::title_case(warehouse.as_str()), *q, lot.as_str(), theme.normal);
            }
            if !past.road.is_zero() {
                row(lang.pick("En tránsito", "In transit"), past.road, "", theme.transit);
            }
            let total = past.here.values().fold(past.road, |sum, q| sum.saturating_plus(*q));
            row("Total", total, "", theme.heading);
            Some(lines)
        }
    }
}
