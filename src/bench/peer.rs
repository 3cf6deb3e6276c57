//! Seen at the peer: from the request at one node until the entry is shown at the door of another, with both commits
//! on the way, beside the bare bus carrying the same bytes.

use std::path::Path;

use ed25519_dalek::SigningKey;

use super::bare_bus::{BareBus, Rabbit, Spool, sweep};
use super::measure::{Watch, percentile};
use super::place::{self, HERE, THERE};
use super::worker::Worker;
use super::{BenchError, NO_AMQP, Plan, Row, goods};
use crate::bus::BusConfig;
use crate::domain::WarehouseId;
use crate::protocol::envelope::Envelope;
use crate::protocol::message::{Entries, Message, PublicKey};
use crate::store::{Mode, Store, Target};

const UNIT: &str = "ms";
const ON_SPOOL: &str = "p99 <= 100 ms";
const ON_RABBITMQ: &str = "p99 <= 50 ms";
const SAMPLES: usize = 200;
const PRODUCTS: usize = 10;

pub(super) async fn run(plan: &Plan) -> Result<Vec<Row>, BenchError> {
    let home = place::folder()?;
    let bare = BareBus::Spool(Spool::open(home.path()).await?);
    let (times, limits) = see(plan, home.path(), &place::cluster(), None, bare).await?;
    let mut rows = beside("spool", ON_SPOOL, &times, &limits);

    let Some(url) = &plan.amqp else {
        rows.push(Row::skipped("peer.rabbitmq", UNIT, ON_RABBITMQ, NO_AMQP));
        return Ok(rows);
    };
    let (home, cluster) = (place::folder()?, place::cluster());
    let bus = BusConfig::Rabbit { urls: vec![url.clone()], allow_plain: true, ca_file: None };
    let bare = BareBus::Rabbit(Rabbit::open(url).await?);
    let seen = see(plan, home.path(), &cluster, Some(&bus), bare).await;
    sweep(url, &cluster).await?;
    let (times, limits) = seen?;
    rows.extend(beside("rabbitmq", ON_RABBITMQ, &times, &limits));
    Ok(rows)
}

/// One receipt and its bytes over the bare bus by turns, so that both meet the same load of the machine.
async fn see(
    plan: &Plan,
    home: &Path,
    cluster: &str,
    bus: Option<&BusConfig>,
    mut bare: BareBus,
) -> Result<(Vec<u64>, Vec<u64>), BenchError> {
    let mut here = Worker::start(place::node(home, HERE, cluster, None, bus)?).await?;
    let mut there = Worker::start(place::node(home, THERE, cluster, None, bus)?).await?;
    here.watch().await?;
    there.meet().await?;
    here.book(goods::products(PRODUCTS)?).await?;
    let (mut times, mut limits) = (Vec::new(), Vec::new());
    for act in goods::receipts(plan.samples(SAMPLES) + 1, PRODUCTS)? {
        let watch = Watch::start();
        let (entry, _) = here.book_one(act).await?;
        times.push(watch.until(there.see(HERE, entry).await?));
        limits.push(bare.carry(&message(home, cluster, entry).await?).await?);
    }
    // The first one waits for all that came before it.
    times.remove(0);
    here.stop().await;
    there.stop().await;
    bare.close().await?;
    Ok((times, limits))
}

/// The message that carried an entry.
async fn message(home: &Path, cluster: &str, entry: u64) -> Result<Vec<u8>, BenchError> {
    let me = WarehouseId::new(HERE)?;
    let store = Store::open(&Target::Sqlite(home.join(HERE).join("store.db")), &me, Mode::Read).await?;
    let (entries, seals) = store.range(&me, entry, 1).await?;
    store.close().await;
    let raw =
        |bytes: &[u8]| serde_json::from_slice(bytes).map_err(|error| BenchError::Data(error.to_string()));
    let entries = entries.iter().map(|entry| raw(&entry.bytes)).collect::<Result<_, _>>()?;
    let signing = SigningKey::from_bytes(&[0xff; 32]);
    let key = PublicKey(signing.verifying_key().to_bytes());
    let envelope = Envelope {
        cluster: cluster.to_owned(),
        from: me.clone(),
        key,
        incarnation: 1,
        nonce: uuid::Uuid::from_u128(u128::MAX),
        to: None,
        counter: entry,
        hlc: u64::MAX,
        body: Message::Entries(Entries { origin: me, key, entries, seals }),
    };
    Ok(envelope.seal(&place::cluster_key(), &signing)?)
}

fn beside(bus: &str, target: &'static str, times: &[u64], limits: &[u64]) -> Vec<Row> {
    let row = |percent| {
        Row::new(&format!("peer.{bus}.p{percent}"), percentile(times, percent), UNIT, target)
            .beside(percentile(limits, percent))
    };
    vec![row(50), row(99)]
}
