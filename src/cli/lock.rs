//! `lock …`: who holds the products' locks, who waits, and stepping back from a queue.

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;

use super::reach::Session;
use super::table::{Align, Table};
use super::{Desk, Failure, read};
use crate::domain::{Sku, WarehouseId};
use crate::node::event::{LockView, SeatView};
use crate::text::time::{rfc3339, span};

/// What to do about locks.
#[derive(Debug, Subcommand)]
pub enum LockVerb {
    /// Who holds which product, who waits for it and how long, as this warehouse knows
    List,
    /// Step back from the queue for a product: what waits for it here is refused
    Leave(Leave),
}

/// Which queue is left.
#[derive(Debug, Args)]
pub struct Leave {
    /// The product
    pub sku: String,
}

/// A row of `lock list`.
#[derive(Debug, Serialize)]
struct Row {
    sku: Sku,
    holder: Option<WarehouseId>,
    held_since: Option<String>,
    waiting: Vec<Waiting>,
}

#[derive(Debug, Serialize)]
struct Waiting {
    warehouse: WarehouseId,
    since: Option<String>,
}

impl Row {
    fn of(lock: LockView) -> Self {
        let (holder, held_since) = lock.holder.map(|s| (s.warehouse, rfc3339(s.since_ms))).unzip();
        let waiting = lock.waiting.into_iter();
        let waiting = waiting.map(|s| Waiting { warehouse: s.warehouse, since: rfc3339(s.since_ms) });
        Self { sku: lock.sku, holder, held_since: held_since.flatten(), waiting: waiting.collect() }
    }
}

/// `lock …`
pub(super) async fn lock(verb: LockVerb, session: &mut Session, desk: &mut Desk<'_>) -> Result<(), Failure> {
    match verb {
        LockVerb::List => list(session, desk).await,
        LockVerb::Leave(leave) => {
            let sku = Sku::new(&leave.sku)?;
            session.step_back(&sku).await?;
            if desk.json {
                return read::print_json(desk, &json!({ "left": sku }));
            }
            let words =
                desk.setting.lang.pick("se deja la cola del cerrojo de", "stepped back from the queue for");
            writeln!(desk.out, "{words} {sku}")?;
            Ok(())
        }
    }
}

async fn list(session: &mut Session, desk: &mut Desk<'_>) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    let locks = session.locks().await?;
    if desk.json {
        let rows: Vec<_> = locks.into_iter().map(Row::of).collect();
        return read::print_json(desk, &rows);
    }
    let mut table = Table::new(&[
        ("SKU", Align::Left),
        (lang.pick("Lo tiene", "Held by"), Align::Left),
        (lang.pick("Esperan", "Waiting"), Align::Left),
    ]);
    let now_ms = desk.now_ms;
    let seat = |seat: &SeatView| {
        format!("{} ({})", seat.warehouse, span(lang, now_ms.saturating_sub(seat.since_ms).max(0)))
    };
    for lock in &locks {
        let waiting: Vec<_> = lock.waiting.iter().map(seat).collect();
        let holder = lock.holder.as_ref().map_or_else(|| "—".to_owned(), seat);
        table.row(vec![lock.sku.to_string(), holder, waiting.join(", ")]);
    }
    table.write(
        desk.out,
        lang.pick("nadie tiene ni espera ningún cerrojo", "no lock is held or waited for"),
    )?;
    Ok(())
}
