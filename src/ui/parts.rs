//! Parts that several screens are built from.

pub mod chart;
pub mod cursor;
pub mod field;
pub mod pane;
pub mod table;
pub mod text;
