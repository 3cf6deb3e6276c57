//! Verbs of what is promised: reservations, and receipts that are expected from outside.

use std::sync::Arc;

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::failure::decimal;
use super::json::number;
use super::line::{Goods, positive, with_lot_option};
use super::moment::day;
use super::reach::{Need, Session};
use super::read::print_json;
use super::table::{Align, Table};
use super::{Desk, Failure, Retry, book};
use crate::domain::typing::Lean;
use crate::domain::{Lot, Quantity, QuantityError, Refusal, Sku, TransferId, WarehouseId};
use crate::ledger::act::Act;
use crate::ledger::book::{Expectation, Reservation};
use crate::node::event::ProductView;
use crate::text::Lang;
use crate::text::number::quantity;
use crate::text::refusal::quantity_error;
use crate::text::time::date;

/// Goods kept for somebody.
#[derive(Debug, Args)]
pub struct Reserve {
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub goods: Goods,
    /// For whom or what: an order, a person
    #[arg(long = "for", value_name = "TEXT")]
    pub purpose: String,
    /// The last day on which it stands; after it the node releases it by itself
    #[arg(long, value_name = "D")]
    pub until: Option<String>,
    /// A certain lot; without it, first expired first out, one reservation per lot
    #[arg(long)]
    pub lot: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

/// Goods let go of.
#[derive(Debug, Args)]
pub struct Release {
    /// The reservation as `reservations` names it, such as madrid:42
    pub id: TransferId,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

/// What is reserved.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Reservations {
    /// Only of this product
    #[arg(long)]
    pub sku: Option<String>,
    /// What to do with one
    #[command(subcommand)]
    pub verb: Option<ReservationVerb>,
}

/// What to do with a reservation.
#[derive(Debug, Subcommand)]
pub enum ReservationVerb {
    /// Book the reserved goods out
    Issue(IssueReserved),
}

/// Reserved goods out.
#[derive(Debug, Args)]
pub struct IssueReserved {
    /// The reservation
    pub id: TransferId,
    /// How much of it; without it, all that is left
    pub qty: Option<String>,
    /// Order, anything; without it, what the reservation is for
    #[arg(long = "ref", value_name = "TEXT", default_value = "")]
    pub reference: String,
    /// Let goods past their date go out
    #[arg(long)]
    pub allow_expired: bool,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

/// Goods ordered from outside.
#[derive(Debug, Args)]
pub struct Expect {
    /// The product
    pub sku: String,
    /// How much, in the product's unit, with a decimal point
    #[arg(allow_negative_numbers = true)]
    pub qty: String,
    /// The day on which it is expected
    #[arg(long, value_name = "D")]
    pub on: String,
    /// The order, the supplier
    #[arg(long = "ref", value_name = "TEXT", default_value = "")]
    pub reference: String,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

/// What is expected from outside.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Expected {
    /// Only of this product
    #[arg(long)]
    pub sku: Option<String>,
    /// What to do with one
    #[command(subcommand)]
    pub verb: Option<ExpectedVerb>,
}

/// What to do with an expected receipt.
#[derive(Debug, Subcommand)]
pub enum ExpectedVerb {
    /// Book what came of it in; what did not come stays expected
    Receive(ReceiveExpected),
    /// Expect nothing more of it
    Close(CloseExpected),
}

/// Expected goods in.
#[derive(Debug, Args)]
pub struct ReceiveExpected {
    /// The expected receipt
    pub id: TransferId,
    /// How much came; without it, all that is still to come
    pub qty: Option<String>,
    /// The lot
    #[arg(long)]
    pub lot: Option<Lot>,
    /// The lot's expiry, such as 2026-05-17
    #[arg(long, value_name = "D")]
    pub expiry: Option<String>,
    /// Delivery note, anything; without it, what the order says
    #[arg(long = "ref", value_name = "TEXT", default_value = "")]
    pub reference: String,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

/// An order given up.
#[derive(Debug, Args)]
pub struct CloseExpected {
    /// The expected receipt
    pub id: TransferId,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub reason: String,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

impl Reservations {
    /// Whether a node must run.
    #[must_use]
    pub const fn need(&self) -> Need {
        need(self.verb.is_some())
    }
}

impl Expected {
    /// Whether a node must run.
    #[must_use]
    pub const fn need(&self) -> Need {
        need(self.verb.is_some())
    }
}

const fn need(does_something: bool) -> Need {
    if does_something { Need::Write } else { Need::Read }
}

/// A row of `reservations`.
#[derive(Debug, Clone, Serialize)]
pub struct ReservationRow {
    /// The entry that made it.
    pub id: TransferId,
    /// The warehouse.
    pub warehouse: WarehouseId,
    /// The product.
    pub sku: Sku,
    /// The lot.
    pub lot: Option<Lot>,
    /// What was reserved.
    #[serde(serialize_with = "number")]
    pub qty: Quantity,
    /// Of that, issued.
    #[serde(serialize_with = "number")]
    pub issued: Quantity,
    /// What is still kept.
    #[serde(serialize_with = "number")]
    pub left: Quantity,
    /// For whom or what.
    #[serde(rename = "for")]
    pub purpose: String,
    /// The last day on which it stands.
    pub until: Option<NaiveDate>,
}

/// A row of `expected`.
#[derive(Debug, Clone, Serialize)]
pub struct ExpectedRow {
    /// The entry that expected it.
    pub id: TransferId,
    /// The warehouse.
    pub warehouse: WarehouseId,
    /// The product.
    pub sku: Sku,
    /// What was ordered.
    #[serde(serialize_with = "number")]
    pub qty: Quantity,
    /// What came of it.
    #[serde(serialize_with = "number")]
    pub received: Quantity,
    /// What is still to come.
    #[serde(serialize_with = "number")]
    pub left: Quantity,
    /// The day on which it is expected.
    pub on: NaiveDate,
    /// The order, the supplier.
    #[serde(rename = "ref")]
    pub reference: String,
}

impl From<&Reservation> for ReservationRow {
    fn from(known: &Reservation) -> Self {
        Self {
            id: known.id.clone(),
            warehouse: known.id.origin.clone(),
            sku: known.sku.clone(),
            lot: (!known.lot.is_none()).then(|| known.lot.clone()),
            qty: known.qty,
            issued: known.issued,
            left: known.left(),
            purpose: known.purpose.clone(),
            until: known.until,
        }
    }
}

impl From<&Expectation> for ExpectedRow {
    fn from(known: &Expectation) -> Self {
        Self {
            id: known.id.clone(),
            warehouse: known.id.origin.clone(),
            sku: known.sku.clone(),
            qty: known.qty,
            received: known.received,
            left: known.left(),
            on: known.due,
            reference: known.reference.clone(),
        }
    }
}

fn a_day(name: &str, text: &str, desk: &Desk<'_>) -> Result<NaiveDate, Failure> {
    day(desk.setting.lang, name, text, desk.now_ms, Lean::Ahead)
}

/// `reserve`
pub(super) async fn reserve(
    args: Reserve,
    session: &mut Session,
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    let (sku, lot, qty) = args.goods.read(lang, args.lot.as_deref())?;
    let until = args.until.as_deref().map(|text| a_day("--until", text, desk)).transpose()?;
    let what = format!("{} {} {sku}", lang.pick("reserva de", "reservation of"), quantity(lang, qty));
    let act = Act::Reserve { sku, lot, qty, purpose: args.purpose, until };
    book::record(args.retry.id(), act, &what, session, desk).await.map(drop)
}

/// `release`
pub(super) async fn release(
    args: Release,
    session: &mut Session,
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    let what = format!("{} {}", desk.setting.lang.pick("liberada la reserva", "released"), args.id);
    let act = Act::Release { reservation: args.id, due: false };
    book::record(args.retry.id(), act, &what, session, desk).await.map(drop)
}

/// `reservations`
pub(super) async fn reservations(
    args: Reservations,
    session: &mut Session,
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    if let Some(ReservationVerb::Issue(args)) = args.verb {
        let what = format!("{} {}", lang.pick("salida de la reserva", "issue of reservation"), args.id);
        let qty = amount(lang, args.qty.as_deref(), &args.id)?;
        let act = Act::IssueReserved {
            reservation: args.id,
            qty,
            reference: args.reference,
            allow_expired: args.allow_expired,
        };
        return book::record(args.retry.id(), act, &what, session, desk).await.map(drop);
    }
    let products = of(args.sku.as_deref(), session).await?;
    let all = products.iter().flat_map(|p| &p.reservations).filter(|r| r.left().is_positive());
    let rows = all.map(ReservationRow::from).collect();
    let columns = [
        ("Id", Align::Left),
        ("SKU", Align::Left),
        (lang.pick("Lote", "Lot"), Align::Left),
        (lang.pick("Quedan", "Left"), Align::Right),
        (lang.pick("De", "Of"), Align::Right),
        (lang.pick("Para", "For"), Align::Left),
        (lang.pick("Hasta", "Until"), Align::Left),
    ];
    let cells = |row: ReservationRow| {
        vec![
            row.id.to_string(),
            row.sku.to_string(),
            row.lot.map_or_else(String::new, |lot| lot.to_string()),
            quantity(lang, row.left),
            quantity(lang, row.qty),
            row.purpose,
            row.until.map_or_else(String::new, |day| date(lang, day)),
        ]
    };
    list(rows, &columns, cells, lang.pick("no hay nada reservado", "nothing is reserved"), desk)
}

/// All products, or the one of that name.
async fn of(sku: Option<&str>, session: &mut Session) -> Result<Vec<Arc<ProductView>>, Failure> {
    let mut products = session.products().await?;
    if let Some(sku) = sku.map(Sku::new).transpose()? {
        products.retain(|view| view.product.sku == sku);
        if products.is_empty() {
            return Err(Refusal::UnknownSku { sku }.into());
        }
    }
    Ok(products)
}

/// Rows as JSON, or as a table for people.
fn list<R: Serialize>(
    rows: Vec<R>,
    columns: &[(&str, Align)],
    cells: impl Fn(R) -> Vec<String>,
    empty: &str,
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    if desk.json {
        return print_json(desk, &rows);
    }
    let mut table = Table::new(columns);
    for row in rows {
        table.row(cells(row));
    }
    Ok(table.write(desk.out, empty)?)
}

/// `expect`
pub(super) async fn expect(args: Expect, session: &mut Session, desk: &mut Desk<'_>) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    let (sku, _) = with_lot_option(&args.sku, None)?;
    let qty = positive(lang, &sku, &args.qty)?;
    let due = a_day("--on", &args.on, desk)?;
    let what = format!("{} {} {sku}", lang.pick("se esperan", "expected:"), quantity(lang, qty));
    let act = Act::Expect { sku, qty, due, reference: args.reference };
    book::record(args.retry.id(), act, &what, session, desk).await.map(drop)
}

/// `expected`
pub(super) async fn expected(
    args: Expected,
    session: &mut Session,
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    match args.verb {
        Some(ExpectedVerb::Receive(args)) => {
            let what = format!("{} {}", lang.pick("entrada de lo esperado", "receipt of"), args.id);
            let qty = amount(lang, args.qty.as_deref(), &args.id)?;
            let expiry = book::expiry(args.expiry.as_deref(), desk)?;
            let (lot, reference) = (args.lot.unwrap_or_default(), args.reference);
            let act = Act::ReceiveExpected { expectation: args.id, lot, expiry, qty, reference };
            return book::record(args.retry.id(), act, &what, session, desk).await.map(drop);
        }
        Some(ExpectedVerb::Close(args)) => {
            let what = format!("{} {}", lang.pick("ya no se espera", "closed"), args.id);
            let act = Act::CloseExpectation { expectation: args.id, reason: args.reason };
            return book::record(args.retry.id(), act, &what, session, desk).await.map(drop);
        }
        None => {}
    }
    let products = of(args.sku.as_deref(), session).await?;
    let all = products.iter().flat_map(|p| &p.expectations);
    let mut rows: Vec<ExpectedRow> = all.map(ExpectedRow::from).collect();
    rows.sort_by_key(|row| row.on);
    let columns = [
        ("Id", Align::Left),
        ("SKU", Align::Left),
        (lang.pick("Quedan", "Left"), Align::Right),
        (lang.pick("De", "Of"), Align::Right),
        (lang.pick("Para el", "On"), Align::Left),
        (lang.pick("Referencia", "Reference"), Align::Left),
    ];
    let cells = |row: ExpectedRow| {
        vec![
            row.id.to_string(),
            row.sku.to_string(),
            quantity(lang, row.left),
            quantity(lang, row.qty),
            date(lang, row.on),
            row.reference,
        ]
    };
    list(rows, &columns, cells, lang.pick("no se espera nada", "nothing is expected"), desk)
}

/// An amount that may be left out; `id` stands for the product in what is said of a wrong one.
fn amount(lang: Lang, text: Option<&str>, id: &TransferId) -> Result<Option<Quantity>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let qty = decimal(lang, text);
    let positive = qty.and_then(|qty| qty.is_positive().then_some(qty).ok_or(QuantityError::NotPositive));
    positive.map(Some).map_err(|problem| {
        let (field, problem) = (id.to_string(), quantity_error(lang, &problem));
        Failure::Refused(Refusal::Field { field, problem })
    })
}
