//! Snapshots on the command line: take, list, show, compare.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::json::{number, some_lot};
use super::reach::{Need, Session};
use super::read::print_json;
use super::table::{Align, Table};
use super::{Desk, Failure, Retry};
use crate::domain::{Lot, Quantity, Sku, TransferId, WarehouseId};
use crate::ledger::act::Act;
use crate::node::Snapshot;
use crate::node::snapshots::{self, SnapshotDetail};
use crate::text::Lang;
use crate::text::number::{count, quantity, signed};
use crate::text::time::{age, moment, rfc3339};

/// A snapshot is closed within its deadline; whoever waits longer than this is told so.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What to do with snapshots.
#[derive(Debug, Subcommand)]
pub enum SnapshotVerb {
    /// Take one, wait until it is closed, and print what `show` prints
    Take(Retry),
    /// The newest ones, newest first
    List,
    /// One of them: what lay where, what was on the road, whether it adds up
    Show(Which),
    /// What differs between two of them
    Diff(Two),
}

/// A snapshot.
#[derive(Debug, Args)]
pub struct Which {
    /// Its id, such as madrid:42
    pub id: TransferId,
}

/// Two snapshots.
#[derive(Debug, Args)]
pub struct Two {
    /// The first
    pub a: TransferId,
    /// The second
    pub b: TransferId,
}

impl SnapshotVerb {
    /// Whether a node must run.
    #[must_use]
    pub const fn need(&self) -> Need {
        match self {
            Self::Take(_) => Need::Write,
            Self::List | Self::Show(_) | Self::Diff(_) => Need::Read,
        }
    }
}

/// A snapshot for programs.
#[derive(Debug, Serialize)]
struct Row {
    id: TransferId,
    taken_at: Option<String>,
    closed_at: Option<String>,
    complete: bool,
    missing: Vec<Missing>,
    cut: BTreeMap<WarehouseId, u64>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    goods: Option<Goods>,
    digests_agree: bool,
}

#[derive(Debug, Serialize)]
struct Missing {
    id: WarehouseId,
    seq: u64,
    age_s: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Goods {
    stock: Vec<Lying>,
    in_transit: Vec<Riding>,
    conservation: Conservation,
}

#[derive(Debug, Serialize)]
struct Lying {
    sku: Sku,
    lot: Option<Lot>,
    warehouse: WarehouseId,
    #[serde(serialize_with = "number")]
    on_hand: Quantity,
}

#[derive(Debug, Serialize)]
struct Riding {
    transfer: TransferId,
    sku: Sku,
    lot: Option<Lot>,
    #[serde(serialize_with = "number")]
    qty: Quantity,
    from: WarehouseId,
    to: WarehouseId,
}

#[derive(Debug, Serialize)]
struct Conservation {
    ok: bool,
    violations: Vec<Violation>,
    #[serde(serialize_with = "number")]
    on_hand: Quantity,
    #[serde(serialize_with = "number")]
    in_transit: Quantity,
    #[serde(serialize_with = "number")]
    receipts: Quantity,
    #[serde(serialize_with = "number")]
    issues: Quantity,
    #[serde(serialize_with = "number")]
    adjustments: Quantity,
    #[serde(serialize_with = "number")]
    shortages: Quantity,
}

#[derive(Debug, Serialize)]
struct Violation {
    sku: Sku,
    lot: Option<Lot>,
    #[serde(serialize_with = "number")]
    found: Quantity,
    #[serde(serialize_with = "number")]
    expected: Quantity,
}

#[derive(Debug, Serialize)]
struct DiffRow {
    sku: Sku,
    lot: Option<Lot>,
    /// None: on the road.
    warehouse: Option<WarehouseId>,
    #[serde(serialize_with = "number")]
    before: Quantity,
    #[serde(serialize_with = "number")]
    after: Quantity,
    #[serde(serialize_with = "number")]
    change: Quantity,
}

impl Row {
    fn of(snapshot: &Snapshot) -> Self {
        let closed = snapshot.closed.as_ref();
        let missing = closed.iter().flat_map(|c| &c.missing).map(|m| Missing {
            id: m.id.clone(),
            seq: m.seq,
            age_s: m.age_ms.map(|ms| ms / 1_000),
        });
        let cut = closed.iter().flat_map(|c| &c.cut).map(|(w, head)| (w.clone(), head.seq));
        Self {
            id: snapshot.id.clone(),
            taken_at: rfc3339(snapshot.begun_ms),
            closed_at: closed.and_then(|c| rfc3339(c.at_ms)),
            complete: closed.is_some_and(|c| c.missing.is_empty()),
            missing: missing.collect(),
            cut: cut.collect(),
            goods: None,
            digests_agree: snapshot.digests_agree(),
        }
    }

