//! Three warehouses in processes of their own, at work, one of them killed again and again at any moment.
//!
//! Whoever got no answer asks again under the same id. At the end all three databases hold the same ledgers, every
//! request was booked once, nothing was ever negative and nothing got lost between the warehouses.
//!
//! `RUBENTARIO_KILL_SEED=17 cargo test --test kill` plays the same acts and moments, as far as processes can;
//! `RUBENTARIO_KILL_TIMES=500` kills so often.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

#[path = "kill/clerk.rs"]
mod clerk;
#[path = "kill/judge.rs"]
mod judge;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/process.rs"]
mod process;
#[path = "support/rabbitmq.rs"]
mod rabbitmq;

use std::env;
use std::time::Duration;

use clerk::{Clerk, Orders, Work};
use process::{PATIENCE, Process, Settings};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt as _, SeedableRng as _};
use rubentario::node::client::Client;
use rubentario::node::event::Reply;
use rubentario::node::{Event, Intent, Question};
use rubentario::store::Target;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

const NAMES: [&str; 3] = ["madrid", "sevilla", "valencia"];
const KILLS: u64 = 50;
/// A kill comes after at most so many answers since the start, or at any time within so long of it.
const ANSWERS: u64 = 6;
const STARTING_MS: u64 = 600;
/// After the last answer waited for, a kill comes within so long: in the middle of a commit or of what follows it.
const MOMENT_US: u64 = 20_000;
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// One warehouse: its process now, and who works there.
struct Warehouse {
    settings: Settings,
    process: Process,
    starts: u64,
    running: watch::Sender<u64>,
    answered: watch::Receiver<(u64, u64)>,
    clerk: JoinHandle<Work>,
}

impl Warehouse {
    fn open(settings: Settings, orders: watch::Receiver<Orders>, seed: u64) -> Self {
        let (running, starts) = watch::channel(0);
        let (tell, answered) = watch::channel((0, 0));
        let others = NAMES.into_iter().filter(|name| *name != settings.name).collect();
        let clerk = Clerk::new(&settings, others, seed, orders);
        let clerk = tokio::spawn(clerk.work(starts, tell));
        let process = Process::start(&settings);
        let mut warehouse = Self { settings, process, starts: 0, running, answered, clerk };
        warehouse.announce();
        warehouse
    }

    /// Tells the clerk when the door is open.
    fn announce(&mut self) {
        self.starts += 1;
        let (opens, running, start) = (self.process.opens(), self.running.clone(), self.starts);
        tokio::spawn(async move {
            if opens.await {
                running.send_replace(start);
            }
        });
    }

    async fn kill_and_start_again(&mut self) {
        let again = async {
            let old = std::mem::replace(&mut self.process, Process::start(&self.settings));
            old.kill().await;
        };
        again.await;
        self.announce();
    }

    /// Waits until its clerk has had so many answers since the last start.
    async fn has_answered(&mut self, wanted: u64) {
        let start = self.starts;
        let answered = self.answered.wait_for(|(of, count)| *of == start && *count >= wanted);
        let in_time = timeout(PATIENCE, answered).await.is_ok_and(|alive| alive.is_ok());
        assert!(in_time, "{} answers nothing:\n{}", self.settings.name, self.process.log());
    }
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok().map(|text| text.parse().expect("a number"))
}

