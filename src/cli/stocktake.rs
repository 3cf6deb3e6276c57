//! `stocktake …`: a whole stocktake by script, for instance with a handheld.

mod show;

use std::sync::Arc;

use clap::{Args, Subcommand};
use serde_json::json;

use super::failure::decimal;
use super::line::{not_negative, sku_and_lot};
use super::reach::{Need, Session};
use super::{Desk, Failure, Retry, book, read};
use crate::domain::replenish::AbcClass;
use crate::domain::{
    AdjustmentReason, LineState, Refusal, Selection, StocktakeProblem, Threshold, TransferId,
};
use crate::ledger::act::Act;
use crate::ledger::act::stocktake::{CountedLine, ReviewLine, StocktakeAct};
use crate::ledger::book::Stocktake;
use crate::node::event::ProductView;
use crate::text::Lang;
use crate::text::refusal;
use crate::text::stocktake as words;
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

/// `stocktake …`
pub(super) async fn stocktake(
    verb: StocktakeVerb,
    session: &mut Session,
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    let (retry, step, what) = match verb {
        StocktakeVerb::List => return show::list(session, desk).await,
        StocktakeVerb::Show(args) => return show::show(args, session, desk).await,
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
