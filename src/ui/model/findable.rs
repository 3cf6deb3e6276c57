//! What products are found by: all their texts side by side, so that a search over a large catalogue runs through memory
//! in order instead of going from record to record.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::Sku;
use crate::node::event::ProductView;
use crate::ui::fuzzy::plain;

/// The texts of all products, by SKU.
#[derive(Debug, Clone, Default)]
pub struct Findable {
    products: Vec<Place>,
    text: String,
}

#[derive(Debug, Clone)]
struct Place {
    sku: Sku,
    retired: bool,
    /// Where its SKU and name end, and where all ends; it begins where the one before ends.
    title: usize,
    end: usize,
}

/// What one product is found by.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// Its SKU.
    pub sku: &'a Sku,
    /// Whether it is used no more.
    pub retired: bool,
    /// SKU and name.
    pub title: &'a str,
    /// Those, category, shelves and barcodes.
    pub all: &'a str,
}

impl Findable {
    /// Of these products.
    #[must_use]
    pub fn of(products: &BTreeMap<Sku, Arc<ProductView>>) -> Self {
        let mut all = Self { products: Vec::with_capacity(products.len()), text: String::new() };
        for view in products.values() {
            all.take(view);
        }
        all
    }

    fn take(&mut self, view: &ProductView) {
        let product = &view.product;
        let mut add = |part: &str| {
            self.text.extend(plain(part));
            self.text.push(' ');
            self.text.len() - 1
        };
        add(product.sku.as_str());
        let title = add(&product.name);
        let mut end = add(&product.category);
        for shelf in shelves(view) {
            end = add(shelf);
        }
        for gtin in product.barcodes.iter().chain(product.packs.iter().filter_map(|p| p.barcode.as_ref())) {
            end = add(&gtin.short());
        }
        self.text.truncate(end);
        self.products.push(Place { sku: product.sku.clone(), retired: product.retired, title, end });
    }

    /// All of them, in the order of their SKUs.
    pub fn iter(&self) -> impl Iterator<Item = Found<'_>> {
        let starts = std::iter::once(0).chain(self.products.iter().map(|place| place.end));
        starts.zip(&self.products).map(|(start, place)| Found {
            sku: &place.sku,
            retired: place.retired,
            title: self.text.get(start..place.title).unwrap_or_default(),
            all: self.text.get(start..place.end).unwrap_or_default(),
        })
    }
}

/// Whether a product is found by the same as before.
#[must_use]
pub fn is_found_alike(before: &ProductView, now: &ProductView) -> bool {
    Arc::ptr_eq(&before.product, &now.product) && shelves(before).eq(shelves(now))
}

fn shelves(view: &ProductView) -> impl Iterator<Item = &str> {
    view.rules.iter().map(|(_, rule)| rule.shelf.as_str()).filter(|shelf| !shelf.is_empty())
}
