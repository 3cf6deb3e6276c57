//! The node: one loop between the doors, the core, the store and the bus.
//!
//! The doors are the only way in and out for terminals and verbs: [`intent::Intent`] in, [`event::Event`] out, over
//! bounded channels in the process or one JSON line each over the node's socket.

mod alerts;
pub mod client;
pub mod clock;
mod door;
mod durable_file;
pub mod event;
mod head_file;
pub mod intent;
mod key;
mod line;
mod lock;
mod socket;

pub use event::Event;
pub use intent::{Intent, Question};
