//! Nodes as a whole: real stores on files, a real spool, doors, in one process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "support/apart.rs"]
mod apart;
#[path = "support/hand.rs"]
mod hand;

use hand::{Hand, config, has, issue, product, receipt, sku, start, start_when_free, units};
use rubentario::domain::reorder::ServiceLevel;
use rubentario::domain::{
    MovementKind, Operator, Quantity, Refusal, ReorderRule, TransferState, WarehouseId,
};
use rubentario::ledger::act::{Act, ArrivalLine, Outcome, Request, TakeLine};
use rubentario::node::event::Reply;
use rubentario::node::{NodeConfig, NodeError, Question};
use rubentario::store::HistoryQuery;
use rubentario::ui::Model;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn goods_go_from_one_warehouse_to_another_and_both_see_every_step() {
    let home = TempDir::new().unwrap();
    let (madrid, sevilla) = (start(home.path(), "madrid").await, start(home.path(), "sevilla").await);
    let mut ana = Hand::at(&madrid).await;
    let mut luis = Hand::at(&sevilla).await;
    ana.books(product()).await;
    ana.books(receipt(50)).await;
    luis.until(|model| has(model, "madrid", 50)).await;
    let line = TakeLine { sku: sku(), lot: None, qty: units(12) };
    let to = WarehouseId::new("sevilla").unwrap();
    let id = ana.books(Act::Send { to, lines: vec![line], reference: String::new() }).await;
    let state = |model: &Model, wanted| model.transfers.get(&id).is_some_and(|t| t.state() == wanted);
    luis.until(|model| state(model, TransferState::Dispatched)).await;
    assert!(has(&luis.model, "madrid", 38));
    assert_eq!(luis.model.products[&sku()].in_transit(), units(12));
    let short = ArrivalLine {
        sku: sku(),
        lot: None,
        arrived: units(11),
        reason: Some(rubentario::domain::ShortageReason::Damaged),
    };
    luis.books(Act::TakeIn { transfer: id.clone(), lines: vec![short] }).await;
    ana.until(|model| state(model, TransferState::Received) && has(model, "sevilla", 11)).await;
    ana.until(|model| model.alerts.iter().any(|alert| alert.what.word() == "discrepancy")).await;
    let again = luis.does(Act::TakeIn { transfer: id, lines: Vec::new() }).await;
    assert!(matches!(again, Outcome::Refused { refusal: Refusal::WrongState { .. } }), "{again:?}");
    madrid.stop().await;
    sevilla.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_is_booked_once_and_another_content_under_its_id_is_refused() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    ana.books(product()).await;
    let operator = Operator::new("ana").unwrap();
    let request = Request { id: Uuid::now_v7(), operator, act: receipt(5) };
    let first = ana.ask_again(request.clone()).await;
    assert_eq!(ana.ask_again(request.clone()).await, first);
    let other = ana.ask_again(Request { act: receipt(6), ..request.clone() }).await;
    assert_eq!(other, Outcome::Refused { refusal: Refusal::RequestReused });
    madrid.stop().await;
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    assert_eq!(ana.ask_again(request).await, first, "after a restart too");
    assert!(has(&ana.model, "madrid", 5));
    madrid.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_unit_can_be_issued_and_the_empty_row_stays() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    ana.books(product()).await;
    ana.books(receipt(1)).await;
    ana.books(issue(1)).await;
    ana.until(|model| has(model, "madrid", 0)).await;
    assert_eq!(ana.model.products[&sku()].cells.len(), 1, "known to be empty, not unknown");
    let refused = ana.does(issue(1)).await;
    let Outcome::Refused { refusal: Refusal::NotEnough { available, .. } } = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(available, Quantity::ZERO);
    madrid.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_killed_has_everything_it_answered() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    ana.books(product()).await;
    for _ in 0..20 {
        ana.books(receipt(1)).await;
    }
    drop(madrid);
    let madrid = start_when_free(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    assert!(has(&ana.model, "madrid", 20));
    let Reply::History { page } =
        ana.reply(Question::History { query: HistoryQuery { limit: 7, ..HistoryQuery::default() } }).await
    else {
        panic!("a page")
    };
    assert_eq!(page.rows.len(), 7);
    assert!(page.next.is_some());
    assert!(ana.status().await.incarnation > 1);
    madrid.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_is_refused_with_the_pid_of_the_first() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let refused = rubentario::node::start(config(home.path(), "madrid")).await.unwrap_err();
    assert!(matches!(refused, NodeError::Lock(_)), "{refused}");
    assert!(refused.to_string().contains(&std::process::id().to_string()), "{refused}");
    madrid.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_away_while_the_spool_was_lost_catches_up_from_the_others() {
    let home = TempDir::new().unwrap();
    let (madrid, sevilla) = (start(home.path(), "madrid").await, start(home.path(), "sevilla").await);
    let mut ana = Hand::at(&madrid).await;
    let mut luis = Hand::at(&sevilla).await;
    ana.books(product()).await;
    luis.until(|model| model.products.contains_key(&sku())).await;
    sevilla.stop().await;
    for _ in 0..5 {
        ana.books(receipt(2)).await;
    }
    madrid.stop().await;
    for file in ["spool.db", "spool.db-wal", "spool.db-shm"] {
        let _ = std::fs::remove_file(home.path().join(file));
    }
    let (madrid, sevilla) = (start(home.path(), "madrid").await, start(home.path(), "sevilla").await);
    let mut luis = Hand::at(&sevilla).await;
    luis.until(|model| has(model, "madrid", 10)).await;
    madrid.stop().await;
    sevilla.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_database_lost_its_tail_gets_it_back_from_the_others_before_it_writes() {
    let home = TempDir::new().unwrap();
    let (madrid, sevilla) = (start(home.path(), "madrid").await, start(home.path(), "sevilla").await);
    let mut ana = Hand::at(&madrid).await;
    let mut luis = Hand::at(&sevilla).await;
    ana.books(product()).await;
    ana.books(receipt(3)).await;
    luis.until(|model| has(model, "madrid", 3)).await;
    madrid.stop().await;
    let store = home.path().join("madrid/store.db");
    let old = home.path().join("old.db");
    std::fs::copy(&store, &old).unwrap();
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    ana.books(receipt(4)).await;
    luis.until(|model| has(model, "madrid", 7)).await;
    madrid.stop().await;
    for end in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(home.path().join(format!("madrid/store.db{end}")));
    }
    std::fs::copy(&old, &store).unwrap();
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    ana.until(|model| has(model, "madrid", 7)).await;
    ana.books(receipt(1)).await;
    luis.until(|model| has(model, "madrid", 8)).await;
    assert_eq!(luis.model.alerts.iter().filter(|a| a.what.word() == "ledger_fork").count(), 0);
    madrid.stop().await;
    sevilla.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_keeps_its_beginning_over_a_restart() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    ana.books(product()).await;
    let point = ReorderRule { reorder_point: Some(units(10)), ..ReorderRule::default() };
    ana.books(Act::SetRule { sku: sku(), rule: Some(point), shelf: None }).await;
    ana.books(receipt(20)).await;
    let crossing = ana.books(issue(12)).await;
    ana.books(issue(1)).await;
    let low = |model: &Model| {
        model.alerts.iter().find(|alert| alert.what.word() == "low_stock").map(|alert| alert.raised_ms)
    };
    ana.until(|model| low(model).is_some()).await;
    madrid.stop().await;

    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    let crossed = ana.model.movements.iter().find(|row| row.seq == crossing.seq).unwrap().at_ms;
    ana.until(|model| low(model) == Some(crossed)).await;
    madrid.stop().await;
    let mut reader = rubentario::node::reader::open(&config(home.path(), "madrid")).await.unwrap();
    let id = Uuid::now_v7();
    reader.0.send(rubentario::node::Intent::Ask { id, question: Question::Alerts }).await.unwrap();
    let Some(rubentario::node::Event::Reply { reply: Ok(Reply::Alerts { alerts }), .. }) =
        reader.1.recv().await
    else {
        panic!("the alerts");
    };
    assert_eq!(alerts.iter().find(|alert| alert.what.word() == "low_stock").unwrap().raised_ms, crossed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_computed_point_an_open_request_and_issues_are_told_and_outlive_a_restart() {
    let home = TempDir::new().unwrap();
    let (madrid, sevilla) = (start(home.path(), "madrid").await, start(home.path(), "sevilla").await);
    let (mut ana, mut luis) = (Hand::at(&madrid).await, Hand::at(&sevilla).await);
    ana.books(product()).await;
    luis.until(|model| model.products.contains_key(&sku())).await;
    luis.books(receipt(5)).await;
    ana.until(|model| has(model, "sevilla", 5)).await;
    let rule = ReorderRule {
        service_level: Some(ServiceLevel::P99),
        lead_time_days: Some(7),
        lead_time_deviation_days: Some(2),
        ..ReorderRule::default()
    };
    ana.books(Act::SetRule { sku: sku(), rule: Some(rule.clone()), shelf: None }).await;
    let (here, from) = (WarehouseId::new("madrid").unwrap(), WarehouseId::new("sevilla").unwrap());
    // Nothing was issued before today: what is out is at its point.
    let is_low = |model: &Model| model.alerts.iter().any(|alert| alert.what.word() == "low_stock");
    ana.until(is_low).await;
    assert_eq!(ana.model.products[&sku()].reorder_point(&here), Some(units(0)));
    let lines = vec![TakeLine { sku: sku(), lot: None, qty: units(3) }];
    let wanted = Act::RequestTransfer {
        from: from.clone(),
        lines,
        reference: String::new(),
        unlocked: true,
        judged: Vec::new(),
    };
    ana.books(wanted).await;
    let asked = |model: &Model| {
        let asked = model.products[&sku()].asked.first().map(|a| (a.from.clone(), a.to.clone(), a.qty));
        asked == Some((from.clone(), here.clone(), units(3)))
    };
    ana.until(asked).await;
    luis.until(asked).await;
    ana.books(receipt(9)).await;
    ana.until(|model| !is_low(model)).await;
    ana.books(issue(2)).await;
    ana.books(issue(2)).await;
    madrid.stop().await;

    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    ana.until(asked).await;
    let view = &ana.model.products[&sku()];
    assert_eq!((&view.rule(&here).unwrap().rule, view.points.len()), (&rule, 1));
    assert_eq!(view.issued_30d(&here), units(4), "today's are in the last thirty days");
    assert_eq!(view.reorder_point(&here), Some(units(0)), "and not in the days before today");
    let Reply::IssueCounts { counts } = ana.reply(Question::IssueCounts).await else { panic!("the counts") };
    assert_eq!(counts, [(sku(), 2)]);
    let Reply::DoneSince { done } = ana.reply(Question::DoneSince { since_ms: 0 }).await else {
        panic!("the acts")
    };
    assert!(
        done.contains(&(MovementKind::Issue, 2, 2)) && done.contains(&(MovementKind::Receipt, 1, 1)),
        "{done:?}"
    );
    madrid.stop().await;
    sevilla.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clusters_on_one_spool_do_not_see_each_other() {
    let (home, away) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut nodes = Vec::new();
    for (place, cluster, name) in [
        (home.path(), "acme", "madrid"),
        (home.path(), "acme", "sevilla"),
        (away.path(), "norte", "madrid"),
        (away.path(), "norte", "bilbao"),
    ] {
        let bus = config(home.path(), name).bus;
        let config = NodeConfig { cluster: cluster.to_owned(), bus, ..config(place, name) };
        nodes.push(rubentario::node::start(config).await.unwrap());
    }
    apart::neither_sees_the_other([&nodes[0], &nodes[1]], [&nodes[2], &nodes[3]]).await;
    for node in nodes {
        node.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lay_in_a_warehouse_that_is_given_up_is_set_apart_at_once_and_after_a_restart() {
    let home = TempDir::new().unwrap();
    let (madrid, sevilla) = (start(home.path(), "madrid").await, start(home.path(), "sevilla").await);
    let (mut ana, mut luis) = (Hand::at(&madrid).await, Hand::at(&sevilla).await);
    ana.books(product()).await;
    ana.books(receipt(50)).await;
    luis.until(|model| has(model, "madrid", 50)).await;
    luis.books(receipt(7)).await;
    ana.until(|model| has(model, "sevilla", 7)).await;
    assert_eq!(ana.model.products[&sku()].total(), units(57));
    sevilla.stop().await;
    let lost = WarehouseId::new("sevilla").unwrap();
    ana.books(Act::RetireWarehouse { warehouse: lost.clone(), force: true }).await;
    let is_apart = |model: &Model| {
        model.products.get(&sku()).is_some_and(|p| p.lost(&lost) == units(7) && p.total() == units(50))
    };
    ana.until(is_apart).await;
    madrid.stop().await;
    let madrid = start(home.path(), "madrid").await;
    Hand::at(&madrid).await.until(is_apart).await;
    madrid.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reservation_whose_day_has_passed_is_released_once_by_an_entry_and_another_one_stands() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    ana.books(product()).await;
    ana.books(receipt(12)).await;
    let tomorrow = rubentario::node::clock::day_of(rubentario::node::clock::wall_ms()).succ_opt().unwrap();
    for (qty, purpose, until) in [(5, "order 8812", tomorrow), (3, "order 9001", tomorrow)] {
        let (purpose, until) = (purpose.to_owned(), Some(until));
        ana.books(Act::Reserve { sku: sku(), lot: None, qty: units(qty), purpose, until }).await;
    }
    madrid.stop().await;
    // Its day goes by while nobody is there.
    let file = SqliteConnectOptions::new().filename(home.path().join("madrid").join("store.db"));
    let mut file = SqliteConnection::connect_with(&file).await.unwrap();
    let sooner = "UPDATE reservation SET until_day = '2020-01-31' WHERE purpose = 'order 8812'";
    assert_eq!(sqlx::query(sooner).execute(&mut file).await.unwrap().rows_affected(), 1);
    file.close().await.unwrap();
    let releases = |model: &Model| {
        let rows = model.movements.iter().filter(|row| row.kind == MovementKind::Released);
        rows.map(|row| (row.qty, row.operator.clone())).collect::<Vec<_>>()
    };
    let place = WarehouseId::new("madrid").unwrap();
    for _ in 0..2 {
        let madrid = start(home.path(), "madrid").await;
        let mut ana = Hand::at(&madrid).await;
        ana.until(|model| model.products[&sku()].reserved(&place) == units(3)).await;
        assert_eq!(ana.model.products[&sku()].available(&place), units(9));
        assert_eq!(releases(&ana.model), [(units(5), Operator::system())], "one entry, in nobody's name");
        madrid.stop().await;
    }
}
