//! `recover`: an operator says that a warehouse won't come, so that this one gets its ledger back without it.

use std::collections::BTreeSet;

use clap::Args;

use super::reach::Session;
use super::{Desk, Failure, read};
use crate::domain::WarehouseId;

/// Get the own ledger back although somebody does not answer
#[derive(Debug, Clone, Args)]
pub struct Recover {
    /// A warehouse that will not answer; entries that only it holds are lost. Repeat it for several
    #[arg(long, value_name = "ID", required = true)]
    pub without: Vec<String>,
}

/// `recover`
pub(super) async fn recover(
    args: Recover,
    session: &mut Session,
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    let lang = desk.setting.lang;
    let absent = args.without.iter().map(|id| WarehouseId::new(id));
    let absent = absent
        .collect::<Result<BTreeSet<_>, _>>()
        .map_err(|error| Failure::usage(format!("--without: {error}"), None))?;
    let names: Vec<_> = absent.iter().map(ToString::to_string).collect();
    session.recover_without(absent).await?;
    if desk.json {
        return read::print_json(desk, &serde_json::json!({ "without": names }));
    }
    let words = lang.pick("el libro propio se recupera sin", "the own ledger is got back without");
    writeln!(desk.out, "{words} {}", names.join(", "))?;
    Ok(())
}
