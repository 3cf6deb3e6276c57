//! A refusal as a sentence, with what to do about it.

mod amount;
mod lock;
mod lot;
mod name;
mod network;
mod promise;
mod stocktake;
#[cfg(test)]
mod tests;
mod transfer;

pub use amount::{quantity_error, too_large};
pub use name::name_error;

use super::number::{one_or_more, quantity, signed};
use super::time::date;
use super::typing::gtin_error;
use super::{Lang, field, stopped, words};
use crate::domain::gtin::{Gtin, GtinError};
use crate::domain::{Lot, MovementKind, QuantityError, Refusal, WarehouseId};

/// What is said to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What is wrong, in one sentence.
    pub message: String,
    /// What can be done about it.
    pub hint: Option<String>,
}

/// Puts a refusal in words.
#[must_use]
pub fn refusal(lang: Lang, refusal: &Refusal) -> Said {
    Said { message: message(lang, refusal), hint: hint(lang, refusal) }
}

#[allow(clippy::too_many_lines, reason = "one arm per refusal, in the order of the type")]
fn message(lang: Lang, refusal: &Refusal) -> String {
    let q = |amount| quantity(lang, amount);
    let es = lang == Lang::Es;
    match refusal {
        Refusal::UnknownSku { sku } if wrong_barcode(lang, sku.as_str()).is_some() => {
            let why = wrong_barcode(lang, sku.as_str()).unwrap_or_default();
            if es {
                format!("no hay ningún producto {sku}, y como código de barras {why}")
            } else {
                format!("there is no product {sku}, and as a barcode {why}")
            }
        }
        Refusal::UnknownSku { sku } if es => format!("no hay ningún producto {sku} en el catálogo"),
        Refusal::RetiredSku { sku } if es => format!("{sku} está retirado del catálogo"),
        Refusal::Quantity { sku, problem } => format!("{sku}: {}", quantity_error(lang, problem)),
        Refusal::NotEnough { sku, lot, available, on_hand, reserved, .. } => {
            let kept = one_or_more(*reserved, ("reservada", "reservadas"));
            let (of, available) = (sku_and_lot(lang, sku.as_str(), lot), q(*available));
            let (on_hand, reserved) = (q(*on_hand), q(*reserved));
            if es {
                format!("aquí solo hay {available} de {of}: {on_hand} en existencias, {reserved} {kept}")
            } else {
                format!("only {available} of {of} available here: {on_hand} on hand, {reserved} reserved")
            }
        }
        Refusal::BelowZero { sku, lot, delta, on_hand } => {
            let (of, delta) = (sku_and_lot(lang, sku.as_str(), lot), signed(lang, *delta));
            let on_hand = q(*on_hand);
            if es {
                format!("{of}: {delta} dejaría menos que nada de las {on_hand} en existencias")
            } else {
                format!("{of}: {delta} would leave less than nothing of the {on_hand} on hand")
            }
        }
        Refusal::BelowReserved { sku, lot, delta, on_hand, reserved } => {
            let (of, delta) = (sku_and_lot(lang, sku.as_str(), lot), signed(lang, *delta));
            let (on_hand, reserved) = (q(*on_hand), q(*reserved));
            if es {
                format!("{of}: {delta} dejaría menos que las {reserved} reservadas de las {on_hand} que hay")
            } else {
                format!("{of}: {delta} would leave less than the {reserved} reserved of {on_hand} on hand")
            }
        }
        Refusal::NoPurpose if es => "falta decir para quién o para qué es la reserva".to_owned(),
        Refusal::DayPassed { day } => {
            let day = date(lang, *day);
            if es { format!("el {day} ya ha pasado") } else { format!("{day} has passed") }
        }
        Refusal::DayUnusual { day } => {
            let day = date(lang, *day);
            if es {
                format!("el {day} no cae entre los años 1900 y 9999")
            } else {
                format!("{day} lies outside of the years 1900 to 9999")
            }
        }
        Refusal::NoReservation { reservation } if es => {
            format!("con el nombre {reservation} no hay nada reservado (o ya no)")
        }
        Refusal::LessReserved { reservation, sku, left, wanted } => {
            let verb = lang.pick(one_or_more(*left, ("queda", "quedan")), one_or_more(*left, ("is", "are")));
            let (left, wanted) = (q(*left), q(*wanted));
            if es {
                format!("de la reserva {reservation} {verb} {left} de {sku}, no {wanted}")
            } else {
                format!("{left} of {sku} {verb} left of reservation {reservation}, not {wanted}")
            }
        }
        Refusal::NoExpectation { expectation } if es => {
            format!("con el nombre {expectation} no se espera nada (o ya no)")
        }
        Refusal::LotMissing { sku } if es => format!("{sku} se lleva por lotes y falta el lote"),
        Refusal::UnknownLot { sku, lot } if es => format!("aquí no hay ningún lote {lot} de {sku}"),
        Refusal::LotExpired { .. } | Refusal::LotExpiryDiffers { .. } | Refusal::ExpiryWithoutLot { .. } => {
            lot::message(lang, refusal).unwrap_or_else(|| refusal.to_string())
        }
        Refusal::Recount { sku, lot, moved } => {
            let (of, moved) = (sku_and_lot(lang, sku.as_str(), lot), signed(lang, *moved));
            if es {
                format!("{of} se movió {moved} desde que empezó el recuento")
            } else {
                format!("{of} moved by {moved} since the count began")
            }
        }
        Refusal::CountTooOld { sku } if es => {
            format!("el recuento de {sku} empezó hace demasiado")
        }
        Refusal::CountTooOld { sku } => format!("the count of {sku} began too long ago"),
        Refusal::UnitFixed { sku, unit } if es => {
            format!("{sku} ya se ha movido: su unidad sigue siendo {unit}")
        }
        Refusal::Name { problem } => name_error(lang, problem),
        Refusal::Field { field: of, problem } if es => {
            format!("{}: {}", field::name(of), field::problem(problem))
        }
        Refusal::Nothing if es => "no hay nada que registrar".to_owned(),
        Refusal::TooManyLines { lines, limit } if es => {
            format!("{lines} líneas; en una operación caben {limit}")
        }
        Refusal::UnknownWarehouse { warehouse, .. } => {
            if es {
                format!("no hay ningún almacén {warehouse} en la red")
            } else {
                format!("there is no warehouse {warehouse} in the cluster")
            }
        }
        Refusal::ReasonUnfit { sku, delta, reason } => {
            let more = delta.is_positive();
            let (delta, reason) = (signed(lang, *delta), words::adjustment(lang, *reason));
            match (lang, more) {
                (Lang::Es, true) => format!("{sku}: {delta} suma, y «{reason}» es un motivo para restar"),
                (Lang::Es, false) => format!("{sku}: {delta} resta, y «{reason}» es un motivo para sumar"),
                (Lang::En, true) => format!("{sku}: {delta} adds, and «{reason}» is a reason to take away"),
                (Lang::En, false) => format!("{sku}: {delta} takes away, and «{reason}» is a reason to add"),
            }
        }
        Refusal::UnknownEntry { entry } if es => format!("no hay ningún movimiento propio {entry}"),
        Refusal::NotReversible { entry, kind } => {
            let kind = kind
                .parse::<MovementKind>()
                .map_or_else(|_| words::entry(lang, kind), |known| words::movement(lang, known));
            if es {
                format!("{entry} no se puede anular: {kind}")
            } else {
                format!("{entry} can't be reversed: {kind}")
            }
        }
        Refusal::AlreadyReversed { entry } if es => format!("{entry} ya está anulado"),
        Refusal::UnknownAlert { alert } if es => format!("no hay ninguna alerta {alert}"),
        Refusal::RequestReused if es => {
            "con ese identificador ya se registró otra operación distinta".to_owned()
        }
        Refusal::HalfRecorded { kept, of } if es => format!(
            "de esta operación solo quedan {kept} de {of} apuntes: los demás se perdieron con un disco"
        ),
        Refusal::Recovering if es => {
            "este almacén está recuperando de los demás su propio libro de movimientos".to_owned()
        }
        Refusal::Stopped { why } if es => {
            format!("este nodo ha dejado de registrar: {}", stopped(lang, why))
        }
        Refusal::Busy if es => "hay demasiado esperando".to_owned(),
        Refusal::Busy => "too much is waiting".to_owned(),
        // Both languages share what is left of the type's own words.
        Refusal::Stocktake { problem } => stocktake::message(lang, problem),
        other => transfer::message(lang, other)
            .or_else(|| network::message(lang, other))
            .or_else(|| lock::message(lang, other))
            .unwrap_or_else(|| other.to_string()),
    }
}

