//! How a version of the roster is agreed on: single-decree Paxos (Lamport 1998) among the members of the version
//! before.
//!
//! Each member is an acceptor; whoever wants a change, and belongs, is a proposer as well. What an acceptor has
//! promised and accepted must be stored before any message that [`Balloting`] gave out is sent. Nothing here knows of
//! time, keys or ledgers: when to try again, who may speak and what is proven is the core's matter, and
//! `tests/models` explores these very functions.

mod acceptor;
mod proposer;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::WarehouseId;
use crate::ledger::roster::{Ballot, Change, Matter};

pub use acceptor::{Acceptor, Answer, Vote};
pub use proposer::Proposer;

/// What members say to each other about one matter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Say {
    /// Will you take part in this ballot?
    Prepare {
        /// The ballot.
        ballot: Ballot,
    },
    /// I will, and in none before it.
    Promise {
        /// The ballot.
        ballot: Ballot,
        /// What I accepted last, and in which ballot.
        accepted: Option<(Ballot, Change)>,
    },
    /// Accept this change.
    Accept {
        /// The ballot.
        ballot: Ballot,
        /// The change.
        change: Change,
    },
    /// I have accepted it.
    Accepted {
        /// The ballot.
        ballot: Ballot,
        /// The change.
        change: Change,
    },
    /// I have promised a later ballot.
    Refused {
        /// The ballot asked for.
        ballot: Ballot,
        /// The one promised.
        promised: Ballot,
    },
}

/// Something to say to a member.
pub type Said = (WarehouseId, Say);

/// A change that a majority accepted in one ballot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chosen {
    /// The ballot.
    pub ballot: Ballot,
    /// The change.
    pub change: Change,
    /// Who accepted it.
    pub by: BTreeSet<WarehouseId>,
}

/// One member's part in deciding one version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Balloting {
    me: WarehouseId,
    matter: Matter,
    voters: BTreeSet<WarehouseId>,
    acceptor: Acceptor,
    proposer: Option<Proposer>,
}

impl Balloting {
    /// Begins, with what this member's store holds of the matter.
    #[must_use]
    pub const fn new(
        me: WarehouseId,
        matter: Matter,
        voters: BTreeSet<WarehouseId>,
        acceptor: Acceptor,
    ) -> Self {
        Self { me, matter, voters, acceptor, proposer: None }
    }

    /// What is decided on.
    #[must_use]
    pub const fn matter(&self) -> Matter {
        self.matter
    }

    /// This member's vote, to be stored.
    #[must_use]
    pub const fn acceptor(&self) -> &Acceptor {
        &self.acceptor
    }

    /// What this member is proposing, if it is.
    #[must_use]
    pub const fn proposer(&self) -> Option<&Proposer> {
        self.proposer.as_ref()
    }

    /// Takes part again after a lost or older store, see [`Acceptor::resumed`].
    pub fn resume(&mut self, acceptor: Acceptor) {
        self.acceptor = acceptor;
        self.proposer = None;
    }

    /// Begins a ballot of its own, later than all it has heard of. Who may not vote doesn't propose either: only a
    /// stored promise keeps it from using a ballot twice.
    pub fn propose(&mut self, wish: Change) -> Vec<Said> {
        let before = self.proposer.as_ref().map_or(0, Proposer::greatest);
        let n = self.acceptor.promised().map_or(0, |b| b.n).max(before) + 1;
        let ballot = Ballot { n, node: self.me.clone() };
        let Some(Answer::Promise(accepted)) = self.acceptor.prepare(&ballot) else { return Vec::new() };
        let mut proposer = Proposer::new(ballot.clone(), wish, self.majority());
        proposer.promised(&self.me, accepted);
        self.proposer = Some(proposer);
        self.to_others(&Say::Prepare { ballot })
    }

    /// Gives the own ballot up; what was accepted of it may still be chosen by others.
    pub fn give_up(&mut self) {
        self.proposer = None;
    }

    /// Puts forward what the promises leave to put forward, once a majority has promised. `finish` has the last word
    /// on the own wish, where that is free to be chosen.
    ///
    /// Nobody is asked to accept what the asker itself could not: so whoever loses its store finds all that it may
    /// have accepted with those who asked for it.
    pub fn put_forward(&mut self, finish: impl FnOnce(Change) -> Change) -> Vec<Said> {
        let Some(proposer) = &mut self.proposer else { return Vec::new() };
        let Some(change) = proposer.put_forward(finish) else { return Vec::new() };
        let ballot = proposer.ballot().clone();
        match self.acceptor.accept(&ballot, &change) {
            Some(Answer::Accepted(_)) => proposer.accepted(&self.me),
            Some(Answer::Refused(promised)) => {
                proposer.refused(&promised);
                return Vec::new();
            }
            _ => return Vec::new(),
        }
        self.to_others(&Say::Accept { ballot, change })
    }

    /// What is to be said again to those who haven't answered.
    #[must_use]
    pub fn again(&self) -> Vec<Said> {
        let Some(proposer) = &self.proposer else { return Vec::new() };
        let ballot = proposer.ballot().clone();
        let say = match proposer.forward() {
            Some(change) => Say::Accept { ballot, change: change.clone() },
            None => Say::Prepare { ballot },
        };
        let silent = self.voters.iter().filter(|v| **v != self.me && !proposer.has_answered(v));
        silent.map(|voter| (voter.clone(), say.clone())).collect()
    }

    /// Hears a voter; says what is to be answered.
    pub fn hear(&mut self, from: &WarehouseId, say: &Say) -> Option<Say> {
        if !self.voters.contains(from) {
            return None;
        }
        match say {
            Say::Prepare { ballot } if ballot.node == *from => {
                self.acceptor.prepare(ballot).map(|answer| answer.to(ballot))
            }
            Say::Accept { ballot, change } if ballot.node == *from => {
                self.acceptor.accept(ballot, change).map(|answer| answer.to(ballot))
            }
            Say::Prepare { .. } | Say::Accept { .. } => None,
            Say::Promise { ballot, .. } | Say::Accepted { ballot, .. } | Say::Refused { ballot, .. } => {
                let proposer = self.proposer.as_mut().filter(|p| p.ballot() == ballot)?;
                match say {
                    Say::Promise { accepted, .. } => proposer.promised(from, accepted.clone()),
                    Say::Refused { promised, .. } => proposer.refused(promised),
                    // Of a ballot that another life of this member used, perhaps, for something else.
                    Say::Accepted { change, .. } if proposer.forward() != Some(change) => {}
                    _ => proposer.accepted(from),
                }
                None
            }
        }
    }

    /// The change, once the own ballot has chosen it.
    #[must_use]
    pub fn chosen(&self) -> Option<Chosen> {
        self.proposer.as_ref().and_then(Proposer::chosen)
    }

    fn majority(&self) -> usize {
        self.voters.len() / 2 + 1
    }

    fn to_others(&self, say: &Say) -> Vec<Said> {
        let others = self.voters.iter().filter(|voter| **voter != self.me);
        others.map(|voter| (voter.clone(), say.clone())).collect()
    }
}
