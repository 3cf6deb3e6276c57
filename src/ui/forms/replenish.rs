//! What is low is brought and bought: the proposal, to be changed before it is booked.

use chrono::NaiveDate;
use crossterm::event::{KeyCode, KeyEvent};

use super::amount_field::AmountField;
use super::press::{Press, neighbour};
use super::reading::{amount, expiry, figure, said, sentence};
use super::sheet::{Piece, Row, Tone};
use super::{Answer, FormContext, not_ready};
use crate::domain::typing::Sign;
use crate::domain::{Quantity, Refusal, Sku, WarehouseId};
use crate::ledger::act::{Act, TakeLine};
use crate::node::event::{PeerState, ProductView};
use crate::node::replenish::{asked_by, judged, low};
use crate::text::{Lang, words};
use crate::ui::keys::FormKey;
use crate::ui::parts::field::TextField;
use crate::ui::theme::Theme;

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    From(usize),
    Buy,
    Due,
    Reference,
}

/// What is to be brought from a warehouse.
#[derive(Debug, Clone)]
struct Part {
    warehouse: WarehouseId,
    qty: AmountField,
    /// What it can give at most without others going short, and how much of that it may give above its own point.
    free: Quantity,
    point: Option<Quantity>,
    /// It was asked: not again.
    done: bool,
}

/// The form.
#[derive(Debug, Clone)]
pub struct Replenish {
    sku: Sku,
    parts: Vec<Part>,
    buy: AmountField,
    due: TextField,
    reference: TextField,
    focus: At,
    touched: bool,
}

impl Replenish {
    /// Opens it for a product that is low.
    pub fn open(sku: Option<&Sku>, cx: &FormContext) -> Result<Self, String> {
        let lang = cx.lang;
        let here = cx.here().ok_or_else(|| not_ready(lang))?;
        let view = sku.and_then(|sku| cx.product(sku)).ok_or_else(|| super::rule::select_first(lang))?;
        let Some(low) = low(view, here, cx.today) else {
            let words = lang.pick("ya no está bajo", "is not low any more");
            return Err(format!("{} {words}.", view.product.sku));
        };
        if low.proposal.order.is_zero() {
            let (asked, words) = (
                figure(low.asked, &view.product, lang),
                lang.pick(
                    "ya se han pedido a otros almacenes; basta con que los envíen",
                    "are requested from other warehouses already; they only have to send them",
                ),
            );
            return Err(format!("{}: {asked} {words}.", view.product.sku));
        }
        let parts: Vec<Part> = low
            .proposal
            .bring
            .iter()
            .map(|bring| Part {
                warehouse: bring.warehouse.clone(),
                qty: AmountField::proposing(bring.qty, lang),
                free: bring.keeps.saturating_plus(bring.qty),
                point: view.reorder_point(&bring.warehouse),
                done: false,
            })
            .collect();
        Ok(Self {
            sku: view.product.sku.clone(),
            focus: if parts.is_empty() { At::Buy } else { At::From(0) },
            parts,
            buy: AmountField::proposing(low.proposal.buy, lang),
            due: TextField::default(),
            reference: TextField::default(),
            touched: false,
        })
    }

    pub const fn is_dirty(&self) -> bool {
        self.touched
    }

    pub fn title(&self, lang: Lang) -> String {
        format!("{} · {}", lang.pick("Reponer", "Replenish"), self.sku)
    }

    pub fn size(&self) -> (u16, u16) {
        (78, u16::try_from(self.parts.len().saturating_add(12)).unwrap_or(u16::MAX))
    }

    fn order(&self) -> Vec<At> {
        let parts = (0..self.parts.len()).map(At::From);
        parts.chain([At::Buy, At::Due, At::Reference]).collect()
    }

    pub fn press(&mut self, press: Press, cx: &FormContext) -> Answer {
        match press {
            Press::Next | Press::Down => self.focus = neighbour(&self.order(), self.focus, true),
            Press::Back | Press::Up => self.focus = neighbour(&self.order(), self.focus, false),
            Press::Enter | Press::Book => return self.book(cx),
            Press::Text(key) => self.key(key),
            _ => {}
        }
        Answer::Stay
    }

