//! rubentario
