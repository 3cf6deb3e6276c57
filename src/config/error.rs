//! Why a config was refused: one sentence that names the place, the key and what to do.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

/// Where a value was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A line of a config file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// A variable of the environment.
    Environment(String),
    /// A flag of the command line.
    Flag(&'static str),
}

impl Place {
    /// Whether a config file set it.
    #[must_use]
    pub fn is_file(&self) -> bool {
        matches!(self, Self::File { .. })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(flag) => write!(f, "{flag}"),
        }
    }
}

/// Why a node can't be configured.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A value is unknown, of the wrong type or impossible.
    #[error("{place}: {key}: {reason}")]
    Refused {
        /// Where the value was set.
        place: Place,
        /// Its section and key.
        key: String,
        /// What is wrong and what to do; holds no secret.
        reason: String,
    },
    /// The file isn't TOML.
    #[error("{place}: {message}")]
    Syntax {
        /// The line where reading stopped.
        place: Place,
        /// What the reader expected; quotes nothing of the file.
        message: String,
    },
    /// No layer names the node.
    #[error(
        "no node is named: give --node ID, or set RUBENTARIO_NODE_ID, or write [node] id in {}",
        file.display()
    )]
    NoNode {
        /// The config that was read, or where one would have been found.
        file: PathBuf,
    },
    /// The user has no home to keep anything in.
    #[error("this user has no home directory: give --data-dir DIR and --config FILE")]
    NoHome,
    /// A file or directory can't be used.
    #[error("{}: {what}: {source}", path.display())]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What was tried.
        what: &'static str,
        /// What the system answered.
        source: io::Error,
    },
    /// A file or directory can be read by others.
    #[error("{}: others can read it (mode {mode:03o}); run: chmod {wanted} {}", path.display(), path.display())]
    Open {
        /// The file or directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// The permissions it should have, for chmod.
        wanted: &'static str,
    },
    /// A directory belongs to somebody else.
    #[error("{}: it belongs to another user; remove it or give --data-dir DIR", path.display())]
    Foreign {
        /// The directory.
        path: PathBuf,
    },
    /// The cluster's key isn't on this machine.
    #[error(
        "{}: the cluster's key is missing; copy cluster.key there from a machine whose warehouse is in the cluster \
         (chmod 600), or set [cluster] found = true if this warehouse is the first",
        path.display()
    )]
    NoClusterKey {
        /// Where the key should be.
        path: PathBuf,
    },
    /// The file with the cluster's key holds something else.
    #[error("{}: this is no cluster key (64 hexadecimal digits); copy the file again", path.display())]
    NotAClusterKey {
        /// The file.
        path: PathBuf,
    },
}

impl ConfigError {
    /// A refusal of `key`, set at `place`.
    pub fn refused(place: Place, key: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Refused { place, key: key.into(), reason: reason.into() }
    }

    /// What the system answered when a file or directory was used.
    pub(crate) fn file(path: &Path, what: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, what, source }
    }
}
