//! The other end of a node's socket, for terminals and verbs in processes of their own.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;
use tokio::io::BufReader;
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

use super::event::Event;
use super::intent::Intent;
use super::line;

/// Why a node can't be talked to.
#[derive(Debug, Error)]
pub enum ClientError {
    /// No process listens there.
    #[error("no node is running at {path}")]
    NobodyThere {
        /// The socket.
        path: PathBuf,
    },
    /// The connection failed.
    #[error("the connection to the node at {path} failed: {why}")]
    Io {
        /// The socket.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
    /// What it says can't be read: it is of another version, as a rule.
    #[error("the node at {path} says what this program can't read ({why}); are both of one version?")]
    Unreadable {
        /// The socket.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

/// A connection to a running node.
#[derive(Debug)]
pub struct Client {
    path: PathBuf,
    read: BufReader<OwnedReadHalf>,
    write: OwnedWriteHalf,
    line: Vec<u8>,
}

impl Client {
    /// Connects to the socket at this path.
    ///
    /// # Errors
    /// When no node listens there, or the connection fails.
    pub async fn connect(path: &Path) -> Result<Self, ClientError> {
        let stream = async {
            let (short, _folder) = line::short_path(path)?;
            UnixStream::connect(short).await
        };
        let stream = stream.await.map_err(|why| match why.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
                ClientError::NobodyThere { path: path.to_owned() }
            }
            _ => ClientError::Io { path: path.to_owned(), why },
        })?;
        let (read, write) = stream.into_split();
        Ok(Self { path: path.to_owned(), read: BufReader::new(read), write, line: Vec::new() })
    }

    /// Says what is wanted.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn send(&mut self, intent: &Intent) -> Result<(), ClientError> {
        line::write(&mut self.write, intent)
            .await
            .map_err(|why| ClientError::Io { path: self.path.clone(), why })
    }

    /// The next event; none = the node has ended the connection. Being cancelled loses nothing.
    ///
    /// # Errors
    /// When the connection fails, or the line is no event.
    pub async fn next(&mut self) -> Result<Option<Event>, ClientError> {
        let whole = line::read(&mut self.read, &mut self.line, line::MAX_EVENT_BYTES).await;
        let whole = whole.map_err(|why| ClientError::Io { path: self.path.clone(), why })?;
        if !whole {
            return Ok(None);
        }
        let text = std::mem::take(&mut self.line);
        serde_json::from_slice(&text)
            .map(Some)
            .map_err(|error| ClientError::Unreadable { path: self.path.clone(), why: error.to_string() })
    }
}
