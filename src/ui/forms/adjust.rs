//! A correction of one product and lot, with its reason.

use chrono::NaiveDate;
use crossterm::event::{KeyCode, KeyEvent};

use super::amount_field::AmountField;
use super::choice::Choice;
use super::lot_field::{LotField, Offer};
use super::press::{Press, neighbour};
use super::product_field::ProductField;
use super::reading::{amount, expiry, figure, number, said, sentence};
use super::scanned::{Stranger, find};
use super::sheet::{Row, Tone};
use super::taking::{can_change, known_expiry, on_hand_of};
use super::{Answer, FormContext, Prefill, kept, not_ready};
use crate::domain::typing::Sign;
use crate::domain::{AdjustmentReason, Lot, Quantity, QuantityError, Refusal, TransferId, WarehouseId};
use crate::ledger::act::Act;
use crate::node::event::ProductView;
use crate::text::{Lang, format, words};
use crate::ui::keys::FormKey;
use crate::ui::parts::field::TextField;
use crate::ui::theme::Theme;

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Product,
    Delta,
    Lot,
    Expiry,
    Reason,
    Text,
}

/// The form.
#[derive(Debug, Clone)]
pub struct Adjust {
    product: ProductField,
    delta: AmountField,
    lot: LotField,
    expiry: TextField,
    reason: Choice<AdjustmentReason>,
    text: TextField,
    transfer: Option<TransferId>,
    focus: At,
    touched: bool,
}

/// What would be booked.
struct Ready<'a> {
    view: &'a ProductView,
    lot: Lot,
    expiry: Option<NaiveDate>,
    delta: Quantity,
    before: Quantity,
}

/// Where something is missing or wrong, whether it is only missing, and the sentence.
type Trouble = (At, bool, String);

impl Adjust {
    /// Opens it, on the product known.
    pub fn open(prefill: &Prefill, cx: &FormContext) -> Result<Self, String> {
        if cx.here().is_none() {
            return Err(not_ready(cx.lang));
        }
        let mut form = Self {
            product: ProductField::default(),
            delta: AmountField::default(),
            lot: LotField::default(),
            expiry: TextField::default(),
            reason: Choice::new(AdjustmentReason::ALL.to_vec()),
            text: TextField::default(),
            transfer: prefill.transfer.clone(),
            focus: At::Product,
            touched: false,
        };
        let sku = prefill.sku.as_ref().or(cx.selected);
        if let Some(view) = sku.and_then(|sku| cx.product(sku)) {
            form.product.pick(&view.product.sku);
            form.focus = At::Delta;
        }
        if let Some(qty) = prefill.qty {
            form.delta.propose(qty, cx.lang);
        }
        if form.transfer.is_some() {
            form.reason.choose(&AdjustmentReason::Found);
        }
        if let Some(lot) = &prefill.expired {
            form.lot.set(lot.as_str());
            form.reason.choose(&AdjustmentReason::Expired);
        }
        Ok(form)
    }

    pub const fn is_dirty(&self) -> bool {
        self.touched
    }

    pub fn title(&self, lang: Lang) -> String {
        match (&self.transfer, lang) {
            (None, _) => lang.pick("Ajuste", "Adjustment").to_owned(),
            (Some(id), Lang::Es) => format!("Ajuste · aparecido de {id}"),
            (Some(id), Lang::En) => format!("Adjustment · turned up of {id}"),
        }
    }

    pub fn press(&mut self, press: Press, cx: &FormContext) -> Answer {
        match press {
            Press::Down if self.step_in_list(true, cx) => {}
            Press::Up if self.step_in_list(false, cx) => {}
            Press::Next | Press::Down => self.walk(true, cx),
            Press::Back | Press::Up => self.walk(false, cx),
            Press::Enter | Press::Book => return self.book(cx),
            Press::Text(key) => self.key(key, cx),
            Press::LineBefore
            | Press::LineAfter
            | Press::LineNew
            | Press::LineDrop
            | Press::TakeBack
            | Press::Esc => {}
        }
        Answer::Stay
    }

    /// A scan names the product, and its lot if the code has one.
    pub fn scan(&mut self, text: &str, cx: &FormContext) -> Answer {
        match find(text, cx) {
            Ok(scanned) => {
                self.product.pick(&scanned.sku);
                if let Some(lot) = &scanned.lot {
                    self.lot.set(lot.as_str());
                }
                self.focus = At::Delta;
            }
            Err(Stranger::Text { text, .. }) if self.focus == At::Text => self.text.set(&text),
            Err(Stranger::Text { text, .. }) if self.focus == At::Lot => self.lot.set(&text),
            Err(stranger) => return Answer::of_stranger(stranger, text),
        }
        self.touched = true;
        Answer::Stay
    }

