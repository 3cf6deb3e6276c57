//! A barcode that no product bears: it becomes one's, or one of its packs', or a new product's.

use super::amount_field::AmountField;
use super::choice::Choice;
use super::press::{Press, neighbour};
use super::product_field::ProductField;
use super::reading::{amount, sentence};
use super::sheet::{Row, Tone};
use super::{Answer, FormContext, not_ready};
use crate::domain::gtin::Gtin;
use crate::domain::typing::Sign;
use crate::domain::{Pack, Product, ProductFields};
use crate::ledger::act::Act;
use crate::text::Lang;
use crate::ui::keys::FormKey;

/// What the barcode is printed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    Unit,
    Pack,
    New,
}

impl On {
    const fn word(self, lang: Lang) -> &'static str {
        match self {
            Self::Unit => lang.pick("un producto que ya existe", "a product that exists"),
            Self::Pack => lang.pick("un paquete de un producto", "a pack of a product"),
            Self::New => lang.pick("un producto nuevo", "a new product"),
        }
    }
}

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    On,
    Product,
    Size,
}

/// The form.
#[derive(Debug, Clone)]
pub struct UnknownCode {
    code: Gtin,
    on: Choice<On>,
    product: ProductField,
    size: AmountField,
    focus: At,
}

impl UnknownCode {
    /// Opens it for a barcode.
    pub fn open(code: Gtin, cx: &FormContext) -> Result<Self, String> {
        if cx.here().is_none() {
            return Err(not_ready(cx.lang));
        }
        let mut on = Choice::new(vec![On::Unit, On::Pack, On::New]);
        on.choose(if code.is_pack() { &On::Pack } else { &On::Unit });
        let (product, size) = (ProductField::default(), AmountField::default());
        Ok(Self { code, on, product, size, focus: At::Product })
    }

    pub fn is_dirty(&self) -> bool {
        !self.product.is_blank()
    }

    pub fn title(&self, lang: Lang) -> String {
        format!("{} {}", lang.pick("Código desconocido", "Unknown code"), self.code.short())
    }

    fn on(&self) -> On {
        self.on.value().copied().unwrap_or(On::Unit)
    }

    fn order(&self) -> &'static [At] {
        match self.on() {
            On::Unit => &[At::On, At::Product],
            On::Pack => &[At::On, At::Product, At::Size],
            On::New => &[At::On],
        }
    }

    fn go(&mut self, forward: bool) {
        self.settle();
        self.focus = neighbour(self.order(), self.focus, forward);
    }

    fn settle(&mut self) {
        if self.focus == At::Product {
            self.product.settle();
        }
    }

    pub fn press(&mut self, press: Press, cx: &FormContext) -> Answer {
        match press {
            Press::Down if self.focus == At::Product && self.product.step(true) => {}
            Press::Up if self.focus == At::Product && self.product.step(false) => {}
            Press::Next | Press::Down => self.go(true),
            Press::Back | Press::Up => self.go(false),
            Press::LineNew => return Answer::Create(self.code),
            Press::Enter | Press::Book => return self.enter(cx),
            Press::Text(key) => match self.focus {
                At::On => {
                    self.on.key(key, |on| on.word(cx.lang).to_owned());
                }
                At::Product => self.product.key(key, cx, false),
                At::Size => self.size.key(key),
            },
            _ => {}
        }
        Answer::Stay
    }

    /// Enter walks to what is missing, then books.
    fn enter(&mut self, cx: &FormContext) -> Answer {
        let lang = cx.lang;
        self.settle();
        if self.on() == On::New {
            return Answer::Create(self.code);
        }
        let Some(view) = self.product.sku().and_then(|sku| cx.product(sku)) else {
            self.focus = At::Product;
            let make = cx.key(FormKey::LineNew);
            let text = match lang {
                Lang::Es => {
                    format!("¿De qué producto es? Escriba parte de su SKU o nombre, o créelo con {make}.")
                }
                Lang::En => {
                    format!("Which product is it? Type part of its SKU or name, or make it with {make}.")
                }
            };
            return Answer::Say(Tone::Warning, text);
        };
        let product = &view.product;
        let fields = if self.on() == On::Pack {
            if self.size.is_empty() && self.focus != At::Size {
                self.focus = At::Size;
                return Answer::Stay;
            }
            match self.with_pack(product, lang) {
                Ok(packs) => ProductFields { packs: Some(packs), ..ProductFields::default() },
                Err(why) => {
                    self.focus = At::Size;
                    return Answer::Say(Tone::Error, sentence(&why));
                }
            }
        } else {
            let barcodes = product.barcodes.iter().copied().chain([self.code]).collect();
            ProductFields { barcodes: Some(barcodes), ..ProductFields::default() }
        };
        Answer::Submit(vec![Act::SetProduct { sku: product.sku.clone(), fields, unlocked: false }])
    }

    /// The product's packs with this one among them: a size that has no barcode yet gets it.
    fn with_pack(&self, product: &Product, lang: Lang) -> Result<Vec<Pack>, String> {
        let bare = Product { packs: Vec::new(), ..product.clone() };
        let size = amount(self.size.text(), &bare, Sign::Positive, lang)?;
        let mut packs = product.packs.clone();
        match packs.iter_mut().find(|p| p.size == size && p.barcode.is_none()) {
            Some(pack) => pack.barcode = Some(self.code),
            None => packs.push(Pack { size, barcode: Some(self.code) }),
        }
        Ok(packs)
    }

    pub fn show<'a>(
        &'a self,
        rows: &mut Vec<Row<'a>>,
        keys: &mut Vec<(String, &'static str)>,
        cx: &FormContext,
    ) {
        let lang = cx.lang;
        let text = lang.pick(
            "Ningún producto lleva este código. ¿En qué está impreso?",
            "No product bears this code. What is it printed on?",
        );
        rows.push(Row::text(Tone::Plain, text));
        rows.push(Row::blank());
        let note = format!("{} {}", cx.sides(), lang.pick("cambia", "changes"));
        rows.push(Row::Choice {
            label: lang.pick("Está en", "It is on").to_owned(),
            value: Some(self.on().word(lang).to_owned()),
            note: (Tone::Dim, if self.focus == At::On { note } else { String::new() }),
            focus: self.focus == At::On,
        });
        if self.on() != On::New {
            self.product.rows(rows, cx, self.focus == At::Product);
        }
        if self.on() == On::Pack {
            let unit = self.product.sku().and_then(|sku| cx.product(sku));
            rows.push(Row::Field {
                label: lang.pick("Contenido", "In one pack").to_owned(),
                field: self.size.field(),
                room: 10,
                ghost: String::new(),
                note: (Tone::Dim, unit.map_or_else(String::new, |v| v.product.unit.clone())),
                focus: self.focus == At::Size,
            });
        }
        keys.push((cx.key(FormKey::Enter), lang.pick("poner el código", "attach the code")));
        keys.push((cx.key(FormKey::LineNew), lang.pick("producto nuevo", "new product")));
        keys.push((cx.key(FormKey::Next), lang.pick("campo", "field")));
    }
}
