//! What a node may rely on, whichever database it runs on.
#![allow(
    clippy::too_many_lines,
    clippy::items_after_statements,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

#[path = "store_contract/fixtures.rs"]
mod fixtures;
#[path = "store_contract/history_pages.rs"]
mod history_pages;
#[path = "store_contract/only_postgres.rs"]
mod only_postgres;
#[path = "store_contract/only_sqlite.rs"]
mod only_sqlite;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "store_contract/snapshots.rs"]
mod snapshots;
#[path = "store_contract/stocktakes.rs"]
mod stocktakes;

use std::fs;
use std::path::Path;

use fixtures::{
    Pen, Place, Quill, bytes_of, cell, command, everything, hybrid, madrid, moment, movement, received,
    refusal, seal, sku, units, warehouse,
};
use rubentario::domain::{MovementKind, Quantity};
use rubentario::store::{Batch, Committed, Demand, Fault, Mode, Store, StoreError};
use snapshots::{
    parts_are_kept_of_the_newest_snapshots_only, snapshots_are_listed_newest_first_and_their_end_is_kept,
    the_stock_at_a_cut_is_found_from_the_nearest_state_that_is_known,
    the_stock_at_a_cut_is_told_rightly_while_goods_move,
};
use stocktakes::what_was_counted_and_booked_before_it_was_kept_is_found_in_the_history;
use uuid::Uuid;

/// One contract, two databases.
macro_rules! contract {
    ($($name:ident,)+) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::Place::sqlite()).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::Place::postgres()).await;
            })+
        }
    };
}

contract!(
    what_was_committed_is_loaded,
    the_stock_at_a_cut_is_told_rightly_while_goods_move,
    what_was_counted_and_booked_before_it_was_kept_is_found_in_the_history,
    an_empty_database_loads_as_nothing,
    a_batch_committed_twice_changes_nothing_the_second_time,
    a_batch_of_another_process_is_noticed_and_not_written,
    a_batch_that_comes_too_early_is_not_written,
    a_claim_is_a_new_incarnation_unless_it_is_the_same_one,
    another_entry_in_the_same_place_is_refused_and_nothing_of_its_batch_stays,
    the_same_entry_again_is_no_error,
    stock_below_zero_is_refused_by_name_and_nothing_of_its_batch_stays,
    reserved_above_on_hand_is_refused,
    a_time_beyond_all_bounds_is_refused_not_wrapped,
    a_text_with_a_zero_byte_is_refused,
    of_two_values_of_one_cell_the_last_counts,
    a_cell_at_zero_stays_and_is_known_to_be_empty,
    own_entries_are_found_by_their_command,
    an_entry_is_found_in_the_bytes_it_came_in,
    a_range_ends_at_a_seal,
    a_range_is_never_shorter_than_to_the_first_seal,
    a_range_stops_before_a_gap,
    a_large_batch_is_one_transaction,
    issues_that_were_undone_are_no_demand,
    days_show_what_was_issued_and_what_changed,
    what_was_issued_and_not_undone_is_counted_by_entries,
    a_reader_beside_a_writer_sees_what_is_committed,
    a_reader_changes_nothing_and_needs_tables,
    the_database_of_another_node_is_refused,
    tables_of_a_newer_program_are_refused,
    a_person_reads_units_and_times_in_the_views,
    snapshots_are_listed_newest_first_and_their_end_is_kept,
    parts_are_kept_of_the_newest_snapshots_only,
    the_stock_at_a_cut_is_found_from_the_nearest_state_that_is_known,
);

