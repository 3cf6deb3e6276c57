//! Who belongs, on cores in memory: admitted, retired, given up, with a new key; forged and replayed words; clusters that
//! meet. Messages arrive at once, in order, at whoever is up; the simulation is for the rest.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "simulation/disk.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod disk;
#[path = "support/net.rs"]
mod net;

use ed25519_dalek::SigningKey;
use net::{Net, goods, id, product, public, receipt, sku};
use rubentario::domain::{Lot, Operator, Quantity, Refusal, WarehouseId};
use rubentario::ledger::act::{Act, Outcome, Request};
use rubentario::ledger::roster::{Ballot, Change};
use rubentario::ledger::{Body, Head, StoredEntry};
use rubentario::protocol::core::Standing;
use rubentario::protocol::message::Voting;
use rubentario::protocol::roster::Say;
use rubentario::protocol::{Input, Message, Now, seal};
use uuid::Uuid;

fn admit(name: &str, replace_key: bool) -> Act {
    Act::AdmitWarehouse { warehouse: id(name), replace_key }
}

fn retire(name: &str, force: bool) -> Act {
    Act::RetireWarehouse { warehouse: id(name), force }
}

#[test]
fn three_come_together_by_themselves_and_all_have_one_roster() {
    let net = Net::of(&["madrid", "sevilla", "valencia"], true);
    for name in ["madrid", "sevilla", "valencia"] {
        assert_eq!(net.members(name), ["madrid", "sevilla", "valencia"], "{name}");
        assert_eq!(net.core(name).roster_version(), 3);
        assert!(net.core(name).may_append(), "{name}");
    }
}

#[test]
fn who_is_not_admitted_waits_is_seen_and_writes_nothing() {
    let mut net = Net::of(&["madrid", "sevilla"], false);
    assert_eq!(net.members("madrid"), ["madrid"]);
    assert_eq!(net.core("madrid").standing(&id("sevilla")), Standing::Candidate);
    assert!(matches!(net.refuses("sevilla", product()), Refusal::NotJoined));
    assert!(matches!(net.refuses("madrid", admit("vigo", false)), Refusal::NobodyWaits { .. }));
    net.records("madrid", admit("sevilla", false));
    net.run(5_000);
    assert_eq!(net.members("sevilla"), ["madrid", "sevilla"]);
    net.records("sevilla", product());
    assert!(matches!(net.refuses("madrid", admit("sevilla", false)), Refusal::MemberAlready { .. }));
}

#[test]
fn a_warehouse_with_goods_does_not_leave_an_empty_one_does_and_writes_nothing_more() {
    let mut net = Net::of(&["madrid", "sevilla", "valencia"], true);
    net.records("sevilla", product());
    net.records("sevilla", receipt(5));
    let refusal = net.refuses("madrid", retire("sevilla", false));
    assert!(matches!(refusal, Refusal::NotEmpty { lots: 1, transfers: 0, .. }), "{refusal:?}");
    net.records("sevilla", Act::Issue { lines: goods(5), reference: String::new(), allow_expired: false });
    net.records("madrid", retire("sevilla", false));
    net.run(15_000);
    for name in ["madrid", "sevilla", "valencia"] {
        assert_eq!(net.members(name), ["madrid", "valencia"], "{name}");
    }
    assert!(matches!(net.refuses("sevilla", receipt(1)), Refusal::WarehouseRetired { .. }));
    let head = net.core("sevilla").head();
    let former = net.core("madrid").roster().unwrap().former[&id("sevilla")].clone();
    assert_eq!(
        (former.last, former.given_up),
        (head, false),
        "its last entry is the one that the decree names"
    );
    let refusal =
        net.refuses("madrid", Act::Send { to: id("sevilla"), lines: goods(1), reference: String::new() });
    assert!(matches!(refusal, Refusal::WarehouseRetired { .. }));
}

