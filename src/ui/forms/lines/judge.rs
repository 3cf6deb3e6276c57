//! Whether a line can be booked, and what it would do.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::super::reading::{amount, expiry, said, sentence};
use super::super::taking::{Plan, known_expiry, on_hand_of, plan};
use super::super::{FormContext, kept};
use super::against::judge_reserved;
use super::draft::Draft;
use super::{At, Lines, LinesKind};
use crate::domain::typing::Sign;
use crate::domain::{Lot, MovementKind, Quantity, Refusal, Sku, TransferId, WarehouseId};
use crate::ledger::act::stocktake::{CountedLine, StocktakeAct};
use crate::ledger::act::{Act, ReceiptLine, TakeLine};
use crate::node::event::ProductView;
use crate::text::Lang;

/// Why a line can't be booked as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Where.
    pub at: At,
    /// Nothing is wrong yet: the field is just empty.
    pub missing: bool,
    /// What, why, and what to do.
    pub sentence: String,
}

/// A line that can be booked.
#[derive(Debug, Clone)]
pub struct Ready<'a> {
    /// The product.
    pub view: &'a ProductView,
    /// How much.
    pub qty: Quantity,
    /// The lot, if one is named.
    pub lot: Option<Lot>,
    /// Its last day.
    pub expiry: Option<NaiveDate>,
    /// What it does.
    pub effect: Effect,
}

/// What a line does to stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Goods come to a lot.
    Adds {
        /// All lots, before and after.
        all: (Quantity, Quantity),
        /// The lot, before and after.
        lot: (Quantity, Quantity),
    },
    /// Goods leave lots.
    Takes {
        /// All lots, before and after.
        all: (Quantity, Quantity),
        /// Lot by lot.
        plan: Plan,
    },
    /// The book is put right.
    Counts {
        /// What the book said when counting began.
        book: Quantity,
        /// What moved since.
        moved: Quantity,
        /// On hand of that lot, before and after.
        lot: (Quantity, Quantity),
    },
    /// Nothing yet: another warehouse is asked.
    Asks,
}

/// What earlier lines of the same act did, by product and lot.
#[derive(Debug, Default)]
pub struct Earlier(BTreeMap<(Sku, Lot), Quantity>);

impl Earlier {
    fn of_lot(&self, sku: &Sku, lot: &Lot) -> Quantity {
        self.0.get(&(sku.clone(), lot.clone())).copied().unwrap_or_default()
    }

    fn of_all(&self, sku: &Sku) -> Quantity {
        let all = self.0.iter().filter(|((s, _), _)| s == sku);
        all.fold(Quantity::ZERO, |sum, (_, q)| sum.saturating_plus(*q))
    }

    /// Whether a product and lot was in a line before.
    fn has(&self, sku: &Sku, lot: &Lot) -> bool {
        self.0.contains_key(&(sku.clone(), lot.clone()))
    }

    fn add(&mut self, ready: &Ready) {
        let sku = &ready.view.product.sku;
        let mut add = |lot: &Lot, qty: Quantity| {
            let sum = self.0.entry((sku.clone(), lot.clone())).or_default();
            *sum = sum.saturating_plus(qty);
        };
        match &ready.effect {
            Effect::Takes { plan, .. } => plan.parts.iter().for_each(|p| add(&p.lot, p.qty)),
            Effect::Adds { .. } | Effect::Counts { .. } => {
                add(&ready.lot.clone().unwrap_or_default(), ready.qty);
            }
            Effect::Asks => {}
        }
    }
}

