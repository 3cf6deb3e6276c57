//! `amqps://` is encrypted: lapin built without its TLS features would speak in clear and say nothing.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{io::Read, net::TcpListener, thread};

use lapin::{Connection, ConnectionProperties};

/// The first byte of a TLS handshake record.
const HANDSHAKE: u8 = 22;

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
