//! What a scan means to the catalogue: which product, how much of it, which lot.

use crate::ui::action::Action;
use crate::ui::keys::Place;
use chrono::NaiveDate;

use super::FormContext;
use crate::domain::gs1::{Elements, Scan, read_scan};
use crate::domain::gtin::Gtin;
use crate::domain::{Lot, Quantity, Sku};
use crate::node::event::ProductView;
use crate::text::Lang;
use crate::text::typing::{gtin_error, scan_error};

/// What was scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// The product.
    pub sku: Sku,
    /// How much one scan stands for.
    pub amount: Quantity,
    /// The lot, if the code names it.
    pub lot: Option<Lot>,
    /// Its last day, if the code names it.
    pub expiry: Option<NaiveDate>,
}

/// A scan that is no product of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stranger {
    /// A text that a field may take.
    Text {
        /// It.
        text: String,
        /// Why it is no product, in words.
        sentence: String,
    },
    /// A code that nothing can be done with.
    Code {
        /// Why, in words.
        sentence: String,
    },
    /// A barcode that no product of the catalogue bears.
    Unborne {
        /// It.
        code: Gtin,
        /// That it is nobody's, in words.
        sentence: String,
    },
}

impl Stranger {
    /// Why it is no product, in words.
    pub fn sentence(self) -> String {
        match self {
            Self::Text { sentence, .. } | Self::Code { sentence } | Self::Unborne { sentence, .. } => {
                sentence
            }
        }
    }
}

/// Finds the product that a scan names. A SKU may look like a barcode: the catalogue is asked for it first.
///
/// # Errors
/// When the catalogue knows no such product, or the scan can't be read.
pub fn find(text: &str, cx: &FormContext) -> Result<Scanned, Stranger> {
    let lang = cx.lang;
    let text = text.trim();
    if let Some(view) = Sku::new(text).ok().and_then(|sku| cx.product(&sku)) {
        return Ok(one(view, Quantity::units(1).unwrap_or_default()));
    }
    match read_scan(text, cx.today) {
        Scan::Item(code) => by_code(code, cx)
            .map(|(view, size)| one(view, size))
            .ok_or_else(|| Stranger::Unborne { code, sentence: unborne(lang, code) }),
        Scan::Elements(elements) => by_elements(&elements, cx),
        Scan::Text(text) => {
            let sentence =
                note(&text, cx).or_else(|| wrong_digits(lang, &text)).unwrap_or_else(|| unknown(cx, &text));
            Err(Stranger::Text { text, sentence })
        }
        Scan::Refused(error) => Err(Stranger::Code {
            sentence: match lang {
                Lang::Es => format!(
                    "La lectura no vale: {}. Lea de nuevo o escriba el SKU.",
                    scan_error(lang, &error)
                ),
                Lang::En => {
                    format!("The scan is no good: {}. Scan again or type the SKU.", scan_error(lang, &error))
                }
            },
        }),
    }
}

/// The barcode of a scan that several products in use answer to, with those; none where it is clear, or was chosen.
#[must_use]
pub fn shared(text: &str, cx: &FormContext) -> Option<(Gtin, Vec<Sku>)> {
    let text = text.trim();
    if Sku::new(text).ok().and_then(|sku| cx.product(&sku)).is_some() {
        return None;
    }
    let code = match read_scan(text, cx.today) {
        Scan::Item(code) => code,
        Scan::Elements(elements) => elements.item()?,
        Scan::Text(_) | Scan::Refused(_) => return None,
    };
    if cx.chosen.is_some_and(|(of, _)| *of == code) {
        return None;
    }
    let in_use = cx.model.bearers(code).filter(|view| !view.product.retired);
    let skus: Vec<_> = in_use.map(|view| view.product.sku.clone()).collect();
    (skus.len() > 1).then_some((code, skus))
}

fn one(view: &ProductView, amount: Quantity) -> Scanned {
    Scanned { sku: view.product.sku.clone(), amount, lot: None, expiry: None }
}

/// The product with that barcode, and how much one item with it holds.
fn by_code<'a>(code: Gtin, cx: &FormContext<'a>) -> Option<(&'a ProductView, Quantity)> {
    let size = |view: &ProductView| {
        let product = &view.product;
        if product.barcodes.contains(&code) {
            return Quantity::units(1).ok();
        }
        product.packs.iter().find(|p| p.barcode == Some(code)).map(|p| p.size)
    };
    if let Some((_, sku)) = cx.chosen.filter(|(of, _)| *of == code)
        && let Some(view) = cx.product(sku)
        && let Some(size) = size(view)
    {
        return Some((view, size));
    }
    // A retired product gives way to one in use that took over its barcode.
    let all = || cx.model.bearers(code).filter_map(|view| size(view).map(|size| (view.as_ref(), size)));
    all().find(|(view, _)| !view.product.retired).or_else(|| all().next())
}

