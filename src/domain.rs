//! What a warehouse works with: products, quantities, lots, movements, transfers. Types and rules only.

pub mod alert;
pub mod code128;
pub mod gs1;
pub mod gtin;
pub mod movement;
pub mod names;
pub mod product;
pub mod quantity;
pub mod refusal;
pub mod reorder;
pub mod replenish;
pub mod stocktake;
pub mod transfer;
pub mod trouble;
pub mod typing;

pub use alert::{Alert, AlertKind, Severity};
pub use movement::{AdjustmentReason, MovementKind, ReleaseReason};
pub use names::{Lot, NameError, Operator, Sku, WarehouseId};
pub use product::{Pack, Product, ProductFields, ReorderRule};
pub use quantity::{Quantity, QuantityError};
pub use refusal::Refusal;
pub use stocktake::{Countable, LineState, Selection, StocktakeProblem, Threshold};
pub use transfer::{ShortageReason, TransferId, TransferState};
pub use trouble::{Trouble, TroubleKind};
