//! The terminal: shows what the node tells, asks for what the operator wants; it uses only the node's doors.
//!
//! One way round: a key or a fact wakes the [`view`], which changes and says what it wants ([`wake::Effect`] of the
//! shell, intents of the node); [`frame`] draws what the view holds and changes nothing.

pub mod action;
pub mod chime;
pub mod export;
pub mod forms;
pub mod frame;
pub mod fuzzy;
pub mod hints;
pub mod history_filter;
pub mod keys;
pub mod layout;
pub mod model;
pub mod moment;
pub mod note;
pub mod overlays;
pub mod panes;
pub mod parts;
pub mod report;
pub mod requests;
pub mod scan;
pub mod screens;
pub mod shell;
pub mod terminal;
pub mod theme;
pub mod toasts;
pub mod view;
pub mod wake;

pub use action::Action;
pub use model::Model;
pub use shell::{Bell, Doors, Options, Terminal};
