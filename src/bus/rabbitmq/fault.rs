//! Why the broker can't be used, in one sentence that a person can act on, without secrets.

use std::io;

use lapin::protocol::{AMQPErrorKind, AMQPHardError, AMQPSoftError};
use lapin::{Error, ErrorKind};

use super::address::Address;
use crate::domain::{Trouble, TroubleKind};

pub(super) fn explain(error: &Error, address: &Address) -> Trouble {
    let at = &address.shown;
    let (what, said) = match error.kind() {
        ErrorKind::IOError(cause) => return explain_io(cause, address),
        ErrorKind::ProtocolError(error) => {
            let said = error.get_message();
            match error.kind() {
                AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED)
                    if said.to_string().contains("Login was refused") =>
                {
                    let said = "refuses the login (ACCESS_REFUSED): wrong user or password";
                    (TroubleKind::LogIn, format!("the broker at {at} {said}"))
                }
                AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED) => (
                    TroubleKind::Rights,
                    format!("the broker at {at} allows this user too little (ACCESS_REFUSED): {said}"),
                ),
                AMQPErrorKind::Hard(AMQPHardError::NOTALLOWED) => {
                    let door = "doesn't let this user into the virtual host (NOT_ALLOWED)";
                    (TroubleKind::Rights, format!("the broker at {at} {door}: {said}"))
                }
                AMQPErrorKind::Hard(AMQPHardError::CONNECTIONFORCED) => {
                    (TroubleKind::Silent, format!("the broker at {at} ended the connection: {said}"))
                }
                AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED) => (
                    TroubleKind::Setup,
                    format!("a queue at {at} was made differently than this version makes it: {said}"),
                ),
                _ => (TroubleKind::Silent, format!("the broker at {at} reports {error}")),
            }
        }
        ErrorKind::MissingHeartbeatError => (TroubleKind::Silent, format!("the broker at {at} went silent")),
        _ => (TroubleKind::Silent, format!("the connection to the broker at {at} failed: {error}")),
    };
    Trouble::new(what, said)
}

pub(super) fn explain_io(cause: &io::Error, address: &Address) -> Trouble {
    let at = &address.shown;
    let said = cause.to_string();
    match cause.kind() {
        io::ErrorKind::ConnectionRefused => {
            Trouble::silent(format!("nothing listens at {at}: is the broker running?"))
        }
        io::ErrorKind::TimedOut => Trouble::silent(format!(
            "{at} doesn't answer: is the address right, and is a firewall in between?"
        )),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::UnexpectedEof
        | io::ErrorKind::BrokenPipe => {
            Trouble::silent(format!("the connection to the broker at {at} was cut"))
        }
        _ if said.contains("certificate") => {
            Trouble::new(TroubleKind::Certificate, format!("the certificate of {at} isn't trusted: {said}"))
        }
        _ if said.contains("resolve") || said.contains("lookup") => {
            Trouble::new(TroubleKind::Setup, format!("the name of {at} isn't known: {said}"))
        }
        io::ErrorKind::InvalidData if address.is_tls() => {
            Trouble::new(TroubleKind::Setup, format!("{at} doesn't speak TLS as it should: {said}"))
        }
        _ => Trouble::silent(format!("the connection to {at} failed: {said}")),
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

/// Whether there is no such queue.
pub(super) fn is_missing(error: &Error) -> bool {
    is_soft(error, &AMQPSoftError::NOTFOUND)
}

fn is_soft(error: &Error, wanted: &AMQPSoftError) -> bool {
    matches!(error.kind(), ErrorKind::ProtocolError(error)
        if matches!(error.kind(), AMQPErrorKind::Soft(kind) if kind == wanted))
}
