//! Nodes on PostgreSQL and RabbitMQ: at work, and while one of the two is away, from the start or in the middle.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "support/apart.rs"]
mod apart;
#[path = "node_services/at_the_start.rs"]
mod at_the_start;
#[path = "support/hand.rs"]
mod hand;
#[path = "support/last_pieces.rs"]
mod last_pieces;
#[path = "support/one_name.rs"]
mod one_name;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/process.rs"]
mod process;
#[path = "support/rabbitmq.rs"]
mod rabbitmq;
#[path = "support/seen.rs"]
mod seen;

use std::path::Path;

use hand::{Hand, has, issue, product, receipt, request, sku, units};
use one_name::OneName;
use postgres::{Database, Server};
use rabbitmq::Broker;
use rubentario::bus::BusConfig;
use rubentario::domain::{ReorderRule, ShortageReason, TransferState, WarehouseId};
use rubentario::ledger::act::{Act, ArrivalLine, Outcome, Request, TakeLine};
use rubentario::node::event::PeerState;
use rubentario::node::{Intent, Node, NodeConfig};
use rubentario::store::Target;
use rubentario::ui::Model;
use tempfile::TempDir;
use uuid::Uuid;

/// A name that no other test has on a broker that is shared.
fn cluster() -> String {
    format!("n{}", &Uuid::now_v7().simple().to_string()[20..])
}

/// Madrid may found, the others join.
async fn start(home: &Path, name: &str, cluster: &str, store: String, bus: String) -> Node {
    let config = NodeConfig {
        cluster: cluster.to_owned(),
        store: Target::Postgres(store),
        bus: BusConfig::Rabbit { urls: vec![bus], allow_plain: false, ca_file: None },
        may_found: name == "madrid",
        ..hand::config(home, name)
    };
    rubentario::node::start(config).await.unwrap()
}

fn alerted(model: &Model, word: &str) -> bool {
    model.alerts.iter().any(|alert| alert.what.word() == word)
}

fn peer(model: &Model, name: &str, state: PeerState) -> bool {
    model.peers.iter().any(|peer| peer.id.as_str() == name && peer.state == state)
}

