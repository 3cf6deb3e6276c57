//! The catalogue's fold: per product and field, the greater (revision, origin) wins.

use std::sync::Arc;

use super::{Book, ProductState, Stamp, Violation};
use crate::domain::{Product, ProductFields, Sku};
use crate::ledger::StoredEntry;

const RETIRED: usize = 7;

impl Book {
    /// What a definition makes of a product.
    pub(super) fn fold_definition(
        &self,
        stored: &StoredEntry,
        sku: &Sku,
        revision: u32,
        fields: &ProductFields,
    ) -> Result<ProductState, Violation> {
        let stamp = Stamp { revision, origin: stored.entry.origin.clone() };
        let mut state = match self.products.get(sku) {
            Some(known) => known.clone(),
            None => blank(stored, sku, fields)?,
        };
        let own = stored.reference();
        if (&own.origin, own.seq) < (&state.defined_by.origin, state.defined_by.seq) {
            state.defined_by = own;
        }
        state.revision = state.revision.max(revision);
        let ProductState { product, stamps, .. } = &mut state;
        let (product, stamps) = (Arc::make_mut(product), Arc::make_mut(stamps));
        let [name, unit, decimals, barcodes, packs, category, lot_tracked, retired] = stamps;
        set(&mut product.name, name, fields.name.as_ref(), &stamp);
        set(&mut product.unit, unit, fields.unit.as_ref(), &stamp);
        set(&mut product.decimals, decimals, fields.decimals.as_ref(), &stamp);
        set(&mut product.barcodes, barcodes, fields.barcodes.as_ref(), &stamp);
        set(&mut product.packs, packs, fields.packs.as_ref(), &stamp);
        set(&mut product.category, category, fields.category.as_ref(), &stamp);
        set(&mut product.lot_tracked, lot_tracked, fields.lot_tracked.as_ref(), &stamp);
        // To define a product is to have it in the catalogue.
        set(&mut product.retired, retired, Some(&false), &stamp);
        Ok(state)
    }

    /// What a retirement makes of a product.
    pub(super) fn fold_retirement(
        &self,
        stored: &StoredEntry,
        sku: &Sku,
        revision: u32,
    ) -> Result<ProductState, Violation> {
        let Some(known) = self.products.get(sku) else {
            return Err(Violation::UnknownProduct { sku: sku.clone() });
        };
        let mut state = known.clone();
        let stamp = Stamp { revision, origin: stored.entry.origin.clone() };
        state.revision = state.revision.max(revision);
        let stamps = Arc::make_mut(&mut state.stamps);
        set(&mut Arc::make_mut(&mut state.product).retired, &mut stamps[RETIRED], Some(&true), &stamp);
        Ok(state)
    }
}

fn set<T: Clone>(field: &mut T, written: &mut Option<Stamp>, value: Option<&T>, stamp: &Stamp) {
    if let Some(value) = value
        && written.as_ref().is_none_or(|w| w < stamp)
    {
        field.clone_from(value);
        *written = Some(stamp.clone());
    }
}

fn blank(stored: &StoredEntry, sku: &Sku, fields: &ProductFields) -> Result<ProductState, Violation> {
    if fields.name.is_none() || fields.unit.is_none() || fields.decimals.is_none_or(|d| d > 3) {
        return Err(Violation::IncompleteProduct { sku: sku.clone() });
    }
    Ok(ProductState {
        product: Arc::new(Product {
            sku: sku.clone(),
            name: String::new(),
            unit: String::new(),
            decimals: 0,
            barcodes: Vec::new(),
            packs: Vec::new(),
            category: String::new(),
            lot_tracked: false,
            retired: false,
        }),
        revision: 0,
        defined_by: stored.reference(),
        stamps: Arc::new([const { None }; 8]),
    })
}
