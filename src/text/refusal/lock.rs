//! Refusals about locks and claims, in words.

use crate::domain::Refusal;
use crate::text::Lang;
use crate::text::number::{one_or_more, quantity};

/// What is wrong, if it is about a lock.
pub(super) fn message(lang: Lang, refusal: &Refusal) -> Option<String> {
    let es = lang == Lang::Es;
    Some(match refusal {
        Refusal::Claimed { sku, from, wanted, claimable, claims } => {
            let q = |amount| quantity(lang, amount);
            let claims: Vec<_> = claims.iter().map(|(who, qty)| format!("{who} {}", q(*qty))).collect();
            let left = one_or_more(*claimable, ("queda", "quedan"));
            let (claims, wanted, claimable) = (claims.join(", "), q(*wanted), q(*claimable));
            if es {
                format!(
                    "{from} ya tiene pedidas existencias de {sku} ({claims}): {left} {claimable} por pedir, no {wanted}"
                )
            } else {
                format!(
                    "{from} was already asked for {sku} ({claims}): {claimable} can still be asked for, not {wanted}"
                )
            }
        }
        Refusal::MoreComing { sku, coming, seen } => {
            let (coming, seen) = (quantity(lang, *coming), quantity(lang, *seen));
            if es {
                format!(
                    "de {sku} vienen o están pedidas {coming}, más que las {seen} con las que se calculó: alguien lo ha repuesto"
                )
            } else {
                format!(
                    "{coming} of {sku} are on their way or requested, more than the {seen} it was computed with: somebody saw to it"
                )
            }
        }
        Refusal::NoMajority { sku, answered, members } if es => format!(
            "contestan {answered} de {members} almacenes, que no son mayoría: ahora nadie puede tomar el cerrojo de {sku}"
        ),
        Refusal::NoMajority { sku, answered, members } => format!(
            "{answered} of {members} warehouses answer, which is no majority: nobody can lock {sku} now"
        ),
        Refusal::LockLost { sku } if es => {
            format!("se perdió el cerrojo de {sku} antes de que este almacén se pusiera al día")
        }
        Refusal::SteppedBack { sku, holder: None } if es => {
            format!("se dejó la cola del cerrojo de {sku}")
        }
        Refusal::SteppedBack { sku, holder: Some(holder) } if es => {
            format!("se dejó la cola del cerrojo de {sku}, que tiene {holder}")
        }
        Refusal::SteppedBack { sku, holder: Some(holder) } => {
            format!("stepped back from the queue for {sku}, which {holder} has locked")
        }
        _ => return None,
    })
}

/// What can be done about it.
pub(super) fn hint(lang: Lang, refusal: &Refusal) -> Option<&'static str> {
    Some(match refusal {
        Refusal::Claimed { .. } => lang.pick(
            "pida menos, pídalo a otro almacén o espere a que se conteste a esas solicitudes",
            "ask for less, ask another warehouse, or wait until those requests are answered",
        ),
        Refusal::MoreComing { .. } => lang.pick(
            "mire de nuevo qué falta; no se ha pedido nada",
            "look again at what is missing; nothing was requested",
        ),
        Refusal::NoMajority { .. } => lang.pick(
            "lo del propio almacén sigue funcionando; se puede hacer sin cerrojo (--unlocked), pero no aparta nada",
            "what this warehouse decides alone goes on; it can be done without the lock (--unlocked), but claims nothing",
        ),
        Refusal::LockLost { .. } => lang.pick("inténtelo de nuevo en un momento", "try again in a moment"),
        Refusal::SteppedBack { .. } => {
            lang.pick("no se ha registrado nada", "nothing was recorded")
        }
        _ => return None,
    })
}