#[tokio::test(flavor = "multi_thread")]
async fn goods_go_from_one_warehouse_to_another_and_what_needs_looking_at_is_told() {
    let home = TempDir::new().unwrap();
    let (cluster, broker) = (cluster(), rabbitmq::shared());
    let (first, second) = (Database::new(), Database::new());
    let madrid = start(home.path(), "madrid", &cluster, first.url(), broker.clone()).await;
    let sevilla = start(home.path(), "sevilla", &cluster, second.url(), broker.clone()).await;
    let (mut ana, mut luis) = (Hand::at(&madrid).await, Hand::at(&sevilla).await);
    assert_eq!(ana.model.status.as_ref().unwrap().store.kind, "PostgreSQL");
    assert_eq!(ana.model.status.as_ref().unwrap().bus.kind, "RabbitMQ");
    ana.until(|model| peer(model, "sevilla", PeerState::Alive)).await;
    luis.until(|model| peer(model, "madrid", PeerState::Alive)).await;

    ana.books(product()).await;
    ana.books(receipt(50)).await;
    luis.until(|model| has(model, "madrid", 50)).await;
    let line = TakeLine { sku: sku(), lot: None, qty: units(12) };
    let to = WarehouseId::new("sevilla").unwrap();
    let id = ana.books(Act::Send { to, lines: vec![line], reference: String::new() }).await;
    let state = |model: &Model, wanted| model.transfers.get(&id).is_some_and(|t| t.state() == wanted);
    luis.until(|model| state(model, TransferState::Dispatched)).await;
    assert!(has(&luis.model, "madrid", 38));
    let short =
        ArrivalLine { sku: sku(), lot: None, arrived: units(11), reason: Some(ShortageReason::Damaged) };
    luis.books(Act::TakeIn { transfer: id.clone(), lines: vec![short] }).await;
    ana.until(|model| state(model, TransferState::Received) && has(model, "sevilla", 11)).await;
    ana.until(|model| alerted(model, "discrepancy")).await;

    let rule = ReorderRule { reorder_point: Some(units(10)), ..ReorderRule::default() };
    luis.books(Act::SetRule { sku: sku(), rule: Some(rule), shelf: None }).await;
    luis.books(issue(5)).await;
    luis.until(|model| alerted(model, "low_stock")).await;
    luis.books(receipt(30)).await;
    luis.until(|model| !alerted(model, "low_stock")).await;

    sevilla.stop().await;
    ana.until(|model| peer(model, "sevilla", PeerState::Down) && alerted(model, "peer_down")).await;
    ana.books(receipt(1)).await;
    let sevilla = start(home.path(), "sevilla", &cluster, second.url(), broker).await;
    let mut luis = Hand::at(&sevilla).await;
    luis.until(|model| has(model, "madrid", 39) && has(model, "sevilla", 36)).await;
    ana.until(|model| peer(model, "sevilla", PeerState::Alive) && !alerted(model, "peer_down")).await;
    madrid.stop().await;
    sevilla.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_want_the_same_last_pieces_one_gets_them_and_the_other_is_told_who() {
    let home = TempDir::new().unwrap();
    let (cluster, broker) = (cluster(), rabbitmq::shared());
    let databases = [Database::new(), Database::new(), Database::new()];
    let mut nodes = Vec::new();
    for (name, database) in ["madrid", "sevilla", "valencia"].into_iter().zip(&databases) {
        nodes.push(start(home.path(), name, &cluster, database.url(), broker.clone()).await);
    }
    let (mut ana, mut luis) = (Hand::at(&nodes[0]).await, Hand::at(&nodes[1]).await);
    let mut eva = Hand::at(&nodes[2]).await;
    last_pieces::one_gets_them(&mut ana, &mut luis, &mut eva).await;
    for node in nodes {
        node.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clusters_on_one_broker_do_not_see_each_other() {
    let (home, away) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (one, two, broker) = (cluster(), cluster(), rabbitmq::shared());
    let databases = [Database::new(), Database::new(), Database::new(), Database::new()];
    let places = [
        (home.path(), &one, "madrid"),
        (home.path(), &one, "sevilla"),
        (away.path(), &two, "madrid"),
        (away.path(), &two, "bilbao"),
    ];
    let mut nodes = Vec::new();
    for ((place, cluster, name), database) in places.into_iter().zip(&databases) {
        nodes.push(start(place, name, cluster, database.url(), broker.clone()).await);
    }
    apart::neither_sees_the_other([&nodes[0], &nodes[1]], [&nodes[2], &nodes[3]]).await;
    for node in nodes {
        node.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_postgresql_is_away_nothing_counts_as_recorded_and_when_it_is_back_everything_is_once() {
    let home = TempDir::new().unwrap();
    let (cluster, broker) = (cluster(), rabbitmq::shared());
    let (mut server, other) = (Server::start(), Database::new());
    let mine = Database::on(&server.url("postgres"));
    let madrid = start(home.path(), "madrid", &cluster, mine.url(), broker.clone()).await;
    let sevilla = start(home.path(), "sevilla", &cluster, other.url(), broker).await;
    let (mut ana, mut luis) = (Hand::at(&madrid).await, Hand::at(&sevilla).await);
    ana.books(product()).await;
    ana.books(receipt(5)).await;
    luis.until(|model| has(model, "madrid", 5)).await;

    let mut before = 5;
    let ways: [(fn(&mut Server), fn(&mut Server)); 3] =
        [(Server::stop, Server::restart), (Server::kill, Server::restart), (Server::freeze, Server::thaw)];
    for (away, back) in ways {
        away(&mut server);
        let waiting: Vec<Request> = (0..3).map(|_| request(receipt(1))).collect();
        ana.intents.send(Intent::Do { requests: waiting.clone() }).await.unwrap();
        ana.until(|model| alerted(model, "store_down")).await;
        let store = ana.status().await.store;
        assert!(!store.up && store.trouble.is_some(), "{store:?}");
        assert!(has(&ana.model, "madrid", before), "nothing is shown that isn't recorded");
        // What others book is heard, though it can't be kept yet.
        luis.books(receipt(1)).await;
        luis.until(|model| peer(model, "madrid", PeerState::Alive)).await;
        assert!(has(&luis.model, "madrid", before));
        back(&mut server);
        before += 3;
        ana.until(|model| has(model, "madrid", before) && !alerted(model, "store_down")).await;
        luis.until(|model| has(model, "madrid", before)).await;
        for one in waiting {
            assert!(matches!(ana.ask_again(one).await, Outcome::Recorded { .. }));
        }
        assert!(has(&ana.model, "madrid", before), "each of them once");
    }
    ana.until(|model| has(model, "sevilla", 3)).await;
    madrid.stop().await;
    sevilla.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_rabbitmq_is_away_local_work_goes_on_and_when_it_is_back_the_rest_catches_up() {
    let home = TempDir::new().unwrap();
    let cluster = cluster();
    let mut broker = Broker::start();
    let (first, second) = (Database::new(), Database::new());
    let madrid = start(home.path(), "madrid", &cluster, first.url(), broker.url()).await;
    let sevilla = start(home.path(), "sevilla", &cluster, second.url(), broker.url()).await;
    let (mut ana, mut luis) = (Hand::at(&madrid).await, Hand::at(&sevilla).await);
    ana.books(product()).await;
    luis.until(|model| model.products.contains_key(&sku())).await;

    let forget: fn(&mut Broker) = |broker| {
        // The queues with all that was in them, the exchange, the founding mark: everything.
        broker.control(&["stop_app"]);
        broker.control(&["reset"]);
    };
    let begin: fn(&mut Broker) = |broker| drop(broker.control(&["start_app"]));
    let ways: [(fn(&mut Broker), fn(&mut Broker)); 3] =
        [(Broker::stop, Broker::start_again), (Broker::kill, Broker::start_again), (forget, begin)];
    let mut round = 0;
    for (away, back) in ways {
        away(&mut broker);
        ana.until(|model| alerted(model, "bus_down")).await;
        luis.until(|model| alerted(model, "bus_down")).await;
        ana.books(receipt(3)).await;
        luis.books(receipt(2)).await;
        ana.until(|model| has(model, "madrid", 3 * (round + 1))).await;
        round += 1;
        assert!(!has(&luis.model, "madrid", 3 * round), "how could it know?");
        back(&mut broker);
        for hand in [&mut ana, &mut luis] {
            hand.until(|model| has(model, "madrid", 3 * round) && has(model, "sevilla", 2 * round)).await;
            hand.until(|model| !alerted(model, "bus_down")).await;
        }
    }
    madrid.stop().await;
    sevilla.stop().await;
}

fn rabbit(url: String) -> impl FnOnce(&Path) -> BusConfig {
    |_| BusConfig::Rabbit { urls: vec![url], allow_plain: false, ca_file: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_under_one_name_the_second_writes_nothing_before_it_knows_what_the_first_wrote() {
    let place = OneName::on(rabbit(rabbitmq::shared()), cluster());
    one_name::the_second_writes_nothing_before_it_knows_what_the_first_wrote(place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_under_one_name_one_works_after_the_broker_was_away() {
    let mut broker = Broker::start();
    let place = OneName::on(rabbit(broker.url()), cluster());
    let (nodes, [mut ana, mut luis, mut eva]) = place.at_work().await;
    one_name::is_refused(&mut eva).await;
    broker.stop();
    ana.until(|model| alerted(model, "bus_down")).await;
    luis.until(|model| alerted(model, "bus_down")).await;
    luis.books(receipt(3)).await;
    one_name::is_refused(&mut eva).await;
    broker.start_again();
    let works = |model: &Model| {
        let status = model.status.as_ref().unwrap();
        status.bus.up && status.joined && status.stopped.is_none()
    };
    let is_kept_out = |model: &Model| model.status.as_ref().unwrap().stopped.is_some() && !works(model);
    ana.until(|model| !alerted(model, "bus_down")).await;
    // Whoever takes the seat first: what the first wrote without a broker, the second can't know.
    tokio::select! {
        () = luis.until(|model| works(model) && !alerted(model, "bus_down")) => {
            luis.books(receipt(4)).await;
            ana.until(|model| has(model, "sevilla", 9)).await;
            assert!(is_kept_out(&eva.model));
        }
        () = eva.until(works) => {
            luis.until(is_kept_out).await;
            one_name::is_refused(&mut luis).await;
        }
    }
    for node in nodes {
        node.stop().await;
    }
}
