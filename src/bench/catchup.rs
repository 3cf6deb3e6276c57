//! Catching up: a warehouse that was away takes in all that another one wrote meanwhile.

use ed25519_dalek::SigningKey;
use serde_json::value::RawValue;
use tempfile::TempDir;
use uuid::Uuid;

use super::bare::Bare;
use super::measure::{Watch, per_second};
use super::place::{self, Database, HERE, THERE};
use super::worker::Worker;
use super::{BenchError, NO_POSTGRES, Plan, Row, goods};
use crate::domain::{Operator, WarehouseId};
use crate::ledger::act::{Act, Request};
use crate::protocol::batch::{Batch, Loaded};
use crate::protocol::message::{Entries, Message, PublicKey};
use crate::protocol::{Core, Effects, Input, Now, Setup};
use crate::store::Target;

const UNIT: &str = "entries/s";
const ON_CORE: &str = ">= 20000/s";
const INTO_STORE: &str = ">= 5000/s";
/// Products among which the receipts are spread.
const PRODUCTS: usize = 1000;
/// Acts of one batch: its entries fit one message.
const BATCH: usize = 300;

pub(super) async fn run(plan: &Plan) -> Result<Vec<Row>, BenchError> {
    let mut rows = vec![on_core(plan)?];
    let home = place::folder()?;
    let (speed, behind) = into(plan, &home, None).await?;
    let bare = Bare::sqlite(home.path(), &home.path().join(THERE).join("store.db")).await?;
    rows.push(beside("catchup.sqlite", plan, speed, bare, behind).await?);

    let name = "catchup.postgresql";
    let Some(server) = &plan.postgres else {
        rows.push(Row::skipped(name, UNIT, INTO_STORE, NO_POSTGRES));
        return Ok(rows);
    };
    let (home, database) = (place::folder()?, Database::new(server)?);
    let store = database.target();
    let (speed, behind) = into(plan, &home, Some(&store)).await?;
    rows.push(beside(name, plan, speed, Bare::postgres(&database).await?, behind).await?);
    database.remove().await?;
    Ok(rows)
}

/// Entries per second that a node takes in after its start, and the last entry that it had before it was away.
async fn into(plan: &Plan, home: &TempDir, store: Option<&Target>) -> Result<(f64, u64), BenchError> {
    let (cluster, products) = (place::cluster(), plan.size.clamp(1, PRODUCTS));
    let there = || place::node(home.path(), THERE, &cluster, store, None);
    let mut here = Worker::start(place::node(home.path(), HERE, &cluster, None, None)?).await?;
    here.book(goods::products(products)?).await?;
    let behind = here.recorded().await?;
    let mut away = Worker::start(there()?).await?;
    away.holds(HERE, behind).await?;
    away.stop().await;
    here.book(goods::receipts(plan.size, products)?).await?;
    let last = here.recorded().await?;
    // What comes before it has joined counts as well, and so does the time that takes.
    let watch = Watch::start();
    let mut back = Worker::start(there()?).await?;
    back.holds(HERE, last).await?;
    let speed = per_second(plan.size, watch.us());
    back.stop().await;
    here.stop().await;
    Ok((speed, behind))
}

async fn beside(name: &str, plan: &Plan, speed: f64, mut bare: Bare, behind: u64) -> Result<Row, BenchError> {
    let batch = bare.batch().await?;
    let took = bare.insert_all(behind, batch).await?;
    bare.close().await?;
    Ok(Row::new(name, speed, UNIT, INTO_STORE).beside(per_second(plan.size, took)))
}

/// The core alone: messages in, effects out, nothing stored.
fn on_core(plan: &Plan) -> Result<Row, BenchError> {
    let products = plan.size.clamp(1, PRODUCTS);
    let mut writer = Writer::founded()?;
    let known = writer.book(goods::products(products)?)?;
    let missed = writer.book(goods::receipts(plan.size, products)?)?;
    let mut reader = Seat::new(THERE, 2)?;
    for message in known {
        reader.hear(&writer.seat, message);
    }
    let watch = Watch::start();
    for message in missed {
        reader.hear(&writer.seat, message);
    }
    let took = watch.us();
    let (has, all) = (reader.core.book().head(&writer.seat.me), writer.seat.core.head());
    if has != all {
        return Err(BenchError::Data(format!("{has:?} instead of {all:?}")));
    }
    Ok(Row::new("catchup.core", per_second(plan.size, took), UNIT, ON_CORE))
}

