//! One contract for both buses: what a node may rest on, whichever adapter is behind the port.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::path::PathBuf;

use rubentario::bus::{
    BusCommand, BusConfig, BusError, BusEvent, Founding, INBOX_PAYLOAD_MAX, Lane, Recipients, Settled, claim_founding,
    start,
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
        .map(|_| {
            let (config, cluster) = (bus.config.clone(), bus.cluster.clone());
            tokio::spawn(async move { claim_founding(&config, &cluster).await.unwrap() })
        })
        .collect();
    let mut created = 0;
    for claim in claims {
        created += usize::from(claim.await.unwrap() == Founding::Created);
    }
    assert_eq!(created, 1);
    assert_eq!(claim_founding(&bus.config, &bus.cluster).await.unwrap(), Founding::AlreadyThere);
    let other = format!("{}-b", bus.cluster);
    assert_eq!(claim_founding(&bus.config, &other).await.unwrap(), Founding::Created);
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
    assert_eq!(sevilla.take().await.text, "end");
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

#[tokio::test]
async fn names_that_no_bus_can_carry_are_refused_at_once() {
    let config = BusConfig::Spool { dir: PathBuf::from("/nowhere") };
    for name in ["", "Madrid", "ma drid", "ma.drid", "ma/drid", "niño", &"m".repeat(64)] {
        assert!(matches!(start(config.clone(), name, "shop"), Err(BusError::Name { what: "node", .. })), "{name}");
        assert!(matches!(start(config.clone(), "madrid", name), Err(BusError::Name { what: "cluster", .. })), "{name}");
        assert!(claim_founding(&config, name).await.is_err());
    }
}
