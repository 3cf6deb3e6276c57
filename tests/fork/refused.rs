//! What others say that is not taken: it changes nothing, and is counted by its kind.

use std::sync::Arc;

use rubentario::ledger::entry::{Cut, SnapshotMarker};
use rubentario::ledger::roster::{Ballot, Change, Matter};
use rubentario::protocol::Refusals;
use rubentario::protocol::message::{Told, Voting};
use rubentario::protocol::quorum_lock::{Number, Priority, Says};
use rubentario::protocol::roster::Say;

use super::*;

type Said = Says<WarehouseId, Arc<Cut>>;

fn lock(version: u64, says: Said) -> Message {
    Message::Lock { version, sku: sku(), says }
}

fn fence(name: &str, n: u64) -> Fence {
    Fence { n, node: id(name) }
}

fn request(name: &str, n: u64) -> Said {
    let attempt = Number { incarnation: 1, n: 1 };
    Says::Request { priority: Priority { hlc: 1, node: id(name) }, fence: fence(name, n), attempt }
}

impl Madrid {
    /// What is refused more of what these say, all of it in one turn.
    fn refuses(&mut self, said: Vec<(&str, u8, Message)>) -> Refusals {
        let before = self.core.refusals();
        let inputs = said.into_iter().map(|(from, n, message)| self.heard(from, n, 1, message)).collect();
        self.turn(inputs);
        let now = self.core.refusals();
        Refusals {
            forged: now.forged - before.forged,
            replayed: now.replayed - before.replayed,
            of_another_roster: now.of_another_roster - before.of_another_roster,
            unfit: now.unfit - before.unfit,
            from_the_past: now.from_the_past - before.from_the_past,
            unknown_snapshot: now.unknown_snapshot - before.unknown_snapshot,
        }
    }
}

#[test]
fn lock_words_of_another_roster_are_counted_and_get_no_vote() {
    let mut madrid = Madrid::at_work();
    let version = madrid.core.roster_version();
    for other in [version - 1, version + 1] {
        let refused = madrid.refuses(vec![("sevilla", 2, lock(other, request("sevilla", 1)))]);
        assert_eq!(refused, Refusals { of_another_roster: 1, ..Refusals::default() });
        assert_eq!(madrid.core.lock_granted(&sku()), None);
    }
    let refused = madrid.refuses(vec![("sevilla", 2, lock(version, request("sevilla", 1)))]);
    assert_eq!(refused, Refusals::default());
    assert_eq!(madrid.core.lock_granted(&sku()), Some(&fence("sevilla", 1)));
}

#[test]
fn lock_words_in_anothers_name_and_leaps_are_counted_and_move_nothing() {
    let mut madrid = Madrid::at_work();
    let version = madrid.core.roster_version();
    let number = Number { incarnation: u32::MAX, n: u64::MAX };
    let release = Says::Release { fence: fence("valencia", 3), upto: number };
    let give_back = Says::Yield { fence: fence("valencia", 3), grant_no: number };
    let refused = madrid.refuses(vec![
        ("sevilla", 2, lock(version, request("sevilla", 3))),
        ("sevilla", 2, lock(version, release)),
        ("sevilla", 2, lock(version, give_back)),
        ("sevilla", 2, lock(version, request("valencia", 9))),
        ("sevilla", 2, lock(version, request("sevilla", u64::MAX))),
    ]);
    assert_eq!(refused, Refusals { forged: 4, ..Refusals::default() });
    assert_eq!(madrid.core.lock_granted(&sku()), Some(&fence("sevilla", 3)));
}

