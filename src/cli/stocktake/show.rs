//! `stocktake list` and `show`: what stocktakes there are, and one of them line by line.

use serde::Serialize;
use serde_json::json;

use super::{Show, chosen};
use crate::cli::reach::Session;
use crate::cli::table::{Align, Table};
use crate::cli::{Desk, Failure, read};
use crate::domain::{AdjustmentReason, LineState, Lot, Operator, Quantity, Selection, Sku, TransferId};
use crate::ledger::book::Stocktake;
use crate::node::stocktakes::{CountRow, rows};
use crate::text::number::{count, quantity_fixed, signed};
use crate::text::stocktake as words;
use crate::text::time::{moment, rfc3339};

/// A row of `stocktake list`.
#[derive(Debug, Serialize)]
struct Summary<'a> {
    id: &'a TransferId,
    selection: &'a Selection,
    blind: bool,
    opened_at: Option<String>,
    opened_by: &'a Operator,
    /// `open`, `closed` or `dropped`.
    state: &'static str,
    ended_at: Option<String>,
    ended_by: Option<&'a Operator>,
    counted: usize,
    uncounted: usize,
    differences: usize,
    recount: usize,
    review: usize,
    accepted: usize,
}

impl<'a> Summary<'a> {
    fn of(stocktake: &'a Stocktake, rows: &[CountRow]) -> Self {
        let head = &stocktake.head;
        let (counted, uncounted) = words::tally(stocktake, rows);
        let state = match &head.end {
            None => "open",
            Some(end) if end.dropped => "dropped",
            Some(_) => "closed",
        };
        Self {
            id: &head.id,
            selection: &head.selection,
            blind: head.blind,
            opened_at: rfc3339(head.opened_ms),
            opened_by: &head.opened_by,
            state,
            ended_at: head.end.as_ref().and_then(|end| rfc3339(end.at_ms)),
            ended_by: head.end.as_ref().map(|end| &end.by),
            counted,
            uncounted,
            differences: stocktake.lines.values().filter(|line| !line.difference().is_zero()).count(),
            recount: stocktake.in_state(LineState::Recount),
            review: stocktake.in_state(LineState::Review),
            accepted: stocktake.in_state(LineState::Accepted),
        }
    }
}

/// A line of `stocktake show`.
#[derive(Debug, Serialize)]
struct Row<'a> {
    shelf: &'a str,
    sku: &'a Sku,
    name: &'a str,
    lot: Option<&'a Lot>,
    /// `to_count`, `agrees`, `recount`, `review` or `accepted`.
    state: &'static str,
    book: Option<Quantity>,
    counted: Option<Quantity>,
    difference: Option<Quantity>,
    moved_since: Option<Quantity>,
    pinned: Option<u64>,
    times: u32,
    counted_by: Option<&'a Operator>,
    reviewed_by: Option<&'a Operator>,
    reason: Option<AdjustmentReason>,
}

impl<'a> Row<'a> {
    fn of(row: &'a CountRow) -> Self {
        let line = row.line.as_ref();
        let seen = line.filter(|_| !row.hides_book);
        let book = if row.hides_book { None } else { Some(line.map_or(row.on_hand, |line| line.book)) };
        let review = line.and_then(|line| line.review.as_ref());
        Self {
            shelf: &row.shelf,
            sku: &row.sku,
            name: &row.name,
            lot: (!row.lot.is_none()).then_some(&row.lot),
            state: row.state.map_or("to_count", LineState::word),
            book,
            counted: line.map(|line| line.counted),
            difference: seen.map(crate::ledger::book::StocktakeLine::difference),
            moved_since: seen.map(|_| row.moved()),
            pinned: line.map(|line| line.pinned),
            times: line.map_or(0, |line| line.times),
            counted_by: line.map(|line| &line.by),
            reviewed_by: review.map(|review| &review.by),
            reason: review.map(|review| review.reason),
        }
    }
}