async fn what_was_committed_is_loaded(place: Place) {
    let (store, mut pen) = place.begin().await;
    let batch = everything(&mut pen);
    assert_eq!(store.commit(batch.clone().into()).await.unwrap(), Committed::Now);
    store.close().await;

    let loaded = place.open().await.load().await.unwrap();
    let Batch { rows, peers, vote, .. } = batch;
    assert_eq!(loaded.stock, rows.stock.into_iter().collect());
    let by_sku = rows.products.into_iter().map(|p| (p.product.sku.clone(), p));
    assert_eq!(loaded.products, by_sku.collect());
    assert_eq!(loaded.rules, rows.rules.into_iter().collect());
    assert_eq!(loaded.transfers, rows.transfers);
    let [stands, over] = rows.reservations.as_slice() else { unreachable!() };
    assert!(over.is_over() && loaded.reservations == [stands.clone()]);
    assert_eq!(loaded.expectations, rows.expectations);
    assert_eq!(loaded.reversals, rows.reversals);
    assert_eq!(loaded.heads, rows.heads.into_iter().collect());
    assert_eq!(loaded.acknowledged, rows.acknowledged);
    assert_eq!(loaded.decrees, rows.decrees);
    assert_eq!(Some(loaded.vote), vote);
    assert_eq!(loaded.peers, peers);
    assert_eq!(loaded.snapshots, rows.snapshots);
    assert_eq!(loaded.stocktakes, stocktakes::kept());
    assert_eq!(loaded.counted, rows.counted.into_iter().collect());
    assert_eq!((loaded.incarnation, loaded.hlc_ceiling), (1, hybrid(100)));
    assert_eq!((loaded.joined, loaded.published), (true, 2));
}

async fn an_empty_database_loads_as_nothing(place: Place) {
    let store = place.open().await;
    assert_eq!(store.load().await.unwrap(), rubentario::store::Loaded::default());
    store.ping().await.unwrap();
}

async fn a_batch_committed_twice_changes_nothing_the_second_time(place: Place) {
    let (store, mut pen) = place.begin().await;
    let mut batch = pen.batch();
    batch.rows.stock = vec![cell("madrid", "P1", 5)];
    assert_eq!(store.commit(batch.clone().into()).await.unwrap(), Committed::Now);
    // As if the answer to the first try had been lost, and memory had moved on since.
    batch.rows.stock = vec![cell("madrid", "P1", 9)];
    assert_eq!(store.commit(batch.clone().into()).await.unwrap(), Committed::Already);
    assert_eq!(on_hand(&store, "P1").await, Some(units(5)));
    assert_eq!(store.commit(pen.batch().into()).await.unwrap(), Committed::Now);
}

async fn a_batch_of_another_process_is_noticed_and_not_written(place: Place) {
    let (store, mut pen) = place.begin().await;
    store.commit(pen.batch().into()).await.unwrap();
    let mut foreign = Pen { nonce: Uuid::now_v7(), ..pen.clone() };
    let mut batch = foreign.batch();
    batch.rows.stock = vec![cell("madrid", "P1", 5)];
    assert_eq!(store.commit(batch.clone().into()).await, Err(StoreError::ForeignWriter));
    assert_eq!(on_hand(&store, "P1").await, None);

    store.claim(foreign.nonce).await.unwrap();
    assert_eq!(store.commit(pen.batch().into()).await, Err(StoreError::ForeignWriter));
}

async fn a_batch_that_comes_too_early_is_not_written(place: Place) {
    let (store, mut pen) = place.begin().await;
    let first = pen.batch();
    let second = pen.batch();
    assert_eq!(store.commit(second.clone().into()).await, Err(StoreError::ForeignWriter));
    store.commit(first.clone().into()).await.unwrap();
    store.commit(second.clone().into()).await.unwrap();
    assert_eq!(store.commit(first.clone().into()).await, Err(StoreError::ForeignWriter));
}

async fn a_claim_is_a_new_incarnation_unless_it_is_the_same_one(place: Place) {
    let (store, pen) = place.begin().await;
    assert_eq!(pen.incarnation, 1);
    assert_eq!(store.claim(pen.nonce).await.unwrap(), 1);
    assert_eq!(store.claim(Uuid::now_v7()).await.unwrap(), 2);
    store.close().await;
    let (store, pen) = place.begin().await;
    assert_eq!(pen.incarnation, 3);
    assert_eq!(store.load().await.unwrap().incarnation, 3);
}

