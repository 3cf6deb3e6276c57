//! Against what goods go out or come in: a reservation, or an expected receipt.
//!
//! It is one entry's affair, so it is booked alone: a line of a list takes only what nobody waits for.

use crate::ui::keys::FormKey;
use crossterm::event::KeyEvent;

use super::super::FormContext;
use super::super::choice::Choice;
use super::super::kept;
use super::super::reading::{said, sentence};
use super::super::sheet::{Row, Tone};
use super::super::taking::{Part, Plan, cell_of};
use super::draft::Draft;
use super::judge::{Effect, Ready, Trouble};
use super::{At, Lines, LinesKind};
use crate::domain::{Quantity, Refusal, Sku, TransferId, WarehouseId};
use crate::ledger::book::{Expectation, Reservation};
use crate::node::event::ProductView;
use crate::text::Lang;

/// What was chosen, and of which product it is: for another one it counts for nothing.
pub type Chosen = (Sku, TransferId);

impl Lines {
    /// Against what the one line is booked, where something is chosen.
    pub(super) fn against(&self) -> Option<&TransferId> {
        let (sku, id) = self.chosen.as_ref()?;
        (self.drafts.len() == 1 && self.draft().product.sku() == Some(sku)).then_some(id)
    }

    /// Chooses, and proposes what is left of it where no amount was typed.
    pub(super) fn choose(&mut self, id: Option<TransferId>, view: &ProductView, lang: Lang) {
        let left = id.as_ref().and_then(|id| {
            let kept = view.reservations.iter().find(|r| r.id == *id).map(Reservation::left);
            kept.or_else(|| view.expectations.iter().find(|e| e.id == *id).map(Expectation::left))
        });
        self.chosen = id.map(|id| (view.product.sku.clone(), id));
        let draft = self.draft_mut();
        if let Some(left) = left
            && (draft.qty.is_empty() || draft.qty.is_proposed())
        {
            draft.qty.propose(left, lang);
        }
    }

    /// What can be chosen, each with its words; the first is nothing.
    fn choices(&self, cx: &FormContext) -> Vec<(Option<TransferId>, String)> {
        let Some((view, here)) = self.view(cx).zip(cx.here()) else { return Vec::new() };
        let mut all = Vec::new();
        match self.kind {
            LinesKind::Issue => all.extend(
                kept::reservations(view, here)
                    .map(|r| (Some(r.id.clone()), kept::reservation(r, view, cx.lang))),
            ),
            LinesKind::Receipt => all.extend(
                kept::expectations(view, here)
                    .map(|e| (Some(e.id.clone()), kept::expectation(e, view, cx.lang))),
            ),
            LinesKind::Count | LinesKind::Send | LinesKind::Request => {}
        }
        if !all.is_empty() {
            let none = match self.kind {
                LinesKind::Issue => cx.lang.pick("ninguna: de lo disponible", "none: of what is available"),
                _ => cx.lang.pick("ninguna", "none"),
            };
            all.insert(0, (None, none.to_owned()));
        }
        all
    }

    /// Whether there is anything to choose.
    pub(super) fn has_choices(&self, cx: &FormContext) -> bool {
        self.drafts.len() == 1 && (self.against().is_some() || !self.choices(cx).is_empty())
    }

    /// A key in the field; true when the choice changed.
    pub(super) fn against_key(&mut self, key: KeyEvent, cx: &FormContext) -> bool {
        let all = self.choices(cx);
        let mut choice = Choice::new(all.iter().map(|(id, _)| id.clone()).collect());
        choice.choose(&self.against().cloned());
        let word = |id: &Option<TransferId>| {
            all.iter().find(|(of, _)| of == id).map_or_else(String::new, |(_, words)| words.clone())
        };
        let changed = choice.key(key, word);
        if let (true, Some(id), Some(view)) = (changed, choice.value(), self.view(cx)) {
            self.choose(id.clone(), view, cx.lang);
        }
        changed
    }

    pub(super) fn against_row<'r>(&self, trouble: Option<String>, cx: &FormContext, focus: bool) -> Row<'r> {
        let lang = cx.lang;
        let chosen = self.against();
        let all = self.choices(cx);
        let value = all.iter().find(|(id, _)| id.as_ref() == chosen).map(|(_, words)| words.clone());
        let others = all.len().saturating_sub(1);
        let note = match (trouble, chosen) {
            (Some(sentence), _) => (Tone::Error, sentence),
            (None, None) if others == 1 => {
                // By whom and how much; the rest shows once it is chosen.
                let words = all.last().map_or("", |(_, words)| words.as_str());
                let short: Vec<_> = words.split(" · ").take(2).collect();
                (Tone::Dim, format!("{} {}", cx.sides(), short.join(" · ")))
            }
            (None, None) => {
                let of = lang.pick("para elegir entre", "to choose among");
                (Tone::Dim, format!("{} {of} {others}", cx.sides()))
            }
            (None, Some(_)) => (Tone::Plain, String::new()),
        };
        let label = match self.kind {
            LinesKind::Issue => lang.pick("Reserva", "Reservation"),
            _ => lang.pick("Esperada", "Expected"),
        };
        Row::Choice { label: label.to_owned(), value, note, focus }
    }

