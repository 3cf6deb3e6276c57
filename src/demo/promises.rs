//! What is kept for somebody and what is ordered when the demonstration begins.

use chrono::{Days, NaiveDate};

use super::error::DataError;
use crate::domain::{Quantity, Sku};
use crate::ledger::act::Act;

/// Place of the warehouse, reference, units, for whom, days from today to its end; none = no end.
type Kept = (usize, &'static str, i64, &'static str, Option<u64>);

const KEPT: &[Kept] = &[
    (0, "CH-AV-L", 25, "Obra M-40, pedido 3391", Some(0)),
    (0, "CH-AV-L", 10, "Marta Ruiz", None),
    (0, "BO-S3-42", 4, "Ayuntamiento, pedido 3402", Some(6)),
    (0, "GE-HID-500", 24, "Residencia El Saler", Some(2)),
    (1, "BO-S3-42", 6, "Hospital Macarena", None),
    (2, "CA-BL", 5, "Autoridad portuaria", Some(9)),
];

/// Place of the warehouse, reference, units, days from today, the supplier.
type Ordered = (usize, &'static str, i64, u64, &'static str);

const ORDERED: &[Ordered] = &[
    (0, "GA-INC", 60, 0, "Óptica Norte, pedido 771"),
    (0, "AL-70", 40, 3, "Químicas Ebro, pedido 118"),
    (0, "MA-FFP2", 24, 8, "Textil Levante, pedido 90"),
    (1, "CA-BL", 20, 5, "Plásticos Alcor"),
];

/// What a warehouse has promised and been promised, in order.
///
/// # Errors
/// Never, for the data there is.
pub fn promises(place: usize, today: NaiveDate) -> Result<Vec<Act>, DataError> {
    let day = |days| today.checked_add_days(Days::new(days)).unwrap_or(today);
    let mut acts = Vec::new();
    for &(_, sku, units, purpose, days) in KEPT.iter().filter(|kept| kept.0 == place) {
        let (sku, qty, purpose) = (Sku::new(sku)?, Quantity::units(units)?, purpose.to_owned());
        acts.push(Act::Reserve { sku, lot: None, qty, purpose, until: days.map(day) });
    }
    for &(_, sku, units, days, supplier) in ORDERED.iter().filter(|ordered| ordered.0 == place) {
        let (sku, qty, reference) = (Sku::new(sku)?, Quantity::units(units)?, supplier.to_owned());
        acts.push(Act::Expect { sku, qty, due: day(days), reference });
    }
    Ok(acts)
}
