//! One line as it is being typed.

use std::sync::LazyLock;

use crossterm::event::{KeyCode, KeyEvent};

use super::super::FormContext;
use super::super::amount_field::AmountField;
use super::super::lot_field::LotField;
use super::super::product_field::ProductField;
use super::super::reading::amount;
use super::super::scanned::Scanned;
use crate::domain::typing::Sign;
use crate::domain::{Quantity, Sku};
use crate::text::{Lang, format};
use crate::ui::parts::field::TextField;

/// A line with nothing in it.
pub static BLANK: LazyLock<Draft> = LazyLock::new(Draft::default);

/// A line.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    pub product: ProductField,
    pub qty: AmountField,
    pub lot: LotField,
    pub expiry: TextField,
    /// That goods past their date go out is meant.
    pub expired_ok: bool,
    /// The own entry when the line got its product: what a count of it is pinned to.
    pub pinned: u64,
}

impl Draft {
    /// The line that a scan begins.
    pub fn scanned(scanned: &Scanned, cx: &FormContext) -> Self {
        let mut draft = Self::default();
        draft.pick(&scanned.sku, cx);
        draft.qty.propose(scanned.amount, cx.lang);
        draft.take_lot(scanned, cx);
        draft
    }

    /// Takes this product: its counting begins.
    pub fn pick(&mut self, sku: &Sku, cx: &FormContext) {
        self.product.pick(sku);
        self.pinned = cx.own_seq;
    }

    /// Settles on the marked product, if none is settled yet.
    pub fn settle_product(&mut self, cx: &FormContext) {
        if self.product.sku().is_none() && self.product.settle() {
            self.pinned = cx.own_seq;
        }
    }

    pub fn is_blank(&self) -> bool {
        self.product.is_blank() && self.qty.is_empty() && self.lot.text().is_empty() && self.expiry.is_empty()
    }

    /// Whether a scan belongs to this line. Only the current line takes a lot that it hasn't got yet.
    pub fn is_of(&self, scanned: &Scanned, current: bool) -> bool {
        let lot = self.lot.text();
        let lots_agree = match &scanned.lot {
            Some(scanned) => lot == scanned.as_str() || (current && lot.is_empty()),
            None => current || lot.is_empty(),
        };
        self.product.sku() == Some(&scanned.sku) && lots_agree
    }

    /// Adds a scan's worth; false where the quantity typed so far can't be added to.
    pub fn add(&mut self, scanned: &Scanned, cx: &FormContext) -> bool {
        let Some(view) = cx.product(&scanned.sku) else {
            return false;
        };
        let before = if self.qty.is_empty() {
            // Nothing was counted of it before this piece.
            self.pinned = cx.own_seq;
            Ok(Quantity::ZERO)
        } else {
            amount(self.qty.text(), &view.product, Sign::NotNegative, cx.lang)
        };
        let sum = before.ok().and_then(|q| q.plus(scanned.amount).ok());
        let Some(sum) = sum else { return false };
        self.qty.propose(sum, cx.lang);
        self.take_lot(scanned, cx);
        true
    }

    fn take_lot(&mut self, scanned: &Scanned, cx: &FormContext) {
        if let Some(lot) = &scanned.lot {
            self.lot.set(lot.as_str());
        }
        if let Some(day) = scanned.expiry {
            self.expiry.set(&format::date(day, cx.lang));
        }
    }

    /// A key in the question whether expired goods go out.
    pub fn expired_key(&mut self, key: KeyEvent, lang: Lang) {
        let yes = lang.pick("s", "y");
        self.expired_ok = match key.code {
            KeyCode::Char(' ') | KeyCode::Left | KeyCode::Right => !self.expired_ok,
            KeyCode::Char(c) if c.to_lowercase().eq(yes.chars()) => true,
            KeyCode::Char('n' | 'N') => false,
            _ => self.expired_ok,
        };
    }
}
