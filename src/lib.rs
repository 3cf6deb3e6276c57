//! rubentario
pub mod config;
