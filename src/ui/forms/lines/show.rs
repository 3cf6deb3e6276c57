//! What the form of lines shows: fields, before → after, the list.

use super::super::reading::{amount_note, change_row, figure, number};
use super::super::sheet::{Piece, Row, Tone};
use super::super::taking::known_expiry;
use super::super::{FormContext, kept};
use super::judge::{Effect, Ready, Trouble};
use super::{At, Lines, LinesKind};
use crate::domain::{Lot, Product, Quantity};
use crate::text::{Lang, format};
use crate::ui::keys::FormKey;
use crate::ui::theme::Theme;

/// Lines of the list that are shown at once.
pub const LISTED: usize = 8;

impl Lines {
    pub fn show<'a>(
        &'a self,
        rows: &mut Vec<Row<'a>>,
        keys: &mut Vec<(String, &'static str)>,
        theme: &Theme,
        cx: &FormContext,
    ) {
        let lang = cx.lang;
        let judged = self.judged(cx);
        let current = judged.get(self.current);
        for at in self.order(cx) {
            self.show_field(at, current, rows, cx);
        }
        rows.push(Row::blank());
        self.show_effect(current, rows, theme, cx);
        if self.runs_on() {
            rows.push(Row::blank());
            self.show_list(&judged, rows, cx);
            keys.push((cx.key(FormKey::Book), lang.pick("registrar", "book all")));
            keys.push((cx.key(FormKey::Enter), lang.pick("otra", "next")));
            keys.push((cx.key(FormKey::TakeBack), lang.pick("deshacer", "undo")));
            keys.push((cx.key(FormKey::LineDrop), lang.pick("quitar", "drop")));
        } else {
            keys.push((cx.key(FormKey::Enter), lang.pick("registrar", "book")));
            keys.push((cx.key(FormKey::LineNew), lang.pick("otra línea", "another line")));
            keys.push((cx.key(FormKey::Next), lang.pick("campo", "field")));
        }
    }

