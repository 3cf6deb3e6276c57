//! A refusal as a sentence, with what to do about it.

mod lock;
mod promise;
mod stocktake;
#[cfg(test)]
mod tests;

use super::number::{quantity, signed};
use super::time::date;
use super::{Lang, field, stopped, words};
use crate::domain::{Lot, MovementKind, NameError, QuantityError, Refusal, TransferState, WarehouseId};

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

/// Puts what is wrong with an amount in words.
#[must_use]
pub fn quantity_error(lang: Lang, error: &QuantityError) -> String {
    match (lang, error) {
        // Written with marks of both kinds, or the same one twice.
        (Lang::Es, QuantityError::NotANumber { text })
            if text.matches(['.', ',']).count() > 1 && text.contains(|c: char| c.is_ascii_digit()) =>
        {
            format!("«{text}» no es un número: escríbalo sin separar los miles, como 1234,5")
        }
        (Lang::Es, QuantityError::NotANumber { text }) => format!("«{text}» no es un número"),
        (Lang::En, QuantityError::NotANumber { text }) => format!("«{text}» is not a number"),
        (Lang::Es, QuantityError::TooManyDecimals { text, decimals: 0 }) => {
            format!("«{text}» tiene decimales, y se cuenta por unidades enteras")
        }
        (Lang::En, QuantityError::TooManyDecimals { text, decimals: 0 }) => {
            format!("«{text}» has decimals, and only whole units are counted")
        }
        (Lang::Es, QuantityError::TooManyDecimals { text, decimals }) => {
            format!("«{text}» tiene más de {decimals} decimales")
        }
        (Lang::En, QuantityError::TooManyDecimals { text, decimals }) => {
            format!("«{text}» has more than {decimals} decimals")
        }
        (_, QuantityError::Overflow) => {
            lang.pick("la cantidad es demasiado grande", "the quantity is too large").to_owned()
        }
        (_, QuantityError::Negative) => {
            lang.pick("la cantidad no puede ser negativa", "the quantity can't be negative").to_owned()
        }
        (_, QuantityError::Zero) => {
            lang.pick("la cantidad no puede ser cero", "the quantity can't be zero").to_owned()
        }
        (_, QuantityError::NotPositive) => {
            lang.pick("la cantidad debe ser mayor que cero", "the quantity must be more than zero").to_owned()
        }
    }
}

/// Puts what is wrong with a name in words.
#[must_use]
pub fn name_error(lang: Lang, error: &NameError) -> String {
    if lang == Lang::En {
        return error.to_string();
    }
    match error {
        NameError::Empty { what } => format!("{} está en blanco", named(what)),
        NameError::TooLong { what, length, limit } => {
            format!("{} tiene {length} caracteres y caben {limit}", named(what))
        }
        NameError::Character { what, text, found, .. } => {
            let (what, allowed) = (named(what), allowed(what));
            format!("{what} «{text}» no puede llevar {found:?}; {allowed}")
        }
    }
}

/// What a name error names, in Spanish.
fn named(what: &str) -> &str {
    match what {
        "the warehouse id" => "el id del almacén",
        "the SKU" => "el SKU",
        "the lot" => "el lote",
        "the operator" => "el operario",
        other => other,
    }
}

fn allowed(what: &str) -> &'static str {
    if what == "the warehouse id" {
        "use una letra minúscula y después minúsculas, cifras y guiones"
    } else {
        "no se admiten caracteres de control"
    }
}

