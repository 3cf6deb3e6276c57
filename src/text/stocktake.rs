//! A stocktake in words: its selection, its lines' states, and the report that is printed and signed.

use unicode_width::UnicodeWidthStr;

use super::number::{count, quantity_fixed, signed};
use super::time::moment;
use super::{Lang, words};
use crate::domain::{LineState, Selection};
use crate::ledger::book::Stocktake;
use crate::node::stocktakes::CountRow;

/// Columns of the report, as receipt printers and A4 both take them.
const WIDTH: usize = 79;
/// Columns of a product with its lot in it.
const GOODS: usize = 16;
/// Columns of a product's name.
const NAME: usize = 20;

/// What is counted.
#[must_use]
pub fn selection(lang: Lang, selection: &Selection) -> String {
    match (lang, selection) {
        (_, Selection::All) => lang.pick("todo", "everything").to_owned(),
        (Lang::Es, Selection::Shelf { shelf }) => format!("ubicación {shelf}"),
        (Lang::En, Selection::Shelf { shelf }) => format!("shelf {shelf}"),
        (Lang::Es, Selection::Category { category }) => format!("categoría {category}"),
        (Lang::En, Selection::Category { category }) => format!("category {category}"),
        (Lang::Es, Selection::Class { class, .. }) => format!("clase {class}"),
        (Lang::En, Selection::Class { class, .. }) => format!("class {class}"),
        (Lang::Es, Selection::NotCounted { days }) => format!("sin contar en {days} días"),
        (Lang::En, Selection::NotCounted { days }) => format!("not counted for {days} days"),
    }
}

/// How far a line has got.
#[must_use]
pub const fn state(lang: Lang, state: Option<LineState>) -> &'static str {
    match state {
        None => lang.pick("por contar", "to count"),
        Some(LineState::Agrees) => lang.pick("cuadra", "agrees"),
        Some(LineState::Recount) => lang.pick("recontar", "recount"),
        Some(LineState::Review) => lang.pick("revisar", "review"),
        Some(LineState::Accepted) => lang.pick("aceptada", "accepted"),
    }
}

/// The report: every line by shelf, the differences with who counted and who reviewed them, room to sign.
#[must_use]
pub fn report(stocktake: &Stocktake, rows: &[CountRow], lang: Lang) -> String {
    let head = &stocktake.head;
    let title = lang.pick("RECUENTO", "STOCKTAKE");
    let mut lines = vec![format!("{title}  {}", head.id), "=".repeat(WIDTH)];
    let mut what = selection(lang, &head.selection);
    if head.blind {
        what.push_str(lang.pick(", a ciegas", ", blind"));
    }
    lines.push(format!("{}: {what}", lang.pick("Selección", "Selection")));
    let opened = lang.pick("Abierto", "Opened");
    lines.push(format!("{opened}: {}, {}", moment(lang, head.opened_ms), head.opened_by));
    lines.push(match &head.end {
        Some(end) if end.dropped => {
            format!("{}: {}, {}", lang.pick("Descartado", "Dropped"), moment(lang, end.at_ms), end.by)
        }
        Some(end) => format!("{}: {}, {}", lang.pick("Cerrado", "Closed"), moment(lang, end.at_ms), end.by),
        None => lang.pick("Sin cerrar", "Not closed").to_owned(),
    });
    let (counted, left) = tally(stocktake, rows);
    let n = |n: usize| count(lang, n as u64);
    let differ = stocktake.lines.values().filter(|line| !line.difference().is_zero()).count();
    lines.push(match lang {
        Lang::Es => format!(
            "Líneas contadas: {}   con diferencia: {}   sin contar: {}",
            n(counted),
            n(differ),
            n(left)
        ),
        Lang::En => {
            format!("Lines counted: {}   that differ: {}   not counted: {}", n(counted), n(differ), n(left))
        }
    });
    lines.push(String::new());
    lines.extend(listing(stocktake, rows, lang));
    lines.push(String::new());
    for words in [lang.pick("Contado por", "Counted by"), lang.pick("Revisado por", "Reviewed by")] {
        lines.push(String::new());
        lines.push(format!("{words}: {}", "_".repeat(30)));
    }
    lines.join("\n") + "\n"
}

