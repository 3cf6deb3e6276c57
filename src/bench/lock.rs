//! An act under a lock: a product edited while nobody else wants it, beside two bare round trips over the bus and a bare
//! commit; and nine warehouses that want the same product at once.

use std::path::Path;

use super::bare::Bare;
use super::bare_bus::{BareBus, Rabbit, Spool, sweep};
use super::measure::percentile;
use super::place::{self, HERE, THERE};
use super::worker::Worker;
use super::{BenchError, NO_AMQP, Plan, Row, goods};
use crate::bus::BusConfig;
use crate::domain::ProductFields;
use crate::ledger::act::Act;

const UNIT: &str = "ms";
const TARGET: &str = "p50 <= limit";
const ALL_SERVED: &str = "all of 9 served";
const SAMPLES: usize = 100;
/// A message about a lock is about so long.
const BYTES: [u8; 700] = [b'x'; 700];
/// There and back, twice.
const WAYS: usize = 4;
const CONTENDERS: [&str; 9] =
    [HERE, THERE, "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"];

pub(super) async fn run(plan: &Plan) -> Result<Vec<Row>, BenchError> {
    let home = place::folder()?;
    let bare = BareBus::Spool(Spool::open(home.path()).await?);
    let (times, limits) = alone(plan, home.path(), &place::cluster(), None, bare).await?;
    let mut rows = beside("spool", &times, &limits);
    rows.extend(contended().await?);

    let Some(url) = &plan.amqp else {
        rows.push(Row::skipped("lock.rabbitmq", UNIT, TARGET, NO_AMQP));
        return Ok(rows);
    };
    let (home, cluster) = (place::folder()?, place::cluster());
    let bus = BusConfig::Rabbit { urls: vec![url.clone()], allow_plain: true, ca_file: None };
    let bare = BareBus::Rabbit(Rabbit::open(url).await?);
    let seen = alone(plan, home.path(), &cluster, Some(&bus), bare).await;
    sweep(url, &cluster).await?;
    let (times, limits) = seen?;
    rows.extend(beside("rabbitmq", &times, &limits));
    Ok(rows)
}

fn renamed(number: usize, name: &str) -> Result<Act, BenchError> {
    let fields = ProductFields { name: Some(name.to_owned()), ..ProductFields::default() };
    Ok(Act::SetProduct { sku: goods::sku(number)?, fields, unlocked: false })
}

/// One edit, each of another product, and its limit by turns, so that both meet the same load of the machine.
async fn alone(
    plan: &Plan,
    home: &Path,
    cluster: &str,
    bus: Option<&BusConfig>,
    mut bus_alone: BareBus,
) -> Result<(Vec<u64>, Vec<u64>), BenchError> {
    let samples = plan.samples(SAMPLES);
    let mut here = Worker::start(place::node(home, HERE, cluster, None, bus)?).await?;
    let mut there = Worker::start(place::node(home, THERE, cluster, None, bus)?).await?;
    here.watch().await?;
    there.meet().await?;
    here.book(goods::products(samples + 1)?).await?;
    let mut store_alone = Bare::sqlite(home, &home.join(HERE).join("store.db")).await?;
    let (mut times, mut limits) = (Vec::new(), Vec::new());
    for number in 0..=samples {
        let (entry, took) = here.ask_one(renamed(number, "renamed")?).await?;
        times.push(took);
        let mut limit = store_alone.insert_one(entry).await?;
        for _ in 0..WAYS {
            limit += bus_alone.carry(&BYTES).await?;
        }
        limits.push(limit);
    }
    // Who has just started votes for nobody: the first one waits for that.
    times.remove(0);
    limits.remove(0);
    here.stop().await;
    there.stop().await;
    store_alone.close().await?;
    bus_alone.close().await?;
    Ok((times, limits))
}

/// Nine warehouses rename the same product at once: how long the last of them waits.
async fn contended() -> Result<Vec<Row>, BenchError> {
    let (home, cluster) = (place::folder()?, place::cluster());
    let mut workers = Vec::new();
    for name in CONTENDERS {
        workers.push(Worker::start(place::node(home.path(), name, &cluster, None, None)?).await?);
    }
    let defined = {
        let first = &mut workers[0];
        first.book(goods::products(1)?).await?;
        first.recorded().await?
    };
    for worker in &mut workers[1..] {
        worker.holds(HERE, defined).await?;
    }
    let mut last_of_round = Vec::new();
    for round in ["once", "twice", "again"] {
        let asked = workers.iter_mut().zip(CONTENDERS).map(|(worker, name)| async move {
            Ok::<_, BenchError>(worker.ask_one(renamed(0, &format!("{name} {round}"))?).await?.1)
        });
        let times = futures_util::future::join_all(asked).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        last_of_round.extend(times.into_iter().max());
    }
    // Nobody votes yet in the first one.
    last_of_round.remove(0);
    for worker in workers {
        worker.stop().await;
    }
    Ok(vec![Row::new("lock.contended.last", percentile(&last_of_round, 100), UNIT, ALL_SERVED)])
}

fn beside(bus: &str, times: &[u64], limits: &[u64]) -> Vec<Row> {
    let row = |percent| {
        Row::new(&format!("lock.{bus}.p{percent}"), percentile(times, percent), UNIT, TARGET)
            .beside(percentile(limits, percent))
    };
    vec![row(50), row(99)]
}
