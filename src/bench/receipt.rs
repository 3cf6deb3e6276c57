//! One receipt at a time: from the request until it is answered and shown at the door, beside a bare commit.

use tempfile::TempDir;

use super::bare::Bare;
use super::measure::percentile;
use super::place::{self, Database, HERE};
use super::worker::Worker;
use super::{BenchError, NO_POSTGRES, Plan, Row, goods};

const UNIT: &str = "ms";
const TARGET: &str = "<= limit + 16 ms";
const SAMPLES: usize = 200;
const PRODUCTS: usize = 10;

pub(super) async fn run(plan: &Plan) -> Result<Vec<Row>, BenchError> {
    let home = place::folder()?;
    let config = place::node(home.path(), HERE, &place::cluster(), None, None)?;
    let mut worker = Worker::start(config).await?;
    let bare = Bare::sqlite(home.path(), &home.path().join(HERE).join("store.db")).await?;
    let mut rows = book("sqlite", plan, &mut worker, bare).await?;
    worker.stop().await;

    let Some(server) = &plan.postgres else {
        rows.push(Row::skipped("receipt.postgresql", UNIT, TARGET, NO_POSTGRES));
        return Ok(rows);
    };
    let (home, database) = (TempDir::new()?, Database::new(server)?);
    let config = place::node(home.path(), HERE, &place::cluster(), Some(&database.target()), None)?;
    let mut worker = Worker::start(config).await?;
    rows.extend(book("postgresql", plan, &mut worker, Bare::postgres(&database).await?).await?);
    worker.stop().await;
    database.remove().await?;
    Ok(rows)
}

/// One receipt and one bare commit of its rows by turns, so that both meet the same load of the machine.
async fn book(store: &str, plan: &Plan, worker: &mut Worker, mut bare: Bare) -> Result<Vec<Row>, BenchError> {
    worker.book(goods::products(PRODUCTS)?).await?;
    worker.watch().await?;
    let (mut times, mut limits) = (Vec::new(), Vec::new());
    for act in goods::receipts(plan.samples(SAMPLES), PRODUCTS)? {
        let (entry, took) = worker.book_one(act).await?;
        times.push(took);
        limits.push(bare.insert_one(entry).await?);
    }
    bare.close().await?;
    let row = |percent| {
        Row::new(&format!("receipt.{store}.p{percent}"), percentile(&times, percent), UNIT, TARGET)
            .beside(percentile(&limits, percent))
    };
    Ok(vec![row(50), row(99)])
}
