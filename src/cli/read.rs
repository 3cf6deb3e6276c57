//! Verbs that read: how the node is, what lies where, what moved, what to look at, who else is there.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::as_of;
use super::json::{AlertRow, HistoryRow, StockRow, TransferRow, heard, stock_rows};
use super::moment::moment;
use super::reach::{Need, Session};
use super::table::{Align, Table};
use super::{Desk, Failure, Retry, book};
use crate::domain::{MovementKind, Product, Refusal, Sku, TransferId, TransferState, WarehouseId};
use crate::ledger::MovementRow;
use crate::ledger::act::Act;
use crate::node::event::{LinkView, PeerView, Status};
use crate::store::HistoryQuery;
use crate::text::number::{count, counted, decimal, quantity, quantity_fixed, signed};
use crate::text::refusal::wrong_barcode;
use crate::text::time::{ago, date, moment as moment_text};
use crate::text::{Lang, alert_line, catching_up, clock, refusals, stopped, trouble as said, words};

/// Rows of one page of the history.
const PAGE: u32 = 1000;

/// What lies where.
#[derive(Debug, Args)]
pub struct Stock {
    /// Only products with these words in SKU, name, barcode, category, lot or shelf; accents and case don't matter
    pub query: Option<String>,
    /// Only this warehouse
    #[arg(long, value_name = "W")]
    pub warehouse: Option<String>,
    /// What lay where at this moment: 2026-05-17, "2026-05-17 14:30", RFC 3339, -7d
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    pub as_of: Option<String>,
}

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

/// `status`
pub(super) async fn status(session: &mut Session, desk: &mut Desk<'_>) -> Result<(), Failure> {
    let status = session.status().await?;
    if desk.json {
        return print_json(desk, &status);
    }
    let lang = desk.setting.lang;
    let is_alone = !session.peers().await?.iter().any(|peer| peer.standing.belongs());
    for (name, value) in status_lines(lang, &status, is_alone) {
        writeln!(desk.out, "{name:<14}{value}")?;
    }
    Ok(())
}

fn status_lines(lang: Lang, status: &Status, is_alone: bool) -> Vec<(&'static str, String)> {
    let link = |link: &LinkView| {
        let up = if link.up { lang.pick("responde", "up") } else { lang.pick("no responde", "down") };
        match &link.trouble {
            Some(trouble) => said::trouble(lang, &link.kind, trouble),
            None => format!("{}: {up}", link.kind),
        }
    };
    let recorded = counted(lang, status.recorded, ("propia registrada", "propias registradas"));
    let published = counted(lang, status.published, ("publicada", "publicadas"));
    let mut ledger = match lang {
        Lang::Es => format!("{recorded}, {published}"),
        Lang::En => format!(
            "{} of our own recorded, {} published",
            count(lang, status.recorded),
            count(lang, status.published)
        ),
    };
    // Where there is nobody else, nobody has seen anything.
    if !is_alone {
        let seen = counted(lang, status.seen_by_all, ("vista", "vistas"));
        ledger += &match lang {
            Lang::Es => format!(", {seen} por todos"),
            Lang::En => format!(", {} seen by all", count(lang, status.seen_by_all)),
        };
    }
    // Whoever reads the store alone is no process.
    let no_node = status.pid == 0;
    let process = if no_node {
        lang.pick("ninguno: aquí no corre ningún nodo", "none: no node runs here").to_owned()
    } else {
        format!("{} (rubentario {})", status.pid, status.version)
    };
    let mut lines = vec![
        (lang.pick("almacén", "warehouse"), format!("{} ({})", status.warehouse, status.name)),
        (lang.pick("red", "cluster"), status.cluster.clone()),
        (lang.pick("proceso", "process"), process),
        (lang.pick("datos", "store"), link(&status.store)),
        (lang.pick("mensajería", "bus"), link(&status.bus)),
        (lang.pick("entradas", "entries"), ledger),
        (lang.pick("unido", "joined"), said::joined(lang, status).to_owned()),
    ];
    if !no_node {
        lines.insert(5, (lang.pick("reloj", "clock"), clock::own(lang, status.clock)));
    }
    // What a reader of the store alone knows of joining is in the line above.
    if let Some(why) = said::not_yet(lang, status).filter(|_| status.stopped.is_none()) {
        lines.push((lang.pick("ahora", "now"), why));
    }
    if let Some(progress) = &status.catching_up {
        lines.push((lang.pick("al día", "up to date"), catching_up::sentence(lang, progress)));
        for ledger in progress.ledgers.iter().filter(|ledger| ledger.entries < ledger.of) {
            lines.push(("", format!("{}: {}", ledger.warehouse, catching_up::ledger(lang, ledger))));
        }
    }
    if let Some(why) = status.stopped.as_ref().filter(|_| !no_node) {
        lines.push((lang.pick("detenido", "stopped"), stopped(lang, why)));
    }
    if let Some(refused) = refusals(lang, &status.refused) {
        lines.push((lang.pick("rechazado", "refused"), refused));
    }
    if status.dropped_messages + status.dead_letters > 0 {
        let dropped = counted(lang, status.dropped_messages, ("ilegible", "ilegibles"));
        let dead = counted(lang, status.dead_letters, ("devuelto", "devueltos"));
        lines.push((
            lang.pick("mensajes", "messages"),
            match lang {
                Lang::Es => format!("{dropped}, {dead}"),
                Lang::En => format!(
                    "{} unreadable, {}",
                    count(lang, status.dropped_messages),
                    counted(lang, status.dead_letters, ("dead letter", "dead letters"))
                ),
            },
        ));
    }
    lines
}

