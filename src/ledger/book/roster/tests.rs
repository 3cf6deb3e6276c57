#![allow(clippy::unwrap_used, reason = "tests")]
use ed25519_dalek::SigningKey;
use uuid::Uuid;

use super::*;
use crate::domain::Operator;
use crate::ledger::entry::{CommandId, Entry, Head};

fn id(name: &str) -> WarehouseId {
    WarehouseId::new(name).unwrap()
}

fn secret(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

fn public(n: u8) -> PublicKey {
    PublicKey(secret(n).verifying_key().to_bytes())
}

/// The next entry of a ledger in a book, with its own hybrid time.
fn next(book: &Book, origin: &str, hlc: u64, body: Body) -> StoredEntry {
    let head = book.head(&id(origin));
    StoredEntry::write(Entry {
        origin: id(origin),
        incarnation: 1,
        seq: head.seq + 1,
        hlc,
        error_ms: None,
        operator: Operator::system(),
        command: CommandId { id: Uuid::nil(), index: 0, digest: 0, entries: 0 },
        names: Vec::new(),
        fences: Vec::new(),
        after: None,
        prev_hash: head.hash,
        body,
    })
    .unwrap()
}

fn apply(book: &mut Book, entry: &StoredEntry) -> Result<(), Violation> {
    let fold = book.fold(entry)?;
    book.take(&fold);
    Ok(())
}

fn founded(founder: &str, key: u8) -> Body {
    Body::RosterChanged {
        version: 1,
        founding: None,
        change: Change::Founded { founder: id(founder), key: public(key) },
        ballot: None,
        acceptances: Vec::new(),
    }
}

fn decided(roster: &Roster, change: Change, voters: &[(&str, u8)]) -> Body {
    let ballot = Ballot { n: 1, node: id("madrid") };
    let sign =
        |(name, key): &(&str, u8)| Acceptance::sign(&secret(*key), id(name), roster.next(), &ballot, &change);
    Body::RosterChanged {
        version: roster.version + 1,
        founding: Some(roster.founding),
        acceptances: voters.iter().map(sign).collect(),
        change,
        ballot: Some(ballot),
    }
}

fn alone(roster: &Roster, change: Change) -> Body {
    let (version, founding) = (roster.version + 1, Some(roster.founding));
    Body::RosterChanged { version, founding, change, ballot: None, acceptances: Vec::new() }
}

fn admitted(name: &str, key: u8) -> Change {
    Change::Admitted { member: id(name), key: public(key) }
}

/// Madrid founds and admits sevilla.
fn two() -> (Book, Vec<StoredEntry>) {
    let mut book = Book::default();
    let first = next(&book, "madrid", 1, founded("madrid", 1));
    apply(&mut book, &first).unwrap();
    let body = decided(book.roster().unwrap(), admitted("sevilla", 2), &[("madrid", 1)]);
    let second = next(&book, "madrid", 2, body);
    apply(&mut book, &second).unwrap();
    (book, vec![first, second])
}

#[test]
fn a_version_is_taken_from_a_majoritys_acceptances_and_refused_without() {
    let (mut book, _) = two();
    let roster = book.roster().unwrap().clone();
    assert_eq!((roster.version, roster.members.len()), (2, 2));
    let change = admitted("valencia", 3);
    for (forged, why) in [
        (decided(&roster, change.clone(), &[("madrid", 1)]), "one of two"),
        (decided(&roster, change.clone(), &[("madrid", 1), ("sevilla", 9)]), "a forged vote"),
        (alone(&roster, change.clone()), "no votes at all"),
        (
            decided(
                &Roster { version: 7, ..roster.clone() },
                change.clone(),
                &[("madrid", 1), ("sevilla", 2)],
            ),
            "from the future",
        ),
    ] {
        let entry = next(&book, "madrid", 3, forged);
        let refused = apply(&mut book, &entry);
        assert!(matches!(refused, Err(Violation::Roster { .. })), "{why}: {refused:?}");
        assert_eq!(book.roster(), Some(&roster), "{why}: nothing changed");
    }
    let entry = next(&book, "madrid", 3, decided(&roster, change, &[("madrid", 1), ("sevilla", 2)]));
    apply(&mut book, &entry).unwrap();
    assert_eq!(book.roster().unwrap().version, 3);
}

#[test]
fn who_does_not_belong_makes_no_version() {
    let (mut book, _) = two();
    let roster = book.roster().unwrap().clone();
    let body = decided(&roster, admitted("valencia", 3), &[("madrid", 1), ("sevilla", 2)]);
    let entry = next(&book, "vigo", 3, body);
    assert!(matches!(apply(&mut book, &entry), Err(Violation::Roster { .. })));
}

#[test]
fn a_giving_up_stands_alone_and_two_different_changes_of_one_version_are_seen_in_any_order() {
    let (book, _) = two();
    let roster = book.roster().unwrap().clone();
    let last = Head { incarnation: 1, seq: 0, hash: Hash::ZERO };
    let given_up = next(&book, "madrid", 3, alone(&roster, Change::GivenUp { member: id("sevilla"), last }));
    let other = decided(&roster, admitted("valencia", 3), &[("madrid", 1), ("sevilla", 2)]);
    let admitted = next(&book, "sevilla", 3, other);
    let mut ends = Vec::new();
    for order in [[&given_up, &admitted], [&admitted, &given_up]] {
        let mut book = book.clone();
        for entry in order {
            apply(&mut book, entry).unwrap();
        }
        assert_eq!(book.roster().unwrap().split, Some(3));
        ends.push(book.roster().unwrap().clone());
    }
    assert_eq!(ends[0], ends[1], "the same decrees make the same roster");
    assert!(ends[0].has(&id("valencia")), "what a majority accepted counts");
}

#[test]
fn of_two_foundings_the_one_that_has_grown_counts_else_the_earlier() {
    let (mut book, _) = two();
    let later = next(&book, "valencia", 0, founded("valencia", 3));
    apply(&mut book, &later).unwrap();
    assert_eq!(book.roster().unwrap().founded.1, id("madrid"), "though valencia founded earlier");
    let mut book = Book::default();
    for (name, hlc) in [("vigo", 9), ("bilbao", 5)] {
        let entry = next(&book, name, hlc, founded(name, 4));
        apply(&mut book, &entry).unwrap();
    }
    assert_eq!(book.roster().unwrap().founded.1, id("bilbao"));
    assert_eq!(book.rosters().key_at(&id("vigo"), 1), Some(public(4)));
}
