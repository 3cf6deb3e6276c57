//! The delivery note of a dispatch: a text for the parcel, with the transfer's id to be scanned where it arrives.

use std::path::PathBuf;

use super::Model;
use super::moment::Moment;
use super::parts::text::{left, right, wrap};
use super::wake::Job;
use crate::domain::TransferId;
use crate::domain::code128::Code128;
use crate::ledger::book::Transfer;
use crate::text::{Lang, format};

/// Columns of the note, as receipt printers and A4 both take them.
const WIDTH: usize = 72;
/// Columns of a product's name.
const NAME: usize = 22;
/// A receipt printer starts anew, in its Latin code page.
pub const START: [u8; 5] = [0x1b, b'@', 0x1b, b't', 16];
/// It feeds and cuts.
pub const CUT: [u8; 6] = [0x1b, b'd', 4, 0x1d, b'V', 0];
/// Rows of the barcode.
const BARCODE_HEIGHT: usize = 4;

/// The note as a file: `notes/madrid-42.txt`.
#[must_use]
pub fn write(transfer: &Transfer, model: &Model, lang: Lang, now: &Moment) -> Job {
    Job::Write { path: path(&transfer.id), text: text(transfer, model, lang, now) }
}

/// The note for the printer.
#[must_use]
pub fn print(transfer: &Transfer, model: &Model, lang: Lang, now: &Moment) -> Job {
    Job::Print {
        id: transfer.id.to_string(),
        text: text(transfer, model, lang, now),
        raw: escpos(transfer, model, lang, now),
    }
}

/// Where a note is kept, below the data dir.
#[must_use]
pub fn path(id: &TransferId) -> PathBuf {
    // A colon can't stand in file names everywhere.
    PathBuf::from("notes").join(format!("{}-{}.txt", id.origin, id.seq))
}

fn text(transfer: &Transfer, model: &Model, lang: Lang, now: &Moment) -> String {
    let barcode = Code128::encode(&transfer.id.to_string()).map(|code| code.lines(BARCODE_HEIGHT));
    let mut lines = body(transfer, model, lang, now);
    lines.push(String::new());
    lines.extend(barcode.unwrap_or_default());
    lines.push(format!("     {}", transfer.id));
    lines.extend(signature(lang));
    lines.join("\n") + "\n"
}

fn signature(lang: Lang) -> [String; 3] {
    let words = lang.pick("Recibido por", "Received by");
    [String::new(), String::new(), format!("{words}: {}", "_".repeat(30))]
}

fn body(transfer: &Transfer, model: &Model, lang: Lang, now: &Moment) -> Vec<String> {
    let title = lang.pick("ALBARÁN DE TRANSFERENCIA", "TRANSFER DELIVERY NOTE");
    let mut lines = vec![format!("{title}  {}", transfer.id), "=".repeat(WIDTH)];
    let name = |id: &crate::domain::WarehouseId| {
        let own = model.status.as_ref().filter(|s| s.warehouse == *id && s.name != id.as_str());
        own.map_or_else(|| id.to_string(), |s| format!("{} ({id})", s.name))
    };
    lines.push(format!("{}: {}", lang.pick("De", "From"), name(&transfer.from)));
    lines.push(format!("{}: {}", lang.pick("A", "To"), name(&transfer.to)));
    if let Some(dispatch) = &transfer.dispatch {
        let mark = &dispatch.mark;
        let when = format::date_time(mark.at_ms, now.zone, lang);
        lines.push(format!("{}: {when}, {}", lang.pick("Enviado", "Dispatched"), mark.operator));
        if !mark.text.is_empty() {
            lines.push(format!("{}: {}", lang.pick("Referencia", "Reference"), mark.text));
        }
        lines.push(String::new());
        let row = |sku: &str, product: &str, lot: &str, expiry: &str, qty: &str| {
            let line = format!(
                "{} {} {} {} {}",
                left(sku, 14, "~"),
                left(product, NAME, "~"),
                left(lot, 11, "~"),
                left(expiry, 10, "~"),
                right(qty, 11, "~")
            );
            line.trim_end().to_owned()
        };
        lines.push(row(
            "SKU",
            lang.pick("Producto", "Product"),
            lang.pick("Lote", "Lot"),
            lang.pick("Caducidad", "Expiry"),
            lang.pick("Cantidad", "Quantity"),
        ));
        lines.push("-".repeat(WIDTH));
        for line in &dispatch.lines {
            let product = model.products.get(&line.sku).map(|p| &p.product);
            let qty = format::quantity(line.qty, product.map_or(0, |p| p.decimals), lang);
            let unit = product.map_or("", |p| p.unit.as_str());
            // Whoever unpacks reads the whole name, however long it is.
            let mut name = wrap(product.map_or("", |p| p.name.as_str()), NAME).into_iter();
            lines.push(row(
                line.sku.as_str(),
                &name.next().unwrap_or_default(),
                line.lot.as_str(),
                &line.expiry.map_or_else(String::new, |day| format::date(day, lang)),
                format!("{qty} {unit}").trim_end(),
            ));
            lines.extend(name.map(|rest| row("", &rest, "", "", "")));
        }
    }
    lines
}

/// A line as a receipt printer takes it.
#[must_use]
pub fn latin(line: &str) -> Vec<u8> {
    // Code page 16 is Windows-1252, which has Latin letters where Unicode has them.
    line.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).chain([b'\n']).collect()
}

/// For receipt printers: start, the text in their Latin code page, the barcode by command, feed and cut.
fn escpos(transfer: &Transfer, model: &Model, lang: Lang, now: &Moment) -> Vec<u8> {
    let mut bytes = START.to_vec();
    for line in body(transfer, model, lang, now) {
        bytes.extend(latin(&line));
    }
    bytes.push(b'\n');
    if let Ok(code) = Code128::encode(&transfer.id.to_string()) {
        bytes.extend(code.escpos(80, 2));
    }
    bytes.extend(format!("\n{}\n", transfer.id).bytes());
    for line in signature(lang) {
        bytes.extend(line.bytes());
        bytes.push(b'\n');
    }
    bytes.extend(CUT);
    bytes
}
