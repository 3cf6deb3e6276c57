//! The field in which a lot is named: typed, scanned, or picked from those that are there.

use crossterm::event::KeyEvent;

use super::FormContext;
use super::reading::number;
use super::sheet::{Row, Tone};
use super::taking::{in_order, is_expired};
use crate::domain::{Lot, WarehouseId};
use crate::node::event::{CellView, ProductView};
use crate::text::format;
use crate::ui::parts::field::TextField;

/// How many lots are shown.
const SHOWN: usize = 6;

/// A field for one lot of a product.
#[derive(Debug, Clone, Default)]
pub struct LotField {
    field: TextField,
    at: Option<usize>,
}

/// Which lots are offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// Those with goods: to take from.
    WithGoods,
    /// All that the warehouse has known.
    All,
    /// The same to somebody who counts them and is not to see the book.
    Blind,
}

impl LotField {
    /// What is typed.
    pub fn text(&self) -> &str {
        self.field.text().trim()
    }

    /// Names a lot.
    pub fn set(&mut self, lot: &str) {
        self.field.set(lot);
        self.at = None;
    }

    /// Takes a key of text.
    pub fn key(&mut self, key: KeyEvent) {
        if self.field.key(key) {
            self.at = None;
        }
    }

    /// The lots offered for what is typed, in the order in which goods leave.
    fn offered<'a>(
        &self,
        view: &'a ProductView,
        warehouse: &WarehouseId,
        offer: Offer,
        cx: &FormContext,
    ) -> Vec<&'a CellView> {
        let typed = self.text().to_lowercase();
        let cells = in_order(view, warehouse, cx.today).into_iter();
        cells
            .filter(|c| !c.lot.is_none() && (offer != Offer::WithGoods || c.on_hand.is_positive()))
            .filter(|c| c.lot.as_str().to_lowercase().starts_with(&typed))
            .take(SHOWN)
            .collect()
    }

    /// Moves in the offered lots; false where there is nowhere to go.
    pub fn step(
        &mut self,
        down: bool,
        view: &ProductView,
        warehouse: &WarehouseId,
        offer: Offer,
        cx: &FormContext,
    ) -> bool {
        let count = self.offered(view, warehouse, offer, cx).len();
        let next = match (self.at, down) {
            (None, true) => Some(0),
            (Some(at), true) => Some(at + 1),
            (Some(0), false) => {
                self.at = None;
                return true;
            }
            (Some(at), false) => Some(at - 1),
            (None, false) => None,
        };
        match next.filter(|&n| n < count) {
            Some(n) => {
                self.at = Some(n);
                true
            }
            None => false,
        }
    }

    /// Takes the marked lot, if one is.
    pub fn settle(&mut self, view: &ProductView, warehouse: &WarehouseId, offer: Offer, cx: &FormContext) {
        let marked =
            self.at.and_then(|at| self.offered(view, warehouse, offer, cx).get(at).map(|c| c.lot.clone()));
        if let Some(lot) = marked {
            self.set(lot.as_str());
        }
    }

    /// The lot as the warehouse writes it: exactly as typed, else the only one that differs in case.
    pub fn known(&self, view: &ProductView, warehouse: &WarehouseId) -> Option<Lot> {
        let here = || view.cells.iter().filter(|c| c.warehouse == *warehouse);
        let exact = here().find(|c| c.lot.as_str() == self.text());
        if let Some(cell) = exact {
            return Some(cell.lot.clone());
        }
        let mut alike = here().filter(|c| c.lot.as_str().eq_ignore_ascii_case(self.text()));
        let first = alike.next()?;
        alike.next().is_none().then(|| first.lot.clone())
    }

    /// Its row, and while it has the keys the lots under it.
    pub fn rows<'a>(
        &'a self,
        rows: &mut Vec<Row<'a>>,
        place: Option<(&ProductView, &WarehouseId)>,
        offer: Offer,
        cx: &FormContext,
        focus: bool,
    ) {
        let lang = cx.lang;
        let tracked = place.is_some_and(|(v, _)| v.product.lot_tracked);
        let ghost = match offer {
            Offer::WithGoods => lang.pick("por caducidad", "by expiry"),
            Offer::All | Offer::Blind if tracked => lang.pick("obligatorio", "required"),
            Offer::All | Offer::Blind => lang.pick("sin lote", "no lot"),
        };
        rows.push(Row::Field {
            label: lang.pick("Lote", "Lot").to_owned(),
            field: &self.field,
            room: 24,
            ghost: ghost.to_owned(),
            note: (Tone::Plain, String::new()),
            focus,
        });
        let Some((view, warehouse)) = place.filter(|_| focus) else {
            return;
        };
        for (i, cell) in self.offered(view, warehouse, offer, cx).into_iter().enumerate() {
            if cell.lot.as_str() == self.text() {
                continue;
            }
            let mut pieces = vec![(Tone::Strong, format!("{}  ", cell.lot))];
            if offer != Offer::Blind {
                pieces.push((Tone::Plain, number(cell.on_hand, &view.product, lang)));
            }
            if let Some(day) = cell.expiry {
                let expired = is_expired(cell.expiry, cx.today);
                let word =
                    if expired { lang.pick("caducó", "expired") } else { lang.pick("caduca", "expires") };
                let tone = if expired { Tone::Warning } else { Tone::Dim };
                pieces.push((tone, format!("  {word} {}", format::date(day, lang))));
            }
            rows.push(Row::Item { pieces, chosen: self.at == Some(i) });
        }
    }
}
