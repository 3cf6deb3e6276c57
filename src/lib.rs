//! rubentario
pub mod bus;
