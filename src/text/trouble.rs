//! How a node is that can't work as it should: one sentence in the language, what was seen quoted behind it.

use super::number::count;
use super::{Lang, catching_up};
use crate::domain::{Trouble, TroubleKind};
use crate::node::event::{LinkView, Status};

/// What is the matter with `name`, and what was seen.
#[must_use]
pub fn trouble(lang: Lang, name: &str, trouble: &Trouble) -> String {
    with_cause(&meaning(lang, name, trouble.what), trouble)
}

/// A sentence with what was seen quoted behind it.
fn with_cause(sentence: &str, trouble: &Trouble) -> String {
    match trouble.what {
        // The sentence says it all.
        TroubleKind::Full | TroubleKind::NoNode => sentence.to_owned(),
        _ if trouble.said.is_empty() => sentence.to_owned(),
        _ => format!("{sentence} («{}»)", trouble.said),
    }
}

fn meaning(lang: Lang, name: &str, what: TroubleKind) -> String {
    let (es, en) = match what {
        TroubleKind::Silent => ("no responde", "does not answer"),
        TroubleKind::LogIn => (
            "no acepta el usuario o la contraseña: corríjalos en la configuración",
            "refuses the user or the password: correct them in the config",
        ),
        TroubleKind::Rights => (
            "no da a este usuario los permisos que un nodo necesita: déselos",
            "allows this user less than a node needs: give it the rights",
        ),
        TroubleKind::Certificate => (
            "muestra un certificado que no es de confianza: nombre su autoridad en [bus] ca_file",
            "shows a certificate that is not trusted: name its authority in [bus] ca_file",
        ),
        TroubleKind::Elsewhere => (
            "atiende a otro proceso en lugar de este nodo: pare uno de los dos",
            "serves another process in this node's place: stop one of the two",
        ),
        TroubleKind::Full => (
            "no acepta mensajes por ahora: le falta memoria o disco",
            "takes no messages for now: it lacks memory or disk",
        ),
        TroubleKind::Setup => (
            "no está como un nodo lo necesita: corrija la configuración",
            "is not set up as a node needs it: correct the config",
        ),
        TroubleKind::Damaged => (
            "contiene datos dañados: pare el nodo, aparte ese fichero o base de datos y arránquelo; los demás le devuelven lo suyo",
            "holds damaged data: stop the node, move that file or database away and start it; the others give back what is its own",
        ),
        TroubleKind::NoNode => {
            ("no se usa: aquí no hay ningún nodo en marcha", "is not used: no node runs here")
        }
    };
    format!("{name} {}", lang.pick(es, en))
}

/// What is the matter with a node's store or bus, and what that means for the work; none when nothing is.
#[must_use]
pub fn link(lang: Lang, link: &LinkView, then: &str) -> Option<String> {
    let silent = Trouble::silent("");
    let trouble = match (&link.trouble, link.up) {
        (Some(trouble), _) => trouble,
        (None, false) => &silent,
        (None, true) => return None,
    };
    let then = if link.up { String::new() } else { format!("; {then}") };
    Some(with_cause(&format!("{}{then}", meaning(lang, &link.kind, trouble.what)), trouble))
}

