//! The store's port: what a node keeps, committed in batches. Two real adapters: PostgreSQL and SQLite.

pub mod history;

pub use crate::protocol::batch::{Batch, Loaded, PeerRecord, StateRows, Writer};
pub use history::{HistoryPage, HistoryQuery};