async fn another_entry_in_the_same_place_is_refused_and_nothing_of_its_batch_stays(place: Place) {
    let (store, mut pen) = place.begin().await;
    let mut sevilla = Quill::of("sevilla");
    let first = sevilla.received("P1", 1);
    let mut batch = pen.batch();
    batch.entries = vec![first.clone()];
    store.commit(batch.clone().into()).await.unwrap();

    let forked = Quill::of("sevilla").received("P1", 2);
    let mut batch = pen.batch();
    batch.entries = vec![Quill::of("madrid").received("P1", 3), forked, sevilla.received("P1", 1)];
    batch.rows.stock = vec![cell("madrid", "P1", 3)];
    let (origin, seq, why) = refusal(store.commit(batch.clone().into()).await.unwrap_err());
    assert_eq!((origin.as_str(), seq), ("sevilla", 1));
    assert!(why.contains("another one"), "{why}");
    assert_eq!(on_hand(&store, "P1").await, None);
    assert_eq!(store.entry(&madrid(), 1).await.unwrap(), None);
    assert_eq!(store.entry(&warehouse("sevilla"), 1).await.unwrap(), Some(first));

    // The batch number is free still: what remains of the batch goes in under it.
    batch.entries.truncate(1);
    assert_eq!(store.commit(batch.clone().into()).await.unwrap(), Committed::Now);
}

async fn the_same_entry_again_is_no_error(place: Place) {
    let (store, mut pen) = place.begin().await;
    let mut sevilla = Quill::of("sevilla");
    let (one, two) = (sevilla.received("P1", 1), sevilla.received("P1", 2));
    let mut batch = pen.batch();
    batch.entries = vec![one.clone()];
    batch.seals = vec![(warehouse("sevilla"), seal(1))];
    store.commit(batch.clone().into()).await.unwrap();
    let mut batch = pen.batch();
    batch.entries = vec![one, two.clone()];
    batch.seals = vec![(warehouse("sevilla"), seal(1)), (warehouse("sevilla"), seal(2))];
    store.commit(batch.clone().into()).await.unwrap();
    assert_eq!(store.entry(&warehouse("sevilla"), 2).await.unwrap(), Some(two));
}

async fn stock_below_zero_is_refused_by_name_and_nothing_of_its_batch_stays(place: Place) {
    let (store, mut pen) = place.begin().await;
    let mut toledo = Quill::of("toledo");
    let mut sevilla = Quill::of("sevilla");
    let (one, two, three) = (toledo.received("P1", 1), sevilla.received("P1", 1), sevilla.received("P2", 1));
    let mut batch = pen.batch();
    batch.movements = vec![
        movement(&one, MovementKind::Receipt, "P1", 1),
        movement(&two, MovementKind::Receipt, "P1", 1),
        movement(&three, MovementKind::Adjustment, "P2", -1),
    ];
    batch.entries = vec![one, two, three];
    batch.rows.stock = vec![
        cell("toledo", "P1", 1),
        cell("sevilla", "P1", 1),
        cell("sevilla", "P2", -1),
        cell("toledo", "P3", 1),
    ];
    let (origin, seq, why) = refusal(store.commit(batch.clone().into()).await.unwrap_err());
    assert_eq!((origin.as_str(), seq), ("sevilla", 2));
    assert!(why.contains("on hand is never negative"), "{why}");
    assert!(store.load().await.unwrap().stock.is_empty());
    assert_eq!(store.entry(&warehouse("toledo"), 1).await.unwrap(), None);

    batch.rows.stock.remove(2);
    assert_eq!(store.commit(batch.clone().into()).await.unwrap(), Committed::Now);
}

async fn reserved_above_on_hand_is_refused(place: Place) {
    let (store, mut pen) = place.begin().await;
    let mut batch = pen.batch();
    let entry = Quill::of("madrid").received("P1", 1);
    let (key, mut cell) = cell("madrid", "P1", 1);
    cell.reserved = units(2);
    batch.entries = vec![entry];
    batch.rows.stock = vec![(key, cell)];
    let (origin, seq, why) = refusal(store.commit(batch.clone().into()).await.unwrap_err());
    assert_eq!((origin.as_str(), seq), ("madrid", 1));
    assert!(why.contains("reserved lies between zero and on hand"), "{why}");
}

