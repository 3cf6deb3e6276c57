//! Parts that several screens are built from.

pub mod field;
pub mod text;