/// `stocktake list`
pub(super) async fn list(session: &mut Session, desk: &mut Desk<'_>) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    let all = session.stocktakes().await?;
    let products = session.products().await?;
    let here = session.status().await?.warehouse;
    let rows: Vec<_> = all.iter().rev().map(|known| (known, rows(known, products.iter(), &here))).collect();
    let summaries: Vec<_> = rows.iter().map(|(known, rows)| Summary::of(known, rows)).collect();
    if desk.json {
        return read::print_json(desk, &summaries);
    }
    let mut table = Table::new(&[
        (lang.pick("Recuento", "Stocktake"), Align::Left),
        (lang.pick("Selección", "Selection"), Align::Left),
        (lang.pick("Abierto", "Opened"), Align::Left),
        (lang.pick("Por", "By"), Align::Left),
        (lang.pick("Estado", "State"), Align::Left),
        (lang.pick("Contadas", "Counted"), Align::Right),
        (lang.pick("Sin contar", "Left"), Align::Right),
        (lang.pick("Diferencias", "Differences"), Align::Right),
    ]);
    for ((known, _), summary) in rows.iter().zip(&summaries) {
        let state = match summary.state {
            "open" => lang.pick("abierto", "open"),
            "closed" => lang.pick("cerrado", "closed"),
            _ => lang.pick("descartado", "dropped"),
        };
        let n = |n: usize| count(lang, n as u64);
        table.row(vec![
            summary.id.to_string(),
            words::selection(lang, summary.selection),
            moment(lang, known.head.opened_ms),
            summary.opened_by.to_string(),
            state.to_owned(),
            n(summary.counted),
            n(summary.uncounted),
            n(summary.differences),
        ]);
    }
    Ok(table.write(desk.out, lang.pick("no hay recuentos", "there are no stocktakes"))?)
}

/// `stocktake show`
pub(super) async fn show(args: Show, session: &mut Session, desk: &mut Desk<'_>) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    let stocktake = chosen(args.id.as_ref(), session).await?;
    let products = session.products().await?;
    let here = session.status().await?.warehouse;
    let rows = rows(&stocktake, products.iter(), &here);
    if desk.json {
        let lines: Vec<_> = rows.iter().map(Row::of).collect();
        let mut document =
            serde_json::to_value(Summary::of(&stocktake, &rows)).map_err(std::io::Error::from)?;
        if let Some(object) = document.as_object_mut() {
            object.insert("lines".to_owned(), json!(lines));
        }
        return read::print_json(desk, &document);
    }
    if args.report {
        return Ok(write!(desk.out, "{}", words::report(&stocktake, &rows, lang))?);
    }
    let mut table = Table::new(&[
        (lang.pick("Ubicación", "Shelf"), Align::Left),
        ("SKU", Align::Left),
        (lang.pick("Lote", "Lot"), Align::Left),
        (lang.pick("Libro", "Book"), Align::Right),
        (lang.pick("Contado", "Counted"), Align::Right),
        (lang.pick("Diferencia", "Difference"), Align::Right),
        (lang.pick("Estado", "State"), Align::Left),
        (lang.pick("Por", "By"), Align::Left),
    ]);
    for row in &rows {
        let shown = Row::of(row);
        let q = |amount: Option<Quantity>| {
            amount.map_or_else(|| "—".to_owned(), |amount| quantity_fixed(lang, amount, row.decimals))
        };
        table.row(vec![
            row.shelf.clone(),
            row.sku.to_string(),
            row.lot.to_string(),
            q(shown.book),
            q(shown.counted),
            shown.difference.map_or_else(String::new, |amount| signed(lang, amount)),
            words::state(lang, row.state).to_owned(),
            shown.counted_by.map_or_else(String::new, ToString::to_string),
        ]);
    }
    Ok(table.write(desk.out, lang.pick("nada que contar", "nothing to count"))?)
}
