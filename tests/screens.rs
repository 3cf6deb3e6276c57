//! The terminal as an operator sees it: whole screens, drawn into memory and compared with what was looked at.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "screens/away.rs"]
mod away;
#[path = "screens/desk.rs"]
mod desk;
#[path = "screens/fit.rs"]
mod fit;
#[path = "screens/form_keys.rs"]
mod form_keys;
#[path = "screens/forms.rs"]
mod forms;
#[path = "screens/home.rs"]
mod home;
#[path = "screens/keystrokes.rs"]
mod keystrokes;
#[path = "screens/locks.rs"]
mod locks;
#[path = "screens/matrix.rs"]
mod matrix;
#[path = "screens/mouse.rs"]
mod mouse;
#[path = "screens/overlays.rs"]
mod overlays;
#[path = "screens/papers.rs"]
mod papers;
#[path = "screens/promises.rs"]
mod promises;
#[path = "screens/replenish.rs"]
mod replenish;
#[path = "screens/roster.rs"]
mod roster;
#[path = "screens/snapshots.rs"]
mod snapshots;
#[path = "screens/soup.rs"]
mod soup;
#[path = "screens/stocktake.rs"]
mod stocktake;
#[path = "screens/stocktake_review.rs"]
mod stocktake_review;
#[path = "screens/streams.rs"]
mod streams;
#[path = "screens/today.rs"]
mod today;
#[path = "screens/transfers.rs"]
mod transfers;
#[path = "screens/which.rs"]
mod which;
#[path = "screens/world.rs"]
mod world;