async fn a_time_beyond_all_bounds_is_refused_not_wrapped(place: Place) {
    let (store, mut pen) = place.begin().await;
    let entry = Quill::of("sevilla").received("P1", 1);
    let mut row = movement(&entry, MovementKind::Receipt, "P1", 1);
    row.sort_key = u64::MAX;
    let mut batch = pen.batch();
    batch.entries = vec![entry];
    batch.movements = vec![row];
    let (origin, seq, why) = refusal(store.commit(batch.clone().into()).await.unwrap_err());
    assert_eq!((origin.as_str(), seq), ("sevilla", 1));
    assert!(why.contains("the place in time is in range"), "{why}");
}

async fn a_text_with_a_zero_byte_is_refused(place: Place) {
    let (store, mut pen) = place.begin().await;
    let mut sevilla = Quill::of("sevilla");
    let (one, two) = (sevilla.received("P1", 1), sevilla.received("P1", 1));
    let mut row = movement(&two, MovementKind::Receipt, "P1", 1);
    row.reference = "a\0b".into();
    let mut batch = pen.batch();
    batch.movements = vec![movement(&one, MovementKind::Receipt, "P1", 1), row];
    batch.entries = vec![one, two];
    let (origin, seq, _) = refusal(store.commit(batch.clone().into()).await.unwrap_err());
    assert_eq!((origin.as_str(), seq), ("sevilla", 2));
}

async fn of_two_values_of_one_cell_the_last_counts(place: Place) {
    let (store, mut pen) = place.begin().await;
    let mut batch = pen.batch();
    batch.rows.stock = vec![cell("madrid", "P1", 1), cell("madrid", "P2", 1), cell("madrid", "P1", 2)];
    store.commit(batch.clone().into()).await.unwrap();
    assert_eq!(on_hand(&store, "P1").await, Some(units(2)));
}

async fn a_cell_at_zero_stays_and_is_known_to_be_empty(place: Place) {
    let (store, mut pen) = place.begin().await;
    let mut batch = pen.batch();
    batch.rows.stock = vec![cell("madrid", "P1", 1)];
    store.commit(batch.clone().into()).await.unwrap();
    let mut batch = pen.batch();
    batch.rows.stock = vec![cell("madrid", "P1", 0)];
    store.commit(batch.clone().into()).await.unwrap();
    store.close().await;
    assert_eq!(on_hand(&place.open().await, "P1").await, Some(Quantity::ZERO));
}

async fn own_entries_are_found_by_their_command(place: Place) {
    let (store, mut pen) = place.begin().await;
    let mut own = Quill::of("madrid");
    let ids: Vec<Uuid> = (0..300).map(|_| Uuid::now_v7()).collect();
    let mut batch = pen.batch();
    for &id in &ids {
        for index in 0..2 {
            batch.entries.push(own.answer(command(id, index), received("P1", 1)));
        }
    }
    let foreign = Uuid::now_v7();

    batch.entries.push(Quill::of("sevilla").answer(command(foreign, 0), received("P1", 1)));
    store.commit(batch.clone().into()).await.unwrap();

    let mut asked = ids.clone();
    asked.extend([foreign, Uuid::now_v7()]);
    let found = store.commands(&asked).await.unwrap();
    assert_eq!(found.len(), ids.len());
    for id in &ids {
        let commands: Vec<_> = found[id].iter().map(|e| e.entry.command).collect();
        assert_eq!(commands, [command(*id, 0), command(*id, 1)]);
    }
    assert_eq!(store.commands(&ids[..3]).await.unwrap().len(), 3);
    assert!(store.commands(&[]).await.unwrap().is_empty());
}

async fn an_entry_is_found_in_the_bytes_it_came_in(place: Place) {
    let (store, mut pen) = place.begin().await;
    let written = Quill::of("sevilla").received("P1", 1);
    // A field that this program doesn't know, and spaces that it wouldn't write.
    let mut text = String::from_utf8(written.bytes.to_vec()).unwrap();
    text.insert_str(1, " \"new\":\"ñ\", ");
    let relayed = rubentario::ledger::StoredEntry::read(text.into_bytes().into()).unwrap();
    assert_ne!(relayed.hash, written.hash);
    let mut batch = pen.batch();
    batch.entries = vec![relayed.clone()];
    store.commit(batch.clone().into()).await.unwrap();
    let found = store.entry(&warehouse("sevilla"), 1).await.unwrap();
    assert_eq!(found, Some(relayed));
    assert_eq!(store.entry(&warehouse("sevilla"), 2).await.unwrap(), None);
    assert_eq!(store.entry(&warehouse("sevilla"), u64::MAX).await.unwrap(), None);
}

