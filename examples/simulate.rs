//! The simulator for long: `cargo run --profile simulation --example simulate -- --from 0 --seeds 20000`.
//!
//! `--seed 17` replays one seed with its trace. With `--features faults`, `--faults` breaks one rule of the protocol
//! after the other and tells with how many seeds each is found. See `docs/verification.md`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::needless_for_each,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::disallowed_methods,
    reason = "a tool for developers"
)]

#[path = "../tests/simulation/cluster.rs"]
mod cluster;

use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use clap::Parser;
use cluster::{Coverage, Mutant, Run};
#[cfg(feature = "faults")]
use rubentario::protocol::fault::Fault;
#[cfg(feature = "faults")]
use rubentario::protocol::quorum_lock::Fault as LockFault;

#[derive(Parser)]
struct Args {
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// How many.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// Replay this one, with its trace.
    #[arg(long)]
    seed: Option<u64>,
    /// Break one rule of the protocol after the other.
    #[arg(long)]
    faults: bool,
}

#[cfg(feature = "faults")]
const fn lock(fault: LockFault) -> Mutant {
    Mutant::Core(Fault::Lock(fault))
}

/// Rules that can be broken, by name.
fn mutants() -> Vec<(&'static str, Mutant)> {
    vec![
        ("acknowledge before commit", Mutant::AcknowledgeBeforeCommit),
        ("publish before commit", Mutant::PublishBeforeCommit),
        #[cfg(feature = "faults")]
        ("skip the causal wait", Mutant::Core(Fault::SkipCausalWait)),
        #[cfg(feature = "faults")]
        ("append while recovering", Mutant::Core(Fault::AppendWhileRecovering)),
        #[cfg(feature = "faults")]
        ("apply a doubled receipt", Mutant::Core(Fault::DoubledReceipt)),
        #[cfg(feature = "faults")]
        ("adopt a time from far ahead", Mutant::Core(Fault::AdoptFarAhead)),
        #[cfg(feature = "faults")]
        ("count votes without the numbers of their grants", lock(LockFault::NoGrantNumbers)),
        #[cfg(feature = "faults")]
        ("vote for a fence that was released", lock(LockFault::HighStays)),
        #[cfg(feature = "faults")]
        ("vote at once after a restart", lock(LockFault::VotesAtOnce)),
        #[cfg(feature = "faults")]
        ("leave a lock on any renewed vote", lock(LockFault::LeavesOnAnyVote)),
        #[cfg(feature = "faults")]
        ("take requests under any fence", Mutant::Core(Fault::TakeAnyFence)),
        #[cfg(feature = "faults")]
        ("close a partial snapshot with a cut that isn't closed", Mutant::Core(Fault::PartialCutNotClosed)),
    ]
}

fn main() -> ExitCode {
    let args = Args::parse();
    if let Some(seed) = args.seed {
        return replay(seed);
    }
    let commit = Command::new("git").args(["describe", "--always", "--dirty"]).output();
    let commit = commit.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned());
    println!("commit {}", commit.unwrap_or_else(|_| "unknown".into()));
    if args.faults { break_rules(&args) } else { run_long(&args) }
}

fn replay(seed: u64) -> ExitCode {
    match (Run { seed, trace: true, mutant: None }).carry_out() {
        Ok(coverage) => println!("seed {seed}: well\n{coverage}"),
        Err(why) => {
            println!("seed {seed}: {why}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn run_long(args: &Args) -> ExitCode {
    let begun = Instant::now();
    let (coverage, failed) = run(args, None, false);
    println!("seeds {} to {}, {} s", args.from, args.from + args.seeds - 1, begun.elapsed().as_secs());
    println!("{coverage}");
    for what in coverage.missing() {
        println!("NEVER: {what}");
    }
    for (seed, why) in &failed {
        println!("FAILED seed {seed}: {why}\n  replay: cargo run --example simulate -- --seed {seed}");
    }
    if failed.is_empty() && coverage.missing().is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn break_rules(args: &Args) -> ExitCode {
    let mut all_found = true;
    for (name, mutant) in mutants() {
        let (_, failed) = run(args, Some(mutant), true);
        if let Some((seed, why)) = failed.first() {
            println!("found     {name}: seed {seed}: {why}");
        } else {
            println!("NOT FOUND {name} within {} seeds", args.seeds);
            all_found = false;
        }
    }
    if all_found { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs the seeds on all processors; tells what happened, and which failed.
fn run(args: &Args, mutant: Option<Mutant>, until_first: bool) -> (Coverage, Vec<(u64, String)>) {
    let next = AtomicU64::new(args.from);
    let end = AtomicU64::new(args.from + args.seeds);
    let found = Mutex::new((Coverage::default(), Vec::new()));
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end.load(Ordering::Relaxed) {
                        break;
                    }
                    let outcome = Run { seed, trace: false, mutant }.carry_out();
                    let mut found = found.lock().unwrap();
                    match outcome {
                        Ok(coverage) => found.0.add(&coverage),
                        Err(why) => {
                            found.1.push((seed, why));
                            if until_first {
                                end.store(0, Ordering::Relaxed);
                            }
                        }
                    }
                    let done = seed - args.from + 1;
                    if done.is_multiple_of(1_000) && mutant.is_none() {
                        eprintln!("{done} seeds; to go on from here: --from {}", seed + 1);
                    }
                }
            });
        }
    });
    let (coverage, mut failed) = found.into_inner().unwrap();
    failed.sort();
    (coverage, failed)
}
