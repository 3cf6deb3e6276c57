//! Rows of stock: each is a receipt into the own warehouse. Lots and shelves go with them.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::cells::Cells;
use super::identity::Identity;
use super::problem::Why;
use super::{Check, Checked, Step, Verdict, World};
use crate::domain::ProductFields;
use crate::domain::{Lot, Quantity, Refusal, Sku};
use crate::ledger::act::{Act, ReceiptLine};
use crate::ledger::plan::MAX_SHELF;

/// What is written beside receipts of an import without `--ref-column`.
const REFERENCE: &str = "import";

/// What the rows said so far.
#[derive(Debug, Default)]
pub struct Stock {
    /// The line of a lot's first row, and the date it or the book gives.
    lots: HashMap<(Sku, Lot), (u64, Option<NaiveDate>)>,
    products: BTreeMap<Sku, OfProduct>,
    /// Rows of a lot that stood in an earlier row: further receipts.
    repeated: usize,
}

/// What the rows of one product said.
#[derive(Debug, Default)]
struct OfProduct {
    line: u64,
    with_lot: bool,
    without_lot: bool,
    shelves: Vec<String>,
}

impl Check for Stock {
    fn row(&mut self, cells: &mut Cells<'_>, world: &World) -> Verdict {
        let (sku, lot, expiry) = (cells.sku(), cells.lot(), cells.date("expiry"));
        let place = cells.text("shelf", MAX_SHELF);
        let known = sku.as_ref().and_then(|sku| world.products.get(sku));
        if let (Some(sku), None) = (&sku, known) {
            cells.wrong("sku", Why::UnknownSku(sku.clone()));
        }
        let qty = cells.amount("qty", known.map_or(3, |known| known.product.decimals));
        let (Some(sku), Some(lot), Some(known)) = (sku, lot, known) else {
            return Verdict::Wrong;
        };
        let qty = qty.unwrap_or(Quantity::ZERO);
        if qty.is_positive() {
            if known.product.retired {
                let sku = sku.clone();
                cells.wrong("sku", Why::Refused(Refusal::RetiredSku { sku }));
            }
            if known.product.lot_tracked && lot.is_none() {
                let sku = sku.clone();
                cells.wrong("lot", Why::Refused(Refusal::LotMissing { sku }));
            }
            if lot.is_none() && expiry.is_some() {
                let sku = sku.clone();
                cells.wrong("expiry", Why::Refused(Refusal::ExpiryWithoutLot { sku }));
            }
            self.check_expiry(cells, world, &sku, &lot, expiry);
        }
        if !cells.problems.is_empty() {
            return Verdict::Wrong;
        }
        let product = self.products.entry(sku.clone()).or_default();
        if product.line == 0 {
            product.line = cells.row.line;
        }
        if let Some(place) = place.filter(|place| !product.shelves.contains(place)) {
            product.shelves.push(place);
        }
        if !qty.is_positive() {
            return Verdict::Nothing;
        }
        product.with_lot |= !lot.is_none();
        product.without_lot |= lot.is_none();
        let reference = cells.columns.reference(cells.row).unwrap_or(REFERENCE);
        let line = ReceiptLine { sku, lot, expiry, qty };
        Verdict::Do(Act::Receive { lines: vec![line], reference: reference.to_owned() })
    }

    /// Tracks the lots of products that came with lots only, and sets shelves.
    fn finish(self, world: &World, identity: &Identity, checked: &mut Checked) {
        checked.repeated = self.repeated;
        for (sku, said) in self.products {
            let Some(known) = world.products.get(&sku) else {
                continue;
            };
            if said.with_lot && !said.without_lot && !known.product.lot_tracked {
                let fields = ProductFields { lot_tracked: Some(true), ..ProductFields::default() };
                let act = Act::SetProduct { sku: sku.clone(), fields, unlocked: true };
                let step = Step::of_product("lot_tracked", &sku, said.line, act, identity);
                checked.steps.push(step);
            }
            let place = joined(&said.shelves);
            let has = known.rule(&world.warehouse).map_or("", |rule| rule.shelf.as_str());
            if !place.is_empty() && place != has {
                let act = Act::SetRule { sku: sku.clone(), rule: None, shelf: Some(place) };
                checked.steps.push(Step::of_product("shelf", &sku, said.line, act, identity));
            }
        }
    }
}

impl Stock {
    /// A lot has one date: in the file, and in the warehouse while something of it is there.
    fn check_expiry(
        &mut self,
        cells: &mut Cells<'_>,
        world: &World,
        sku: &Sku,
        lot: &Lot,
        expiry: Option<NaiveDate>,
    ) {
        let line = cells.row.line;
        let key = (sku.clone(), lot.clone());
        if let Some((first, known)) = self.lots.get_mut(&key) {
            self.repeated += 1;
            match (*known, expiry) {
                (Some(known), Some(given)) if known != given => {
                    let first = *first;
                    cells.wrong("expiry", Why::OtherExpiry { known, first });
                }
                (None, Some(_)) => *known = expiry,
                _ => {}
            }
            return;
        }
        self.lots.insert(key, (line, expiry));
        let here = world.products.get(sku).into_iter().flat_map(|known| &known.cells);
        let cell = here
            .filter(|cell| cell.warehouse == world.warehouse && cell.lot == *lot)
            .find(|cell| cell.on_hand.is_positive());
        if let (Some(known), Some(given)) = (cell.and_then(|cell| cell.expiry), expiry)
            && known != given
        {
            let refusal = Refusal::LotExpiryDiffers { sku: sku.clone(), lot: lot.clone(), known, given };
            cells.wrong("expiry", Why::Refused(refusal));
        }
    }
}

/// All shelves in one text, as many as fit.
fn joined(shelves: &[String]) -> String {
    let mut text = String::new();
    for shelf in shelves {
        let longer = if text.is_empty() { shelf.clone() } else { format!("{text}, {shelf}") };
        if longer.chars().count() > MAX_SHELF {
            break;
        }
        text = longer;
    }
    text
}