impl Lines {
    /// Every line, judged in order: what one takes isn't there for the next.
    pub(super) fn judged<'a>(&self, cx: &FormContext<'a>) -> Vec<Result<Ready<'a>, Trouble>> {
        let mut earlier = Earlier::default();
        let mut all = Vec::with_capacity(self.drafts.len());
        for draft in &self.drafts {
            let judged = self.judge(draft, &earlier, cx);
            if let Ok(ready) = &judged {
                earlier.add(ready);
            }
            all.push(judged);
        }
        all
    }

    /// What a line lacks, the form's other fields aside.
    pub(super) fn trouble_of_line(&self, line: usize, cx: &FormContext) -> Option<Trouble> {
        self.judged(cx).into_iter().nth(line).and_then(Result::err)
    }

    /// What a line or the form's other fields lack.
    pub(super) fn trouble(&self, line: usize, cx: &FormContext) -> Option<Trouble> {
        self.trouble_of_line(line, cx).or_else(|| self.trouble_of_place(cx.lang))
    }

    /// The first line that can't be booked, or the missing warehouse.
    pub(super) fn first_trouble(&self, cx: &FormContext) -> Option<(usize, Trouble)> {
        let lines = self.judged(cx).into_iter().enumerate();
        let first = lines.into_iter().find_map(|(i, judged)| judged.err().map(|t| (i, t)));
        first.or_else(|| self.trouble_of_place(cx.lang).map(|t| (self.current, t)))
    }

    fn trouble_of_place(&self, lang: Lang) -> Option<Trouble> {
        let missing = self.has_place() && self.place.value().is_none();
        missing.then(|| Trouble {
            at: At::Place,
            missing: true,
            sentence: lang
                .pick(
                    "Elija el otro almacén con ← → o su letra.",
                    "Choose the other warehouse with ← → or its letter.",
                )
                .to_owned(),
        })
    }

    /// Whether the current line asks about expired goods.
    pub(super) fn asks_expired(&self, cx: &FormContext) -> bool {
        if self.kind != LinesKind::Issue {
            return false;
        }
        match self.judged(cx).into_iter().nth(self.current) {
            Some(Ok(Ready { effect: Effect::Takes { plan, .. }, .. })) => plan.expired.is_some(),
            Some(Err(trouble)) => trouble.at == At::Expired,
            _ => false,
        }
    }

    fn judge<'a>(
        &self,
        draft: &Draft,
        earlier: &Earlier,
        cx: &FormContext<'a>,
    ) -> Result<Ready<'a>, Trouble> {
        let lang = cx.lang;
        let view = self.judge_product(draft, cx)?;
        let product = &view.product;
        let here = cx.here().ok_or_else(|| wrong(At::Product, super::not_ready(lang)))?;
        let sign = if self.kind == LinesKind::Count { Sign::NotNegative } else { Sign::Positive };
        let qty = amount(draft.qty.text(), product, sign, lang).map_err(|why| Trouble {
            at: At::Qty,
            missing: draft.qty.is_empty(),
            sentence: sentence(&why),
        })?;
        match self.kind {
            LinesKind::Receipt => {
                self.awaited(view, here, cx)?;
                judge_receipt(draft, view, here, qty, earlier, cx)
            }
            LinesKind::Issue | LinesKind::Send => self.judge_take(draft, view, here, qty, earlier, cx),
            LinesKind::Count => judge_count(draft, view, here, qty, earlier, cx),
            LinesKind::Request => {
                let lot = named_lot(draft, lang)?;
                let lot = lot.map(|lot| {
                    let known = self.place.value().and_then(|giver| draft.lot.known(view, giver));
                    known.unwrap_or(lot)
                });
                Ok(Ready { view, qty, lot, expiry: None, effect: Effect::Asks })
            }
        }
    }

    fn judge_product<'a>(&self, draft: &Draft, cx: &FormContext<'a>) -> Result<&'a ProductView, Trouble> {
        let lang = cx.lang;
        let Some(sku) = draft.product.sku() else {
            let text = draft.product.text().trim();
            let sentence = if text.is_empty() {
                lang.pick(
                    "Falta el producto: léalo, o escriba parte de su SKU o nombre.",
                    "The product is missing: scan it, or type part of its SKU or name.",
                )
            } else {
                lang.pick(
                    "Ningún producto coincide: escriba otra parte de su SKU o nombre.",
                    "No product matches: type another part of its SKU or name.",
                )
            };
            return Err(Trouble { at: At::Product, missing: text.is_empty(), sentence: sentence.to_owned() });
        };
        let view = cx
            .product(sku)
            .ok_or_else(|| wrong(At::Product, said(lang, &Refusal::UnknownSku { sku: sku.clone() })))?;
        if view.product.retired && !self.kind.takes_retired() {
            return Err(wrong(At::Product, said(lang, &Refusal::RetiredSku { sku: sku.clone() })));
        }
        Ok(view)
    }

    fn judge_take<'a>(
        &self,
        draft: &Draft,
        view: &'a ProductView,
        here: &WarehouseId,
        qty: Quantity,
        earlier: &Earlier,
        cx: &FormContext,
    ) -> Result<Ready<'a>, Trouble> {
        if let Some(id) = self.against() {
            return judge_reserved(draft, view, here, (id, qty), cx);
        }
        let lang = cx.lang;
        let sku = &view.product.sku;
        let lot = named_lot(draft, lang)?.map(|lot| draft.lot.known(view, here).unwrap_or(lot));
        let taken = |lot: &Lot| earlier.of_lot(sku, lot);
        let plan = plan(view, here, lot.as_ref(), qty, cx.today, taken).map_err(|refusal| {
            let at = if matches!(refusal, Refusal::UnknownLot { .. }) { At::Lot } else { At::Qty };
            let mut text = kept::refused(&refusal, view, here, cx);
            if matches!(refusal, Refusal::NotEnough { .. }) && self.has_choices(cx) {
                text.push_str(lang.pick(
                    " Si sale para quien se reservó, dígalo en «Reserva».",
                    " If it goes to whom it is reserved for, say so at «Reservation».",
                ));
            }
            wrong(at, text)
        })?;
        if let Some((lot, day)) =
            plan.expired.clone().filter(|_| self.kind == LinesKind::Issue && !draft.expired_ok)
        {
            let refusal = Refusal::LotExpired { sku: sku.clone(), lot, expiry: day, fresh: Quantity::ZERO };
            return Err(Trouble { at: At::Expired, missing: true, sentence: said(lang, &refusal) });
        }
        let before = view.on_hand(here).saturating_plus(earlier.of_all(sku).negated());
        let effect = Effect::Takes { all: (before, before.saturating_plus(qty.negated())), plan };
        Ok(Ready { view, qty, lot, expiry: None, effect })
    }

    /// What is booked. Every line can be.
    pub(super) fn acts(&self, cx: &FormContext) -> Result<Vec<Act>, (usize, Trouble)> {
        let mut ready = Vec::with_capacity(self.drafts.len());
        for (i, judged) in self.judged(cx).into_iter().enumerate() {
            ready.push(judged.map_err(|trouble| (i, trouble))?);
        }
        if let Some(stocktake) = self.stocktake.clone() {
            let counted = |(r, draft): (Ready, &Draft)| CountedLine {
                sku: r.view.product.sku.clone(),
                lot: r.lot.unwrap_or_default(),
                expiry: r.expiry,
                counted: r.qty,
                pinned: Some(draft.pinned),
            };
            let lines = ready.into_iter().zip(&self.drafts).map(counted).collect();
            return Ok(vec![Act::Stocktake(StocktakeAct::Count { stocktake, lines })]);
        }
        let reference = self.reference.text().trim().to_owned();
        if self.kind == LinesKind::Count {
            let count = |(r, draft): (Ready, &Draft)| Act::Count {
                sku: r.view.product.sku.clone(),
                lot: r.lot.unwrap_or_default(),
                expiry: r.expiry,
                counted: r.qty,
                pinned: Some(draft.pinned),
                reference: reference.clone(),
            };
            return Ok(ready.into_iter().zip(&self.drafts).map(count).collect());
        }
        if let ([ready], Some(id)) = (ready.as_slice(), self.against()) {
            return Ok(vec![self.act_against(ready, id.clone(), reference)]);
        }
        let place = || {
            let missing = || self.trouble_of_place(cx.lang).map(|t| (self.current, t));
            self.place
                .value()
                .cloned()
                .ok_or_else(|| missing().unwrap_or_else(|| (self.current, wrong(At::Place, String::new()))))
        };
        let act = match self.kind {
            LinesKind::Receipt => {
                Act::Receive { lines: ready.into_iter().map(receipt_line).collect(), reference }
            }
            LinesKind::Issue => Act::Issue {
                allow_expired: ready.iter().any(takes_expired),
                lines: ready.into_iter().map(take_line).collect(),
                reference,
            },
            LinesKind::Send => {
                Act::Send { to: place()?, lines: ready.into_iter().map(take_line).collect(), reference }
            }
            LinesKind::Request | LinesKind::Count => Act::RequestTransfer {
                from: place()?,
                lines: ready.into_iter().map(take_line).collect(),
                reference,
                unlocked: false,
                judged: Vec::new(),
            },
        };
        Ok(vec![act])
    }
}

