//! A verb: through the node that runs, else reading the store alone, else with a node for the length of the call.

use std::time::Duration;

use tokio::runtime::Builder;
use tokio::time::{sleep, timeout};

use super::start::{self, Runs};
use super::{Told, config};
use crate::cli::reach::{self, Need, Session, Setting};
use crate::cli::{self, Failure, Global, Talk};
use crate::config::{Config, StoreSettings};
use crate::domain::WarehouseId;
use crate::node::{Node, clock, reader};
use crate::store::{Fault, StoreError};
use crate::text::Lang;

/// A node that has just been started has this long to found or join; one that was started for a verb that long to
/// hand what was booked to the broker.
const JOINING: Duration = Duration::from_secs(3);
const LEAVING: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Does a verb that talks to a node.
pub fn talk(verb: Talk, global: &Global) -> Result<u8, Told> {
    let config = config(global)?;
    let lang = config.node.lang;
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| (Failure::from(error), lang))?;
    runtime.block_on(talk_to_some_node(verb, global, &config)).map_err(|failure| (failure, lang))
}

async fn talk_to_some_node(verb: Talk, global: &Global, config: &Config) -> Result<u8, Failure> {
    let setting = Setting::of(config);
    let lang = config.node.lang;
    if verb.need() == Need::Write {
        // Before a node is started for an act that nobody does.
        setting.operator()?;
    }
    let now_ms = i64::try_from(clock::wall_ms()).unwrap_or(i64::MAX);
    if let Some(mut session) = reach::attach(config).await? {
        if verb.need() == Need::Write {
            wait_until_joined(&mut session).await;
        }
        return Ok(cli::run(verb, global, setting, &mut session, now_ms).await);
    }
    if verb.need() == Need::Read {
        // Reading makes nothing, not even the folders.
        if config.store == StoreSettings::Sqlite && !config.paths.store().exists() {
            return Err(never_started(lang, &config.node.id));
        }
        let node = start::node_config(config, Runs::ForAVerb)?;
        let (intents, events) = reader::open(&node).await.map_err(|error| match &error {
            StoreError::Config(Fault::Missing { database, .. } | Fault::Blank { what: database }) => {
                no_database(lang, &config.node.id, database)
            }
            _ => start::store_failed(lang, &error),
        })?;
        let mut session = Session::over(intents, events, lang);
        return Ok(cli::run(verb, global, setting, &mut session, now_ms).await);
    }
    let node = start::node(config, Runs::ForAVerb).await?;
    let mut session = at_the_door(&node, lang);
    wait_until_joined(&mut session).await;
    let exit = cli::run(verb, global, setting, &mut session, now_ms).await;
    wait_until_published(&mut session).await;
    node.stop().await;
    Ok(exit)
}

fn never_started(lang: Lang, node: &WarehouseId) -> Failure {
    let message = match lang {
        Lang::Es => format!("ningún almacén {node} se ha iniciado nunca aquí"),
        Lang::En => format!("no warehouse {node} was ever started here"),
    };
    let hint = match lang {
        Lang::Es => {
            format!("se inicia con: rubentario --node {node} node; si está en otra carpeta: --data-dir")
        }
        Lang::En => {
            format!("start it by: rubentario --node {node} node; where it lies in another folder: --data-dir")
        }
    };
    Failure::unreachable("not_started", message, Some(&hint))
}

/// A reader makes neither a database nor its tables, so where there are none there is nothing to read.
fn no_database(lang: Lang, node: &WarehouseId, database: &str) -> Failure {
    let (message, hint) = match lang {
        Lang::Es => (
            format!("ningún almacén {node} se ha iniciado nunca con la base de datos {database}"),
            format!("se inicia con: rubentario --node {node} node; si es otra, corrija [store] url"),
        ),
        Lang::En => (
            format!("no warehouse {node} was ever started on the database {database}"),
            format!("start it by: rubentario --node {node} node; if it is another one, correct [store] url"),
        ),
    };
    Failure::unreachable("not_started", message, Some(&hint))
}

fn at_the_door(node: &Node, lang: Lang) -> Session {
    let (intents, events) = node.door();
    Session::over(intents, events, lang)
}

/// Where it takes too long, the verb itself says why.
pub async fn wait_until_joined(session: &mut Session) {
    let joined = async {
        while session.status().await.is_ok_and(|status| !status.joined && status.stopped.is_none()) {
            sleep(LOOK_AGAIN).await;
        }
    };
    // What is late is told by the verb's own answer.
    let _ = timeout(JOINING, joined).await;
}

/// What the broker doesn't take in time goes out when a node runs here next.
pub async fn wait_until_published(session: &mut Session) {
    let published = async {
        while session.status().await.is_ok_and(|status| status.published < status.recorded) {
            sleep(LOOK_AGAIN).await;
        }
    };
    let _ = timeout(LEAVING, published).await;
}
