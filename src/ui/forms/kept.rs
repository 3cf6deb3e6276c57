//! What is kept for somebody, as forms say it: for whom, how much, until when.

use super::FormContext;
use super::reading::{figure, number, said};
use super::sheet::{Row, Tone};
use super::taking::cell_of;
use crate::domain::{Lot, Quantity, Refusal, WarehouseId};
use crate::ledger::book::{Expectation, Reservation};
use crate::node::event::ProductView;
use crate::text::{Lang, format};

/// So many are named one by one.
const NAMED: usize = 4;

/// What a warehouse keeps of a product, the oldest first.
pub fn reservations<'a>(
    view: &'a ProductView,
    here: &'a WarehouseId,
) -> impl Iterator<Item = &'a Reservation> + use<'a> {
    view.reservations.iter().filter(move |r| r.id.origin == *here && r.left().is_positive())
}

/// What a warehouse waits for of a product from outside, the oldest first.
pub fn expectations<'a>(
    view: &'a ProductView,
    here: &'a WarehouseId,
) -> impl Iterator<Item = &'a Expectation> + use<'a> {
    view.expectations.iter().filter(move |e| e.id.origin == *here && e.left().is_positive())
}

/// A refusal; where goods are kept for somebody, with for whom.
pub fn refused(why: &Refusal, view: &ProductView, here: &WarehouseId, cx: &FormContext) -> String {
    let text = said(cx.lang, why);
    let Refusal::NotEnough { lot, reserved, .. } = why else { return text };
    if !reserved.is_positive() {
        return text;
    }
    let meant = |r: &&Reservation| lot.is_none() || r.lot == *lot;
    let all: Vec<_> = reservations(view, here).filter(meant).collect();
    let mut named: Vec<_> = all.iter().take(NAMED).map(|r| in_short(r, view, cx.lang)).collect();
    if all.len() > NAMED {
        named.push(format!("+{}", all.len() - NAMED));
    }
    if named.is_empty() {
        return text;
    }
    format!("{text} {}: {}.", cx.lang.pick("Reservado", "Reserved"), named.join(", "))
}

/// What is released where so much is left of a lot, the newest first, as a row; none where nothing is.
pub fn forced_row<'r>(
    view: &ProductView,
    here: &WarehouseId,
    (lot, left): (&Lot, Quantity),
    lang: Lang,
) -> Option<Row<'r>> {
    let reserved = cell_of(view, here, lot)?.reserved;
    let mut over = reserved.saturating_plus(left.negated());
    let mut open: Vec<_> = reservations(view, here).filter(|r| r.lot == *lot).collect();
    open.sort_by_key(|r| std::cmp::Reverse(r.id.seq));
    let mut named = Vec::new();
    for known in open {
        let qty = over.min(known.left());
        if !qty.is_positive() {
            break;
        }
        over = over.saturating_plus(qty.negated());
        let qty = number(qty, &view.product, lang);
        named.push(format!("{qty} {} {}", lang.pick("para", "for"), known.purpose));
    }
    let word = lang.pick("Se libera de lo reservado", "Released of what is reserved");
    (!named.is_empty()).then(|| Row::text(Tone::Warning, format!("{word}: {}", named.join(", "))))
}

/// `8 para Pedido 8812`
fn in_short(known: &Reservation, view: &ProductView, lang: Lang) -> String {
    let qty = number(known.left(), &view.product, lang);
    format!("{qty} {} {}", lang.pick("para", "for"), known.purpose)
}

/// `Pedido 8812 · 8 ud · lote L-PRONTO · hasta 17/05/2026`
pub fn reservation(known: &Reservation, view: &ProductView, lang: Lang) -> String {
    let mut facts = vec![known.purpose.clone(), figure(known.left(), &view.product, lang)];
    facts.extend(lot_fact(&known.lot, lang));
    facts.extend(
        known.until.map(|day| format!("{} {}", lang.pick("hasta", "until"), format::date(day, lang))),
    );
    facts.join(" · ")
}

/// `Proveedor Sur · 60 ud · para el 20/05/2026`
pub fn expectation(known: &Expectation, view: &ProductView, lang: Lang) -> String {
    let due = format!("{} {}", lang.pick("para el", "due"), format::date(known.due, lang));
    let left = figure(known.left(), &view.product, lang);
    let name = if known.reference.is_empty() { known.id.to_string() } else { known.reference.clone() };
    [name, left, due].join(" · ")
}

fn lot_fact(lot: &Lot, lang: Lang) -> Option<String> {
    (!lot.is_none()).then(|| format!("{} {lot}", lang.pick("lote", "lot")))
}