impl Lines {
    /// Goods out or in against what they were promised for.
    fn act_against(&self, ready: &Ready, id: TransferId, reference: String) -> Act {
        let qty = Some(ready.qty);
        if self.kind == LinesKind::Issue {
            let allow_expired = takes_expired(ready);
            return Act::IssueReserved { reservation: id, qty, reference, allow_expired };
        }
        let (lot, expiry) = (ready.lot.clone().unwrap_or_default(), ready.expiry);
        Act::ReceiveExpected { expectation: id, lot, expiry, qty, reference }
    }
}

fn judge_count<'a>(
    draft: &Draft,
    view: &'a ProductView,
    here: &WarehouseId,
    counted: Quantity,
    earlier: &Earlier,
    cx: &FormContext,
) -> Result<Ready<'a>, Trouble> {
    let lang = cx.lang;
    let sku = &view.product.sku;
    let lot = named_lot(draft, lang)?.map(|lot| draft.lot.known(view, here).unwrap_or(lot));
    let unnamed = on_hand_of(view, here, &Lot::none());
    if lot.is_none() && view.product.lot_tracked && unnamed.is_zero() {
        return Err(lot_missing(sku, lang));
    }
    let lot = lot.unwrap_or_default();
    if earlier.has(sku, &lot) {
        let text = lang.pick(
            "Ya está contado más arriba en esta lista: corrija aquella línea.",
            "It is counted further up in this list: correct that line.",
        );
        return Err(wrong(At::Product, text.to_owned()));
    }
    let expiry = judge_expiry(draft, view, here, &lot, cx)?;
    let now = on_hand_of(view, here, &lot);
    let moved = moved_since(draft.pinned, sku, &lot, here, cx);
    let after = counted.saturating_plus(moved);
    if after.is_negative() {
        let refusal = Refusal::Recount { sku: sku.clone(), lot, moved };
        return Err(wrong(At::Qty, said(lang, &refusal)));
    }
    let book = now.saturating_plus(moved.negated());
    let effect = Effect::Counts { book, moved, lot: (now, after) };
    Ok(Ready { view, qty: counted, lot: Some(lot), expiry, effect })
}