/// Twenty entries of madrid, sealed at 3, 10 and 15.
async fn sealed_ledger(place: &Place) -> (Store, Vec<rubentario::ledger::StoredEntry>) {
    let (store, mut pen) = place.begin().await;
    let mut own = Quill::of("madrid");
    let entries: Vec<_> = (0..20).map(|_| own.received("P1", 1)).collect();
    let mut batch = pen.batch();
    batch.entries.clone_from(&entries);
    batch.seals = [3, 10, 15].into_iter().map(|seq| (madrid(), seal(seq))).collect();
    store.commit(batch.clone().into()).await.unwrap();
    (store, entries)
}

async fn a_range_ends_at_a_seal(place: Place) {
    let (store, entries) = sealed_ledger(&place).await;
    let (found, seals) = store.range(&madrid(), 1, 1 << 20).await.unwrap();
    assert_eq!(bytes_of(&found), bytes_of(&entries[..15]));
    assert_eq!(seals, [seal(3), seal(10), seal(15)]);

    let (found, seals) = store.range(&madrid(), 4, 1 << 20).await.unwrap();
    assert_eq!(bytes_of(&found), bytes_of(&entries[3..15]));
    assert_eq!(seals, [seal(10), seal(15)]);

    let twelve = entries[..12].iter().map(|e| e.bytes.len()).sum();
    let (found, seals) = store.range(&madrid(), 1, twelve).await.unwrap();
    assert_eq!(bytes_of(&found), bytes_of(&entries[..10]));
    assert_eq!(seals, [seal(3), seal(10)]);

    assert_eq!(store.range(&madrid(), 16, 1 << 20).await.unwrap().0, []);
    assert_eq!(store.range(&warehouse("toledo"), 1, 1 << 20).await.unwrap().0, []);
}

async fn a_range_is_never_shorter_than_to_the_first_seal(place: Place) {
    let (store, entries) = sealed_ledger(&place).await;
    let (found, seals) = store.range(&madrid(), 5, 1).await.unwrap();
    assert_eq!(bytes_of(&found), bytes_of(&entries[4..10]));
    assert_eq!(seals, [seal(10)]);
}

async fn a_range_stops_before_a_gap(place: Place) {
    let (store, mut pen) = place.begin().await;
    let mut sevilla = Quill::of("sevilla");
    let mut entries: Vec<_> = (0..6).map(|_| sevilla.received("P1", 1)).collect();
    entries.remove(3);
    let mut batch = pen.batch();
    batch.entries.clone_from(&entries);
    batch.seals = [2, 6].into_iter().map(|seq| (warehouse("sevilla"), seal(seq))).collect();
    store.commit(batch.clone().into()).await.unwrap();
    let (found, seals) = store.range(&warehouse("sevilla"), 1, 1 << 20).await.unwrap();
    assert_eq!(bytes_of(&found), bytes_of(&entries[..2]));
    assert_eq!(seals, [seal(2)]);
    assert_eq!(store.range(&warehouse("sevilla"), 4, 1 << 20).await.unwrap().0, []);
}

async fn a_large_batch_is_one_transaction(place: Place) {
    let (store, mut pen) = place.begin().await;
    let mut own = Quill::of("madrid");
    let mut batch = pen.batch();
    for n in 0..1333 {
        let entry = own.received("P1", 1);
        batch.movements.push(movement(&entry, MovementKind::Receipt, "P1", 1));
        batch.rows.stock.push(cell("madrid", &format!("P{n}"), n));
        batch.entries.push(entry);
    }
    batch.seals = vec![(madrid(), seal(1333))];
    // The last row of the last table can't be.
    batch.rows.stock.push(cell("madrid", "X", -1));
    refusal(store.commit(batch.clone().into()).await.unwrap_err());
    assert!(store.load().await.unwrap().stock.is_empty());

    batch.rows.stock.pop();
    store.commit(batch.clone().into()).await.unwrap();
    let (found, _) = store.range(&madrid(), 1, usize::MAX).await.unwrap();
    assert_eq!(bytes_of(&found), bytes_of(&batch.entries));
    let loaded = store.load().await.unwrap();
    assert_eq!(loaded.stock, batch.rows.stock.iter().cloned().collect());
}

