//! Verbs that book in the own warehouse: receipts, issues, counts, adjustments, reversals.

use std::io;

use clap::Args;
use serde_json::json;
use uuid::Uuid;

use super::line::{Goods, not_negative, with_lot_option};
use super::moment::{day, today};
use super::reach::Session;
use super::{Desk, Failure, Retry, failure};
use crate::domain::typing::Lean;
use crate::domain::{AdjustmentReason, QuantityError, TransferId};
use crate::ledger::act::{Act, ReceiptLine, TakeLine};
use crate::text::Lang;
use crate::text::number::{quantity, signed};
use crate::text::time::date;

/// Goods in.
#[derive(Debug, Args)]
pub struct Receive {
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub goods: Goods,
    /// The lot
    #[arg(long)]
    pub lot: Option<String>,
    /// The lot's expiry, such as 2026-05-17
    #[arg(long, value_name = "D")]
    pub expiry: Option<String>,
    /// Order, delivery note, anything
    #[arg(long = "ref", value_name = "TEXT", default_value = "")]
    pub reference: String,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

/// Goods out.
#[derive(Debug, Args)]
pub struct Issue {
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub goods: Goods,
    /// A certain lot; without it, first expired first out
    #[arg(long)]
    pub lot: Option<String>,
    /// Order, anything
    #[arg(long = "ref", value_name = "TEXT", default_value = "")]
    pub reference: String,
    /// Let goods past their date go out
    #[arg(long)]
    pub allow_expired: bool,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

/// What was counted.
#[derive(Debug, Args)]
pub struct Count {
    /// The product, perhaps with its lot behind an @
    #[arg(value_name = "SKU[@LOT]")]
    pub sku: String,
    /// What was counted, 0 included, in the product's unit, with a decimal point
    #[arg(allow_negative_numbers = true)]
    pub qty: String,
    /// The lot
    #[arg(long)]
    pub lot: Option<String>,
    /// The lot's expiry where the lot is new here
    #[arg(long, value_name = "D")]
    pub expiry: Option<String>,
    /// Anything
    #[arg(long = "ref", value_name = "TEXT", default_value = "")]
    pub reference: String,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

/// A correction.
#[derive(Debug, Args)]
pub struct Adjust {
    /// The product, perhaps with its lot behind an @
    #[arg(value_name = "SKU[@LOT]")]
    pub sku: String,
    /// By how much: +5, -3, in the product's unit, with a decimal point
    #[arg(value_name = "±QTY", allow_negative_numbers = true)]
    pub qty: String,
    /// Why: damaged, expired, lost, found, count, correction, other
    #[arg(long, value_name = "R")]
    pub reason: AdjustmentReason,
    /// The lot
    #[arg(long)]
    pub lot: Option<String>,
    /// The lot's expiry where the lot is new here
    #[arg(long, value_name = "D")]
    pub expiry: Option<String>,
    /// Anything
    #[arg(long = "ref", value_name = "TEXT", default_value = "")]
    pub reference: String,
    /// The transfer whose goods turned up
    #[arg(long, value_name = "ID")]
    pub transfer: Option<TransferId>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

/// A mistake undone.
#[derive(Debug, Args)]
pub struct Reverse {
    /// The own movement as the history names it, such as madrid:42
    pub entry: TransferId,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub reason: String,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

/// Does an act and tells its entries; `what` is the sentence before them.
pub(super) async fn record(
    id: Uuid,
    act: Act,
    what: &str,
    session: &mut Session,
    desk: &mut Desk<'_>,
) -> Result<Vec<TransferId>, Failure> {
    let entries = session.act(id, desk.setting.operator()?, act).await?;
    if desk.json {
        writeln!(desk.out, "{}", json!({"request": id, "entries": entries}))?;
    } else {
        tell_person(what, &entries, desk)?;
    }
    Ok(entries)
}

/// Says to a person which entries record an act.
pub(super) fn tell_person(what: &str, entries: &[TransferId], desk: &mut Desk<'_>) -> io::Result<()> {
    let names: Vec<_> = entries.iter().map(ToString::to_string).collect();
    let recorded = desk.setting.lang.pick("registrado", "recorded");
    writeln!(desk.out, "{what}: {recorded} ({})", names.join(", "))
}

/// `receive`
pub(super) async fn receive(
    args: Receive,
    session: &mut Session,
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    let (sku, lot, qty) = args.goods.read(lang, args.lot.as_deref())?;
    let expiry = expiry(args.expiry.as_deref(), desk)?;
    let what = format!("{} {} {sku}", lang.pick("entrada de", "receipt of"), quantity(lang, qty));
    let expired = expiry.filter(|day| *day < today(desk.now_ms)).map(|day| (sku.clone(), day));
    let line = ReceiptLine { sku, lot: lot.unwrap_or_default(), expiry, qty };
    let act = Act::Receive { lines: vec![line], reference: args.reference };
    record(args.retry.id(), act, &what, session, desk).await?;
    if let Some((sku, day)) = expired {
        let day = date(lang, day);
        match lang {
            Lang::Es => writeln!(desk.err, "rubentario: aviso: {sku} entró ya caducado (el {day})")?,
            Lang::En => writeln!(desk.err, "rubentario: warning: {sku} came in expired already (on {day})")?,
        }
    }
    Ok(())
}

/// `issue`
pub(super) async fn issue(args: Issue, session: &mut Session, desk: &mut Desk<'_>) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    let (sku, lot, qty) = args.goods.read(lang, args.lot.as_deref())?;
    let what = format!("{} {} {sku}", lang.pick("salida de", "issue of"), quantity(lang, qty));
    let act = Act::Issue {
        lines: vec![TakeLine { sku, lot, qty }],
        reference: args.reference,
        allow_expired: args.allow_expired,
    };
    record(args.retry.id(), act, &what, session, desk).await.map(drop)
}

/// `count`
pub(super) async fn count(args: Count, session: &mut Session, desk: &mut Desk<'_>) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    let (sku, lot) = with_lot_option(&args.sku, args.lot.as_deref())?;
    let counted = not_negative(lang, &sku, &args.qty)?;
    let expiry = expiry(args.expiry.as_deref(), desk)?;
    let what = format!("{} {sku}: {}", lang.pick("recuento de", "count of"), quantity(lang, counted));
    let act = Act::Count {
        sku,
        lot: lot.unwrap_or_default(),
        expiry,
        counted,
        pinned: None,
        reference: args.reference,
    };
    record(args.retry.id(), act, &what, session, desk).await.map(drop)
}

/// `adjust`
pub(super) async fn adjust(args: Adjust, session: &mut Session, desk: &mut Desk<'_>) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    let (sku, lot) = with_lot_option(&args.sku, args.lot.as_deref())?;
    let delta = failure::quantity(lang, &sku, &args.qty)?;
    if delta.is_zero() {
        return Err(Failure::quantity(&sku, QuantityError::Zero));
    }
    let expiry = expiry(args.expiry.as_deref(), desk)?;
    let what = format!("{} {} {sku}", lang.pick("ajuste de", "adjustment of"), signed(lang, delta));
    let act = Act::Adjust {
        sku,
        lot: lot.unwrap_or_default(),
        expiry,
        delta,
        reason: args.reason,
        reference: args.reference,
        transfer: args.transfer,
    };
    record(args.retry.id(), act, &what, session, desk).await.map(drop)
}

/// `reverse`
pub(super) async fn reverse(
    args: Reverse,
    session: &mut Session,
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    let undone = desk.setting.lang.pick("anulación de", "reversal of");
    let what = format!("{undone} {}", args.entry);
    let act = Act::Reverse { entry: args.entry, reason: args.reason };
    record(args.retry.id(), act, &what, session, desk).await.map(drop)
}

/// The last day of a lot, as an option gives it.
pub(super) fn expiry(text: Option<&str>, desk: &Desk<'_>) -> Result<Option<chrono::NaiveDate>, Failure> {
    text.map(|text| day(desk.setting.lang, "--expiry", text, desk.now_ms, Lean::Ahead)).transpose()
}
