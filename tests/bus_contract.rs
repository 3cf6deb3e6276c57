//! One contract for both buses: what a node may rest on, whichever adapter is behind the port.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::path::PathBuf;

use rubentario::bus::{
    BusCommand, BusConfig, BusError, BusEvent, Founding, INBOX_PAYLOAD_MAX, Lane, Recipients, Settled,
    claim_founding, start,
};
use support::bus_node::{Node, named};
use tempfile::TempDir;

mod support {
    pub mod bus_node;
    pub mod rabbitmq;
}

/// A bus for one test: its own spool, or its own cluster on the shared broker.
struct Bus {
    config: BusConfig,
    cluster: String,
    _dir: Option<TempDir>,
}

impl Bus {
    fn spool() -> Self {
        let dir = TempDir::new().unwrap();
        let config = BusConfig::Spool { dir: dir.path().join("spool") };
        Self { config, cluster: "shop".to_owned(), _dir: Some(dir) }
    }

    fn rabbitmq() -> Self {
        let config = rabbit(support::rabbitmq::shared());
        Self { config, cluster: format!("t-{}", uuid::Uuid::now_v7()), _dir: None }
    }

    async fn up(&self, name: &str) -> Node {
        Node::up(&self.config, &self.cluster, name).await
    }
}

fn rabbit(url: impl Into<String>) -> BusConfig {
    BusConfig::Rabbit { urls: vec![url.into()], allow_plain: false, ca_file: None }
}

