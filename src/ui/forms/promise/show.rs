//! What the form of a promise shows: fields, and what it does to what is available or on its way.

use super::super::FormContext;
use super::super::reading::{amount_note, change_row, figure, number};
use super::super::sheet::{Piece, Row, Tone};
use super::super::taking::cell_of;
use super::{At, Promise, Ready, Trouble, What};
use crate::text::format;
use crate::ui::forms::lot_field::Offer;
use crate::ui::keys::FormKey;
use crate::ui::theme::Theme;

impl Promise {
    pub fn show<'a>(
        &'a self,
        rows: &mut Vec<Row<'a>>,
        keys: &mut Vec<(String, &'static str)>,
        theme: &Theme,
        cx: &FormContext,
    ) {
        let lang = cx.lang;
        let judged = self.judge_goods(cx);
        for at in self.order(cx) {
            self.show_field(at, judged.as_ref().err(), rows, cx);
        }
        rows.push(Row::blank());
        match &judged {
            Ok(ready) => show_effect(ready, rows, theme, cx),
            Err(_) => self.show_stock(rows, cx),
        }
        keys.push((cx.key(FormKey::Enter), lang.pick("registrar", "book")));
        keys.push((cx.key(FormKey::Next), lang.pick("campo", "field")));
    }

    fn show_field<'a>(
        &'a self,
        at: At,
        trouble: Option<&Trouble>,
        rows: &mut Vec<Row<'a>>,
        cx: &FormContext,
    ) {
        let lang = cx.lang;
        let focus = self.focus == at;
        let view = self.view(cx);
        let wrong = trouble.filter(|t| t.at == at && !t.missing).map(|t| (Tone::Error, t.sentence.clone()));
        let mut push = |label: &str, field, room, ghost: &str, note| {
            rows.push(Row::Field {
                label: label.to_owned(),
                field,
                room,
                ghost: ghost.to_owned(),
                note,
                focus,
            });
        };
        match (at, self.what) {
            (At::Product, _) => self.product.rows(rows, cx, focus),
            (At::Lot, _) => self.lot.rows(rows, view.zip(cx.here()), Offer::WithGoods, cx, focus),
            (At::Qty, _) => {
                let note = wrong.unwrap_or_else(|| amount_note(self.qty.text(), view, lang));
                push(lang.pick("Cantidad", "Quantity"), self.qty.field(), 16, "", note);
            }
            (At::Text, What::Reserve) => {
                let ghost = lang.pick("pedido, persona…", "order, person…");
                push(lang.pick("Para", "For"), &self.text, 40, ghost, (Tone::Plain, String::new()));
            }
            (At::Text, What::Expect) => {
                let ghost = lang.pick("opcional: proveedor, pedido…", "optional: supplier, order…");
                let label = lang.pick("Referencia", "Reference");
                push(label, &self.text, 40, ghost, (Tone::Plain, String::new()));
            }
            (At::Day, what) => {
                let (label, ghost) = match what {
                    What::Reserve => (lang.pick("Hasta", "Until"), lang.pick("sin fin", "no end")),
                    What::Expect => {
                        (lang.pick("Para el", "On"), lang.pick("1705, +3d, 202607e", "0517, +3d, 202607e"))
                    }
                };
                push(label, &self.day, 18, ghost, self.day_note(cx));
            }
        }
    }

    /// What the day typed comes to, or the ways to type one.
    fn day_note(&self, cx: &FormContext) -> Piece {
        let lang = cx.lang;
        match self.judge_day(cx) {
            Ok(Some(day)) => {
                let last = match self.what {
                    What::Reserve => {
                        lang.pick("incluido; luego se libera sola", "included; then it is released by itself")
                    }
                    What::Expect if day == cx.today => lang.pick("hoy", "today"),
                    What::Expect => "",
                };
                let text = [format::date(day, lang).as_str(), last].join(" ");
                (Tone::Plain, text.trim_end().to_owned())
            }
            Ok(None) => (Tone::Dim, lang.pick("opcional: 1705, +3d…", "optional: 0517, +3d…").to_owned()),
            Err(Trouble { missing: true, .. }) => (Tone::Plain, String::new()),
            Err(Trouble { sentence, .. }) => (Tone::Error, sentence),
        }
    }

    /// What there is, before it is known how much is meant.
    fn show_stock(&self, rows: &mut Vec<Row<'_>>, cx: &FormContext) {
        let Some((view, here)) = self.view(cx).zip(cx.here()) else { return };
        let (name, now) = match self.what {
            What::Reserve => (cx.lang.pick("Disponible", "Available"), view.available(here)),
            What::Expect => (cx.lang.pick("Posición", "Position"), view.position(here)),
        };
        rows.push(Row::Text(vec![
            (Tone::Dim, format!("{name} ")),
            (Tone::Plain, figure(now, &view.product, cx.lang)),
        ]));
    }
}

/// What becomes of what is available, or of the position.
fn show_effect(ready: &Ready, rows: &mut Vec<Row<'_>>, theme: &Theme, cx: &FormContext) {
    let lang = cx.lang;
    let (view, here, to) = (ready.view, ready.here, theme.signs.to);
    let product = &view.product;
    let Some(plan) = &ready.plan else {
        let now = view.position(here);
        let name = lang.pick("Posición", "Position");
        rows.push(change_row(name, (now, now.saturating_plus(ready.qty)), to, product, lang));
        rows.extend(point_row(ready, cx));
        return;
    };
    let (free, kept) = (view.available(here), view.reserved(here));
    let after = free.saturating_plus(ready.qty.negated());
    rows.push(change_row(lang.pick("Disponible", "Available"), (free, after), to, product, lang));
    let after = kept.saturating_plus(ready.qty);
    rows.push(change_row(lang.pick("Reservado", "Reserved"), (kept, after), to, product, lang));
    for part in plan.parts.iter().filter(|part| !part.lot.is_none()) {
        let reserved = cell_of(view, here, &part.lot).map(|cell| cell.reserved).unwrap_or_default();
        let free = part.before_after.0.saturating_plus(reserved.negated());
        let after = free.saturating_plus(part.qty.negated());
        let name = format!("{} {}", lang.pick("Lote", "Lot"), part.lot);
        let Row::Text(mut pieces) = change_row(&name, (free, after), to, product, lang) else { continue };
        if let Some(day) = part.expiry {
            let word = lang.pick("caduca", "expires");
            pieces.push((Tone::Dim, format!("  {word} {}", format::date(day, lang))));
        }
        rows.push(Row::Text(pieces));
    }
}

/// The reorder point, to hold the position against.
fn point_row<'r>(ready: &Ready, cx: &FormContext) -> Option<Row<'r>> {
    let point = ready.view.rule(ready.here)?.rule.reorder_point?;
    let name = cx.lang.pick("Punto de pedido", "Reorder point");
    Some(Row::Text(vec![
        (Tone::Dim, format!("{name} ")),
        (Tone::Plain, number(point, &ready.view.product, cx.lang)),
    ]))
}
