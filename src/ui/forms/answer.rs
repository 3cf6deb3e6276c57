//! Sending what another warehouse asked for, as far as stock goes: the request is answered once.

use std::collections::BTreeMap;

use crossterm::event::{KeyCode, KeyEvent};

use super::amount_field::AmountField;
use super::press::{Press, neighbour};
use super::reading::{amount, figure, number, said, sentence};
use super::scanned::{Stranger, find};
use super::sheet::{Piece, Row, Tone};
use super::taking::{Plan, plan};
use super::transfers::{decided_here, goods_name};
use super::{Answer, FormContext};
use crate::domain::typing::Sign;
use crate::domain::{Lot, Quantity, Refusal, Sku, TransferId, TransferState, WarehouseId};
use crate::ledger::act::{Act, TakeLine};
use crate::text::number::one_or_more;
use crate::text::{Lang, format};
use crate::ui::action::Action;
use crate::ui::keys::{FormKey, Place};
use crate::ui::parts::field::TextField;
use crate::ui::theme::Theme;

/// A line of the request, and what is sent of it.
#[derive(Debug, Clone)]
struct Line {
    sku: Sku,
    lot: Lot,
    asked: Quantity,
    sends: AmountField,
}

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Line(usize),
    Reference,
}

/// A line that can be sent.
#[derive(Debug, Clone)]
struct Sent {
    qty: Quantity,
    /// On hand before and after, all lots that the line may take from.
    before_after: (Quantity, Quantity),
    plan: Plan,
}

/// The form.
#[derive(Debug, Clone)]
pub struct SendRequested {
    id: TransferId,
    to: WarehouseId,
    by: String,
    withdrawal: bool,
    lines: Vec<Line>,
    reference: TextField,
    focus: At,
    touched: bool,
}

type Taken = BTreeMap<(Sku, Lot), Quantity>;

/// The key that declines a request.
fn decline(cx: &FormContext) -> String {
    cx.key_of(Action::Refuse, Place::Transfers)
}

impl SendRequested {
    /// Opens it for a request addressed to us.
    pub fn open(id: &TransferId, cx: &FormContext) -> Result<Self, String> {
        let states = [TransferState::Requested, TransferState::WithdrawalAsked];
        let (transfer, here) = decided_here(id, &states, |t| &t.from, cx)?;
        let request = transfer.request.as_ref();
        let mut taken = Taken::new();
        let mut lines = Vec::new();
        for asked in request.iter().flat_map(|r| &r.lines) {
            let can = free(&asked.sku, &asked.lot, here, &taken, cx).min(asked.qty);
            if let Some(view) = cx.product(&asked.sku).filter(|_| can.is_positive()) {
                let lot = Some(&asked.lot).filter(|l| !l.is_none());
                let earlier = |lot: &Lot| taken_of(&taken, &asked.sku, lot);
                if let Ok(plan) = plan(view, here, lot, can, cx.today, earlier) {
                    take(&mut taken, &asked.sku, &plan);
                }
            }
            lines.push(Line {
                sku: asked.sku.clone(),
                lot: asked.lot.clone(),
                asked: asked.qty,
                sends: AmountField::proposing(can, cx.lang),
            });
        }
        let by = request.map_or_else(String::new, |r| {
            let (who, text) = (&r.mark.operator, &r.mark.text);
            if text.is_empty() { who.to_string() } else { format!("{who} · {text}") }
        });
        Ok(Self {
            id: id.clone(),
            to: transfer.to.clone(),
            by,
            withdrawal: transfer.withdrawal.is_some(),
            lines,
            reference: TextField::default(),
            focus: At::Line(0),
            touched: false,
        })
    }

    pub const fn is_dirty(&self) -> bool {
        self.touched
    }

    pub fn title(&self, lang: Lang) -> String {
        match lang {
            Lang::Es => format!("Enviar a {} lo pedido en {}", self.to, self.id),
            Lang::En => format!("Send to {} what {} asks for", self.to, self.id),
        }
    }

    pub fn size(&self) -> (u16, u16) {
        (96, 11 + u16::try_from(self.lines.len()).unwrap_or(u16::MAX - 11))
    }

    pub fn press(&mut self, press: Press, cx: &FormContext) -> Answer {
        match press {
            Press::Next | Press::Down | Press::LineAfter => {
                self.focus = neighbour(&self.order(), self.focus, true);
            }
            Press::Back | Press::Up | Press::LineBefore => {
                self.focus = neighbour(&self.order(), self.focus, false);
            }
            Press::Enter | Press::Book => return self.book(cx),
            Press::Text(key) => self.text(key),
            Press::LineNew | Press::LineDrop | Press::TakeBack | Press::Esc => {}
        }
        Answer::Stay
    }

