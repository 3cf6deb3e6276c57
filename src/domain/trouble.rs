//! What is the matter with a store or a bus: what it means for people, and what was seen.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::movement::words;

words!(
    /// What a trouble means, whatever was seen of it.
    TroubleKind {
        /// It doesn't answer, or hung up: it comes back by itself or is started again.
        Silent = "silent",
        /// It doesn't take the user or the password.
        LogIn = "log_in",
        /// The user may do too little.
        Rights = "rights",
        /// Its certificate isn't trusted.
        Certificate = "certificate",
        /// Another process has this node's place.
        Elsewhere = "elsewhere",
        /// It takes nothing more for now.
        Full = "full",
        /// Somebody has to change how it is set up, or its address.
        Setup = "setup",
        /// What it holds is not what this program wrote.
        Damaged = "damaged",
        /// There is no node that would use it.
        NoNode = "no_node",
    }
);

/// What is the matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// What it means.
    pub what: TroubleKind,
    /// What was seen, in technical words without secrets.
    pub said: String,
}

impl Trouble {
    /// A trouble and what was seen of it.
    pub fn new(what: TroubleKind, said: impl Into<String>) -> Self {
        Self { what, said: said.into() }
    }

    /// It doesn't answer.
    pub fn silent(said: impl Into<String>) -> Self {
        Self::new(TroubleKind::Silent, said)
    }

    /// Several that were tried in turn: what was seen of each, and the first meaning that is more than silence.
    #[must_use]
    pub fn of_all(each: &[Self]) -> Self {
        let told = each.iter().map(|trouble| trouble.what).find(|what| *what != TroubleKind::Silent);
        let said: Vec<_> = each.iter().map(|trouble| trouble.said.as_str()).collect();
        Self::new(told.unwrap_or(TroubleKind::Silent), said.join("; "))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said)
    }
}
