//! A lock per resource without a coordinator: a majority of votes, each under a lease, and fences that only grow.
//!
//! Votes go to the oldest request, with inquire and yield against deadlock (Maekawa 1985), as leases (Gray & Cheriton
//! 1989). Both machines are pure: time comes in as milliseconds of a clock that never goes back, messages go out as
//! data. They know no warehouse and no ledger, so the model in `tests/models` drives these very functions.

mod requester;
mod voter;

use serde::{Deserialize, Serialize};

pub use requester::{Requester, WishView};
pub use voter::{Desk, Voter};

use crate::ledger::entry::Fence;

/// How long a vote holds unless it is renewed, in milliseconds: the same at every node.
pub const LEASE_MS: u64 = 10_000;
/// A request that not all have answered is repeated after so many milliseconds.
const ASK_AGAIN_MS: u64 = 800;
/// A number of a fence that is further ahead of the greatest known than this is taken for a forgery.
const GREATEST_JUMP: u64 = 1 << 32;

/// Numbers that a node gives once only, over all its starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Number {
    /// The start of the node.
    pub incarnation: u32,
    /// Counts within it.
    pub n: u64,
}

impl Number {
    /// Below all numbers of this start and later ones.
    #[must_use]
    pub const fn first(incarnation: u32) -> Self {
        Self { incarnation, n: 0 }
    }

    /// The node's number has grown in the middle of a start.
    fn at_least(&mut self, incarnation: u32) {
        if incarnation > self.incarnation {
            *self = Self::first(incarnation);
        }
    }

    const fn next(&mut self) -> Self {
        self.n += 1;
        *self
    }
}

/// Who asked first: the hybrid time of a wish's first request, then the node. It stays while the wish lasts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Priority<N> {
    /// When it was first asked for.
    pub hlc: u64,
    /// By whom.
    pub node: N,
}

/// What requesters and voters say to each other about one resource. Handlers bear any order, loss and doubling.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Says<N, C> {
    /// I want it, or want to keep it: asking again and renewing are the same.
    Request {
        /// Who asked first.
        priority: Priority<N>,
        /// The fence that it would be held under.
        fence: Fence<N>,
        /// Tells this sending from others.
        attempt: Number,
    },
    /// You have my vote.
    Vote {
        /// The fence of the request.
        fence: Fence<N>,
        /// Of this grant.
        grant_no: Number,
        /// The sending that is answered.
        attempt: Number,
        /// What the voter has applied.
        cut: C,
    },
    /// Somebody else has my vote, for the screen.
    Wait {
        /// Who; none = the voter has just started and votes for nobody yet.
        holder: Option<N>,
        /// How many wait before you.
        ahead: u32,
    },
    /// Your fence is not above one that was held before.
    Stale {
        /// The fence of the request.
        fence: Fence<N>,
        /// The greatest that was held.
        high: Fence<N>,
    },
    /// Somebody older waits: give my vote back unless you hold the lock.
    Inquire {
        /// The fence of the grant.
        fence: Fence<N>,
        /// The grant.
        grant_no: Number,
    },
    /// I give your vote back and wait on.
    Yield {
        /// The fence of the grant.
        fence: Fence<N>,
        /// The grant.
        grant_no: Number,
    },
    /// I want it no more.
    Release {
        /// The fence that is through.
        fence: Fence<N>,
        /// The last sending before this: a later start may come to the same fence and is not meant.
        upto: Number,
    },
    /// Something of a newer version.
    #[serde(other)]
    Unknown,
}

impl<N, C> Says<N, C> {
    /// The fixed word of the kind, as in the bytes.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Request { .. } => "request",
            Self::Vote { .. } => "vote",
            Self::Wait { .. } => "wait",
            Self::Stale { .. } => "stale",
            Self::Inquire { .. } => "inquire",
            Self::Yield { .. } => "yield",
            Self::Release { .. } => "release",
            Self::Unknown => "unknown",
        }
    }
}

/// A message to send.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Out<R, N, C> {
    /// To whom; none = every member, the sender included.
    pub to: Option<N>,
    /// About what.
    pub resource: R,
    /// What.
    pub says: Says<N, C>,
}

/// Durations, all from the lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timing {
    lease_ms: u64,
    ask_again_ms: u64,
}

impl Timing {
    /// Of production.
    pub const USUAL: Self = Self { lease_ms: LEASE_MS, ask_again_ms: ASK_AGAIN_MS };

    /// Of a model that counts time in coarse steps.
    #[must_use]
    pub const fn of_lease(lease_ms: u64) -> Self {
        Self { lease_ms, ask_again_ms: lease_ms / 3 }
    }

    /// How long a vote holds at its voter.
    #[must_use]
    pub const fn lease(self) -> u64 {
        self.lease_ms
    }

    /// How long a requester rests on a vote: clocks may differ in rate by 2 %.
    #[must_use]
    pub const fn safe_lease(self) -> u64 {
        self.lease_ms - self.lease_ms / 50
    }

    /// How long after its start a voter votes for nobody: votes of its life before have lapsed then.
    #[must_use]
    pub const fn abstention(self) -> u64 {
        self.lease_ms + self.lease_ms / 50
    }

    /// How often a request is renewed, and the longest pause that a holder survives.
    #[must_use]
    pub const fn renewal(self) -> u64 {
        self.lease_ms / 3
    }

    /// How soon a request that not all have answered is repeated.
    #[must_use]
    pub const fn ask_again(self) -> u64 {
        self.ask_again_ms
    }
}

/// A deliberate fault, so that the model can show that it would notice. Production has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Grants aren't told apart by their numbers.
    NoGrantNumbers,
    /// A released fence may be asked for again.
    HighStays,
    /// A voter votes at once after a restart.
    VotesAtOnce,
    /// A holder takes any renewed vote for the word that its entry is applied.
    LeavesOnAnyVote,
}

/// Whether so many of so many are a majority.
#[must_use]
pub const fn is_majority(some: usize, all: usize) -> bool {
    2 * some > all
}

/// Whether the source must refuse what was written under a fence, given the greatest it has applied.
#[must_use]
pub fn is_stale<N: Ord>(stored: Option<&Fence<N>>, fence: &Fence<N>) -> bool {
    stored.is_some_and(|stored| fence < stored)
}

/// The greater of a known number and one that was told, unless that jumps too far to be honest.
const fn learned(known: u64, told: u64) -> u64 {
    if told > known && told - known <= GREATEST_JUMP { told } else { known }
}