#[test]
fn votes_of_another_version_and_unfit_changes_are_counted_and_not_accepted() {
    let mut madrid = Madrid::at_work();
    let next = madrid.core.roster().unwrap().next();
    let future = Matter { version: next.version + 5, ..next };
    let unfit = Change::Admitted { member: id("sevilla"), key: PublicKey([9; 32]) };
    let ballot = || Ballot { n: 9, node: id("sevilla") };
    let accept = |matter, change: &Change| {
        let say = Say::Accept { ballot: ballot(), change: change.clone() };
        let (about, held, acceptance) = (None, None, None);
        Message::Voting(Voting { matter, say, about, is_lost: false, held, settled: false, acceptance })
    };
    let fits = Change::Admitted { member: id("vigo"), key: PublicKey([8; 32]) };
    let refused = madrid.refuses(vec![("sevilla", 2, accept(future, &fits))]);
    assert_eq!(refused, Refusals { of_another_roster: 1, ..Refusals::default() });
    let refused = madrid.refuses(vec![("sevilla", 2, accept(next, &unfit))]);
    assert_eq!(refused, Refusals { unfit: 1, ..Refusals::default() });
    let told = Told { matter: future, ballot: ballot(), change: fits.clone(), acceptances: Vec::new() };
    let refused = madrid.refuses(vec![("sevilla", 2, Message::Chosen(told))]);
    assert_eq!(refused, Refusals { of_another_roster: 1, ..Refusals::default() });
    assert!(!madrid.core.accepted_for_next());
    madrid.refuses(vec![("sevilla", 2, accept(next, &fits))]);
    assert!(madrid.core.accepted_for_next(), "one that fits is");
}

fn marker(ledger: &Ledger, snapshot: Option<EntryRef>, digest: Hash) -> Body {
    let head = ledger.entries.last().map(|_| (ledger.origin.clone(), ledger.head()));
    let expected = if snapshot.is_none() { vec![ledger.origin.clone()] } else { Vec::new() };
    let cut = head.into_iter().collect();
    Body::SnapshotMarker(SnapshotMarker { snapshot, expected, ended: Vec::new(), cut, digest })
}

#[test]
fn a_marker_for_an_unknown_snapshot_is_counted_however_many_are_known() {
    let mut madrid = Madrid::at_work();
    let mut ledger = Ledger::of("sevilla", 2);
    ledger.note("one");
    let unknown = EntryRef { origin: id("valencia"), seq: 1_000, hash: Hash::ZERO };
    let stray = marker(&ledger, Some(unknown), Hash::ZERO);
    ledger.write(1, stray.clone());
    let refused = madrid.refuses(vec![("sevilla", 2, ledger.sealed(1, &[2]))]);
    assert_eq!((refused.unknown_snapshot, madrid.core.refused_markers()), (1, 1));
    for _ in 0..64 {
        let begins = marker(&ledger, None, Hash::ZERO);
        ledger.write(1, begins);
    }
    ledger.write(1, stray);
    let refused = madrid.refuses(vec![("sevilla", 2, ledger.sealed(3, &[67]))]);
    assert_eq!(madrid.core.snapshots().all().count(), 64);
    assert_eq!(refused, Refusals { unknown_snapshot: 1, ..Refusals::default() });
    assert_eq!(madrid.core.book().head(&id("sevilla")), ledger.head(), "its ledger is followed all the same");
}

#[test]
fn a_digest_that_does_not_match_is_told_of_the_snapshot_and_changes_nothing() {
    let mut madrid = Madrid::at_work();
    let mut ledger = Ledger::of("sevilla", 2);
    ledger.note("one");
    madrid.hears("sevilla", 2, 1, ledger.sealed(1, &[1]));
    let effects = madrid.turn(vec![Madrid::asks(1, Act::TakeSnapshot)]);
    let entries = effects.batch.unwrap().entries;
    let begun = entries.iter().find(|e| matches!(e.entry.body, Body::SnapshotMarker(_))).unwrap().reference();
    let body = marker(&ledger, Some(begun.clone()), Hash::of(b"another part than is here"));
    ledger.write_under(1, body, vec![begun.clone()], Vec::new());
    madrid.hears("sevilla", 2, 1, ledger.sealed(2, &[2]));
    let snapshot = madrid.core.snapshots().get(&TransferId { origin: begun.origin, seq: begun.seq }).unwrap();
    let of_sevilla = &snapshot.markers[&id("sevilla")];
    assert_ne!(of_sevilla.claimed, of_sevilla.computed);
    assert!(!snapshot.digests_agree());
    assert_eq!(madrid.core.book().head(&id("sevilla")), ledger.head());
    assert!(!madrid.sevilla_is_apart());
}
