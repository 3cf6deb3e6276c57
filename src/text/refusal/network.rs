//! Refusals about who belongs to the network, in words.

use crate::domain::Refusal;
use crate::text::Lang;
use crate::text::number::counted;
use crate::text::stopped::is_given_up;

/// What is wrong, where the type's own words don't say it in the language.
pub(super) fn message(lang: Lang, refusal: &Refusal) -> Option<String> {
    let es = lang == Lang::Es;
    Some(match refusal {
        Refusal::NotJoined if es => "este almacén aún no se ha unido a la red".to_owned(),
        Refusal::NewKey { warehouse } if es => {
            format!("{warehouse} vuelve con una clave nueva, que la red aún no conoce")
        }
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
            let (lots, transfers) = (
                counted(lang, *lots as u64, ("artículo o lote", "artículos o lotes")),
                counted(lang, *transfers as u64, ("transferencia abierta", "transferencias abiertas")),
            );
            format!("{warehouse} aún tiene existencias de {lots} y {transfers}")
        }
        Refusal::NotEmpty { warehouse, lots, transfers } => {
            let (lots, transfers) = (
                counted(lang, *lots as u64, ("place", "places")),
                counted(lang, *transfers as u64, ("open transfer", "open transfers")),
            );
            format!("{warehouse} still has goods in {lots} and {transfers}")
        }
        Refusal::NoAnswer { warehouse } if es => format!("{warehouse} no responde"),
        Refusal::NoQuorum { answered, needed } if es => {
            format!("solo responden {answered} de los {needed} almacenes que deben estar de acuerdo")
        }
        Refusal::RosterSplit { version } if es => {
            format!("la red se decidió de dos maneras en su versión {version}")
        }
        _ => return None,
    })
}

/// What can be done where the node has stopped writing.
pub(super) fn stopped_hint(lang: Lang, why: &str) -> &'static str {
    if is_given_up(why) {
        return lang.pick(
            "aquí no se registra más: lo que quede se da entrada en otro almacén; para volver, con otro nombre y otra carpeta de datos",
            "nothing more is recorded here: what is left is received at another warehouse; to come back, take another id and data dir",
        );
    }
    lang.pick("quite la causa y arranque de nuevo este nodo", "remove the cause and start this node again")
}

/// What can be done about it.
pub(super) const fn hint(lang: Lang, refusal: &Refusal) -> Option<&'static str> {
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
        Refusal::NotJoined => lang.pick(
            "que lo admita un miembro: allí, «peers admit ID», o a en sus pares; si aún no hay red, fúndela con [cluster] found = true",
            "ask a member to admit it: there, «peers admit ID», or a in its peers pane; where there is no network yet, found one with [cluster] found = true",
        ),
        Refusal::NewKey { .. } => lang.pick(
            "si perdió su disco o su clave, que otro miembro la admita: allí, «peers admit ID --replace-key», o a en sus pares",
            "if it lost its disk or key, ask another member to admit it: there, «peers admit ID --replace-key», or a in its peers pane",
        ),
        Refusal::Joining => lang.pick(
            "inténtelo de nuevo en un momento: pregunta a los demás si ya lo conocen",
            "try again in a moment: it asks the others whether they know it",
        ),
        Refusal::NoQuorum { .. } => lang.pick(
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