    /// A scan goes to its line.
    pub fn scan(&mut self, text: &str, cx: &FormContext) -> Answer {
        match find(text, cx) {
            Ok(scanned) => {
                let of = |l: &Line| l.sku == scanned.sku;
                if let Some(i) = self.lines.iter().position(of) {
                    self.focus = At::Line(i);
                    return Answer::Stay;
                }
                let refusal =
                    Refusal::NoSuchLine { transfer: self.id.clone(), sku: scanned.sku, lot: Lot::none() };
                Answer::Say(Tone::Error, said(cx.lang, &refusal))
            }
            Err(Stranger::Text { text, .. }) if self.focus == At::Reference => {
                self.reference.set(&text);
                self.touched = true;
                Answer::Stay
            }
            Err(stranger) => Answer::of_stranger(stranger, text),
        }
    }

    fn order(&self) -> Vec<At> {
        let lines = (0..self.lines.len()).map(At::Line);
        lines.chain([At::Reference]).collect()
    }

    fn text(&mut self, key: KeyEvent) {
        self.touched |= matches!(key.code, KeyCode::Char(_) | KeyCode::Backspace | KeyCode::Delete);
        match self.focus {
            At::Line(i) => {
                if let Some(line) = self.lines.get_mut(i) {
                    line.sends.key(key);
                }
            }
            At::Reference => {
                self.reference.key(key);
            }
        }
    }

    /// Every line in order: what one takes isn't there for the next.
    fn judged(&self, cx: &FormContext) -> Vec<Result<Sent, String>> {
        let mut taken = Taken::new();
        let mut all = Vec::with_capacity(self.lines.len());
        for line in &self.lines {
            let sent = line.judge(&taken, cx);
            if let Ok(sent) = &sent {
                take(&mut taken, &line.sku, &sent.plan);
            }
            all.push(sent);
        }
        all
    }