#[test]
fn a_dead_warehouse_is_given_up_and_its_source_books_back_what_it_never_answered() {
    let mut net = Net::of(&["madrid", "sevilla", "valencia"], true);
    net.records("madrid", product());
    net.records("madrid", receipt(9));
    let sent = Act::Send { to: id("sevilla"), lines: goods(4), reference: String::new() };
    let Outcome::Recorded { entries } = net.does("madrid", sent) else { panic!("not sent") };
    net.run(2_000);
    net.stop("sevilla");
    assert!(matches!(net.refuses("madrid", retire("sevilla", false)), Refusal::NoAnswer { .. }));
    let back = Act::TakeBack { transfer: entries[0].clone(), lines: Vec::new() };
    assert!(matches!(net.refuses("madrid", back.clone()), Refusal::WrongState { .. }));
    net.records("madrid", retire("sevilla", true));
    net.run(3_000);
    assert_eq!(net.core("valencia").standing(&id("sevilla")), Standing::GivenUp);
    net.records("madrid", back);
    net.run(2_000);
    for name in ["madrid", "valencia"] {
        assert_eq!(net.core(name).book().network_total(&sku(), &Lot::none()), Quantity::units(9).unwrap());
        assert_eq!(net.core(name).roster_status().split, None);
    }
}

#[test]
fn what_a_dead_warehouse_had_asked_for_is_claimed_by_nobody_and_declined_by_its_source() {
    let mut net = Net::of(&["madrid", "sevilla", "valencia"], true);
    net.records("sevilla", product());
    net.records("sevilla", receipt(5));
    net.run(2_000);
    let ask = || Act::RequestTransfer {
        from: id("sevilla"),
        lines: goods(4),
        reference: String::new(),
        unlocked: false,
        judged: Vec::new(),
    };
    let Outcome::Recorded { entries } = net.does("valencia", ask()) else { panic!("not asked") };
    net.run(2_000);
    assert!(matches!(net.refuses("madrid", ask()), Refusal::Claimed { .. }), "valencia's claim counts");
    net.stop("valencia");
    // The source is away as well when valencia is given up: its own entry comes later, the claim ends at once.
    net.stop("sevilla");
    net.records("madrid", retire("valencia", true));
    let asked =
        |net: &Net, name: &str| net.core(name).book().transfer(&entries[0]).unwrap().is_open_request();
    assert!(asked(&net, "madrid"));
    assert!(!matches!(net.does("madrid", ask()), Outcome::Refused { refusal: Refusal::Claimed { .. } }));
    net.start("sevilla");
    net.run(20_000);
    for name in ["madrid", "sevilla"] {
        assert!(!asked(&net, name), "{name}");
    }
    net.records("madrid", ask());
    net.run(2_000);
    assert_eq!(net.core("madrid").book().cut(), net.core("sevilla").book().cut());
}

#[test]
fn of_two_one_alone_decides_nothing_but_can_give_the_other_up() {
    let mut net = Net::of(&["madrid", "sevilla"], false);
    net.records("madrid", admit("sevilla", false));
    net.add("vigo", 8, false);
    net.run(12_000);
    net.stop("sevilla");
    let refusal = net.refuses("madrid", admit("vigo", false));
    assert!(matches!(refusal, Refusal::NoQuorum { answered: 1, needed: 2 }), "{refusal:?}");
    net.records("madrid", product());
    net.records("madrid", retire("sevilla", true));
    assert_eq!(net.members("madrid"), ["madrid"]);
    net.run(12_000);
    net.records("madrid", admit("vigo", false));
}

#[test]
fn a_warehouse_that_lost_disk_and_key_goes_on_under_its_name_by_an_operators_act() {
    for others in [&["madrid", "sevilla", "valencia"][..], &["madrid", "sevilla"]] {
        let mut net = Net::of(others, true);
        net.records("sevilla", product());
        net.records("sevilla", receipt(7));
        net.run(2_000);
        net.lose_disk("sevilla", 77);
        net.run(8_000);
        assert_eq!(net.core("madrid").standing(&id("sevilla")), Standing::OtherKey);
        assert!(
            matches!(net.refuses("sevilla", receipt(1)), Refusal::NewKey { .. }),
            "nothing before its key counts"
        );
        assert!(net.core("sevilla").roster_status().new_key);
        assert!(matches!(net.refuses("madrid", admit("sevilla", false)), Refusal::OtherKey { .. }));
        net.records("madrid", admit("sevilla", true));
        net.run(30_000);
        net.records("sevilla", receipt(1));
        net.run(3_000);
        for name in others {
            let total = net.core(name).book().network_total(&sku(), &Lot::none());
            assert_eq!(total, Quantity::units(8).unwrap(), "{name} of {others:?}");
            assert_eq!(net.core(name).standing(&id("sevilla")), Standing::Member, "{name}");
        }
        // It votes again: somebody else can come.
        net.add("vigo", 9, true);
        net.run(30_000);
        assert!(net.members("sevilla").contains(&"vigo".to_owned()), "of {others:?}");
    }
}