    fn show_field<'a>(
        &'a self,
        at: At,
        judged: Option<&Result<Ready, Trouble>>,
        rows: &mut Vec<Row<'a>>,
        cx: &FormContext,
    ) {
        let lang = cx.lang;
        let (draft, focus) = (self.draft(), self.focus == at);
        let view = self.view(cx);
        // An empty field isn't wrong yet; a wrong one says so at its own place.
        let wrong = judged
            .and_then(|j| j.as_ref().err())
            .filter(|t| t.at == at && !t.missing)
            .map(|t| (Tone::Error, t.sentence.clone()));
        match at {
            At::Place => rows.push(self.place.row(self.kind, view, cx, focus)),
            At::Product => draft.product.rows(rows, cx, focus),
            At::Qty => {
                let label = match self.kind {
                    LinesKind::Count => lang.pick("Contado", "Counted"),
                    _ => lang.pick("Cantidad", "Quantity"),
                };
                rows.push(Row::Field {
                    label: label.to_owned(),
                    field: draft.qty.field(),
                    room: 16,
                    ghost: String::new(),
                    note: wrong.unwrap_or_else(|| amount_note(draft.qty.text(), view, lang)),
                    focus,
                });
            }
            At::Against => {
                rows.push(self.against_row(wrong.map(|(_, sentence)| sentence), cx, focus));
            }
            At::Lot => {
                let place = view.zip(self.giver(cx));
                draft.lot.rows(rows, place, self.offer(cx), cx, focus);
            }
            At::Expiry => rows.push(Row::Field {
                label: lang.pick("Caducidad", "Expiry").to_owned(),
                field: &draft.expiry,
                room: 16,
                ghost: lang.pick("1705, 202607e, +6m", "0517, 202607e, +6m").to_owned(),
                note: wrong.unwrap_or_else(|| self.expiry_note(judged, cx)),
                focus,
            }),
            At::Expired => {
                let answer = if draft.expired_ok { lang.pick("Sí", "Yes") } else { "No" };
                rows.push(Row::Choice {
                    label: lang.pick("¿Sacar caducado?", "Issue expired?").to_owned(),
                    value: Some(answer.to_owned()),
                    note: (Tone::Warning, lang.pick("s = sí, n = no", "y = yes, n = no").to_owned()),
                    focus,
                });
            }
            At::Reference => rows.push(Row::Field {
                label: lang.pick("Referencia", "Reference").to_owned(),
                field: &self.reference,
                room: 50,
                ghost: lang.pick("opcional: pedido, albarán…", "optional: order, delivery note…").to_owned(),
                note: (Tone::Plain, String::new()),
                focus,
            }),
        }
    }

    fn expiry_note(&self, judged: Option<&Result<Ready, Trouble>>, cx: &FormContext) -> Piece {
        let lang = cx.lang;
        let Some(Ok(ready)) = judged else {
            return (Tone::Plain, String::new());
        };
        let Some(day) = ready.expiry else {
            return (Tone::Plain, String::new());
        };
        let text = format::date(day, lang);
        let known = cx.here().zip(ready.lot.as_ref());
        let known = known.and_then(|(here, lot)| known_expiry(ready.view, here, lot));
        if day < cx.today {
            (Tone::Warning, format!("{text} · {}", lang.pick("ya caducado", "expired already")))
        } else if self.draft().expiry.is_empty() && known.is_some() {
            (Tone::Dim, format!("{text} · {}", lang.pick("conocida de este lote", "known of this lot")))
        } else {
            (Tone::Plain, text)
        }
    }

    fn show_effect(
        &self,
        judged: Option<&Result<Ready, Trouble>>,
        rows: &mut Vec<Row<'_>>,
        theme: &Theme,
        cx: &FormContext,
    ) {
        let lang = cx.lang;
        let Some((view, here)) = self.view(cx).zip(cx.here()) else {
            rows.push(Row::blank());
            return;
        };
        let product = &view.product;
        let to = theme.signs.to;
        let Some(Ok(ready)) = judged else {
            rows.push(if self.kind == LinesKind::Count {
                blind_row(self.is_blind(cx), lang)
            } else {
                stock_row(view.on_hand(here), view.reserved(here), product, lang)
            });
            return;
        };
        let on_hand = lang.pick("Existencias", "On hand");
        match &ready.effect {
            Effect::Adds { all, lot } => {
                rows.push(change_row(on_hand, *all, to, product, lang));
                if let Some(name) = ready.lot.as_ref().filter(|l| !l.is_none()) {
                    rows.push(change_row(&lot_name(name, lang), *lot, to, product, lang));
                }
            }
            Effect::Takes { all, plan } => {
                rows.push(change_row(on_hand, *all, to, product, lang));
                for part in &plan.parts {
                    if part.lot.is_none() && plan.parts.len() == 1 {
                        continue;
                    }
                    let Row::Text(mut pieces) =
                        change_row(&lot_name(&part.lot, lang), part.before_after, to, product, lang)
                    else {
                        continue;
                    };
                    if let Some(day) = part.expiry {
                        let expired = day < cx.today;
                        let tone = if expired { Tone::Warning } else { Tone::Dim };
                        let word = if expired {
                            lang.pick("caducó", "expired")
                        } else {
                            lang.pick("caduca", "expires")
                        };
                        pieces.push((tone, format!("  {word} {}", format::date(day, lang))));
                    }
                    rows.push(Row::Text(pieces));
                }
            }
            Effect::Counts { .. } if self.is_blind(cx) => rows.push(blind_row(true, lang)),
            Effect::Counts { book, moved, lot } => {
                let difference = ready.qty.saturating_plus(book.negated());
                let tone = if difference.is_zero() { Tone::Ok } else { Tone::Warning };
                rows.push(Row::Text(vec![
                    (Tone::Dim, format!("{} ", lang.pick("Libro al empezar", "Book at the start"))),
                    (Tone::Plain, figure(*book, product, lang)),
                    (Tone::Dim, format!("  {} ", lang.pick("diferencia", "difference"))),
                    (tone, format::change(difference, product.decimals, lang)),
                ]));
                if !moved.is_zero() {
                    let text = lang.pick("Movido mientras se cuenta ", "Moved while counting ");
                    rows.push(Row::Text(vec![
                        (Tone::Dim, text.to_owned()),
                        (Tone::Plain, format::change(*moved, product.decimals, lang)),
                    ]));
                }
                rows.push(change_row(on_hand, *lot, to, product, lang));
                let name = ready.lot.clone().unwrap_or_default();
                let forced = kept::forced_row(view, here, (&name, lot.1), lang);
                rows.extend(forced.filter(|_| lot.1 < lot.0));
            }
            Effect::Asks => self.show_request(ready, rows, to, cx),
        }
        if let Some((name, change)) = self.against_effect(ready, lang) {
            rows.push(change_row(name, change, to, product, lang));
        } else if matches!(ready.effect, Effect::Takes { .. }) && view.reserved(here).is_positive() {
            let free = view.available(here);
            let after = free.saturating_plus(ready.qty.negated());
            rows.push(change_row(lang.pick("Disponible", "Available"), (free, after), to, product, lang));
        }
    }

    fn show_request(&self, ready: &Ready, rows: &mut Vec<Row<'_>>, to: &str, cx: &FormContext) {
        let lang = cx.lang;
        let (view, product) = (ready.view, &ready.view.product);
        if let Some(giver) = self.place.value() {
            let there = view.available(giver);
            let after = there.saturating_plus(ready.qty.negated());
            let name = format!("{giver}: {}", lang.pick("disponible", "available"));
            if after.is_negative() {
                let text = match lang {
                    Lang::Es => format!("{name} {}; puede que llegue menos", figure(there, product, lang)),
                    Lang::En => format!("{name} {}; less may come", figure(there, product, lang)),
                };
                rows.push(Row::text(Tone::Warning, text));
            } else {
                rows.push(change_row(&name, (there, after), to, product, lang));
            }
        }
        if let Some(here) = cx.here() {
            let now = view.position(here);
            let name = lang.pick("Aquí, cuando llegue", "Here, once it comes");
            rows.push(change_row(name, (now, now.saturating_plus(ready.qty)), to, product, lang));
        }
    }

    fn show_list(&self, judged: &[Result<Ready, Trouble>], rows: &mut Vec<Row<'_>>, cx: &FormContext) {
        let lang = cx.lang;
        let count = self.drafts.len();
        let first = self.current.saturating_sub(LISTED / 2).min(count.saturating_sub(LISTED));
        let shown = self.drafts.iter().zip(judged).enumerate().skip(first).take(LISTED);
        for (i, (draft, judged)) in shown {
            let mut pieces = vec![(Tone::Dim, format!("{:>3} ", i + 1))];
            let view = draft.product.sku().and_then(|sku| cx.product(sku));
            match (view, judged) {
                (Some(view), Ok(ready)) => {
                    pieces.push((Tone::Strong, format!("{}  ", figure(ready.qty, &view.product, lang))));
                    pieces.push((Tone::Plain, format!("{} {}", view.product.sku, view.product.name)));
                    if let Some(lot) = ready.lot.as_ref().filter(|l| !l.is_none()) {
                        pieces.push((Tone::Dim, format!("  {}", lot_name(lot, lang))));
                    }
                }
                (Some(view), Err(trouble)) => {
                    pieces.push((Tone::Plain, format!("{}  ", view.product.sku)));
                    pieces.push((Tone::Error, in_short(trouble, lang)));
                }
                (None, _) => pieces.push((Tone::Dim, lang.pick("(línea nueva)", "(new line)").to_owned())),
            }
            rows.push(Row::Item { pieces, chosen: i == self.current });
        }
    }
}

