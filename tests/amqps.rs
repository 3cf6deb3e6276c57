//! `amqps://` is encrypted: lapin built without its TLS features would speak in clear and say nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
#![allow(clippy::print_stderr, reason = "what is left out is told")]

#[path = "support/hand.rs"]
mod hand;
#[path = "support/program.rs"]
mod program;
#[path = "support/rabbitmq.rs"]
mod rabbitmq;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use hand::{Hand, product};
use lapin::{Connection, ConnectionProperties};
use program::{Home, told};
use rabbitmq::Broker;
use rubentario::bus::BusConfig;
use rubentario::node::NodeConfig;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// The first byte of a TLS handshake record.
const HANDSHAKE: u8 = 22;
/// What asks whether anybody is there, and gives nothing away.
const GREETING: &[u8] = b"AMQP\x00\x00\x09\x01";
const PASSWORD: &str = "open-sesame";

#[tokio::test]
async fn the_first_byte_sent_to_an_amqps_broker_begins_a_tls_handshake() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("amqps://guest:guest@127.0.0.1:{}/%2f", listener.local_addr().unwrap().port());
    let broker = thread::spawn(move || {
        let mut first = [0];
        listener.accept().unwrap().0.read_exact(&mut first).unwrap();
        first[0]
    });
    assert!(Connection::connect(&url, ConnectionProperties::default()).await.is_err());
    assert_eq!(broker.join().unwrap(), HANDSHAKE);
}

/// All that comes on one connection; answered as a broker without TLS would, to lure it into a plain login.
fn lure(mut stream: TcpStream) -> Vec<u8> {
    let start = [
        &[1, 0, 0, 0, 0, 0, 17][..],
        b"\x00\x0a\x00\x0a\x00\x09\x00\x00\x00\x00\x00\x00\x00\x05PLAIN",
        &[0xce],
    ];
    stream.write_all(&start.concat()).unwrap();
    let mut heard = Vec::new();
    let mut part = [0; 1024];
    while let Ok(n @ 1..) = stream.read(&mut part) {
        heard.extend_from_slice(&part[..n]);
    }
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_says_nothing_in_clear_to_an_amqps_broker_that_would_take_it() {
    let home = TempDir::new().unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("amqps://ana:{PASSWORD}@127.0.0.1:{}/%2f", listener.local_addr().unwrap().port());
    let (tell, mut connections) = mpsc::channel(64);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let tell = tell.clone();
            // The test may be over.
            thread::spawn(move || drop(tell.blocking_send(lure(stream.unwrap()))));
        }
    });
    let config = NodeConfig {
        bus: BusConfig::Rabbit { urls: vec![url], allow_plain: true, ca_file: None },
        ..hand::config(home.path(), "madrid")
    };
    let node = rubentario::node::start(config).await.unwrap();
    let (intents, events) = node.door();
    let mut ana = Hand { intents, events, model: rubentario::ui::Model::default() };
    assert!(!ana.status().await.bus.up);
    // It founds no cluster that it can't reach, so nothing can be recorded.
    ana.does(product()).await;
    let mut handshakes = 0;
    while handshakes < 4 {
        let heard =
            timeout(Duration::from_mins(1), connections.recv()).await.expect("it goes on trying").unwrap();
        match heard.first() {
            Some(&HANDSHAKE) => handshakes += 1,
            _ => assert!(GREETING.starts_with(&heard), "{}", String::from_utf8_lossy(&heard)),
        }
        let clear = String::from_utf8_lossy(&heard);
        assert!(!clear.contains(PASSWORD) && !clear.contains("PLAIN"), "{clear}");
    }
    assert!(!ana.status().await.bus.up);
    node.stop().await;
}

#[test]
fn the_authority_that_the_config_names_is_read_at_the_start() {
    let home = Home::new();
    let config = home.path().join("madrid.toml");
    let authority = home.path().join("ca.pem");
    let bus = format!("urls = [\"amqps://ana:{PASSWORD}@127.0.0.1:1/acme\"]\nca_file = {authority:?}\n");
    fs::write(&config, format!("[cluster]\nfound = true\n[bus]\n{bus}")).unwrap();
    let verb = || {
        told(home.command("madrid").arg("--config").arg(&config).args(["receive", "CASCO", "1", "--json"]))
    };
    let missing = verb();
    assert_eq!(missing.refused(), (2, "config".to_owned()));
    assert!(missing.message().contains(authority.to_str().unwrap()), "{missing:?}");
    fs::write(&authority, "no certificate").unwrap();
    assert!(verb().message().contains("it holds no PEM certificate"));
}

/// Runs openssl in a folder.
fn openssl(folder: &Path, words: &str) {
    let done = Command::new("openssl").current_dir(folder).args(words.split(' ')).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// An authority `ca.pem`, and a certificate of its own for localhost: `server.pem` with `server.key`.
fn certificates(folder: &Path) {
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    openssl(folder, &format!("req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=acme"));
    openssl(
        folder,
        &format!(
            "req -x509 {key} -keyout server.key -out server.pem -subj /CN=localhost -CA ca.pem -CAkey ca.key -addext \
             subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE"
        ),
    );
    let openly = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    fs::set_permissions(folder.join("server.key"), openly).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_of_the_named_authority_is_spoken_to_and_one_that_nobody_vouches_for_is_not() {
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("left out: openssl isn't installed, which makes the certificates");
        return;
    }
    let home = TempDir::new().unwrap();
    let papers = TempDir::new().unwrap();
    certificates(papers.path());
    let mut broker = Broker::prepare();
    let url = broker.with_tls(&papers.path().join("server.pem"), &papers.path().join("server.key"));
    broker.start_again();
    let node = async |name: &str, ca_file| {
        let config = NodeConfig {
            bus: BusConfig::Rabbit { urls: vec![url.clone()], allow_plain: false, ca_file },
            ..hand::config(home.path(), name)
        };
        let node = rubentario::node::start(config).await.unwrap();
        let (intents, events) = node.door();
        (node, Hand { intents, events, model: rubentario::ui::Model::default() })
    };
    let (trusting, mut ana) = node("madrid", Some(papers.path().join("ca.pem"))).await;
    let (wary, mut luis) = node("sevilla", None).await;
    let told = timeout(Duration::from_mins(1), async {
        while !ana.status().await.bus.up {}
        loop {
            if let Some(trouble) = luis.status().await.bus.trouble {
                break trouble;
            }
        }
    });
    let trouble = told.await.expect("the one speaks, the other says why not");
    assert_eq!(trouble.what, rubentario::domain::TroubleKind::Certificate, "{trouble:?}");
    assert!(!luis.status().await.bus.up);
    trusting.stop().await;
    wary.stop().await;
}
