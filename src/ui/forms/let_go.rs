//! Letting go of a promise: a reservation is released, an expected receipt is closed. Enter books, with before → after in sight.

use super::press::Press;
use super::reading::{change_row, said};
use super::sheet::{Row, Tone};
use super::{Answer, FormContext, kept, not_ready};
use crate::domain::{Quantity, Refusal, Sku, TransferId};
use crate::ledger::act::Act;
use crate::node::event::ProductView;
use crate::text::Lang;
use crate::ui::keys::FormKey;
use crate::ui::parts::field::TextField;
use crate::ui::theme::Theme;

/// What is let go of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Reservation,
    Expected,
}

/// The form.
#[derive(Debug, Clone)]
pub struct LetGo {
    what: What,
    id: TransferId,
    sku: Sku,
    /// Why an expected receipt is closed.
    reason: TextField,
}

impl LetGo {
    /// Releases what is left of a reservation.
    pub fn release(id: &TransferId, cx: &FormContext) -> Result<Self, String> {
        let why = || Refusal::NoReservation { reservation: id.clone() };
        Self::open(What::Reservation, id, why, cx)
    }

    /// Closes an expected receipt: nothing more will come of it.
    pub fn close(id: &TransferId, cx: &FormContext) -> Result<Self, String> {
        let why = || Refusal::NoExpectation { expectation: id.clone() };
        Self::open(What::Expected, id, why, cx)
    }

    fn open(
        what: What,
        id: &TransferId,
        why: impl Fn() -> Refusal,
        cx: &FormContext,
    ) -> Result<Self, String> {
        let here = cx.here().ok_or_else(|| not_ready(cx.lang))?;
        if id.origin != *here {
            let why = Refusal::NotYours { transfer: id.clone(), decider: id.origin.clone() };
            return Err(said(cx.lang, &why));
        }
        let of = |view: &&ProductView| match what {
            What::Reservation => kept::reservations(view, here).any(|r| r.id == *id),
            What::Expected => kept::expectations(view, here).any(|e| e.id == *id),
        };
        let view = cx.model.products.values().map(AsRef::as_ref).find(of);
        let view = view.ok_or_else(|| said(cx.lang, &why()))?;
        let sku = view.product.sku.clone();
        Ok(Self { what, id: id.clone(), sku, reason: TextField::default() })
    }

    pub fn is_dirty(&self) -> bool {
        !self.reason.is_empty()
    }

    pub fn title(&self, lang: Lang) -> String {
        let verb = match self.what {
            What::Reservation => lang.pick("Liberar la reserva", "Release the reservation"),
            What::Expected => lang.pick("Ya no se espera", "No more is expected"),
        };
        format!("{verb} · {}", self.id)
    }

    pub fn press(&mut self, press: Press, cx: &FormContext) -> Answer {
        match press {
            Press::Enter | Press::Book => return self.book(cx),
            Press::Text(key) if self.what == What::Expected => {
                self.reason.key(key);
            }
            _ => {}
        }
        Answer::Stay
    }

    fn book(&self, cx: &FormContext) -> Answer {
        let id = self.id.clone();
        match self.what {
            What::Reservation if self.left(cx).is_some() => {
                Answer::Submit(vec![Act::Release { reservation: id, due: false }])
            }
            What::Expected if self.left(cx).is_some() => {
                let reason = self.reason.text().trim().to_owned();
                Answer::Submit(vec![Act::CloseExpectation { expectation: id, reason }])
            }
            What::Reservation => {
                Answer::Say(Tone::Error, said(cx.lang, &Refusal::NoReservation { reservation: id }))
            }
            What::Expected => {
                Answer::Say(Tone::Error, said(cx.lang, &Refusal::NoExpectation { expectation: id }))
            }
        }
    }

    /// What is left of it in words and as a figure; none where it is over.
    fn left(&self, cx: &FormContext) -> Option<(String, Quantity)> {
        let (view, here) = cx.product(&self.sku).zip(cx.here())?;
        match self.what {
            What::Reservation => kept::reservations(view, here)
                .find(|r| r.id == self.id)
                .map(|r| (kept::reservation(r, view, cx.lang), r.left())),
            What::Expected => kept::expectations(view, here)
                .find(|e| e.id == self.id)
                .map(|e| (kept::expectation(e, view, cx.lang), e.left())),
        }
    }

    pub fn show<'a>(
        &'a self,
        rows: &mut Vec<Row<'a>>,
        keys: &mut Vec<(String, &'static str)>,
        theme: &Theme,
        cx: &FormContext,
    ) {
        let lang = cx.lang;
        let (to, place) = (theme.signs.to, cx.product(&self.sku).zip(cx.here()));
        if let Some((view, here)) = place {
            let product = &view.product;
            rows.push(Row::text(Tone::Strong, format!("{} {}", product.sku, product.name)));
            if let Some((words, left)) = self.left(cx) {
                rows.push(Row::text(Tone::Plain, words));
                rows.push(Row::blank());
                let down = |now: Quantity| (now, now.saturating_plus(left.negated()));
                let up = |now: Quantity| (now, now.saturating_plus(left));
                let mut change = |name: &str, figures| {
                    rows.push(change_row(name, figures, to, product, lang));
                };
                match self.what {
                    What::Reservation => {
                        change(lang.pick("Reservado", "Reserved"), down(view.reserved(here)));
                        change(lang.pick("Disponible", "Available"), up(view.available(here)));
                    }
                    What::Expected => {
                        change(lang.pick("Por llegar", "To come"), (left, Quantity::ZERO));
                        change(lang.pick("Posición", "Position"), down(view.position(here)));
                    }
                }
            }
        }
        if self.what == What::Expected {
            rows.push(Row::Field {
                label: lang.pick("Motivo", "Reason").to_owned(),
                field: &self.reason,
                room: 44,
                ghost: lang.pick("opcional", "optional").to_owned(),
                note: (Tone::Plain, String::new()),
                focus: true,
            });
        }
        let word = match self.what {
            What::Reservation => lang.pick("liberar", "release"),
            What::Expected => lang.pick("cerrar", "close"),
        };
        keys.push((cx.key(FormKey::Enter), word));
    }
}
