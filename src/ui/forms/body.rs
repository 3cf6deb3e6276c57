//! The forms by kind: what each answers to a key or a scan, and what it shows.

use super::adjust::Adjust;
use super::answer::SendRequested;
use super::arrival::Arrival;
use super::dialog::Dialog;
use super::let_go::LetGo;
use super::lines::{Lines, LinesKind};
use super::membership::MembershipForm;
use super::operator::OperatorForm;
use super::press::Press;
use super::product::ProductForm;
use super::promise::{Promise, What};
use super::replenish::Replenish;
use super::rule::Rule;
use super::sheet::Row;
use super::stocktake::StocktakeForm;
use super::unknown_code::UnknownCode;
use super::{Answer, FormContext, FormKind, Prefill, StocktakeStep};
use crate::text::Lang;
use crate::ui::model::Model;
use crate::ui::theme::Theme;

#[derive(Debug, Clone)]
pub(super) enum Body {
    Lines(Box<Lines>),
    Arrival(Box<Arrival>),
    SendRequested(Box<SendRequested>),
    Dialog(Box<Dialog>),
    Adjust(Box<Adjust>),
    Product(Box<ProductForm>),
    Rule(Box<Rule>),
    Promise(Box<Promise>),
    LetGo(Box<LetGo>),
    Replenish(Box<Replenish>),
    Membership(Box<MembershipForm>),
    Stocktake(Box<StocktakeForm>),
    Operator(Box<OperatorForm>),
    UnknownCode(Box<UnknownCode>),
}

impl Body {
    pub(super) fn open(kind: FormKind, prefill: &Prefill, cx: &FormContext) -> Result<Self, String> {
        let sku = prefill.sku.as_ref().or(cx.selected);
        let lines = |kind| Lines::open(kind, prefill, cx).map(|l| Self::Lines(Box::new(l)));
        Ok(match kind {
            FormKind::Receipt => lines(LinesKind::Receipt)?,
            FormKind::Issue => lines(LinesKind::Issue)?,
            FormKind::Count => lines(LinesKind::Count)?,
            FormKind::Send => lines(LinesKind::Send)?,
            FormKind::Request => lines(LinesKind::Request)?,
            FormKind::SendRequested(id) => Self::SendRequested(Box::new(SendRequested::open(&id, cx)?)),
            FormKind::TakeIn(id) => Self::Arrival(Box::new(Arrival::open(&id, false, cx)?)),
            FormKind::TakeBack(id) => Self::Arrival(Box::new(Arrival::open(&id, true, cx)?)),
            FormKind::Reject(id) => Self::Dialog(Box::new(Dialog::reject(&id, cx)?)),
            FormKind::Decline(id) => Self::Dialog(Box::new(Dialog::decline(&id, cx)?)),
            FormKind::Withdraw(id) => Self::Dialog(Box::new(Dialog::withdraw(&id, cx)?)),
            FormKind::Reverse(id) => Self::Dialog(Box::new(Dialog::reverse(&id, &prefill.rows, cx)?)),
            FormKind::Adjust => Self::Adjust(Box::new(Adjust::open(prefill, cx)?)),
            FormKind::NewProduct => Self::Product(Box::new(ProductForm::new(prefill.barcode, cx)?)),
            FormKind::EditProduct => Self::Product(Box::new(ProductForm::edit(sku, cx)?)),
            FormKind::Rule => Self::Rule(Box::new(Rule::open(sku, cx)?)),
            FormKind::Reserve => Self::Promise(Box::new(Promise::open(What::Reserve, prefill, cx)?)),
            FormKind::Expect => Self::Promise(Box::new(Promise::open(What::Expect, prefill, cx)?)),
            FormKind::Release(id) => Self::LetGo(Box::new(LetGo::release(&id, cx)?)),
            FormKind::CloseExpected(id) => Self::LetGo(Box::new(LetGo::close(&id, cx)?)),
            FormKind::Replenish => Self::Replenish(Box::new(Replenish::open(sku, cx)?)),
            FormKind::Admit(who) => Self::Membership(Box::new(MembershipForm::admit(&who, cx)?)),
            FormKind::Retire(who) => Self::Membership(Box::new(MembershipForm::retire(&who, cx)?)),
            FormKind::Stocktake(StocktakeStep::Count(id)) => {
                Self::Lines(Box::new(Lines::in_stocktake(id, prefill, cx)?))
            }
            FormKind::Stocktake(step) => Self::Stocktake(Box::new(StocktakeForm::open(&step, cx)?)),
            FormKind::Operator => Self::Operator(Box::new(OperatorForm::open(cx))),
            FormKind::UnknownCode { code, .. } => Self::UnknownCode(Box::new(UnknownCode::open(code, cx)?)),
        })
    }

    pub(super) fn press(&mut self, press: Press, cx: &FormContext) -> Answer {
        match self {
            Self::Lines(lines) => lines.press(press, cx),
            Self::Arrival(arrival) => arrival.press(press, cx),
            Self::SendRequested(answer) => answer.press(press, cx),
            Self::Dialog(dialog) => dialog.press(press, cx),
            Self::Adjust(adjust) => adjust.press(press, cx),
            Self::Product(product) => product.press(press, cx),
            Self::Rule(rule) => rule.press(press, cx),
            Self::Promise(promise) => promise.press(press, cx),
            Self::LetGo(form) => form.press(press, cx),
            Self::Replenish(form) => form.press(press, cx),
            Self::Membership(form) => form.press(press, cx),
            Self::Stocktake(form) => form.press(press, cx),
            Self::Operator(operator) => operator.press(press, cx),
            Self::UnknownCode(unknown) => unknown.press(press, cx),
        }
    }

