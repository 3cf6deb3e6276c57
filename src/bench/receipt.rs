//! One receipt at a time: from the request until it is answered and shown at the door, beside a bare commit.

use tempfile::TempDir;

use super::bare::Bare;
use super::measure::percentile;
use super::place::{self, Database, HERE};
use super::worker::Worker;
use super::{BenchError, NO_POSTGRES, Plan, Row, goods};
use crate::node::NodeConfig;

const UNIT: &str = "ms";
const TARGET: &str = "<= limit + 16 ms";
const SAMPLES: usize = 200;
const PRODUCTS: usize = 10;

pub(super) async fn run(plan: &Plan) -> Result<Vec<Row>, BenchError> {
    let home = place::folder()?;
    let config = place::node(home.path(), HERE, &place::cluster(), None, None)?;
    let (times, behind) = book(plan, config).await?;
    let bare = Bare::sqlite(home.path(), &home.path().join(HERE).join("store.db")).await?;
    let mut rows = beside("sqlite", &times, bare, behind).await?;

    let Some(server) = &plan.postgres else {
        rows.push(Row::skipped("receipt.postgresql", UNIT, TARGET, NO_POSTGRES));
        return Ok(rows);
    };
    let (home, database) = (TempDir::new()?, Database::new(server)?);
    let config = place::node(home.path(), HERE, &place::cluster(), Some(&database.target()), None)?;
    let (times, behind) = book(plan, config).await?;
    rows.extend(beside("postgresql", &times, Bare::postgres(&database).await?, behind).await?);
    database.remove().await?;
    Ok(rows)
}

/// How long each took, and the last entry before them.
async fn book(plan: &Plan, config: NodeConfig) -> Result<(Vec<u64>, u64), BenchError> {
    let mut worker = Worker::start(config).await?;
    worker.book(goods::products(PRODUCTS)?).await?;
    let behind = worker.recorded().await?;
    worker.watch().await?;
    let mut times = Vec::new();
    for act in goods::receipts(plan.samples(SAMPLES), PRODUCTS)? {
        times.push(worker.book_one(act).await?.1);
    }
    worker.stop().await;
    Ok((times, behind))
}

async fn beside(store: &str, times: &[u64], mut bare: Bare, behind: u64) -> Result<Vec<Row>, BenchError> {
    let limits = bare.insert(behind, 1).await?;
    bare.close().await?;
    let row = |percent| {
        Row::new(&format!("receipt.{store}.p{percent}"), percentile(times, percent), UNIT, TARGET)
            .beside(percentile(&limits, percent))
    };
    Ok(vec![row(50), row(99)])
}