#[test]
fn forged_and_replayed_words_are_dropped_counted_and_change_nothing() {
    let mut net = Net::of(&["madrid", "sevilla", "valencia"], true);
    let roster = net.core("madrid").roster().unwrap().clone();
    let ballot = Ballot { n: 99, node: id("sevilla") };
    let change = Change::Retired { member: id("valencia"), last: Head::EMPTY };
    let say = Say::Accept { ballot, change };
    let (about, held, acceptance) = (None, None, None);
    let voting =
        Voting { matter: roster.next(), say, about, is_lost: false, held, settled: true, acceptance };
    let core = net.core("madrid");
    let (nonce, incarnation) = (net.nodes[&id("sevilla")].nonce, net.core("sevilla").incarnation());
    let before = core.refusals().of_messages();
    let intruder = SigningKey::from_bytes(&[66; 32]);
    let forged = Input::Message {
        from: id("sevilla"),
        key: public(&intruder),
        incarnation,
        nonce,
        counter: u64::MAX,
        hlc: 0,
        message: Message::Voting(voting),
        delivery: None,
    };
    net.input("madrid", forged);
    net.run(50);
    assert_eq!(net.core("madrid").refusals().of_messages(), before + 1, "a forged vote");
    assert!(!net.core("madrid").accepted_for_next());
    let heads = |(_, wire): &&(WarehouseId, Input)| matches!(wire, Input::Message { from, message: Message::Heads { .. }, .. } if *from == id("sevilla"));
    let replayed = net.wires.iter().rev().find(heads).unwrap().1.clone();
    net.input("madrid", replayed);
    net.run(50);
    assert_eq!(net.core("madrid").refusals().of_messages(), before + 2, "a replay");
    assert_eq!(net.core("madrid").roster(), Some(&roster));
    assert_eq!(net.members("sevilla").len(), 3);
    net.records("sevilla", product());
}

#[test]
fn a_message_under_the_own_name_stops_a_node_only_if_its_own_key_signed_it() {
    let mut net = Net::of(&["madrid", "sevilla"], true);
    let incarnation = net.core("madrid").incarnation();
    let beat = |key: &SigningKey| Input::Message {
        from: id("madrid"),
        key: public(key),
        incarnation: incarnation + 9,
        nonce: Uuid::from_u128(66),
        counter: 1,
        hlc: 0,
        message: Message::Beat { ping: None },
        delivery: None,
    };
    let before = net.core("madrid").refusals().of_messages();
    net.input("madrid", beat(&SigningKey::from_bytes(&[66; 32])));
    net.run(50);
    assert_eq!(net.core("madrid").stopped(), None);
    assert_eq!(net.core("madrid").refusals().of_messages(), before + 1);
    net.records("madrid", product());
    let own = net.nodes[&id("madrid")].key.clone();
    net.input("madrid", beat(&own));
    net.run(50);
    assert!(net.core("madrid").stopped().is_some(), "another process with the same data");
}

#[test]
fn of_two_that_each_founded_a_cluster_the_later_joins_the_other_with_its_ledger() {
    let mut net = Net::default();
    net.add("madrid", 1, true);
    net.input("madrid", Input::Founded);
    net.run(500);
    net.records("madrid", product());
    net.stop("madrid");
    net.add("sevilla", 2, true);
    net.input("sevilla", Input::Founded);
    net.run(500);
    net.records("sevilla", product());
    net.records("sevilla", receipt(3));
    net.start("madrid");
    net.run(20_000);
    for name in ["madrid", "sevilla"] {
        assert_eq!(net.members(name), ["madrid", "sevilla"], "{name}");
        let founder = &net.core(name).roster().unwrap().founded.1;
        assert_eq!(*founder, id("madrid"), "the earlier founding counts");
        assert_eq!(net.core(name).book().network_total(&sku(), &Lot::none()), Quantity::units(3).unwrap());
    }
    let kinds = |b: &Body| b.kind() == "roster_changed";
    let foundings = net.nodes[&id("madrid")].disk.entries.values().filter(|e| kinds(&e.entry.body)).count();
    assert_eq!(foundings, 3, "two foundings and one admission");
}

