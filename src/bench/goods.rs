//! Made-up goods, the same in every run.

use std::fmt::Write as _;
use std::sync::Arc;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt as _, SeedableRng as _};

use super::BenchError;
use crate::domain::gtin::{Gtin, check_digit};
use crate::domain::{Lot, Product, ProductFields, Quantity, Sku};
use crate::ledger::act::{Act, MAX_LINES, ReceiptLine};

const SEED: u64 = 20_261_124;
/// What a catalogue of many goods is made of.
const KINDS: [&str; 8] = [
    "Guante nitrilo",
    "Mascarilla",
    "Tornillo",
    "Cable",
    "Caja de cartón",
    "Cinta adhesiva",
    "Filtro",
    "Batería",
];

/// The SKU of a product by its number.
pub(super) fn sku(number: usize) -> Result<Sku, BenchError> {
    Ok(Sku::new(&code(number))?)
}

fn code(number: usize) -> String {
    format!("P-{number:05}")
}

fn barcode(number: usize) -> Result<Gtin, BenchError> {
    let body = format!("84{number:010}");
    let digits: Vec<u8> = body.bytes().map(|byte| byte - b'0').collect();
    Ok(Gtin::parse(&format!("{body}{}", check_digit(&digits)))?)
}

fn name(number: usize) -> String {
    format!("{} {number}", KINDS[number % KINDS.len()])
}

/// Defines so many products.
pub(super) fn products(count: usize) -> Result<Vec<Act>, BenchError> {
    let product = |number| {
        let fields = ProductFields {
            name: Some(name(number)),
            barcodes: Some(vec![barcode(number)?]),
            ..ProductFields::default()
        };
        Ok(Act::SetProduct { sku: sku(number)?, fields, unlocked: true })
    };
    (0..count).map(product).collect()
}

/// So many products as the terminal knows them.
pub(super) fn products_shown(count: usize) -> Result<Vec<Arc<Product>>, BenchError> {
    let product = |number| {
        Ok(Arc::new(Product {
            sku: sku(number)?,
            name: name(number),
            unit: "u".to_owned(),
            decimals: 0,
            barcodes: vec![barcode(number)?],
            packs: Vec::new(),
            category: KINDS[number % KINDS.len()].to_owned(),
            lot_tracked: false,
            retired: false,
        }))
    };
    (0..count).map(product).collect()
}

/// So many receipts of one line each, of any of so many products.
pub(super) fn receipts(count: usize, products: usize) -> Result<Vec<Act>, BenchError> {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let receipt = |number| {
        let line = ReceiptLine {
            sku: sku(rng.random_range(0..products.max(1)))?,
            lot: Lot::none(),
            expiry: None,
            qty: Quantity::units(rng.random_range(1..=500))?,
        };
        Ok(Act::Receive { lines: vec![line], reference: format!("Pedido {number}") })
    };
    (0..count).map(receipt).collect()
}

/// Something of each of so many products, as many lines in an act as there may be.
pub(super) fn stock(products: usize) -> Result<Vec<Act>, BenchError> {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let numbers: Vec<usize> = (0..products).collect();
    let act = |numbers: &[usize]| {
        let line = |number: &usize| {
            let qty = Quantity::units(rng.random_range(1..=500))?;
            Ok(ReceiptLine { sku: sku(*number)?, lot: Lot::none(), expiry: None, qty })
        };
        let lines = numbers.iter().map(line).collect::<Result<_, BenchError>>()?;
        Ok(Act::Receive { lines, reference: String::new() })
    };
    numbers.chunks(MAX_LINES).map(act).collect()
}

/// A catalogue as a CSV file.
pub(super) fn catalogue_csv(count: usize) -> Result<String, BenchError> {
    let mut text = "sku,name,unit,barcode,category\n".to_owned();
    for number in 0..count {
        let (code, name, kind) = (code(number), name(number), KINDS[number % KINDS.len()]);
        // Writing into a text can't fail.
        let _ = writeln!(text, "{code},{name},u,{},{kind}", barcode(number)?.short());
    }
    Ok(text)
}

/// Stock of each product of that catalogue as a CSV file.
pub(super) fn stock_csv(count: usize) -> String {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut text = "sku,qty\n".to_owned();
    for number in 0..count {
        let _ = writeln!(text, "{},{}", code(number), rng.random_range(1..=500));
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_goods_are_the_same_in_every_run() {
        assert_eq!(receipts(20, 5).unwrap(), receipts(20, 5).unwrap());
        assert_eq!(stock_csv(20), stock_csv(20));
        let csv = catalogue_csv(3).unwrap();
        assert_eq!(csv.lines().count(), 4);
        assert_eq!(products(3).unwrap().len(), 3);
    }
}
