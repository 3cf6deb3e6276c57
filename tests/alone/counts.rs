//! Counts: each is held against the book of the moment it began.

use super::*;

fn count(name: &str, counted: i64, pinned: u64) -> Act {
    Act::Count {
        sku: sku(name),
        lot: Lot::none(),
        expiry: None,
        counted: q(counted),
        pinned: Some(pinned),
        reference: String::new(),
    }
}

#[test]
fn two_counts_that_began_before_each_other_book_one_difference_once() {
    let mut madrid = Madrid::new();
    madrid.define("A");
    let began = madrid.receives("A", 10).seq;
    madrid.does("ana", count("A", 8, began));
    madrid.does("luis", count("A", 8, began));
    assert_eq!(madrid.on_hand("A"), q(8));
    // What moves in between is no difference.
    madrid.issues("A", 3);
    madrid.does("eva", count("A", 8, began));
    assert_eq!(madrid.on_hand("A"), q(5));
}

#[test]
fn a_count_that_is_undone_is_booked_anew_by_one_that_began_before_it() {
    let mut madrid = Madrid::new();
    madrid.define("A");
    let began = madrid.receives("A", 10).seq;
    let booked = madrid.does("ana", count("A", 8, began)).remove(0);
    madrid.reverses(booked);
    assert_eq!(madrid.on_hand("A"), q(10));
    madrid.does("luis", count("A", 8, began));
    assert_eq!(madrid.on_hand("A"), q(8));
}
