//! The demonstration: a supplier of protective equipment and workshop goods with a few warehouses, written for it.

pub mod hand;
pub mod sample;
pub mod story;

use std::time::Duration;

use tempfile::TempDir;

use super::start::{self, Runs};
use super::{Told, config, logging, terminal};
use crate::cli::service::Demo;
use crate::cli::{Failure, Global};
use crate::config::Config;
use crate::domain::WarehouseId;
use crate::node::Node;
use crate::text::Lang;
use hand::Hand;

/// The warehouses, in the order they are added.
const NAMES: [&str; 9] =
    ["madrid", "sevilla", "valencia", "bilbao", "zaragoza", "vigo", "malaga", "murcia", "gijon"];
/// The goods of the sample are recorded within this time, or the demonstration says what is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the demonstration.
pub fn run(demo: &Demo, global: &Global) -> Result<u8, Told> {
    let lang = global.lang.as_deref().map_or_else(lang_of_environment, |_| global.lang());
    if !demo.headless {
        terminal::needs_a_terminal(lang)?;
    }
    let failed = |failure| (failure, lang);
    let home = TempDir::with_prefix("rubentario-demo-").map_err(|error| failed(error.into()))?;
    let mut named = global.clone();
    named.node = Some(NAMES[0].to_owned());
    named.data_dir = Some(home.path().to_owned());
    named.operator.get_or_insert_with(|| "demo".to_owned());
    named.lang = Some(lang.pick("es", "en").to_owned());
    let base = config(&named)?;
    let runtime = start::runtime(&base)?;
    let _log = logging::begin(home.path(), false);
    let nodes = runtime.block_on(start_all(demo, &base, &home)).map_err(failed)?;
    let shown = if demo.headless {
        runtime.block_on(story::tell(&nodes, lang, global.json)).map_err(failed)
    } else {
        let doors = nodes.iter().map(Node::door).collect();
        terminal::show(&base, doors, &runtime, home.path()).map(|()| 0).map_err(failed)
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
    for name in NAMES.iter().take(usize::from(demo.warehouses)) {
        let id = WarehouseId::new(name)?;
        let title = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        let config = base.embedded(&id, &title, home.path(), home.path());
        nodes.push(start::node(&config, Runs::ToStay).await?);
    }
    let mut hands = Vec::new();
    for node in &nodes {
        hands.push(Hand::at(node).await?);
    }
    tokio::time::timeout(PATIENCE, sample::fill(&mut hands))
        .await
        .map_err(|_| Failure::unreachable("demo", "the sample data could not be recorded in time", None))??;
    Ok(nodes)
}