/// What came and went of a lot here since an own entry. What a count put right was there before: it is none of it.
fn moved_since(pinned: u64, sku: &Sku, lot: &Lot, here: &WarehouseId, cx: &FormContext) -> Quantity {
    let own = || cx.model.movements.iter().filter(|r| r.origin == *here);
    let is_count = |seq: u64| own().find(|r| r.seq == seq).is_some_and(|r| r.kind == MovementKind::Count);
    let rows = own().filter(|r| r.seq > pinned && r.sku == *sku && r.lot == *lot && r.kind.moves());
    let moves = rows.filter(|r| r.kind != MovementKind::Count && !r.reverses.is_some_and(is_count));
    moves.fold(Quantity::ZERO, |sum, r| sum.saturating_plus(r.qty))
}

fn receipt_line(ready: Ready) -> ReceiptLine {
    ReceiptLine {
        sku: ready.view.product.sku.clone(),
        lot: ready.lot.unwrap_or_default(),
        expiry: ready.expiry,
        qty: ready.qty,
    }
}

fn take_line(ready: Ready) -> TakeLine {
    TakeLine { sku: ready.view.product.sku.clone(), lot: ready.lot, qty: ready.qty }
}

fn takes_expired(ready: &Ready) -> bool {
    matches!(&ready.effect, Effect::Takes { plan, .. } if plan.expired.is_some())
}