#[test]
fn two_clusters_that_have_grown_never_merge_and_say_so() {
    let mut net = Net::of(&["madrid", "sevilla"], true);
    net.stop("madrid");
    net.stop("sevilla");
    net.add("vigo", 3, true);
    net.input("vigo", Input::Founded);
    net.add("bilbao", 4, true);
    net.run(20_000);
    assert_eq!(net.members("bilbao"), ["bilbao", "vigo"]);
    net.start("madrid");
    net.start("sevilla");
    net.run(20_000);
    assert_eq!(net.members("madrid"), ["madrid", "sevilla"]);
    assert_eq!(net.members("vigo"), ["bilbao", "vigo"]);
    assert!(net.core("madrid").roster_status().other_cluster.is_some());
    assert!(net.core("vigo").roster_status().other_cluster.is_some());
}

#[test]
fn giving_up_does_not_wait_for_who_promised_and_lost_its_disk_before_it_accepted() {
    let mut net = Net::of(&["madrid", "sevilla", "valencia", "bilbao"], true);
    net.run(30_000);
    net.stop("valencia");
    net.asked += 1;
    let asked = Uuid::from_u128(net.asked);
    let request =
        Request { id: asked, operator: Operator::new("ana").unwrap(), act: retire("valencia", true) };
    net.input("madrid", Input::Request { request, known: Vec::new(), target: None });
    while !net.core("madrid").accepted_for_next() {
        net.run(50);
        assert_eq!(net.answers.get(&asked), None);
    }
    assert!(!net.core("bilbao").accepted_for_next(), "it has only promised");
    net.lose_disk("bilbao", 9);
    net.run(30_000);
    let outcome = net.answers.remove(&asked);
    assert!(matches!(outcome, Some(Outcome::Recorded { .. })), "{outcome:?}");
    assert_eq!(net.members("madrid"), ["bilbao", "madrid", "sevilla"]);
    net.records("madrid", admit("bilbao", true));
}

#[test]
fn a_recovery_goes_on_after_a_restart_though_no_key_that_is_known_by_then_is_still_in_use() {
    let mut net = Net::of(&["madrid", "sevilla", "valencia", "bilbao"], false);
    // All later versions, that of madrid's new key among them, stand in sevilla's own ledger.
    for (at, name) in [("madrid", "sevilla"), ("sevilla", "valencia"), ("sevilla", "bilbao")] {
        net.records(at, admit(name, false));
        net.run(11_000);
    }
    net.lose_disk("madrid", 8);
    net.run(30_000);
    net.records("sevilla", admit("madrid", true));
    net.run(11_000);
    net.records("madrid", product());
    net.run(11_000);
    net.lose_disk("sevilla", 9);
    while net.core("sevilla").roster().is_none() {
        net.run(50);
    }
    assert_eq!(net.core("sevilla").head(), Head::EMPTY, "nothing of its own ledger has come yet");
    net.stop("sevilla");
    net.start("sevilla");
    net.run(60_000);
    net.records("madrid", admit("sevilla", true));
    net.run(30_000);
    assert!(net.core("sevilla").may_append());
    assert_eq!(net.core("sevilla").book().cut(), net.core("madrid").book().cut());
}

#[test]
fn a_snapshot_is_complete_though_a_warehouse_has_left_and_what_it_sent_is_in_it() {
    let mut net = Net::of(&["madrid", "sevilla", "valencia"], true);
    net.records("valencia", product());
    net.records("valencia", receipt(5));
    let send = Act::Send { to: id("sevilla"), lines: goods(5), reference: String::new() };
    let Outcome::Recorded { entries } = net.does("valencia", send) else { panic!("not sent") };
    net.run(2_000);
    net.records("sevilla", Act::TakeIn { transfer: entries[0].clone(), lines: Vec::new() });
    net.run(12_000);
    net.records("madrid", retire("valencia", false));
    net.run(12_000);
    net.stop("valencia");
    // Whoever was away meanwhile learns of the leaving and of the snapshot at once.
    net.stop("sevilla");
    net.records("madrid", Act::TakeSnapshot);
    net.start("sevilla");
    net.run(30_000);
    for name in ["madrid", "sevilla"] {
        let snapshot = net.core(name).snapshots().all().next().expect("it was taken").clone();
        let closed = snapshot.closed.as_ref().expect("it is closed");
        assert_eq!(closed.missing, [], "{name}");
        assert_eq!(closed.cut.get(&id("valencia")), Some(&net.core(name).book().head(&id("valencia"))));
        let parts = &net.nodes[&id(name)].disk.parts;
        let kept = parts.get(&(snapshot.id.clone(), id("valencia"))).expect("its part is kept");
        assert_eq!(rubentario::ledger::Hash::of(kept), snapshot.markers[&id("valencia")].computed, "{name}");
    }
}