    pub(super) fn scan(&mut self, text: &str, cx: &FormContext) -> Answer {
        match self {
            Self::Lines(lines) => lines.scan(text, cx),
            Self::Arrival(arrival) => arrival.scan(text, cx),
            Self::SendRequested(answer) => answer.scan(text, cx),
            Self::Dialog(dialog) => dialog.scan(text, cx),
            Self::Adjust(adjust) => adjust.scan(text, cx),
            Self::Product(product) => product.scan(text, cx),
            Self::Rule(rule) => rule.scan(text, cx),
            Self::Promise(promise) => promise.scan(text, cx),
            Self::Stocktake(form) => form.scan(text, cx),
            // A name is typed, so that nobody retires a warehouse by a stray scan.
            Self::Membership(_) | Self::UnknownCode(_) | Self::LetGo(_) | Self::Replenish(_) => Answer::Stay,
            Self::Operator(_) => OperatorForm::sign_in(text, cx),
        }
    }

    /// What became elsewhere of what it asks, where nothing is left to ask.
    pub fn settled(&self, model: &Model, lang: Lang) -> Option<String> {
        match self {
            Self::Membership(form) => form.settled(model, lang),
            _ => None,
        }
    }

    pub(super) fn is_dirty(&self) -> bool {
        match self {
            Self::Lines(lines) => lines.is_dirty(),
            Self::Arrival(arrival) => arrival.is_dirty(),
            Self::SendRequested(answer) => answer.is_dirty(),
            Self::Dialog(dialog) => dialog.is_dirty(),
            Self::Adjust(adjust) => adjust.is_dirty(),
            Self::Product(product) => product.is_dirty(),
            Self::Rule(rule) => rule.is_dirty(),
            Self::Promise(promise) => promise.is_dirty(),
            Self::LetGo(form) => form.is_dirty(),
            Self::Replenish(form) => form.is_dirty(),
            Self::Membership(form) => form.is_dirty(),
            Self::Stocktake(form) => form.is_dirty(),
            Self::Operator(operator) => operator.is_dirty(),
            Self::UnknownCode(unknown) => unknown.is_dirty(),
        }
    }

    pub(super) fn title(&self, lang: Lang) -> String {
        match self {
            Self::Lines(lines) => lines.title(lang),
            Self::Arrival(arrival) => arrival.title(lang),
            Self::SendRequested(answer) => answer.title(lang),
            Self::Dialog(dialog) => dialog.title(lang),
            Self::Adjust(adjust) => adjust.title(lang),
            Self::Product(product) => product.title(lang),
            Self::Rule(rule) => rule.title(lang),
            Self::Promise(promise) => promise.title(lang),
            Self::LetGo(form) => form.title(lang),
            Self::Replenish(form) => form.title(lang),
            Self::Membership(form) => form.title(lang),
            Self::Stocktake(form) => form.title(lang),
            Self::Operator(_) => OperatorForm::title(lang),
            Self::UnknownCode(unknown) => unknown.title(lang),
        }
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> (u16, u16) {
        match self {
            Self::Lines(lines) => lines.size(),
            Self::Arrival(arrival) => arrival.size(),
            Self::SendRequested(answer) => answer.size(),
            Self::Dialog(dialog) => dialog.size(),
            Self::Adjust(_) | Self::Rule(_) => (76, 17),
            Self::Product(_) => (78, 15),
            Self::Promise(_) => (76, 15),
            Self::LetGo(_) => (72, 11),
            Self::Replenish(form) => form.size(),
            Self::Membership(_) => (76, 9),
            Self::Stocktake(form) => form.size(),
            Self::Operator(operator) => operator.size(),
            Self::UnknownCode(_) => (76, 13),
        }
    }

    pub(super) fn show<'a>(
        &'a self,
        rows: &mut Vec<Row<'a>>,
        keys: &mut Vec<(String, &'static str)>,
        theme: &Theme,
        cx: &FormContext,
    ) {
        match self {
            Self::Lines(lines) => lines.show(rows, keys, theme, cx),
            Self::Arrival(arrival) => arrival.show(rows, keys, theme, cx),
            Self::SendRequested(answer) => answer.show(rows, keys, theme, cx),
            Self::Dialog(dialog) => dialog.show(rows, keys, theme, cx),
            Self::Adjust(adjust) => adjust.show(rows, keys, theme, cx),
            Self::Product(product) => product.show(rows, keys, cx),
            Self::Rule(rule) => rule.show(rows, keys, theme, cx),
            Self::Promise(promise) => promise.show(rows, keys, theme, cx),
            Self::LetGo(form) => form.show(rows, keys, theme, cx),
            Self::Replenish(form) => form.show(rows, keys, theme, cx),
            Self::Membership(form) => form.show(rows, keys, cx),
            Self::Stocktake(form) => form.show(rows, keys, theme, cx),
            Self::Operator(operator) => operator.show(rows, keys, cx),
            Self::UnknownCode(unknown) => unknown.show(rows, keys, cx),
        }
    }
}
