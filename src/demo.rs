//! The demonstration: several warehouses with sample data, a story told in lines, and some life.
//!
//! It uses nodes through their doors only, as a terminal does. [`catalogue`], [`opening`], [`promises`] and [`script`] are pure
//! data; [`mod@fill`] carries them out; [`story`] plays; [`life`] goes on for as long as somebody watches.

pub mod catalogue;
pub mod error;
pub mod fill;
pub mod hand;
pub mod life;
pub mod opening;
pub mod promises;
#[cfg(test)]
mod rehearsal;
pub mod script;
pub mod story;
pub mod teller;

pub use error::DemoError;
pub use fill::fill;
pub use hand::Hand;
pub use life::live;
pub use story::{BEAT, headless};
pub use teller::Teller;

use crate::domain::{NameError, WarehouseId};

/// The warehouses, in the order in which they take part: id, and name for people.
pub const WAREHOUSES: [(&str, &str); 9] = [
    ("madrid", "Madrid Central"),
    ("sevilla", "Sevilla"),
    ("valencia", "Valencia Puerto"),
    ("barcelona", "Barcelona"),
    ("bilbao", "Bilbao"),
    ("zaragoza", "Zaragoza Plaza"),
    ("malaga", "Málaga"),
    ("vigo", "Vigo"),
    ("palma", "Palma"),
];

/// The id of the warehouse at a place of [`WAREHOUSES`], counted from 0 and around.
///
/// # Errors
/// Never, for the names there are.
pub fn warehouse(place: usize) -> Result<WarehouseId, NameError> {
    WarehouseId::new(WAREHOUSES[place % WAREHOUSES.len()].0)
}