#[allow(clippy::too_many_lines, reason = "one arm per refusal, in the order of the type")]
fn message(lang: Lang, refusal: &Refusal) -> String {
    let q = |amount| quantity(lang, amount);
    let es = lang == Lang::Es;
    match refusal {
        Refusal::UnknownSku { sku } if es => format!("no hay ningún producto {sku} en el catálogo"),
        Refusal::RetiredSku { sku } if es => format!("{sku} está retirado del catálogo"),
        Refusal::Quantity { sku, problem } => format!("{sku}: {}", quantity_error(lang, problem)),
        Refusal::NotEnough { sku, lot, available, on_hand, reserved, .. } => {
            let (of, available) = (sku_and_lot(lang, sku.as_str(), lot), q(*available));
            let (on_hand, reserved) = (q(*on_hand), q(*reserved));
            if es {
                format!("aquí solo hay {available} de {of}: {on_hand} en existencias, {reserved} reservadas")
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
        Refusal::NoReservation { reservation } if es => {
            format!("con el nombre {reservation} no hay nada reservado (o ya no)")
        }
        Refusal::LessReserved { reservation, sku, left, wanted } => {
            let (left, wanted) = (q(*left), q(*wanted));
            if es {
                format!("de la reserva {reservation} quedan {left} de {sku}, no {wanted}")
            } else {
                format!("{left} of {sku} are left of reservation {reservation}, not {wanted}")
            }
        }
        Refusal::NoExpectation { expectation } if es => {
            format!("con el nombre {expectation} no se espera nada (o ya no)")
        }
        Refusal::LotMissing { sku } if es => format!("{sku} se lleva por lotes y falta el lote"),
        Refusal::UnknownLot { sku, lot } if es => format!("aquí no hay ningún lote {lot} de {sku}"),
        Refusal::LotExpired { sku, lot, expiry } => {
            let day = date(lang, *expiry);
            if es {
                format!("el lote {lot} de {sku} caducó el {day}")
            } else {
                format!("lot {lot} of {sku} expired on {day}")
            }
        }
        Refusal::LotExpiryDiffers { sku, lot, known, given } => {
            let (known, given) = (date(lang, *known), date(lang, *given));
            if es {
                format!("el lote {lot} de {sku} caduca aquí el {known}, no el {given}")
            } else {
                format!("lot {lot} of {sku} is here with expiry {known}, not {given}")
            }
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
        Refusal::ToOneself { warehouse } if es => {
            format!("{warehouse} es este almacén; una transferencia necesita otro")
        }
        Refusal::UnknownWarehouse { warehouse, .. } => {
            if es {
                format!("no hay ningún almacén {warehouse} en la red")
            } else {
                format!("there is no warehouse {warehouse} in the cluster")
            }
        }
        Refusal::UnknownTransfer { transfer } if es => {
            format!("no hay ninguna transferencia {transfer}")
        }
        Refusal::WrongState { transfer, state: TransferState::Requested } => {
            if es {
                format!("la transferencia {transfer} solo está solicitada por ahora")
            } else {
                format!("transfer {transfer} is only requested so far")
            }
        }
        Refusal::WrongState { transfer, state } => {
            let state = words::transfer(lang, *state);
            if es {
                format!("la transferencia {transfer} está {state}")
            } else {
                format!("transfer {transfer} is {state} already")
            }
        }
        Refusal::NotYours { transfer, decider } if es => {
            format!("eso solo lo puede hacer {decider} con {transfer}")
        }
        Refusal::NoSuchLine { transfer, sku, lot } => {
            let of = sku_and_lot(lang, sku.as_str(), lot);
            if es {
                format!("la transferencia {transfer} no tiene ninguna línea de {of}")
            } else {
                format!("transfer {transfer} has no line of {of}")
            }
        }
        Refusal::MoreThanSent { sku, sent, given } => {
            let (sent, given) = (q(*sent), q(*given));
            if es {
                format!("{sku}: se enviaron {sent}; no pueden entrar {given}")
            } else {
                format!("{sku}: {sent} were sent, {given} can't be taken in")
            }
        }
        Refusal::ReasonMissing { sku, short } => {
            let short = q(*short);
            if es {
                format!("{sku}: faltan {short} sin decir por qué")
            } else {
                format!("{sku}: {short} are missing and nobody said why")
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
        Refusal::NotJoined if es => "este almacén aún no se ha unido a la red".to_owned(),
        Refusal::Joining if es => "este almacén se está uniendo a la red".to_owned(),
        Refusal::WarehouseRetired { warehouse } if es => format!("{warehouse} ya no es de la red"),
        Refusal::Retiring if es => "este almacén se está retirando y ya no registra nada".to_owned(),
        Refusal::NobodyWaits { warehouse } if es => {
            format!("ningún almacén {warehouse} espera a ser admitido")
        }
        Refusal::MemberAlready { warehouse } if es => format!("{warehouse} ya es de la red"),
        Refusal::OtherKey { warehouse } if es => {
            format!("{warehouse} se presenta con una clave que no es la que la red conoce")
        }
        Refusal::StillRecovering { warehouse } if es => {
            format!("{warehouse} aún está recuperando su libro de movimientos")
        }
        Refusal::Unfit { warehouse, .. } if es => format!("{warehouse}: la red no admite ese cambio ahora"),
        Refusal::NotEmpty { warehouse, lots, transfers } if es => {
            format!(
                "{warehouse} aún tiene existencias de {lots} artículos o lotes y {transfers} transferencias abiertas"
            )
        }
        Refusal::NoAnswer { warehouse } if es => format!("{warehouse} no responde"),
        Refusal::NoQuorum { answered, needed } if es => {
            format!("solo responden {answered} de los {needed} almacenes que deben estar de acuerdo")
        }
        Refusal::RosterSplit { version } if es => {
            format!("la red se decidió de dos maneras en su versión {version}")
        }
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
        other => lock::message(lang, other).unwrap_or_else(|| other.to_string()),
    }
}

/// What can be done about a refusal that is about who belongs.
const fn network_hint(lang: Lang, refusal: &Refusal) -> Option<&'static str> {
    Some(match refusal {
        Refusal::NobodyWaits { .. } => lang.pick(
            "«peers» enseña quién espera; su nodo ha de estar en marcha con la clave de la red",
            "«peers» shows who waits; its node must run with the network's key",
        ),
        Refusal::OtherKey { .. } => lang.pick(
            "si perdió su disco o su clave, «peers admit ID --replace-key»; si no, que nadie lo admita",
            "if it lost its disk or key, «peers admit ID --replace-key»; if not, let nobody admit it",
        ),
        Refusal::NotEmpty { .. } => lang.pick(
            "envíe o ajuste lo que queda, cierre las transferencias y repítalo",
            "send or adjust what is left, close the transfers and do it again",
        ),
        Refusal::NoAnswer { .. } => lang.pick(
            "si no va a volver, «peers retire ID --force» lo da por perdido",
            "if it will not come back, «peers retire ID --force» gives it up",
        ),
        Refusal::NoMajority { .. } => lang.pick(
            "mientras falten no hay cambios de la red; entradas, salidas, recuentos y envíos siguen funcionando",
            "while they are away the network can't change; receipts, issues, counts and dispatches go on",
        ),
        Refusal::RosterSplit { .. } => lang.pick(
            "no se admite ni se retira a nadie hasta que se aclare cuál vale",
            "nobody is admitted or retired until it is settled which one counts",
        ),
        _ => return None,
    })
}

fn hint(lang: Lang, refusal: &Refusal) -> Option<String> {
    let fixed = match refusal {
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
        Refusal::LotMissing { .. } => lang.pick("indique el lote", "name the lot"),
        Refusal::UnknownLot { .. } => lang.pick(
            "la ficha del producto enseña los lotes que hay",
            "the product's card shows the lots that are here",
        ),
        Refusal::LotExpired { .. } => lang.pick(
            "si de verdad debe salir, dígalo (--allow-expired)",
            "if it really is to go out, say so (--allow-expired)",
        ),
        Refusal::LotExpiryDiffers { .. } => lang.pick(
            "compruebe la etiqueta; un lote tiene una sola caducidad",
            "check the label; a lot has one expiry",
        ),
        Refusal::Recount { .. } | Refusal::CountTooOld { .. } => {
            lang.pick("vuelva a contarlo", "count it again")
        }
        Refusal::UnitFixed { .. } => {
            lang.pick("cree otro producto para la otra unidad", "make another product for the other unit")
        }
        Refusal::MoreThanSent { .. }
        | Refusal::ReasonMissing { .. }
        | Refusal::WrongState { .. }
        | Refusal::UnknownTransfer { .. }
        | Refusal::NotYours { .. }
        | Refusal::NoSuchLine { .. } => transfer_hint(lang, refusal)?,
        Refusal::TooManyLines { .. } => lang.pick("divídala en varias", "split it"),
        Refusal::UnknownEntry { .. } => lang.pick(
            "el historial nombra cada movimiento, por ejemplo madrid:42",
            "the history names each movement, such as madrid:42",
        ),
        Refusal::NotReversible { kind, .. } if kind == MovementKind::TransferDispatched.word() => lang.pick(
            "un envío se deshace cuando el destino lo rechaza y vuelve aquí",
            "a dispatch is undone by the destination's reject and our return",
        ),
        Refusal::NotReversible { .. } => lang.pick(
            "se anulan entradas, salidas, ajustes y recuentos",
            "receipts, issues, adjustments and counts can be reversed",
        ),
        Refusal::RequestReused => {
            lang.pick("una operación nueva lleva un identificador nuevo", "a new act takes a new id")
        }
        Refusal::NotJoined => lang.pick(
            "deje en marcha otro nodo de la red, o funde una con [cluster] found = true",
            "let another node of the cluster run, or found one with [cluster] found = true",
        ),
        Refusal::Joining => lang.pick(
            "inténtelo de nuevo en un momento: pregunta a los demás si ya lo conocen",
            "try again in a moment: it asks the others whether they know it",
        ),
        Refusal::NobodyWaits { .. }
        | Refusal::OtherKey { .. }
        | Refusal::NotEmpty { .. }
        | Refusal::NoAnswer { .. }
        | Refusal::NoQuorum { .. }
        | Refusal::RosterSplit { .. } => return network_hint(lang, refusal).map(str::to_owned),
        Refusal::StillRecovering { .. } | Refusal::Recovering | Refusal::Busy => {
            lang.pick("inténtelo de nuevo en un momento", "try again in a moment")
        }
        Refusal::Quantity { problem: QuantityError::NotANumber { .. }, .. } => lang.pick(
            "escríbala con cifras y punto decimal, por ejemplo 2.5",
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
        Refusal::Stopped { .. } => lang.pick(
            "quite la causa y arranque de nuevo este nodo",
            "remove the cause and start this node again",
        ),
        Refusal::Stocktake { problem } => stocktake::hint(lang, problem),
        Refusal::UnknownWarehouse { known, .. } => return known_warehouses(lang, known),
        // The sentence says what to do.
        other => return lock::hint(lang, other).map(str::to_owned),
    };
    Some(fixed.to_owned())
}

fn transfer_hint(lang: Lang, refusal: &Refusal) -> Option<&'static str> {
    Some(match refusal {
        Refusal::MoreThanSent { .. } => lang.pick(
            "reciba lo enviado y ajuste el resto como encontrado, con la transferencia",
            "take in what was sent and adjust the rest as found, naming the transfer",
        ),
        Refusal::ReasonMissing { .. } => lang.pick(
            "motivos: missing, damaged, expired, wrong_product, other",
            "reasons: missing, damaged, expired, wrong_product, other",
        ),
        Refusal::WrongState { state: TransferState::Received, .. } => lang.pick(
            "lo que apareció después es un ajuste «found» con la transferencia",
            "what turned up later is an adjustment «found» that names the transfer",
        ),
        Refusal::UnknownTransfer { .. } => lang.pick(
            "«transfers» las enseña; lo recién enviado puede tardar en verse aquí",
            "«transfers» lists them; what was just sent may take a moment to be seen here",
        ),
        Refusal::WrongState { .. } => lang.pick(
            "«transfers» enseña hasta dónde ha llegado cada una",
            "«transfers» shows how far each of them is",
        ),
        Refusal::NotYours { .. } => {
            lang.pick("hágalo en el puesto de ese almacén", "do it at that warehouse's terminal")
        }
        Refusal::NoSuchLine { .. } => lang.pick(
            "las líneas son las del envío, cada una con su lote",
            "the lines are those of the dispatch, each with its lot",
        ),
        _ => return None,
    })
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
