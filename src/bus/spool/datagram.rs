//! Datagrams among the nodes of one machine: control messages, and the knock that says mail has come.

use std::collections::HashSet;
use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UnixDatagram;
use tokio::sync::mpsc;

use super::rows::Owner;
use crate::bus::{CONTROL_PAYLOAD_MAX, NAME_MAX, NodeName, is_name};

/// `sockaddr_un` has 108 bytes for a path with its end mark.
const SOCKET_PATH_MAX: usize = 107;
const KNOCK: u8 = b'k';
const CONTROL: u8 = b'c';
/// The largest datagram: kind, length of the name, name, payload.
pub(super) const DATAGRAM_MAX: usize = 2 + NAME_MAX + CONTROL_PAYLOAD_MAX;
/// Datagrams that may wait to be sent; beyond, they are lost.
const OUTBOX: usize = 256;
/// How long a full peer may hold up the others.
const PATIENCE: Duration = Duration::from_millis(50);

pub(super) enum Datagram {
    Knock,
    Control { from: NodeName, payload: Vec<u8> },
}

pub(super) fn knock() -> Arc<[u8]> {
    Arc::new([KNOCK])
}

pub(super) fn control(from: &str, payload: &[u8]) -> Arc<[u8]> {
    let mut bytes = Vec::with_capacity(2 + from.len() + payload.len());
    bytes.push(CONTROL);
    bytes.push(u8::try_from(from.len()).unwrap_or(u8::MAX));
    bytes.extend_from_slice(from.as_bytes());
    bytes.extend_from_slice(payload);
    bytes.into()
}

/// Reads a datagram; none where it isn't ours.
pub(super) fn read(bytes: &[u8]) -> Option<Datagram> {
    match bytes.split_first()? {
        (&KNOCK, []) => Some(Datagram::Knock),
        (&CONTROL, rest) => {
            let (&length, rest) = rest.split_first()?;
            let (name, payload) = rest.split_at_checked(usize::from(length))?;
            let from = std::str::from_utf8(name).ok().filter(|name| is_name(name))?;
            Some(Datagram::Control { from: from.to_owned(), payload: payload.to_owned() })
        }
        _ => None,
    }
}

/// Where a node's socket is: beside the spool, or, where that path is too long for a socket, under a
/// short name in a private folder of this user.
pub(super) fn path(dir: &Path, owner: &Owner) -> io::Result<PathBuf> {
    let plain = dir.join(format!("{}.{}.sock", owner.cluster, owner.node));
    if plain.as_os_str().len() <= SOCKET_PATH_MAX {
        return Ok(plain);
    }
    let absolute = std::path::absolute(&plain)?;
    let digest = blake3::hash(absolute.as_os_str().as_bytes()).to_hex();
    Ok(private_run_dir()?.join(format!("{}.sock", &digest[..24])))
}

fn private_run_dir() -> io::Result<PathBuf> {
    let user = rustix::process::geteuid().as_raw();
    let dir = match std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from) {
        Some(dir) if dir.is_absolute() && dir.as_os_str().len() <= 60 && dir.is_dir() => {
            dir.join("rubentario")
        }
        _ => PathBuf::from(format!("/tmp/rubentario-{user}")),
    };
    match DirBuilder::new().mode(0o700).create(&dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let meta = fs::symlink_metadata(&dir)?;
    if meta.is_dir() && meta.uid() == user && meta.mode().trailing_zeros() >= 6 {
        Ok(dir)
    } else {
        Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            format!("{} isn't a folder of this user alone", dir.display()),
        ))
    }
}

/// Binds a node's socket; the caller holds the node's lock, so a socket left there is dead.
pub(super) fn bind(path: &Path) -> io::Result<UnixDatagram> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let socket = UnixDatagram::bind(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    Ok(socket)
}

/// Sends datagrams in order, apart from the session, so that a peer whose queue is full (the kernel
/// keeps only a few) holds up nobody for long.
pub(super) struct Courier {
    outbox: mpsc::Sender<(PathBuf, Arc<[u8]>)>,
}

impl Courier {
    pub(super) fn start(socket: Arc<UnixDatagram>) -> Self {
        let (outbox, mut taken) = mpsc::channel::<(PathBuf, Arc<[u8]>)>(OUTBOX);
        tokio::spawn(async move {
            let mut full = HashSet::new();
            while let Some((path, bytes)) = taken.recv().await {
                match socket.try_send_to(&bytes, &path) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        if full.contains(&path) {
                            continue;
                        }
                        if tokio::time::timeout(PATIENCE, socket.send_to(&bytes, &path)).await.is_err() {
                            full.insert(path);
                        }
                    }
                    _ => {
                        full.remove(&path);
                    }
                }
            }
        });
        Self { outbox }
    }

    /// Sends a datagram, unless too many wait.
    pub(super) fn send(&self, path: PathBuf, bytes: Arc<[u8]>) {
        let _ = self.outbox.try_send((path, bytes));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;

    #[test]
    fn a_control_datagram_is_read_as_it_was_written() {
        let Some(Datagram::Control { from, payload }) = read(&control("sevilla-2", b"beat")) else {
            panic!()
        };
        assert_eq!((from.as_str(), payload.as_slice()), ("sevilla-2", b"beat".as_slice()));
    }

    #[test]
    fn foreign_and_cut_datagrams_are_ignored() {
        for bytes in [&b""[..], b"kk", b"c", b"c\x09short", b"c\x03A B", b"zzz"] {
            assert!(read(bytes).is_none(), "{bytes:?}");
        }
    }

    #[test]
    fn a_folder_too_deep_for_a_socket_gets_a_short_path() {
        let deep = PathBuf::from("/data").join("d".repeat(150));
        let owner = Owner { cluster: "shop".to_owned(), node: "madrid".to_owned() };
        let short = path(&deep, &owner).unwrap();
        assert!(short.as_os_str().len() <= SOCKET_PATH_MAX);
        assert_eq!(short, path(&deep, &owner).unwrap());
    }
}
