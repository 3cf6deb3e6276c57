//! A product of the catalogue, new or changed: all warehouses share it.

mod show;

use crossterm::event::{KeyCode, KeyEvent};

use self::show::yes_no;
use super::choice::Choice;
use super::press::{Press, neighbour};
use super::reading::{amount, said, sentence};
use super::rule::select_first;
use super::sheet::Tone;
use super::{Answer, FormContext, not_ready};
use crate::domain::gs1::{Scan, read_scan};
use crate::domain::gtin::Gtin;
use crate::domain::typing::Sign;
use crate::domain::{Pack, Product, ProductFields, Quantity, Refusal, Sku};
use crate::ledger::act::Act;
use crate::text::typing::{gtin_error, scan_error};
use crate::text::{Lang, format};
use crate::ui::action::Action;
use crate::ui::keys::Place;
use crate::ui::parts::field::TextField;

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Sku,
    Name,
    Barcodes,
    Unit,
    Decimals,
    PackSize,
    PackBarcode,
    Category,
    LotTracked,
}

const ORDER: [At; 9] = [
    At::Sku,
    At::Name,
    At::Barcodes,
    At::Unit,
    At::Decimals,
    At::PackSize,
    At::PackBarcode,
    At::Category,
    At::LotTracked,
];
/// Enter goes on up to this field and books from it on: the last that must hold something.
const LAST_REQUIRED: usize = 3;

/// The form.
#[derive(Debug, Clone)]
pub struct ProductForm {
    /// The product as it was; none for a new one.
    before: Option<Product>,
    /// Goods of it have moved: its unit stays.
    moved: bool,
    sku: TextField,
    name: TextField,
    barcodes: TextField,
    unit: TextField,
    decimals: Choice<u8>,
    pack_size: TextField,
    pack_barcode: TextField,
    category: TextField,
    lot_tracked: Choice<bool>,
    focus: At,
    touched: bool,
}

/// Where something is wrong, and the sentence.
type Trouble = (At, String);

impl ProductForm {
    /// Opens it empty, for a new product, or with the barcode that it is made for.
    pub fn new(barcode: Option<Gtin>, cx: &FormContext) -> Result<Self, String> {
        if cx.here().is_none() {
            return Err(not_ready(cx.lang));
        }
        let blank = Product {
            sku: Sku::new("-").map_err(|problem| said(cx.lang, &Refusal::Name { problem }))?,
            name: String::new(),
            unit: cx.lang.pick("ud", "pc").to_owned(),
            decimals: 0,
            barcodes: Vec::new(),
            packs: Vec::new(),
            category: String::new(),
            lot_tracked: false,
            retired: false,
        };
        let mut form = Self::of(&blank, false, cx.lang);
        form.before = None;
        form.sku = TextField::default();
        form.focus = At::Sku;
        if let Some(code) = barcode {
            let field = if code.is_pack() { &mut form.pack_barcode } else { &mut form.barcodes };
            field.set(&code.short());
            form.touched = true;
        }
        Ok(form)
    }

    /// Opens it for the selected product.
    pub fn edit(sku: Option<&Sku>, cx: &FormContext) -> Result<Self, String> {
        if cx.here().is_none() {
            return Err(not_ready(cx.lang));
        }
        let view = sku.and_then(|sku| cx.product(sku)).ok_or_else(|| select_first(cx.lang))?;
        Ok(Self::of(&view.product, !view.cells.is_empty(), cx.lang))
    }

    fn of(product: &Product, moved: bool, lang: Lang) -> Self {
        let mut decimals = Choice::new(vec![0, 1, 2, 3]);
        decimals.choose(&product.decimals);
        let mut lot_tracked = Choice::new(vec![false, true]);
        lot_tracked.choose(&product.lot_tracked);
        let barcodes: Vec<_> = product.barcodes.iter().map(Gtin::short).collect();
        let pack = product.packs.first();
        let size = pack.map_or_else(String::new, |p| format::typed(p.size, lang));
        let code = pack.and_then(|p| p.barcode).map_or_else(String::new, |c| c.short());
        Self {
            before: Some(product.clone()),
            moved,
            sku: TextField::new(product.sku.as_str()),
            name: TextField::new(&product.name),
            barcodes: TextField::new(&barcodes.join(" ")),
            unit: TextField::new(&product.unit),
            decimals,
            pack_size: TextField::new(&size),
            pack_barcode: TextField::new(&code),
            category: TextField::new(&product.category),
            lot_tracked,
            focus: At::Name,
            touched: false,
        }
    }

    pub const fn is_dirty(&self) -> bool {
        self.touched
    }

    pub fn title(&self, lang: Lang) -> String {
        match &self.before {
            None => lang.pick("Producto nuevo", "New product").to_owned(),
            Some(product) => format!("{} {}", lang.pick("Producto", "Product"), product.sku),
        }
    }

