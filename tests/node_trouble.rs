//! Nodes in trouble: stores that refuse or don't answer, foreign bytes, foreign writers, slow and rude clients.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "support/hand.rs"]
mod hand;

use std::path::Path;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use hand::{Hand, config, has, here, issue, product, receipt, request, sku, start, units};
use rubentario::bus::{self, BusCommand, BusEvent, Lane, Outgoing, Recipients};
use rubentario::domain::{Refusal, TransferState, WarehouseId};
use rubentario::ledger::act::{Act, Outcome, Request, TakeLine};
use rubentario::ledger::{Hash, Head, PublicKey};
use rubentario::node::client::Client;
use rubentario::node::event::{PeerState, Reply};
use rubentario::node::{Event, Intent, NodeConfig, NodeError, Question};
use rubentario::protocol::Message;
use rubentario::protocol::envelope::{ClusterKey, Envelope};
use rubentario::protocol::message::Hello;
use rubentario::ui::Model;
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::time::timeout;
use uuid::Uuid;

async fn database(home: &Path, name: &str) -> SqliteConnection {
    let file = home.join(name).join("store.db");
    let options = SqliteConnectOptions::new().filename(file).busy_timeout(Duration::from_secs(20));
    SqliteConnection::connect_with(&options).await.unwrap()
}

async fn execute(database: &mut SqliteConnection, text: &'static str) {
    sqlx::query(text).execute(database).await.unwrap();
}