fn by_elements(elements: &Elements, cx: &FormContext) -> Result<Scanned, Stranger> {
    let lang = cx.lang;
    let Some(code) = elements.item() else {
        let sentence = lang.pick(
            "El código no nombra ningún artículo (IA 01 o 02). Lea el del artículo o escriba el SKU.",
            "The code names no item (AI 01 or 02). Scan the item's or type the SKU.",
        );
        return Err(Stranger::Code { sentence: sentence.to_owned() });
    };
    let (view, size) =
        by_code(code, cx).ok_or_else(|| Stranger::Unborne { code, sentence: unborne(lang, code) })?;
    let amount = amount_of(elements, view, size).unwrap_or(size);
    Ok(Scanned {
        sku: view.product.sku.clone(),
        amount,
        lot: elements.lot.clone().filter(|lot| !lot.is_none()),
        expiry: elements.last_day(),
    })
}

/// AI 30 counts pieces of the item; AI 37 counts the trade items of a parcel, each as large as its barcode says.
fn amount_of(elements: &Elements, view: &ProductView, size: Quantity) -> Option<Quantity> {
    if let Some(pieces) = elements.count {
        return Quantity::units(i64::from(pieces)).ok().filter(|q| q.is_positive());
    }
    if let Some(items) = elements.content_count {
        let whole = size.thousandths().checked_mul(i64::from(items))?;
        return Quantity::from_thousandths(whole).ok().filter(|q| q.is_positive());
    }
    let weight = elements.net_weight.filter(|_| view.product.unit == "kg")?;
    let weight = Quantity::from_thousandths(weight.grams()?).ok()?;
    (weight.is_positive() && weight.fits(view.product.decimals)).then_some(weight)
}

fn unborne(lang: Lang, code: Gtin) -> String {
    let code = code.short();
    match lang {
        Lang::Es => format!("Ningún producto lleva el código {code}."),
        Lang::En => format!("No product bears the code {code}."),
    }
}

/// A code that is no GTIN can't be put on a product: that is said, and what can be done with it.
fn unknown(cx: &FormContext, text: &str) -> String {
    let text: String = text.chars().take(40).collect();
    let find = cx.key_of(Action::Filter, Place::Stock);
    let make = cx.key_of(Action::NewProduct, Place::Stock);
    match cx.lang {
        Lang::Es => format!(
            "«{text}» no es ningún SKU, ni un GTIN que pueda llevar un producto. Fuera de los formularios, búsquelo por nombre con {find} o créelo con {make}."
        ),
        Lang::En => format!(
            "«{text}» is no SKU, nor a GTIN that a product could bear. Outside of forms, find it by name with {find} or make it with {make}."
        ),
    }
}

/// The delivery note of a transfer, scanned in the middle of something else.
fn note(text: &str, cx: &FormContext) -> Option<String> {
    let id = text.parse().ok().filter(|id| cx.model.transfers.contains_key(id))?;
    Some(match cx.lang {
        Lang::Es => format!("{id} es un albarán: registre esto o déjelo, y léalo de nuevo."),
        Lang::En => format!("{id} is a delivery note: book this or leave it, and scan it again."),
    })
}

/// A barcode misread: digits only, of a barcode's length, with a wrong check digit.
fn wrong_digits(lang: Lang, text: &str) -> Option<String> {
    let looks = matches!(text.len(), 8 | 12 | 13 | 14) && text.bytes().all(|b| b.is_ascii_digit());
    let error = Gtin::parse(text).err().filter(|_| looks)?;
    let why = gtin_error(lang, &error);
    Some(match lang {
        Lang::Es => format!("«{text}» no es un código de barras: {why}. Lea de nuevo."),
        Lang::En => format!("«{text}» is no barcode: {why}. Scan again."),
    })
}

/// What a scan outside any form names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// This product.
    Product(Sku),
    /// A barcode that no product bears.
    Unknown(Gtin),
    /// Nothing: why, in words.
    Nothing(String),
}

/// What a scan names, for a scan outside any form.
#[must_use]
pub fn scanned_product(text: &str, cx: &FormContext) -> Named {
    match find(text, cx) {
        Ok(scanned) => Named::Product(scanned.sku),
        Err(Stranger::Unborne { code, .. }) => Named::Unknown(code),
        Err(other) => Named::Nothing(other.sentence()),
    }
}