async fn killed_at_any_moment(settings: Vec<Settings>, stores: Vec<Target>) {
    let seed = number("RUBENTARIO_KILL_SEED").unwrap_or_else(rand::random);
    let kills = number("RUBENTARIO_KILL_TIMES").unwrap_or(KILLS);
    eprintln!("RUBENTARIO_KILL_SEED={seed}");
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (orders, heard) = watch::channel(Orders::default());
    let mut warehouses: Vec<Warehouse> =
        settings.into_iter().map(|one| Warehouse::open(one, heard.clone(), rng.random())).collect();
    for warehouse in &mut warehouses {
        warehouse.has_answered(1).await;
    }

    let mut victim = 0;
    for _ in 0..kills {
        if rng.random_bool(0.25) {
            // The one that was killed last has hardly started again.
            sleep(Duration::from_millis(rng.random_range(0..STARTING_MS))).await;
        } else {
            victim = rng.random_range(0..warehouses.len());
            warehouses[victim].has_answered(rng.random_range(0..=ANSWERS)).await;
            sleep(Duration::from_micros(rng.random_range(0..MOMENT_US))).await;
        }
        warehouses[victim].kill_and_start_again().await;
        orders.send_modify(|orders| orders.rounds += 1);
    }

    orders.send_modify(|orders| orders.finish = true);
    let mut work = Vec::new();
    for warehouse in &mut warehouses {
        let done = timeout(PATIENCE, &mut warehouse.clerk).await;
        let done = done
            .unwrap_or_else(|_| panic!("{} is stuck:\n{}", warehouse.settings.name, warehouse.process.log()));
        work.push(done.expect("the clerk's work ends well"));
    }
    let agreed = timeout(PATIENCE, agree(&warehouses)).await;
    if agreed.is_err() {
        let logs = warehouses.iter().map(|w| format!("{}:\n{}\n", w.settings.name, w.process.log()));
        panic!("the heads never agree, seed {seed}\n{}", logs.collect::<String>());
    }
    for warehouse in warehouses {
        warehouse.process.stop().await;
    }
    let judged = judge::judge(&stores, &NAMES, &work).await;
    eprintln!("{kills} kills: {judged:?}");
    assert!(judged.booked_before_asked_again > 0, "no kill fell between a commit and its answer; {judged:?}");
}

/// Waits until every node has every entry of the others.
async fn agree(warehouses: &[Warehouse]) {
    let mut clients = Vec::new();
    for warehouse in warehouses {
        clients.push(Client::connect(&warehouse.settings.socket()).await.unwrap());
    }
    loop {
        let mut heads = Vec::new();
        for client in &mut clients {
            let Reply::Status { status } = ask(client, Question::Status).await else { panic!("a status") };
            let Reply::Peers { peers } = ask(client, Question::Peers).await else { panic!("peers") };
            let mut seen: Vec<_> = peers.into_iter().map(|peer| (peer.id, peer.applied)).collect();
            seen.push((status.warehouse, status.recorded));
            seen.sort();
            heads.push(seen);
        }
        if heads.iter().all(|seen| seen.len() == warehouses.len() && *seen == heads[0]) {
            return;
        }
        sleep(LOOK_AGAIN).await;
    }
}

async fn ask(client: &mut Client, question: Question) -> Reply {
    let id = Uuid::now_v7();
    client.send(&Intent::Ask { id, question }).await.unwrap();
    loop {
        match client.next().await.unwrap().expect("the node lives") {
            Event::Reply { id: of, reply } if of == id => return reply.unwrap(),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_embedded_stores_nothing_is_lost_doubled_or_torn() {
    let home = TempDir::new().unwrap();
    let settings = NAMES.map(|name| Settings {
        home: home.path().to_owned(),
        name,
        cluster: "acme".into(),
        found: false,
        store: None,
        bus: None,
    });
    let stores = settings.iter().map(|one| Target::Sqlite(one.store_file())).collect();
    killed_at_any_moment(settings.into(), stores).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql_and_rabbitmq_nothing_is_lost_doubled_or_torn() {
    let home = TempDir::new().unwrap();
    let databases = NAMES.map(|_| postgres::Database::new());
    let cluster = format!("k{}", &Uuid::now_v7().simple().to_string()[20..]);
    let bus = rabbitmq::shared();
    let settings = std::array::from_fn::<_, 3, _>(|at| Settings {
        home: home.path().to_owned(),
        name: NAMES[at],
        cluster: cluster.clone(),
        found: at == 0,
        store: Some(databases[at].url()),
        bus: Some(bus.clone()),
    });
    let stores = databases.iter().map(|one| Target::Postgres(one.url())).collect();
    killed_at_any_moment(settings.into(), stores).await;
}
