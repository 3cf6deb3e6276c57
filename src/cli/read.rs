//! Verbs that read: how the node is, what lies where, what moved, what to look at, who else is there.

mod status;
mod stock;

use std::collections::BTreeSet;

use clap::{Args, Subcommand};
use serde::Serialize;

pub(super) use status::status;
pub use stock::Stock;
pub(super) use stock::stock;

use super::json::{AlertRow, HistoryRow, TransferRow};
use super::moment::moment;
use super::reach::{Need, Session};
use super::table::{Align, Table};
use super::{Desk, Failure, Retry, book};
use crate::domain::{MovementKind, Refusal, Sku, TransferId, TransferState, WarehouseId};
use crate::ledger::MovementRow;
use crate::ledger::act::Act;
use crate::node::event::PeerView;
use crate::store::HistoryQuery;
use crate::text::number::{quantity, signed};
use crate::text::time::{ago, moment as moment_text};
use crate::text::{Lang, alert_line, words};

/// Rows of one page of the history.
const PAGE: u32 = 1000;

/// The movements.
#[derive(Debug, Args)]
#[command(after_help = "--operator NAME shows only what that person did.")]
pub struct History {
    /// Only this product
    #[arg(long)]
    pub sku: Option<String>,
    /// Only this kind, such as receipt; may be given several times
    #[arg(long, value_name = "KIND")]
    pub kind: Vec<MovementKind>,
    /// Only this warehouse's
    #[arg(long, value_name = "W")]
    pub warehouse: Option<String>,
    /// Only of this transfer
    #[arg(long, value_name = "ID")]
    pub transfer: Option<TransferId>,
    /// Only from this moment on: 2026-05-17, "2026-05-17 14:30", RFC 3339, -7d
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    pub since: Option<String>,
    /// Only before this moment
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    pub until: Option<String>,
    /// Only with this text in SKU, name, lot, reference, reason or operator
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
    /// At most so many lines
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
}

/// What to look at.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Alerts {
    /// What to do with one
    #[command(subcommand)]
    pub verb: Option<AlertVerb>,
}

/// What to do with an alert.
#[derive(Debug, Subcommand)]
pub enum AlertVerb {
    /// Say that an alert was seen
    Ack(Ack),
}

/// An alert that was seen.
#[derive(Debug, Args)]
pub struct Ack {
    /// The alert's id as `alerts` prints it
    pub id: String,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

/// Transfers between warehouses.
#[derive(Debug, Args)]
pub struct Transfers {
    /// Only those in this state, such as dispatched
    #[arg(long, value_name = "S")]
    pub state: Option<TransferState>,
    /// At most so many, the last changed first
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
}

impl Alerts {
    /// Whether a node must run.
    #[must_use]
    pub const fn need(&self) -> Need {
        match self.verb {
            None => Need::Read,
            Some(AlertVerb::Ack(_)) => Need::Write,
        }
    }
}

pub(super) fn print_json(desk: &mut Desk<'_>, document: &impl Serialize) -> Result<(), Failure> {
    serde_json::to_writer(&mut *desk.out, document).map_err(std::io::Error::from)?;
    Ok(writeln!(desk.out)?)
}

/// `history`
pub(super) async fn history(
    args: History,
    session: &mut Session,
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    let mut left = args.limit;
    let at =
        |option, text: Option<&String>| text.map(|text| moment(lang, option, text, desk.now_ms)).transpose();
    let mut query = HistoryQuery {
        sku: args.sku.as_deref().map(Sku::new).transpose()?,
        warehouse: args.warehouse.as_deref().map(WarehouseId::new).transpose()?,
        kinds: args.kind,
        operator: desk.operator_flag.clone(),
        transfer: args.transfer,
        since_ms: at("--since", args.since.as_ref())?,
        until_ms: at("--until", args.until.as_ref())?,
        text: args.text.filter(|text| !text.is_empty()),
        after: None,
        limit: 0,
    };
    let mut rows: Vec<MovementRow> = Vec::new();
    while left > 0 {
        query.limit = left.min(PAGE);
        let page = session.history(query.clone()).await?;
        left = left.saturating_sub(u32::try_from(page.rows.len()).unwrap_or(u32::MAX));
        rows.extend(page.rows);
        if page.next.is_none() {
            break;
        }
        query.after = page.next;
    }
    if rows.is_empty()
        && let Some(warehouse) = query.warehouse
    {
        must_be_known(warehouse, &session.peers().await?, desk)?;
    }
    if rows.is_empty()
        && let Some(sku) = query.sku
        && !session.products().await?.iter().any(|view| view.product.sku == sku)
    {
        return Err(Refusal::UnknownSku { sku }.into());
    }
    if desk.json {
        let rows: Vec<_> = rows.iter().map(HistoryRow::of).collect();
        return print_json(desk, &rows);
    }
    history_table(lang, &rows).write(desk.out, lang.pick("no hay movimientos", "no movements"))?;
    Ok(())
}

fn history_table(lang: Lang, rows: &[MovementRow]) -> Table {
    let mut table = Table::new(&[
        (lang.pick("Cuándo", "When"), Align::Left),
        (lang.pick("Movimiento", "Movement"), Align::Left),
        (lang.pick("Tipo", "Kind"), Align::Left),
        (lang.pick("Operario", "Operator"), Align::Left),
        ("SKU", Align::Left),
        (lang.pick("Lote", "Lot"), Align::Left),
        (lang.pick("Cantidad", "Quantity"), Align::Right),
        (lang.pick("Transferencia", "Transfer"), Align::Left),
        (lang.pick("Notas", "Notes"), Align::Left),
    ]);
    for row in rows {
        let notes = [words::reason(lang, &row.reason), &row.reference];
        let notes: Vec<_> = notes.into_iter().filter(|text| !text.is_empty()).collect();
        let asked = !row.kind.moves();
        table.row(vec![
            moment_text(lang, row.at_ms),
            format!("{}:{}", row.origin, row.seq),
            words::movement(lang, row.kind).to_owned(),
            row.operator.to_string(),
            row.sku.to_string(),
            row.lot.to_string(),
            if asked { format!("({})", quantity(lang, row.qty)) } else { signed(lang, row.qty) },
            row.transfer.as_ref().map_or_else(String::new, ToString::to_string),
            notes.join(" · "),
        ]);
    }
    table
}

/// `alerts`
pub(super) async fn alerts(args: Alerts, session: &mut Session, desk: &mut Desk<'_>) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    if let Some(AlertVerb::Ack(ack)) = args.verb {
        let what = format!("{} {}", lang.pick("vista la alerta", "seen, alert"), ack.id);
        let act = Act::AcknowledgeAlert { alert: ack.id };
        return book::record(ack.retry.id(), act, &what, session, desk).await.map(drop);
    }
    let alerts = session.alerts().await?;
    if desk.json {
        let rows: Vec<_> = alerts.iter().map(|alert| AlertRow::of(alert, lang, desk.now_ms)).collect();
        return print_json(desk, &rows);
    }
    let mut table = Table::new(&[
        (lang.pick("Gravedad", "Severity"), Align::Left),
        (lang.pick("Almacén", "Warehouse"), Align::Left),
        (lang.pick("Alerta", "Alert"), Align::Left),
        (lang.pick("Desde", "Since"), Align::Left),
        (lang.pick("Vista por", "Seen by"), Align::Left),
        ("Id", Align::Left),
    ]);
    for alert in &alerts {
        table.row(vec![
            words::severity(lang, alert.what.severity()).to_owned(),
            alert.warehouse.to_string(),
            alert_line(lang, alert, desk.now_ms),
            ago(lang, desk.now_ms.saturating_sub(alert.raised_ms)),
            alert.acknowledged_by.clone().unwrap_or_default(),
            alert.id.clone(),
        ]);
    }
    table.write(desk.out, lang.pick("no hay alertas", "no alerts"))?;
    Ok(())
}