fn judge_receipt<'a>(
    draft: &Draft,
    view: &'a ProductView,
    here: &WarehouseId,
    qty: Quantity,
    earlier: &Earlier,
    cx: &FormContext,
) -> Result<Ready<'a>, Trouble> {
    let lang = cx.lang;
    let sku = &view.product.sku;
    let named = named_lot(draft, lang)?;
    if named.is_none() && view.product.lot_tracked {
        return Err(lot_missing(sku, lang));
    }
    let lot = named.unwrap_or_default();
    let expiry = judge_expiry(draft, view, here, &lot, cx)?;
    let all = view.on_hand(here).saturating_plus(earlier.of_all(sku));
    let of_lot = on_hand_of(view, here, &lot).saturating_plus(earlier.of_lot(sku, &lot));
    let after = all
        .plus(qty)
        .map_err(|problem| wrong(At::Qty, said(lang, &Refusal::Quantity { sku: sku.clone(), problem })))?;
    let effect = Effect::Adds { all: (all, after), lot: (of_lot, of_lot.saturating_plus(qty)) };
    Ok(Ready { view, qty, lot: Some(lot), expiry, effect })
}

/// The date typed; where none is, the one that the lot is known with, here or elsewhere.
fn judge_expiry(
    draft: &Draft,
    view: &ProductView,
    here: &WarehouseId,
    lot: &Lot,
    cx: &FormContext,
) -> Result<Option<NaiveDate>, Trouble> {
    let typed = expiry(draft.expiry.text(), cx).map_err(|why| wrong(At::Expiry, sentence(&why)))?;
    let known = known_expiry(view, here, lot);
    let Some(given) = typed else {
        return Ok(known.map(|(day, _)| day));
    };
    if lot.is_none() {
        let refusal = Refusal::ExpiryWithoutLot { sku: view.product.sku.clone() };
        return Err(wrong(At::Lot, said(cx.lang, &refusal)));
    }
    match known {
        // An empty lot may come back with another date.
        Some((known, true)) if known != given && on_hand_of(view, here, lot).is_positive() => {
            let refusal =
                Refusal::LotExpiryDiffers { sku: view.product.sku.clone(), lot: lot.clone(), known, given };
            Err(wrong(At::Expiry, said(cx.lang, &refusal)))
        }
        _ => Ok(Some(given)),
    }
}

fn named_lot(draft: &Draft, lang: Lang) -> Result<Option<Lot>, Trouble> {
    let text = draft.lot.text();
    if text.is_empty() {
        return Ok(None);
    }
    Lot::new(text).map(Some).map_err(|problem| wrong(At::Lot, said(lang, &Refusal::Name { problem })))
}

fn lot_missing(sku: &Sku, lang: Lang) -> Trouble {
    Trouble { at: At::Lot, missing: true, sentence: said(lang, &Refusal::LotMissing { sku: sku.clone() }) }
}

const fn wrong(at: At, sentence: String) -> Trouble {
    Trouble { at, missing: false, sentence }
}
