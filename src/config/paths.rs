//! Where a node's files are, and the shape of the names that become directories.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
};

use super::ConfigError;
use crate::domain::WarehouseId;

/// The longest socket path that every Unix takes, in bytes without the final NUL (Linux 107, macOS 103).
const LONGEST_SOCKET_PATH: usize = 103;

/// What a node id and a cluster's name are made of, in words.
pub(super) const SLUG: &str = "it starts with a letter and has only a-z, 0-9 and -, at most 32";
/// The same in Spanish.
pub(super) const SLUG_ES: &str = "empieza por una letra y solo lleva a-z, 0-9 y -, 32 como mucho";

/// Whether a name may be a node id or a cluster's name, and thereby a directory.
pub(super) fn is_slug(name: &str) -> bool {
    WarehouseId::new(name).is_ok_and(|id| id.as_str() == name)
}

/// The directories of the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dirs {
    /// Where configs are looked for.
    pub config: PathBuf,
    /// Where data is kept unless `--data-dir` says otherwise.
    pub data: PathBuf,
    /// Where a socket goes whose path would be too long elsewhere.
    pub runtime: PathBuf,
}

impl Dirs {
    /// The directories the system gives this user.
    ///
    /// # Errors
    /// When the user has no home.
    pub fn of_user() -> Result<Self, ConfigError> {
        let project = directories::ProjectDirs::from("", "", "rubentario").ok_or(ConfigError::NoHome)?;
        let runtime = project.runtime_dir().map_or_else(
            || std::env::temp_dir().join(format!("rubentario-{}", rustix::process::getuid().as_raw())),
            Path::to_path_buf,
        );
        Ok(Self {
            config: project.config_dir().to_path_buf(),
            data: project.data_dir().to_path_buf(),
            runtime,
        })
    }
}

fn usual_key(cluster_dir: &Path) -> PathBuf {
    cluster_dir.join("cluster.key")
}

/// The files of one node: `<data>/<cluster>/…` is shared by the machine's nodes, `<data>/<cluster>/<node>/…` is its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    cluster_dir: PathBuf,
    node_dir: PathBuf,
    cluster_key: PathBuf,
    socket: PathBuf,
}

impl Paths {
    /// The paths of `node` of `cluster` under `data`; creates nothing.
    #[must_use]
    pub fn new(
        data: &Path,
        runtime: &Path,
        cluster: &str,
        node: &WarehouseId,
        cluster_key: Option<PathBuf>,
    ) -> Self {
        let cluster_dir = data.join(cluster);
        let node_dir = cluster_dir.join(node.as_str());
        let near = node_dir.join("node.sock");
        let socket = if near.as_os_str().len() <= LONGEST_SOCKET_PATH {
            near
        } else {
            let name = blake3::hash(near.as_os_str().as_encoded_bytes()).to_hex();
            runtime.join(format!("{}.sock", &name[..24]))
        };
        Self {
            cluster_key: cluster_key.unwrap_or_else(|| usual_key(&cluster_dir)),
            cluster_dir,
            node_dir,
            socket,
        }
    }

    /// Makes the directories, readable by this user only.
    ///
    /// # Errors
    /// When one can't be made, is open to others or belongs to somebody else.
    pub fn create(&self) -> Result<(), ConfigError> {
        private_dir(&self.cluster_dir)?;
        private_dir(&self.node_dir)?;
        private_dir(&self.log_dir())?;
        match self.socket.parent() {
            Some(parent) if parent != self.node_dir => private_dir(parent),
            _ => Ok(()),
        }
    }

    /// Something that is no directory where one must be; none where all can be made or is there.
    #[must_use]
    pub fn in_the_way(&self) -> Option<&Path> {
        let there = self.node_dir.ancestors().find(|path| path.exists());
        there.filter(|path| !path.is_dir())
    }

    /// What the nodes of this cluster on this machine share.
    #[must_use]
    pub fn cluster_dir(&self) -> &Path {
        &self.cluster_dir
    }

    /// What is this node's own.
    #[must_use]
    pub fn node_dir(&self) -> &Path {
        &self.node_dir
    }

    /// The local bus.
    #[must_use]
    pub fn spool(&self) -> PathBuf {
        self.cluster_dir.join("spool.db")
    }

