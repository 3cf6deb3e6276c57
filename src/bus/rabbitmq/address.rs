//! The brokers' addresses: read, judged, and shown without their passwords.

use std::net::{IpAddr, Ipv6Addr};
use std::path::Path;
use std::sync::Arc;

use lapin::tcp::OwnedTLSConfig;
use lapin::uri::{AMQPScheme, AMQPUri};

use crate::bus::BusError;

/// Seconds between heartbeats; a silent broker is noticed after twice that.
const HEARTBEAT: u16 = 10;

#[derive(Clone)]
pub(in crate::bus) struct Brokers {
    pub(super) addresses: Vec<Address>,
    pub(super) tls: OwnedTLSConfig,
}

#[derive(Clone)]
pub(super) struct Address {
    pub(super) uri: Arc<AMQPUri>,
    /// The address without its password.
    pub(super) shown: String,
}

impl Address {
    pub(super) fn is_tls(&self) -> bool {
        self.uri.scheme == AMQPScheme::AMQPS
    }
}

impl Brokers {
    pub(in crate::bus) fn read(
        urls: &[String],
        allow_plain: bool,
        ca_file: Option<&Path>,
    ) -> Result<Self, BusError> {
        let addresses: Vec<Address> =
            urls.iter().map(|url| read(url, allow_plain)).collect::<Result<_, _>>()?;
        if addresses.is_empty() {
            return Err(BusError::NoAddress);
        }
        let cert_chain = ca_file.map(read_certificate).transpose()?;
        Ok(Self { addresses, tls: OwnedTLSConfig { identity: None, cert_chain } })
    }
}

fn read(url: &str, allow_plain: bool) -> Result<Address, BusError> {
    let shown = redacted(url);
    let wrong = |why: &str| BusError::Address { address: shown.clone(), why: why.to_owned() };
    // The parser's own message may quote the address, password and all.
    let mut uri: AMQPUri = url.parse().map_err(|_| {
        wrong("it should look like amqps://user:password@host:5671/vhost, with special characters written as %XX")
    })?;
    if let Some(host) = bracketed_host(url) {
        // The parser knows names only and would take localhost for any IPv6 address.
        let ip: Ipv6Addr =
            host.parse().map_err(|_| wrong("what stands in its brackets is no IPv6 address"))?;
        uri.authority.host = ip.to_string();
    }
    if uri.authority.host.is_empty() {
        return Err(wrong("it names no host"));
    }
    if uri.scheme == AMQPScheme::AMQP && !allow_plain && !is_loopback(&uri.authority.host) {
        return Err(BusError::Plain { address: shown });
    }
    uri.query.heartbeat = Some(HEARTBEAT);
    Ok(Address { uri: Arc::new(uri), shown })
}

fn bracketed_host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    host.strip_prefix('[')?.split_once(']').map(|(ip, _)| ip)
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn read_certificate(path: &Path) -> Result<String, BusError> {
    let wrong = |why: String| BusError::Certificate { path: path.to_owned(), why };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    if text.contains("-----BEGIN CERTIFICATE-----") {
        Ok(text)
    } else {
        Err(wrong("it holds no PEM certificate".to_owned()))
    }
}

/// The address without user, password, path and query: fit for screens and logs, even where it can't be
/// read as an address.
pub(in crate::bus) fn redacted(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') && port.parse::<u16>().is_err() => name,
        _ => host,
    };
    if scheme.is_empty() { "(without amqps://)".to_owned() } else { format!("{scheme}://{host}") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;

    fn read_one(url: &str) -> Result<Brokers, BusError> {
        Brokers::read(&[url.to_owned()], false, None)
    }

    #[test]
    fn plain_addresses_are_for_this_machine_only() {
        for url in [
            "amqp://u:p@localhost:5672/v",
            "amqp://127.0.0.1",
            "amqp://[::1]:5672/%2f",
            "amqps://far.example/v",
        ] {
            assert!(read_one(url).is_ok(), "{url}");
        }
        for url in [
            "amqp://u:p@far.example/v",
            "amqp://10.0.0.1",
            "amqp://localhost.example",
            "amqp://0.0.0.0",
            "amqp://[2001:db8::1]/v",
        ] {
            assert!(matches!(read_one(url), Err(BusError::Plain { .. })), "{url}");
        }
        let allowed = Brokers::read(&["amqp://10.0.0.1".to_owned()], true, None);
        assert!(allowed.is_ok());
    }

    #[test]
    fn no_error_shows_a_password() {
        for url in [
            "amqp://u:hush@far.example/v",
            "http://u:hush@far.example/v",
            "amqps://u:hush@far.example:port/v",
            "u:hush@far.example",
            "amqps://u:hu/sh@far.example/v",
            "amqps://u:hu@sh@@:x",
            "amqps://u:hush@",
        ] {
            let Err(error) = read_one(url) else { continue };
            let said = format!("{error} {error:?}");
            assert!(!said.contains("hush") && !said.contains("hu"), "{said}");
        }
    }

    #[test]
    fn no_address_and_no_certificate_are_named() {
        assert!(matches!(Brokers::read(&[], false, None), Err(BusError::NoAddress)));
        let missing = Brokers::read(&["amqps://far".to_owned()], false, Some(Path::new("/nowhere/ca.pem")));
        let Err(error) = missing else { panic!() };
        assert!(error.to_string().contains("/nowhere/ca.pem"), "{error}");
    }
}
