//! Goods kept for an order or a person, and goods expected from outside: a product, how much, for whom, until when.

mod show;

use chrono::NaiveDate;
use crossterm::event::{KeyCode, KeyEvent};

use super::amount_field::AmountField;
use super::kept;
use super::lot_field::{LotField, Offer};
use super::press::{Press, neighbour};
use super::product_field::ProductField;
use super::reading::{amount, expiry, said, sentence};
use super::scanned::{Stranger, find};
use super::sheet::Tone;
use super::taking::{Plan, plan};
use super::{Answer, FormContext, Prefill, not_ready};
use crate::domain::typing::Sign;
use crate::domain::{Lot, Quantity, Refusal, WarehouseId};
use crate::ledger::act::Act;
use crate::node::event::ProductView;
use crate::text::{Lang, refusal};
use crate::ui::parts::field::TextField;

/// What is promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Goods that are here, to somebody.
    Reserve,
    /// Goods from outside, to us.
    Expect,
}

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Product,
    Qty,
    Lot,
    Text,
    Day,
}

/// The form.
#[derive(Debug, Clone)]
pub struct Promise {
    what: What,
    product: ProductField,
    qty: AmountField,
    lot: LotField,
    /// For whom or what; or the order, the supplier.
    text: TextField,
    day: TextField,
    focus: At,
    touched: bool,
}

/// Why it can't be booked as it is.
struct Trouble {
    at: At,
    /// Nothing is wrong yet: the field is just empty.
    missing: bool,
    sentence: String,
}

/// How much of what.
struct Ready<'a> {
    view: &'a ProductView,
    here: &'a WarehouseId,
    qty: Quantity,
    lot: Option<Lot>,
    /// From which lots; none where nothing is taken.
    plan: Option<Plan>,
}

impl Promise {
    /// Opens it, on the product known.
    pub fn open(what: What, prefill: &Prefill, cx: &FormContext) -> Result<Self, String> {
        if cx.here().is_none() {
            return Err(not_ready(cx.lang));
        }
        let mut form = Self {
            what,
            product: ProductField::default(),
            qty: AmountField::default(),
            lot: LotField::default(),
            text: TextField::default(),
            day: TextField::default(),
            focus: At::Product,
            touched: false,
        };
        let sku = prefill.sku.as_ref().or(cx.selected);
        if let Some(view) = sku.and_then(|sku| cx.product(sku)) {
            if view.product.retired && !form.takes_retired() {
                let sku = view.product.sku.clone();
                return Err(said(cx.lang, &Refusal::RetiredSku { sku }));
            }
            form.product.pick(&view.product.sku);
            form.focus = At::Qty;
        }
        if let Some(qty) = prefill.qty {
            form.qty.propose(qty, cx.lang);
        }
        Ok(form)
    }

    pub const fn is_dirty(&self) -> bool {
        self.touched
    }

    pub fn title(&self, lang: Lang) -> String {
        match self.what {
            What::Reserve => lang.pick("Reservar", "Reserve"),
            What::Expect => lang.pick("Entrada esperada", "Expected receipt"),
        }
        .to_owned()
    }

    /// What is left of a retired product can be kept for somebody; none of it is ordered any more.
    const fn takes_retired(&self) -> bool {
        matches!(self.what, What::Reserve)
    }

