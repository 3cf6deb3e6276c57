//! The benchmarks run and tell what they should, on a size that says nothing of speed: no time is looked at here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/rabbitmq.rs"]
mod rabbitmq;

use std::collections::BTreeMap;

use assert_cmd::Command;
use serde_json::Value;

fn bench(args: &[&str]) -> Command {
    let home = std::env::temp_dir();
    let mut command = Command::new(env!("CARGO_BIN_EXE_rubentario"));
    command
        .env_clear()
        .env("HOME", home)
        .args(["bench", "--json", "--size", "3", "--seconds", "1"])
        .args(args);
    command
}

fn rows(mut command: Command) -> BTreeMap<String, Value> {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    rows.into_iter().map(|row| (row["name"].as_str().unwrap().to_owned(), row)).collect()
}

#[test]
fn every_benchmark_runs_and_what_needs_a_service_is_skipped_with_the_reason() {
    let rows = rows(bench(&[]));
    let names: Vec<_> = rows.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "booking.postgresql",
            "booking.sqlite",
            "catchup.core",
            "catchup.postgresql",
            "catchup.sqlite",
            "idle.demo",
            "import.sqlite",
            "lock.contended.last",
            "lock.rabbitmq",
            "lock.spool.p50",
            "lock.spool.p99",
            "memory.node",
            "memory.terminal",
            "peer.rabbitmq",
            "peer.spool.p50",
            "peer.spool.p99",
            "receipt.postgresql",
            "receipt.sqlite.p50",
            "receipt.sqlite.p99",
            "snapshot.closed.max",
            "snapshot.closed.p50",
            "snapshot.meanwhile.p99",
            "start.first-frame",
            "terminal.receipt.p50",
            "terminal.receipt.p99",
            "view.frame.p50",
            "view.frame.p99",
            "view.key.p50",
            "view.key.p99",
            "view.redraws",
            "view.search.p50",
            "view.search.p99",
        ]
    );
    for (name, row) in rows {
        for text in ["unit", "target"] {
            assert!(row[text].is_string(), "{name}: {row}");
        }
        let needs_a_service = name.contains("postgresql") || name.contains("rabbitmq");
        assert_eq!(row["skipped"].is_string(), needs_a_service, "{row}");
        assert_eq!(row["value"].is_number(), !needs_a_service, "{row}");
        let stands_alone = ["idle", "memory", "view", "snapshot.closed", "lock.contended", "catchup.core"]
            .iter()
            .any(|alone| name.starts_with(alone));
        let has_a_limit = !needs_a_service && !stands_alone;
        assert_eq!(row["limit"].is_number(), has_a_limit, "{row}");
        assert_eq!(row["ratio"].is_number(), has_a_limit, "{row}");
    }
}

#[test]
fn with_a_server_and_a_broker_those_are_measured_too_and_nothing_is_left_on_the_server() {
    let database = postgres::Database::new();
    for name in ["booking", "receipt"] {
        for (name, row) in rows(bench(&[name, "--postgres", &database.url()])) {
            assert!(row["ratio"].is_number(), "{name}: {row}");
        }
    }
    for name in ["peer", "lock"] {
        let measured = rows(bench(&[name, "--amqp", &rabbitmq::shared()]));
        for (name, row) in measured.iter().filter(|(name, _)| !name.contains("contended")) {
            assert!(row["ratio"].is_number(), "{name}: {row}");
        }
    }
    let left = "DO $$ BEGIN ASSERT NOT EXISTS
        (SELECT FROM pg_database WHERE datname LIKE 'rubentario_bench%'), 'a database is left'; END $$";
    postgres::try_execute(database.server_url(), left).unwrap();
}

#[test]
fn an_unknown_benchmark_is_a_usage_error_that_lists_the_known_ones() {
    let output = bench(&["speed"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let message = document["error"]["message"].as_str().unwrap();
    assert!(message.contains("booking") && message.contains("memory"), "{message}");
}
