//! The program against settings and services that are wrong: the exit code, one sentence, nothing changed, and never
//! a password.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/program.rs"]
mod program;

use std::fs;

use postgres::Database;
use program::{Home, Running, Told, told};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// What no output may contain.
const SECRET: &str = "open-sesame";

fn without_secret(told: &Told) {
    assert!(!told.out.contains(SECRET) && !told.err.contains(SECRET), "{told:?}");
}

fn with_config(home: &Home, text: &str) -> Told {
    let file = home.path().join("madrid.toml");
    fs::write(&file, text).unwrap();
    let told = told(home.command("madrid").arg("--config").arg(&file).args(["status", "--json"]));
    without_secret(&told);
    told
}

fn with_store(home: &Home, url: &str, words: &[&str]) -> Told {
    let told = told(home.command("madrid").env("RUBENTARIO_STORE_URL", url).args(words).arg("--json"));
    without_secret(&told);
    told
}

/// The address for another user, with another database.
fn address(database: &Database, user: &str, password: &str) -> String {
    let url = database.url();
    let (_, rest) = url.split_once('@').unwrap();
    format!("postgres://{user}:{password}@{rest}")
}

/// A user of one's own, who goes with the server it is on.
async fn user(database: &Database, owns: bool) -> String {
    let name = format!("u_{}", uuid::Uuid::now_v7().simple());
    let mut server = PgConnection::connect(database.server_url()).await.unwrap();
    let made = format!("CREATE ROLE {name} LOGIN PASSWORD '{SECRET}'");
    server.execute(AssertSqlSafe(made)).await.unwrap();
    if owns {
        let owner = format!("ALTER DATABASE {} OWNER TO {name}", database.name());
        server.execute(AssertSqlSafe(owner)).await.unwrap();
    }
    name
}

const READS: &[&str] = &["stock"];
const WRITES: &[&str] = &["product", "set", "A", "--name", "Uno"];

#[test]
fn a_config_that_can_not_be_is_refused_with_file_line_and_key_and_makes_nothing() {
    let home = Home::new();
    for (text, place, why) in [
        ("[node]\ncolour = \"red\"\n", ":2: [node] colour", "no such key; [node] has id, name, lang"),
        ("[cluster]\nfound = \"yes\"\n", ":2: [cluster] found", "true or false"),
        ("[shop]\nname = \"x\"\n", ":1: [shop]", "no such section"),
        ("[store]\nurl = \"postgres://ana:open-sesame@db:nine/x\"\n", ":2: [store] url", "port"),
        ("[bus]\nurls = [\"amqp://ana:open-sesame@far.example/v\"]\n", ":2: [bus] urls", "amqps"),
    ] {
        let told = with_config(&home, text);
        assert_eq!(told.refused(), (2, "config".to_owned()), "{text}");
        let message = told.message();
        assert!(message.contains(&format!("madrid.toml{place}")) && message.contains(why), "{message}");
    }
    assert!(!home.data().exists(), "nothing was made");
}

