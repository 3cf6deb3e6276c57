//! The demonstration on real nodes: stores on files, a spool, doors, in one process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::path::Path;
use std::time::Duration;

use rand::SeedableRng as _;
use rand::rngs::ChaCha8Rng;
use rubentario::bus::BusConfig;
use rubentario::demo::{Hand, Teller, WAREHOUSES, fill, headless, life, warehouse};
use rubentario::node::{Node, NodeConfig};
use rubentario::protocol::envelope::ClusterKey;
use rubentario::store::Target;
use rubentario::text::Lang;
use serde_json::Value;
use tempfile::TempDir;

async fn start(home: &Path, warehouses: usize) -> Vec<Node> {
    let mut nodes = Vec::new();
    for (place, (id, name)) in WAREHOUSES.iter().enumerate().take(warehouses) {
        let folder = home.join(id);
        let config = NodeConfig {
            me: warehouse(place).unwrap(),
            name: (*name).to_owned(),
            cluster: "demo".into(),
            cluster_key: ClusterKey::new([7; 32]),
            store: Target::Sqlite(folder.join("store.db")),
            bus: BusConfig::Spool { dir: home.to_owned() },
            socket: folder.join("node.sock"),
            folder,
            may_found: true,
            admits: true,
            gives_way: false,
            patience: Duration::ZERO,
            snapshot_daily_at: None,
        };
        nodes.push(rubentario::node::start(config).await.unwrap());
    }
    nodes
}

fn hands(nodes: &[Node]) -> Vec<Hand> {
    nodes.iter().enumerate().map(|(place, node)| Hand::new(place, node.door()).unwrap()).collect()
}

async fn told(warehouses: usize, json: bool, lang: Lang) -> String {
    let home = TempDir::new().unwrap();
    let nodes = start(home.path(), warehouses).await;
    let mut out = Vec::new();
    let teller = Teller::new(&mut out, json, lang);
    headless(hands(&nodes), teller, Duration::ZERO).await.expect("the story ends well");
    for node in nodes {
        node.stop().await;
    }
    String::from_utf8(out).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_as_json_tells_every_event_in_order_and_the_sum_comes_out() {
    let told = told(3, true, Lang::En).await;
    let events: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut words: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    words.dedup();
    assert_eq!(
        words,
        [
            "started",
            "filled",
            "stock_before",
            "received",
            "issued",
            "alert_raised",
            "requested",
            "dispatched",
            "in_transit",
            "taken_in",
            "alert_cleared",
            "arrival_seen",
            "stock_after",
            "agreed",
        ]
    );
    assert!(events.iter().all(|event| event["at"].is_string() && event["text"].is_string()), "{told}");
    let of = |word: &str| events.iter().filter(|e| e["event"] == word).collect::<Vec<_>>();
    for word in ["stock_before", "stock_after", "in_transit"] {
        let seen = of(word);
        assert_eq!(seen.len(), 3, "each node says it");
        assert!(seen.windows(2).all(|pair| pair[0]["on_hand"] == pair[1]["on_hand"]), "{told}");
    }
    let (before, after) = (&of("stock_before")[0]["total"], &of("stock_after")[0]["total"]);
    let (received, issued) = (&of("received")[0]["qty"], &of("issued")[0]["qty"]);
    let number = |value: &Value| value.as_i64().unwrap();
    assert_eq!(number(after), number(before) + number(received) - number(issued));
    assert_eq!(of("agreed")[0]["agree"], true);
    assert_eq!(of("filled")[0]["states"].as_object().unwrap().len(), 7, "transfers in every state");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_as_lines_is_in_spanish_for_two_warehouses_too() {
    let told = told(2, false, Lang::Es).await;
    for words in ["alerta de existencias bajas", "en camino", "los 2 almacenes coinciden"] {
        assert!(told.contains(words), "«{words}» in\n{told}");
    }
    assert!(!told.contains('{'), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn life_goes_on_in_every_warehouse_without_being_refused() {
    let home = TempDir::new().unwrap();
    let nodes = start(home.path(), 3).await;
    let mut filling = hands(&nodes);
    fill(&mut filling).await.unwrap();
    let mut living = hands(&nodes);
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let mut done = 0;
    for turn in 0..60 {
        done += life::once(&mut living, turn % 3, &mut rng).await.unwrap().len();
    }
    assert!(done >= 45, "{done} of 60");
    for node in nodes {
        node.stop().await;
    }
}
