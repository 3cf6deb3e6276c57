//! The other warehouses: who they are, who is let in, who leaves.

use clap::{Args, Subcommand};

use super::book::record;
use super::json::PeerRow;
use super::reach::{Need, Session};
use super::table::{Align, Table};
use super::{Desk, Failure, Retry};
use crate::domain::WarehouseId;
use crate::ledger::act::Act;
use crate::text::clock;
use crate::text::number::count;
use crate::text::time::ago;
use crate::text::words;

/// The other warehouses.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Peers {
    /// What to do with one
    #[command(subcommand)]
    pub verb: Option<PeerVerb>,
}

/// What to do with another warehouse.
#[derive(Debug, Subcommand)]
pub enum PeerVerb {
    /// Let a warehouse in that waits to be, or follow a ledger again of which two histories were seen
    Admit(Admit),
    /// Let a warehouse leave: it must be empty, or be given up
    Retire(Retire),
}

/// A warehouse to let in.
#[derive(Debug, Args)]
pub struct Admit {
    /// Its id
    pub id: String,
    /// It lost its disk or key: take the key that it shows now for its own
    #[arg(long)]
    pub replace_key: bool,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

/// A warehouse to let go.
#[derive(Debug, Args)]
pub struct Retire {
    /// Its id
    pub id: String,
    /// It is gone for good: give up what was there
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment would replace the verb's own help")]
    pub retry: Retry,
}

impl Peers {
    /// Whether a node must run.
    #[must_use]
    pub const fn need(&self) -> Need {
        match self.verb {
            None => Need::Read,
            Some(_) => Need::Write,
        }
    }
}

/// `peers …`
pub(super) async fn peers(args: Peers, session: &mut Session, desk: &mut Desk<'_>) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    let (request, act, what) = match args.verb {
        None => return list(session, desk).await,
        Some(PeerVerb::Admit(args)) => {
            let warehouse = WarehouseId::new(&args.id)?;
            let what = format!("{} {warehouse}", lang.pick("admisión de", "admission of"));
            (args.retry.id(), Act::AdmitWarehouse { warehouse, replace_key: args.replace_key }, what)
        }
        Some(PeerVerb::Retire(args)) => {
            let warehouse = WarehouseId::new(&args.id)?;
            let what = format!("{} {warehouse}", lang.pick("retirada de", "retirement of"));
            (args.retry.id(), Act::RetireWarehouse { warehouse, force: args.force }, what)
        }
    };
    record(request, act, &what, session, desk).await.map(drop)
}

async fn list(session: &mut Session, desk: &mut Desk<'_>) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    let mut peers = session.peers().await?;
    peers.retain(|peer| peer.id != desk.setting.warehouse);
    if desk.json {
        let rows: Vec<_> = peers.iter().map(PeerRow::of).collect();
        return super::read::print_json(desk, &rows);
    }
    let mut table = Table::new(&[
        (lang.pick("Par", "Peer"), Align::Left),
        (lang.pick("Estado", "State"), Align::Left),
        (lang.pick("Ida y vuelta", "Round trip"), Align::Right),
        (lang.pick("Reloj", "Clock"), Align::Right),
        (lang.pick("Están", "Here"), Align::Right),
        (lang.pick("Faltan", "Behind"), Align::Right),
        (lang.pick("Última señal", "Last heard"), Align::Left),
    ]);
    let none = || "—".to_owned();
    for peer in &peers {
        let apart = peer.quarantine.as_ref().map(|_| words::set_apart(lang));
        let state = words::standing(lang, peer.standing).or(apart);
        let state = state.unwrap_or_else(|| words::peer(lang, peer.state));
        table.row(vec![
            peer.id.to_string(),
            state.to_owned(),
            peer.rtt_ms.map_or_else(none, |ms| clock::lasting(lang, ms)),
            peer.offset_ms.map_or_else(none, |ms| clock::offset(lang, ms, peer.error_ms, "±")),
            count(lang, peer.applied),
            count(lang, peer.lag_entries),
            peer.last_seen_ms.map_or_else(none, |seen| ago(lang, desk.now_ms.saturating_sub(seen))),
        ]);
    }
    table.write(desk.out, lang.pick("no hay más almacenes", "no other warehouses"))?;
    Ok(())
}
