//! Snapshots of real nodes: over a spool, on stores, through the doors.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "support/hand.rs"]
mod hand;

use std::time::Duration;

use hand::{Hand, has, product, receipt, sku, start, units};
use rubentario::cli::reach::{Session, Setting};
use rubentario::cli::{self, Desk, Verb};
use rubentario::domain::{Operator, TransferId, WarehouseId};
use rubentario::ledger::act::{Act, TakeLine};
use rubentario::node::event::Reply;
use rubentario::node::snapshots::{SnapshotDetail, differences};
use rubentario::node::{Node, NodeConfig, Question, clock};
use rubentario::text::Lang;
use serde_json::json;
use tempfile::TempDir;

struct Three {
    nodes: Vec<Node>,
    hands: Vec<Hand>,
    home: TempDir,
}

fn warehouse(name: &str) -> WarehouseId {
    WarehouseId::new(name).unwrap()
}

/// 50 pieces came to Madrid, 12 of them are on the road to Sevilla.
async fn three() -> (Three, TransferId) {
    let home = TempDir::new().unwrap();
    let (mut nodes, mut hands) = (Vec::new(), Vec::new());
    for name in ["madrid", "sevilla", "valencia"] {
        nodes.push(start(home.path(), name).await);
        hands.push(Hand::at(nodes.last().unwrap()).await);
    }
    for hand in &mut hands {
        hand.until(|model| model.peers.len() == 2).await;
    }
    hands[0].books(product()).await;
    hands[0].books(receipt(50)).await;
    let line = TakeLine { sku: sku(), lot: None, qty: units(12) };
    let send = Act::Send { to: warehouse("sevilla"), lines: vec![line], reference: String::new() };
    let transfer = hands[0].books(send).await;
    for hand in &mut hands {
        hand.until(|model| model.transfers.contains_key(&transfer) && has(model, "madrid", 38)).await;
    }
    (Three { nodes, hands, home }, transfer)
}

async fn taken(hand: &mut Hand) -> SnapshotDetail {
    let id = hand.books(Act::TakeSnapshot).await;
    hand.until(|model| model.snapshots.get(&id).is_some_and(|s| s.closed.is_some())).await;
    open(hand, &id).await
}

