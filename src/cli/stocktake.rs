//! `stocktake …`: a whole stocktake by script, for instance with a handheld.

use std::sync::Arc;

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;

use super::failure::decimal;
use super::line::{not_negative, sku_and_lot};
use super::reach::{Need, Session};
use super::table::{Align, Table};
use super::{Desk, Failure, Retry, book, read};
use crate::domain::replenish::AbcClass;
use crate::domain::{
    AdjustmentReason, LineState, Lot, Operator, Quantity, Refusal, Selection, Sku, StocktakeProblem,
    Threshold, TransferId,
};
use crate::ledger::act::Act;
use crate::ledger::act::stocktake::{CountedLine, ReviewLine, StocktakeAct};
use crate::ledger::book::Stocktake;
use crate::node::event::ProductView;
use crate::node::stocktakes::{CountRow, rows};
use crate::text::Lang;
use crate::text::number::{count, quantity_fixed, signed};
use crate::text::refusal;
use crate::text::stocktake as words;
use crate::text::time::{moment, rfc3339};
use crate::text::words::none_of;

/// A step of a stocktake.
#[derive(Debug, Subcommand)]
pub enum StocktakeVerb {
    /// Begin one: what is counted, whether blind, which differences are counted twice
    Open(Open),
    /// Note what was counted
    Line(Line),
    /// Judge, as another operator, what was counted
    Review(Review),
    /// Book the differences in one go and end it
    Close(Which),
    /// End it and book nothing
    Drop(Which),
    /// This warehouse's stocktakes
    List,
    /// One stocktake, line by line in the order of the shelves
    Show(Show),
}

/// What is counted.
#[derive(Debug, Args)]
#[group(id = "selection", multiple = false)]
pub struct Selected {
    /// Shelves whose name begins so
    #[arg(long, value_name = "S")]
    pub shelf: Option<String>,
    /// Products of this category
    #[arg(long, value_name = "C")]
    pub category: Option<String>,
    /// Products of this class by how often they were issued here within 90 days: A, B or C
    #[arg(long, value_name = "A|B|C")]
    pub abc: Option<AbcClass>,
    /// What nobody has counted for so many days
    #[arg(long, value_name = "DAYS")]
    pub not_counted: Option<u32>,
    /// Everything that is here
    #[arg(long)]
    pub all: bool,
}

/// How a stocktake begins.
#[derive(Debug, Args)]
pub struct Open {
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub what: Selected,
    /// Whoever counts does not see the book
    #[arg(long)]
    pub blind: bool,
    /// Count twice what differs by more than so many units
    #[arg(long, value_name = "QTY")]
    pub recount_over: Option<String>,
    /// Count twice what differs by more than this percentage of the book
    #[arg(long, value_name = "N")]
    pub recount_percent: Option<u32>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

/// What was counted.
#[derive(Debug, Args)]
pub struct Line {
    /// A product, perhaps with its lot behind an @, and what was counted of it, 0 included; repeated
    #[arg(required = true, num_args = 2.., allow_negative_numbers = true, value_name = "SKU[@LOT] QTY")]
    pub lines: Vec<String>,
    /// The own entry when counting began, as `status` told it («recorded»); without it, now
    #[arg(long, value_name = "SEQ")]
    pub pinned: Option<u64>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub which: Which,
}

/// What a second operator says.
#[derive(Debug, Args)]
pub struct Review {
    /// Why a line differs, or that it is to be counted again.
    #[arg(
        long = "line",
        value_name = "LINE",
        help = "Why a line differs, or that it is to be counted again: SKU[@LOT]=damaged|expired|lost|found|count|correction|other|recount"
    )]
    pub lines: Vec<String>,
    /// Accept all other lines that await their review, for this reason
    #[arg(long, value_name = "R", required_unless_present = "lines")]
    pub rest: Option<AdjustmentReason>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub which: Which,
}