    fn book(&mut self, cx: &FormContext) -> Answer {
        let mut lines = Vec::new();
        for (i, (line, judged)) in self.lines.iter().zip(self.judged(cx)).enumerate() {
            match judged {
                Err(sentence) => {
                    self.focus = At::Line(i);
                    return Answer::Say(Tone::Error, sentence);
                }
                Ok(sent) if sent.qty.is_positive() => lines.push(TakeLine {
                    sku: line.sku.clone(),
                    lot: Some(line.lot.clone()).filter(|l| !l.is_none()),
                    qty: sent.qty,
                }),
                Ok(_) => {}
            }
        }
        if lines.is_empty() {
            let (leave, decline) = (cx.key(FormKey::Leave), decline(cx));
            let text = match cx.lang {
                Lang::Es => format!(
                    "No se enviaría nada. Si no puede atenderse, salga con {leave} y deniéguela con {decline}."
                ),
                Lang::En => format!(
                    "Nothing would be sent. If it can't be met, leave with {leave} and decline it with {decline}."
                ),
            };
            return Answer::Say(Tone::Error, text);
        }
        Answer::Submit(vec![Act::SendRequested {
            transfer: self.id.clone(),
            lines: Some(lines),
            reference: self.reference.text().trim().to_owned(),
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
        let asked = lang.pick("Lo pide ", "Asked for by ");
        rows.push(Row::Text(vec![(Tone::Dim, asked.to_owned()), (Tone::Plain, self.by.clone())]));
        if self.withdrawal {
            let text = match lang {
                Lang::Es => format!("{} ha pedido retirarla: mejor denegarla con {}.", self.to, decline(cx)),
                Lang::En => {
                    format!("{} has asked to withdraw it: better decline it with {}.", self.to, decline(cx))
                }
            };
            rows.push(Row::text(Tone::Warning, text));
        }
        let mut short = false;
        for (i, (line, judged)) in self.lines.iter().zip(self.judged(cx)).enumerate() {
            short |= judged.as_ref().is_ok_and(|sent| sent.qty < line.asked);
            rows.push(Row::Field {
                label: goods_name(&line.sku, &line.lot, cx),
                field: line.sends.field(),
                room: 9,
                ghost: String::new(),
                note: line.note(judged, theme, cx),
                focus: self.focus == At::Line(i),
            });
        }
        rows.push(Row::Field {
            label: lang.pick("Referencia", "Reference").to_owned(),
            field: &self.reference,
            room: 40,
            ghost: lang.pick("opcional", "optional").to_owned(),
            note: (Tone::Plain, String::new()),
            focus: self.focus == At::Reference,
        });
        rows.push(Row::blank());
        if short {
            let text = lang.pick(
                "Un envío corto cierra la solicitud: lo que falta habrá que pedirlo de nuevo.",
                "A short dispatch closes the request: the rest has to be asked for again.",
            );
            rows.push(Row::text(Tone::Warning, text));
        } else {
            let text = lang.pick("Se envía todo lo pedido.", "All that is asked for is sent.");
            rows.push(Row::text(Tone::Ok, text));
        }
        keys.push((cx.key(FormKey::Enter), lang.pick("enviar", "send")));
        keys.push((cx.pair(FormKey::Up, FormKey::Down), lang.pick("línea", "line")));
    }
}

impl Line {
    fn judge(&self, taken: &Taken, cx: &FormContext) -> Result<Sent, String> {
        let lang = cx.lang;
        let (Some(view), Some(here)) = (cx.product(&self.sku), cx.here()) else {
            let sku = self.sku.clone();
            return Err(said(lang, &Refusal::UnknownSku { sku }));
        };
        let qty = amount(self.sends.text(), &view.product, Sign::NotNegative, lang);
        let qty = qty.map_err(|why| format!("{}: {}", self.sku, sentence(&why)))?;
        if qty > self.asked {
            let asked = figure(self.asked, &view.product, lang);
            let send = cx.key_of(Action::Send, Place::Stock);
            return Err(match lang {
                Lang::Es => format!("{}: se piden {asked}. Lo demás va en otro envío, con {send}.", self.sku),
                Lang::En => format!(
                    "{}: {asked} are asked for. More goes in a dispatch of its own, with {send}.",
                    self.sku
                ),
            });
        }
        let before = stock(&self.sku, &self.lot, here, taken, cx);
        let before_after = (before, before.saturating_plus(qty.negated()));
        let nothing = Plan { parts: Vec::new(), expired: None };
        if qty.is_zero() {
            return Ok(Sent { qty, before_after, plan: nothing });
        }
        let lot = Some(&self.lot).filter(|l| !l.is_none());
        let earlier = |lot: &Lot| taken_of(taken, &self.sku, lot);
        let plan = plan(view, here, lot, qty, cx.today, earlier).map_err(|r| said(lang, &r))?;
        Ok(Sent { qty, before_after, plan })
    }

    fn note(&self, judged: Result<Sent, String>, theme: &Theme, cx: &FormContext) -> Piece {
        let lang = cx.lang;
        let show = |q| {
            cx.product(&self.sku)
                .map_or_else(|| format::quantity(q, 0, lang), |v| number(q, &v.product, lang))
        };
        let sent = match judged {
            Ok(sent) => sent,
            Err(sentence) => return (Tone::Error, sentence),
        };
        let to = theme.signs.to;
        let (asked, here) = (lang.pick("pedido", "asked"), lang.pick("aquí", "here"));
        let (before, after) = sent.before_after;
        let text = format!("{asked} {} · {here} {} {to} {}", show(self.asked), show(before), show(after));
        let missing = self.asked.saturating_plus(sent.qty.negated());
        let warning = if missing.is_positive() {
            format!("{} {}", lang.pick(one_or_more(missing, ("falta", "faltan")), "short"), show(missing))
        } else if let Some((lot, _)) = sent.plan.expired {
            format!("{} {lot}", lang.pick("lote caducado", "expired lot"))
        } else {
            return (Tone::Plain, text);
        };
        (Tone::Warning, format!("{text} · {warning}"))
    }
}

fn taken_of(taken: &Taken, sku: &Sku, lot: &Lot) -> Quantity {
    taken.get(&(sku.clone(), lot.clone())).copied().unwrap_or_default()
}

fn take(taken: &mut Taken, sku: &Sku, plan: &Plan) {
    for part in &plan.parts {
        let sum = taken.entry((sku.clone(), part.lot.clone())).or_default();
        *sum = sum.saturating_plus(part.qty);
    }
}

/// On hand of a lot, or of all where none is asked for, less what earlier lines took.
fn stock(sku: &Sku, lot: &Lot, here: &WarehouseId, taken: &Taken, cx: &FormContext) -> Quantity {
    let cells = cx.product(sku).into_iter().flat_map(|v| &v.cells);
    let ours = cells.filter(|c| c.warehouse == *here && (lot.is_none() || c.lot == *lot));
    ours.fold(Quantity::ZERO, |sum, c| {
        let left = c.on_hand.saturating_plus(taken_of(taken, sku, &c.lot).negated());
        sum.saturating_plus(left)
    })
}

/// What of that can be sent.
fn free(sku: &Sku, lot: &Lot, here: &WarehouseId, taken: &Taken, cx: &FormContext) -> Quantity {
    let cells = cx.product(sku).into_iter().flat_map(|v| &v.cells);
    let ours = cells.filter(|c| c.warehouse == *here && (lot.is_none() || c.lot == *lot));
    ours.fold(Quantity::ZERO, |sum, c| {
        let left = c.on_hand.saturating_plus(taken_of(taken, sku, &c.lot).negated());
        sum.saturating_plus(left.saturating_plus(c.reserved.negated()).max(Quantity::ZERO))
    })
}
