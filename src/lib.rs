//! rubentario: real-time inventory for several warehouses, with no centre.
//!
//! The rooms, ground floor first; a room uses only rooms below it.
//!
//! - [`domain`]: products, quantities, lots, movements, transfers: types and rules.
//! - [`ledger`]: the entry, its hash chain, and the book: the pure fold of all ledgers.
//! - [`protocol`]: what peers say and agree on, as state machines without clock, randomness or I/O; the core.
//! - [`store`]: what a node keeps, on PostgreSQL or SQLite.
//! - [`bus`]: how nodes reach each other, over RabbitMQ or a local spool.
//! - [`node`]: the runtime, and its two doors: intents in, events out.
//! - [`text`]: words for people, in Spanish and English.
//! - [`config`]: what a node is told before it starts: files, environment, flags.
//! - [`ui`]: the terminal.
//! - [`cli`]: the verbs.
//! - [`demo`]: several warehouses with sample data, and a story of them.
//! - [`mod@bench`]: measurements of speed and size, each beside its limit.
//! - [`app`]: puts the rooms together for each way the program is started.

pub mod app;
pub mod bench;
pub mod bus;
pub mod cli;
pub mod config;
pub mod demo;
pub mod domain;
pub mod ledger;
pub mod node;
pub mod protocol;
pub mod store;
pub mod text;
pub mod ui;
