//! The verbs against a node without store and bus: the real planning and the real book behind the doors.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::unimplemented, reason = "tests")]

#[path = "cli/bad_input.rs"]
mod bad_input;
#[path = "cli/bare_node.rs"]
mod bare_node;
#[path = "cli/books.rs"]
mod books;
#[path = "cli/imports.rs"]
mod imports;
#[path = "cli/promises.rs"]
mod promises;
#[path = "cli/real_files.rs"]
mod real_files;
#[path = "cli/replenishing.rs"]
mod replenishing;