/// Seconds of a day.
const DAY: u64 = 86_400;

/// Issues of 3, 4 and 5 on three days; the second is undone on the third.
async fn issued(place: &Place) -> Store {
    let (store, mut pen) = place.begin().await;
    let mut own = Quill::of("madrid");
    let mut batch = pen.batch();
    let lines = [
        (MovementKind::Receipt, 20, 0),
        (MovementKind::Issue, -3, 10),
        (MovementKind::Issue, -4, DAY),
        (MovementKind::TransferRequested, 50, DAY),
        (MovementKind::Issue, -5, 2 * DAY),
        (MovementKind::Reversal, 4, 2 * DAY),
    ];
    for (kind, qty, at) in lines {
        let entry = own.received("P1", 1);
        let mut row = movement(&entry, kind, "P1", qty);
        (row.sort_key, row.at_ms) = (hybrid(at), moment(at));
        batch.movements.push(row);
        batch.entries.push(entry);
    }
    let mut foreign = movement(&Quill::of("sevilla").received("P1", 1), MovementKind::Issue, "P1", -1);
    foreign.sort_key = hybrid(0);
    batch.movements.push(foreign);
    batch.rows.reversals = vec![(madrid(), 3, 6)];
    store.commit(batch.clone().into()).await.unwrap();
    store
}

async fn issues_that_were_undone_are_no_demand(place: Place) {
    let store = issued(&place).await;
    let shown = |all: Vec<Demand>| {
        let one = |d: Demand| {
            format!(
                "{} {} {} of {} today {} first {}",
                d.warehouse, d.sku, d.issued, d.squares, d.today, d.first
            )
        };
        all.into_iter().map(one).collect::<Vec<_>>()
    };
    let all = store.demand(0, moment(2 * DAY)).await.unwrap();
    // 3 on the first day and 5 on the third.
    assert_eq!(
        shown(all),
        ["madrid P1 8 of 34000000 today 5 first 0", "sevilla P1 1 of 1000000 today 0 first 0"]
    );
    let later = store.demand(moment(11), moment(DAY)).await.unwrap();
    assert_eq!(shown(later), ["madrid P1 5 of 25000000 today 0 first 0"]);
    let from_the_first = store.demand(moment(1), moment(2 * DAY)).await.unwrap();
    assert_eq!(shown(from_the_first), ["madrid P1 8 of 34000000 today 5 first 3"]);
}

async fn what_was_issued_and_not_undone_is_counted_by_entries(place: Place) {
    let store = issued(&place).await;
    assert_eq!(store.issue_counts(&madrid(), 0).await.unwrap(), [(sku("P1"), 2)], "one of three was undone");
    assert_eq!(store.issue_counts(&madrid(), moment(DAY)).await.unwrap(), [(sku("P1"), 1)]);
    assert_eq!(store.issue_counts(&warehouse("sevilla"), 0).await.unwrap(), [(sku("P1"), 1)]);
    let issues = |done: Vec<(MovementKind, u64, u64)>| {
        done.into_iter().find(|(kind, ..)| *kind == MovementKind::Issue).map(|(_, acts, lines)| (acts, lines))
    };
    assert_eq!(
        issues(store.done_since(&madrid(), 0).await.unwrap()),
        Some((2, 2)),
        "one of three was undone"
    );
    assert_eq!(issues(store.done_since(&madrid(), moment(DAY)).await.unwrap()), Some((1, 1)));
    assert_eq!(store.done_since(&madrid(), moment(1000 * DAY)).await.unwrap(), []);
    assert_eq!(store.issue_counts(&warehouse("vigo"), 0).await.unwrap(), []);
}

