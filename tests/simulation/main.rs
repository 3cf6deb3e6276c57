//! Whole clusters in one thread, from a seed: messages lost, doubled, late and out of order, partitions, crashes between
//! any two effects, disks set back and lost, clocks that are hours off, operators who collide. After every step nothing
//! is negative; at the end all agree. `docs/verification.md` says how to run it for long and how to replay a seed.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::needless_for_each,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "tests"
)]

#[path = "cluster.rs"]
mod cluster;

use std::thread;

use cluster::{Coverage, Run};

/// Whether this is the optimised build.
const IS_FAST: bool = !cfg!(debug_assertions);
/// Seeds of one run of the tests; the long runs are the example's.
const SEEDS: u64 = if IS_FAST { 1_000 } else { 40 };

fn some(from: u64, step: usize) -> Result<Coverage, String> {
    let mut coverage = Coverage::default();
    for seed in (from..SEEDS).step_by(step) {
        let run = Run { seed, ..Run::default() };
        let seen = run.carry_out().map_err(|why| {
            format!("seed {seed}: {why}\nreplay: cargo run --example simulate -- --seed {seed}")
        })?;
        coverage.add(&seen);
    }
    Ok(coverage)
}

#[test]
fn clusters_agree_after_any_schedule() {
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let found: Vec<_> = thread::scope(|scope| {
        let running: Vec<_> =
            (0..threads).map(|first| scope.spawn(move || some(first as u64, threads))).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut coverage = Coverage::default();
    for seen in found {
        coverage.add(&seen.unwrap());
    }
    eprintln!("{SEEDS} seeds:\n{coverage}");
    if IS_FAST {
        assert_eq!(coverage.missing(), [""; 0], "never happened");
    }
}