/// What is wrong with a line of the list; the whole sentence comes where the line is gone to.
fn in_short(trouble: &Trouble, lang: Lang) -> String {
    let verb = if trouble.missing || trouble.at == At::Lot {
        lang.pick("falta", "missing:")
    } else {
        lang.pick("revise", "check:")
    };
    let what = match trouble.at {
        At::Place => lang.pick("el almacén", "warehouse"),
        At::Product => lang.pick("el producto", "product"),
        At::Qty => lang.pick("la cantidad", "quantity"),
        At::Against => lang.pick("contra qué", "against what"),
        At::Lot => lang.pick("el lote", "lot"),
        At::Expiry => lang.pick("la caducidad", "expiry"),
        At::Expired => lang.pick("si sale caducado", "whether expired goods go out"),
        At::Reference => lang.pick("la referencia", "reference"),
    };
    format!("{verb} {what}")
}

fn lot_name(lot: &Lot, lang: Lang) -> String {
    if lot.is_none() {
        lang.pick("Sin lote", "No lot").to_owned()
    } else {
        format!("{} {lot}", lang.pick("Lote", "Lot"))
    }
}

/// What a count shows before it is made: the figure of the book would lead the eye.
fn blind_row<'a>(stays_hidden: bool, lang: Lang) -> Row<'a> {
    let text = if stays_hidden {
        lang.pick("Se cuenta a ciegas: el libro no se enseña.", "Counted blind: the book is not shown.")
    } else {
        lang.pick(
            "La cifra del libro se ve tras escribir la contada.",
            "The book's figure shows once the counted one is typed.",
        )
    };
    Row::text(Tone::Dim, text)
}

fn stock_row<'a>(on_hand: Quantity, reserved: Quantity, product: &Product, lang: Lang) -> Row<'a> {
    let mut pieces = vec![
        (Tone::Dim, format!("{} ", lang.pick("Existencias", "On hand"))),
        (Tone::Plain, figure(on_hand, product, lang)),
    ];
    if !reserved.is_zero() {
        pieces.push((Tone::Dim, format!("  {} ", lang.pick("reservado", "reserved"))));
        pieces.push((Tone::Plain, number(reserved, product, lang)));
    }
    Row::Text(pieces)
}
