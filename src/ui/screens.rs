//! Screens of their own.

pub mod board;
pub mod card;
pub mod replenish;
pub mod snapshots;
pub mod top;