    /// What is still to come of an expected receipt, where one is chosen.
    pub(super) fn awaited<'a>(
        &self,
        view: &'a ProductView,
        here: &'a WarehouseId,
        cx: &FormContext,
    ) -> Result<Option<&'a Expectation>, Trouble> {
        let Some(id) = self.against() else { return Ok(None) };
        let known = kept::expectations(view, here).find(|e| e.id == *id);
        known.map(Some).ok_or_else(|| Trouble {
            at: At::Against,
            missing: false,
            sentence: said(cx.lang, &Refusal::NoExpectation { expectation: id.clone() }),
        })
    }

    /// What becomes of that against which it is booked: a name, before and after.
    pub(super) fn against_effect(
        &self,
        ready: &Ready,
        lang: Lang,
    ) -> Option<(&'static str, (Quantity, Quantity))> {
        let id = self.against()?;
        let after = |before: Quantity| before.saturating_plus(ready.qty.negated()).max(Quantity::ZERO);
        let view = ready.view;
        let kept = view.reservations.iter().find(|r| r.id == *id).map(Reservation::left);
        let comes = view.expectations.iter().find(|e| e.id == *id).map(Expectation::left);
        match self.kind {
            LinesKind::Issue => kept.map(|left| {
                (lang.pick("De la reserva quedan", "Left of the reservation"), (left, after(left)))
            }),
            _ => comes.map(|left| {
                (
                    lang.pick("De lo esperado falta por llegar", "Still to come of what is expected"),
                    (left, after(left)),
                )
            }),
        }
    }
}

/// An issue of what was kept: no more than is left of it, of its lot.
pub(super) fn judge_reserved<'a>(
    draft: &Draft,
    view: &'a ProductView,
    here: &WarehouseId,
    (id, qty): (&TransferId, Quantity),
    cx: &FormContext,
) -> Result<Ready<'a>, Trouble> {
    let lang = cx.lang;
    let wrong = |at, why: &Refusal| Trouble { at, missing: false, sentence: said(lang, why) };
    let Some(known) = kept::reservations(view, here).find(|r| r.id == *id) else {
        return Err(wrong(At::Against, &Refusal::NoReservation { reservation: id.clone() }));
    };
    let (sku, left, lot) = (view.product.sku.clone(), known.left(), known.lot.clone());
    let typed = draft.lot.text();
    if !typed.is_empty() && typed != lot.as_str() {
        let text = match (lang, lot.is_none()) {
            (Lang::Es, true) => "lo reservado no tiene lote: borre el lote".to_owned(),
            (Lang::En, true) => "what is reserved has no lot: clear the lot".to_owned(),
            (Lang::Es, false) => format!("lo reservado es del lote {lot}: borre el lote, o escriba ese"),
            (Lang::En, false) => {
                format!("what is reserved is of lot {lot}: clear the lot, or type that one")
            }
        };
        return Err(Trouble { at: At::Lot, missing: false, sentence: sentence(&text) });
    }
    if qty > left {
        let why = Refusal::LessReserved { reservation: id.clone(), sku, left, wanted: qty };
        return Err(wrong(At::Qty, &why));
    }
    let cell = cell_of(view, here, &lot);
    let expiry = cell.and_then(|cell| cell.expiry);
    let expired = expiry.filter(|day| *day < cx.today);
    if let Some(expiry) = expired.filter(|_| !draft.expired_ok) {
        let why = Refusal::LotExpired { sku, lot, expiry, fresh: Quantity::ZERO };
        return Err(Trouble { missing: true, ..wrong(At::Expired, &why) });
    }
    let of_lot = cell.map(|cell| cell.on_hand).unwrap_or_default();
    let after = |before: Quantity| (before, before.saturating_plus(qty.negated()));
    let part = Part { lot: lot.clone(), expiry, qty, before_after: after(of_lot) };
    let plan = Plan { parts: vec![part], expired: expired.map(|day| (lot.clone(), day)) };
    let effect = Effect::Takes { all: after(view.on_hand(here)), plan };
    Ok(Ready { view, qty, lot: Some(lot), expiry: None, effect })
}

/// Why another line can't join.
pub fn alone(kind: LinesKind, cx: &FormContext) -> String {
    let key = cx.key(FormKey::Enter);
    match (kind, cx.lang) {
        (LinesKind::Issue, Lang::Es) => {
            format!("La salida de una reserva se registra sola: regístrela antes con {key}.")
        }
        (LinesKind::Issue, Lang::En) => {
            format!("An issue against a reservation is booked alone: book it first with {key}.")
        }
        (_, Lang::Es) => format!("La entrada de lo esperado se registra sola: regístrela antes con {key}."),
        (_, Lang::En) => {
            format!("A receipt of what was expected is booked alone: book it first with {key}.")
        }
    }
}
