//! Words for people, in Spanish and English: the one place where facts become sentences.

pub mod alert;
pub mod catching_up;
pub mod clock;
mod field;
pub mod format;
pub mod lang;
pub mod number;
pub mod refusal;
mod refusals;
pub mod replenish;
pub mod sheet;
pub mod starting;
pub mod stocktake;
mod stopped;
pub mod time;
pub mod trouble;
pub mod typing;
mod waiting;
pub mod words;

pub use alert::alert_line;
pub use lang::Lang;
pub use refusal::{Said, refusal};
pub use refusals::refusals;
pub use stopped::stopped;
pub use waiting::lock_wait;
