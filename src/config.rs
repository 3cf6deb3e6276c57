//! What a node is told before it starts: its name, its cluster, where it keeps and sends things.
//!
//! Four layers, the later over the earlier: defaults, the file, the environment, the flags. Every value
//! remembers which layer set it, so that a refusal can name the file, the line and the key.

mod cluster_key;
mod error;
mod file;
mod keys;
mod layers;
mod paths;
mod secret_url;
mod ui;

use std::path::{Path, PathBuf};

use chrono::{NaiveTime, Timelike};

use crate::domain::WarehouseId;
use crate::text::Lang;

pub use cluster_key::ClusterKey;
pub use error::{Both, ConfigError, Place};
pub use keys::{KEYS, Key, Kind};
use layers::{Found, Layers};
pub use paths::{Dirs, Paths};
use paths::{SLUG, SLUG_ES, is_slug};
pub use secret_url::SecretUrl;
pub use ui::{Bell, Borders, Theme, UiSettings};

/// What the command line says; a flag that wasn't given is `None`.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config FILE`
    pub config: Option<PathBuf>,
    /// `--data-dir DIR`
    pub data_dir: Option<PathBuf>,
    /// `--node ID`
    pub node: Option<String>,
    /// `--operator NAME`
    pub operator: Option<String>,
    /// `--lang es|en`
    pub lang: Option<String>,
}

/// Everything a node is told, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The warehouse this node runs.
    pub node: NodeSettings,
    /// The cluster it belongs to.
    pub cluster: ClusterSettings,
    /// Where it keeps its book.
    pub store: StoreSettings,
    /// How it reaches the other warehouses.
    pub bus: BusSettings,
    /// How its terminal looks and answers.
    pub ui: UiSettings,
    /// When it takes snapshots.
    pub snapshots: SnapshotSettings,
    /// Where its files are.
    pub paths: Paths,
    /// The file these settings were read from, if there was one.
    pub file: Option<PathBuf>,
}

/// `[node]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeSettings {
    /// The warehouse's id.
    pub id: WarehouseId,
    /// What people call it; the id with a capital where nothing else is said.
    pub name: String,
    /// The language of its screens.
    pub lang: Lang,
}

/// `[cluster]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterSettings {
    /// The cluster's name, a slug; warehouses of one name and key work together.
    pub name: String,
    /// Whether this node may found the cluster on RabbitMQ.
    pub found: bool,
    /// Who lets a new warehouse in.
    pub admit: Admit,
}

/// Who lets a new warehouse into the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admit {
    /// An operator, each time.
    Ask,
    /// The cluster's key is enough.
    Auto,
}

/// `[store]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreSettings {
    /// SQLite, in `paths.store()`.
    Sqlite,
    /// PostgreSQL, in this database.
    Postgres(SecretUrl),
}

/// `[bus]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BusSettings {
    /// The spool of this machine, in `paths.spool()`.
    Spool,
    /// RabbitMQ.
    Rabbit {
        /// The brokers of one RabbitMQ cluster, tried in this order; at least one.
        urls: Vec<SecretUrl>,
        /// Whether `amqp://` without encryption may leave this machine.
        allow_plain: bool,
        /// The certificates of authorities to trust besides the system's, as PEM.
        ca_file: Option<PathBuf>,
    },
}

/// `[snapshots]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SnapshotSettings {
    /// The minute of the day (local time) at which one is taken each day.
    pub daily_at: Option<u32>,
}

/// A row of a table: a name, and what was chosen for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRow {
    /// The name: an action's, a role's, what a badge says.
    pub name: String,
    /// What it is to be: one text, or several.
    pub values: Vec<String>,
    /// Where it was written, for a refusal by [`ConfigError::refused`].
    pub place: Place,
}

impl Config {
    /// Reads and merges the layers for the node that the flags, the environment or the file name.
    ///
    /// # Errors
    /// When no node is named, or a value of any layer is unknown, of the wrong type or impossible.
    pub fn load(
        flags: &Flags,
        env: &dyn Fn(&str) -> Option<String>,
        dirs: &Dirs,
    ) -> Result<Self, ConfigError> {
        let environment = Layers::of_environment(env)?;
        let asked = Layers::of_flags(flags);
        let named = asked.text("node", "id").or_else(|| environment.text("node", "id"));
        let named = named.map(|(id, place)| node_id(id, place)).transpose()?;
        let file = file::find(flags.config.as_deref(), named.as_ref(), dirs);
        let written = file.as_deref().map(file::read).transpose()?.unwrap_or_default();
        if let (Some(path), Some(named)) = (&file, &named) {
            agree_on_the_node(path, &written, named)?;
        }
        let layers = Layers::merged([written, environment, asked]);
        let by_environment = env("RUBENTARIO_DATA_DIR").filter(|dir| !dir.is_empty()).map(PathBuf::from);
        let data = flags.data_dir.clone().or(by_environment).unwrap_or_else(|| dirs.data.clone());
        resolve(&layers, env, &data, dirs, file)
    }