macro_rules! contract {
    ($($name:ident)*) => {
        mod on_the_spool {
            $(#[tokio::test] async fn $name() { super::$name(super::Bus::spool()).await; })*
        }
        mod on_rabbitmq {
            $(#[tokio::test] async fn $name() { super::$name(super::Bus::rabbitmq()).await; })*
        }
    };
}

contract! {
    a_message_arrives_with_its_sender_and_is_confirmed
    unacknowledged_deliveries_come_again_after_a_crash
    acknowledged_deliveries_never_come_again
    first_deliveries_keep_the_senders_order_beyond_the_prefetch
    mail_waits_for_a_node_that_is_away
    a_refused_delivery_becomes_a_dead_letter
    a_message_to_nobody_is_returned_and_the_others_get_it
    what_no_lane_can_carry_is_refused_and_the_link_lives_on
    stale_doubled_and_foreign_tokens_change_nothing
    everyone_hears_a_broadcast_and_the_sender_its_echo
    control_for_one_node_reaches_it_alone
    control_is_not_kept_for_who_is_away
    a_second_process_under_one_name_is_told_and_takes_over_when_the_first_ends
    of_many_founders_exactly_one_has_created
    clusters_do_not_hear_each_other
    a_close_first_does_what_was_asked
    a_caller_that_reads_no_events_can_still_acknowledge
}

async fn a_message_arrives_with_its_sender_and_is_confirmed(bus: Bus) {
    let mut madrid = bus.up("madrid").await;
    let mut sevilla = bus.up("sevilla").await;
    let tag = madrid.send(&["sevilla"], "12 boxes").await;
    let delivery = sevilla.take().await;
    assert_eq!((delivery.from.as_str(), delivery.text.as_str()), ("madrid", "12 boxes"));
    assert_eq!((delivery.lane, delivery.redelivered), (Lane::Inbox, false));
    assert_eq!(madrid.outcome(tag).await, Settled::Confirmed);
}

async fn unacknowledged_deliveries_come_again_after_a_crash(bus: Bus) {
    let mut madrid = bus.up("madrid").await;
    let mut sevilla = bus.up("sevilla").await;
    for text in ["a", "b", "c"] {
        madrid.send(&["sevilla"], text).await;
    }
    let mut tokens = Vec::new();
    for _ in 0..3 {
        tokens.extend(sevilla.delivery().await.token);
    }
    sevilla.crash().await;
    let mut sevilla = bus.up("sevilla").await;
    let mut again = Vec::new();
    for _ in 0..3 {
        let delivery = sevilla.take().await;
        assert!(delivery.redelivered, "{delivery:?}");
        assert_eq!(delivery.from, "madrid");
        again.push(delivery.text);
    }
    again.sort();
    assert_eq!(again, ["a", "b", "c"]);
}

async fn acknowledged_deliveries_never_come_again(bus: Bus) {
    let mut madrid = bus.up("madrid").await;
    let mut sevilla = bus.up("sevilla").await;
    for text in ["done", "done", "open", "done"] {
        madrid.send(&["sevilla"], text).await;
    }
    let mut done = Vec::new();
    for _ in 0..4 {
        let delivery = sevilla.delivery().await;
        if delivery.text == "done" {
            done.extend(delivery.token);
        }
    }
    sevilla.ack(&done).await;
    sevilla.close().await;
    let mut sevilla = bus.up("sevilla").await;
    assert_eq!(sevilla.take().await.text, "open");
    madrid.send(&["sevilla"], "end").await;
    assert_eq!(sevilla.take().await.text, "end");
}

async fn first_deliveries_keep_the_senders_order_beyond_the_prefetch(bus: Bus) {
    let mut madrid = bus.up("madrid").await;
    let mut sevilla = bus.up("sevilla").await;
    for n in 0..1000 {
        madrid.send(&["sevilla"], &n.to_string()).await;
    }
    for n in 0..1000 {
        assert_eq!(sevilla.take().await.text, n.to_string());
    }
    let mut confirmed = 0;
    while confirmed < 1000 {
        confirmed += madrid
            .until(|event| match event {
                BusEvent::Settled { outcome: Settled::Confirmed, .. } => Some(1),
                BusEvent::Settled { outcome, .. } => panic!("{outcome:?}"),
                _ => None,
            })
            .await;
    }
}

async fn mail_waits_for_a_node_that_is_away(bus: Bus) {
    let mut madrid = bus.up("madrid").await;
    bus.up("sevilla").await.close().await;
    let tag = madrid.send(&["sevilla"], "while you were away").await;
    assert_eq!(madrid.outcome(tag).await, Settled::Confirmed);
    madrid.close().await;
    let mut sevilla = bus.up("sevilla").await;
    let delivery = sevilla.take().await;
    assert_eq!((delivery.text.as_str(), delivery.redelivered), ("while you were away", false));
}

async fn a_refused_delivery_becomes_a_dead_letter(bus: Bus) {
    let mut madrid = bus.up("madrid").await;
    let mut sevilla = bus.up("sevilla").await;
    assert_eq!(sevilla.dead_letters().await, 0);
    madrid.send(&["sevilla"], "garbage").await;
    let poison = sevilla.delivery().await.token.unwrap();
    sevilla.command(BusCommand::Refuse(poison)).await;
    assert_eq!(sevilla.dead_letters().await, 1);
    sevilla.crash().await;
    let mut sevilla = bus.up("sevilla").await;
    assert_eq!(sevilla.dead_letters().await, 1, "the count outlives the link");
    madrid.send(&["sevilla"], "good").await;
    assert_eq!(sevilla.take().await.text, "good");
}

async fn a_message_to_nobody_is_returned_and_the_others_get_it(bus: Bus) {
    let mut madrid = bus.up("madrid").await;
    let mut sevilla = bus.up("sevilla").await;
    let tag = madrid.send(&["nowhere"], "hello").await;
    assert_eq!(madrid.outcome(tag).await, Settled::Returned);
    let both = madrid.send(&["nowhere", "sevilla"], "hello both").await;
    let one = madrid.send(&["sevilla"], "hello one").await;
    let none = madrid.publish(Lane::Inbox, named(&[]), b"nothing").await;
    assert_eq!(madrid.outcome(both).await, Settled::Returned);
    assert_eq!(madrid.outcome(one).await, Settled::Confirmed);
    assert_eq!(madrid.outcome(none).await, Settled::Confirmed);
    assert_eq!(sevilla.take().await.text, "hello both");
    assert_eq!(sevilla.take().await.text, "hello one");
}

async fn what_no_lane_can_carry_is_refused_and_the_link_lives_on(bus: Bus) {
    let mut madrid = bus.up("madrid").await;
    let huge = vec![b'x'; INBOX_PAYLOAD_MAX + 1];
    for (lane, to, payload, why) in [
        (Lane::Inbox, named(&["madrid"]), huge.as_slice(), "bytes"),
        (Lane::Control, Recipients::Everyone, huge.as_slice(), "bytes"),
        (Lane::Inbox, Recipients::Everyone, b"x", "by name"),
        (Lane::Inbox, named(&["madrid", "to.#"]), b"x", "to.#"),
        (Lane::Control, named(&["Ma drid"]), b"x", "Ma drid"),
    ] {
        let tag = madrid.publish(lane, to, payload).await;
        let Settled::Unsendable { reason } = madrid.outcome(tag).await else { panic!("{why}") };
        assert!(reason.contains(why), "{reason}");
    }
    let tag = madrid.publish(Lane::Inbox, named(&["madrid"]), &huge[1..]).await;
    assert_eq!(madrid.take().await.text.len(), INBOX_PAYLOAD_MAX);
    assert_eq!(madrid.outcome(tag).await, Settled::Confirmed);
}

async fn stale_doubled_and_foreign_tokens_change_nothing(bus: Bus) {
    let mut madrid = bus.up("madrid").await;
    let mut sevilla = bus.up("sevilla").await;
    madrid.send(&["sevilla", "madrid"], "one").await;
    let stale = sevilla.delivery().await.token.unwrap();
    let foreign = madrid.delivery().await.token.unwrap();
    sevilla.crash().await;

    let mut sevilla = bus.up("sevilla").await;
    let held = sevilla.delivery().await.token.unwrap();
    sevilla.ack(&[stale, foreign, stale]).await;
    sevilla.command(BusCommand::Refuse(stale)).await;
    sevilla.command(BusCommand::Refuse(foreign)).await;
    madrid.send(&["sevilla"], "two").await;
    let second = sevilla.delivery().await.token.unwrap();
    sevilla.ack(&[second, second]).await;
    sevilla.ack(&[second]).await;
    sevilla.close().await;

    let mut sevilla = bus.up("sevilla").await;
    assert_eq!(sevilla.dead_letters().await, 0);
    let delivery = sevilla.take().await;
    assert_eq!((delivery.text.as_str(), delivery.redelivered), ("one", true));
    assert_ne!(delivery.token, Some(held));
}

async fn everyone_hears_a_broadcast_and_the_sender_its_echo(bus: Bus) {
    let mut madrid = bus.up("madrid").await;
    let mut sevilla = bus.up("sevilla").await;
    madrid.publish(Lane::Control, Recipients::Everyone, b"beat").await;
    for node in [&mut madrid, &mut sevilla] {
        let delivery = node.delivery().await;
        assert_eq!((delivery.lane, delivery.token), (Lane::Control, None));
        assert_eq!((delivery.from.as_str(), delivery.text.as_str()), ("madrid", "beat"));
    }
}

async fn control_for_one_node_reaches_it_alone(bus: Bus) {
    let mut madrid = bus.up("madrid").await;
    let mut sevilla = bus.up("sevilla").await;
    let mut cadiz = bus.up("cadiz").await;
    madrid.publish(Lane::Control, named(&["sevilla", "nowhere"]), b"vote").await;
    assert_eq!(sevilla.delivery().await.text, "vote");
    sevilla.publish(Lane::Control, Recipients::Everyone, b"beat").await;
    for node in [&mut madrid, &mut cadiz] {
        assert_eq!(node.delivery().await.text, "beat");
    }
}

async fn control_is_not_kept_for_who_is_away(bus: Bus) {
    let mut madrid = bus.up("madrid").await;
    bus.up("sevilla").await.close().await;
    madrid.publish(Lane::Control, named(&["sevilla"]), b"old").await;
    madrid.publish(Lane::Control, Recipients::Everyone, b"old").await;
    assert_eq!(madrid.delivery().await.text, "old");
    let mut sevilla = bus.up("sevilla").await;
    madrid.publish(Lane::Control, Recipients::Everyone, b"new").await;
    assert_eq!(sevilla.delivery().await.text, "new");
}

async fn a_second_process_under_one_name_is_told_and_takes_over_when_the_first_ends(bus: Bus) {
    let mut madrid = bus.up("madrid").await;
    let mut first = bus.up("sevilla").await;
    let mut second = Node::start(&bus.config, &bus.cluster, "sevilla");
    let who = second
        .until(|event| match event {
            BusEvent::Elsewhere { who } => Some(who.clone()),
            BusEvent::Up { .. } | BusEvent::Delivery { .. } => panic!("{event:?}"),
            _ => None,
        })
        .await;
    assert!(who.contains("process"), "{who}");
    madrid.send(&["sevilla"], "for the first").await;
    assert_eq!(first.take().await.text, "for the first");
    first.close().await;
    second.until_up().await;
    madrid.send(&["sevilla"], "for the second").await;
    assert_eq!(second.take().await.text, "for the second");
}

async fn of_many_founders_exactly_one_has_created(bus: Bus) {
    let claims: Vec<_> = (0..8)
        .map(|n| {
            let (config, cluster) = (bus.config.clone(), bus.cluster.clone());
            tokio::spawn(async move { claim_founding(&config, &cluster, &format!("n{n}")).await.unwrap() })
        })
        .collect();
    let mut founders = Vec::new();
    for (n, claim) in claims.into_iter().enumerate() {
        if claim.await.unwrap() == Founding::Created {
            founders.push(format!("n{n}"));
        }
    }
    assert_eq!(founders.len(), 1);
    assert_eq!(claim_founding(&bus.config, &bus.cluster, "late").await.unwrap(), Founding::AlreadyThere);
    let again = claim_founding(&bus.config, &bus.cluster, &founders[0]).await.unwrap();
    assert_eq!(again, Founding::Created, "whoever made the mark may ask again");
    let other = format!("{}-b", bus.cluster);
    assert_eq!(claim_founding(&bus.config, &other, "late").await.unwrap(), Founding::Created);
}

async fn clusters_do_not_hear_each_other(bus: Bus) {
    let other = format!("{}-b", bus.cluster);
    let mut ours = bus.up("madrid").await;
    let mut theirs = Node::up(&bus.config, &other, "madrid").await;
    theirs.publish(Lane::Control, Recipients::Everyone, b"theirs").await;
    theirs.send(&["madrid"], "theirs").await;
    for _ in 0..2 {
        assert_eq!(theirs.delivery().await.text, "theirs");
    }
    ours.publish(Lane::Control, Recipients::Everyone, b"ours").await;
    assert_eq!(ours.delivery().await.text, "ours");
}

async fn a_close_first_does_what_was_asked(bus: Bus) {
    let mut sevilla = bus.up("sevilla").await;
    let mut madrid = bus.up("madrid").await;
    for n in 0..100 {
        madrid.send(&["sevilla"], &n.to_string()).await;
    }
    madrid.close().await;
    for n in 0..100 {
        assert_eq!(sevilla.take().await.text, n.to_string());
    }
    sevilla.close().await;
    let mut sevilla = bus.up("sevilla").await;
    let mut madrid = bus.up("madrid").await;
    madrid.send(&["sevilla"], "end").await;
    // A broker may forget the last of so many acknowledgements.
    while let delivery = sevilla.take().await
        && delivery.text != "end"
    {
        assert!(delivery.redelivered, "{delivery:?}");
    }
}

async fn a_caller_that_reads_no_events_can_still_acknowledge(bus: Bus) {
    let mut madrid = bus.up("madrid").await;
    let mut sevilla = bus.up("sevilla").await;
    madrid.send(&["sevilla"], "mail").await;
    let token = sevilla.delivery().await.token.unwrap();
    for _ in 0..2000 {
        sevilla.publish(Lane::Inbox, named(&["sevilla"]), b"own").await;
    }
    sevilla.ack(&[token]).await;
    assert_eq!(sevilla.take().await.text, "own");
}

/// What only RabbitMQ can go through.
mod with_a_broker {
    use super::support::rabbitmq::Broker;
    use super::*;

    #[tokio::test]
    async fn nothing_is_lost_and_everything_comes_back_when_the_broker_starts_late_dies_and_returns() {
        let mut broker = Broker::prepare();
        let config = rabbit(broker.url());
        let mut madrid = Node::start(&config, "shop", "madrid");
        let reason = madrid.until_down().await;
        assert!(reason.contains("nothing listens"), "{reason}");
        let early = madrid.send(&["sevilla"], "too early").await;
        assert_eq!(madrid.outcome(early).await, Settled::Dropped);

        broker.start_again();
        assert_eq!(madrid.until_up().await, 1);
        let mut sevilla = Node::up(&config, "shop", "sevilla").await;
        let mut sent = Vec::new();
        for n in 0..300 {
            sent.push((madrid.send(&["sevilla"], &n.to_string()).await, n.to_string()));
        }
        let held = sevilla.delivery().await;
        for round in 0..2 {
            // A broker killed before it has ever shut down may forget its queues; see the next test.
            if round == 0 {
                broker.stop();
            } else {
                broker.kill();
            }
            madrid.until_down().await;
            sevilla.until_down().await;
            let meanwhile = madrid.send(&["sevilla"], "meanwhile").await;
            assert_eq!(madrid.outcome(meanwhile).await, Settled::Dropped);
            broker.start_again();
            assert_eq!(madrid.until_up().await, round + 2);
            sevilla.until_up().await;
        }
        sevilla.ack(held.token.as_slice()).await;

        // As a node does: what was dropped is sent again.
        let mut again = Vec::new();
        for (tag, text) in &sent {
            match madrid.outcome(*tag).await {
                Settled::Confirmed => {}
                Settled::Dropped => again.push(text.clone()),
                other => panic!("{other:?}"),
            }
        }
        for text in &again {
            madrid.send(&["sevilla"], text).await;
        }
        let mut missing: std::collections::BTreeSet<String> =
            sent.into_iter().map(|(_, text)| text).collect();
        while !missing.is_empty() {
            missing.remove(&sevilla.take().await.text);
        }
    }

    #[tokio::test]
    async fn an_inbox_that_a_killed_broker_has_spoilt_is_made_anew() {
        let mut broker = Broker::start();
        let config = rabbit(broker.url());
        let mut madrid = Node::up(&config, "shop", "madrid").await;
        let tag = madrid.send(&["madrid"], "before").await;
        assert_eq!(madrid.outcome(tag).await, Settled::Confirmed);
        broker.kill();
        madrid.until_down().await;
        broker.start_again();
        madrid.until_up().await;
        madrid.send(&["madrid"], "after").await;
        while madrid.take().await.text != "after" {}
    }

    #[tokio::test]
    async fn a_broker_short_of_memory_blocks_and_unblocks_and_loses_nothing() {
        let broker = Broker::start();
        let config = rabbit(broker.url());
        let mut madrid = Node::up(&config, "shop", "madrid").await;
        let mut sevilla = Node::up(&config, "shop", "sevilla").await;
        madrid.send(&["sevilla"], "before").await;
        let before = sevilla.delivery().await;
        broker.control(&["set_vm_memory_high_watermark", "0.00001"]);
        let tag = madrid.send(&["sevilla"], "during").await;
        madrid.until(|event| (*event == BusEvent::Blocked(true)).then_some(())).await;
        sevilla.ack(before.token.as_slice()).await;
        broker.control(&["set_vm_memory_high_watermark", "0.6"]);
        madrid.until(|event| (*event == BusEvent::Blocked(false)).then_some(())).await;
        assert_eq!(madrid.outcome(tag).await, Settled::Confirmed);
        assert_eq!(sevilla.take().await.text, "during");
    }

    #[tokio::test]
    async fn what_keeps_a_node_out_is_said_in_one_sentence_without_the_password() {
        let shared = support::rabbitmq::shared();
        let (login, at) = shared.strip_prefix("amqp://").unwrap().split_once('@').unwrap();
        let host = at.split('/').next().unwrap();
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let free = {
            let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            held.local_addr().unwrap().port()
        };
        let silent_port = silent.local_addr().unwrap().port();
        for (url, said) in [
            (format!("amqp://guest:hush@{host}/%2f"), "ACCESS_REFUSED"),
            (format!("amqp://{login}@{host}/nowhere"), "NOT_ALLOWED"),
            (format!("amqp://guest:hush@127.0.0.1:{free}/%2f"), "nothing listens"),
            (format!("amqp://guest:hush@127.0.0.1:{silent_port}/%2f"), "says nothing"),
            (format!("amqps://guest:hush@{host}/%2f"), "TLS"),
            ("amqp://guest:hush@no-such-host.invalid/%2f".to_owned(), "isn't known"),
        ] {
            let config = BusConfig::Rabbit { urls: vec![url.clone()], allow_plain: true, ca_file: None };
            let mut node = Node::start(&config, "shop", "madrid");
            let reason = node.until_down().await;
            assert!(reason.contains(said), "{said}: {reason}");
            let founding = claim_founding(&config, "shop", "n").await.unwrap_err().to_string();
            assert!(founding.contains(said), "{said}: {founding}");
            for text in [reason, founding, format!("{config:?}")] {
                assert!(!text.contains("hush"), "{text}");
            }
            node.close().await;
        }
    }

    #[tokio::test]
    async fn the_next_address_is_tried_where_one_does_not_answer() {
        let shared = support::rabbitmq::shared();
        let urls = vec!["amqp://guest:guest@127.0.0.1:1/%2f".to_owned(), shared];
        let config = BusConfig::Rabbit { urls, allow_plain: false, ca_file: None };
        let cluster = format!("t-{}", uuid::Uuid::now_v7());
        Node::up(&config, &cluster, "madrid").await.close().await;
    }

    #[tokio::test]
    async fn a_plain_address_of_another_machine_is_refused_at_once() {
        let config = rabbit("amqp://guest:hush@192.0.2.1/%2f");
        let Err(error @ BusError::Plain { .. }) = start(config.clone(), "madrid", "shop") else { panic!() };
        assert!(!error.to_string().contains("hush"), "{error}");
        assert!(matches!(claim_founding(&config, "shop", "n").await, Err(BusError::Plain { .. })));
    }
}

/// What only the spool can go through.
mod with_a_file {
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    use super::*;

    fn dir(bus: &Bus) -> &Path {
        let BusConfig::Spool { dir } = &bus.config else { panic!() };
        dir
    }

    #[tokio::test]
    async fn a_corrupt_file_is_replaced_and_the_nodes_go_on() {
        let bus = Bus::spool();
        bus.up("madrid").await.close().await;
        std::fs::write(dir(&bus).join("spool.db"), vec![b'?'; 8192]).unwrap();
        let mut madrid = bus.up("madrid").await;
        madrid.send(&["madrid"], "on a new file").await;
        assert_eq!(madrid.take().await.text, "on a new file");
    }

    #[tokio::test]
    async fn nodes_on_a_replaced_file_move_to_the_new_one() {
        let bus = Bus::spool();
        let mut madrid = bus.up("madrid").await;
        std::fs::remove_file(dir(&bus).join("spool.db")).unwrap();
        let mut sevilla = bus.up("sevilla").await;
        assert_eq!(madrid.until_up().await, 2);
        sevilla.send(&["madrid"], "here").await;
        assert_eq!(madrid.take().await.text, "here");
    }

    #[tokio::test]
    async fn only_the_owner_can_read_what_is_there() {
        let bus = Bus::spool();
        let madrid = bus.up("madrid").await;
        assert_eq!(std::fs::metadata(dir(&bus)).unwrap().mode() & 0o777, 0o700);
        let mut seen = 0;
        for entry in std::fs::read_dir(dir(&bus)).unwrap() {
            let entry = entry.unwrap();
            assert_eq!(entry.metadata().unwrap().mode() & 0o077, 0, "{:?}", entry.path());
            seen += 1;
        }
        assert!(seen >= 5, "database, its log, two locks, a socket");
        madrid.close().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn many_first_starts_at_once_all_succeed() {
        let bus = Bus::spool();
        let names: Vec<String> = (0..16).map(|n| format!("node-{n}")).collect();
        let starts = names.iter().map(|name| bus.up(name));
        let mut nodes = futures_util::future::join_all(starts).await;
        let everyone: Vec<&str> = names.iter().map(String::as_str).collect();
        let tag = nodes[0].send(&everyone, "welcome").await;
        assert_eq!(nodes[0].outcome(tag).await, Settled::Confirmed);
        for node in &mut nodes {
            assert_eq!(node.take().await.text, "welcome");
        }
    }

    #[tokio::test]
    async fn a_folder_too_deep_for_a_socket_still_works() {
        let home = TempDir::new().unwrap();
        let config = BusConfig::Spool { dir: home.path().join("d".repeat(120)).join("spool") };
        let mut madrid = Node::up(&config, "shop", "madrid").await;
        madrid.publish(Lane::Control, Recipients::Everyone, b"echo").await;
        assert_eq!(madrid.delivery().await.text, "echo");
        madrid.close().await;
    }

    #[tokio::test]
    async fn the_oldest_mail_goes_when_an_absent_nodes_inbox_is_full() {
        let bus = Bus::spool();
        bus.up("sevilla").await.close().await;
        let mut madrid = bus.up("madrid").await;
        let payload = |n: u32| format!("{n:08}{}", ".".repeat(256 * 1024));
        for n in 0..300 {
            let tag = madrid.publish(Lane::Inbox, named(&["sevilla"]), payload(n).as_bytes()).await;
            assert_eq!(madrid.outcome(tag).await, Settled::Confirmed);
        }
        let mut sevilla = bus.up("sevilla").await;
        let mut got = Vec::new();
        while got.last() != Some(&299) {
            got.push(sevilla.take().await.text[..8].parse().unwrap());
        }
        assert!(got.windows(2).all(|pair| pair[0] + 1 == pair[1]), "the newest, without a hole");
        assert!((200..256).contains(&got.len()), "{}", got.len());
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_used_is_named() {
        let home = TempDir::new().unwrap();
        let file = home.path().join("file");
        std::fs::write(&file, "").unwrap();
        let config = BusConfig::Spool { dir: file.join("spool") };
        let reason = Node::start(&config, "shop", "madrid").until_down().await;
        assert!(reason.contains(file.to_str().unwrap()), "{reason}");
        assert!(claim_founding(&config, "shop", "n").await.is_err());
    }
}

#[tokio::test]
async fn names_that_no_bus_can_carry_are_refused_at_once() {
    let config = BusConfig::Spool { dir: PathBuf::from("/nowhere") };
    for name in ["", "Madrid", "ma drid", "ma.drid", "ma/drid", "niño", &"m".repeat(64)] {
        assert!(
            matches!(start(config.clone(), name, "shop"), Err(BusError::Name { what: "node", .. })),
            "{name}"
        );
        assert!(
            matches!(start(config.clone(), "madrid", name), Err(BusError::Name { what: "cluster", .. })),
            "{name}"
        );
        assert!(claim_founding(&config, name, "n").await.is_err());
    }
}