/// How many lines were counted, and how many of the selection were not.
#[must_use]
pub fn tally(stocktake: &Stocktake, rows: &[CountRow]) -> (usize, usize) {
    match &stocktake.head.end {
        Some(end) => (end.counted as usize, end.uncounted as usize),
        None => (stocktake.lines.len(), rows.iter().filter(|row| row.line.is_none()).count()),
    }
}

fn listing(stocktake: &Stocktake, rows: &[CountRow], lang: Lang) -> Vec<String> {
    let line = |cells: [&str; 6]| {
        let [shelf, sku, name, book, counted, difference] = cells;
        let text = format!(
            "{} {} {} {} {} {}",
            fit(shelf, 9, false),
            fit(sku, GOODS, false),
            fit(name, NAME, false),
            fit(book, 9, true),
            fit(counted, 9, true),
            fit(difference, 9, true)
        );
        text.trim_end().to_owned()
    };
    let mut lines = vec![
        line([
            lang.pick("Ubic.", "Shelf"),
            lang.pick("SKU, lote", "SKU, lot"),
            lang.pick("Producto", "Product"),
            lang.pick("Libro", "Book"),
            lang.pick("Contado", "Counted"),
            lang.pick("Diferencia", "Difference"),
        ]),
        "-".repeat(WIDTH),
    ];
    for row in rows {
        let goods = format!("{} {}", row.sku, row.lot).trim_end().to_owned();
        // Which lot it is must not be cut off: where there is no room beside the product, it stands below.
        let below = (!row.lot.is_none() && goods.width() > GOODS)
            .then(|| format!("          {} {}", lang.pick("lote", "lot"), row.lot));
        let goods = if below.is_some() { row.sku.to_string() } else { goods };
        let q = |amount| quantity_fixed(lang, amount, row.decimals);
        let blank = "_".repeat(7);
        let (book, counted, difference) = match &row.line {
            Some(counted) if row.hides_book => (String::new(), q(counted.counted), String::new()),
            Some(counted) => (q(counted.book), q(counted.counted), signed(lang, counted.difference())),
            None if row.hides_book => (String::new(), blank, String::new()),
            None => (q(row.on_hand), blank, String::new()),
        };
        lines.push(line([&row.shelf, &goods, &row.name, &book, &counted, &difference]));
        lines.extend(below);
        let Some(counted) = row.line.as_ref().filter(|l| !l.difference().is_zero() && !row.hides_book) else {
            continue;
        };
        let by = lang.pick("contado por", "counted by");
        let said = match &counted.review {
            Some(review) => {
                let reason = words::adjustment(lang, review.reason);
                let reviewed = lang.pick("revisado por", "reviewed by");
                format!("{by} {}, {reviewed} {}: {reason}", counted.by, review.by)
            }
            None => format!("{by} {}: {}", counted.by, state(lang, row.state)),
        };
        lines.push(format!("          {said}"));
    }
    let agreed = stocktake
        .head
        .end
        .as_ref()
        .map_or(0, |end| (end.counted as usize).saturating_sub(stocktake.lines.len()));
    if agreed > 0 {
        let n = count(lang, agreed as u64);
        lines.push(match lang {
            Lang::Es => format!("… y {n} líneas que cuadran"),
            Lang::En => format!("… and {n} lines that agree"),
        });
    }
    lines
}

/// A text in so many columns.
fn fit(text: &str, columns: usize, right: bool) -> String {
    let mut cut = String::new();
    let mut width = 0;
    for c in text.chars().filter(|c| !c.is_control()) {
        let wide = c.to_string().width();
        // A number is never cut.
        if width + wide > columns && !right {
            break;
        }
        width += wide;
        cut.push(c);
    }
    let pad = " ".repeat(columns.saturating_sub(width));
    if right { pad + &cut } else { cut + &pad }
}
