//! Exploring a model to its end.

use std::fmt::Debug;
use std::hash::Hash;
use std::time::Instant;

use stateright::{Checker as _, Model};

/// How much of a model is explored.
#[derive(Debug, Clone, Copy)]
pub enum Upto {
    /// Everything; a model with more states than this is too large, which fails.
    TheEnd(usize),
    /// So many states, the first ones that a breadth-first search comes to.
    First(usize),
}

/// So many states are generated within minutes; only 64 bits of each that differs are kept in memory.
pub const MINUTES: Upto = Upto::TheEnd(1_000_000_000);
/// Within seconds.
pub const SECONDS: Upto = Upto::TheEnd(3_000_000);

/// Explores, says how much that was, and asserts that every property holds and what is to be reached was reached.
pub fn explore<M>(name: &str, model: M, upto: Upto)
where
    M: Model<State: Clone + PartialEq + Hash + Debug + Send + Sync, Action: Clone + PartialEq + Debug>
        + Send
        + Sync
        + 'static,
{
    let threads = std::env::var("RUBENTARIO_MODEL_THREADS").map_or(2, |n| n.parse().expect("a number"));
    let since = Instant::now();
    let checker = model.checker().threads(threads);
    match upto {
        // Depth first: what is still to be seen stays small.
        Upto::TheEnd(most) => {
            let checker = checker.target_state_count(most).spawn_dfs().join();
            report(name, &checker, since);
            assert!(checker.state_count() < most, "{name}: not explored to the end");
            checker.assert_properties();
        }
        Upto::First(states) => {
            let checker = checker.target_state_count(states).spawn_bfs().join();
            report(name, &checker, since);
            checker.assert_properties();
        }
    }
}

fn report<M: Model<State: Hash + Debug, Action: Debug>>(
    name: &str,
    checker: &impl stateright::Checker<M>,
    since: Instant,
) {
    eprintln!(
        "{name}: {} states, {} distinct, depth {}, {} s",
        checker.state_count(),
        checker.unique_state_count(),
        checker.max_depth(),
        since.elapsed().as_secs()
    );
}
