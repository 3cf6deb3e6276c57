//! Why the broker can't be used, in one sentence that a person can act on, without secrets.

use std::io;

use lapin::protocol::{AMQPErrorKind, AMQPHardError, AMQPSoftError};
use lapin::{Error, ErrorKind};

use super::address::Address;

pub(super) fn explain(error: &Error, address: &Address) -> String {
    let at = &address.shown;
    match error.kind() {
        ErrorKind::IOError(cause) => explain_io(cause, address),
        ErrorKind::ProtocolError(error) => {
            let said = error.get_message();
            match error.kind() {
                AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED)
                    if said.to_string().contains("Login was refused") =>
                {
                    format!("the broker at {at} refuses the login (ACCESS_REFUSED): wrong user or password")
                }
                AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED) => {
                    format!("the broker at {at} allows this user too little (ACCESS_REFUSED): {said}")
                }
                AMQPErrorKind::Hard(AMQPHardError::NOTALLOWED) => {
                    format!(
                        "the broker at {at} doesn't let this user into the virtual host (NOT_ALLOWED): {said}"
                    )
                }
                AMQPErrorKind::Hard(AMQPHardError::CONNECTIONFORCED) => {
                    format!("the broker at {at} ended the connection: {said}")
                }
                AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED) => {
                    format!("a queue at {at} was made differently than this version makes it: {said}")
                }
                _ => format!("the broker at {at} reports {error}"),
            }
        }
        ErrorKind::MissingHeartbeatError => format!("the broker at {at} went silent"),
        _ => format!("the connection to the broker at {at} failed: {error}"),
    }
}

pub(super) fn explain_io(cause: &io::Error, address: &Address) -> String {
    let at = &address.shown;
    match cause.kind() {
        io::ErrorKind::ConnectionRefused => format!("nothing listens at {at}: is the broker running?"),
        io::ErrorKind::TimedOut => {
            format!("{at} doesn't answer: is the address right, and is a firewall in between?")
        }
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::UnexpectedEof
        | io::ErrorKind::BrokenPipe => format!("the connection to the broker at {at} was cut"),
        _ => {
            let said = cause.to_string();
            if said.contains("certificate") {
                format!("the certificate of {at} isn't trusted: {said}")
            } else if said.contains("resolve") || said.contains("lookup") {
                format!("the name of {at} isn't known: {said}")
            } else if address.is_tls() && cause.kind() == io::ErrorKind::InvalidData {
                format!("{at} doesn't speak TLS as it should: {said}")
            } else {
                format!("the connection to {at} failed: {said}")
            }
        }
    }
}

/// Whether a second creator met a queue which was made with other arguments.
pub(super) fn is_made_otherwise(error: &Error) -> bool {
    is_soft(error, &AMQPSoftError::PRECONDITIONFAILED)
}

/// Whether another connection has an exclusive queue.
pub(super) fn is_locked(error: &Error) -> bool {
    is_soft(error, &AMQPSoftError::RESOURCELOCKED)
}

fn is_soft(error: &Error, wanted: &AMQPSoftError) -> bool {
    matches!(error.kind(), ErrorKind::ProtocolError(error)
        if matches!(error.kind(), AMQPErrorKind::Soft(kind) if kind == wanted))
}
