//! The door for other processes: a Unix socket in the node's folder, one JSON line per intent and event.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::BufReader;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::door::Hall;
use super::event::Event;
use super::intent::Intent;
use super::line;

/// Connections that are served at once.
const CONNECTIONS: usize = 64;

/// The listening socket; dropping it closes it and all its connections.
#[derive(Debug)]
pub struct Socket {
    path: PathBuf,
    _connections: JoinSet<()>,
}

impl Socket {
    /// Listens at a path. Whoever calls holds the node's lock: a socket file found there is a dead process's.
    ///
    /// # Errors
    /// When the socket can't be made.
    pub fn listen(path: &Path, hall: Hall) -> io::Result<Self> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let (short, _folder) = line::short_path(path)?;
        let listener = UnixListener::bind(short)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        let mut connections = JoinSet::new();
        connections.spawn(accept(listener, hall));
        Ok(Self { path: path.to_owned(), _connections: connections })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Whoever starts next would remove it as well.
        let _ = fs::remove_file(&self.path);
    }
}

async fn accept(listener: UnixListener, hall: Hall) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut served = JoinSet::new();
    loop {
        while served.try_join_next().is_some() {}
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of file descriptors, as a rule: it passes when connections end.
                tracing::warn!(%error, "a connection to the node's socket can't be taken");
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
                continue;
            }
        };
        // The file's mode keeps others out; until it was set, only this check did.
        let ours = rustix::process::geteuid().as_raw();
        if !stream.peer_cred().is_ok_and(|peer| peer.uid() == ours || peer.uid() == 0) {
            continue;
        }
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
            tracing::warn!("more than {CONNECTIONS} connections to the node's socket");
            continue;
        };
        let hall = hall.clone();
        served.spawn(async move {
            serve(stream, &hall).await;
            drop(place);
        });
    }
}

async fn serve(stream: UnixStream, hall: &Hall) {
    let (read, write) = stream.into_split();
    let (intents, events) = hall.open_outside();
    let (complain, complaint) = oneshot::channel();
    tokio::join!(listen_to(read, intents, complain), tell(write, events, complaint));
}

async fn listen_to(read: OwnedReadHalf, intents: mpsc::Sender<Intent>, complain: oneshot::Sender<String>) {
    let mut reader = BufReader::new(read);
    let mut text = Vec::new();
    loop {
        text.clear();
        let whole = tokio::select! {
            whole = line::read(&mut reader, &mut text, line::MAX_INTENT_BYTES) => whole,
            // The node ends, or the other side takes no events any more.
            () = intents.closed() => return,
        };
        match whole {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                let _ = complain.send(error.to_string());
                return;
            }
        }
        match serde_json::from_slice::<Intent>(&text) {
            Ok(intent) => {
                if intents.send(intent).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                let _ = complain.send(format!("not an intent: {error}"));
                return;
            }
        }
    }
}

async fn tell(
    mut write: OwnedWriteHalf,
    mut events: mpsc::Receiver<Event>,
    mut complaint: oneshot::Receiver<String>,
) {
    let mut listening = true;
    loop {
        let event = tokio::select! {
            biased;
            why = &mut complaint, if listening => {
                let Ok(why) = why else {
                    listening = false;
                    continue;
                };
                let event = Event::Reply { id: Uuid::nil(), reply: Err(why) };
                // The other side may have gone; the connection ends in any case.
                let _ = line::write(&mut write, &event).await;
                return;
            }
            event = events.recv() => event,
        };
        let Some(event) = event else { return };
        if line::write(&mut write, &event).await.is_err() {
            return;
        }
    }
}