#[test]
fn who_loses_its_store_while_it_leaves_learns_of_it_before_it_writes_again() {
    let mut net = Net::of(&["madrid", "sevilla", "valencia", "bilbao"], true);
    net.records("valencia", product());
    net.run(30_000);
    net.asked += 1;
    let operator = Operator::new("ana").unwrap();
    let request = Request { id: Uuid::from_u128(net.asked), operator, act: retire("valencia", false) };
    net.input("valencia", Input::Request { request, known: Vec::new(), target: None });
    while !net.core("valencia").accepted_for_next() {
        net.run(50);
    }
    // Of the others only one hears what is put forward.
    for name in ["sevilla", "valencia", "bilbao"] {
        net.stop(name);
    }
    net.run(100);
    assert!(net.core("madrid").accepted_for_next());
    net.nodes.get_mut(&id("valencia")).unwrap().disk = disk::Disk::default();
    net.without_entries = Some(id("valencia"));
    for name in ["sevilla", "valencia", "bilbao"] {
        net.start(name);
    }
    // All tell their votes before valencia knows anybody's key; and whoever accepted is gone by then.
    let all_told = |net: &Net| net.core("valencia").recovering() == Some(Vec::new());
    while !all_told(&net) {
        net.run(50);
    }
    net.stop("madrid");
    assert_eq!(net.core("valencia").roster(), None);
    net.without_entries = None;
    net.run(30_000);
    net.start("madrid");
    net.run(60_000);
    for name in ["madrid", "sevilla", "valencia", "bilbao"] {
        assert_eq!(net.members(name), ["bilbao", "madrid", "sevilla"], "{name}");
    }
    assert_eq!(net.core("valencia").head().seq, 1, "it wrote nothing behind its end");
    net.add("vigo", 9, true);
    net.run(30_000);
    assert!(net.members("sevilla").contains(&"vigo".to_owned()), "others can still come");
}

#[test]
fn who_was_retired_before_it_wrote_anything_comes_back_on_an_empty_disk_as_one_that_left() {
    let mut net = Net::of(&["madrid", "sevilla", "valencia"], true);
    net.records("madrid", retire("valencia", false));
    net.run(15_000);
    assert_eq!(net.core("valencia").head(), Head::EMPTY);
    net.lose_disk("valencia", 9);
    net.run(30_000);
    let valencia = net.core("valencia");
    assert!(valencia.joined() && valencia.recovering().is_none(), "it belonged, and nothing is to come back");
    assert!(matches!(net.refuses("valencia", product()), Refusal::WarehouseRetired { .. }));
}

#[test]
fn a_recovery_ends_by_the_word_of_members_and_not_of_those_who_wait_to_be_let_in() {
    let mut net = Net::of(&["madrid", "sevilla"], false);
    net.add("vigo", 9, false);
    net.run(3_000);
    net.stop("vigo");
    // vigo knows the founding; sevilla, whom madrid lets in, has all that comes after.
    net.records("madrid", admit("sevilla", false));
    net.records("madrid", product());
    net.run(5_000);
    net.stop("sevilla");
    net.stop("madrid");
    net.nodes.get_mut(&id("madrid")).unwrap().disk = disk::Disk::default();
    net.start("vigo");
    net.start("madrid");
    net.run(30_000);
    let madrid = net.core("madrid");
    assert_eq!((madrid.head().seq, madrid.recovering()), (1, Some(Vec::new())), "sevilla is not heard yet");
    net.start("sevilla");
    net.run(30_000);
    assert!(net.core("madrid").may_append());
    let cut = net.core("sevilla").book().cut();
    assert_eq!(net.core("madrid").book().cut(), cut);
    assert!(net.core("sevilla").book().heads().values().all(|part| part.quarantine.is_none()));
}