    fn key(&mut self, key: KeyEvent) {
        self.touched |= matches!(key.code, KeyCode::Char(_) | KeyCode::Backspace | KeyCode::Delete);
        match self.focus {
            At::From(i) => {
                if let Some(part) = self.parts.get_mut(i).filter(|part| !part.done) {
                    part.qty.key(key);
                }
            }
            At::Buy => self.buy.key(key),
            At::Due => {
                self.due.key(key);
            }
            At::Reference => {
                self.reference.key(key);
            }
        }
    }

    /// A request of the form was recorded: it is not made again.
    pub fn recorded(&mut self, act: &Act) {
        match act {
            Act::RequestTransfer { from, .. } => {
                for part in self.parts.iter_mut().filter(|part| part.warehouse == *from) {
                    part.done = true;
                }
            }
            Act::Expect { .. } => self.due.set(""),
            _ => {}
        }
    }

    fn due(&self, cx: &FormContext) -> Result<Option<NaiveDate>, (At, String)> {
        let due = expiry(self.due.text(), cx).map_err(|why| (At::Due, sentence(&why)))?;
        if due.is_some_and(|day| day < cx.today) {
            let past = cx.lang.pick("Ese día ya pasó.", "That day has passed.");
            return Err((At::Due, past.to_owned()));
        }
        Ok(due)
    }

    fn judge(&self, view: &ProductView, cx: &FormContext) -> Result<Vec<Act>, (At, String)> {
        let lang = cx.lang;
        let (mut acts, mut wanted) = (Vec::new(), Vec::new());
        let Some(here) = cx.here() else { return Ok(acts) };
        for (i, part) in self.parts.iter().enumerate() {
            let qty = typed(&part.qty, At::From(i), view, lang)?;
            if part.done || qty.is_zero() {
                continue;
            }
            wanted.push((part.warehouse.clone(), qty));
        }
        let all = wanted.iter().fold(Quantity::ZERO, |sum, (_, qty)| sum.saturating_plus(*qty));
        for (from, qty) in wanted {
            let along = all.saturating_plus(qty.negated());
            acts.push(Act::RequestTransfer {
                judged: vec![judged(view, here, &from, qty, along)],
                from,
                lines: vec![TakeLine { sku: self.sku.clone(), lot: None, qty }],
                reference: String::new(),
                unlocked: false,
            });
        }
        let qty = typed(&self.buy, At::Buy, view, lang)?;
        if let Some(due) = self.due(cx)? {
            if qty.is_zero() {
                let none = lang.pick("¿Cuánto se ha comprado?", "How much was ordered?");
                return Err((At::Buy, none.to_owned()));
            }
            let reference = self.reference.text().trim().to_owned();
            acts.push(Act::Expect { sku: self.sku.clone(), qty, due, reference });
        }
        Ok(acts)
    }

