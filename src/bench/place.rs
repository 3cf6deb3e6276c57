//! Where a benchmark's nodes keep their things: a folder and databases that go when it is over.

use std::path::Path;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tempfile::TempDir;

use super::BenchError;
use crate::bus::BusConfig;
use crate::domain::WarehouseId;
use crate::node::NodeConfig;
use crate::protocol::envelope::ClusterKey;
use crate::store::Target;

/// The warehouse whose work is measured.
pub(super) const HERE: &str = "bench";
/// The one that looks on.
pub(super) const THERE: &str = "peer";

/// A folder of its own.
pub(super) fn folder() -> Result<TempDir, BenchError> {
    Ok(TempDir::with_prefix("rubentario-bench-")?)
}

/// The key of the clusters here; they hold nothing worth hiding.
pub(super) const fn cluster_key() -> ClusterKey {
    ClusterKey::new([7; 32])
}

/// The name of a cluster that is nobody else's.
pub(super) fn cluster() -> String {
    format!("bench-{:08x}", rand::random::<u32>())
}

/// A node's settings in a folder, on SQLite unless another store is given.
pub(super) fn node(
    home: &Path,
    name: &str,
    cluster: &str,
    store: Option<&Target>,
    bus: Option<&BusConfig>,
) -> Result<NodeConfig, BenchError> {
    let folder = home.join(name);
    Ok(NodeConfig {
        me: WarehouseId::new(name)?,
        name: name.to_owned(),
        cluster: cluster.to_owned(),
        cluster_key: cluster_key(),
        store: store.cloned().unwrap_or_else(|| Target::Sqlite(folder.join("store.db"))),
        bus: bus.cloned().unwrap_or_else(|| BusConfig::Spool { dir: home.to_owned() }),
        socket: folder.join("node.sock"),
        folder,
        may_found: name == HERE,
        admits: true,
        gives_way: false,
        patience: Duration::ZERO,
        snapshot_daily_at: None,
    })
}

/// A database of its own on a PostgreSQL server.
pub(super) struct Database {
    server: PgConnectOptions,
    name: String,
}

impl Database {
    /// One whose name is nobody else's; the node makes it.
    pub(super) fn new(server: &str) -> Result<Self, BenchError> {
        Ok(Self { server: server.parse()?, name: format!("rubentario_bench_{:08x}", rand::random::<u32>()) })
    }

    /// Its address.
    pub(super) fn options(&self) -> PgConnectOptions {
        self.server.clone().database(&self.name)
    }

    pub(super) fn target(&self) -> Target {
        use sqlx::ConnectOptions as _;
        Target::Postgres(self.options().to_url_lossy().to_string())
    }

    /// Drops it, with whatever still looks at it.
    pub(super) async fn remove(self) -> Result<(), BenchError> {
        let mut connection = PgConnection::connect_with(&self.server).await?;
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut connection).await?;
        Ok(connection.close().await?)
    }
}
