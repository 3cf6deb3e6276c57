//! Refusals about transfers, in words.

use super::sku_and_lot;
use crate::domain::{Refusal, TransferState};
use crate::text::number::{one_or_more, quantity};
use crate::text::{Lang, words};

/// What is wrong, where the type's own words don't say it in the language.
pub(super) fn message(lang: Lang, refusal: &Refusal) -> Option<String> {
    let q = |amount| quantity(lang, amount);
    let es = lang == Lang::Es;
    Some(match refusal {
        Refusal::ToOneself { warehouse } if es => {
            format!("{warehouse} es este almacén; una transferencia necesita otro")
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
            let verb = lang
                .pick(one_or_more(*sent, ("se envió", "se enviaron")), one_or_more(*sent, ("was", "were")));
            let can = one_or_more(*given, ("puede", "pueden"));
            let (sent, given) = (q(*sent), q(*given));
            if es {
                format!("{sku}: {verb} {sent}; no {can} entrar {given}")
            } else {
                format!("{sku}: {sent} {verb} sent, {given} can't be taken in")
            }
        }
        Refusal::NothingShort { sku, sent, reason } => {
            let came = lang
                .pick(one_or_more(*sent, ("llegó la", "llegaron las")), one_or_more(*sent, ("the", "all")));
            let (sent, reason) = (q(*sent), words::shortage(lang, *reason));
            if es {
                format!("{sku}: {came} {sent}; no hay nada que sea «{reason}»")
            } else {
                format!("{sku}: {came} {sent} came, so nothing is «{reason}»")
            }
        }
        Refusal::ReasonMissing { sku, short } => {
            let verb =
                lang.pick(one_or_more(*short, ("falta", "faltan")), one_or_more(*short, ("is", "are")));
            let short = q(*short);
            if es {
                format!("{sku}: {verb} {short} sin decir por qué")
            } else {
                format!("{sku}: {short} {verb} missing and nobody said why")
            }
        }
        _ => return None,
    })
}

/// What can be done about it.
pub(super) fn hint(lang: Lang, refusal: &Refusal) -> Option<&'static str> {
    Some(match refusal {
        Refusal::MoreThanSent { .. } => lang.pick(
            "reciba lo enviado y ajuste el resto como encontrado, con la transferencia",
            "take in what was sent and adjust the rest as found, naming the transfer",
        ),
        Refusal::NothingShort { .. } => lang.pick(
            "quite el motivo, o diga cuántas llegaron de verdad",
            "leave the reason out, or say how much really came",
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