    /// The same screens for another node on the embedded stores, as `demo` runs them.
    #[must_use]
    pub fn embedded(&self, id: &WarehouseId, name: &str, data: &Path, runtime: &Path) -> Self {
        let cluster = ClusterSettings { found: true, admit: Admit::Auto, ..self.cluster.clone() };
        Self {
            node: NodeSettings { id: id.clone(), name: name.to_owned(), lang: self.node.lang },
            paths: Paths::new(data, runtime, &cluster.name, id, None),
            cluster,
            store: StoreSettings::Sqlite,
            bus: BusSettings::Spool,
            ui: self.ui.clone(),
            snapshots: self.snapshots.clone(),
            file: self.file.clone(),
        }
    }

    /// The cluster's key: read, or made where this node may make it (on the spool in its usual place, or when it founds).
    ///
    /// # Errors
    /// When it is missing and may not be made, can be read by others, or isn't a key.
    pub fn cluster_key(&self) -> Result<ClusterKey, ConfigError> {
        // A file that somebody named is there: another key in its place would part this node from the others.
        let is_first = self.bus == BusSettings::Spool && !self.paths.is_key_named();
        let may_make = is_first || self.cluster.found;
        ClusterKey::load(self.paths.cluster_key(), may_make)
    }
}

fn node_id(id: &str, place: Place) -> Result<WarehouseId, ConfigError> {
    if let (true, Ok(id)) = (is_slug(id), WarehouseId::new(id)) {
        return Ok(id);
    }
    let reason = (
        format!("«{id}» no es un id de nodo: {SLUG_ES}: madrid, sevilla-2"),
        format!("“{id}” is no node id; {SLUG}: madrid, sevilla-2"),
    );
    Err(ConfigError::refused(place, "[node] id", reason))
}

/// A file named after a node must not speak of another.
fn agree_on_the_node(path: &Path, written: &Layers, named: &WarehouseId) -> Result<(), ConfigError> {
    let is_its_own = path.file_stem().is_some_and(|stem| stem == named.as_str());
    match written.text("node", "id") {
        Some((id, place)) if is_its_own && id != named.as_str() => {
            let reason = (
                format!(
                    "este fichero se lee por su nombre para el nodo «{named}», pero dice «{id}»; ponga el mismo"
                ),
                format!(
                    "this file is read for the node “{named}” by its file name but says “{id}”; make them one"
                ),
            );
            Err(ConfigError::refused(place, "[node] id", reason))
        }
        _ => Ok(()),
    }
}

fn resolve(
    layers: &Layers,
    env: &dyn Fn(&str) -> Option<String>,
    data: &Path,
    dirs: &Dirs,
    file: Option<PathBuf>,
) -> Result<Config, ConfigError> {
    let Some((id, place)) = layers.text("node", "id") else {
        let file = file.unwrap_or_else(|| dirs.config.join("config.toml"));
        return Err(ConfigError::NoNode { file });
    };
    let id = node_id(id, place)?;
    let bus = bus(layers)?;
    let cluster = cluster(layers, &bus)?;
    let key_file = layers.text("cluster", "key_file").map(|(path, _)| PathBuf::from(path));
    Ok(Config {
        store: store(layers, &id)?,
        ui: ui::read(layers, env)?,
        snapshots: snapshots(layers)?,
        paths: Paths::new(data, &dirs.runtime, &cluster.name, &id, key_file),
        node: node(layers, env, id)?,
        cluster,
        bus,
        file,
    })
}

fn node(
    layers: &Layers,
    env: &dyn Fn(&str) -> Option<String>,
    id: WarehouseId,
) -> Result<NodeSettings, ConfigError> {
    // A name in a file that was written for another node is that node's name, not this one's.
    let written_for = layers.in_file("node", "id");
    let name = layers
        .get("node", "name")
        .filter(|found| !found.place.is_file() || written_for.is_none_or(|written| written == id.as_str()))
        .map_or_else(|| capitalised(id.as_str()), |found| found.value.text().trim().to_owned());
    let lang = layers.choice("node", "lang", &[("es", Lang::Es), ("en", Lang::En)])?;
    Ok(NodeSettings { id, name, lang: lang.unwrap_or_else(|| lang_of_the_system(env)) })
}

