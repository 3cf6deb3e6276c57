#![allow(clippy::unwrap_used, reason = "tests")]
use ed25519_dalek::SigningKey;

use super::*;

fn id(name: &str) -> WarehouseId {
    WarehouseId::new(name).unwrap()
}

fn secret(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

fn public(n: u8) -> PublicKey {
    PublicKey(secret(n).verifying_key().to_bytes())
}

fn entry(seq: u64) -> EntryRef {
    EntryRef { origin: id("madrid"), seq, hash: Hash::of(&seq.to_be_bytes()) }
}

fn head(seq: u64) -> Head {
    Head { incarnation: 1, seq, hash: Hash::of(b"head") }
}

fn admitted(name: &str, n: u8) -> Change {
    Change::Admitted { member: id(name), key: public(n) }
}

fn three() -> Roster {
    let one = Roster::founding(id("madrid"), public(1), 7, entry(1));
    let two = one.after(&admitted("sevilla", 2), entry(2)).unwrap();
    two.after(&admitted("valencia", 3), entry(3)).unwrap()
}

#[test]
fn a_version_follows_by_one_change() {
    let three = three();
    assert_eq!((three.version, three.members.len(), three.majority()), (3, 3, 2));
    let retired = Change::Retired { member: id("sevilla"), last: head(9) };
    let two = three.after(&retired, entry(4)).unwrap();
    assert!(!two.has(&id("sevilla")) && !two.former[&id("sevilla")].given_up);
    assert_eq!(two.key_at(&id("sevilla"), 9), Some(public(2)), "what it wrote stays proven");
    assert_eq!(two.judge(&admitted("sevilla", 2)), Err(Unfit::Former));
}

#[test]
fn what_can_not_follow_is_refused_with_the_reason() {
    let three = three();
    let of = |member: &str| id(member);
    for (change, why) in [
        (Change::Founded { founder: of("bilbao"), key: public(9) }, Unfit::FoundedAlready),
        (admitted("sevilla", 9), Unfit::MemberAlready),
        (Change::GivenUp { member: of("bilbao"), last: head(1) }, Unfit::NotMember),
        (Change::KeyReplaced { member: of("sevilla"), key: public(2), from_seq: 4 }, Unfit::SameKey),
        (Change::QuarantineEnded { member: of("vigo"), at: head(1) }, Unfit::NotMember),
    ] {
        assert_eq!(three.judge(&change), Err(why), "{change:?}");
        assert_eq!(three.after(&change, entry(4)), None);
    }
    let one = Roster::founding(id("madrid"), public(1), 7, entry(1));
    assert_eq!(one.judge(&Change::Retired { member: of("madrid"), last: head(1) }), Err(Unfit::LastOne));
}

#[test]
fn a_replaced_key_proves_what_comes_after_and_the_old_one_what_came_before() {
    let change = Change::KeyReplaced { member: id("sevilla"), key: public(9), from_seq: 5 };
    let next = three().after(&change, entry(4)).unwrap();
    let key = |seq| next.key_at(&id("sevilla"), seq);
    assert_eq!((key(4), key(5)), (Some(public(2)), Some(public(9))));
    assert_eq!(next.key(&id("sevilla")), Some(public(9)));
}

#[test]
fn a_version_is_proven_by_a_majority_of_true_acceptances_of_that_change_in_that_ballot() {
    let three = three();
    let change = admitted("bilbao", 4);
    let ballot = Ballot { n: 2, node: id("madrid") };
    let accept = |name: &str, n: u8| Acceptance::sign(&secret(n), id(name), three.next(), &ballot, &change);
    let two = vec![accept("madrid", 1), accept("valencia", 3)];
    assert!(three.is_proven(&ballot, &change, &two));
    assert!(!three.is_proven(&ballot, &change, &two[..1]), "one is no majority");
    let twice = vec![accept("madrid", 1), accept("madrid", 1)];
    assert!(!three.is_proven(&ballot, &change, &twice), "one counts once");
    let forged = vec![accept("madrid", 1), accept("valencia", 9)];
    assert!(!three.is_proven(&ballot, &change, &forged), "another key signs for nobody");
    let stranger = vec![accept("madrid", 1), accept("bilbao", 4)];
    assert!(!three.is_proven(&ballot, &change, &stranger), "who does not belong does not vote");
    let later = Ballot { n: 3, node: id("madrid") };
    assert!(!three.is_proven(&later, &change, &two), "of another ballot");
    assert!(!three.is_proven(&ballot, &admitted("vigo", 4), &two), "for another change");
    let other = Roster { founding: Hash::of(b"another cluster"), ..three.clone() };
    assert!(!other.is_proven(&ballot, &change, &two), "of another cluster");
}