#[test]
fn whoever_a_member_agreed_to_admit_is_asked_in_a_recovery_though_no_roster_here_names_it() {
    let mut net = Net::of(&["madrid", "sevilla", "soria", "vigo"], true);
    net.run(30_000);
    let accepted =
        |net: &Net| net.core("sevilla").accepted_for_next() && net.core("soria").accepted_for_next();
    net.stop("vigo");
    net.add("zamora", 9, true);
    while !accepted(&net) {
        net.run(50);
    }
    for name in ["sevilla", "soria"] {
        net.stop(name);
    }
    net.run(2_000);
    assert!(
        net.members("zamora").contains(&"zamora".to_owned()),
        "only madrid and zamora know that it belongs"
    );
    net.records("madrid", product());
    net.run(2_000);
    for name in ["madrid", "zamora"] {
        net.stop(name);
    }
    net.nodes.get_mut(&id("madrid")).unwrap().disk = disk::Disk::default();
    for name in ["madrid", "sevilla", "soria", "vigo"] {
        net.start(name);
    }
    let silent = |net: &Net| net.core("madrid").recovering().unwrap();
    let of_four = |who: &WarehouseId| *who != id("zamora");
    while net.core("madrid").recovering().is_none() || silent(&net).iter().any(of_four) {
        net.run(50);
    }
    // They answered, and can't see the change through before madrid has its ledger as far as they have it.
    for name in ["sevilla", "soria"] {
        net.stop(name);
    }
    net.run(15_000);
    assert_eq!(silent(&net), [id("zamora")]);
    net.start("zamora");
    net.run(30_000);
    assert!(net.core("madrid").may_append());
    assert!(net.core("zamora").book().heads().values().all(|part| part.quarantine.is_none()));
}

#[test]
fn a_request_that_comes_back_with_the_own_ledger_is_not_written_again_after_a_lookup_of_before() {
    let mut net = Net::of(&["madrid", "sevilla"], true);
    net.records("sevilla", product());
    let operator = Operator::new("ana").unwrap();
    let request = Request { id: Uuid::from_u128(777), operator, act: receipt(5) };
    net.input("sevilla", Input::Request { request: request.clone(), known: Vec::new(), target: None });
    net.run(5_000);
    net.stop("sevilla");
    net.nodes.get_mut(&id("sevilla")).unwrap().disk = disk::Disk::default();
    // What is missing comes when all have answered, so that the recovery ends with it.
    net.without_entries = Some(id("sevilla"));
    net.start("sevilla");
    net.run(6_000);
    net.without_entries = None;
    for _ in 0..400 {
        // Looked up before what the next turn writes is committed, and stepped before that is told.
        let known = net.nodes[&id("sevilla")].disk.command(&id("sevilla"), request.id);
        net.run(50);
        let asked = Input::Request { request: request.clone(), known, target: None };
        net.nodes.get_mut(&id("sevilla")).unwrap().inputs.insert(0, asked);
    }
    assert!(net.core("sevilla").may_append());
    assert!(matches!(net.answers[&request.id], Outcome::Recorded { .. }));
    let total = net.core("madrid").book().network_total(&sku(), &Lot::none());
    assert_eq!(total, Quantity::units(5).unwrap(), "it came once");
}

/// Sevilla's key proves another entry in the place of her last; whose ledger it is may not know it.
fn fork_of_sevilla(net: &mut Net) {
    let (sevilla, key) = (id("sevilla"), net.nodes[&id("sevilla")].key.clone());
    let mut entry = (*net.nodes[&sevilla].disk.ledger(&sevilla, 1).last().unwrap().entry).clone();
    entry.body = Body::AlertAcknowledged { alert: "in another process".into() };
    let other = StoredEntry::write(entry).unwrap();
    let seal = seal::sign(&key, "acme", &sevilla, other.entry.seq, other.hash);
    for to in ["madrid", "valencia"] {
        net.counter += 1;
        let input = Input::Message {
            from: sevilla.clone(),
            key: public(&key),
            incarnation: 1,
            nonce: Uuid::from_u128(77),
            counter: net.counter,
            hlc: 0,
            message: net::entries(&sevilla, public(&key), std::slice::from_ref(&other), vec![seal.clone()]),
            delivery: None,
        };
        net.input(to, input);
    }
}