fn capitalised(id: &str) -> String {
    let mut letters = id.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The language to speak before the configuration is read, or where it can't be: as its layers say, as far as they can
/// be understood.
#[must_use]
pub fn lang(flags: &Flags, env: &dyn Fn(&str) -> Option<String>, dirs: Option<&Dirs>) -> Lang {
    let by_name = |name: String| match name.as_str() {
        "es" => Some(Lang::Es),
        "en" => Some(Lang::En),
        _ => None,
    };
    let in_file = || {
        let node = flags.node.clone().or_else(|| env("RUBENTARIO_NODE_ID"));
        let node = node.and_then(|id| WarehouseId::new(&id).ok());
        let found = || dirs.and_then(|dirs| file::find(None, node.as_ref(), dirs));
        flags.config.clone().or_else(found).and_then(|path| file::lang(&path))
    };
    let asked = flags.lang.clone().and_then(by_name);
    let asked = asked.or_else(|| env("RUBENTARIO_NODE_LANG").and_then(by_name));
    asked.or_else(|| in_file().and_then(by_name)).unwrap_or_else(|| lang_of_the_system(env))
}

fn lang_of_the_system(env: &dyn Fn(&str) -> Option<String>) -> Lang {
    let said =
        ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| env(name).filter(|value| !value.is_empty()));
    if said.is_some_and(|locale| locale.starts_with("es")) { Lang::Es } else { Lang::En }
}

fn cluster(layers: &Layers, bus: &BusSettings) -> Result<ClusterSettings, ConfigError> {
    let name = match layers.text("cluster", "name") {
        Some((name, place)) if !is_slug(name) => {
            let reason = (
                format!("«{name}» no es un nombre de red: {SLUG_ES}"),
                format!("“{name}” is no cluster name; {SLUG}"),
            );
            return Err(ConfigError::refused(place, "[cluster] name", reason));
        }
        Some((name, _)) => name.to_owned(),
        None => "local".to_owned(),
    };
    let by_bus = if *bus == BusSettings::Spool { Admit::Auto } else { Admit::Ask };
    let admit = layers.choice("cluster", "admit", &[("ask", Admit::Ask), ("auto", Admit::Auto)])?;
    let found = layers.flag("cluster", "found").unwrap_or(false);
    Ok(ClusterSettings { name, found, admit: admit.unwrap_or(by_bus) })
}

fn store(layers: &Layers, id: &WarehouseId) -> Result<StoreSettings, ConfigError> {
    let Some((url, place)) = layers.text("store", "url") else {
        return Ok(StoreSettings::Sqlite);
    };
    // The name of a database with a hyphen would need quotes in every statement.
    let url = url.replace("{node}", &id.as_str().replace('-', "_"));
    SecretUrl::postgres(&url)
        .map(StoreSettings::Postgres)
        .map_err(|reason| ConfigError::refused(place, "[store] url", reason))
}

fn bus(layers: &Layers) -> Result<BusSettings, ConfigError> {
    let allow_plain = layers.flag("bus", "allow_plain").unwrap_or(false);
    let Some(Found { value, place }) = layers.get("bus", "urls") else {
        return Ok(BusSettings::Spool);
    };
    let refused = |reason: Both| ConfigError::refused(place.clone(), "[bus] urls", reason);
    if value.texts().is_empty() {
        let reason = (
            "la lista está vacía; nombre un servidor, o quite la clave para usar el bus de esta máquina",
            "the list is empty; name a broker, or leave the key out for the local spool",
        );
        return Err(refused(reason.into()));
    }
    let urls = value.texts().iter().map(|url| SecretUrl::amqp(url, allow_plain).map_err(refused));
    let ca_file = layers.text("bus", "ca_file").map(|(path, _)| PathBuf::from(path));
    Ok(BusSettings::Rabbit { urls: urls.collect::<Result<_, _>>()?, allow_plain, ca_file })
}

fn snapshots(layers: &Layers) -> Result<SnapshotSettings, ConfigError> {
    let Some((text, place)) = layers.text("snapshots", "daily_at") else {
        return Ok(SnapshotSettings::default());
    };
    let Ok(time) = NaiveTime::parse_from_str(text, "%H:%M") else {
        let reason = (
            format!("«{text}» no es una hora del día; escríbala como 22:00"),
            format!("“{text}” is no time of day; write it as 22:00"),
        );
        return Err(ConfigError::refused(place, "[snapshots] daily_at", reason));
    };
    Ok(SnapshotSettings { daily_at: Some(time.hour() * 60 + time.minute()) })
}
