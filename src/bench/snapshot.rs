//! A snapshot of three nodes: how long until it is closed, and what other work is slowed by it meanwhile.

use super::measure::percentile;
use super::place::{self, HERE, THERE};
use super::worker::Worker;
use super::{BenchError, Plan, Row, goods};

const UNIT: &str = "ms";
const CLOSED: &str = "<= 1000 ms";
const MEANWHILE: &str = "p99 <= 100 ms";
const THIRD: &str = "third";
const SNAPSHOTS: usize = 7;
const RECEIPTS: usize = 200;
const PRODUCTS: usize = 10;

pub(super) async fn run(plan: &Plan) -> Result<Vec<Row>, BenchError> {
    let (home, cluster) = (place::folder()?, place::cluster());
    let mut workers = Vec::new();
    for name in [HERE, THERE, THIRD] {
        workers.push(Worker::start(place::node(home.path(), name, &cluster, None, None)?).await?);
    }
    let [here, there, third] = workers.as_mut_slice() else {
        return Err(BenchError::Data("three nodes are three".to_owned()));
    };
    here.book(goods::products(plan.size)?).await?;
    let defined = here.recorded().await?;
    for other in [&mut *there, &mut *third] {
        other.holds(HERE, defined).await?;
    }
    for (worker, name) in [(&mut *here, HERE), (&mut *there, THERE), (&mut *third, THIRD)] {
        worker.book(goods::stock(plan.size)?).await.map_err(|error| named(name, &error))?;
    }
    let ends =
        [(HERE, here.recorded().await?), (THERE, there.recorded().await?), (THIRD, third.recorded().await?)];
    for (origin, end) in ends {
        for (worker, name) in [(&mut *here, HERE), (&mut *there, THERE), (&mut *third, THIRD)] {
            if name != origin {
                worker.holds(origin, end).await?;
            }
        }
    }
    here.watch().await?;
    there.watch().await?;
    let alone = receipts(plan, there).await?;
    let mut times = Vec::new();
    for _ in 0..SNAPSHOTS {
        times.push(here.snapshot().await?);
    }
    let (taken, meanwhile) = tokio::join!(one_after_the_other(here), receipts(plan, there));
    taken?;
    let row = Row::new("snapshot.meanwhile.p99", percentile(&meanwhile?, 99), UNIT, MEANWHILE);
    let rows = vec![
        Row::new("snapshot.closed.p50", percentile(&times, 50), UNIT, CLOSED),
        Row::new("snapshot.closed.max", percentile(&times, 100), UNIT, CLOSED),
        row.beside(percentile(&alone, 99)),
    ];
    for worker in workers {
        worker.stop().await;
    }
    Ok(rows)
}

fn named(name: &str, error: &BenchError) -> BenchError {
    BenchError::Data(format!("{name}: {error}"))
}

async fn one_after_the_other(worker: &mut Worker) -> Result<(), BenchError> {
    for _ in 0..SNAPSHOTS {
        worker.snapshot().await?;
    }
    Ok(())
}

/// How long each receipt took, one at a time.
async fn receipts(plan: &Plan, worker: &mut Worker) -> Result<Vec<u64>, BenchError> {
    let mut times = Vec::new();
    for act in goods::receipts(plan.samples(RECEIPTS), PRODUCTS.min(plan.size))? {
        times.push(worker.book_one(act).await?.1);
    }
    Ok(times)
}
