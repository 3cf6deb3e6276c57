//! Snapshots: what is kept of them, and what lay where at any cut.

use std::collections::BTreeMap;

use rubentario::domain::{Lot, MovementKind, Operator, TransferId};
use rubentario::ledger::book::Part;
use rubentario::ledger::book::part::{Promise, Rest};
use rubentario::ledger::entry::MissingPart;
use rubentario::ledger::{EntryRef, Hash, Head};
use rubentario::protocol::batch::FrozenPart;
use rubentario::protocol::snapshot::{Closing, Marker, Snapshot};
use rubentario::store::{Batch, Places};

use super::fixtures::{Pen, Place, Quill, cell, madrid, moment, movement, sku, units, warehouse};

fn head(seq: u64) -> Head {
    Head { incarnation: 1, seq, hash: Hash::of(&seq.to_be_bytes()) }
}

/// A snapshot begun by Madrid at this entry, marked by Madrid, with or without its end.
pub fn snapshot(seq: u64, closed: bool) -> Snapshot {
    let cut: BTreeMap<_, _> = [(madrid(), head(seq)), (warehouse("sevilla"), head(4))].into();
    let marker = Marker {
        at: head(seq),
        cut: cut.clone(),
        claimed: Hash::of(b"claimed"),
        computed: Hash::of(b"computed"),
    };
    Snapshot {
        id: TransferId { origin: madrid(), seq },
        begun: EntryRef { origin: madrid(), seq, hash: head(seq).hash },
        begun_ms: moment(1) + i64::try_from(seq).unwrap(),
        operator: Operator::new("Ana").unwrap(),
        expected: [madrid(), warehouse("sevilla")].into(),
        markers: [(madrid(), marker)].into(),
        closed: closed.then(|| Closing {
            seq: seq + 1,
            at_ms: moment(2),
            cut,
            missing: vec![MissingPart { id: warehouse("sevilla"), seq: 4, age_ms: Some(7) }],
        }),
    }
}

pub async fn snapshots_are_listed_newest_first_and_their_end_is_kept(place: Place) {
    let (store, mut pen) = place.begin().await;
    let mut batch = pen.batch();
    batch.rows.snapshots = vec![snapshot(1, false), snapshot(9, false)];
    store.commit(batch.clone().into()).await.unwrap();
    let mut batch = pen.batch();
    batch.rows.snapshots = vec![snapshot(1, true)];
    store.commit(batch.clone().into()).await.unwrap();
    assert_eq!(store.snapshots(10).await.unwrap(), [snapshot(9, false), snapshot(1, true)]);
    assert_eq!(store.snapshots(1).await.unwrap(), [snapshot(9, false)]);
    let loaded = store.load().await.unwrap();
    assert_eq!(loaded.snapshots, [snapshot(9, false), snapshot(1, true)]);
}

fn part(seq: u64, on_hand: i64) -> Part {
    Part {
        warehouse: madrid(),
        seq,
        hash: Hash::ZERO,
        stock: vec![cell("madrid", "P1", on_hand)],
        steps: Vec::new(),
        promises: vec![Promise::Reserved(3, sku("P1"), Lot::none(), 2000, None)],
        rest: vec![(Rest::Reversals, Hash::ZERO)],
    }
}

pub async fn parts_are_kept_of_the_newest_snapshots_only(place: Place) {
    let (store, mut pen) = place.begin().await;
    for seq in 1..=40 {
        let mut batch = pen.batch();
        batch.rows.snapshots = vec![snapshot(seq, true)];
        let listing = part(seq, 5).listing();
        let snapshot = TransferId { origin: madrid(), seq };
        batch.rows.parts = vec![FrozenPart { snapshot, warehouse: madrid(), listing }];
        store.commit(batch.clone().into()).await.unwrap();
    }
    let kept = |seq| TransferId { origin: madrid(), seq };
    assert_eq!(store.snapshot_parts(&kept(40)).await.unwrap(), [part(40, 5)]);
    assert!(store.snapshot_parts(&kept(1)).await.unwrap().is_empty());
    assert_eq!(store.snapshots(100).await.unwrap().len(), 40, "the list is longer than the parts");
}

/// Entries of Madrid: each brings one piece.
fn pieces(pen: &mut Pen, entries: u64) -> Vec<Batch> {
    let mut quill = Quill::of("madrid");
    let mut batches = Vec::new();
    for seq in 1..=entries {
        let mut batch = pen.batch();
        let entry = quill.received("P1", 1);
        let on_hand = i64::try_from(seq).unwrap();
        batch.movements = vec![movement(&entry, MovementKind::Receipt, "P1", 1)];
        batch.rows.stock = vec![cell("madrid", "P1", on_hand)];
        let head = Head { incarnation: 1, seq: entry.entry.seq, hash: entry.hash };
        let part = rubentario::ledger::book::PartHead { head, ..Default::default() };
        batch.rows.heads = vec![(madrid(), part)];
        batch.entries = vec![entry];
        batches.push(batch);
    }
    batches
}

pub async fn the_stock_at_a_cut_is_found_from_the_nearest_state_that_is_known(place: Place) {
    let (store, mut pen) = place.begin().await;
    for batch in pieces(&mut pen, 10) {
        store.commit(batch.clone().into()).await.unwrap();
    }
    let at = |seq: u64| -> Places { [(madrid(), seq)].into() };
    let lot = Lot::none();
    let there = (madrid(), sku("P1"), lot);
    let found = store.stock_at(&at(8)).await.unwrap();
    assert_eq!((found.on_hand[&there], found.lines_read), (units(8), 2), "two back from now");
    let far = store.stock_at(&at(2)).await.unwrap();
    assert_eq!((far.on_hand[&there], far.lines_read), (units(2), 8));
    let mut complete = snapshot(3, true);
    if let Some(closed) = &mut complete.closed {
        closed.missing = Vec::new();
        closed.cut = [(madrid(), head(3))].into();
    }
    let mut batch = pen.batch();
    let id = complete.id.clone();
    batch.rows.snapshots = vec![complete];
    let listing = part(3, 3).listing();
    batch.rows.parts = vec![FrozenPart { snapshot: id, warehouse: madrid(), listing }];
    store.commit(batch.clone().into()).await.unwrap();
    let near = store.stock_at(&at(2)).await.unwrap();
    assert_eq!((near.on_hand[&there], near.lines_read), (units(2), 1), "one back from the snapshot");
    let flows = store.flows(&at(4)).await.unwrap();
    assert_eq!(flows[&(sku("P1"), Lot::none())].expected(), 4_000);
    assert_eq!(store.places_at(0).await.unwrap(), Places::new());
    assert_eq!(store.places_at(i64::MAX >> 17).await.unwrap(), at(10));
}

pub async fn the_stock_at_a_cut_is_told_rightly_while_goods_move(place: Place) {
    let (store, mut pen) = place.begin().await;
    let store = std::sync::Arc::new(store);
    let mut batches = pieces(&mut pen, 60);
    let later = batches.split_off(2);
    for batch in batches {
        store.commit(batch.into()).await.unwrap();
    }
    let writing = tokio::spawn({
        let store = std::sync::Arc::clone(&store);
        async move {
            for batch in later {
                store.commit(batch.into()).await.unwrap();
                tokio::task::yield_now().await;
            }
        }
    });
    let places: Places = [(madrid(), 2)].into();
    let there = (madrid(), sku("P1"), Lot::none());
    loop {
        let last = writing.is_finished();
        let found = store.stock_at(&places).await.unwrap();
        assert_eq!(found.on_hand[&there], units(2));
        if last {
            return;
        }
    }
}