async fn days_show_what_was_issued_and_what_changed(place: Place) {
    let store = issued(&place).await;
    let days = store.days(&madrid(), &sku("P1"), 0).await.unwrap();
    let shown: Vec<_> =
        days.iter().map(|d| format!("{} {} +{} -{} {}", d.day, d.issued, d.came, d.went, d.change)).collect();
    assert_eq!(shown, ["2026-01-01 3 +20 -3 17", "2026-01-02 0 +0 -4 -4", "2026-01-03 5 +4 -5 -1"]);
    assert_eq!(store.days(&madrid(), &sku("P9"), 0).await.unwrap(), []);
}

async fn a_reader_beside_a_writer_sees_what_is_committed(place: Place) {
    let (store, mut pen) = place.begin().await;
    let reader = Store::open(&place.target(), &madrid(), Mode::Read).await.unwrap();
    let mut batch = pen.batch();
    batch.rows.stock = vec![cell("madrid", "P1", 1)];
    store.commit(batch.clone().into()).await.unwrap();
    assert_eq!(on_hand(&reader, "P1").await, Some(units(1)));
    assert!(matches!(reader.commit(pen.batch().into()).await, Err(StoreError::Broken { .. })));
}

async fn a_reader_changes_nothing_and_needs_tables(place: Place) {
    let error = Store::open(&place.target(), &madrid(), Mode::Read).await.err().unwrap();
    assert!(matches!(error, StoreError::Config(Fault::Blank { .. } | Fault::File { .. })), "{error}");
    place.begin().await.0.close().await;
    Store::open(&place.target(), &madrid(), Mode::Read).await.unwrap();
}

async fn the_database_of_another_node_is_refused(place: Place) {
    place.open().await.close().await;
    for mode in [Mode::Write, Mode::Read] {
        let error = Store::open(&place.target(), &warehouse("sevilla"), mode).await.err().unwrap();
        assert_eq!(
            error.to_string(),
            "this is the database of node madrid, not of sevilla: every node needs its own"
        );
    }
}

async fn tables_of_a_newer_program_are_refused(place: Place) {
    place.open().await.close().await;
    place
        .run(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (9000, 'of tomorrow', true, '', 0)",
        )
        .await;
    for mode in [Mode::Write, Mode::Read] {
        let error = Store::open(&place.target(), &madrid(), mode).await.err().unwrap();
        let text = error.to_string();
        assert!(matches!(error, StoreError::Config(Fault::Newer { found: 9000, .. })), "{text}");
        assert!(text.contains("run the newer rubentario"), "{text}");
    }
}

async fn a_person_reads_units_and_times_in_the_views(place: Place) {
    let (store, mut pen) = place.begin().await;
    store.commit(everything(&mut pen).into()).await.unwrap();
    let stock = "SELECT warehouse || ' ' || sku || ' ' || name || ' ' || CAST(on_hand AS text) || ' '
                        || CAST(available AS text) FROM v_stock WHERE lot = 'L1'";
    let words = place.ask(stock).await.replace(".0", "");
    assert_eq!(words, "sevilla P1 Macarrones 4 0");
    let line = "SELECT warehouse || ' ' || kind || ' ' || CAST(qty AS text) || ' ' || CAST(at AS text) FROM v_movement";
    let words = place.ask(line).await;
    assert!(words.starts_with("madrid receipt 5"), "{words}");
    assert!(words.contains("2026-01-01"), "{words}");
    let entry = "SELECT CAST(bytes AS text) FROM v_entry WHERE origin = 'sevilla'";
    let words = place.ask(entry).await;
    assert!(words.contains("\"kind\":\"received\""), "{words}");
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |kind: &str| {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(kind);
        let mut names: Vec<_> =
            fs::read_dir(dir).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names("postgres"), names("sqlite"));
    assert!(!names("sqlite").is_empty());
}

async fn on_hand(store: &Store, product: &str) -> Option<Quantity> {
    let loaded = store.load().await.unwrap();
    loaded.stock.get(&cell("madrid", product, 0).0).map(|c| c.on_hand)
}
