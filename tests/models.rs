//! The protocol's machines under a model checker: the same transition functions that run in production, explored in
//! every order within bounds. `docs/verification.md` says what was explored, how large and how long.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

#[path = "models/snapshot.rs"]
mod snapshot;