fn hint(lang: Lang, refusal: &Refusal) -> Option<String> {
    let fixed = match refusal {
        Refusal::UnknownSku { sku } if wrong_barcode(lang, sku.as_str()).is_some() => lang.pick(
            "léalo o escríbalo otra vez; «stock» busca por nombre",
            "scan or type it again; «stock» looks it up by its name",
        ),
        Refusal::UnknownSku { .. } => lang.pick(
            "búsquelo con «stock» o créelo con «product set»",
            "look it up with «stock», or make it with «product set»",
        ),
        Refusal::RetiredSku { .. } => lang.pick(
            "lo que queda aún puede salir; para que vuelva, «product set»",
            "what is left of it can still go out; «product set» brings it back",
        ),
        Refusal::BelowReserved { .. }
        | Refusal::NoReservation { .. }
        | Refusal::NoExpectation { .. }
        | Refusal::LessReserved { .. } => promise::hint(lang, refusal)?,
        Refusal::LotMissing { .. }
        | Refusal::UnknownLot { .. }
        | Refusal::LotExpired { .. }
        | Refusal::LotExpiryDiffers { .. }
        | Refusal::ExpiryWithoutLot { .. } => return lot::hint(lang, refusal),
        Refusal::Recount { .. } | Refusal::CountTooOld { .. } => {
            lang.pick("vuelva a contarlo", "count it again")
        }
        Refusal::UnitFixed { .. } => {
            lang.pick("cree otro producto para la otra unidad", "make another product for the other unit")
        }
        Refusal::MoreThanSent { .. }
        | Refusal::NothingShort { .. }
        | Refusal::ReasonMissing { .. }
        | Refusal::WrongState { .. }
        | Refusal::UnknownTransfer { .. }
        | Refusal::NotYours { .. }
        | Refusal::NoSuchLine { .. } => transfer::hint(lang, refusal)?,
        Refusal::ReasonUnfit { .. } => lang.pick(
            "cambie el signo o el motivo; un error se corrige con «corrección» (correction)",
            "change the sign or the reason; a mistake is put right by «correction»",
        ),
        Refusal::TooManyLines { .. } => lang.pick("divídala en varias", "split it"),
        Refusal::UnknownEntry { .. } => lang.pick(
            "«history» nombra cada movimiento, por ejemplo madrid:42",
            "«history» names each movement, such as madrid:42",
        ),
        Refusal::NotReversible { kind, .. } if kind == MovementKind::TransferDispatched.word() => lang.pick(
            "un envío se deshace cuando el destino lo rechaza y vuelve aquí",
            "a dispatch is undone by the destination's reject and our return",
        ),
        Refusal::NotReversible { .. } => lang.pick(
            "se anulan entradas, salidas, ajustes y recuentos",
            "receipts, issues, adjustments and counts can be reversed",
        ),
        Refusal::HalfRecorded { .. } => lang.pick(
            "vea en el historial qué quedó y registre lo que falta como operación nueva",
            "see in the history what is there, and book what is missing as a new act",
        ),
        Refusal::RequestReused => {
            lang.pick("una operación nueva lleva un identificador nuevo", "a new act takes a new id")
        }
        Refusal::NotJoined
        | Refusal::Joining
        | Refusal::NewKey { .. }
        | Refusal::NobodyWaits { .. }
        | Refusal::OtherKey { .. }
        | Refusal::NotEmpty { .. }
        | Refusal::NoAnswer { .. }
        | Refusal::NoQuorum { .. }
        | Refusal::RosterSplit { .. } => return network::hint(lang, refusal).map(str::to_owned),
        Refusal::StillRecovering { .. } | Refusal::Recovering | Refusal::Busy => {
            lang.pick("inténtelo de nuevo en un momento", "try again in a moment")
        }
        Refusal::Quantity { problem: QuantityError::NotANumber { .. }, .. } => lang.pick(
            "escríbala con cifras y coma o punto decimal, sin separar los miles: 2,5",
            "write it in digits with a decimal point, such as 2.5",
        ),
        Refusal::Quantity { problem: QuantityError::TooManyDecimals { .. }, .. } => lang.pick(
            "redondéela, o dé más decimales al producto (caben 3)",
            "round it, or give the product more decimals (up to 3)",
        ),
        Refusal::NotEnough { .. } => lang.pick(
            "saque menos, cuente lo que hay o pídalo a otro almacén",
            "take less, count what is there, or ask another warehouse for it",
        ),
        Refusal::BelowZero { .. } => lang.pick("cuente lo que hay", "count what is there"),
        Refusal::Nothing => {
            lang.pick("diga qué hay que registrar o cambiar", "say what is to be booked or changed")
        }
        Refusal::UnknownAlert { .. } => lang.pick(
            "«alerts» da el id de cada alerta en pie",
            "«alerts» prints the id of each alert that stands",
        ),
        Refusal::Stopped { why } => network::stopped_hint(lang, why),
        Refusal::Stocktake { problem } => stocktake::hint(lang, problem),
        Refusal::UnknownWarehouse { known, .. } => return known_warehouses(lang, known),
        // The sentence says what to do.
        other => return lock::hint(lang, other).map(str::to_owned),
    };
    Some(fixed.to_owned())
}

fn known_warehouses(lang: Lang, known: &[WarehouseId]) -> Option<String> {
    if known.is_empty() {
        return None;
    }
    let names: Vec<_> = known.iter().map(WarehouseId::as_str).collect();
    let are = lang.pick("conocidos", "known");
    Some(format!("{are}: {}", names.join(", ")))
}

fn sku_and_lot(lang: Lang, sku: &str, lot: &Lot) -> String {
    if lot.is_none() {
        return sku.to_owned();
    }
    format!("{sku} {} {lot}", lang.pick("lote", "lot"))
}

/// Why what looks like a barcode is none: its check digit doesn't follow from the others.
#[must_use]
pub fn wrong_barcode(lang: Lang, text: &str) -> Option<String> {
    match Gtin::parse(text) {
        Err(error @ GtinError::CheckDigit { .. }) => Some(gtin_error(lang, &error)),
        _ => None,
    }
}
