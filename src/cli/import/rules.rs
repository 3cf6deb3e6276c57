//! Rows of reorder rules of the own warehouse; a blank cell leaves that number as it is.

use std::collections::HashMap;

use super::cells::Cells;
use super::problem::Why;
use super::{Check, Verdict, World};
use crate::domain::{Refusal, Sku};
use crate::ledger::act::Act;
use crate::ledger::plan::MAX_SHELF;

/// The longest lead time, in days.
const MAX_DAYS: u32 = 3650;

/// The rows seen so far: product → line.
#[derive(Debug, Default)]
pub struct Rules {
    seen: HashMap<Sku, u64>,
}

impl Check for Rules {
    fn row(&mut self, cells: &mut Cells<'_>, world: &World) -> Verdict {
        let sku = cells.sku();
        let known = sku.as_ref().and_then(|sku| world.products.get(sku));
        if let (Some(sku), None) = (&sku, known) {
            cells.wrong("sku", Why::UnknownSku(sku.clone()));
        }
        let decimals = known.map_or(3, |known| known.product.decimals);
        let reorder_point = cells.amount("reorder_point", decimals);
        let maximum = cells.amount("maximum", decimals);
        let multiple = cells.positive("multiple", decimals);
        let minimum_order = cells.amount("minimum_order", decimals);
        let lead_time = cells.whole("lead_time", 0, MAX_DAYS);
        let deviation = cells.whole("lead_time_deviation", 0, MAX_DAYS);
        let level = cells.service_level("service_level");
        let place = cells.text("shelf", MAX_SHELF);
        let (Some(sku), Some(known)) = (sku, known) else {
            return Verdict::Wrong;
        };
        let first = *self.seen.entry(sku.clone()).or_insert(cells.row.line);
        if first != cells.row.line {
            let text = sku.to_string();
            cells.wrong("sku", Why::Duplicate { text, first });
        }
        if known.product.retired {
            let sku = sku.clone();
            cells.wrong("sku", Why::Refused(Refusal::RetiredSku { sku }));
        }
        let old = known.rule(&world.warehouse).cloned().unwrap_or_default();
        let mut rule = old.rule.clone();
        rule.reorder_point = reorder_point.or(rule.reorder_point);
        rule.maximum = maximum.or(rule.maximum);
        rule.multiple = multiple.or(rule.multiple);
        rule.minimum_order = minimum_order.or(rule.minimum_order);
        rule.lead_time_days = lead_time.or(rule.lead_time_days);
        rule.lead_time_deviation_days = deviation.or(rule.lead_time_deviation_days);
        rule.service_level = level.or(rule.service_level);
        if let (Some(point), Some(maximum)) = (rule.reorder_point, rule.maximum)
            && maximum < point
        {
            cells.wrong("maximum", Why::BelowReorderPoint { maximum, reorder_point: point });
        }
        let said = reorder_point.or(maximum).or(multiple).or(minimum_order);
        if rule.service_level.is_some() && rule.reorder_point.is_none() && rule.lead_time_days.is_none() {
            cells.wrong("lead_time", Why::LeadTimeMissing);
        }
        let computed = lead_time.is_some() || deviation.is_some() || level.is_some();
        if said.is_none() && !computed && place.is_none() {
            return Verdict::Nothing;
        }
        if rule == old.rule && place.as_ref().is_none_or(|place| *place == old.shelf) {
            return Verdict::AlreadyThere;
        }
        Verdict::Do(Act::SetRule { sku, rule: (rule != old.rule).then_some(rule), shelf: place })
    }
}
