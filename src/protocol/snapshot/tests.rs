//! Markers and closings that are none: refused, and nothing has changed.

#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::ledger::entry::{Cut, SnapshotClosed};

fn name(id: &str) -> WarehouseId {
    WarehouseId::new(id).unwrap()
}

fn head(seq: u64) -> Head {
    Head { incarnation: 1, seq, hash: Hash::of(&seq.to_be_bytes()) }
}

fn at<'a>(origin: &'a WarehouseId, seq: u64, operator: &'a Operator) -> Place<'a> {
    Place { origin, head: head(seq), at_ms: 1, operator }
}

fn cut(seqs: &[(&str, u64)]) -> Cut {
    seqs.iter().map(|(id, seq)| (name(id), head(*seq))).collect()
}

fn reference(origin: &str, seq: u64) -> EntryRef {
    EntryRef { origin: name(origin), seq, hash: head(seq).hash }
}

fn marker(snapshot: Option<EntryRef>, seqs: &[(&str, u64)]) -> SnapshotMarker {
    let expected = if snapshot.is_none() { vec![name("a"), name("b"), name("c")] } else { Vec::new() };
    SnapshotMarker { snapshot, expected, ended: Vec::new(), cut: cut(seqs), digest: Hash::ZERO }
}

/// Begun by a at 5, which had applied 7 of b and 2 of c; marked by b at 9, which had applied 3 of c.
fn begun() -> Snapshots {
    let operator = Operator::system();
    let mut snapshots = Snapshots::default();
    let (a, b) = (name("a"), name("b"));
    let beginning = marker(None, &[("a", 4), ("b", 7), ("c", 2)]);
    assert_eq!(snapshots.mark(at(&a, 5, &operator), &beginning, Hash::ZERO), Ok(Taken::Counted));
    let second = marker(Some(reference("a", 5)), &[("a", 5), ("b", 8), ("c", 3)]);
    assert_eq!(snapshots.mark(at(&b, 9, &operator), &second, Hash::ZERO), Ok(Taken::Counted));
    assert_eq!(snapshots.mark(at(&b, 9, &operator), &second, Hash::ZERO), Ok(Taken::Doubled));
    snapshots
}

#[test]
fn a_marker_that_is_none_is_refused_and_changes_nothing() {
    let operator = Operator::system();
    let id = TransferId { origin: name("a"), seq: 5 };
    let (a, b, c) = (name("a"), name("b"), name("c"));
    let of = || Some(reference("a", 5));
    let unknown = TransferId { origin: name("a"), seq: 6 };
    let reused = Some(EntryRef { hash: Hash::ZERO, ..reference("a", 5) });
    let cases = [
        (&c, 4, marker(Some(reference("a", 6)), &[]), Refused::Unknown { id: unknown }),
        (&c, 4, marker(reused, &[]), Refused::Reused { id: id.clone() }),
        (&b, 10, marker(of(), &[]), Refused::MarkedTwice { id: id.clone(), by: b.clone() }),
        (&a, 6, marker(of(), &[]), Refused::MarkedTwice { id: id.clone(), by: a.clone() }),
        // It says that it had applied what lies behind b's marker; and b had applied what lies behind this one.
        (&c, 4, marker(of(), &[("b", 10)]), Refused::BeyondMarker { id: id.clone(), by: c.clone() }),
        (&c, 2, marker(of(), &[("a", 5)]), Refused::BeyondMarker { id, by: c.clone() }),
    ];
    for (origin, seq, marker, why) in cases {
        let mut snapshots = begun();
        assert_eq!(snapshots.mark(at(origin, seq, &operator), &marker, Hash::ZERO), Err(why));
        assert_eq!(snapshots, begun());
    }
}

#[test]
fn a_closing_is_taken_of_its_owner_only_and_only_as_the_markers_make_it() {
    let operator = Operator::system();
    let id = TransferId { origin: name("a"), seq: 5 };
    let (a, b) = (name("a"), name("b"));
    let mut snapshots = begun();
    assert_eq!(snapshots.closing(&a, |_| false, |_| true, |_| None), None, "c is still awaited");
    assert_eq!(snapshots.closing(&b, |_| true, |_| true, |_| None), None, "it is not b's");
    let behind = |name: &EntryRef| name.origin.as_str() != "c";
    assert_eq!(snapshots.closing(&a, |_| true, behind, |_| None), None, "a has not applied yet what c wrote");
    let right = snapshots.closing(&a, |_| true, |_| true, |_| Some(7)).unwrap();
    assert_eq!(right.cut, cut(&[("a", 5), ("b", 9), ("c", 3)]), "c is cut where b had got to");
    let shorter = SnapshotClosed { cut: cut(&[("a", 5), ("b", 9), ("c", 2)]), ..right.clone() };
    let whole = SnapshotClosed { missing: Vec::new(), ..right.clone() };
    for (by, closing, why) in [
        (&b, &right, Refused::NotItsOwner { id: id.clone(), by: b.clone() }),
        (&a, &shorter, Refused::OtherCut { id: id.clone() }),
        (&a, &whole, Refused::OtherCut { id: id.clone() }),
    ] {
        assert_eq!(snapshots.close(at(by, 11, &operator), closing), Err(why));
        assert_eq!(snapshots, begun());
    }
    assert_eq!(snapshots.close(at(&a, 11, &operator), &right), Ok(()));
    let closed = snapshots.clone();
    assert_eq!(snapshots.close(at(&a, 11, &operator), &right), Ok(()), "doubled");
    assert_eq!(snapshots.close(at(&a, 12, &operator), &right), Err(Refused::ClosedTwice { id }));
    let (c, late) = (name("c"), marker(Some(reference("a", 5)), &[("a", 5)]));
    assert_eq!(snapshots.mark(at(&c, 4, &operator), &late, Hash::ZERO), Ok(Taken::Late));
    assert_eq!(snapshots, closed);
}

