//! Bulk booking: receipts through a node, from the request to the answer, beside a bare insert of the same rows.

use tempfile::TempDir;

use super::bare::Bare;
use super::measure::{Watch, per_second};
use super::place::{self, Database, HERE};
use super::worker::Worker;
use super::{BenchError, Plan, Row, goods};
use crate::node::NodeConfig;
use crate::store::Target;

const UNIT: &str = "receipts/s";
const TARGET: &str = "ratio >= 0.5";
/// Products among which the receipts are spread.
const PRODUCTS: usize = 1000;
/// Receipts of a bulk, per unit of the plan's size: 100,000 by default, some seconds of work. In a third of a second it
/// would mostly be measured how the first batch comes in and the last one goes out.
const RECEIPTS_PER_SIZE: usize = 5;

pub(super) async fn run(plan: &Plan) -> Result<Vec<Row>, BenchError> {
    let mut rows = Vec::new();
    let home = place::folder()?;
    let config = place::node(home.path(), HERE, &place::cluster(), None, None)?;
    let (receipts, behind) = book(plan, config).await?;
    let bare = Bare::sqlite(home.path(), &home.path().join(HERE).join("store.db")).await?;
    rows.push(beside("booking.sqlite", plan, receipts, bare, behind).await?);

    let name = "booking.postgresql";
    let Some(server) = &plan.postgres else {
        rows.push(Row::skipped(name, UNIT, TARGET, super::NO_POSTGRES));
        return Ok(rows);
    };
    let (home, database) = (TempDir::new()?, Database::new(server)?);
    let store: Target = database.target();
    let config = place::node(home.path(), HERE, &place::cluster(), Some(&store), None)?;
    let (receipts, behind) = book(plan, config).await?;
    rows.push(beside(name, plan, receipts, Bare::postgres(&database).await?, behind).await?);
    database.remove().await?;
    Ok(rows)
}

/// Receipts per second, and the last entry before them.
async fn book(plan: &Plan, config: NodeConfig) -> Result<(f64, u64), BenchError> {
    let products = plan.size.clamp(1, PRODUCTS);
    let mut worker = Worker::start(config).await?;
    worker.book(goods::products(products)?).await?;
    let behind = worker.recorded().await?;
    let bulk = bulk(plan);
    let acts = goods::receipts(bulk, products)?;
    let watch = Watch::start();
    worker.book(acts).await?;
    let speed = per_second(bulk, watch.us());
    worker.stop().await;
    Ok((speed, behind))
}

async fn beside(name: &str, plan: &Plan, speed: f64, mut bare: Bare, behind: u64) -> Result<Row, BenchError> {
    let batch = bare.batch().await?;
    let took = bare.insert_all(behind, batch).await?;
    bare.close().await?;
    let limit = per_second(bulk(plan), took);
    Ok(Row::new(name, speed, UNIT, TARGET).beside(limit))
}

fn bulk(plan: &Plan) -> usize {
    plan.size.saturating_mul(RECEIPTS_PER_SIZE)
}