async fn open(hand: &mut Hand, id: &TransferId) -> SnapshotDetail {
    match hand.reply(Question::Snapshot { id: id.clone() }).await {
        Reply::Snapshot { detail: Some(detail) } => *detail,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_of_three_holds_the_goods_on_the_road_and_is_the_same_everywhere() {
    let (mut three, transfer) = three().await;
    let detail = taken(&mut three.hands[1]).await;
    let closed = detail.snapshot.closed.clone().unwrap();
    assert!(closed.missing.is_empty(), "{:?}", closed.missing);
    assert_eq!(detail.snapshot.markers.len(), 3);
    assert!(detail.snapshot.digests_agree());
    assert_eq!(detail.stock.iter().map(|c| c.on_hand).collect::<Vec<_>>(), [units(38)]);
    assert_eq!((detail.riding[0].transfer.clone(), detail.riding[0].qty), (transfer.clone(), units(12)));
    assert!(detail.balance.violations.is_empty());
    assert_eq!((detail.balance.receipts, detail.balance.riding), (units(50), units(12)));
    three.hands[1].books(Act::TakeIn { transfer, lines: Vec::new() }).await;
    let later = taken(&mut three.hands[0]).await;
    assert!(later.riding.is_empty());
    let moved: Vec<_> =
        differences(&detail, &later).into_iter().map(|d| (d.warehouse, d.before, d.after)).collect();
    assert_eq!(moved, [(Some(warehouse("sevilla")), units(0), units(12)), (None, units(12), units(0))]);
    // What was recorded stays as it was, in every warehouse, though goods have moved since.
    let id = detail.snapshot.id.clone();
    for hand in &mut three.hands {
        hand.until(|model| model.snapshots.get(&id).is_some_and(|s| s.closed.is_some())).await;
        let seen = open(hand, &id).await;
        assert_eq!(
            (&seen.stock, &seen.riding, &seen.balance),
            (&detail.stock, &detail.riding, &detail.balance)
        );
        assert_eq!(seen.snapshot.closed, detail.snapshot.closed);
    }
    for node in three.nodes {
        node.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_snapshot_of_the_day_is_taken_by_the_node_itself() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let mut hand = Hand::at(&madrid).await;
    hand.books(product()).await;
    hand.books(receipt(50)).await;
    assert!(hand.model.snapshots.is_empty(), "none without an hour");
    madrid.stop().await;
    let now = clock::now();
    let minute = now.wall_ms.saturating_add_signed(now.ahead_ms) / 60_000 % (24 * 60);
    let snapshot_daily_at = u32::try_from(minute).ok();
    let config = NodeConfig { snapshot_daily_at, ..hand::config(home.path(), "madrid") };
    let madrid = rubentario::node::start(config).await.unwrap();
    let mut hand = Hand::at(&madrid).await;
    // A node looks at the hour a minute after its start, when it has heard who else is there.
    let taken = async {
        while !hand.model.snapshots.values().any(|s| s.closed.is_some()) {
            let event = hand.events.recv().await.expect("the node lives");
            hand.take(event);
        }
    };
    tokio::time::timeout(Duration::from_secs(80), taken).await.expect("it is taken in time");
    let id = hand.model.snapshots.keys().next().unwrap().clone();
    let detail = open(&mut hand, &id).await;
    assert_eq!(detail.snapshot.operator, Operator::system());
    assert_eq!(detail.stock.iter().map(|cell| cell.on_hand).collect::<Vec<_>>(), [units(50)]);
    madrid.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_snapshot_of_the_day_is_taken_by_who_has_an_hour_though_another_without_one_comes_first() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    ana.books(product()).await;
    let now = clock::now();
    let minute = now.wall_ms.saturating_add_signed(now.ahead_ms) / 60_000 % (24 * 60);
    let snapshot_daily_at = u32::try_from(minute).ok();
    let config = NodeConfig { snapshot_daily_at, ..hand::config(home.path(), "sevilla") };
    let sevilla = rubentario::node::start(config).await.unwrap();
    // Its turn is the second minute from the hour on, and the fourth.
    let taken = async {
        while !ana.model.snapshots.values().any(|s| s.closed.is_some()) {
            let event = ana.events.recv().await.expect("the node lives");
            ana.take(event);
        }
    };
    tokio::time::timeout(Duration::from_secs(200), taken).await.expect("it is taken in time");
    let taken: Vec<_> = ana.model.snapshots.values().collect();
    assert_eq!(taken.len(), 1, "once: {taken:?}");
    assert_eq!((taken[0].id.origin.as_str(), &taken[0].operator), ("sevilla", &Operator::system()));
    sevilla.stop().await;
    madrid.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_one_warehouse_a_snapshot_is_partial_and_names_it_with_its_last_position() {
    let (mut three, _) = three().await;
    three.nodes.pop().unwrap().stop().await;
    let detail = taken(&mut three.hands[0]).await;
    let closed = detail.snapshot.closed.clone().unwrap();
    assert_eq!(closed.missing.iter().map(|m| m.id.as_str()).collect::<Vec<_>>(), ["valencia"]);
    assert!(closed.missing[0].age_ms.is_some());
    assert!(detail.balance.violations.is_empty());
    // Who was away marks it late, which changes nothing: what is closed is closed.
    let valencia = start(three.home.path(), "valencia").await;
    let mut late = Hand::at(&valencia).await;
    let id = detail.snapshot.id.clone();
    late.until(|model| model.snapshots.get(&id).is_some_and(|s| s.closed.is_some())).await;
    assert_eq!(open(&mut late, &id).await.snapshot.closed, detail.snapshot.closed);
    assert_eq!(open(&mut three.hands[0], &id).await.snapshot.closed, detail.snapshot.closed);
    valencia.stop().await;
    for node in three.nodes {
        node.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stock_as_of_a_moment_is_what_it_was_then() {
    let (mut three, transfer) = three().await;
    let at_ms = three.hands[0].model.movements.iter().map(|row| row.at_ms).max().unwrap();
    three.hands[1].books(Act::TakeIn { transfer, lines: Vec::new() }).await;
    for hand in &mut three.hands {
        hand.until(|model| has(model, "sevilla", 12)).await;
        let Reply::StockAt { then } = hand.reply(Question::StockAt { at_ms }).await else { panic!() };
        let there: Vec<_> = then
            .stock
            .iter()
            .filter(|c| !c.on_hand.is_zero())
            .map(|c| (c.warehouse.as_str(), c.on_hand))
            .collect();
        assert_eq!(there, [("madrid", units(38))]);
        assert_eq!(then.riding.len(), 1);
        let Reply::StockAt { then } = hand.reply(Question::StockAt { at_ms: 0 }).await else { panic!() };
        assert!(then.stock.iter().all(|c| c.on_hand.is_zero()) && then.riding.is_empty());
    }
    for node in three.nodes {
        node.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_starts_anew_still_knows_its_snapshots() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    ana.books(product()).await;
    ana.books(receipt(5)).await;
    let detail = taken(&mut ana).await;
    madrid.stop().await;
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    assert_eq!(open(&mut ana, &detail.snapshot.id).await, detail);
    assert_eq!(ana.model.snapshots.len(), 1);
    madrid.stop().await;
}

/// A verb at a node's door, as a script runs it.
async fn verb(node: &Node, words: &[&str]) -> (u8, serde_json::Value) {
    let args = std::iter::once("rubentario").chain(words.iter().copied()).map(std::ffi::OsString::from);
    let Some(Verb::Talk(verb)) = cli::parse(args).unwrap().verb else { panic!("{words:?}") };
    let (intents, events) = node.door();
    let mut session = Session::over(intents, events, Lang::En);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let setting =
        Setting { warehouse: warehouse("madrid"), operator: Some("ana".parse().unwrap()), lang: Lang::En };
    let now_ms = i64::try_from(rubentario::node::clock::wall_ms()).unwrap();
    let mut desk = Desk { out: &mut out, err: &mut err, json: true, operator_flag: None, setting, now_ms };
    let exit = match cli::talk(verb, &mut session, &mut desk).await {
        Ok(()) => 0,
        Err(failure) => failure.tell(Lang::En, true, &mut out, &mut err),
    };
    (exit, serde_json::from_slice(&out).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_verbs_take_list_show_and_compare() {
    let (mut three, transfer) = three().await;
    let madrid = &three.nodes[0];
    let (exit, first) = verb(madrid, &["snapshot", "take"]).await;
    assert_eq!(exit, 0, "{first}");
    assert_eq!((&first["complete"], &first["digests_agree"]), (&json!(true), &json!(true)));
    assert_eq!(first["cut"].as_object().unwrap().len(), 3);
    assert_eq!(
        first["stock"],
        json!([{"sku": "GU-NIT-M", "lot": null, "warehouse": "madrid", "on_hand": 38}])
    );
    let riding = json!([{"transfer": transfer.to_string(), "sku": "GU-NIT-M", "lot": null, "qty": 12,
                         "from": "madrid", "to": "sevilla"}]);
    assert_eq!(first["in_transit"], riding);
    assert_eq!(first["conservation"]["ok"], json!(true));
    let at_ms = three.hands[0].model.movements.iter().map(|row| row.at_ms).max().unwrap();
    three.hands[1].books(Act::TakeIn { transfer, lines: Vec::new() }).await;
    three.hands[0].until(|model| has(model, "sevilla", 12)).await;
    let madrid = &three.nodes[0];
    let (_, second) = verb(madrid, &["snapshot", "take"]).await;
    let (a, b) = (first["id"].as_str().unwrap(), second["id"].as_str().unwrap());
    assert_eq!(verb(madrid, &["snapshot", "show", a]).await, (0, first.clone()));
    let (_, list) = verb(madrid, &["snapshot", "list"]).await;
    assert_eq!(
        list.as_array().unwrap().iter().map(|s| s["id"].as_str().unwrap()).collect::<Vec<_>>(),
        [b, a]
    );
    assert!(list[0].get("stock").is_none());
    let (_, rows) = verb(madrid, &["snapshot", "diff", a, b]).await;
    assert_eq!(
        rows[0],
        json!({"sku": "GU-NIT-M", "lot": null, "warehouse": "sevilla", "before": 0, "after": 12,
                               "change": 12})
    );
    let then = chrono::DateTime::from_timestamp_millis(at_ms).unwrap().to_rfc3339();
    let (_, stock) = verb(madrid, &["stock", "--as-of", &then]).await;
    let rows: Vec<_> = stock
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (r["warehouse"].clone(), r["on_hand"].clone(), r["in_transit"].clone()))
        .collect();
    assert_eq!(rows, [(json!("madrid"), json!(38), json!(0)), (json!("sevilla"), json!(0), json!(12))]);
    let (exit, unknown) = verb(madrid, &["snapshot", "show", "madrid:99999"]).await;
    assert_eq!((exit, &unknown["error"]["code"]), (1, &json!("unknown_snapshot")));
    for node in three.nodes {
        node.stop().await;
    }
}