/// Which stocktake.
#[derive(Debug, Args)]
pub struct Which {
    /// The stocktake, such as madrid:42; without it, the open one
    #[arg(long, value_name = "ID")]
    pub id: Option<TransferId>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

/// Which stocktake is shown, and how.
#[derive(Debug, Args)]
pub struct Show {
    /// The stocktake, such as madrid:42; without it, the open one
    pub id: Option<TransferId>,
    /// As the sheet that is printed and signed
    #[arg(long, conflicts_with = "json")]
    pub report: bool,
}

impl StocktakeVerb {
    /// Whether a node must run.
    #[must_use]
    pub const fn need(&self) -> Need {
        match self {
            Self::List | Self::Show(_) => Need::Read,
            _ => Need::Write,
        }
    }
}

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

/// `stocktake …`
pub(super) async fn stocktake(
    verb: StocktakeVerb,
    session: &mut Session,
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    let (retry, step, what) = match verb {
        StocktakeVerb::List => return list(session, desk).await,
        StocktakeVerb::Show(args) => return show(args, session, desk).await,
        StocktakeVerb::Open(args) => return open(args, session, desk).await,
        StocktakeVerb::Line(args) => return line(args, session, desk).await,
        StocktakeVerb::Review(args) => {
            let stocktake = chosen(args.which.id.as_ref(), session).await?;
            let id = stocktake.head.id.clone();
            let what = format!("{} {id}", lang.pick("revisión de", "review of"));
            let lines = judged(lang, &args.lines, args.rest, &stocktake)?;
            (args.which.retry, StocktakeAct::Review { stocktake: id, lines }, what)
        }
        StocktakeVerb::Close(which) => {
            let id = chosen_id(which.id, session).await?;
            let what = format!("{} {id}", lang.pick("cierre de", "closing of"));
            (which.retry, StocktakeAct::Close { stocktake: id }, what)
        }
        StocktakeVerb::Drop(which) => {
            let id = chosen_id(which.id, session).await?;
            let what = format!("{} {id}", lang.pick("descarte de", "dropping of"));
            (which.retry, StocktakeAct::Drop { stocktake: id }, what)
        }
    };
    book::record(retry.id(), Act::Stocktake(step), &what, session, desk).await.map(drop)
}

/// `stocktake open`
async fn open(args: Open, session: &mut Session, desk: &mut Desk<'_>) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    let Selected { shelf, category, abc, not_counted, all } = args.what;
    let selection = match (shelf, category, abc, not_counted) {
        (Some(shelf), ..) => Selection::Shelf { shelf },
        (_, Some(category), ..) => Selection::Category { category },
        (_, _, Some(class), _) => of_class(class, session, desk).await?,
        (.., Some(days)) => Selection::NotCounted { days },
        _ if all => Selection::All,
        _ => {
            let what = lang.pick("diga qué se cuenta", "say what is counted");
            return Err(Failure::usage(what, Some("--shelf, --category, --abc, --not-counted, --all")));
        }
    };
    let units = args.recount_over.map(|text| decimal(lang, &text)).transpose();
    let units = units.map_err(|problem| {
        Failure::usage(format!("--recount-over: {}", refusal::quantity_error(lang, &problem)), None)
    })?;
    let threshold = Threshold { units, percent: args.recount_percent };
    let step = StocktakeAct::Open { selection, blind: args.blind, threshold };
    let id = args.retry.id();
    let entries = session.act(id, desk.setting.operator()?, Act::Stocktake(step)).await?;
    if desk.json {
        return read::print_json(
            desk,
            &json!({"request": id, "stocktake": entries.first(), "entries": entries}),
        );
    }
    let what = lang.pick("recuento abierto", "stocktake opened");
    Ok(book::tell_person(what, &entries, desk)?)
}

/// The products of a class of which there is something here.
async fn of_class(class: AbcClass, session: &mut Session, desk: &Desk<'_>) -> Result<Selection, Failure> {
    let classes = session.classes().await?;
    let products = session.products().await?;
    let here = |view: &&Arc<ProductView>| view.on_hand(&desk.setting.warehouse).is_positive();
    let skus = products.iter().filter(here).map(|view| &view.product.sku);
    let skus = skus.filter(|sku| classes.of(sku) == class).cloned().collect();
    Ok(Selection::Class { class, skus })
}

/// `stocktake line`
async fn line(args: Line, session: &mut Session, desk: &mut Desk<'_>) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    let stocktake = chosen_id(args.which.id, session).await?;
    if !args.lines.len().is_multiple_of(2) {
        return Err(Failure::usage("SKU[@LOT] QTY", Some("GU-NIT-M 5 GU-NIT-L@L7 2.5")));
    }
    let mut lines = Vec::new();
    for pair in args.lines.chunks_exact(2) {
        let (sku, lot) = sku_and_lot(&pair[0])?;
        let counted = not_negative(lang, &sku, &pair[1])?;
        let lot = lot.unwrap_or_default();
        lines.push(CountedLine { sku, lot, expiry: None, counted, pinned: args.pinned });
    }
    let named: Vec<_> = lines.iter().map(|line| (line.sku.clone(), line.lot.clone())).collect();
    let id = args.which.retry.id();
    let step = StocktakeAct::Count { stocktake: stocktake.clone(), lines };
    let entries = session.act(id, desk.setting.operator()?, Act::Stocktake(step)).await?;
    let known = session.stocktakes().await.map_err(|failure| failure.of_act(id))?;
    let known = known.into_iter().find(|known| known.head.id == stocktake);
    let states: Vec<_> = named
        .iter()
        .map(|(sku, lot)| {
            let state = known.as_ref().and_then(|known| known.state_of(sku, lot));
            (sku, lot, state)
        })
        .collect();
    if desk.json {
        let lines: Vec<_> = states
            .iter()
            .map(|(sku, lot, state)| {
                let lot = (!lot.is_none()).then_some(lot);
                json!({"sku": sku, "lot": lot, "state": state.map(LineState::word)})
            })
            .collect();
        return read::print_json(desk, &json!({"request": id, "entries": entries, "lines": lines}));
    }
    book::tell_person(&format!("{} {stocktake}", lang.pick("contado en", "counted in")), &entries, desk)?;
    for (sku, lot, state) in states {
        let goods = if lot.is_none() { sku.to_string() } else { format!("{sku}@{lot}") };
        writeln!(desk.out, "  {goods}: {}", words::state(lang, state))?;
    }
    Ok(())
}

/// The lines of a review: those that are named, then the rest that waits.
fn judged(
    lang: Lang,
    named: &[String],
    rest: Option<AdjustmentReason>,
    stocktake: &Stocktake,
) -> Result<Vec<ReviewLine>, Failure> {
    let mut lines = Vec::new();
    for text in named {
        let form = || Failure::usage(format!("--line «{text}»: SKU[@LOT]=REASON"), Some("GU-NIT-M=lost"));
        let (goods, word) = text.rsplit_once('=').ok_or_else(form)?;
        let (sku, lot) = sku_and_lot(goods)?;
        let reason = match word.trim() {
            "recount" => None,
            word => Some(word.parse::<AdjustmentReason>().map_err(|error| {
                Failure::usage(format!("--line: {}, recount", none_of(lang, &error)), None)
            })?),
        };
        lines.push(ReviewLine { sku, lot: lot.unwrap_or_default(), count: None, reason });
    }
    if let Some(reason) = rest {
        let waiting = stocktake.lines.values().filter(|line| {
            line.state(stocktake.head.threshold) == LineState::Review
                && !lines.iter().any(|named| named.sku == line.sku && named.lot == line.lot)
        });
        let rest: Vec<_> = waiting
            .map(|line| ReviewLine {
                sku: line.sku.clone(),
                lot: line.lot.clone(),
                count: Some(line.entry),
                reason: Some(reason),
            })
            .collect();
        lines.extend(rest);
    }
    Ok(lines)
}

async fn chosen_id(id: Option<TransferId>, session: &mut Session) -> Result<TransferId, Failure> {
    match id {
        Some(id) => Ok(id),
        None => Ok(chosen(None, session).await?.head.id.clone()),
    }
}

/// The stocktake of that id, or the open one.
async fn chosen(
    id: Option<&TransferId>,
    session: &mut Session,
) -> Result<std::sync::Arc<Stocktake>, Failure> {
    let all = session.stocktakes().await?;
    let found = match id {
        Some(id) => all.into_iter().find(|known| known.head.id == *id),
        None => all.into_iter().next_back().filter(|known| known.is_open()),
    };
    found.ok_or_else(|| match id {
        Some(id) => {
            let problem = StocktakeProblem::Unknown { stocktake: id.clone() };
            Failure::from(Refusal::Stocktake { problem })
        }
        None => Failure::from(Refusal::Stocktake { problem: StocktakeProblem::NoneIsOpen }),
    })
}

async fn list(session: &mut Session, desk: &mut Desk<'_>) -> Result<(), Failure> {
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

async fn show(args: Show, session: &mut Session, desk: &mut Desk<'_>) -> Result<(), Failure> {
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
