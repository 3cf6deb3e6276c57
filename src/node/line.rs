//! Lines of JSON over a socket, each of a bounded length.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt};

/// The longest line that a node takes, in bytes.
pub const MAX_INTENT_BYTES: usize = 4 * 1024 * 1024;
/// The longest line that a client takes of its node, in bytes: a picture of a large catalogue is long.
pub const MAX_EVENT_BYTES: usize = 512 * 1024 * 1024;

/// Bytes that the address of a socket takes at most, the closing zero left out.
const MAX_ADDRESS: usize = 107;

/// Reads on until the line in `line` is whole, without its end; false = the other side has gone.
///
/// Whoever is cancelled while waiting calls again with the same `line` and loses nothing.
///
/// # Errors
/// When the socket fails, or the line grows too long ([`io::ErrorKind::InvalidData`]).
pub async fn read<R: AsyncBufRead + Unpin>(
    reader: &mut R,
    line: &mut Vec<u8>,
    longest: usize,
) -> io::Result<bool> {
    loop {
        let available = reader.fill_buf().await?;
        if available.is_empty() {
            return Ok(false);
        }
        let end = available.iter().position(|&b| b == b'\n');
        let taken = end.unwrap_or(available.len());
        if line.len() + taken > longest {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("a line of more than {longest} bytes"),
            ));
        }
        line.extend_from_slice(&available[..taken]);
        reader.consume(end.map_or(taken, |at| at + 1));
        if end.is_some() {
            return Ok(true);
        }
    }
}

/// Writes one value as one line.
///
/// # Errors
/// When the socket fails.
pub async fn write<W: AsyncWrite + Unpin, T: Serialize>(writer: &mut W, value: &T) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    writer.write_all(&line).await
}

/// A path by which a socket can be named though its own is longer than an address may be; it is of use while the
/// file beside it is open.
///
/// # Errors
/// When the folder can't be opened.
pub fn short_path(path: &Path) -> io::Result<(PathBuf, Option<File>)> {
    if path.as_os_str().as_bytes().len() <= MAX_ADDRESS {
        return Ok((path.to_owned(), None));
    }
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not the path of a socket"));
    };
    let folder = File::open(folder)?;
    let short = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())).join(name);
    Ok((short, Some(folder)))
}
