//! `status`: how the node, its store and its bus are.

use crate::cli::reach::Session;
use crate::cli::{Desk, Failure};
use crate::node::event::{LinkView, Status};
use crate::text::number::{count, counted};
use crate::text::{Lang, catching_up, clock, refusals, stopped, trouble as said};

use super::print_json;

/// `status`
pub(in crate::cli) async fn status(session: &mut Session, desk: &mut Desk<'_>) -> Result<(), Failure> {
    let status = session.status().await?;
    if desk.json {
        return print_json(desk, &status);
    }
    let lang = desk.setting.lang;
    let is_alone = !session.peers().await?.iter().any(|peer| peer.standing.belongs());
    for (name, value) in status_lines(lang, &status, is_alone) {
        writeln!(desk.out, "{name:<14}{value}")?;
    }
    Ok(())
}

fn status_lines(lang: Lang, status: &Status, is_alone: bool) -> Vec<(&'static str, String)> {
    let link = |link: &LinkView| {
        let up = if link.up { lang.pick("responde", "up") } else { lang.pick("no responde", "down") };
        match &link.trouble {
            Some(trouble) => said::trouble(lang, &link.kind, trouble),
            None => format!("{}: {up}", link.kind),
        }
    };
    let recorded = counted(lang, status.recorded, ("propia registrada", "propias registradas"));
    let published = counted(lang, status.published, ("publicada", "publicadas"));
    let mut ledger = match lang {
        Lang::Es => format!("{recorded}, {published}"),
        Lang::En => format!(
            "{} of our own recorded, {} published",
            count(lang, status.recorded),
            count(lang, status.published)
        ),
    };
    // Where there is nobody else, nobody has seen anything.
    if !is_alone {
        let seen = counted(lang, status.seen_by_all, ("vista", "vistas"));
        ledger += &match lang {
            Lang::Es => format!(", {seen} por todos"),
            Lang::En => format!(", {} seen by all", count(lang, status.seen_by_all)),
        };
    }
    // Whoever reads the store alone is no process.
    let no_node = status.pid == 0;
    let process = if no_node {
        lang.pick("ninguno: aquí no corre ningún nodo", "none: no node runs here").to_owned()
    } else {
        format!("{} (rubentario {})", status.pid, status.version)
    };
    let mut lines = vec![
        (lang.pick("almacén", "warehouse"), format!("{} ({})", status.warehouse, status.name)),
        (lang.pick("red", "cluster"), status.cluster.clone()),
        (lang.pick("proceso", "process"), process),
        (lang.pick("datos", "store"), link(&status.store)),
        (lang.pick("mensajería", "bus"), link(&status.bus)),
        (lang.pick("entradas", "entries"), ledger),
        (lang.pick("unido", "joined"), said::joined(lang, status).to_owned()),
    ];
    if !no_node {
        lines.insert(5, (lang.pick("reloj", "clock"), clock::own(lang, status.clock)));
    }
    // What a reader of the store alone knows of joining is in the line above.
    if let Some(why) = said::not_yet(lang, status).filter(|_| status.stopped.is_none()) {
        lines.push((lang.pick("ahora", "now"), why));
    }
    if let Some(progress) = &status.catching_up {
        lines.push((lang.pick("al día", "up to date"), catching_up::sentence(lang, progress)));
        for ledger in progress.ledgers.iter().filter(|ledger| ledger.entries < ledger.of) {
            lines.push(("", format!("{}: {}", ledger.warehouse, catching_up::ledger(lang, ledger))));
        }
    }
    if let Some(why) = status.stopped.as_ref().filter(|_| !no_node) {
        lines.push((lang.pick("detenido", "stopped"), stopped(lang, why)));
    }
    if let Some(refused) = refusals(lang, &status.refused) {
        lines.push((lang.pick("rechazado", "refused"), refused));
    }
    if status.dropped_messages + status.dead_letters > 0 {
        let dropped = counted(lang, status.dropped_messages, ("ilegible", "ilegibles"));
        let dead = counted(lang, status.dead_letters, ("devuelto", "devueltos"));
        lines.push((
            lang.pick("mensajes", "messages"),
            match lang {
                Lang::Es => format!("{dropped}, {dead}"),
                Lang::En => format!(
                    "{} unreadable, {}",
                    count(lang, status.dropped_messages),
                    counted(lang, status.dead_letters, ("dead letter", "dead letters"))
                ),
            },
        ));
    }
    lines
}
