//! Random walks through a model: from a start, step by step by chance, to where nothing can happen any more.
//!
//! Every walk has a seed of its own, and its steps follow from that: what is found is replayed by it.

use std::collections::BTreeMap;
use std::fmt::Debug;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt as _, SeedableRng as _};
use stateright::{Expectation, Model};

/// A walk that can't end ends here.
const LONGEST: usize = 2_000;

/// A property that a walk broke.
pub struct Broken {
    /// Which.
    pub property: &'static str,
    /// The walk's.
    pub seed: u64,
    /// Its steps, and where it ended.
    pub how: String,
}

/// What walks came to.
#[derive(Debug, Default)]
pub struct Walked {
    pub walks: u64,
    pub steps: u64,
    pub longest: usize,
    /// In how many walks each of what is to be reached was reached.
    pub reached: BTreeMap<&'static str, u64>,
}

/// One walk.
struct Walk<M: Model> {
    path: Vec<M::Action>,
    reached: Vec<&'static str>,
    broken: Option<&'static str>,
    end: M::State,
}

fn walk<M: Model<State: Clone, Action: Clone>>(model: &M, seed: u64) -> Walk<M> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let properties = model.properties();
    let mut starts = model.init_states();
    let end = starts.swap_remove(rng.random_range(0..starts.len()));
    let mut walk = Walk { path: Vec::new(), reached: Vec::new(), broken: None, end };
    let mut actions = Vec::new();
    while walk.path.len() < LONGEST && walk.broken.is_none() {
        actions.clear();
        model.actions(&walk.end, &mut actions);
        // What changes nothing is no step; one of the others is taken.
        let next = loop {
            if actions.is_empty() {
                return walk;
            }
            let action = actions.swap_remove(rng.random_range(0..actions.len()));
            if let Some(next) = model.next_state(&walk.end, action.clone()) {
                walk.path.push(action);
                break next;
            }
        };
        walk.end = next;
        for property in &properties {
            let holds = (property.condition)(model, &walk.end);
            match property.expectation {
                Expectation::Always if !holds => walk.broken = Some(property.name),
                Expectation::Sometimes if holds && !walk.reached.contains(&property.name) => {
                    walk.reached.push(property.name);
                }
                _ => {}
            }
        }
    }
    walk
}

/// Walks of the seeds from the first on, until so many steps are taken; a walk that was begun is ended.
pub fn walks<M>(model: &M, first_seed: u64, steps: u64) -> Result<Walked, Broken>
where
    M: Model<State: Clone + Debug, Action: Clone + Debug>,
{
    let mut walked = Walked::default();
    for property in model.properties() {
        if property.expectation == Expectation::Sometimes {
            walked.reached.insert(property.name, 0);
        }
    }
    for seed in first_seed.. {
        if walked.steps >= steps {
            break;
        }
        let walk = walk(model, seed);
        if let Some(property) = walk.broken {
            let steps = walk.path.iter().enumerate().map(|(n, action)| format!("{n:4} {action:?}\n"));
            return Err(Broken {
                property,
                seed,
                how: format!("{}{:#?}", steps.collect::<String>(), walk.end),
            });
        }
        walked.walks += 1;
        walked.steps += walk.path.len() as u64;
        walked.longest = walked.longest.max(walk.path.len());
        for name in walk.reached {
            *walked.reached.entry(name).or_default() += 1;
        }
    }
    Ok(walked)
}

/// Walks as far as the environment says, else so many steps, and asserts that nothing broke and that all was reached.
pub fn assert_walks<M>(test: &str, model: &M, steps: u64)
where
    M: Model<State: Clone + Debug, Action: Clone + Debug>,
{
    let number = |name: &str| std::env::var(name).ok().map(|n| n.parse().expect("a number"));
    let seed = number("RUBENTARIO_WALK_SEED").unwrap_or(0);
    let steps = number("RUBENTARIO_WALK_STEPS").unwrap_or(steps);
    match walks(model, seed, steps) {
        Ok(walked) => {
            eprintln!("{test}: from seed {seed}: {walked:?}");
            let missed = walked.reached.iter().find(|(_, times)| **times == 0);
            assert!(missed.is_none() || walked.walks < 100, "{test}: never reached: {missed:?}");
        }
        Err(Broken { property, seed, how }) => panic!(
            "«{property}» is broken:\n{how}\nAgain: RUBENTARIO_WALK_SEED={seed} RUBENTARIO_WALK_STEPS=1 cargo test \
             --profile simulation --test models {test} -- --nocapture"
        ),
    }
}