/// `transfers`
pub(super) async fn transfers(
    args: Transfers,
    session: &mut Session,
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    let mut transfers = session.transfers().await?;
    transfers.retain(|transfer| args.state.is_none_or(|state| transfer.state() == state));
    transfers.sort_by_key(|transfer| std::cmp::Reverse((transfer.changed_ms(), transfer.id.clone())));
    transfers.truncate(args.limit.map_or(usize::MAX, |limit| limit as usize));
    if desk.json {
        let rows: Vec<_> = transfers.iter().map(|transfer| TransferRow::of(transfer)).collect();
        return print_json(desk, &rows);
    }
    let mut table = Table::new(&[
        (lang.pick("Transferencia", "Transfer"), Align::Left),
        (lang.pick("De", "From"), Align::Left),
        (lang.pick("A", "To"), Align::Left),
        (lang.pick("Estado", "State"), Align::Left),
        ("SKU", Align::Left),
        (lang.pick("Lote", "Lot"), Align::Left),
        (lang.pick("Pedido", "Requested"), Align::Right),
        (lang.pick("Enviado", "Sent"), Align::Right),
        (lang.pick("Recibido", "Received"), Align::Right),
        (lang.pick("Devuelto", "Returned"), Align::Right),
        (lang.pick("Falta", "Short"), Align::Right),
        (lang.pick("Cambió", "Changed"), Align::Left),
    ]);
    let qty = |amount: Option<_>| amount.map_or_else(|| "—".to_owned(), |amount| quantity(lang, amount));
    for transfer in &transfers {
        for line in TransferRow::of(transfer).lines {
            let short = line.shortage.filter(|short| !short.is_zero());
            table.row(vec![
                transfer.id.to_string(),
                transfer.from.to_string(),
                transfer.to.to_string(),
                words::transfer(lang, transfer.state()).to_owned(),
                line.sku.to_string(),
                line.lot.map_or_else(String::new, |lot| lot.to_string()),
                qty(line.requested),
                qty(line.dispatched),
                qty(line.received),
                qty(line.returned),
                short.map_or_else(String::new, |short| {
                    let reason = line.reason.map_or("", |reason| words::shortage(lang, reason));
                    format!("{} {reason}", quantity(lang, short))
                }),
                ago(lang, desk.now_ms.saturating_sub(transfer.changed_ms())),
            ]);
        }
    }
    table.write(desk.out, lang.pick("no hay transferencias", "no transfers"))?;
    Ok(())
}

/// A warehouse of which nothing is shown may be empty, or there may be none of that name: that must be told.
pub(super) fn must_be_known(
    warehouse: WarehouseId,
    peers: &[PeerView],
    desk: &Desk<'_>,
) -> Result<(), Failure> {
    let own = &desk.setting.warehouse;
    let known: BTreeSet<_> = peers.iter().map(|peer| &peer.id).chain([own]).collect();
    if known.contains(&warehouse) {
        return Ok(());
    }
    let known = known.into_iter().cloned().collect();
    Err(Refusal::UnknownWarehouse { warehouse, known }.into())
}
