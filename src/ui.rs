//! The terminal: shows what the node tells, asks for what the operator wants; it uses only the node's doors.

pub mod model;

pub use model::Model;
