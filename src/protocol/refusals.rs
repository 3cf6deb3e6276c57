//! What was refused of what others say, by kind: nothing of it has changed anything.

use serde::{Deserialize, Serialize};

/// How often something was refused since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Refusals {
    /// In another's name, with another's key, or proving nothing.
    pub forged: u64,
    /// Heard before, or of a start that is over.
    pub replayed: u64,
    /// Votes of another version of the roster than this node's; while one changes, honest ones come.
    pub of_another_roster: u64,
    /// Changes of the roster that can't follow the version of now.
    pub unfit: u64,
    /// Requests under a lock's token that a later one has overtaken: their source declined them.
    pub from_the_past: u64,
    /// Markers for a snapshot that isn't known.
    pub unknown_snapshot: u64,
}

impl Refusals {
    /// Those that no honest node causes, but the markers.
    #[must_use]
    pub const fn of_messages(&self) -> u64 {
        self.forged + self.replayed + self.unfit
    }
}
