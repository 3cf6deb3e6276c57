//! What peers say and agree on. Everything here is a state machine: time and messages come in, effects go out as data.

pub mod batch;
pub mod cluster_time;
pub mod core;
pub mod effects;
pub mod envelope;
pub mod failure_detector;
#[cfg(feature = "faults")]
pub mod fault;
pub mod hlc;
pub mod incoming;
pub mod input;
pub mod message;
pub mod offset;
pub mod quorum_lock;
pub mod recovery;
pub mod refusals;
pub mod replay;
pub mod roster;
pub mod seal;
pub mod snapshot;

pub use core::{Core, LockStatus, PeerStatus, Seat, Setup};
pub use effects::{After, Changed, Effects, Lane, Send, Serve, Testimony};
pub use failure_detector::Liveness;
pub use hlc::Hlc;
pub use input::{Input, Now};
pub use message::Message;
pub use refusals::Refusals;
