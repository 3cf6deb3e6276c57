//! How the product form looks.

use super::{At, LAST_REQUIRED, ORDER, ProductForm};
use crate::text::Lang;
use crate::ui::forms::FormContext;
use crate::ui::forms::sheet::{Piece, Row, Tone};
use crate::ui::keys::FormKey;

impl ProductForm {
    pub fn show<'a>(
        &'a self,
        rows: &mut Vec<Row<'a>>,
        keys: &mut Vec<(String, &'static str)>,
        cx: &FormContext,
    ) {
        let lang = cx.lang;
        let judged = self.judge(cx);
        for &at in self.order() {
            // What is still empty is no mistake yet.
            let wrong = judged.as_ref().err().filter(|(wrong, _)| *wrong == at && !self.is_blank(at));
            let note = wrong.map_or_else(|| self.note(at, lang), |(_, why)| (Tone::Error, why.clone()));
            rows.push(self.row(at, note, lang));
        }
        rows.push(Row::blank());
        let text = lang.pick(
            "El catálogo es común: lo verán todos los almacenes.",
            "The catalogue is shared: all warehouses will see it.",
        );
        rows.push(Row::text(Tone::Dim, text));
        if self.before.as_ref().is_some_and(|b| b.retired) {
            let text = lang.pick(
                "Está retirado: al guardar vuelve al catálogo.",
                "It is retired: saving brings it back to the catalogue.",
            );
            rows.push(Row::text(Tone::Warning, text));
        }
        let at = ORDER.iter().position(|f| *f == self.focus).unwrap_or(0);
        if at >= LAST_REQUIRED {
            keys.push((cx.key(FormKey::Enter), lang.pick("guardar", "save")));
        } else {
            keys.push((cx.key(FormKey::Enter), lang.pick("siguiente", "next")));
            keys.push((cx.key(FormKey::Book), lang.pick("guardar", "save")));
        }
        keys.push((cx.key(FormKey::Next), lang.pick("campo", "field")));
    }

    fn is_blank(&self, at: At) -> bool {
        match at {
            At::Sku => self.sku.is_empty(),
            At::Name => self.name.is_empty(),
            At::Barcodes => self.barcodes.is_empty(),
            At::Unit => self.unit.is_empty(),
            At::PackSize => self.pack_size.is_empty() && self.pack_barcode.is_empty(),
            At::PackBarcode => self.pack_barcode.is_empty(),
            At::Category => self.category.is_empty(),
            At::Decimals | At::LotTracked => false,
        }
    }

    fn row(&self, at: At, note: Piece, lang: Lang) -> Row<'_> {
        let focus = self.focus == at;
        let label = match at {
            At::Sku => "SKU",
            At::Name => lang.pick("Nombre", "Name"),
            At::Barcodes => lang.pick("Códigos de barras", "Barcodes"),
            At::Unit => lang.pick("Unidad", "Unit"),
            At::Decimals => lang.pick("Decimales", "Decimals"),
            At::PackSize => lang.pick("Contenido del paquete", "In one pack"),
            At::PackBarcode => lang.pick("Código del paquete", "Pack barcode"),
            At::Category => lang.pick("Categoría", "Category"),
            At::LotTracked => lang.pick("Se lleva por lotes", "Tracked by lot"),
        }
        .to_owned();
        let (field, room, ghost) = match at {
            At::Decimals => {
                let value = self.decimals.value().map(ToString::to_string);
                return Row::Choice { label, value, note, focus };
            }
            At::LotTracked => {
                let value = self.lot_tracked.value().map(|yes| yes_no(*yes, lang).to_owned());
                return Row::Choice { label, value, note, focus };
            }
            At::Sku => (&self.sku, 24, ""),
            At::Name => (&self.name, 44, ""),
            At::Barcodes => (&self.barcodes, 30, lang.pick("opcional; léalos", "optional; scan them")),
            At::Unit => (&self.unit, 10, ""),
            At::PackSize => (&self.pack_size, 10, lang.pick("opcional", "optional")),
            At::PackBarcode => (&self.pack_barcode, 16, lang.pick("opcional", "optional")),
            At::Category => (&self.category, 30, lang.pick("opcional", "optional")),
        };
        Row::Field { label, field, room, ghost: ghost.to_owned(), note, focus }
    }

    /// What stood there before, where it changed.
    fn note(&self, at: At, lang: Lang) -> Piece {
        let Some(before) = &self.before else {
            return (Tone::Plain, String::new());
        };
        let old = Self::of(before, self.moved, lang);
        let (was, is) = match at {
            At::Sku => return (Tone::Plain, String::new()),
            At::Name => (old.name.text(), self.name.text()),
            At::Barcodes => (old.barcodes.text(), self.barcodes.text()),
            At::Unit => (old.unit.text(), self.unit.text()),
            At::PackSize => (old.pack_size.text(), self.pack_size.text()),
            At::PackBarcode => (old.pack_barcode.text(), self.pack_barcode.text()),
            At::Category => (old.category.text(), self.category.text()),
            At::Decimals if old.decimals.value() == self.decimals.value() => {
                return (Tone::Plain, String::new());
            }
            At::Decimals => {
                return (Tone::Plain, format!("{} {}", lang.pick("antes", "before"), before.decimals));
            }
            At::LotTracked if old.lot_tracked.value() == self.lot_tracked.value() => {
                return (Tone::Plain, String::new());
            }
            At::LotTracked => {
                let was = yes_no(before.lot_tracked, lang);
                return (Tone::Plain, format!("{} {was}", lang.pick("antes", "before")));
            }
        };
        if was.trim() == is.trim() {
            return (Tone::Plain, String::new());
        }
        let was = if was.is_empty() { lang.pick("en blanco", "blank") } else { was };
        (Tone::Plain, format!("{} {was}", lang.pick("antes", "before")))
    }
}

pub(super) const fn yes_no(yes: bool, lang: Lang) -> &'static str {
    if yes { lang.pick("sí", "yes") } else { "no" }
}
