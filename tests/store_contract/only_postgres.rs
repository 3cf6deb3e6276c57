//! What concerns the server: who is let in, who holds the database, and what happens when it dies.

use std::time::Duration;

use rubentario::store::{Batch, Committed, Fault, Mode, Store, StoreError, Target};
use sqlx::{Connection, Executor, PgConnection};
use tokio::time::timeout;

use super::fixtures::{Place, Quill, cell, madrid, seal, units};
use super::postgres::{Database, Server};

async fn open(url: &str) -> Result<Store, StoreError> {
    Store::open(&Target::Postgres(url.to_owned()), &madrid(), Mode::Write).await
}

async fn why_not(url: &str) -> (StoreError, String) {
    let error = open(url).await.err().unwrap();
    let text = error.to_string();
    (error, text)
}

/// The address for another user, with another database.
fn address(url: &str, user: &str, password: &str, database: &str) -> String {
    let (_, rest) = url.split_once('@').unwrap();
    let (server, _) = rest.split_once('/').unwrap();
    format!("postgres://{user}:{password}@{server}/{database}")
}

async fn execute(url: &str, statement: String) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    connection.execute(sqlx::AssertSqlSafe(statement)).await.unwrap();
    connection.close().await.unwrap();
}

/// A user of one's own, who goes with the server it is on.
async fn user(database: &Database, rights: &str) -> String {
    let name = format!("u_{}", uuid::Uuid::now_v7().simple());
    let statement = format!("CREATE ROLE {name} LOGIN PASSWORD 'hush-hush' {rights}");
    execute(database.server_url(), statement).await;
    name
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_process_is_refused_with_the_name_of_the_first() {
    let database = Database::new();
    let first = open(&database.url()).await.unwrap();
    let (error, text) = why_not(&database.url()).await;
    assert!(matches!(error, StoreError::Config(Fault::Held { .. })), "{text}");
    let holder = format!("rubentario madrid pid {} on 127.0.0.1", std::process::id());
    assert!(text.contains(&holder), "{text}");
    first.close().await;
    open(&database.url()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_is_made_when_it_is_missing_and_may_be() {
    let database = Database::new();
    let maker = user(&database, "CREATEDB").await;
    let name = format!("{}_new", database.name());
    let url = address(&database.url(), &maker, "hush-hush", &name);
    let store = open(&url).await.unwrap();
    assert_eq!(store.kind(), "PostgreSQL");
    store.close().await;
    execute(database.server_url(), format!("DROP DATABASE {name}")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_database_that_may_not_be_made_is_named() {
    let database = Database::new();
    let plain = user(&database, "").await;
    let name = format!("{}_new", database.name());
    let (error, text) = why_not(&address(&database.url(), &plain, "hush-hush", &name)).await;
    assert!(matches!(error, StoreError::Config(Fault::Missing { .. })), "{text}");
    assert!(text.contains(&name) && text.contains("may not create it"), "{text}");
    assert!(!text.contains("hush"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_another_owner_says_how_to_change_that() {
    let database = Database::new();
    let plain = user(&database, "").await;
    let (error, text) = why_not(&address(&database.url(), &plain, "hush-hush", database.name())).await;
    assert!(matches!(error, StoreError::Config(Fault::Rights { .. })), "{text}");
    let remedy = format!("ALTER DATABASE \"{}\" OWNER TO \"{plain}\"", database.name());
    assert!(text.contains(&remedy), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_is_said_and_not_shown() {
    let database = Database::new();
    let someone = user(&database, "").await;
    let url = address(&database.url(), &someone, "open-sesame", database.name());
    let (error, text) = why_not(&url).await;
    assert!(matches!(error, StoreError::Config(Fault::LogIn { .. })), "{text}");
    assert!(text.contains(&someone) && text.contains("correct user and password"), "{text}");
    let shown = format!("{text} {error:?} {:?}", Target::Postgres(url));
    assert!(!shown.contains("sesame"), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_is_none_is_a_fault_without_its_password() {
    for url in ["postgres://madrid:open-sesame@host:nine/db", "nonsense sesame"] {
        let (error, text) = why_not(url).await;
        assert!(matches!(error, StoreError::Config(Fault::Address { .. })), "{text}");
        assert!(!text.contains("sesame"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_there_may_come() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (error, text) = why_not(&format!("postgres://madrid@{free}/madrid")).await;
    assert!(matches!(error, StoreError::Down { .. }), "{text}");
    assert!(text.contains("refused") && text.contains(&free.to_string()), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_wait_for_the_disk_and_say_whose_they_are() {
    let place = Place::postgres();
    let Place::Postgres(database) = &place else { unreachable!() };
    // Somebody made the server careless; a node must not be.
    let careless = format!("ALTER DATABASE {} SET synchronous_commit = off", database.name());
    execute(database.server_url(), careless).await;
    let store = place.open().await;
    place
        .run(
            "CREATE FUNCTION seen() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN
                 CREATE TABLE session AS SELECT current_setting('synchronous_commit') || ' '
                     || current_setting('application_name') AS words;
                 RETURN NEW;
             END $$;
             CREATE TRIGGER seen BEFORE UPDATE ON writer FOR EACH ROW EXECUTE FUNCTION seen()",
        )
        .await;
    store.claim(uuid::Uuid::now_v7()).await.unwrap();
    let words = place.ask("SELECT words FROM session").await;
    assert_eq!(words, format!("on rubentario madrid pid {}", std::process::id()));
}

/// Commits the batch again and again until it is in; tells how often the database was down.
async fn persist(store: &Store, batch: &Batch) -> u32 {
    let mut down = 0;
    loop {
        match store.commit(batch.clone().into()).await {
            Ok(Committed::Now | Committed::Already) => return down,
            Err(StoreError::Down { .. }) => down += 1,
            Err(other) => panic!("{other}"),
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_under_load_is_down_then_works_and_has_lost_nothing() {
    let mut server = Server::start();
    let place = Place::Postgres(Database::on(&server.url("postgres")));
    let (store, mut pen) = place.begin().await;
    let (orders, mut taken) = tokio::sync::mpsc::channel(1);
    let writer = {
        let store = store.clone();
        tokio::spawn(async move {
            let mut own = Quill::of("madrid");
            let mut down = 0;
            let mut on_hand = 0;
            while !orders.is_closed() {
                let mut batch = pen.batch();
                batch.entries = (0..20).map(|_| own.received("P1", 1)).collect();
                on_hand += 20;
                batch.seals = vec![(madrid(), seal(own.seq))];
                batch.rows.stock = vec![cell("madrid", "P1", on_hand)];
                down += persist(&store, &batch).await;
                let _ = orders.send(()).await;
            }
            (own.seq, down)
        })
    };
    for _ in 0..3 {
        for _ in 0..10 {
            taken.recv().await.unwrap();
        }
        server.kill();
        let error = store.ping().await.unwrap_err();
        assert!(matches!(error, StoreError::Down { .. }), "{error}");
        server.restart();
    }
    for _ in 0..10 {
        taken.recv().await.unwrap();
    }
    taken.close();
    while taken.recv().await.is_some() {}
    let (written, down) = writer.await.unwrap();
    assert!(down > 0, "the writer has noticed");

    let (found, _) = store.range(&madrid(), 1, usize::MAX).await.unwrap();
    assert_eq!(found.len() as u64, written);
    let loaded = store.load().await.unwrap();
    let there = loaded.stock[&cell("madrid", "P1", 0).0].on_hand;
    assert_eq!(there, units(i64::try_from(written).unwrap()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_server_holds_nobody_for_ever_and_works_again_when_it_thaws() {
    let mut server = Server::start();
    let place = Place::Postgres(Database::on(&server.url("postgres")));
    let (store, mut pen) = place.begin().await;
    let mut batch = pen.batch();
    batch.rows.stock = vec![cell("madrid", "P1", 1)];
    server.freeze();
    let both = async { tokio::join!(store.commit(batch.clone().into()), store.ping()) };
    let (written, asked) = timeout(Duration::from_mins(1), both).await.expect("nobody waits for ever");
    assert!(matches!(written, Err(StoreError::Down { .. })), "{written:?}");
    assert!(matches!(asked, Err(StoreError::Down { .. })), "{asked:?}");
    server.thaw();
    persist(&store, &batch).await;
    store.ping().await.unwrap();
    assert_eq!(store.load().await.unwrap().stock[&cell("madrid", "P1", 0).0].on_hand, units(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_lost_the_database_to_another_process_writes_no_more() {
    let database = Database::new();
    let place = Place::Postgres(database);
    let (first, mut pen) = place.begin().await;
    first.commit(pen.batch().into()).await.unwrap();
    place
        .run(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await;
    let (second, mut its_pen) = place.begin().await;
    let batch = pen.batch();
    let lost = first.commit(batch.clone().into()).await.unwrap_err();
    assert!(matches!(lost, StoreError::Down { .. }), "{lost}");
    let lost = first.commit(batch.clone().into()).await.unwrap_err();
    assert!(matches!(lost, StoreError::Config(Fault::Held { .. })), "{lost}");
    second.commit(its_pen.batch().into()).await.unwrap();
}
