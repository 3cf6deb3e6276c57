//! Products and the rules by which a warehouse reorders them.

use serde::{Deserialize, Serialize};

use super::gtin::Gtin;
use super::{Quantity, Sku};

/// What the catalogue says of a product, all warehouses alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its reference.
    pub sku: Sku,
    /// Its name.
    pub name: String,
    /// The unit it is counted in (`ud`, `kg`, …); fixed once goods have moved.
    pub unit: String,
    /// Decimals that may be typed and are shown, 0–3.
    pub decimals: u8,
    /// Barcodes of one unit.
    pub barcodes: Vec<Gtin>,
    /// Packs it comes in.
    pub packs: Vec<Pack>,
    /// A free grouping; may be empty.
    pub category: String,
    /// Whether every receipt must name a lot.
    pub lot_tracked: bool,
    /// Taken out of the catalogue; what is left of it can still be moved.
    pub retired: bool,
}

/// A pack of a product: `3p` means three of the first one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
    /// How much one pack holds.
    pub size: Quantity,
    /// The barcode on the pack.
    pub barcode: Option<Gtin>,
}

/// When and how much a warehouse reorders of a product. What isn't set isn't there: 0 is a value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReorderRule {
    /// An alert is raised when the inventory position is at or below this.
    pub reorder_point: Option<Quantity>,
    /// Order up to this.
    pub maximum: Option<Quantity>,
    /// Orders are multiples of this.
    pub multiple: Option<Quantity>,
    /// Orders are never below this.
    pub minimum_order: Option<Quantity>,
    /// Days from order to goods.
    pub lead_time_days: Option<u32>,
}

/// What the catalogue is told of a product; a field that isn't set stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductFields {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Its decimals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u8>,
    /// Its barcodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barcodes: Option<Vec<Gtin>>,
    /// Its packs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packs: Option<Vec<Pack>>,
    /// Its category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Whether it is tracked by lot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot_tracked: Option<bool>,
}
