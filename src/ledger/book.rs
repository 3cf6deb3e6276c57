//! The book: the fold of all ledgers into stock, catalogue, rules and transfers.
//!
//! It is a merge of per-origin parts: what one origin's entries do depends on that origin's earlier entries and on
//! the entries they name, so equal cuts give equal books in any order of arrival.

pub mod state;

pub use state::{
    Arrival, Dispatch, Mark, PartHead, ProductState, RequestStep, RuleState, Stamp, StockCell, StockKey,
    Transfer,
};