#[test]
fn a_marker_is_awaited_of_who_is_expected_while_the_snapshot_is_young_and_open() {
    let snapshots = begun();
    let snapshot = snapshots.get(&TransferId { origin: name("a"), seq: 5 }).unwrap();
    assert!(snapshot.awaits(&name("c"), 0));
    assert!(!snapshot.awaits(&name("b"), 0), "it has marked");
    assert!(!snapshot.awaits(&name("d"), 0), "it is not expected");
    assert!(!snapshot.awaits(&name("c"), i64::MAX), "the snapshot was given up long ago");
    let mut closed = snapshots.clone();
    let closing = closed.closing(&name("a"), |_| true, |_| true, |_| None).unwrap();
    closed.close(at(&name("a"), 11, &Operator::system()), &closing).unwrap();
    assert!(!closed.all().any(|s| s.awaits(&name("c"), 0)), "it is closed");
}

/// Begun by a at 5; z has left after its entry 4.
fn begun_after_z_left() -> Snapshots {
    let mut snapshots = Snapshots::default();
    let beginning = SnapshotMarker {
        ended: vec![name("z"), name("b"), name("y")],
        ..marker(None, &[("a", 4), ("b", 7), ("z", 4)])
    };
    let a = name("a");
    assert_eq!(snapshots.mark(at(&a, 5, &Operator::system()), &beginning, Hash::ZERO), Ok(Taken::Counted));
    snapshots
}

#[test]
fn a_ledger_that_has_ended_is_whole_in_the_cut_without_a_marker() {
    let operator = Operator::system();
    let mut snapshots = begun_after_z_left();
    let a = name("a");
    let id = TransferId { origin: a.clone(), seq: 5 };
    let ended: Vec<_> = snapshots.get(&id).unwrap().markers.iter().filter(|(_, m)| m.has_ended()).collect();
    assert_eq!(ended.len(), 1, "b is expected and nothing is known of y: {ended:?}");
    for (by, seq) in [("b", 9), ("c", 3)] {
        let by = name(by);
        let marks = marker(Some(reference("a", 5)), &[("a", 5), ("z", 4)]);
        assert_eq!(snapshots.mark(at(&by, seq, &operator), &marks, Hash::ZERO), Ok(Taken::Counted));
    }
    let closing = snapshots.closing(&a, |_| false, |_| true, |_| None).unwrap();
    assert_eq!(closing.missing, []);
    assert_eq!(closing.cut, cut(&[("a", 5), ("b", 9), ("c", 3), ("z", 4)]));
    assert_eq!(snapshots.close(at(&a, 11, &operator), &closing), Ok(()));
}

#[test]
fn where_somebody_had_applied_what_lies_behind_its_end_it_is_missing_as_ever() {
    let operator = Operator::system();
    let mut snapshots = begun_after_z_left();
    let (a, b, c) = (name("a"), name("b"), name("c"));
    let beyond = marker(Some(reference("a", 5)), &[("a", 5), ("z", 6)]);
    assert_eq!(snapshots.mark(at(&b, 9, &operator), &beyond, Hash::ZERO), Ok(Taken::Counted));
    let closing = snapshots.closing(&a, |_| true, |_| true, |_| None).unwrap();
    let missing: Vec<_> = closing.missing.iter().map(|m| (m.id.as_str(), m.seq)).collect();
    assert_eq!(missing, [("c", 0), ("z", 6)]);
    // Whoever hears of a late marker before the closing takes the closing all the same.
    for late in [false, true] {
        let mut snapshots = snapshots.clone();
        let marks = marker(Some(reference("a", 5)), &[("a", 5), ("z", 8)]);
        if late {
            assert_eq!(snapshots.mark(at(&c, 3, &operator), &marks, Hash::ZERO), Ok(Taken::Counted));
        }
        assert_eq!(snapshots.close(at(&a, 11, &operator), &closing), Ok(()));
        let id = TransferId { origin: a.clone(), seq: 5 };
        let counted: Vec<_> = snapshots.get(&id).unwrap().markers.keys().cloned().collect();
        assert_eq!(counted, [a.clone(), b.clone()]);
    }
}
