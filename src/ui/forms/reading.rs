//! What the form makes of typed amounts and dates, and how it shows figures.

use chrono::NaiveDate;

use super::FormContext;
use super::sheet::{Piece, Row, Tone};
use crate::domain::typing::{AmountRules, DateRules, Lean, Sign, typed_amount, typed_date};
use crate::domain::{Product, Quantity, Refusal, StocktakeProblem as P, TransferState};
use crate::node::event::ProductView;
use crate::text::format;
use crate::text::typing::{amount_error, date_error};
use crate::text::{Lang, refusal};

/// Reads an amount of a product, packs and arithmetic included.
///
/// # Errors
/// Why it is none, in words.
pub fn amount(text: &str, product: &Product, sign: Sign, lang: Lang) -> Result<Quantity, String> {
    let rules = AmountRules {
        mark: format::decimal_mark(lang),
        decimals: product.decimals,
        pack: product.packs.first().map(|p| p.size),
        sign,
    };
    typed_amount(text, rules).map_err(|e| amount_error(lang, &e))
}

/// Reads an expiry date; blank is none.
///
/// # Errors
/// Why it is none, in words.
pub fn expiry(text: &str, cx: &FormContext) -> Result<Option<NaiveDate>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let rules = DateRules { order: format::date_order(cx.lang), lean: Lean::Ahead, today: cx.today };
    typed_date(text, rules).map(Some).map_err(|e| date_error(cx.lang, &e))
}

/// A figure with its unit.
pub fn figure(q: Quantity, product: &Product, lang: Lang) -> String {
    let number = format::quantity(q, product.decimals, lang);
    if product.unit.is_empty() { number } else { format!("{number} {}", product.unit) }
}

/// A figure without its unit.
pub fn number(q: Quantity, product: &Product, lang: Lang) -> String {
    format::quantity(q, product.decimals, lang)
}

/// A refusal as one text: what, why, and what to do.
pub fn said(lang: Lang, why: &Refusal) -> String {
    let said = refusal(lang, why);
    let hint = match why {
        // The general hints of these two name a verb's options.
        Refusal::LotExpired { .. } => Some(
            lang.pick(
                "si de verdad debe salir, dígalo en «¿Sacar caducado?»",
                "if it really is to go out, say so at «Issue expired?»",
            )
            .to_owned(),
        ),
        Refusal::ReasonMissing { .. } => {
            Some(lang.pick("elija el motivo con ← →", "choose the reason with ← →").to_owned())
        }
        Refusal::UnknownLot { .. } => Some(
            lang.pick(
                "la ficha del producto enseña los lotes que hay",
                "the product's card shows the lots that are here",
            )
            .to_owned(),
        ),
        // The hints of these name verbs, or what the form shows anyway.
        Refusal::UnknownSku { .. }
        | Refusal::UnknownTransfer { .. }
        | Refusal::UnknownAlert { .. }
        | Refusal::NotEnough { .. }
        | Refusal::NoSuchLine { .. }
        | Refusal::NoReservation { .. }
        | Refusal::NoExpectation { .. }
        | Refusal::NoPurpose
        | Refusal::Nothing
        | Refusal::Stocktake { problem: P::NoneIsOpen | P::Unknown { .. } | P::Closed { .. } } => None,
        Refusal::WrongState { state, .. } if *state != TransferState::Received => None,
        // The sentence says it all.
        Refusal::LotMissing { .. } => (lang == Lang::Es).then(|| "indique el lote".to_owned()),
        _ => said.hint,
    };
    let mut text = sentence(&said.message);
    if let Some(hint) = hint {
        text.push(' ');
        text.push_str(&sentence(&hint));
    }
    text
}

/// With a capital at its start and a full stop at its end.
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    let stop = if text.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{stop}", chars.as_str())
}

/// A figure before and after.
pub fn change_row<'a>(
    name: &str,
    (before, after): (Quantity, Quantity),
    to: &str,
    product: &Product,
    lang: Lang,
) -> Row<'a> {
    Row::Text(vec![
        (Tone::Dim, format!("{name} ")),
        (Tone::Plain, format!("{} {to} ", number(before, product, lang))),
        (Tone::Strong, figure(after, product, lang)),
    ])
}

/// What an amount comes to, or the unit and the pack it can be typed in.
pub fn amount_note(text: &str, view: Option<&ProductView>, lang: Lang) -> Piece {
    let Some(view) = view else {
        return (Tone::Plain, String::new());
    };
    let product = &view.product;
    let plain = text.bytes().all(|b| b.is_ascii_digit());
    match amount(text, product, Sign::Any, lang) {
        Ok(q) if !plain => (Tone::Plain, format!("= {}", figure(q, product, lang))),
        _ => match product.packs.first() {
            Some(pack) => {
                (Tone::Dim, format!("{} · 1p = {}", product.unit, number(pack.size, product, lang)))
            }
            None => (Tone::Dim, product.unit.clone()),
        },
    }
}
