//! Why a config was refused: one sentence, in either language, that names the place, the key and what to do.

use std::{
    error, fmt, io,
    path::{Path, PathBuf},
};

use crate::text::Lang;

/// A sentence, or a part of one, in both languages: it is known which one is spoken only when it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Both {
    /// Spanish.
    pub es: String,
    /// English.
    pub en: String,
}

impl Both {
    /// The one of the language.
    #[must_use]
    pub fn pick(&self, lang: Lang) -> &str {
        lang.pick(&self.es, &self.en)
    }
}

impl<Es: Into<String>, En: Into<String>> From<(Es, En)> for Both {
    fn from((es, en): (Es, En)) -> Self {
        Self { es: es.into(), en: en.into() }
    }
}

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

impl Place {
    /// As a refusal names it.
    #[must_use]
    pub fn in_words(&self, lang: Lang) -> String {
        match self {
            Self::File { path, line } => format!("{}:{line}", path.display()),
            Self::Environment(name) => format!("{} {name}", lang.pick("variable", "environment")),
            Self::Flag(flag) => (*flag).to_owned(),
        }
    }
}

/// Why a node can't be configured.
#[derive(Debug)]
pub enum ConfigError {
    /// A value is unknown, of the wrong type or impossible.
    Refused {
        /// Where the value was set.
        place: Place,
        /// Its section and key.
        key: String,
        /// What is wrong and what to do; holds no secret.
        reason: Both,
    },
    /// The file isn't TOML.
    Syntax {
        /// The line where reading stopped.
        place: Place,
        /// What the reader expected; quotes nothing of the file.
        message: Both,
    },
    /// No layer names the node.
    NoNode {
        /// The config that was read, or where one would have been found.
        file: PathBuf,
    },
    /// The user has no home to keep anything in.
    NoHome,
    /// A file or directory can't be used.
    File {
        /// The file or directory.
        path: PathBuf,
        /// What was tried.
        what: Both,
        /// What the system answered.
        source: io::Error,
    },
    /// A file or directory can be read by others.
    Open {
        /// The file or directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// The permissions it should have, for chmod.
        wanted: &'static str,
    },
    /// A directory belongs to somebody else.
    Foreign {
        /// The directory.
        path: PathBuf,
    },
    /// The cluster's key isn't on this machine.
    NoClusterKey {
        /// Where the key should be.
        path: PathBuf,
    },
    /// The file with the cluster's key holds something else.
    NotAClusterKey {
        /// The file.
        path: PathBuf,
    },
}

impl ConfigError {
    /// A refusal of `key`, set at `place`.
    pub fn refused(place: Place, key: impl Into<String>, reason: impl Into<Both>) -> Self {
        Self::Refused { place, key: key.into(), reason: reason.into() }
    }

    /// What the system answered when a file or directory was used.
    pub(crate) fn file(path: &Path, es: &'static str, en: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, what: (es, en).into(), source }
    }

    /// The sentence, in the language.
    #[must_use]
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            Self::Refused { place, key, reason } => {
                format!("{}: {key}: {}", place.in_words(lang), reason.pick(lang))
            }
            Self::Syntax { place, message } => format!("{}: {}", place.in_words(lang), message.pick(lang)),
            Self::NoNode { file } => {
                let words = lang.pick(
                    "no se nombra ningún nodo: dé --node ID, o ponga RUBENTARIO_NODE_ID, o escriba [node] id en",
                    "no node is named: give --node ID, or set RUBENTARIO_NODE_ID, or write [node] id in",
                );
                format!("{words} {}", file.display())
            }
            Self::NoHome => lang
                .pick(
                    "este usuario no tiene carpeta personal: dé --data-dir CARPETA y --config FICHERO",
                    "this user has no home directory: give --data-dir DIR and --config FILE",
                )
                .to_owned(),
            Self::File { path, what, source } => match lang {
                Lang::Es => format!("{}: {} («{source}»)", path.display(), what.es),
                Lang::En => format!("{}: {}: {source}", path.display(), what.en),
            },
            Self::Open { path, mode, wanted } => {
                let path = path.display();
                match lang {
                    Lang::Es => {
                        format!(
                            "{path}: otros pueden leerlo (permisos {mode:03o}); ejecute: chmod {wanted} {path}"
                        )
                    }
                    Lang::En => {
                        format!("{path}: others can read it (mode {mode:03o}); run: chmod {wanted} {path}")
                    }
                }
            }
            Self::Foreign { path } => {
                let words = lang.pick(
                    "es de otro usuario; quítelo o dé --data-dir CARPETA",
                    "it belongs to another user; remove it or give --data-dir DIR",
                );
                format!("{}: {words}", path.display())
            }
            Self::NoClusterKey { path } => {
                let words = lang.pick(
                    "falta la clave de la red; copie ahí el cluster.key de una máquina cuyo almacén esté en ella (chmod \
                     600), o ponga [cluster] found = true si este almacén es el primero",
                    "the cluster's key is missing; copy cluster.key there from a machine whose warehouse is in the \
                     cluster (chmod 600), or set [cluster] found = true if this warehouse is the first",
                );
                format!("{}: {words}", path.display())
            }
            Self::NotAClusterKey { path } => {
                let words = lang.pick(
                    "no es una clave de red (64 cifras hexadecimales); copie el fichero otra vez",
                    "this is no cluster key (64 hexadecimal digits); copy the file again",
                );
                format!("{}: {words}", path.display())
            }
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence(Lang::En))
    }
}

impl error::Error for ConfigError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::File { source, .. } => Some(source),
            _ => None,
        }
    }
}
