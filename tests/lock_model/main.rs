//! The lock's machines, as production drives them, explored by a model checker: small bounds to the end, larger ones
//! on demand (`RUBENTARIO_MODEL=large`), and random walks with what would make the space endless
//! (`RUBENTARIO_WALK_STEPS=50000000`). `docs/verification.md` has the counts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "tests"
)]

mod world;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt as _, SeedableRng as _};
use rubentario::protocol::quorum_lock::Fault;
use stateright::{Checker as _, Expectation, Model as _};
use world::Lock;

/// More states than this are not generated: what is seen is remembered, and memory ends.
const MOST: usize = 60_000_000;

/// Explores to the end and says how much that was. Depth first: what is still to be seen stays small.
fn explore(name: &str, model: Lock) {
    let checker = model.checker().threads(threads()).target_state_count(MOST).spawn_dfs().join();
    let (states, distinct) = (checker.state_count(), checker.unique_state_count());
    eprintln!("{name}: {states} states, {distinct} distinct, depth {}", checker.max_depth());
    assert!(states < MOST, "{name}: not explored to the end");
    checker.assert_properties();
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// A walk from state to state by chance, over and over, until so many steps are taken.
fn walk(model: &Lock, seed: u64, steps: u64) -> Option<(&'static str, String)> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let properties = model.properties();
    let mut taken = 0;
    while taken < steps {
        let mut state = model.init_states().remove(0);
        let mut path = Vec::new();
        loop {
            let mut actions = Vec::new();
            model.actions(&state, &mut actions);
            if actions.is_empty() || taken >= steps {
                break;
            }
            let action = actions[rng.random_range(0..actions.len())];
            path.push(action);
            let Some(next) = model.next_state(&state, action) else { break };
            state = next;
            taken += 1;
            let always = properties.iter().filter(|p| p.expectation == Expectation::Always);
            if let Some(property) = always.into_iter().find(|p| !(p.condition)(model, &state)) {
                return Some((property.name, format!("{path:?}\n{state:#?}")));
            }
        }
    }
    None
}

/// The bounds that are explored to the end: a few seconds' worth, or all that a patient machine can do.
fn bounds() -> Vec<(&'static str, Lock)> {
    let entries = Lock { heard_at_once: true, ..Lock::QUIET };
    let copied = Lock { copied_at_once: true, ..entries.clone() };
    let small =
        vec![("entries in any order", entries.clone()), ("one crash", Lock { crashes: 1, ..copied.clone() })];
    if std::env::var("RUBENTARIO_MODEL").as_deref() != Ok("large") {
        return small;
    }
    vec![
        ("votes in any order", Lock { copied_at_once: true, ..Lock::QUIET }),
        ("entries in any order, a pause, a third of a lease", Lock { pauses: true, units: 1, ..entries }),
        ("one loss, a third of a lease", Lock { losses: 1, units: 1, ..copied.clone() }),
        ("leases that lapse", Lock { units: 4, ..copied }),
        ("everything in any order", Lock::QUIET),
    ]
}

#[test]
fn two_requesters_and_three_voters_are_right_under_every_schedule_within_bounds() {
    for (name, model) in bounds() {
        explore(name, model);
    }
}

/// All that can go wrong, within what a walk comes to.
fn rough() -> Lock {
    Lock { units: 9, wishes: 2, losses: 3, doubles: 3, crashes: 2, pauses: true, ..Lock::QUIET }
}

#[test]
fn walks_with_losses_doubles_crashes_pauses_and_lapses_find_nothing() {
    let steps = std::env::var("RUBENTARIO_WALK_STEPS").map_or(200_000, |n| n.parse().expect("a number"));
    if let Some((property, how)) = walk(&rough(), 1, steps) {
        panic!("«{property}» is broken: {how}");
    }
    eprintln!("{steps} steps of walks");
}

#[test]
fn deliberate_faults_are_found() {
    let faulty = |fault| Lock { fault: Some(fault), crashes: 0, ..rough() };
    let crashing = Lock { crashes: 1, ..faulty(Fault::VotesAtOnce) };
    let cases = [
        (faulty(Fault::NoGrantNumbers), "one holder at most"),
        (faulty(Fault::HighStays), "fences of those who enter grow while voters remember"),
        (crashing, "one holder at most"),
        (Lock { source_judges: false, ..rough() }, "accepted fences never fall"),
        (faulty(Fault::LeavesOnAnyVote), "who enters sees what those before wrote"),
    ];
    for (model, expected) in cases {
        let found = walk(&model, 7, 3_000_000).map(|(property, _)| property);
        assert_eq!(found, Some(expected), "{model:?}");
    }
}
