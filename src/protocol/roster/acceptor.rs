//! An acceptor: it promises ballots and accepts changes, and never goes back on a promise.

use serde::{Deserialize, Serialize};

use super::Say;
use crate::ledger::roster::{Ballot, Change};

/// What an acceptor has promised and accepted of one matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Vote {
    /// The latest ballot it takes part in.
    pub promised: Option<Ballot>,
    /// What it accepted last, and in which ballot.
    pub accepted: Option<(Ballot, Change)>,
}

/// One member's vote on one matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Acceptor {
    vote: Vote,
    /// It may have promised or accepted what it no longer knows.
    abstains: bool,
}

/// What an acceptor says to a ballot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It takes part; what it accepted last.
    Promise(Option<(Ballot, Change)>),
    /// It has accepted this.
    Accepted(Change),
    /// It has promised a later one.
    Refused(Ballot),
}

impl Answer {
    /// As it is said to the ballot's proposer.
    #[must_use]
    pub fn to(self, ballot: &Ballot) -> Say {
        let ballot = ballot.clone();
        match self {
            Self::Promise(accepted) => Say::Promise { ballot, accepted },
            Self::Accepted(change) => Say::Accepted { ballot, change },
            Self::Refused(promised) => Say::Refused { ballot, promised },
        }
    }
}

impl Acceptor {
    /// One that takes no part: what it may have said before is not known to it.
    #[must_use]
    pub const fn abstaining() -> Self {
        Self { vote: Vote { promised: None, accepted: None }, abstains: true }
    }

    /// One that lost its store and has since heard every other voter's vote.
    ///
    /// A proposer's own vote is the first in each of its ballots. So the latest ballot that the others have promised
    /// is at least the latest that this one had, and the latest that they have accepted holds what was chosen with
    /// this one's help, if anything was.
    #[must_use]
    pub fn resumed<'a>(own: &Vote, others: impl Iterator<Item = &'a Vote>) -> Self {
        let mut vote = own.clone();
        for other in others {
            vote.promised = vote.promised.max(other.promised.clone());
            let place =
                |accepted: &Option<(Ballot, Change)>| accepted.as_ref().map(|(ballot, _)| ballot.clone());
            if place(&other.accepted) > place(&vote.accepted) {
                vote.accepted.clone_from(&other.accepted);
            }
        }
        Self { vote, abstains: false }
    }

    /// What it has promised and accepted.
    #[must_use]
    pub const fn vote(&self) -> &Vote {
        &self.vote
    }

    /// The latest ballot it takes part in.
    #[must_use]
    pub const fn promised(&self) -> Option<&Ballot> {
        self.vote.promised.as_ref()
    }

    /// Whether it has accepted a change.
    #[must_use]
    pub const fn has_accepted(&self) -> bool {
        self.vote.accepted.is_some()
    }

    /// Whether it takes no part.
    #[must_use]
    pub const fn abstains(&self) -> bool {
        self.abstains
    }

    /// Takes part in a ballot, unless it has promised a later one. Silent where it takes no part in anything.
    pub fn prepare(&mut self, ballot: &Ballot) -> Option<Answer> {
        self.unless_promised_later(ballot, |vote| {
            vote.promised = Some(ballot.clone());
            Answer::Promise(vote.accepted.clone())
        })
    }

    /// Accepts a change, unless it has promised a later ballot.
    pub fn accept(&mut self, ballot: &Ballot, change: &Change) -> Option<Answer> {
        self.unless_promised_later(ballot, |vote| {
            vote.promised = Some(ballot.clone());
            vote.accepted = Some((ballot.clone(), change.clone()));
            Answer::Accepted(change.clone())
        })
    }

    fn unless_promised_later(
        &mut self,
        ballot: &Ballot,
        then: impl FnOnce(&mut Vote) -> Answer,
    ) -> Option<Answer> {
        if self.abstains {
            return None;
        }
        match &self.vote.promised {
            Some(promised) if promised > ballot => Some(Answer::Refused(promised.clone())),
            _ => Some(then(&mut self.vote)),
        }
    }
}