#[test]
fn whose_ledger_is_set_apart_learns_of_it_at_once_and_an_operators_act_has_it_followed_again() {
    let mut net = Net::of(&["madrid", "sevilla", "valencia"], true);
    net.records("sevilla", product());
    net.records("sevilla", receipt(5));
    net.run(2_000);
    let accepted = net.core("sevilla").head();
    fork_of_sevilla(&mut net);
    net.run(1_000);
    for name in ["madrid", "valencia"] {
        let of_sevilla = net.core(name).peers(Now::default()).into_iter().find(|p| p.id == id("sevilla"));
        assert!(of_sevilla.unwrap().quarantine.is_some(), "{name}");
    }
    let stopped = net.core("sevilla").stopped().map(str::to_owned);
    assert_eq!(
        stopped,
        Some(format!("madrid holds another history of this warehouse at entry {}", accepted.seq))
    );
    assert!(matches!(net.refuses("sevilla", receipt(1)), Refusal::Stopped { .. }));
    // A start anew brings nothing: it is told again, before long.
    net.stop("sevilla");
    net.start("sevilla");
    net.run(9_000);
    assert!(matches!(net.refuses("sevilla", receipt(1)), Refusal::Stopped { .. }));

    net.records("madrid", admit("sevilla", false));
    net.run(1_000);
    let ended = |decree: &rubentario::ledger::book::Decree| {
        decree.change == Change::QuarantineEnded { member: id("sevilla"), at: accepted }
    };
    assert!(net.core("valencia").book().rosters().decrees().any(ended), "it names the history that counts");
    assert!(!net.core("madrid").book().is_quarantined(&id("sevilla")));
    net.stop("sevilla");
    net.start("sevilla");
    net.run(2_000);
    net.records("sevilla", receipt(2));
    net.run(2_000);
    let cut = net.core("sevilla").book().cut();
    for name in ["madrid", "valencia"] {
        let book = net.core(name).book();
        assert_eq!((book.cut(), book.is_quarantined(&id("sevilla"))), (cut.clone(), false), "{name}");
        assert_eq!(book.network_total(&sku(), &Lot::none()), Quantity::units(7).unwrap());
    }
}

#[test]
fn a_roster_of_a_future_version_as_an_entry_sets_its_ledger_apart_and_changes_no_roster() {
    let mut net = Net::of(&["madrid", "sevilla", "valencia"], true);
    net.records("valencia", product());
    net.run(2_000);
    let (valencia, key) = (id("valencia"), net.nodes[&id("valencia")].key.clone());
    let before = net.core("madrid").book().head(&valencia);
    let roster = net.core("madrid").roster().unwrap().clone();
    let change =
        Change::GivenUp { member: id("sevilla"), last: net.core("madrid").book().head(&id("sevilla")) };
    let mut entry = (*net.nodes[&valencia].disk.ledger(&valencia, 1).last().unwrap().entry).clone();
    entry.seq = before.seq + 1;
    entry.prev_hash = before.hash;
    let (founding, acceptances) = (Some(roster.founding), Vec::new());
    entry.body =
        Body::RosterChanged { version: roster.version + 7, founding, change, ballot: None, acceptances };
    let forged = StoredEntry::write(entry).unwrap();
    let seal = seal::sign(&key, "acme", &valencia, forged.entry.seq, forged.hash);
    net.counter += 1;
    let input = Input::Message {
        from: valencia.clone(),
        key: public(&key),
        incarnation: 1,
        nonce: net.nodes[&valencia].nonce,
        counter: net.counter,
        hlc: 0,
        message: net::entries(&valencia, public(&key), &[forged], vec![seal]),
        delivery: None,
    };
    net.input("madrid", input);
    net.run(500);
    let core = net.core("madrid");
    assert_eq!((core.roster(), core.book().head(&valencia)), (Some(&roster), before));
    let why = core.book().heads()[&valencia].quarantine.clone().unwrap();
    assert!(
        why.contains(&(roster.version + 7).to_string()) && why.contains("the version before it is not known"),
        "{why}"
    );
}
