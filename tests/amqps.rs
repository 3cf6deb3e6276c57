//! `amqps://` is encrypted: lapin built without its TLS features would speak in clear and say nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "support/hand.rs"]
mod hand;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use hand::{Hand, product};
use lapin::{Connection, ConnectionProperties};
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
            timeout(Duration::from_secs(60), connections.recv()).await.expect("it goes on trying").unwrap();
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