fn alerted(model: &Model, word: &str) -> bool {
    model.alerts.iter().any(|alert| alert.what.word() == word)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_refuses_an_own_entry_stops_the_writing_and_nothing_of_it_is_shown() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    ana.books(product()).await;
    ana.books(receipt(5)).await;
    let mut file = database(home.path(), "madrid").await;
    execute(&mut file, "CREATE TRIGGER no BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'no more'); END")
        .await;
    let refused = ana.does(receipt(7)).await;
    assert!(matches!(refused, Outcome::Refused { refusal: Refusal::Stopped { .. } }), "{refused:?}");
    ana.until(|model| alerted(model, "ledger_fork")).await;
    assert!(has(&ana.model, "madrid", 5));
    assert!(ana.model.movements.iter().all(|row| row.qty != units(7)));
    assert!(ana.status().await.stopped.is_some());
    execute(&mut file, "DROP TRIGGER no").await;
    madrid.stop().await;
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    ana.books(receipt(1)).await;
    ana.until(|model| has(model, "madrid", 6)).await;
    madrid.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_entry_of_another_warehouse_is_set_apart_and_the_own_work_of_that_turn_is_booked_once() {
    let home = TempDir::new().unwrap();
    let (madrid, sevilla) = (start(home.path(), "madrid").await, start(home.path(), "sevilla").await);
    let (mut ana, mut luis) = (Hand::at(&madrid).await, Hand::at(&sevilla).await);
    ana.books(product()).await;
    luis.until(|model| model.products.contains_key(&sku())).await;
    let mut file = database(home.path(), "sevilla").await;
    let trigger = "CREATE TRIGGER no BEFORE INSERT ON entry WHEN new.origin = 'madrid'
                   BEGIN SELECT RAISE(ABORT, 'no'); END";
    execute(&mut file, trigger).await;
    let own: Vec<Request> = (0..40).map(|_| request(receipt(1))).collect();
    let receive_much = async {
        for one in &own {
            assert!(matches!(luis.ask_again(one.clone()).await, Outcome::Recorded { .. }));
        }
    };
    tokio::join!(receive_much, ana.books(receipt(9)));
    luis.until(|model| alerted(model, "ledger_fork") && has(model, "sevilla", 40)).await;
    assert_ne!(here(&luis.model, "madrid"), Some(units(9)));
    for one in own {
        assert!(matches!(luis.ask_again(one).await, Outcome::Recorded { .. }));
    }
    luis.books(issue(40)).await;
    luis.until(|model| has(model, "sevilla", 0)).await;
    ana.until(|model| has(model, "sevilla", 0)).await;
    madrid.stop().await;
    sevilla.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_store_does_not_answer_nothing_is_recorded_and_afterwards_everything_is() {
    let home = TempDir::new().unwrap();
    let (madrid, sevilla) = (start(home.path(), "madrid").await, start(home.path(), "sevilla").await);
    let (mut ana, mut luis) = (Hand::at(&madrid).await, Hand::at(&sevilla).await);
    ana.books(product()).await;
    ana.books(receipt(5)).await;
    luis.until(|model| has(model, "madrid", 5)).await;
    let mut file = database(home.path(), "madrid").await;
    execute(&mut file, "BEGIN IMMEDIATE").await;
    let waiting: Vec<Request> = (0..3).map(|_| request(receipt(1))).collect();
    ana.intents.send(Intent::Do { requests: waiting.clone() }).await.unwrap();
    ana.until(|model| alerted(model, "store_down")).await;
    assert!(!ana.status().await.store.up);
    assert!(has(&ana.model, "madrid", 5));
    let alive = |model: &Model| {
        model.peers.iter().any(|peer| peer.id.as_str() == "madrid" && peer.state == PeerState::Alive)
    };
    // Beats go on.
    luis.until(alive).await;
    assert!(has(&luis.model, "madrid", 5));
    execute(&mut file, "ROLLBACK").await;
    ana.until(|model| has(model, "madrid", 8) && !alerted(model, "store_down")).await;
    luis.until(|model| has(model, "madrid", 8)).await;
    for one in waiting {
        assert!(matches!(ana.ask_again(one).await, Outcome::Recorded { .. }));
    }
    assert!(has(&ana.model, "madrid", 8), "each of them once");
    madrid.stop().await;
    sevilla.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_writer_stops_the_node_before_it_shows_or_writes_anything_more() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    ana.books(product()).await;
    let mut file = database(home.path(), "madrid").await;
    execute(&mut file, "UPDATE writer SET incarnation = incarnation + 1, nonce = x'00112233445566778899aabbccddeeff', batch = 0").await;
    let refused = ana.does(receipt(7)).await;
    assert!(matches!(refused, Outcome::Refused { refusal: Refusal::Stopped { .. } }), "{refused:?}");
    ana.until(|model| alerted(model, "ledger_fork")).await;
    assert_ne!(here(&ana.model, "madrid"), Some(units(7)));
    let again = ana.does(receipt(7)).await;
    assert!(matches!(again, Outcome::Refused { refusal: Refusal::Stopped { .. } }), "{again:?}");
    madrid.stop().await;
}

fn intruder() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

fn envelope(cluster: &str) -> Envelope {
    Envelope {
        cluster: cluster.to_owned(),
        from: WarehouseId::new("intruder").unwrap(),
        key: PublicKey(intruder().verifying_key().to_bytes()),
        incarnation: 1,
        nonce: Uuid::nil(),
        to: None,
        counter: 1,
        hlc: 1,
        body: Message::Beat { ping: None },
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_message_for_us_are_counted_set_apart_and_change_nothing() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    ana.books(product()).await;
    let mut link = bus::start(config(home.path(), "madrid").bus, "intruder", "acme").unwrap();
    while !matches!(link.events.recv().await, Some(BusEvent::Up { .. })) {}
    let mut changed = envelope("acme").seal(&ClusterKey::new([7; 32]), &intruder()).unwrap();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    let mut newer = envelope("acme").seal(&ClusterKey::new([7; 32]), &intruder()).unwrap();
    newer[3] = 9;
    let poison = [
        Vec::new(),
        b"hello".to_vec(),
        vec![0xff; 270_000],
        changed,
        newer,
        envelope("acme").seal(&ClusterKey::new([8; 32]), &intruder()).unwrap(),
    ];
    let foreign = envelope("other").seal(&ClusterKey::new([8; 32]), &intruder()).unwrap();
    let (count, all) = (poison.len() as u64, poison.iter().chain([&foreign]));
    let messages: Vec<Outgoing> = (1..)
        .zip(all)
        .map(|(tag, bytes)| Outgoing {
            tag,
            lane: Lane::Inbox,
            to: Recipients::Some(vec!["madrid".into()]),
            payload: bytes.as_slice().into(),
        })
        .collect();
    link.commands.send(BusCommand::Publish(messages)).await.unwrap();
    ana.until(|model| {
        let status = model.status.as_ref().unwrap();
        status.dead_letters == count && status.dropped_messages == count + 1
    })
    .await;
    ana.books(receipt(3)).await;
    ana.until(|model| has(model, "madrid", 3)).await;
    assert!(ana.model.peers.is_empty(), "{:?}", ana.model.peers);
    madrid.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_member_tells_of_and_does_not_send_is_shown_as_missing_until_it_takes_it_back() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    let mut link = bus::start(config(home.path(), "madrid").bus, "intruder", "acme").unwrap();
    while !matches!(link.events.recv().await, Some(BusEvent::Up { .. })) {}
    let mut counter = 0;
    let mut says = |body: Message| {
        counter += 1;
        let sealed = Envelope { counter, body, ..envelope("acme") };
        let payload = sealed.seal(&ClusterKey::new([7; 32]), &intruder()).unwrap();
        let to = Recipients::Some(vec!["madrid".into()]);
        let message = Outgoing { tag: counter, lane: Lane::Inbox, to, payload: payload.as_slice().into() };
        BusCommand::Publish(vec![message])
    };
    let hello = Hello { cluster: None, next_seq: Some(1) };
    link.commands.send(says(Message::Hello(hello))).await.unwrap();
    ana.until(|model| model.status.as_ref().unwrap().roster.members.len() == 2).await;

    let heads = |seq| {
        let head = Head { incarnation: 1, seq, hash: Hash::of(b"never written") };
        Message::Heads { heads: [(WarehouseId::new("intruder").unwrap(), head)].into(), forks: [].into() }
    };
    link.commands.send(says(heads(5_000))).await.unwrap();
    ana.until(|model| model.status.as_ref().unwrap().catching_up.is_some()).await;
    let progress = ana.status().await.catching_up.unwrap();
    assert_eq!((progress.entries(), progress.of(), progress.percent()), (0, 5_000, 0));
    assert_eq!((progress.per_second, progress.seconds_left), (0, None));
    // Once it is over, what was issued of late is summed anew.
    ana.books(product()).await;
    let yesterday = i64::try_from(rubentario::node::clock::wall_ms()).unwrap() - 86_400_000;
    let mut file = database(home.path(), "madrid").await;
    let row = "INSERT INTO movement (origin, seq, line, kind, sku, lot, qty, shortage, sort_key, at_ms, hlc,
               operator, reason, reference, search)
               VALUES ('sevilla', 1, 0, 'issue', $1, '', -4000, 0, $2 * 65536, $2, 0, 'luis', '', '', '')";
    let row = sqlx::query(row).bind(sku().to_string()).bind(yesterday);
    row.execute(&mut file).await.unwrap();
    link.commands.send(says(heads(0))).await.unwrap();
    ana.until(|model| model.status.as_ref().unwrap().catching_up.is_none()).await;
    let sevilla = WarehouseId::new("sevilla").unwrap();
    ana.until(|model| model.products[&sku()].issued_30d(&sevilla) == units(4)).await;
    madrid.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_that_does_not_read_holds_nobody_up_and_is_told_what_it_missed() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    let mut slow = Hand::at(&madrid).await;
    ana.books(product()).await;
    for _ in 0..400 {
        ana.books(receipt(1)).await;
    }
    let mut lagged = false;
    while !lagged {
        let event = timeout(Duration::from_secs(20), slow.events.recv()).await.unwrap().unwrap();
        lagged = slow.take(event) == Some(Event::Lagged);
    }
    slow.intents.send(Intent::Subscribe).await.unwrap();
    slow.until(|model| has(model, "madrid", 400)).await;
    madrid.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_socket_answers_and_a_bad_line_is_told_and_ends_its_connection_only() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let socket = config(home.path(), "madrid").socket;
    let mut client = Client::connect(&socket).await.unwrap();
    let mut ana = Hand::at(&madrid).await;
    ana.books(product()).await;
    let wish = request(receipt(4));
    client.send(&Intent::Do { requests: vec![wish.clone()] }).await.unwrap();
    let Some(Event::Answered { answers }) = client.next().await.unwrap() else { panic!("an answer") };
    assert_eq!(answers[0].0, wish.id);
    assert!(matches!(answers[0].1, Outcome::Recorded { .. }));

    for bad in ["{}\n".to_owned(), "{\"intent\":\"fly\"}\n".to_owned(), "x".repeat(5 * 1024 * 1024)] {
        let rude = UnixStream::connect(&socket).await.unwrap();
        let (read, mut write) = rude.into_split();
        // The other end may close before it has read everything.
        let _ = write.write_all(bad.as_bytes()).await;
        let mut told = String::new();
        let mut read = BufReader::new(read);
        timeout(Duration::from_secs(20), read.read_line(&mut told)).await.unwrap().unwrap();
        let event: Event = serde_json::from_str(&told).unwrap();
        assert!(matches!(event, Event::Reply { reply: Err(_), .. }), "{told}");
        let mut rest = Vec::new();
        let _ = timeout(Duration::from_secs(20), read.read_to_end(&mut rest)).await.unwrap();
        assert!(rest.is_empty(), "closed");
    }

    client.send(&Intent::Ask { id: Uuid::nil(), question: Question::Products }).await.unwrap();
    let Some(Event::Reply { reply: Ok(Reply::Products { products }), .. }) = client.next().await.unwrap()
    else {
        panic!("the products")
    };
    assert_eq!(products[0].on_hand(&WarehouseId::new("madrid").unwrap()), units(4));
    madrid.stop().await;
    assert!(Client::connect(&socket).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_speaks_and_hangs_up_its_side_still_gets_the_answers() {
    let home = TempDir::new().unwrap();
    let madrid = start(home.path(), "madrid").await;
    let mut ana = Hand::at(&madrid).await;
    ana.books(product()).await;
    let line = serde_json::to_string(&Intent::Do { requests: vec![request(receipt(4))] }).unwrap();
    let stream = UnixStream::connect(config(home.path(), "madrid").socket).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    write.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    drop(write);
    let mut told = String::new();
    timeout(Duration::from_secs(20), read.read_to_string(&mut told)).await.unwrap().unwrap();
    assert!(told.contains("recorded"), "{told}");
    madrid.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_a_verb_started_gives_way_and_one_that_was_started_to_stay_does_not() {
    let home = TempDir::new().unwrap();
    let verbs = NodeConfig { gives_way: true, ..config(home.path(), "madrid") };
    let mut verb = rubentario::node::start(verbs).await.unwrap();
    let mut ana = Hand::at(&verb).await;
    ana.books(product()).await;
    let patient = NodeConfig { patience: Duration::from_secs(5), ..config(home.path(), "madrid") };
    let (taken_over, reason) = tokio::join!(rubentario::node::start(patient.clone()), async {
        let reason = verb.ended().await;
        drop(verb);
        reason
    });
    let madrid = taken_over.unwrap();
    assert!(reason.contains("another process"), "{reason}");
    let refused = rubentario::node::start(patient).await.unwrap_err();
    assert!(matches!(refused, NodeError::Lock(_)), "{refused}");
    let mut ana = Hand::at(&madrid).await;
    ana.books(receipt(1)).await;
    madrid.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_warehouses_pass_goods_round_and_a_rejected_parcel_comes_back() {
    let home = TempDir::new().unwrap();
    let (madrid, sevilla, vigo) = (
        start(home.path(), "madrid").await,
        start(home.path(), "sevilla").await,
        start(home.path(), "vigo").await,
    );
    let mut hands = [Hand::at(&madrid).await, Hand::at(&sevilla).await, Hand::at(&vigo).await];
    let names = ["madrid", "sevilla", "vigo"];
    hands[0].books(product()).await;
    hands[0].books(receipt(30)).await;
    for round in 0..3 {
        let to = (round + 1) % 3;
        let line = TakeLine { sku: sku(), lot: None, qty: units(30) };
        hands[to].until(|model| model.products.contains_key(&sku())).await;
        let there = WarehouseId::new(names[to]).unwrap();
        let act = Act::Send { to: there, lines: vec![line], reference: String::new() };
        let id = hands[round].books(act).await;
        let state = |model: &Model, wanted| model.transfers.get(&id).is_some_and(|t| t.state() == wanted);
        hands[to].until(|model| state(model, TransferState::Dispatched)).await;
        hands[to].books(Act::TakeIn { transfer: id.clone(), lines: Vec::new() }).await;
        for hand in &mut hands {
            hand.until(|model| state(model, TransferState::Received) && has(model, names[to], 30)).await;
        }
    }
    let line = TakeLine { sku: sku(), lot: None, qty: units(12) };
    let there = WarehouseId::new("vigo").unwrap();
    let id = hands[0].books(Act::Send { to: there, lines: vec![line], reference: String::new() }).await;
    let state = |model: &Model, wanted| model.transfers.get(&id).is_some_and(|t| t.state() == wanted);
    hands[2].until(|model| state(model, TransferState::Dispatched)).await;
    hands[2].books(Act::Reject { transfer: id.clone(), reason: "wet".into() }).await;
    hands[0].until(|model| state(model, TransferState::Rejected)).await;
    assert!(has(&hands[0].model, "madrid", 18));
    hands[0].books(Act::TakeBack { transfer: id.clone(), lines: Vec::new() }).await;
    for hand in &mut hands {
        hand.until(|model| state(model, TransferState::Returned) && has(model, "madrid", 30)).await;
        assert_eq!(hand.model.products[&sku()].total(), units(30));
        hand.until(|model| !alerted(model, "discrepancy") && !alerted(model, "ledger_fork")).await;
    }
    for node in [madrid, sevilla, vigo] {
        node.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warehouse_that_was_killed_is_reported_by_the_others_until_it_is_back() {
    let home = TempDir::new().unwrap();
    let (madrid, sevilla) = (start(home.path(), "madrid").await, start(home.path(), "sevilla").await);
    let (mut ana, mut luis) = (Hand::at(&madrid).await, Hand::at(&sevilla).await);
    ana.books(product()).await;
    luis.until(|model| model.products.contains_key(&sku())).await;
    drop(madrid);
    luis.until(|model| alerted(model, "peer_down")).await;
    let madrid = hand::start_when_free(home.path(), "madrid").await;
    luis.until(|model| !alerted(model, "peer_down")).await;
    let mut ana = Hand::at(&madrid).await;
    ana.books(receipt(2)).await;
    luis.until(|model| has(model, "madrid", 2)).await;
    madrid.stop().await;
    sevilla.stop().await;
}
