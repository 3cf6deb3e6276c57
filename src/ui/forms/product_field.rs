//! The field in which a product is found: by SKU, name or barcode, fuzzily, or by a scan.

use crossterm::event::KeyEvent;

use super::FormContext;
use super::sheet::{Row, Tone};
use crate::domain::{Product, Sku};
use crate::ui::fuzzy::Finder;
use crate::ui::parts::field::TextField;

/// How many suggestions are shown.
pub const SUGGESTIONS: usize = 6;
/// Digits typed before barcodes are searched too.
const BARCODE_DIGITS: usize = 4;

/// A field for one product of the catalogue.
#[derive(Debug, Clone, Default)]
pub struct ProductField {
    field: TextField,
    sku: Option<Sku>,
    found: Vec<Sku>,
    at: usize,
}

impl ProductField {
    /// The product, once one is settled on.
    pub const fn sku(&self) -> Option<&Sku> {
        self.sku.as_ref()
    }

    /// Whether nothing was typed or picked.
    pub fn is_blank(&self) -> bool {
        self.sku.is_none() && self.field.is_empty()
    }

    /// What is typed.
    pub fn text(&self) -> &str {
        self.field.text()
    }

    /// Takes this product.
    pub fn pick(&mut self, sku: &Sku) {
        self.field.set(sku.as_str());
        self.sku = Some(sku.clone());
        self.found.clear();
        self.at = 0;
    }

    /// Takes a key of text; the suggestions follow what is typed.
    pub fn key(&mut self, key: KeyEvent, cx: &FormContext, retired_too: bool) {
        let before = self.field.text().to_owned();
        if self.field.key(key) && self.field.text() != before {
            self.sku = None;
            self.at = 0;
            self.found = search(self.field.text(), cx, retired_too);
        }
    }

    /// Moves in the suggestions; false where there is nowhere to go.
    pub fn step(&mut self, down: bool) -> bool {
        let next = if down { self.at.checked_add(1) } else { self.at.checked_sub(1) };
        match next.filter(|&n| n < self.found.len()) {
            Some(n) => {
                self.at = n;
                true
            }
            None => false,
        }
    }

    /// Settles on the marked suggestion, if none is settled yet; false where there is none.
    pub fn settle(&mut self) -> bool {
        if self.sku.is_none()
            && let Some(sku) = self.found.get(self.at).cloned()
        {
            self.pick(&sku);
        }
        self.sku.is_some()
    }

    /// Its row, and the suggestions under it.
    pub fn rows<'a>(&'a self, rows: &mut Vec<Row<'a>>, cx: &FormContext, focus: bool) {
        let lang = cx.lang;
        let view = self.sku().and_then(|sku| cx.product(sku));
        let note = match view {
            Some(view) if view.product.retired => {
                let text = format!("{} ({})", view.product.name, lang.pick("retirado", "retired"));
                (Tone::Warning, text)
            }
            Some(view) => (Tone::Plain, view.product.name.clone()),
            None if !focus && !self.field.is_empty() => {
                (Tone::Error, lang.pick("no está en el catálogo", "not in the catalogue").to_owned())
            }
            None => (Tone::Plain, String::new()),
        };
        rows.push(Row::Field {
            label: lang.pick("Producto", "Product").to_owned(),
            field: &self.field,
            room: 24,
            ghost: lang.pick("SKU, nombre o código", "SKU, name or barcode").to_owned(),
            note,
            focus,
        });
        if !focus || self.sku.is_some() {
            return;
        }
        for (i, sku) in self.found.iter().enumerate() {
            let Some(view) = cx.product(sku) else { continue };
            let mut pieces =
                vec![(Tone::Strong, format!("{sku}  ")), (Tone::Plain, view.product.name.clone())];
            if view.product.retired {
                pieces.push((Tone::Warning, format!("  {}", lang.pick("retirado", "retired"))));
            }
            rows.push(Row::Item { pieces, chosen: i == self.at });
        }
        if self.found.is_empty() && !self.field.is_empty() {
            let text = lang.pick("  ningún producto coincide", "  no product matches");
            rows.push(Row::text(Tone::Warning, text));
        }
    }
}

/// The best matches of a text, best first. One pass over the texts of the catalogue.
fn search(text: &str, cx: &FormContext, retired_too: bool) -> Vec<Sku> {
    let text = text.trim();
    if text.is_empty() {
        return Vec::new();
    }
    let mut finder = Finder::new(text);
    let digits = text.len() >= BARCODE_DIGITS && text.bytes().all(|b| b.is_ascii_digit());
    // The best few, best first; ties keep the order of the SKUs.
    let mut best: Vec<(u32, &Sku)> = Vec::with_capacity(SUGGESTIONS + 1);
    for found in cx.model.findable().iter().filter(|found| retired_too || !found.retired) {
        let view = || cx.model.products.get(found.sku);
        let known = if digits { view().and_then(|view| barcode_score(&view.product, text)) } else { None };
        let score = known.or_else(|| sku_score(found.sku, text)).or_else(|| finder.score(found.title));
        let Some(score) = score else { continue };
        let place = best.partition_point(|(s, _)| *s >= score);
        if place < SUGGESTIONS {
            best.insert(place, (score, found.sku));
            best.truncate(SUGGESTIONS);
        }
    }
    best.into_iter().map(|(_, sku)| sku.clone()).collect()
}

fn sku_score(sku: &Sku, text: &str) -> Option<u32> {
    let start = sku.as_str().get(..text.len())?;
    start
        .eq_ignore_ascii_case(text)
        .then(|| if start.len() == sku.as_str().len() { u32::MAX } else { u32::MAX / 2 })
}

fn barcode_score(product: &Product, digits: &str) -> Option<u32> {
    let packs = product.packs.iter().filter_map(|p| p.barcode.as_ref());
    let mut all = product.barcodes.iter().chain(packs);
    all.find_map(|code| {
        let whole = code.to_string();
        if code.short() == digits || whole == digits {
            Some(u32::MAX - 1)
        } else {
            whole.contains(digits).then_some(u32::MAX / 4)
        }
    })
}
