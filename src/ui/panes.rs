//! The four panes of home: state, movement and drawing of each in one file.

pub mod alerts;
pub mod badges;
pub mod history;
pub mod locks;
pub mod peers;
pub mod stock;
