#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod booking;
mod sample;
mod transfers;
