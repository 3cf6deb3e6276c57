//! Names of nodes and clusters: plain slugs, so that they fit in queue names, routing keys and files.

use super::BusError;

/// The longest name, in bytes.
pub const NAME_MAX: usize = 63;

/// Whether the bus can carry this name.
#[must_use]
pub fn is_name(name: &str) -> bool {
    (1..=NAME_MAX).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

pub(super) fn check(what: &'static str, name: &str) -> Result<(), BusError> {
    if is_name(name) { Ok(()) } else { Err(BusError::Name { what, name: name.to_owned() }) }
}
