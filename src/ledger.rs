//! The ledgers and what follows from them: entries, their hash chain, and the book, the fold of all.

pub mod act;
pub mod book;
pub mod entry;
pub mod movement;
pub mod plan;
pub mod roster;

pub use entry::{Body, CommandId, Entry, EntryRef, Fence, Hash, Head, Seal, StoredEntry};
pub use movement::MovementRow;
pub use roster::PublicKey;