#[test]
fn a_database_server_that_is_not_there_is_exit_3() {
    let home = Home::new();
    let url = format!("postgres://madrid:{SECRET}@127.0.0.1:1/madrid");
    for words in [READS, WRITES] {
        let told = with_store(&home, &url, words);
        assert_eq!(told.refused(), (3, "store_down".to_owned()));
        assert!(told.message().contains("PostgreSQL at 127.0.0.1:1"), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_a_wrong_owner_and_newer_tables_say_what_to_change() {
    let home = Home::new();
    let database = Database::new();
    let stranger = user(&database, false).await;
    for words in [READS, WRITES] {
        let told = with_store(&home, &address(&database, &stranger, "open-sesame-not"), words);
        assert_eq!(told.refused(), (2, "config".to_owned()));
        let message = told.message();
        assert!(message.contains(&format!("does not let {stranger} in")), "{message}");
        assert!(message.contains("correct user and password in the store's url"), "{message}");
    }
    let told = with_store(&home, &address(&database, &stranger, SECRET), WRITES);
    assert_eq!(told.refused(), (2, "config".to_owned()));
    let remedy = format!("ALTER DATABASE \"{}\" OWNER TO \"{stranger}\"", database.name());
    assert!(told.message().contains(&remedy), "{told:?}");

    let owner = user(&database, true).await;
    let url = address(&database, &owner, SECRET);
    with_store(&home, &url, WRITES).done();
    let mut tables = PgConnection::connect(&url).await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (9999, 'newer', true, '\\x00', 1)";
    tables.execute(newer).await.unwrap();
    tables.close().await.unwrap();
    for words in [READS, WRITES] {
        let told = with_store(&home, &url, words);
        assert_eq!(told.refused(), (2, "config".to_owned()));
        assert!(told.message().contains("the tables are of version 9999"), "{told:?}");
        assert!(told.message().contains("run the newer rubentario"), "{told:?}");
    }
}

#[tokio::test]
async fn a_file_of_a_newer_program_and_that_of_another_node_are_left_alone() {
    let home = Home::new();
    home.verb("madrid", WRITES).done();
    home.verb("sevilla", READS);
    let folder = home.data().join("local");
    let file = folder.join("madrid/store.db");
    fs::create_dir_all(folder.join("sevilla")).unwrap();
    fs::copy(&file, folder.join("sevilla/store.db")).unwrap();
    for words in [READS, WRITES] {
        let told = home.verb("sevilla", words);
        assert_eq!(told.refused(), (2, "config".to_owned()));
        assert!(told.message().contains("this is the database of node madrid, not of sevilla"), "{told:?}");
    }
    let mut tables =
        SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(&file)).await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (9999, 'newer', true, x'00', 1)";
    tables.execute(newer).await.unwrap();
    tables.close().await.unwrap();
    for words in [READS, WRITES] {
        let told = home.verb("madrid", words);
        assert_eq!(told.refused(), (2, "config".to_owned()));
        assert!(told.message().contains("run the newer rubentario"), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_not_there_is_told_by_status_and_no_password_is_in_any_log() {
    let home = Home::new();
    let database = Database::new();
    let owner = user(&database, true).await;
    let secret = home.path().join("store-url");
    fs::write(&secret, format!("{}\n", address(&database, &owner, SECRET))).unwrap();
    let command = || {
        let mut command = home.command("madrid");
        command
            .env("RUBENTARIO_STORE_URL_FILE", &secret)
            .env("RUBENTARIO_BUS_URLS", format!("amqp://ana:{SECRET}@127.0.0.1:1/%2f"))
            .env("RUBENTARIO_CLUSTER_FOUND", "true")
            .env("RUBENTARIO_LOG", "trace");
        command
    };
    let mut node = Running::start(&mut command());
    let status = loop {
        let status = told(command().args(["status", "--json"]));
        without_secret(&status);
        let document = status.done();
        if document["bus"]["trouble"].is_string() {
            break document;
        }
    };
    assert_eq!((&status["store"]["kind"], &status["store"]["up"]), (&"PostgreSQL".into(), &true.into()));
    assert_eq!((&status["bus"]["kind"], &status["bus"]["up"]), (&"RabbitMQ".into(), &false.into()));
    let trouble = status["bus"]["trouble"].as_str().unwrap();
    assert!(trouble.contains("nothing listens at amqp://127.0.0.1:1"), "{trouble}");
    let refused = told(command().args(WRITES).arg("--json"));
    assert_eq!(refused.refused(), (3, "not_joined".to_owned()));
    without_secret(&refused);

    let mut logs = node.kill();
    for entry in fs::read_dir(home.data().join("local/madrid/log")).unwrap() {
        logs += &fs::read_to_string(entry.unwrap().path()).unwrap();
    }
    assert!(logs.contains("DEBUG") && logs.contains("the node runs"), "it did log");
    assert!(!logs.contains(SECRET), "{}", logs.lines().find(|line| line.contains(SECRET)).unwrap());
}
