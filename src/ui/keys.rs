//! Keys: one table says which key does what and where; handling, hints, help, palette and config come from it.

pub mod document;
pub mod form;
pub mod map;
pub mod press;
pub mod table;

pub use form::{FORM_KEYS, FormKey};
pub use map::{Found, KeyError, Keymap};
pub use press::Press;
pub use table::{BINDINGS, Binding, Place, Places};
