//! Refusals about lots and their dates, in words.

use crate::domain::{Lot, Refusal};
use crate::text::Lang;
use crate::text::number::quantity;
use crate::text::time::date;

/// What is wrong, where the type's own words don't say it in the language.
pub(super) fn message(lang: Lang, refusal: &Refusal) -> Option<String> {
    Some(match refusal {
        Refusal::LotExpired { sku, lot, expiry, fresh } => {
            let (of, day, fresh_qty) =
                (the_lot_of(lang, sku.as_str(), lot), date(lang, *expiry), quantity(lang, *fresh));
            match (lang, fresh.is_positive()) {
                (Lang::Es, false) => format!("{of} caducó el {day}"),
                (Lang::En, false) => format!("{of} expired on {day}"),
                (Lang::Es, true) => format!("{of} caducó el {day}; sin caducar hay {fresh_qty}"),
                (Lang::En, true) => format!("{of} expired on {day}; {fresh_qty} are here that have not"),
            }
        }
        Refusal::LotExpiryDiffers { sku, lot, known, given } => {
            let of = the_lot_of(lang, sku.as_str(), lot);
            let (known, given) = (date(lang, *known), date(lang, *given));
            if lang == Lang::Es {
                format!("{of} caduca aquí el {known}, no el {given}")
            } else {
                format!("{of} is here with expiry {known}, not {given}")
            }
        }
        Refusal::ExpiryWithoutLot { sku } if lang == Lang::Es => {
            format!("{sku}: una caducidad es de un lote, y no se dice de cuál")
        }
        _ => return None,
    })
}

/// What to do.
pub(super) fn hint(lang: Lang, refusal: &Refusal) -> Option<String> {
    let fixed = match refusal {
        Refusal::LotMissing { .. } => {
            lang.pick("indíquelo: SKU@LOTE o --lot LOTE", "as SKU@LOT, or by --lot LOT")
        }
        Refusal::UnknownLot { sku, .. } => {
            let words = sku.as_str();
            let sku =
                if words.contains(char::is_whitespace) { format!("'{words}'") } else { words.to_owned() };
            return Some(match lang {
                Lang::Es => format!("«stock {sku}» enseña los lotes que hay"),
                Lang::En => format!("«stock {sku}» shows the lots that are here"),
            });
        }
        Refusal::LotExpired { fresh, .. } if fresh.is_positive() => lang.pick(
            "saque solo las que no han caducado; si han de salir todas, --allow-expired",
            "take only those that have not; if all are to go out, --allow-expired",
        ),
        Refusal::LotExpired { .. } => lang.pick(
            "si de verdad debe salir, dígalo (--allow-expired)",
            "if it really is to go out, say so (--allow-expired)",
        ),
        Refusal::LotExpiryDiffers { .. } => lang.pick(
            "compruebe la etiqueta; un lote tiene una sola caducidad",
            "check the label; a lot has one expiry",
        ),
        Refusal::ExpiryWithoutLot { .. } => lang
            .pick("indique el lote, o deje la caducidad en blanco", "name the lot, or leave the expiry out"),
        _ => return None,
    };
    Some(fixed.to_owned())
}

/// The lot as what is spoken of; goods without one are the product.
fn the_lot_of(lang: Lang, sku: &str, lot: &Lot) -> String {
    if lot.is_none() {
        return sku.to_owned();
    }
    match lang {
        Lang::Es => format!("el lote {lot} de {sku}"),
        Lang::En => format!("lot {lot} of {sku}"),
    }
}