/// A core without a store: what it commits counts as committed.
struct Seat {
    me: WarehouseId,
    core: Core,
    key: PublicKey,
    mono_ms: u64,
    heard: u64,
}

/// The core whose ledger the other one takes in.
struct Writer {
    seat: Seat,
    operator: Operator,
}

impl Seat {
    fn new(name: &str, seed: u8) -> Result<Self, BenchError> {
        let (me, signing) = (WarehouseId::new(name)?, SigningKey::from_bytes(&[seed; 32]));
        let key = PublicKey(signing.verifying_key().to_bytes());
        let setup = Setup {
            me: me.clone(),
            cluster: HERE.to_owned(),
            key: signing,
            incarnation: 1,
            nonce: Uuid::from_u128(u128::from(seed)),
            batch: 0,
            seed: u64::from(seed),
            admits: true,
        };
        let core = Core::new(setup, Loaded::default());
        Ok(Self { me, core, key, mono_ms: 0, heard: 0 })
    }

    /// Steps through these; the batch that comes of them counts as committed at the next step.
    fn step(&mut self, mut inputs: Vec<Input>, committed: Option<u64>) -> Option<Batch> {
        self.mono_ms += 1;
        let now = Now { wall_ms: START_MS + self.mono_ms, mono_ms: self.mono_ms, ahead_ms: 0 };
        inputs.extend(committed.map(|batch| Input::Committed { batch, published: 0 }));
        let Effects { batch, .. } = self.core.handle(now, inputs);
        batch
    }

    fn hear(&mut self, from: &Self, message: Message) {
        self.heard += 1;
        let input = Input::Message {
            from: from.me.clone(),
            key: from.key,
            incarnation: 1,
            nonce: Uuid::from_u128(1),
            counter: self.heard,
            hlc: 0,
            message,
            delivery: None,
        };
        let batch = self.step(vec![input], None);
        let committed = batch.map(|batch| batch.writer.batch);
        self.step(Vec::new(), committed);
    }
}

/// 17 May 2026.
const START_MS: u64 = 1_778_976_000_000;

impl Writer {
    fn founded() -> Result<Self, BenchError> {
        Ok(Self { seat: Seat::new(HERE, 1)?, operator: Operator::new("bench")? })
    }

    /// Does these; the messages that carry what came of them.
    fn book(&mut self, acts: Vec<Act>) -> Result<Vec<Message>, BenchError> {
        let mut messages = Vec::new();
        let founding = self.seat.core.head().seq == 0;
        let first = founding.then(|| vec![Input::Founded]);
        let mut waiting = acts.into_iter().peekable();
        let mut steps = first.into_iter().collect::<Vec<_>>();
        while waiting.peek().is_some() {
            steps.push(waiting.by_ref().take(BATCH).map(|act| self.request(act)).collect());
        }
        for inputs in steps {
            let mut committed = None;
            while let Some(batch) =
                self.seat.step(if committed.is_none() { inputs.clone() } else { Vec::new() }, committed)
            {
                committed = Some(batch.writer.batch);
                messages.extend(self.message(&batch)?);
            }
        }
        Ok(messages)
    }

    fn request(&self, act: Act) -> Input {
        let request = Request { id: Uuid::now_v7(), operator: self.operator.clone(), act };
        Input::Request { request, known: Vec::new(), target: None }
    }

    fn message(&self, batch: &Batch) -> Result<Option<Message>, BenchError> {
        if batch.entries.is_empty() {
            return Ok(None);
        }
        let raw = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            RawValue::from_string(text).map_err(|error| BenchError::Data(error.to_string()))
        };
        let entries = batch.entries.iter().map(|entry| raw(&entry.bytes)).collect::<Result<_, _>>()?;
        let seals = batch.seals.iter().map(|(_, seal)| seal.clone()).collect();
        let (origin, key) = (self.seat.me.clone(), self.seat.key);
        Ok(Some(Message::Entries(Entries { origin, key, entries, seals })))
    }
}
