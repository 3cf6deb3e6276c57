//! The store's port: what a node keeps, committed in batches. Two real adapters: PostgreSQL and SQLite.

pub mod batch;
pub mod history;

pub use batch::{Batch, Loaded, PeerRecord, StateRows, Writer};
pub use history::{HistoryPage, HistoryQuery};
