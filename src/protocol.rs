//! What peers say and agree on. Everything here is a state machine: time and messages come in, effects go out as data.

pub mod batch;
pub mod effects;
pub mod envelope;
pub mod hlc;
pub mod input;
pub mod message;

pub use batch::{Batch, Loaded, PeerRecord, StateRows, Writer};
pub use effects::{After, Changed, Effects, Send, Serve};
pub use hlc::Hlc;
pub use input::{Input, Now};
pub use message::Message;
