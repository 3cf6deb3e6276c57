//! The program as a person or a service starts it, when its database can't be had yet, or never.

use std::process::Output;

use portable_pty::CommandBuilder;
use rustix::process::Signal;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tempfile::TempDir;

use super::postgres::{Database, Server};
use super::process::{Process, Settings};
use super::seen::Seen;

fn settings(home: &TempDir, store: String) -> Settings {
    Settings {
        home: home.path().to_owned(),
        name: "madrid",
        cluster: "acme".into(),
        found: false,
        store: Some(store),
        bus: None,
    }
}

fn sentence(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8(output.stderr.clone()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_stays_waits_for_its_database_and_a_verb_says_that_it_does_not_answer() {
    let home = TempDir::new().unwrap();
    let mut server = Server::start();
    let database = Database::on(&server.url("postgres"));
    let madrid = settings(&home, database.url());
    server.stop();
    let mut node = Process::start(&madrid);
    node.until_says("the database does not answer: PostgreSQL at 127.0.0.1").await;
    for words in [&["stock"][..], &["product", "set", "A-1", "--name", "Guante"][..]] {
        let (exit, said) = sentence(&madrid.verb(words).await);
        assert_eq!(exit, Some(3), "{said}");
        assert!(said.starts_with("rubentario: the database does not answer"), "{said}");
    }
    assert!(!node.has_said("the node runs"), "{}", node.log());
    server.restart();
    node.until_says("the node runs").await;
    let (exit, said) = sentence(&madrid.verb(&["product", "set", "A-1", "--name", "Guante"]).await);
    assert_eq!(exit, Some(0), "{said}");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_makes_no_database_and_says_that_nobody_ever_started_there() {
    let home = TempDir::new().unwrap();
    let server = Server::start();
    let madrid = settings(&home, server.url("madrid"));
    for verb in ["stock", "history", "status"] {
        let (exit, said) = sentence(&madrid.verb(&[verb]).await);
        assert_eq!(exit, Some(3), "{said}");
        assert_eq!(
            said,
            "rubentario: no warehouse madrid was ever started on the database madrid\n  \
             start it by: rubentario --node madrid node; if it is another one, correct [store] url\n"
        );
        let (_, said) = sentence(&madrid.verb(&[verb, "--lang", "es"]).await);
        assert!(said.contains("nunca con la base de datos madrid"), "{said}");
    }
    let mut connection = PgConnection::connect(&server.url("postgres")).await.unwrap();
    let made = "SELECT count(*) FROM pg_database WHERE datname = 'madrid'";
    let made: i64 = sqlx::query_scalar(made).fetch_one(&mut connection).await.unwrap();
    assert_eq!(made, 0);

    // One that was made for it and never used.
    connection.execute("CREATE DATABASE madrid").await.unwrap();
    connection.close().await.unwrap();
    let (exit, said) = sentence(&madrid.verb(&["stock"]).await);
    assert_eq!(exit, Some(3), "{said}");
    assert!(said.contains("no warehouse madrid was ever started on the database madrid"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_waits_can_be_told_to_end() {
    let home = TempDir::new().unwrap();
    let mut server = Server::start();
    let madrid = settings(&home, server.url("madrid"));
    server.stop();
    let mut node = Process::start(&madrid);
    node.until_says("the database does not answer").await;
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_another_process_holds_is_waited_for_until_that_one_is_gone() {
    let (here, there) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let database = Database::new();
    let first = Process::run(&settings(&here, database.url())).await;
    let elsewhere = settings(&there, database.url());
    let mut second = Process::start(&elsewhere);
    second.until_says("the database is held by rubentario madrid pid").await;
    let (exit, said) = sentence(&elsewhere.verb(&["product", "set", "A-1", "--name", "Guante"]).await);
    assert_eq!(exit, Some(3), "{said}");
    assert!(said.contains("held by rubentario madrid pid"), "{said}");
    first.kill().await;
    second.until_says("the node runs").await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_has_to_change_is_one_sentence_and_is_not_waited_for() {
    let home = TempDir::new().unwrap();
    let database = Database::new();
    let url = database.url();
    let (login, place) = url.split_once('@').unwrap();
    let (server, _) = place.split_once('/').unwrap();
    let role = format!("u_{}", uuid::Uuid::now_v7().simple());
    run(database.server_url(), format!("CREATE ROLE {role} LOGIN PASSWORD 'hush-hush'")).await;
    let newer = Database::new();
    let node = Process::run(&settings(&TempDir::new().unwrap(), newer.url())).await;
    node.stop().await;
    let version = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                   VALUES (9999, 'later', true, '\\x00', 0)";
    run(&newer.url(), version.into()).await;

    for (store, exit, says) in [
        (format!("{login}x@{place}"), 2, "does not let postgres in"),
        (format!("postgres://{role}:hush-hush@{place}"), 2, "make it the owner"),
        (format!("postgres://{role}:hush-hush@{server}/nowhere"), 2, "there is no database nowhere"),
        (newer.url(), 2, "run the newer rubentario"),
        ("postgres://ana:hush-hush@host:nine/db".into(), 2, "the port must be a number"),
    ] {
        let (code, said) = sentence(&settings(&home, store).verb(&["node"]).await);
        assert_eq!(code, Some(exit), "{said}");
        let lines: Vec<_> = said.lines().collect();
        assert_eq!(lines.len(), 1, "{said}");
        assert!(said.starts_with("rubentario: ") && said.contains(says), "{said}");
        assert!(!said.contains("hush"), "{said}");
    }
    run(database.server_url(), format!("DROP ROLE {role}")).await;
}

async fn run(url: &str, statement: String) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    connection.execute(AssertSqlSafe(statement)).await.unwrap();
    connection.close().await.unwrap();
}

#[test]
fn the_terminal_says_what_it_waits_for_and_opens_when_the_database_answers() {
    let home = TempDir::new().unwrap();
    let mut server = Server::start();
    let madrid = settings(&home, server.url("madrid"));
    server.stop();
    let program = madrid.program();
    let program = program.as_std();
    let mut command = CommandBuilder::new(program.get_program());
    command.args(program.get_args());
    command.args(["--lang", "es", "run"]);
    command.env_clear();
    for (name, value) in program.get_envs() {
        command.env(name, value.unwrap());
    }
    command.env("TERM", "xterm-256color");
    let mut seen = Seen::start(command, home, 120, 40);
    seen.until_text("esperando la base de datos");
    assert!(!seen.screen().alternate_screen());
    server.restart();
    seen.until_text("Existencias");
    assert!(seen.screen().alternate_screen());
    // Before the server goes.
    seen.signal(Signal::TERM);
    seen.left_sane();
}