/// `stock`
pub(super) async fn stock(args: Stock, session: &mut Session, desk: &mut Desk<'_>) -> Result<(), Failure> {
    let warehouse = args.warehouse.as_deref().map(WarehouseId::new).transpose()?;
    let wanted: Vec<String> =
        folded(args.query.as_deref().unwrap_or_default()).split_whitespace().map(str::to_owned).collect();
    let mut products = session.products().await?;
    let peers = session.peers().await?;
    let mut heard = heard(&desk.setting.warehouse, &peers, desk.now_ms);
    if let Some(text) = &args.as_of {
        let at_ms = moment(desk.setting.lang, "--as-of", text, desk.now_ms)?;
        if at_ms > desk.now_ms {
            let message = desk
                .setting
                .lang
                .pick("--as-of: ese momento aún no ha llegado", "--as-of: that moment has not come yet");
            let hint = desk
                .setting
                .lang
                .pick("dé uno pasado, por ejemplo -7d", "give one that is past, such as -7d");
            return Err(Failure::usage(message, Some(hint)));
        }
        let then = session.stock_at(at_ms).await?;
        products = as_of::products(&products, &then);
        for warehouse in heard.values_mut() {
            warehouse.as_of_ms = Some(at_ms);
        }
    }
    let mut rows = Vec::new();
    for product in &products {
        let of_product = stock_rows(product, &desk.setting.warehouse, &heard);
        let texts = product_texts(&product.product);
        rows.extend(of_product.into_iter().filter_map(|row| {
            let here = warehouse.as_ref().is_none_or(|w| row.warehouse == *w);
            (here && is_found(&wanted, &texts, &row)).then_some((row, product.product.decimals))
        }));
    }
    if rows.is_empty()
        && let Some(warehouse) = warehouse
    {
        must_be_known(warehouse, &peers, desk)?;
    }
    let lang = desk.setting.lang;
    if rows.is_empty()
        && let Some(query) = &args.query
        && let Some(why) = wrong_barcode(lang, query)
    {
        writeln!(desk.err, "rubentario: «{query}»: {why}")?;
    }
    if desk.json {
        let rows: Vec<_> = rows.into_iter().map(|(row, _)| row).collect();
        return print_json(desk, &rows);
    }
    let today = DateTime::from_timestamp_millis(desk.now_ms).map(|now| now.date_naive());
    stock_table(lang, today, &rows)
        .write(desk.out, lang.pick("no hay existencias que mostrar", "no stock to show"))?;
    Ok(())
}