    fn view<'a>(&self, cx: &FormContext<'a>) -> Option<&'a ProductView> {
        self.product.sku().and_then(|sku| cx.product(sku))
    }

    fn order(&self, cx: &FormContext) -> Vec<At> {
        let mut order = vec![At::Product, At::Delta, At::Lot];
        // A lot that is new here may bring its date.
        let new = self
            .view(cx)
            .zip(cx.here())
            .is_some_and(|(view, here)| !self.lot.text().is_empty() && self.lot.known(view, here).is_none());
        if new || !self.expiry.is_empty() {
            order.push(At::Expiry);
        }
        order.extend([At::Reason, At::Text]);
        order
    }

    fn walk(&mut self, forward: bool, cx: &FormContext) {
        self.settle(cx);
        self.focus = neighbour(&self.order(cx), self.focus, forward);
    }

    fn settle(&mut self, cx: &FormContext) {
        match (self.focus, self.view(cx).zip(cx.here())) {
            (At::Product, _) => {
                self.product.settle();
            }
            (At::Lot, Some((view, here))) => self.lot.settle(view, here, Offer::All, cx),
            _ => {}
        }
    }

    fn step_in_list(&mut self, down: bool, cx: &FormContext) -> bool {
        match (self.focus, self.view(cx).zip(cx.here())) {
            (At::Product, _) => self.product.step(down),
            (At::Lot, Some((view, here))) => self.lot.step(down, view, here, Offer::All, cx),
            _ => false,
        }
    }

    fn key(&mut self, key: KeyEvent, cx: &FormContext) {
        self.touched |= matches!(key.code, KeyCode::Char(_) | KeyCode::Backspace | KeyCode::Delete);
        match self.focus {
            At::Product => self.product.key(key, cx, true),
            At::Delta => self.delta.key(key),
            At::Lot => self.lot.key(key),
            At::Expiry => {
                self.expiry.key(key);
            }
            At::Reason => {
                self.touched |= self.reason.key(key, |r| words::adjustment(cx.lang, *r).to_owned());
            }
            At::Text => {
                self.text.key(key);
            }
        }
    }

    fn judge<'a>(&self, cx: &FormContext<'a>) -> Result<Ready<'a>, Trouble> {
        let lang = cx.lang;
        let Some((view, here)) = self.view(cx).zip(cx.here()) else {
            let text = lang.pick(
                "Falta el producto: léalo, o escriba parte de su SKU o nombre.",
                "The product is missing: scan it, or type part of its SKU or name.",
            );
            return Err((At::Product, self.product.is_blank(), text.to_owned()));
        };
        let sku = &view.product.sku;
        let delta = amount(self.delta.text(), &view.product, Sign::Any, lang)
            .map_err(|why| (At::Delta, self.delta.is_empty(), sentence(&why)))?;
        if delta.is_zero() {
            let text = lang.pick(
                "Un ajuste de cero no cambia nada: escriba +3 o -3, por ejemplo.",
                "An adjustment of zero changes nothing: type +3 or -3, for instance.",
            );
            return Err((At::Delta, false, text.to_owned()));
        }
        let lot = self.judge_lot(view, here, lang)?;
        let typed = expiry(self.expiry.text(), cx).map_err(|why| (At::Expiry, false, sentence(&why)))?;
        if typed.is_some() && lot.is_none() {
            return Err((At::Lot, false, said(lang, &Refusal::ExpiryWithoutLot { sku: sku.clone() })));
        }
        let known = known_expiry(view, here, &lot).map(|(day, _)| day);
        let before = on_hand_of(view, here, &lot);
        before.plus(delta).map_err(|_| {
            let problem = QuantityError::Overflow;
            (At::Delta, false, said(lang, &Refusal::Quantity { sku: sku.clone(), problem }))
        })?;
        can_change(view, here, &lot, delta).map_err(|refusal| {
            let at = if matches!(refusal, Refusal::UnknownLot { .. }) { At::Lot } else { At::Delta };
            (at, false, said(lang, &refusal))
        })?;
        Ok(Ready { view, lot, expiry: typed.or(known), delta, before })
    }

    fn judge_lot(&self, view: &ProductView, here: &WarehouseId, lang: Lang) -> Result<Lot, Trouble> {
        if self.lot.text().is_empty() {
            let tracked = view.product.lot_tracked && on_hand_of(view, here, &Lot::none()).is_zero();
            if tracked {
                let sku = view.product.sku.clone();
                return Err((At::Lot, true, said(lang, &Refusal::LotMissing { sku })));
            }
            return Ok(Lot::none());
        }
        if let Some(lot) = self.lot.known(view, here) {
            return Ok(lot);
        }
        Lot::new(self.lot.text()).map_err(|problem| (At::Lot, false, said(lang, &Refusal::Name { problem })))
    }

    fn book(&mut self, cx: &FormContext) -> Answer {
        self.settle(cx);
        let reason = self.reason.value().copied();
        let text = match cx.lang {
            Lang::Es => format!("Elija el motivo con {} o su letra.", cx.sides()),
            Lang::En => format!("Choose the reason with {} or its letter.", cx.sides()),
        };
        let judged = self.judge(cx).and_then(|ready| {
            let reason = reason.ok_or_else(|| (At::Reason, true, text.clone()))?;
            if !reason.suits(ready.delta.is_positive()) {
                let (sku, delta) = (ready.view.product.sku.clone(), ready.delta);
                let refusal = Refusal::ReasonUnfit { sku, delta, reason };
                return Err((At::Reason, false, said(cx.lang, &refusal)));
            }
            Ok((ready, reason))
        });
        let (ready, reason) = match judged {
            Ok(both) => both,
            Err((at, missing, sentence)) => {
                let moved = at != self.focus;
                self.focus = at;
                return if moved && missing { Answer::Stay } else { Answer::Say(Tone::Error, sentence) };
            }
        };
        Answer::Submit(vec![Act::Adjust {
            sku: ready.view.product.sku.clone(),
            lot: ready.lot,
            expiry: ready.expiry,
            delta: ready.delta,
            reason,
            reference: self.text.text().trim().to_owned(),
            transfer: self.transfer.clone(),
        }])
    }

    pub fn show<'a>(
        &'a self,
        rows: &mut Vec<Row<'a>>,
        keys: &mut Vec<(String, &'static str)>,
        theme: &Theme,
        cx: &FormContext,
    ) {
        let lang = cx.lang;
        let judged = self.judge(cx);
        for at in self.order(cx) {
            self.show_field(at, &judged, rows, cx);
        }
        rows.push(Row::blank());
        if let Ok(ready) = &judged {
            let product = &ready.view.product;
            let after = ready.before.saturating_plus(ready.delta);
            let name = if ready.lot.is_none() {
                lang.pick("Existencias", "On hand").to_owned()
            } else {
                format!("{} {}", lang.pick("Lote", "Lot"), ready.lot)
            };
            rows.push(Row::Text(vec![
                (Tone::Dim, format!("{name} ")),
                (Tone::Plain, format!("{} {} ", number(ready.before, product, lang), theme.signs.to)),
                (Tone::Strong, figure(after, product, lang)),
            ]));
            let forced = cx.here().and_then(|h| kept::forced_row(ready.view, h, (&ready.lot, after), lang));
            rows.extend(forced.filter(|_| ready.delta.is_negative()));
        } else if let Some((view, here)) = self.view(cx).zip(cx.here()) {
            rows.push(Row::Text(vec![
                (Tone::Dim, format!("{} ", lang.pick("Existencias", "On hand"))),
                (Tone::Plain, figure(view.on_hand(here), &view.product, lang)),
            ]));
        }
        keys.push((cx.key(FormKey::Enter), lang.pick("registrar", "book")));
        keys.push((cx.key(FormKey::Next), lang.pick("campo", "field")));
        keys.push((cx.pair(FormKey::Left, FormKey::Right), lang.pick("motivo", "reason")));
    }

    fn show_field<'a>(
        &'a self,
        at: At,
        judged: &Result<Ready, Trouble>,
        rows: &mut Vec<Row<'a>>,
        cx: &FormContext,
    ) {
        let lang = cx.lang;
        let focus = self.focus == at;
        let note = match judged {
            Err((wrong, false, sentence)) if *wrong == at => (Tone::Error, sentence.clone()),
            Ok(ready) if at == At::Delta => {
                let product = &ready.view.product;
                (
                    Tone::Plain,
                    format!("{} {}", format::change(ready.delta, product.decimals, lang), product.unit),
                )
            }
            Ok(ready) if at == At::Expiry => {
                let text = ready.expiry.map_or_else(String::new, |day| format::date(day, lang));
                (Tone::Plain, text)
            }
            _ => (Tone::Plain, String::new()),
        };
        match at {
            At::Product => self.product.rows(rows, cx, focus),
            At::Lot => self.lot.rows(rows, self.view(cx).zip(cx.here()), Offer::All, cx, focus),
            At::Delta => rows.push(Row::Field {
                label: lang.pick("Diferencia", "Difference").to_owned(),
                field: self.delta.field(),
                room: 16,
                ghost: "+3, -3".to_owned(),
                note,
                focus,
            }),
            At::Expiry => rows.push(Row::Field {
                label: lang.pick("Caducidad", "Expiry").to_owned(),
                field: &self.expiry,
                room: 16,
                ghost: lang.pick("opcional", "optional").to_owned(),
                note,
                focus,
            }),
            At::Reason => rows.push(Row::Choice {
                label: lang.pick("Motivo", "Reason").to_owned(),
                value: self.reason.value().map(|r| words::adjustment(lang, *r).to_owned()),
                note: if self.reason.value().is_none() && note.1.is_empty() {
                    (Tone::Dim, self.reason.offer(&cx.sides(), |r| words::adjustment(lang, *r).to_owned()))
                } else {
                    note
                },
                focus,
            }),
            At::Text => rows.push(Row::Field {
                label: lang.pick("Nota", "Note").to_owned(),
                field: &self.text,
                room: 50,
                ghost: lang.pick("opcional", "optional").to_owned(),
                note,
                focus,
            }),
        }
    }
}
