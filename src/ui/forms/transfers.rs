//! Which transfer a form is about, and whether this warehouse can do that to it now.

use super::reading::{figure, said};
use super::sheet::{Row, Tone};
use super::{FormContext, not_ready};
use crate::domain::{Lot, Quantity, Refusal, Sku, TransferId, TransferState, WarehouseId};
use crate::ledger::book::Transfer;
use crate::text::{Lang, format};

/// Finds a transfer that is in one of these states and decided here.
///
/// # Errors
/// Why it isn't, in words.
pub fn decided_here<'a>(
    id: &TransferId,
    states: &[TransferState],
    decider: impl Fn(&Transfer) -> &WarehouseId,
    cx: &FormContext<'a>,
) -> Result<(&'a Transfer, &'a WarehouseId), String> {
    let here = cx.here().ok_or_else(|| not_ready(cx.lang))?;
    let say = |refusal| said(cx.lang, &refusal);
    let Some(transfer) = cx.model.transfers.get(id).map(AsRef::as_ref) else {
        return Err(say(Refusal::UnknownTransfer { transfer: id.clone() }));
    };
    let decider = decider(transfer);
    if decider != here {
        return Err(say(Refusal::NotYours { transfer: id.clone(), decider: decider.clone() }));
    }
    let state = transfer.state();
    if !states.contains(&state) {
        return Err(say(Refusal::WrongState { transfer: id.clone(), state }));
    }
    Ok((transfer, here))
}

/// A product by its reference and name, with the lot.
pub fn goods_name(sku: &Sku, lot: &Lot, cx: &FormContext) -> String {
    let name = cx.product(sku).map_or("", |v| v.product.name.as_str());
    let lot =
        if lot.is_none() { String::new() } else { format!(" · {} {lot}", cx.lang.pick("lote", "lot")) };
    format!("{sku}{lot} {name}").trim_end().to_owned()
}

/// A figure with the unit of its product; exact where the catalogue doesn't know it.
pub fn goods_figure(qty: Quantity, sku: &Sku, lang: Lang, cx: &FormContext) -> String {
    cx.product(sku).map_or_else(|| format::quantity(qty, 0, lang), |v| figure(qty, &v.product, lang))
}

/// A row of goods.
pub fn goods_row<'a>(sku: &Sku, lot: &Lot, qty: Quantity, cx: &FormContext) -> Row<'a> {
    Row::Text(vec![
        (Tone::Strong, format!("  {}  ", goods_figure(qty, sku, cx.lang, cx))),
        (Tone::Plain, goods_name(sku, lot, cx)),
    ])
}
