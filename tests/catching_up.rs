//! A warehouse that lacks much, on cores in memory: how far it has come can be read off its core.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "simulation/disk.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod disk;
#[path = "support/net.rs"]
mod net;

use net::{Net, id, product, receipt};
use rubentario::ledger::act::Act;
use rubentario::ledger::{Hash, Head};
use rubentario::protocol::{Input, Message};

/// Entries of madrid's ledger at sevilla, and how many there are as far as it knows.
fn come(net: &Net) -> (u64, u64) {
    let core = net.core("sevilla");
    let known = core.ledgers().into_iter().find(|ledger| ledger.origin == id("madrid"));
    (core.book().head(&id("madrid")).seq, known.map_or(0, |ledger| ledger.known))
}

fn madrid_works(net: &mut Net, receipts: u64) -> u64 {
    for _ in 0..receipts {
        net.records("madrid", receipt(1));
    }
    net.core("madrid").head().seq
}

#[test]
fn whoever_was_away_knows_how_much_is_missing_before_it_has_come() {
    let mut net = Net::of(&["madrid", "sevilla"], true);
    net.records("madrid", product());
    net.run(2_000);
    let before = net.core("madrid").head().seq;
    net.stop("sevilla");
    let all = madrid_works(&mut net, 130);
    net.start("sevilla");
    let mut seen = vec![come(&net)];
    while come(&net).0 < all {
        net.run(50);
        seen.push(come(&net));
    }
    assert_eq!(seen.first(), Some(&(before, before)), "nobody has told yet");
    assert!(seen.contains(&(before, all)), "{seen:?}");
    assert!(seen.iter().any(|(entries, of)| *entries > before && entries < of), "{seen:?}");
    assert_eq!(seen.last(), Some(&(all, all)));
}

#[test]
fn what_strangers_tell_of_and_what_was_set_apart_is_not_waited_for() {
    let mut net = Net::of(&["madrid", "sevilla"], false);
    net.records("madrid", Act::AdmitWarehouse { warehouse: id("sevilla"), replace_key: false });
    net.records("madrid", product());
    net.run(2_000);
    let all = net.core("madrid").head().seq;
    net.add("lugo", 9, true);
    net.stop("madrid");
    net.run(1_000);
    let head = Head { incarnation: 1, seq: all + 500, hash: Hash::of(b"never written") };
    net.input(
        "sevilla",
        Input::Message {
            from: id("lugo"),
            key: net.core("lugo").public_key(),
            incarnation: 1,
            nonce: net.nodes[&id("lugo")].nonce,
            counter: 1_000,
            hlc: 0,
            message: Message::Heads { heads: [(id("madrid"), head)].into(), forks: [].into() },
            delivery: None,
        },
    );
    net.run(200);
    assert_eq!(come(&net), (all, all), "a stranger's word");
    let why = String::from("two histories");
    net.input("sevilla", Input::Quarantine { origin: id("madrid"), why });
    net.run(1_000);
    assert!(net.core("sevilla").ledgers().iter().all(|ledger| ledger.origin != id("madrid")));
}

#[test]
fn who_lost_its_disk_knows_how_many_have_answered_and_how_much_they_hold() {
    let mut net = Net::of(&["madrid", "sevilla", "valencia"], true);
    net.records("madrid", product());
    let all = madrid_works(&mut net, 130);
    net.run(2_000);
    net.stop("valencia");
    net.lose_disk("madrid", 1);
    assert_eq!(net.core("madrid").recovery_status(), None);
    net.run(15_000);
    let waits = net.core("madrid").recovery_status().expect("valencia has not answered");
    assert_eq!((waits.asked, waits.answered, waits.held), (2, 1, all));
    net.start("valencia");
    net.run(15_000);
    assert_eq!(net.core("madrid").recovery_status(), None);
    assert_eq!(net.core("madrid").head().seq, all + 1, "and it goes on");
}
