//! The lock: two requesters, three voters, one resource.

mod reduced;
mod world;

use rubentario::protocol::quorum_lock::Fault;
use stateright::{Checker as _, HasDiscoveries, Model as _};
use world::Lock;

use crate::explore::{MINUTES, SECONDS, explore};
use crate::reduced::Whole;
use crate::walk::{assert_walks, walks};

/// Voters hear at once what requesters say; the rest comes in any order.
const HEARD: Lock = Lock { heard_at_once: true, ..Lock::QUIET };
/// So do they, entries are copied at once, and any node crashes once.
const CRASH: Lock = Lock { crashes: 1, copied_at_once: true, ..HEARD };

#[test]
fn entries_and_votes_in_any_order() {
    explore("lock, entries and votes in any order", HEARD, SECONDS);
}

#[test]
fn one_crash_with_votes_in_any_order() {
    explore("lock, votes in any order, one crash", CRASH, SECONDS);
}

#[test]
#[ignore = "takes minutes"]
fn messages_in_any_order_to_the_end() {
    let copied = Lock { copied_at_once: true, ..Lock::QUIET };
    explore("lock, messages in any order", copied, MINUTES);
}

#[test]
#[ignore = "takes minutes"]
fn everything_in_any_order_with_one_crash_to_the_end() {
    explore(
        "lock, messages and entries in any order, one crash",
        Lock { crashes: 1, ..Lock::QUIET },
        MINUTES,
    );
}

#[test]
#[ignore = "takes minutes"]
fn everything_in_any_order_to_the_end() {
    explore("lock, messages and entries in any order", Lock::QUIET, MINUTES);
}

#[test]
#[ignore = "takes minutes"]
fn messages_in_any_order_with_one_crash_to_the_end() {
    let any_order = Lock { heard_at_once: false, ..CRASH };
    explore("lock, messages in any order, one crash", any_order, MINUTES);
}

#[test]
#[ignore = "takes minutes"]
fn one_loss_and_what_is_said_again_to_the_end() {
    let loss = Lock { losses: 1, units: 1, copied_at_once: true, ..HEARD };
    explore("lock, one loss, a third of a lease", loss, MINUTES);
}

#[test]
#[ignore = "takes minutes"]
fn a_pause_to_the_end() {
    let pause = Lock { pauses: true, units: 1, ..HEARD };
    explore("lock, entries and votes in any order, a pause, a third of a lease", pause, MINUTES);
}

#[test]
#[ignore = "takes minutes"]
fn leases_that_lapse_to_the_end() {
    let lapse = Lock { units: 4, copied_at_once: true, ..HEARD };
    explore("lock, leases that lapse", lapse, MINUTES);
}

/// All that can go wrong, within what a walk comes to.
const ROUGH: Lock =
    Lock { units: 9, wishes: 2, losses: 3, doubles: 3, crashes: 2, pauses: true, ..Lock::QUIET };

#[test]
fn walks_with_losses_doubles_crashes_pauses_and_lapses() {
    assert_walks("lock::walks_with_losses", &ROUGH, 200_000);
}

#[test]
fn reduced_states_stand_for_all() {
    explore("lock, whole and reduced", Whole::of(&HEARD), SECONDS);
    explore("lock, whole and reduced, one crash", Whole::of(&CRASH), SECONDS);
}

#[test]
#[ignore = "takes minutes"]
fn reduced_states_stand_for_all_that_walks_come_to() {
    let any_order = Lock { heard_at_once: false, ..CRASH };
    assert_walks("lock::reduced_states_stand_for_all_that", &Whole::of(&any_order), 5_000_000);
}

/// What is taken out of the states must not be what the machines' faults show in.
#[test]
fn deliberate_faults_are_found_among_reduced_states() {
    let copied = Lock { copied_at_once: true, ..Lock::QUIET };
    let faulty = |fault, lock: Lock| Lock { fault: Some(fault), ..lock };
    let cases = [
        (faulty(Fault::NoGrantNumbers, copied.clone()), "one holder at most"),
        (faulty(Fault::HighStays, copied), "fences of those who enter grow while voters remember"),
        (faulty(Fault::VotesAtOnce, Lock { heard_at_once: false, ..CRASH }), "one holder at most"),
        (faulty(Fault::LeavesOnAnyVote, Lock::QUIET), "who enters sees what those before wrote"),
    ];
    for (model, expected) in cases {
        let first = HasDiscoveries::AllOf([expected].into_iter().collect());
        let checker = model.checker().finish_when(first).spawn_bfs().join();
        eprintln!("{expected}: found among {} states", checker.unique_state_count());
        checker.assert_any_discovery(expected);
    }
}

#[test]
fn deliberate_faults_are_found() {
    let faulty = |fault| Lock { fault: Some(fault), crashes: 0, ..ROUGH };
    let crashing = Lock { crashes: 1, ..faulty(Fault::VotesAtOnce) };
    let cases = [
        (faulty(Fault::NoGrantNumbers), "one holder at most"),
        (faulty(Fault::HighStays), "fences of those who enter grow while voters remember"),
        (crashing, "one holder at most"),
        (Lock { source_judges: false, ..ROUGH }, "accepted fences never fall"),
        (faulty(Fault::LeavesOnAnyVote), "who enters sees what those before wrote"),
    ];
    for (model, expected) in cases {
        let found = walks(&model, 7, 3_000_000).err().map(|broken| broken.property);
        assert_eq!(found, Some(expected), "{model:?}");
    }
}
