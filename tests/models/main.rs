//! The protocol's machines under a model checker: the same transition functions that run in production, explored in
//! every order within bounds, and walked through by chance where bounds would hide too much.
//!
//! What takes seconds runs always; what takes minutes is ignored:
//! `cargo test --profile simulation --test models -- --ignored --nocapture`. `docs/verification.md` says what was
//! explored, how large and how long.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines,
    clippy::disallowed_methods,
    reason = "tests; how long an exploration took is told"
)]

mod explore;
mod lock;
mod reduced;
mod roster;
mod snapshot;
mod walk;
