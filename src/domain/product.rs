//! Products and the rules by which a warehouse reorders them.

use serde::{Deserialize, Serialize};

use super::gtin::Gtin;
use super::reorder::{LeadTime, ServiceLevel};
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
    /// By how many days deliveries stray from that: their standard deviation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_time_deviation_days: Option<u32>,
    /// How sure one wants to be not to run out: where no reorder point is fixed, it is computed from this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_level: Option<ServiceLevel>,
}

impl ReorderRule {
    /// From what the reorder point is computed; none where it is fixed, or where level or lead time are not said.
    #[must_use]
    pub fn computes(&self) -> Option<(ServiceLevel, LeadTime)> {
        let lead = LeadTime {
            mean: f64::from(self.lead_time_days?),
            deviation: f64::from(self.lead_time_deviation_days.unwrap_or(0)),
        };
        self.reorder_point.is_none().then_some((self.service_level?, lead))
    }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_rule_of_before_computed_points_is_read_and_written_in_the_same_bytes() {
        let old = r#"{"reorder_point":50000,"maximum":null,"multiple":null,"minimum_order":null,"lead_time_days":7}"#;
        let rule: ReorderRule = serde_json::from_str(old).unwrap();
        assert_eq!((rule.lead_time_days, rule.service_level), (Some(7), None));
        assert_eq!(serde_json::to_string(&rule).unwrap(), old);
    }

    #[test]
    fn a_point_is_computed_where_none_is_fixed_and_level_and_lead_time_are_said() {
        let rule = ReorderRule {
            service_level: Some(ServiceLevel::P975),
            lead_time_days: Some(7),
            ..ReorderRule::default()
        };
        assert_eq!(rule.computes(), Some((ServiceLevel::P975, LeadTime { mean: 7.0, deviation: 0.0 })));
        let text = serde_json::to_string(&rule).unwrap();
        assert!(text.ends_with(r#""lead_time_days":7,"service_level":"97.5"}"#), "{text}");
        assert_eq!(serde_json::from_str::<ReorderRule>(&text).unwrap(), rule);
        assert_eq!(ReorderRule { lead_time_days: None, ..rule.clone() }.computes(), None);
        assert_eq!(ReorderRule { service_level: None, ..rule.clone() }.computes(), None);
        assert_eq!(ReorderRule { reorder_point: Some(Quantity::ZERO), ..rule }.computes(), None);
    }
}
