//! The demonstration: starts its warehouses in a folder that goes with it, and shows the terminal or tells the story.

mod home;

use std::io::stdout;
use std::path::Path;

use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

use super::start::{self, Runs};
use super::{Told, config, logging, plain, terminal};
use crate::cli::failure::REFUSED;
use crate::cli::service::Demo;
use crate::cli::{Failure, Global};
use crate::config::Config;
use crate::demo::{self, BEAT, DemoError, Hand, Teller, WAREHOUSES};
use crate::domain::WarehouseId;
use crate::node::Node;
use crate::text::Lang;

/// The exit code of a process that was told to end, as shells know it.
const ENDED: u8 = 143;

/// Runs the demonstration.
pub fn run(demo: &Demo, global: &Global) -> Result<u8, Told> {
    let lang = global.lang();
    let is_plain = terminal::is_plain(global);
    if !demo.headless && !is_plain {
        terminal::needs_a_terminal(lang)?;
    }
    let failed = |failure| (failure, lang);
    refuse_what_has_no_effect(global, lang).map_err(failed)?;
    let home = home::Home::new().map_err(|error| failed(error.into()))?;
    let mut named = global.clone();
    named.node = Some(WAREHOUSES[0].0.to_owned());
    named.data_dir = Some(home.path().to_owned());
    named.operator.get_or_insert_with(|| "demo".to_owned());
    named.lang = Some(lang.pick("es", "en").to_owned());
    let base = config(&named)?;
    let runtime = start::runtime(&base)?;
    let _log = logging::begin(home.path(), false);
    let started = runtime.block_on(unless_told_to_end(start_all(demo, &base, home.path())));
    let Some(nodes) = started else { return Ok(ENDED) };
    let nodes = nodes.map_err(failed)?;
    let shown = if demo.headless {
        let teller = Teller::new(stdout(), global.json, lang);
        let told = hands(&nodes).and_then(|hands| {
            let story = unless_told_to_end(demo::headless(hands, teller, BEAT));
            runtime.block_on(story).map_or(Ok(ENDED), |told| told.map(|()| 0))
        });
        told.map_err(|error| failed(failure(error, lang)))
    } else {
        let life = hands(&nodes).and_then(|filling| Ok((filling, hands(&nodes)?)));
        let (filling, living) = life.map_err(|error| failed(failure(error, lang)))?;
        let life = runtime.spawn(live(filling, living));
        let doors = nodes.iter().map(Node::door).collect();
        let shown = match &nodes[..] {
            [first, ..] if is_plain => plain::run(&base, (first.door(), first.door()), &runtime),
            _ => terminal::show(&base, doors, &runtime, home.path()).map(|()| 0).map_err(failed),
        };
        shown.and_then(|exit| match runtime.block_on(what_became_of(life)) {
            Ok(()) => Ok(exit),
            Err(error) => Err(failed(failure(error, lang))),
        })
    };
    runtime.block_on(async {
        for node in nodes {
            node.stop().await;
        }
    });
    shown
}

/// The demonstration is three warehouses in a folder of their own: what would name another is no option of it.
fn refuse_what_has_no_effect(global: &Global, lang: Lang) -> Result<(), Failure> {
    let given = [("--data-dir", global.data_dir.is_some()), ("--node", global.node.is_some())];
    let Some((option, _)) = given.into_iter().find(|(_, given)| *given) else { return Ok(()) };
    let words = lang.pick(
        "no vale con «demo»: sus almacenes viven en una carpeta que se borra al final",
        "is of no effect with «demo»: its warehouses live in a folder that goes when it ends",
    );
    let hint = lang.pick(
        "para un almacén que se quede: rubentario --node madrid",
        "for a warehouse that stays: rubentario --node madrid",
    );
    Err(Failure::usage(format!("{option} {words}"), Some(hint)))
}

/// Does this unless the process is told to end: its folder must go with it then, too.
async fn unless_told_to_end<T>(what: impl Future<Output = T>) -> Option<T> {
    let (Ok(mut term), Ok(mut hup), Ok(mut int)) =
        (signal(SignalKind::terminate()), signal(SignalKind::hangup()), signal(SignalKind::interrupt()))
    else {
        return Some(what.await);
    };
    tokio::select! {
        done = what => Some(done),
        _ = term.recv() => None,
        _ = hup.recv() => None,
        _ = int.recv() => None,
    }
}

async fn start_all(demo: &Demo, base: &Config, home: &Path) -> Result<Vec<Node>, Failure> {
    let mut nodes = Vec::new();
    for (id, name) in WAREHOUSES.iter().take(usize::from(demo.warehouses)) {
        let id = WarehouseId::new(id)?;
        let config = base.embedded(&id, name, home, home);
        nodes.push(start::node(&config, Runs::ToStay).await?);
    }
    Ok(nodes)
}

fn hands(nodes: &[Node]) -> Result<Vec<Hand>, DemoError> {
    nodes.iter().enumerate().map(|(place, node)| Hand::new(place, node.door())).collect()
}

/// Records the sample data while somebody watches already, then goes on with some life.
async fn live(mut filling: Vec<Hand>, living: Vec<Hand>) -> Result<(), DemoError> {
    demo::fill(&mut filling).await?;
    drop(filling);
    demo::live(living, rand::random()).await;
    Ok(())
}

/// Why the life ended, if it had before it was told to.
async fn what_became_of(life: JoinHandle<Result<(), DemoError>>) -> Result<(), DemoError> {
    if life.is_finished() {
        return life.await.unwrap_or(Ok(()));
    }
    life.abort();
    Ok(())
}

fn failure(error: DemoError, lang: Lang) -> Failure {
    match error {
        DemoError::Refused { refusal, .. } => Failure::Refused(refusal),
        DemoError::Output(error) => Failure::Output(error),
        other => {
            Failure::Said { exit: REFUSED, code: other.code(), message: other.sentence(lang), hint: None }
        }
    }
}
