//! The key that the warehouses of a cluster share: who shows it is a peer.
//!
//! Two nodes may start at the same moment on a new machine. Each writes a key of its own under another name
//! and links it to the final one; the link fails for all but the first, and all read what stands there.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use rand::Rng;

use super::{ConfigError, paths::open_to_others};

/// 32 secret bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct ClusterKey([u8; 32]);

impl ClusterKey {
    /// The key in the file at `path`; a missing one is made where `may_make`.
    ///
    /// # Errors
    /// When it is missing and may not be made, can be read by others, or isn't a key.
    pub fn load(path: &Path, may_make: bool) -> Result<Self, ConfigError> {
        match File::open(path) {
            Ok(file) => Self::read(file, path),
            Err(error) if error.kind() == io::ErrorKind::NotFound && may_make => {
                make(path).map_err(ConfigError::file(
                    path,
                    "no se puede crear la clave de la red",
                    "the cluster's key can't be made",
                ))?;
                let file = File::open(path).map_err(ConfigError::file(
                    path,
                    "no se puede leer la clave de la red",
                    "the cluster's key can't be read",
                ))?;
                Self::read(file, path)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(ConfigError::NoClusterKey { path: path.to_owned() })
            }
            Err(error) => Err(ConfigError::file(
                path,
                "no se puede leer la clave de la red",
                "the cluster's key can't be read",
            )(error)),
        }
    }

    /// The bytes, for sealing and checking.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn read(file: File, path: &Path) -> Result<Self, ConfigError> {
        let unreadable =
            ConfigError::file(path, "no se puede leer la clave de la red", "the cluster's key can't be read");
        let mut text = String::new();
        let read = open_to_others(&file).and_then(|mode| {
            // One byte more than a key with its line end, to notice a file that is something else.
            file.take(67).read_to_string(&mut text).map(|_| mode)
        });
        match read {
            Ok(Some(mode)) => Err(ConfigError::Open { path: path.to_owned(), mode, wanted: "600" }),
            Ok(None) => from_hex(text.trim_end())
                .map(Self)
                .ok_or(ConfigError::NotAClusterKey { path: path.to_owned() }),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(ConfigError::NotAClusterKey { path: path.to_owned() })
            }
            Err(error) => Err(unreadable(error)),
        }
    }
}

impl fmt::Debug for ClusterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClusterKey(***)")
    }
}

fn make(path: &Path) -> io::Result<()> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut key = [0; 32];
    let mut tag = [0; 8];
    rand::rng().fill_bytes(&mut key);
    rand::rng().fill_bytes(&mut tag);
    let draft = dir.join(format!(".cluster.key.{}", hex(&tag)));
    let written =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).and_then(|mut file| {
            writeln!(file, "{}", hex(&key))?;
            file.sync_all()
        });
    let linked = written.and_then(|()| fs::hard_link(&draft, path));
    let removed = fs::remove_file(&draft);
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => removed.and_then(|()| File::open(dir)?.sync_all()),
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(digit.into(), 16));
        }
    }
    text
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::{fs, os::unix::fs::PermissionsExt, sync::Barrier, thread};

    use super::{ClusterKey, ConfigError};

    #[test]
    fn nodes_that_start_together_on_a_new_machine_end_with_one_key() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cluster.key");
        let start = Barrier::new(8);
        let keys: Vec<ClusterKey> = thread::scope(|scope| {
            let nodes: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        ClusterKey::load(&path, true).unwrap()
                    })
                })
                .collect();
            nodes.into_iter().map(|node| node.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no draft stays behind");
    }

    #[test]
    fn a_missing_key_that_may_not_be_made_says_how_to_copy_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cluster.key");
        let error = ClusterKey::load(&path, false).unwrap_err();
        assert!(matches!(error, ConfigError::NoClusterKey { .. }));
        assert!(error.to_string().contains("copy cluster.key there"), "{error}");
        assert!(!path.exists());
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cluster.key");
        ClusterKey::load(&path, true).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let sentence = ClusterKey::load(&path, true).unwrap_err().to_string();
        assert!(sentence.contains("mode 640") && sentence.contains("chmod 600"), "{sentence}");
    }

    #[test]
    fn a_file_that_holds_something_else_is_refused_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cluster.key");
        for text in [&b""[..], b"hello\n", &[b'a'; 70], &[0xff; 64], &[b'g'; 64]] {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            let error = ClusterKey::load(&path, true).unwrap_err();
            assert!(matches!(error, ConfigError::NotAClusterKey { .. }), "{error}");
            assert_eq!(fs::read(&path).unwrap(), text);
        }
    }

    #[test]
    fn a_key_never_shows_itself() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cluster.key");
        let key = ClusterKey::load(&path, true).unwrap();
        assert_eq!(format!("{key:?}"), "ClusterKey(***)");
    }
}
