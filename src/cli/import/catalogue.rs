//! Rows of a catalogue: each makes a product or changes what it says of one.

use std::collections::HashMap;

use super::cells::Cells;
use super::problem::Why;
use super::{Check, Verdict, World};
use crate::domain::ProductFields;
use crate::domain::{Pack, Product, Refusal, Sku};
use crate::ledger::act::Act;
use crate::ledger::plan::{MAX_CATEGORY, MAX_NAME, MAX_UNIT};

/// The rows seen so far: product → line.
#[derive(Debug, Default)]
pub struct Catalogue {
    seen: HashMap<Sku, u64>,
}

impl Check for Catalogue {
    fn row(&mut self, cells: &mut Cells<'_>, world: &World) -> Verdict {
        let sku = cells.sku();
        if cells.columns.cell(cells.row, "name").is_none() {
            cells.wrong("name", Why::Blank);
        }
        let fields = fields(cells);
        let Some(sku) = sku else {
            return Verdict::Wrong;
        };
        let first = *self.seen.entry(sku.clone()).or_insert(cells.row.line);
        if first != cells.row.line {
            let text = sku.to_string();
            cells.wrong("sku", Why::Duplicate { text, first });
        }
        if let Some(known) = world.products.get(&sku) {
            let product = &known.product;
            let moved = !known.cells.is_empty();
            if moved && fields.unit.as_ref().is_some_and(|unit| *unit != product.unit) {
                let unit = product.unit.clone();
                let sku = sku.clone();
                cells.wrong("unit", Why::Refused(Refusal::UnitFixed { sku, unit }));
            }
            if moved && fields.decimals.is_some_and(|d| d < product.decimals) {
                let text = fields.decimals.unwrap_or_default().to_string();
                let from = u32::from(product.decimals);
                cells.wrong("decimals", Why::Range { text, from, to: 3 });
            }
            if cells.problems.is_empty() && says_nothing_new(&fields, product) {
                return Verdict::AlreadyThere;
            }
        }
        Verdict::Do(Act::SetProduct { sku, fields, unlocked: true })
    }
}

fn fields(cells: &mut Cells<'_>) -> ProductFields {
    let decimals = cells.whole("decimals", 0, 3).and_then(|n| u8::try_from(n).ok());
    let pack_size = cells.positive("pack_size", decimals.unwrap_or(3));
    let pack_barcode = cells.barcodes("pack_barcode").and_then(|codes| codes.into_iter().next());
    if pack_barcode.is_some() && cells.columns.cell(cells.row, "pack_size").is_none() {
        cells.wrong("pack_barcode", Why::PackSizeMissing);
    }
    let pack = pack_size.map(|size| Pack { size, barcode: pack_barcode });
    ProductFields {
        name: cells.text("name", MAX_NAME),
        unit: cells.text("unit", MAX_UNIT),
        decimals,
        barcodes: cells.barcodes("barcode"),
        packs: pack.map(|pack| vec![pack]),
        category: cells.text("category", MAX_CATEGORY),
        lot_tracked: cells.yes_no("lot_tracked"),
    }
}

fn says_nothing_new(fields: &ProductFields, known: &Product) -> bool {
    fn same<T: PartialEq>(said: Option<&T>, known: &T) -> bool {
        said.is_none_or(|said| said == known)
    }
    !known.retired
        && same(fields.name.as_ref(), &known.name)
        && same(fields.unit.as_ref(), &known.unit)
        && same(fields.decimals.as_ref(), &known.decimals)
        && same(fields.barcodes.as_ref(), &known.barcodes)
        && same(fields.packs.as_ref(), &known.packs)
        && same(fields.category.as_ref(), &known.category)
        && same(fields.lot_tracked.as_ref(), &known.lot_tracked)
}
