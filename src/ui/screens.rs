//! Screens of their own.

pub mod board;
pub mod card;
pub mod promises;
pub mod replenish;
pub mod snapshots;
pub mod stocktake;
pub mod today;
pub mod top;