    fn view<'a>(&self, cx: &FormContext<'a>) -> Option<&'a ProductView> {
        self.product.sku().and_then(|sku| cx.product(sku))
    }

    /// The fields that are shown now, from top to bottom.
    fn order(&self, cx: &FormContext) -> Vec<At> {
        if self.what == What::Expect {
            return vec![At::Product, At::Qty, At::Day, At::Text];
        }
        let mut order = vec![At::Product, At::Qty];
        let has_lots = self.view(cx).zip(cx.here()).is_some_and(|(view, here)| {
            view.cells.iter().any(|cell| cell.warehouse == *here && !cell.lot.is_none())
        });
        if has_lots || !self.lot.text().is_empty() {
            order.push(At::Lot);
        }
        order.extend([At::Text, At::Day]);
        order
    }

    pub fn press(&mut self, press: Press, cx: &FormContext) -> Answer {
        match press {
            Press::Down if self.step_in_list(true, cx) => {}
            Press::Up if self.step_in_list(false, cx) => {}
            Press::Next | Press::Down => self.walk(true, cx),
            Press::Back | Press::Up => self.walk(false, cx),
            Press::Enter | Press::Book => return self.book(cx),
            Press::Text(key) => self.key(key, cx),
            _ => {}
        }
        Answer::Stay
    }

    /// A scan names the product, and its lot if the code has one; other text goes into the field that has the keys.
    pub fn scan(&mut self, text: &str, cx: &FormContext) -> Answer {
        match find(text, cx) {
            Ok(scanned) => {
                self.product.pick(&scanned.sku);
                self.lot.set(scanned.lot.as_ref().map_or("", Lot::as_str));
                self.focus = At::Qty;
            }
            Err(Stranger::Text { text, .. }) if self.focus == At::Text => self.text.set(&text),
            Err(Stranger::Text { text, .. }) if self.focus == At::Lot => self.lot.set(&text),
            Err(stranger) => return Answer::of_stranger(stranger, text),
        }
        self.touched = true;
        Answer::Stay
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
            (At::Lot, Some((view, here))) => self.lot.settle(view, here, Offer::WithGoods, cx),
            _ => {}
        }
    }

    fn step_in_list(&mut self, down: bool, cx: &FormContext) -> bool {
        match (self.focus, self.view(cx).zip(cx.here())) {
            (At::Product, _) => self.product.step(down),
            (At::Lot, Some((view, here))) => self.lot.step(down, view, here, Offer::WithGoods, cx),
            _ => false,
        }
    }

    fn key(&mut self, key: KeyEvent, cx: &FormContext) {
        self.touched |= matches!(key.code, KeyCode::Char(_) | KeyCode::Backspace | KeyCode::Delete);
        match self.focus {
            At::Product => self.product.key(key, cx, self.takes_retired()),
            At::Qty => self.qty.key(key),
            At::Lot => self.lot.key(key),
            At::Text => {
                self.text.key(key);
            }
            At::Day => {
                self.day.key(key);
            }
        }
    }

    /// The product and how much of it, whether or not the rest is there.
    fn judge_goods<'a>(&self, cx: &FormContext<'a>) -> Result<Ready<'a>, Trouble> {
        let lang = cx.lang;
        let Some((view, here)) = self.view(cx).zip(cx.here()) else {
            let text = lang.pick(
                "Falta el producto: léalo, o escriba parte de su SKU o nombre.",
                "The product is missing: scan it, or type part of its SKU or name.",
            );
            return Err(trouble(At::Product, self.product.is_blank(), text.to_owned()));
        };
        let sku = &view.product.sku;
        if view.product.retired && !self.takes_retired() {
            return Err(trouble(At::Product, false, said(lang, &Refusal::RetiredSku { sku: sku.clone() })));
        }
        let qty = amount(self.qty.text(), &view.product, Sign::Positive, lang)
            .map_err(|why| trouble(At::Qty, self.qty.is_empty(), sentence(&why)))?;
        if self.what == What::Expect {
            return Ok(Ready { view, here, qty, lot: None, plan: None });
        }
        let lot = match self.lot.text() {
            "" => None,
            text => Some(match self.lot.known(view, here) {
                Some(lot) => lot,
                None => Lot::new(text)
                    .map_err(|problem| trouble(At::Lot, false, said(lang, &Refusal::Name { problem })))?,
            }),
        };
        let plan = plan(view, here, lot.as_ref(), qty, cx.today, |_| Quantity::ZERO).map_err(|why| {
            let at = if matches!(why, Refusal::UnknownLot { .. }) { At::Lot } else { At::Qty };
            trouble(at, false, kept::refused(&why, view, here, cx))
        })?;
        if let Some((lot, expiry)) = &plan.expired {
            let why = Refusal::LotExpired {
                sku: sku.clone(),
                lot: lot.clone(),
                expiry: *expiry,
                fresh: Quantity::ZERO,
            };
            let rule = lang.pick("Lo caducado no se reserva.", "What is past its date is not reserved.");
            let at = if self.lot.text().is_empty() { At::Qty } else { At::Lot };
            let text = format!("{} {rule}", sentence(&refusal(lang, &why).message));
            return Err(trouble(at, false, text));
        }
        Ok(Ready { view, here, qty, lot, plan: Some(plan) })
    }

    /// The day typed, none where it is blank.
    fn judge_day(&self, cx: &FormContext) -> Result<Option<NaiveDate>, Trouble> {
        let typed = expiry(self.day.text(), cx).map_err(|why| trouble(At::Day, false, sentence(&why)))?;
        match typed {
            Some(day) if day < cx.today => {
                Err(trouble(At::Day, false, said(cx.lang, &Refusal::DayPassed { day })))
            }
            None if self.what == What::Expect => {
                let text = cx.lang.pick(
                    "Falta el día en que se espera: 1705, +3d o 202607e, por ejemplo.",
                    "The day on which it is expected is missing: 0517, +3d or 202607e, for instance.",
                );
                Err(trouble(At::Day, true, text.to_owned()))
            }
            typed => Ok(typed),
        }
    }

    fn act(&self, cx: &FormContext) -> Result<Act, Trouble> {
        let ready = self.judge_goods(cx)?;
        let (sku, qty, text) = (ready.view.product.sku.clone(), ready.qty, self.text.text().trim());
        match (self.what, self.judge_day(cx)) {
            (What::Expect, day) => {
                // There is no day only where that is the trouble.
                let due = day?.unwrap_or(cx.today);
                Ok(Act::Expect { sku, qty, due, reference: text.to_owned() })
            }
            (What::Reserve, _) if text.is_empty() => {
                let why = said(cx.lang, &Refusal::NoPurpose);
                Err(trouble(At::Text, true, why))
            }
            (What::Reserve, until) => {
                Ok(Act::Reserve { sku, lot: ready.lot, qty, purpose: text.to_owned(), until: until? })
            }
        }
    }

    fn book(&mut self, cx: &FormContext) -> Answer {
        self.settle(cx);
        match self.act(cx) {
            Ok(act) => Answer::Submit(vec![act]),
            Err(Trouble { at, missing, sentence }) => {
                let moved = at != self.focus;
                self.focus = at;
                if moved && missing { Answer::Stay } else { Answer::Say(Tone::Error, sentence) }
            }
        }
    }
}

const fn trouble(at: At, missing: bool, sentence: String) -> Trouble {
    Trouble { at, missing, sentence }
}
