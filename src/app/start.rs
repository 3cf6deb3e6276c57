//! Starts nodes as the configuration says: alone, with a terminal, for a verb, several for a demonstration.

use std::pin::pin;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

use super::{Told, config, logging};
use crate::bus::BusConfig;
use crate::cli::{Failure, Global};
use crate::config::{Admit, BusSettings, Config, StoreSettings};
use crate::node::{self, Node, NodeConfig, NodeError};
use crate::protocol::envelope::ClusterKey;
use crate::store::{Fault, StoreError, Target};
use crate::text::{Lang, starting, stopped};

/// What a node is started for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runs {
    /// To stay until it is told to end.
    ToStay,
    /// For the length of one verb: it gives way to one that stays.
    ForAVerb,
}

/// Whoever wants to stay waits this long for a verb's node to give way.
const PATIENCE: Duration = Duration::from_secs(10);
/// PostgreSQL knows at once that a process has ended, and after half a minute that a whole machine has.
const LAST_HOLDER: Duration = Duration::from_secs(40);
/// How often a database that can't be had yet is tried.
const TRY_AGAIN: Duration = Duration::from_millis(500);

/// A node's settings from the configuration; its folders and the cluster's key are made where they may be.
pub fn node_config(config: &Config, runs: Runs) -> Result<NodeConfig, Failure> {
    config.paths.create()?;
    let key = config.cluster_key()?;
    let bus = match &config.bus {
        BusSettings::Spool => BusConfig::Spool { dir: config.paths.cluster_dir().to_owned() },
        BusSettings::Rabbit { urls, allow_plain, ca_file } => BusConfig::Rabbit {
            urls: urls.iter().map(|url| url.expose().to_owned()).collect(),
            allow_plain: *allow_plain,
            ca_file: ca_file.clone(),
        },
    };
    Ok(NodeConfig {
        me: config.node.id.clone(),
        name: config.node.name.clone(),
        cluster: config.cluster.name.clone(),
        cluster_key: ClusterKey::new(*key.bytes()),
        store: match &config.store {
            StoreSettings::Sqlite => Target::Sqlite(config.paths.store()),
            StoreSettings::Postgres(url) => Target::Postgres(url.expose().to_owned()),
        },
        may_found: config.bus == BusSettings::Spool || config.cluster.found,
        admits: config.cluster.admit == Admit::Auto,
        bus,
        folder: config.paths.node_dir().to_owned(),
        socket: config.paths.socket().to_owned(),
        gives_way: runs == Runs::ForAVerb,
        patience: if runs == Runs::ToStay { PATIENCE } else { Duration::ZERO },
        snapshot_daily_at: config.snapshots.daily_at.filter(|_| runs == Runs::ToStay),
    })
}

/// Starts the configured node now, or says why it can't be.
pub async fn node(config: &Config, runs: Runs) -> Result<Node, Failure> {
    node::start(node_config(config, runs)?).await.map_err(|error| node_failed(config.node.lang, &error))
}

/// Starts a node that stays, waiting for its database: one that doesn't answer for as long as it takes, one that the
/// last process may still hold for a while. Each new reason is told.
pub async fn node_to_stay(node: NodeConfig, tell: impl Fn(&StoreError)) -> Result<Node, NodeError> {
    let mut told = None;
    let mut holder_ends = pin!(tokio::time::sleep(LAST_HOLDER));
    loop {
        let trouble = match node::start(node.clone()).await {
            Err(NodeError::Store(trouble)) => trouble,
            done => return done,
        };
        let passes = match &trouble {
            StoreError::Down { .. } => true,
            StoreError::Config(Fault::Held { .. }) => !holder_ends.is_elapsed(),
            _ => false,
        };
        if !passes {
            return Err(trouble.into());
        }
        if told.as_ref() != Some(&trouble) {
            tell(&trouble);
            told = Some(trouble);
        }
        let mut again = pin!(tokio::time::sleep(TRY_AGAIN));
        tokio::select! {
            () = &mut again => {}
            () = &mut holder_ends, if !holder_ends.is_elapsed() => again.await,
        }
    }
}

/// In which way a node's start failed.
pub fn node_failed(lang: Lang, error: &NodeError) -> Failure {
    let message = starting::node_error(lang, error);
    match error {
        NodeError::Store(error) => store_failed(lang, error),
        NodeError::Lock(_) => Failure::unreachable("node_runs", message, None),
        NodeError::Key(_) | NodeError::Head(_) | NodeError::Bus(_) | NodeError::Socket { .. } => {
            Failure::config(message)
        }
    }
}

/// In which way a store can't be used.
pub fn store_failed(lang: Lang, error: &StoreError) -> Failure {
    let message = starting::store_error(lang, error);
    match error {
        StoreError::Config(Fault::Held { .. }) => Failure::unreachable("node_runs", message, None),
        StoreError::Config(_) => Failure::config(message),
        _ => Failure::unreachable("store_down", message, None),
    }
}

pub fn runtime(config: &Config) -> Result<Runtime, Told> {
    let runtime = Builder::new_multi_thread().worker_threads(2).thread_name("node").enable_all().build();
    runtime.map_err(|error| (Failure::from(error), config.node.lang))
}

/// The node without a terminal, until it is told to end.
pub fn node_alone(global: &Global) -> Result<u8, Told> {
    let config = config(global)?;
    let lang = config.node.lang;
    let runtime = runtime(&config)?;
    let done = runtime.block_on(async {
        config.paths.create()?;
        let _log = logging::begin(&config.paths.log_dir(), true);
        let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let settings = node_config(&config, Runs::ToStay)?;
        let tell = |trouble: &StoreError| tracing::warn!("{trouble}; the node starts when it can be used");
        let mut node = tokio::select! {
            _ = term.recv() => return Ok(0),
            _ = int.recv() => return Ok(0),
            node = node_to_stay(settings, tell) => node.map_err(|error| node_failed(lang, &error))?,
        };
        tracing::info!(warehouse = %config.node.id, pid = std::process::id(), "the node runs");
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
            reason = node.ended() => {
                return Err(Failure::unreachable("node_ended", stopped(lang, &reason), None));
            }
        }
        node.stop().await;
        Ok(0)
    });
    done.map_err(|failure| (failure, lang))
}
