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

/// Explores to the end and says how much that was.
fn explore(name: &str, model: Lock) {
    let checker = model.checker().threads(threads()).spawn_bfs().join();
    eprintln!(
        "{name}: {} states, {} distinct, depth {}",
        checker.state_count(),
        checker.unique_state_count(),
        checker.max_depth()
    );
    checker.assert_properties();
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Tells which of the properties does not hold.
fn broken(model: Lock) -> Vec<&'static str> {
    let checker = model.checker().threads(threads()).finish_when(FIRST).spawn_bfs().join();
    let found = checker.discoveries().into_keys();
    found.filter(|name| *name != "both enter, one after the other").collect()
}

const FIRST: stateright::HasDiscoveries = stateright::HasDiscoveries::AnyFailures;

/// A walk from state to state by chance, over and over, until so many steps are taken.
fn walk(model: &Lock, seed: u64, steps: u64) -> Option<String> {
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
                return Some(format!("«{}» is broken by {path:?}\n{state:#?}", property.name));
            }
        }
    }
    None
}

#[test]
fn two_requesters_and_three_voters_are_right_under_every_schedule_within_bounds() {
    let small = std::env::var("RUBENTARIO_MODEL").as_deref() != Ok("large");
    if small {
        explore("any order", Lock { units: 0, ..Lock::QUIET });
    } else {
        explore("any order", Lock { units: 1, ..Lock::QUIET });
    }
}