    fn with_goods(detail: SnapshotDetail) -> Self {
        let balance = detail.balance;
        let lying = detail.stock.into_iter().map(|c| Lying {
            sku: c.sku,
            lot: some_lot(c.lot),
            warehouse: c.warehouse,
            on_hand: c.on_hand,
        });
        let riding = detail.riding.into_iter().map(|r| Riding {
            transfer: r.transfer,
            sku: r.sku,
            lot: some_lot(r.lot),
            qty: r.qty,
            from: r.from,
            to: r.to,
        });
        let violations = balance.violations.into_iter().map(|v| Violation {
            sku: v.sku,
            lot: some_lot(v.lot),
            found: v.found,
            expected: v.expected,
        });
        let violations: Vec<_> = violations.collect();
        let conservation = Conservation {
            ok: violations.is_empty(),
            violations,
            on_hand: balance.on_hand,
            in_transit: balance.riding,
            receipts: balance.receipts,
            issues: balance.issues,
            adjustments: balance.adjustments,
            shortages: balance.shortages,
        };
        let goods = Goods { stock: lying.collect(), in_transit: riding.collect(), conservation };
        Self { goods: Some(goods), ..Self::of(&detail.snapshot) }
    }
}

/// `snapshot`
pub(super) async fn snapshot(
    verb: SnapshotVerb,
    session: &mut Session,
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    match verb {
        SnapshotVerb::Take(retry) => take(retry, session, desk).await,
        SnapshotVerb::List => list(session, desk).await,
        SnapshotVerb::Show(which) => {
            let detail = known(&which.id, session, desk.setting.lang).await?;
            show(detail, desk)
        }
        SnapshotVerb::Diff(two) => diff(&two, session, desk).await,
    }
}

async fn take(retry: Retry, session: &mut Session, desk: &mut Desk<'_>) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    let request = retry.id();
    let entries = session.act(request, desk.setting.operator()?, Act::TakeSnapshot).await?;
    let Some(id) = entries.into_iter().next() else {
        return Err(not_closed(lang));
    };
    let closing = async {
        loop {
            let detail = known(&id, session, lang).await?;
            if detail.snapshot.closed.is_some() {
                return Ok(detail);
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    let closed = match tokio::time::timeout(PATIENCE, closing).await {
        Ok(closed) => closed.map_err(|failure: Failure| failure.of_act(request))?,
        Err(_) => return Err(not_closed(lang)),
    };
    show(closed, desk)
}

fn not_closed(lang: Lang) -> Failure {
    let message = lang.pick(
        "la instantánea sigue abierta: aún se espera a otros",
        "the snapshot is still open: others are awaited",
    );
    let hint = lang.pick(
        "rubentario snapshot list dice cuándo se cierra",
        "rubentario snapshot list tells when it closes",
    );
    Failure::unreachable("snapshot_open", message, Some(hint))
}

async fn known(id: &TransferId, session: &mut Session, lang: Lang) -> Result<SnapshotDetail, Failure> {
    let unknown = || Failure::Said {
        exit: super::failure::REFUSED,
        code: "unknown_snapshot",
        message: format!("{} {id}", lang.pick("no se conoce la instantánea", "no such snapshot is known:")),
        hint: Some(
            lang.pick("rubentario snapshot list las muestra", "rubentario snapshot list shows them")
                .to_owned(),
        ),
    };
    session.snapshot(id).await?.map(|detail| *detail).ok_or_else(unknown)
}

async fn list(session: &mut Session, desk: &mut Desk<'_>) -> Result<(), Failure> {
    let snapshots = session.snapshots().await?;
    if desk.json {
        return print_json(desk, &snapshots.iter().map(Row::of).collect::<Vec<_>>());
    }
    let lang = desk.setting.lang;
    let mut table = Table::new(&[
        (lang.pick("Instantánea", "Snapshot"), Align::Left),
        (lang.pick("Cuándo", "When"), Align::Left),
        (lang.pick("Operario", "Operator"), Align::Left),
        (lang.pick("Almacenes", "Warehouses"), Align::Right),
        (lang.pick("Estado", "State"), Align::Left),
    ]);
    for snapshot in &snapshots {
        table.row(vec![
            snapshot.id.to_string(),
            moment(lang, snapshot.begun_ms),
            snapshot.operator.to_string(),
            format!("{}/{}", snapshot.markers.len(), snapshot.expected.len()),
            state(lang, snapshot),
        ]);
    }
    table.write(desk.out, lang.pick("no hay instantáneas", "no snapshots"))?;
    Ok(())
}

/// How a snapshot is, in a few words.
fn state(lang: Lang, snapshot: &Snapshot) -> String {
    let base = match &snapshot.closed {
        None => lang.pick("abierta", "open").to_owned(),
        Some(closed) if closed.missing.is_empty() => lang.pick("completa", "complete").to_owned(),
        Some(closed) => {
            let names: Vec<_> = closed.missing.iter().map(|m| m.id.to_string()).collect();
            format!("{} {}", lang.pick("parcial: falta", "partial: without"), names.join(", "))
        }
    };
    if snapshot.digests_agree() {
        base
    } else {
        format!("{base}; {}", lang.pick("los resúmenes no coinciden", "digests don't agree"))
    }
}

fn show(detail: SnapshotDetail, desk: &mut Desk<'_>) -> Result<(), Failure> {
    if desk.json {
        return print_json(desk, &Row::with_goods(detail));
    }
    let lang = desk.setting.lang;
    let snapshot = &detail.snapshot;
    writeln!(desk.out, "{}  {}  {}", snapshot.id, moment(lang, snapshot.begun_ms), state(lang, snapshot))?;
    let Some(closed) = &snapshot.closed else { return Ok(()) };
    for (warehouse, head) in &closed.cut {
        let missing = closed.missing.iter().find(|m| m.id == *warehouse);
        let note = missing.map_or_else(String::new, |m| {
            let heard = m.age_ms.map_or_else(String::new, |ms| {
                format!(" {}", age(lang, i64::try_from(ms).unwrap_or(i64::MAX)))
            });
            format!("  {}{heard}", lang.pick("sin respuesta", "silent"))
        });
        writeln!(desk.out, "  {warehouse}:{}{note}", head.seq)?;
    }
    let mut table = Table::new(&[
        ("SKU", Align::Left),
        (lang.pick("Lote", "Lot"), Align::Left),
        (lang.pick("Dónde", "Where"), Align::Left),
        (lang.pick("Cantidad", "Quantity"), Align::Right),
    ]);
    for cell in &detail.stock {
        let place = cell.warehouse.to_string();
        table.row(vec![cell.sku.to_string(), cell.lot.to_string(), place, quantity(lang, cell.on_hand)]);
    }
    for riding in &detail.riding {
        let place = format!("{} {} → {}", riding.transfer, riding.from, riding.to);
        table.row(vec![riding.sku.to_string(), riding.lot.to_string(), place, quantity(lang, riding.qty)]);
    }
    table.write(desk.out, lang.pick("no había nada", "nothing was there"))?;
    let b = &detail.balance;
    let q = |qty| quantity(lang, qty);
    let equation = match lang {
        Lang::Es => format!(
            "existencias {} + en tránsito {} = entradas {} − salidas {} + ajustes {} − mermas {}",
            q(b.on_hand),
            q(b.riding),
            q(b.receipts),
            q(b.issues),
            q(b.adjustments),
            q(b.shortages)
        ),
        Lang::En => format!(
            "on hand {} + in transit {} = receipts {} − issues {} + adjustments {} − shortages {}",
            q(b.on_hand),
            q(b.riding),
            q(b.receipts),
            q(b.issues),
            q(b.adjustments),
            q(b.shortages)
        ),
    };
    let verdict = if b.violations.is_empty() {
        lang.pick("cuadra", "it adds up").to_owned()
    } else {
        let n = count(lang, b.violations.len() as u64);
        format!("{} {n}", lang.pick("NO cuadra; lotes:", "does NOT add up; lots:"))
    };
    writeln!(desk.out, "{equation}: {verdict}")?;
    for v in &b.violations {
        writeln!(desk.out, "  {} {}: {} ≠ {}", v.sku, v.lot, q(v.found), q(v.expected))?;
    }
    Ok(())
}

async fn diff(two: &Two, session: &mut Session, desk: &mut Desk<'_>) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    let a = known(&two.a, session, lang).await?;
    let b = known(&two.b, session, lang).await?;
    let rows = snapshots::differences(&a, &b).into_iter().map(|d| DiffRow {
        sku: d.sku,
        lot: some_lot(d.lot),
        warehouse: d.warehouse,
        before: d.before,
        after: d.after,
        change: d.after.saturating_plus(d.before.negated()),
    });
    let rows: Vec<_> = rows.collect();
    if desk.json {
        return print_json(desk, &rows);
    }
    let mut table = Table::new(&[
        ("SKU", Align::Left),
        (lang.pick("Lote", "Lot"), Align::Left),
        (lang.pick("Dónde", "Where"), Align::Left),
        (lang.pick("Antes", "Before"), Align::Right),
        (lang.pick("Después", "After"), Align::Right),
        (lang.pick("Cambio", "Change"), Align::Right),
    ]);
    for row in &rows {
        let road = || lang.pick("en tránsito", "in transit").to_owned();
        table.row(vec![
            row.sku.to_string(),
            row.lot.as_ref().map_or_else(String::new, ToString::to_string),
            row.warehouse.as_ref().map_or_else(road, ToString::to_string),
            quantity(lang, row.before),
            quantity(lang, row.after),
            signed(lang, row.change),
        ]);
    }
    table.write(desk.out, lang.pick("no hay diferencias", "no differences"))?;
    Ok(())
}