    /// The cluster's key.
    #[must_use]
    pub fn cluster_key(&self) -> &Path {
        &self.cluster_key
    }

    /// Whether somebody said where the cluster's key is.
    #[must_use]
    pub fn is_key_named(&self) -> bool {
        self.cluster_key != usual_key(&self.cluster_dir)
    }

    /// The SQLite store.
    #[must_use]
    pub fn store(&self) -> PathBuf {
        self.node_dir.join("store.db")
    }

    /// How far the ledger had come when it was last published.
    #[must_use]
    pub fn head(&self) -> PathBuf {
        self.node_dir.join("head")
    }

    /// The node's door.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Which process runs the node; locked while it does.
    #[must_use]
    pub fn pid(&self) -> PathBuf {
        self.node_dir.join("node.pid")
    }

    /// The node's signing key.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.node_dir.join("key")
    }

    /// The node's log files.
    #[must_use]
    pub fn log_dir(&self) -> PathBuf {
        self.node_dir.join("log")
    }
}

fn private_dir(dir: &Path) -> Result<(), ConfigError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(ConfigError::file(dir, "no se puede crear la carpeta", "the directory can't be made"))?;
    let found = fs::metadata(dir).map_err(ConfigError::file(
        dir,
        "no se puede leer la carpeta",
        "the directory can't be read",
    ))?;
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(ConfigError::Foreign { path: dir.to_owned() });
    }
    // Others may look into a directory that an administrator opened to them, but never change it.
    if found.mode() & 0o022 != 0 {
        return Err(ConfigError::Open { path: dir.to_owned(), mode: found.mode() & 0o777, wanted: "700" });
    }
    Ok(())
}

/// Whether somebody other than the owner may read a file.
pub(crate) fn open_to_others(file: &fs::File) -> io::Result<Option<u32>> {
    let mode = file.metadata()?.mode();
    Ok((mode & 0o077 != 0).then_some(mode & 0o777))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::{fs, os::unix::fs::PermissionsExt, path::Path};

    use super::{Paths, is_slug};
    use crate::domain::WarehouseId;

    fn paths(data: &Path, runtime: &Path, node: &str) -> Paths {
        Paths::new(data, runtime, "local", &WarehouseId::new(node).unwrap(), None)
    }

    #[test]
    fn a_slug_starts_with_a_letter_and_is_short_and_plain() {
        for good in ["a", "madrid", "sevilla-2", "a2345678901234567890123456789012"] {
            assert!(is_slug(good), "{good}");
        }
        for bad in [
            "",
            "2madrid",
            "-a",
            "Madrid",
            "a_b",
            "a.b",
            "../x",
            "cádiz",
            "a23456789012345678901234567890123",
        ] {
            assert!(!is_slug(bad), "{bad}");
        }
    }

    #[test]
    fn a_socket_path_too_long_for_the_system_moves_to_the_runtime_directory() {
        let short = paths(Path::new("/data"), Path::new("/run/r"), "madrid");
        assert_eq!(short.socket(), Path::new("/data/local/madrid/node.sock"));
        let deep = format!("/data/{}", "x".repeat(90));
        let long = paths(Path::new(&deep), Path::new("/run/r"), "madrid");
        let other = paths(Path::new(&deep), Path::new("/run/r"), "sevilla");
        assert_eq!(long.socket().parent(), Some(Path::new("/run/r")));
        assert_ne!(long.socket(), other.socket());
    }

    #[test]
    fn directories_are_made_for_their_owner_only() {
        let base = tempfile::tempdir().unwrap();
        let paths = paths(&base.path().join("data"), base.path(), "madrid");
        paths.create().unwrap();
        paths.create().unwrap();
        for dir in [paths.cluster_dir(), paths.node_dir(), &paths.log_dir()] {
            assert_eq!(fs::metadata(dir).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }

    #[test]
    fn a_directory_that_others_may_write_to_is_refused() {
        let base = tempfile::tempdir().unwrap();
        let paths = paths(base.path(), base.path(), "madrid");
        paths.create().unwrap();
        fs::set_permissions(paths.node_dir(), fs::Permissions::from_mode(0o777)).unwrap();
        let sentence = paths.create().unwrap_err().to_string();
        assert!(sentence.contains("chmod 700"), "{sentence}");
    }
}
