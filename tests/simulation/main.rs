//! Whole clusters in one thread, from a seed: lost, doubled and reordered messages, crashes between any two effects,
//! disks set back, operators who collide. After every step nothing is negative; at the end all agree.
//!
//! `RUBENTARIO_SIM_SEED=17 cargo test --test simulation` replays one seed with its trace;
//! `RUBENTARIO_SIM_SEEDS=5000` runs so many.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines,
    clippy::needless_for_each,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "tests"
)]

mod disk;
mod operators;
mod snapshots;
mod world;

use std::env;

fn run(seed: u64, trace: bool) -> Result<world::Coverage, String> {
    let mut world = world::World::new(seed, trace);
    for step in 0..world.steps() {
        world.step();
        world.check().map_err(|why| format!("step {step}: {why}"))?;
    }
    world.heal();
    world.check_agreement()?;
    Ok(world.coverage)
}

#[test]
fn clusters_agree_after_any_schedule() {
    if let Ok(seed) = env::var("RUBENTARIO_SIM_SEED") {
        let seed = seed.parse().expect("RUBENTARIO_SIM_SEED is a number");
        run(seed, true).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        return;
    }
    let seeds = env::var("RUBENTARIO_SIM_SEEDS").ok().map_or(150, |n| n.parse().expect("a number"));
    let mut coverage = world::Coverage::default();
    for seed in 0..seeds {
        match run(seed, false) {
            Ok(seen) => coverage.add(&seen),
            Err(why) => {
                panic!("seed {seed}: {why}\nreplay: RUBENTARIO_SIM_SEED={seed} cargo test --test simulation")
            }
        }
    }
    eprintln!("{seeds} seeds: {coverage:?}");
    coverage.all_occurred();
}
