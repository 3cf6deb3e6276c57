//! Planning of the catalogue and of a warehouse's own rules.

use super::{Ground, MAX_CATEGORY, MAX_NAME, MAX_SHELF, MAX_UNIT, Planned, limited};
use crate::domain::{Product, ProductFields, Refusal, ReorderRule, Sku};
use crate::ledger::entry::{Body, EntryRef};

const MAX_BARCODES: usize = 20;

impl Ground<'_> {
    pub(super) fn set_product(&self, sku: &Sku, fields: &ProductFields) -> Result<Vec<Planned>, Refusal> {
        check_fields(fields)?;
        let known = self.book.product(sku);
        let mut fields = fields.clone();
        if let Some(state) = known {
            let product = &state.product;
            let moved = self.book.cells(sku).next().is_some();
            if moved && fields.unit.as_ref().is_some_and(|unit| *unit != product.unit) {
                return Err(Refusal::UnitFixed { sku: sku.clone(), unit: product.unit.clone() });
            }
            if moved && fields.decimals.is_some_and(|d| d < product.decimals) {
                let problem =
                    format!("{sku} has moved, its {} decimals can't become fewer", product.decimals);
                return Err(Refusal::Field { field: "decimals".into(), problem });
            }
            forget_unchanged(&mut fields, product);
            if fields == ProductFields::default() && !product.retired {
                return Err(Refusal::Nothing);
            }
        } else {
            if fields.name.is_none() {
                let problem = "a new product needs a name".to_owned();
                return Err(Refusal::Field { field: "name".into(), problem });
            }
            fields.unit.get_or_insert_with(|| "ud".to_owned());
            fields.decimals.get_or_insert(0);
        }
        let revision = known.map_or(0, |state| state.revision).saturating_add(1);
        let body = Body::ProductDefined { sku: sku.clone(), revision, fields };
        Ok(vec![Planned { body, names: self.definition(sku) }])
    }

    pub(super) fn retire_product(&self, sku: &Sku) -> Result<Vec<Planned>, Refusal> {
        let state = self.current_product(sku)?;
        let left = self.book.cells(sku).any(|(_, cell)| cell.on_hand.is_positive());
        if left || self.book.roads(sku).next().is_some() {
            let problem = format!("there is still stock of {sku}, or some on the road");
            return Err(Refusal::Field { field: "sku".into(), problem });
        }
        let body = Body::ProductRetired { sku: sku.clone(), revision: state.revision.saturating_add(1) };
        Ok(vec![Planned { body, names: self.definition(sku) }])
    }

    pub(super) fn set_rule(
        &self,
        sku: &Sku,
        new_rule: Option<&ReorderRule>,
        new_shelf: Option<&str>,
    ) -> Result<Vec<Planned>, Refusal> {
        let names = self.names_of(sku)?;
        let old = self.book.rule(self.me, sku).cloned().unwrap_or_default();
        let mut state = old.clone();
        if let Some(rule) = new_rule {
            self.check_rule(sku, rule)?;
            state.rule = rule.clone();
        }
        if let Some(shelf) = new_shelf {
            limited("shelf", shelf, MAX_SHELF)?;
            shelf.clone_into(&mut state.shelf);
        }
        if state == old {
            return Err(Refusal::Nothing);
        }
        let body = Body::ReorderRuleSet { sku: sku.clone(), rule: state.rule, shelf: state.shelf };
        Ok(vec![Planned { body, names }])
    }

    fn check_rule(&self, sku: &Sku, rule: &ReorderRule) -> Result<(), Refusal> {
        let fields = [
            ("reorder_point", rule.reorder_point),
            ("maximum", rule.maximum),
            ("multiple", rule.multiple),
            ("minimum_order", rule.minimum_order),
        ];
        for (field, value) in fields {
            let Some(value) = value else { continue };
            let refuse = |problem: String| Err(Refusal::Field { field: field.to_owned(), problem });
            if value.is_negative() || (field == "multiple" && value.is_zero()) {
                return refuse(format!("{value} is too little"));
            }
            if let Some(problem) = self.decimals(sku, value)? {
                return refuse(problem.to_string());
            }
        }
        if let (Some(point), Some(maximum)) = (rule.reorder_point, rule.maximum)
            && maximum < point
        {
            let problem = format!("{maximum} is below the reorder point {point}");
            return Err(Refusal::Field { field: "maximum".into(), problem });
        }
        if rule.service_level.is_some() && rule.reorder_point.is_none() && rule.lead_time_days.is_none() {
            let problem = "a computed reorder point needs it".to_owned();
            return Err(Refusal::Field { field: "lead_time".into(), problem });
        }
        Ok(())
    }

    /// The definition of another warehouse that a new one rests on.
    fn definition(&self, sku: &Sku) -> Vec<EntryRef> {
        let known = self.book.product(sku).map(|state| state.defined_by.clone());
        known.into_iter().filter(|entry| entry.origin != *self.me).collect()
    }
}

fn check_fields(fields: &ProductFields) -> Result<(), Refusal> {
    let refuse = |field: &str, problem: &str| {
        Err(Refusal::Field { field: field.to_owned(), problem: problem.to_owned() })
    };
    if let Some(name) = &fields.name {
        limited("name", name, MAX_NAME)?;
        if name.trim().is_empty() {
            return refuse("name", "it is empty");
        }
    }
    if let Some(unit) = &fields.unit {
        limited("unit", unit, MAX_UNIT)?;
        if unit.trim().is_empty() {
            return refuse("unit", "it is empty");
        }
    }
    if let Some(category) = &fields.category {
        limited("category", category, MAX_CATEGORY)?;
    }
    if fields.decimals.is_some_and(|d| d > 3) {
        return refuse("decimals", "0 to 3 are possible");
    }
    if fields.barcodes.as_ref().is_some_and(|codes| codes.len() > MAX_BARCODES)
        || fields.packs.as_ref().is_some_and(|packs| packs.len() > MAX_BARCODES)
    {
        return refuse("barcodes", "at most 20 barcodes and 20 packs are possible");
    }
    if fields.packs.iter().flatten().any(|pack| !pack.size.is_positive()) {
        return refuse("packs", "a pack holds more than nothing");
    }
    Ok(())
}

/// Drops what says what is so already, so that it doesn't win over others' later words.
fn forget_unchanged(fields: &mut ProductFields, product: &Product) {
    fn drop_if<T: PartialEq>(field: &mut Option<T>, known: &T) {
        if field.as_ref() == Some(known) {
            *field = None;
        }
    }
    drop_if(&mut fields.name, &product.name);
    drop_if(&mut fields.unit, &product.unit);
    drop_if(&mut fields.decimals, &product.decimals);
    drop_if(&mut fields.barcodes, &product.barcodes);
    drop_if(&mut fields.packs, &product.packs);
    drop_if(&mut fields.category, &product.category);
    drop_if(&mut fields.lot_tracked, &product.lot_tracked);
}
