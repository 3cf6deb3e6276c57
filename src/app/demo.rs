//! The demonstration: starts its warehouses in a folder that goes with it, and shows the terminal or tells the story.

use std::io::stdout;

use tempfile::TempDir;
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

/// Runs the demonstration.
pub fn run(demo: &Demo, global: &Global) -> Result<u8, Told> {
    let lang = global.lang.as_deref().map_or_else(lang_of_environment, |_| global.lang());
    let is_plain = terminal::is_plain(global);
    if !demo.headless && !is_plain {
        terminal::needs_a_terminal(lang)?;
    }
    let failed = |failure| (failure, lang);
    let home = TempDir::with_prefix("rubentario-demo-").map_err(|error| failed(error.into()))?;
    let mut named = global.clone();
    named.node = Some(WAREHOUSES[0].0.to_owned());
    named.data_dir = Some(home.path().to_owned());
    named.operator.get_or_insert_with(|| "demo".to_owned());
    named.lang = Some(lang.pick("es", "en").to_owned());
    let base = config(&named)?;
    let runtime = start::runtime(&base)?;
    let _log = logging::begin(home.path(), false);
    let nodes = runtime.block_on(start_all(demo, &base, &home)).map_err(failed)?;
    let shown = if demo.headless {
        let teller = Teller::new(stdout(), global.json, lang);
        let told = hands(&nodes).map(|hands| runtime.block_on(demo::headless(hands, teller, BEAT)));
        told.and_then(|told| told).map(|()| 0).map_err(|error| failed(failure(error, lang)))
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

fn lang_of_environment() -> Lang {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok());
    if set.is_some_and(|value| value.starts_with("es")) { Lang::Es } else { Lang::En }
}

async fn start_all(demo: &Demo, base: &Config, home: &TempDir) -> Result<Vec<Node>, Failure> {
    let mut nodes = Vec::new();
    for (id, name) in WAREHOUSES.iter().take(usize::from(demo.warehouses)) {
        let id = WarehouseId::new(id)?;
        let config = base.embedded(&id, name, home.path(), home.path());
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