    /// The fields: the reference of a product never changes.
    const fn order(&self) -> &'static [At] {
        match (&self.before, &ORDER) {
            (None, all) => all,
            (Some(_), [_, rest @ ..]) => rest,
        }
    }

    pub fn press(&mut self, press: Press, cx: &FormContext) -> Answer {
        match press {
            Press::Next | Press::Down => self.focus = neighbour(self.order(), self.focus, true),
            Press::Back | Press::Up => self.focus = neighbour(self.order(), self.focus, false),
            Press::Enter => return self.enter(cx),
            Press::Book => return self.book(cx),
            Press::Text(key) => self.key(key, cx.lang),
            _ => {}
        }
        Answer::Stay
    }

    /// A barcode goes to the barcodes, or to the pack's where that has the keys; other text to the field at hand.
    pub fn scan(&mut self, text: &str, cx: &FormContext) -> Answer {
        let code = match read_scan(text, cx.today) {
            Scan::Item(code) => code,
            Scan::Elements(elements) => {
                let Some(code) = elements.item() else {
                    let text =
                        cx.lang.pick("El código no nombra ningún artículo.", "The code names no item.");
                    return Answer::Say(Tone::Error, text.to_owned());
                };
                code
            }
            Scan::Text(text) => {
                self.touched = true;
                match self.focus {
                    At::Decimals | At::LotTracked => {}
                    At::Sku => self.sku.set(&text),
                    _ => {
                        if let Some(field) = self.field_mut() {
                            field.paste(&text);
                        }
                    }
                }
                return Answer::Stay;
            }
            Scan::Refused(error) => return Answer::Say(Tone::Error, sentence(&scan_error(cx.lang, &error))),
        };
        self.touched = true;
        if self.focus == At::PackBarcode {
            self.pack_barcode.set(&code.short());
        } else if !self.barcodes.text().split_whitespace().any(|c| c == code.short()) {
            let text = format!("{} {}", self.barcodes.text().trim(), code.short());
            self.barcodes.set(text.trim());
        }
        Answer::Stay
    }

    const fn field_mut(&mut self) -> Option<&mut TextField> {
        match self.focus {
            At::Sku => Some(&mut self.sku),
            At::Name => Some(&mut self.name),
            At::Barcodes => Some(&mut self.barcodes),
            At::Unit => Some(&mut self.unit),
            At::PackSize => Some(&mut self.pack_size),
            At::PackBarcode => Some(&mut self.pack_barcode),
            At::Category => Some(&mut self.category),
            At::Decimals | At::LotTracked => None,
        }
    }

    fn key(&mut self, key: KeyEvent, lang: Lang) {
        let edits = matches!(key.code, KeyCode::Char(_) | KeyCode::Backspace | KeyCode::Delete);
        match self.focus {
            At::Decimals => self.touched |= self.decimals.key(key, ToString::to_string),
            At::LotTracked => self.touched |= self.lot_tracked.key(key, |yes| yes_no(*yes, lang).to_owned()),
            _ => {
                self.touched |= edits;
                if let Some(field) = self.field_mut() {
                    field.key(key);
                }
            }
        }
    }

    fn enter(&mut self, cx: &FormContext) -> Answer {
        let at = ORDER.iter().position(|f| *f == self.focus).unwrap_or(0);
        if at >= LAST_REQUIRED {
            return self.book(cx);
        }
        // What is wrong up to here is said before going on.
        if let Err((wrong, sentence)) = self.judge(cx) {
            let place = ORDER.iter().position(|f| *f == wrong).unwrap_or(0);
            if place <= at {
                self.focus = wrong;
                return Answer::Say(Tone::Error, sentence);
            }
        }
        self.focus = neighbour(self.order(), self.focus, true);
        Answer::Stay
    }

    fn book(&mut self, cx: &FormContext) -> Answer {
        let product = match self.judge(cx) {
            Ok(product) => product,
            Err((at, sentence)) => {
                self.focus = at;
                return Answer::Say(Tone::Error, sentence);
            }
        };
        let before = self.before.as_ref();
        let fields = ProductFields {
            name: changed(before.map(|b| &b.name), product.name),
            unit: changed(before.map(|b| &b.unit), product.unit),
            decimals: changed(before.map(|b| &b.decimals), product.decimals),
            barcodes: changed(before.map(|b| &b.barcodes), product.barcodes),
            packs: changed(before.map(|b| &b.packs), product.packs),
            category: changed(before.map(|b| &b.category), product.category),
            lot_tracked: changed(before.map(|b| &b.lot_tracked), product.lot_tracked),
        };
        // Saving a retired product brings it back, with or without changes.
        if fields == ProductFields::default() && !product.retired {
            return Answer::Close;
        }
        Answer::Submit(vec![Act::SetProduct { sku: product.sku, fields, unlocked: false }])
    }

    /// The product as the fields say it.
    fn judge(&self, cx: &FormContext) -> Result<Product, Trouble> {
        let lang = cx.lang;
        let sku = self.judge_sku(cx)?;
        let name = self.name.text().trim().to_owned();
        if name.is_empty() {
            let text = lang.pick("Falta el nombre del producto.", "The product's name is missing.");
            return Err((At::Name, text.to_owned()));
        }
        let barcodes = self.judge_barcodes(&sku, cx)?;
        let unit = self.unit.text().trim().to_owned();
        if unit.is_empty() {
            let text = lang.pick("Falta la unidad: ud, kg, caja…", "The unit is missing: pc, kg, box…");
            return Err((At::Unit, text.to_owned()));
        }
        if let Some(before) = self.before.as_ref().filter(|b| self.moved && b.unit != unit) {
            let refusal = Refusal::UnitFixed { sku, unit: before.unit.clone() };
            return Err((At::Unit, said(lang, &refusal)));
        }
        let mut product = Product {
            sku,
            name,
            unit,
            decimals: self.decimals.value().copied().unwrap_or(0),
            barcodes,
            packs: self.before.as_ref().map_or_else(Vec::new, |b| b.packs.clone()),
            category: self.category.text().trim().to_owned(),
            lot_tracked: self.lot_tracked.value().copied().unwrap_or(false),
            retired: self.before.as_ref().is_some_and(|b| b.retired),
        };
        let pack = self.judge_pack(&product, cx)?;
        // The form shows the first pack; others stay as they are.
        if !product.packs.is_empty() {
            product.packs.remove(0);
        }
        if let Some(pack) = pack {
            product.packs.insert(0, pack);
        }
        Ok(product)
    }

    fn judge_sku(&self, cx: &FormContext) -> Result<Sku, Trouble> {
        if let Some(before) = &self.before {
            return Ok(before.sku.clone());
        }
        let sku = Sku::new(self.sku.text());
        let sku = sku.map_err(|problem| (At::Sku, said(cx.lang, &Refusal::Name { problem })))?;
        match cx.product(&sku) {
            None => Ok(sku),
            Some(known) => {
                let name = &known.product.name;
                let edit = cx.key_of(Action::EditProduct, Place::Stock);
                let text = match cx.lang {
                    Lang::Es => {
                        format!("{sku} ya existe: {name}. Para cambiarlo, selecciónelo y pulse {edit}.")
                    }
                    Lang::En => {
                        format!("{sku} exists already: {name}. To change it, select it and press {edit}.")
                    }
                };
                Err((At::Sku, text))
            }
        }
    }

    fn judge_barcodes(&self, sku: &Sku, cx: &FormContext) -> Result<Vec<Gtin>, Trouble> {
        let mut codes = Vec::new();
        let separated = self.barcodes.text().split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'));
        for text in separated.filter(|t| !t.is_empty()) {
            let code = judge_code(text, sku, cx).map_err(|why| (At::Barcodes, why))?;
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        Ok(codes)
    }

    fn judge_pack(&self, product: &Product, cx: &FormContext) -> Result<Option<Pack>, Trouble> {
        let lang = cx.lang;
        let code = self.pack_barcode.text().trim();
        let size = self.pack_size.text().trim();
        if size.is_empty() {
            if code.is_empty() {
                return Ok(None);
            }
            let text = lang.pick(
                "¿Cuánto trae un paquete? Falta su contenido.",
                "How much is in a pack? Its content is missing.",
            );
            return Err((At::PackSize, text.to_owned()));
        }
        let bare = Product { packs: Vec::new(), ..product.clone() };
        let size: Quantity =
            amount(size, &bare, Sign::Positive, lang).map_err(|why| (At::PackSize, sentence(&why)))?;
        let barcode = if code.is_empty() {
            None
        } else {
            let code = judge_code(code, &product.sku, cx).map_err(|why| (At::PackBarcode, why))?;
            if product.barcodes.contains(&code) {
                let text = lang.pick(
                    "Ese código ya es el de la unidad; el del paquete es otro.",
                    "That is the unit's barcode already; the pack's is another one.",
                );
                return Err((At::PackBarcode, text.to_owned()));
            }
            Some(code)
        };
        Ok(Some(Pack { size, barcode }))
    }
}

/// A value that a product has not got yet.
fn changed<T: PartialEq>(before: Option<&T>, now: T) -> Option<T> {
    (before != Some(&now)).then_some(now)
}

/// Reads a barcode, which must be no other product's.
fn judge_code(text: &str, sku: &Sku, cx: &FormContext) -> Result<Gtin, String> {
    let lang = cx.lang;
    let code =
        Gtin::parse(text).map_err(|error| sentence(&format!("«{text}»: {}", gtin_error(lang, &error))))?;
    let mut others = cx.model.products.values().map(|v| &v.product).filter(|p| p.sku != *sku && !p.retired);
    let taken =
        others.find(|p| p.barcodes.contains(&code) || p.packs.iter().any(|p| p.barcode == Some(code)));
    match taken {
        None => Ok(code),
        Some(other) => Err(match lang {
            Lang::Es => format!("«{text}» ya es de {} ({}).", other.sku, other.name),
            Lang::En => format!("«{text}» is {}'s already ({}).", other.sku, other.name),
        }),
    }
}
