#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod booking;
mod catalogue;
mod dialogs;
mod promises;
mod sample;
mod screens;
mod soup;
mod transfers;