    fn book(&mut self, cx: &FormContext) -> Answer {
        let Some(view) = cx.product(&self.sku) else {
            let sku = self.sku.clone();
            return Answer::Say(Tone::Error, said(cx.lang, &Refusal::UnknownSku { sku }));
        };
        match self.judge(view, cx) {
            Ok(acts) if acts.is_empty() => {
                self.focus = At::Due;
                let words = cx.lang.pick(
                    "Nada que registrar: la compra se anota con el día en que llega.",
                    "Nothing to book: a purchase is noted with the day on which it comes.",
                );
                Answer::Say(Tone::Error, words.to_owned())
            }
            Ok(acts) => Answer::Submit(acts),
            Err((at, sentence)) => {
                self.focus = at;
                Answer::Say(Tone::Error, sentence)
            }
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
        let Some((view, here)) = cx.product(&self.sku).zip(cx.here()) else { return };
        let product = &view.product;
        rows.push(Row::text(Tone::Strong, product.name.clone()));
        let judged = self.judge(view, cx).err();
        for at in self.order() {
            let note = match &judged {
                Some((wrong, sentence)) if *wrong == at => (Tone::Error, sentence.clone()),
                _ => self.note(at, view, cx),
            };
            let (label, field, ghost) = match at {
                At::From(i) => {
                    let Some(part) = self.parts.get(i) else { continue };
                    (format!("{} {}", lang.pick("De", "From"), part.warehouse), part.qty.field(), "0")
                }
                At::Buy => (lang.pick("Comprar", "Buy").to_owned(), self.buy.field(), "0"),
                At::Due => (
                    lang.pick("Llega el", "Comes on").to_owned(),
                    &self.due,
                    lang.pick("sin encargar", "not ordered"),
                ),
                At::Reference => (
                    lang.pick("Referencia", "Reference").to_owned(),
                    &self.reference,
                    lang.pick("opcional", "optional"),
                ),
            };
            let room = if at == At::Reference { 30 } else { 12 };
            let focus = self.focus == at;
            rows.push(Row::Field { label, field, room, ghost: ghost.to_owned(), note, focus });
        }
        rows.push(Row::blank());
        let position = view.position(here);
        let coming = self
            .parts
            .iter()
            .filter_map(|part| typed(&part.qty, At::Buy, view, lang).ok().filter(|_| !part.done));
        let coming = coming.chain(typed(&self.buy, At::Buy, view, lang).ok());
        let after = coming.fold(position.saturating_plus(asked_by(view, here)), Quantity::saturating_plus);
        let point = view.reorder_point(here).unwrap_or_default();
        rows.push(Row::Text(vec![
            (Tone::Dim, format!("{} ", lang.pick("Posición", "Position"))),
            (Tone::Plain, format!("{} {} ", figure(position, product, lang), theme.signs.to)),
            (if after > point { Tone::Strong } else { Tone::Warning }, figure(after, product, lang)),
            (
                Tone::Dim,
                format!(
                    "   {} {}",
                    lang.pick("punto de pedido", "reorder point"),
                    figure(point, product, lang)
                ),
            ),
        ]));
        keys.push((cx.key(FormKey::Enter), lang.pick("pedir y anotar", "request and note")));
        keys.push((cx.key(FormKey::Next), lang.pick("campo", "field")));
    }

    /// What a source keeps; what becomes of the purchase.
    fn note(&self, at: At, view: &ProductView, cx: &FormContext) -> Piece {
        let lang = cx.lang;
        let unit = view.product.unit.clone();
        match at {
            At::From(i) => {
                let Some(part) = self.parts.get(i) else { return (Tone::Plain, String::new()) };
                if part.done {
                    return (Tone::Ok, lang.pick("pedido", "requested").to_owned());
                }
                let qty = typed(&part.qty, at, view, lang).unwrap_or_default();
                let keeps = part.free.saturating_plus(qty.negated());
                let short = part.point.is_some_and(|point| keeps <= point) || keeps.is_negative();
                let mut note = format!(
                    "{unit} · {} {}",
                    lang.pick("le quedan", "keeps"),
                    figure(keeps, &view.product, lang)
                );
                if let Some(point) = part.point {
                    note = format!(
                        "{note} · {} {}",
                        lang.pick("su punto", "its point"),
                        figure(point, &view.product, lang)
                    );
                }
                let peer = cx.model.peers.iter().find(|peer| peer.id == part.warehouse);
                let away = peer.filter(|peer| peer.state != PeerState::Alive);
                if let Some(peer) = away {
                    note = format!("{note} · {}", words::peer(lang, peer.state));
                }
                (if short || away.is_some() { Tone::Warning } else { Tone::Dim }, note)
            }
            At::Buy if self.due.text().trim().is_empty() => {
                let words = lang.pick("sin día no se anota", "not noted without a day");
                (Tone::Dim, format!("{unit} · {words}"))
            }
            At::Buy => (Tone::Plain, unit),
            At::Due => {
                if let Ok(Some(day)) = self.due(cx) {
                    return (Tone::Plain, crate::text::format::date(day, lang));
                }
                let words = lang.pick("+7d, 1205: cuando esté encargada", "+7d, 1205: once it is ordered");
                (Tone::Dim, words.to_owned())
            }
            At::Reference => (Tone::Plain, String::new()),
        }
    }
}

/// An amount as it was typed; blank is none. Where it is no amount, the field and why.
fn typed(field: &AmountField, at: At, view: &ProductView, lang: Lang) -> Result<Quantity, (At, String)> {
    if field.is_empty() {
        return Ok(Quantity::ZERO);
    }
    amount(field.text(), &view.product, Sign::NotNegative, lang).map_err(|why| (at, sentence(&why)))
}