/// Why a node that works may not record yet, and what can be done; none where it may.
#[must_use]
pub fn not_yet(lang: Lang, status: &Status) -> Option<String> {
    let awaited: Vec<_> = status.awaited.iter().map(ToString::to_string).collect();
    let awaited = awaited.join(", ");
    let id = &status.warehouse;
    if status.roster.left {
        let words = lang.pick(
            "Este almacén ya no es de la red: se retiró o se dio por perdido. Se ve lo que hubo; no se registra nada más",
            "This warehouse has left the network: it was retired or given up. What was can be seen; nothing more is recorded",
        );
        return Some(words.to_owned());
    }
    if status.roster.retiring {
        let words = lang.pick(
            "Este almacén se está retirando: espera la respuesta de los demás y ya no registra nada",
            "This warehouse is leaving the network: it waits for the others' answer and records nothing more",
        );
        return Some(words.to_owned());
    }
    if status.roster.new_key {
        return Some(match lang {
            Lang::Es => format!(
                "Este almacén vuelve con una clave nueva; aún no se puede registrar. La admite otro miembro: allí, «peers \
                 admit {id} --replace-key», o a en sus pares"
            ),
            Lang::En => format!(
                "This warehouse is back with a new key; nothing can be recorded yet. Another member admits it: there, \
                 «peers admit {id} --replace-key», or a in its peers pane"
            ),
        });
    }
    if status.joining {
        let asks = lang.pick(
            "Uniéndose a la red: este almacén pregunta a los demás si ya lo conocen; aún no se puede registrar",
            "Joining the cluster: this warehouse asks the others whether they know it; nothing can be recorded yet",
        );
        return Some(match (awaited.as_str(), lang) {
            ("", _) => asks.to_owned(),
            (_, Lang::Es) => format!("{asks} (falta que conteste {awaited}; basta con la mayoría de todos)"),
            (_, Lang::En) => format!("{asks} (no answer yet from {awaited}; most of all are enough)"),
        });
    }
    if status.recovering {
        return Some(recovering(lang, status, &awaited));
    }
    if let (false, Some(progress)) = (status.joined, &status.catching_up) {
        // Its admission stands at the end of what is still to come.
        let so_far = catching_up::so_far(lang, progress);
        let words = lang.pick(
            "No se puede registrar hasta tener lo que los demás han registrado",
            "Nothing can be recorded before what the others have recorded is here",
        );
        return Some(format!("{words} ({so_far})"));
    }
    if !status.joined {
        // Until another answers it can't know more: whether it is new, or lost its disk.
        return Some(match lang {
            Lang::Es => format!(
                "Este almacén aún no se ha unido a la red; aún no se puede registrar. Espera a que otro nodo conteste, y \
                 si es nuevo a que un miembro lo admita: allí, «peers admit {id}», o a en sus pares"
            ),
            Lang::En => format!(
                "This warehouse has not joined the network yet; nothing can be recorded yet. It waits for another node's \
                 answer and, if it is new, for a member to admit it: there, «peers admit {id}», or a in its peers pane"
            ),
        });
    }
    None
}

/// Whether a node belongs, in a word or two.
#[must_use]
pub const fn joined(lang: Lang, status: &Status) -> &'static str {
    match (status.joined, status.roster.left) {
        (_, true) => lang.pick("no, ya no es de la red", "no, it has left the network"),
        (true, false) => lang.pick("sí", "yes"),
        (false, false) => "no",
    }
}

fn recovering(lang: Lang, status: &Status, awaited: &str) -> String {
    let words = match status.once_recorded {
        None => lang
            .pick(
                "Recuperando el libro propio de los otros almacenes; aún no se puede registrar",
                "Getting the own ledger back from the others; nothing can be recorded yet",
            )
            .to_owned(),
        Some(once) => {
            let (once, now) = (count(lang, once), count(lang, status.recorded));
            match lang {
                Lang::Es => format!(
                    "Esta base de datos tiene {now} movimientos propios, y este nodo ya había registrado {once}. Si ha \
                     cambiado [store] url, ponga la de antes y arranque de nuevo; si no, los demás le devuelven lo suyo"
                ),
                Lang::En => format!(
                    "This store holds {now} own entries, and this node had recorded {once}. If you changed [store] url, \
                     put the old one back and start again; if not, the others give back what they hold"
                ),
            }
        }
    };
    let words = match status.recovery.filter(|recovery| recovery.answered > 0) {
        Some(recovery) => format!("{words}: {}", catching_up::recovery(lang, &recovery)),
        None => words,
    };
    let Some(first) = status.awaited.first() else {
        let is_unheard = status.recovery.is_none_or(|recovery| recovery.answered == 0);
        return match (status.once_recorded.filter(|_| is_unheard), lang) {
            (None, _) => words,
            (Some(_), Lang::Es) => format!("{words} (aún no contesta ninguno)"),
            (Some(_), Lang::En) => format!("{words} (none answers yet)"),
        };
    };
    let (waits, verb) =
        (lang.pick("falta", "waiting for"), lang.pick("para seguir sin él", "to go on without it"));
    format!("{words} ({waits} {awaited}; {verb}: rubentario recover --without {first})")
}