/// A warehouse of which nothing is shown may be empty, or there may be none of that name: that must be told.
fn must_be_known(warehouse: WarehouseId, peers: &[PeerView], desk: &Desk<'_>) -> Result<(), Failure> {
    let own = &desk.setting.warehouse;
    let known: BTreeSet<_> = peers.iter().map(|peer| &peer.id).chain([own]).collect();
    if known.contains(&warehouse) {
        return Ok(());
    }
    let known = known.into_iter().cloned().collect();
    Err(Refusal::UnknownWarehouse { warehouse, known }.into())
}

fn product_texts(product: &Product) -> String {
    let mut texts = format!("{}\n{}\n{}", product.sku, product.name, product.category);
    for barcode in &product.barcodes {
        texts.push('\n');
        texts.push_str(&barcode.to_string());
    }
    folded(&texts)
}

fn is_found(wanted: &[String], product: &str, row: &StockRow) -> bool {
    let own = || {
        let lot = row.lot.as_ref().map_or("", |lot| lot.as_str());
        folded(&format!("{lot}\n{}", row.shelf.as_deref().unwrap_or_default()))
    };
    wanted.iter().all(|word| product.contains(word) || own().contains(word))
}

/// Lower case without accents.
fn folded(text: &str) -> String {
    use nucleo_matcher::chars::{normalize, to_lower_case};
    text.chars().map(|c| to_lower_case(normalize(c))).collect()
}

fn stock_table(lang: Lang, today: Option<NaiveDate>, rows: &[(StockRow, u8)]) -> Table {
    let expiry = |day: NaiveDate| {
        let past = today.is_some_and(|today| day < today);
        let mark = if past { lang.pick(" caducado", " expired") } else { "" };
        format!("{}{mark}", date(lang, day))
    };
    let mut table = Table::new(&[
        ("SKU", Align::Left),
        (lang.pick("Producto", "Product"), Align::Left),
        (lang.pick("Almacén", "Warehouse"), Align::Left),
        (lang.pick("Lote", "Lot"), Align::Left),
        (lang.pick("Caducidad", "Expiry"), Align::Left),
        (lang.pick("Estantería", "Shelf"), Align::Left),
        (lang.pick("Hay", "On hand"), Align::Right),
        (lang.pick("Disponible", "Available"), Align::Right),
        (lang.pick("En camino", "Incoming"), Align::Right),
        (lang.pick("Punto de pedido", "Reorder point"), Align::Right),
        (lang.pick("Días", "Days"), Align::Right),
    ]);
    for (row, decimals) in rows {
        let qty = |amount| quantity_fixed(lang, amount, *decimals);
        table.row(vec![
            row.sku.to_string(),
            if row.retired {
                format!("{} ({})", row.name, lang.pick("retirado", "retired"))
            } else {
                row.name.clone()
            },
            row.warehouse.to_string(),
            row.lot.as_ref().map_or_else(String::new, ToString::to_string),
            row.expiry.map_or_else(String::new, expiry),
            row.shelf.clone().unwrap_or_default(),
            match row.given_up {
                lost if lost.is_zero() => qty(row.on_hand),
                lost => format!("({} {})", lang.pick("perdido", "given up"), qty(lost)),
            },
            qty(row.available),
            if row.in_transit.is_zero() { String::new() } else { qty(row.in_transit) },
            row.reorder_point.map_or_else(|| "—".to_owned(), qty),
            row.days_of_cover.map_or_else(|| "∞".to_owned(), |days| decimal(lang, days, 1)),
        ]);
    }
    table
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
