//! The servers that other tests rely on: a test of a crash is worth nothing if the crash didn't happen.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "support/postgres.rs"]
mod postgres;

use std::time::Duration;

use postgres::{Database, Server};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

async fn note(url: &str, value: i64) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    connection.execute("CREATE TABLE IF NOT EXISTS notes (value bigint)").await.unwrap();
    connection.execute(AssertSqlSafe(format!("INSERT INTO notes VALUES ({value})"))).await.unwrap();
    connection.close().await.unwrap();
}

async fn notes(url: &str) -> i64 {
    let mut connection = PgConnection::connect(url).await.unwrap();
    connection.fetch_one("SELECT count(*) FROM notes").await.unwrap().get(0)
}

#[tokio::test]
async fn every_test_has_a_database_of_its_own() {
    let (one, other) = (Database::new(), Database::new());
    note(&one.url(), 1).await;
    note(&other.url(), 1).await;
    note(&other.url(), 2).await;
    assert_eq!((notes(&one.url()).await, notes(&other.url()).await), (1, 2));
    let gone = one.url();
    drop(one);
    assert!(PgConnection::connect(&gone).await.is_err());
}

#[tokio::test]
async fn a_server_of_ones_own_keeps_what_was_committed_over_stop_kill_and_freeze() {
    let mut server = Server::start();
    let url = server.url("postgres");
    note(&url, 1).await;

    server.stop();
    assert!(PgConnection::connect(&url).await.is_err(), "stopped");
    server.restart();
    note(&url, 2).await;

    let mut open = PgConnection::connect(&url).await.unwrap();
    server.kill();
    assert!(open.ping().await.is_err(), "killed with its sessions");
    assert!(PgConnection::connect(&url).await.is_err(), "killed");
    server.restart();
    note(&url, 3).await;

    server.freeze();
    let frozen = tokio::time::timeout(Duration::from_millis(300), PgConnection::connect(&url)).await;
    assert!(frozen.is_err(), "frozen: the connection neither works nor fails");
    server.thaw();
    assert_eq!(notes(&url).await, 3);
}
