//! The terminal: shows what the node tells, asks for what the operator wants; it uses only the node's doors.

pub mod forms;
pub mod model;
pub mod parts;
pub mod theme;

pub use model::Model;
