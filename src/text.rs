//! Words for people, in Spanish and English: the one place where facts become sentences.

pub mod lang;

pub use lang::Lang;
