//! Screens of their own.

pub mod board;
pub mod card;
pub mod promises;
pub mod snapshots;
pub mod top;
