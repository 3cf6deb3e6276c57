//! The address of a service, which may hold a password and therefore shows itself without one.

use std::{fmt, net::IpAddr};

use super::Both;

/// A checked URL; only [`SecretUrl::expose`] gives the password.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl {
    whole: String,
    shown: String,
}

impl SecretUrl {
    /// The address of a PostgreSQL database.
    ///
    /// # Errors
    /// A sentence, without the password, that says what is wrong.
    pub fn postgres(url: &str) -> Result<Self, Both> {
        let parts = Parts::of(url, &["postgres", "postgresql"])?;
        let by_socket = parts.query.split('&').any(|pair| pair.starts_with("host="));
        if parts.host.is_empty() && !by_socket {
            return Err(wrong(
                url,
                " no nombra el servidor; escriba postgres://usuario@servidor/base",
                " names no host; write postgres://user@host/database",
            ));
        }
        if parts.path.is_empty() {
            return Err(wrong(
                url,
                " no nombra la base de datos; escriba postgres://usuario@servidor/base",
                " names no database; write postgres://user@host/database",
            ));
        }
        Ok(Self::checked(url))
    }

    /// The address of a RabbitMQ broker; in clear only to this machine, unless `allow_plain`.
    ///
    /// # Errors
    /// A sentence, without the password, that says what is wrong.
    pub fn amqp(url: &str, allow_plain: bool) -> Result<Self, Both> {
        let parts = Parts::of(url, &["amqp", "amqps"])?;
        if parts.host.is_empty() {
            return Err(wrong(
                url,
                " no nombra el servidor; escriba amqps://usuario@servidor/vhost",
                " names no host; write amqps://user@host/vhost",
            ));
        }
        if parts.path.contains('/') {
            return Err(wrong(
                url,
                ": una / dentro del vhost se escribe %2f",
                ": a / inside the vhost is written %2f",
            ));
        }
        if parts.scheme == "amqp" && !allow_plain && !is_loopback(parts.host) {
            return Err(wrong(
                url,
                " enviaría sin cifrar a otra máquina; escriba amqps://, o ponga [bus] allow_plain = true",
                " would send in clear to another machine; write amqps://, or set [bus] allow_plain = true",
            ));
        }
        Ok(Self::checked(url))
    }

    fn checked(url: &str) -> Self {
        Self { whole: url.to_owned(), shown: redacted(url) }
    }

    /// The URL with its password, for the client that connects.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.whole
    }
}

impl fmt::Display for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.shown, f)
    }
}

struct Parts<'a> {
    scheme: &'a str,
    host: &'a str,
    path: &'a str,
    query: &'a str,
}

impl<'a> Parts<'a> {
    fn of(url: &'a str, schemes: &[&str]) -> Result<Self, Both> {
        let wanted = |or| schemes.iter().map(|scheme| format!("{scheme}://")).collect::<Vec<_>>().join(or);
        let (es, en) = (wanted(" o "), wanted(" or "));
        let Some((scheme, rest)) = url.split_once("://") else {
            return Err((
                format!("no es una URL; empieza por {es}"),
                format!("this is no URL; it starts with {en}"),
            )
                .into());
        };
        if !schemes.contains(&scheme) {
            return Err(wrong(url, &format!(" debe empezar por {es}"), &format!(" must start with {en}")));
        }
        if url.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
            let blank =
                ("la URL lleva un espacio; escríbalo %20", "there is a blank in the URL; write it as %20");
            return Err(blank.into());
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if path.contains('@') || query.contains('@') || authority.matches('@').count() > 1 {
            return Err(wrong(
                url,
                ": en usuario o contraseña, @ es %40, / es %2f, ? es %3f",
                ": in a user or password, @ is %40, / is %2f, ? is %3f",
            ));
        }
        let address = authority.rsplit_once('@').map_or(authority, |(_, address)| address);
        let (host, port) = match address.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            Some((host, after)) => (host, after.strip_prefix(':')),
            None => address.split_once(':').map_or((address, None), |(host, port)| (host, Some(port))),
        };
        if port.is_some_and(|port| port.parse::<u16>().map_or(true, |port| port == 0)) {
            return Err(wrong(
                url,
                ": el puerto debe ser un número de 1 a 65535",
                ": the port must be a number from 1 to 65535",
            ));
        }
        Ok(Self { scheme, host, path, query })
    }
}

/// What is wrong with a URL, which shows without its password.
fn wrong(url: &str, es: &str, en: &str) -> Both {
    let url = redacted(url);
    (format!("{url}{es}"), format!("{url}{en}")).into()
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The URL with `***` for the password: after the first colon of the user part, up to the last `@` there is,
/// so that a password which should have been escaped doesn't show either.
fn redacted(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let shown = match rest.rsplit_once('@') {
        Some((user, address)) => match user.split_once(':') {
            Some((user, _)) => format!("{user}:***@{}", redacted_query(address)),
            None => format!("{user}@{}", redacted_query(address)),
        },
        None => redacted_query(rest),
    };
    if scheme.is_empty() { shown } else { format!("{scheme}://{shown}") }
}

fn redacted_query(address: &str) -> String {
    let Some((address, query)) = address.split_once('?') else {
        return address.to_owned();
    };
    let pairs: Vec<String> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) if name.to_lowercase().contains("password") => format!("{name}=***"),
            _ => pair.to_owned(),
        })
        .collect();
    format!("{address}?{}", pairs.join("&"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::SecretUrl;

    #[test]
    fn a_password_is_given_to_the_client_and_shown_to_nobody() {
        for (url, shown) in [
            ("postgres://ana:s3cret@db/stock", "postgres://ana:***@db/stock"),
            (
                "postgres://ana@db/stock?password=s3cret&sslmode=require",
                "postgres://ana@db/stock?password=***&sslmode=require",
            ),
            ("postgres://db/stock?sslmode=disable", "postgres://db/stock?sslmode=disable"),
        ] {
            let secret = SecretUrl::postgres(url).unwrap();
            assert_eq!(secret.expose(), url);
            assert_eq!(secret.to_string(), shown);
            assert!(!format!("{secret:?}").contains("s3cret"));
        }
    }

    #[test]
    fn a_refusal_does_not_show_the_password_even_when_it_was_not_escaped() {
        for url in [
            "postgres://ana:s3/cr@et@db/stock",
            "http://ana:s3cret@db/stock",
            "postgres://ana:s3cret@db:0/stock",
        ] {
            let sentence = SecretUrl::postgres(url).unwrap_err();
            let sentence = format!("{} {}", sentence.es, sentence.en);
            assert!(!sentence.contains("cret") && !sentence.contains("s3"), "{sentence}");
        }
    }

    #[test]
    fn amqp_in_clear_stays_on_this_machine_unless_allowed() {
        for url in
            ["amqp://guest@localhost", "amqp://guest@127.0.0.1:5672/%2f", "amqp://[::1]:5672/warehouse"]
        {
            assert!(SecretUrl::amqp(url, false).is_ok(), "{url}");
        }
        assert!(
            SecretUrl::amqp("amqp://guest@broker/warehouse", false).unwrap_err().en.contains("allow_plain")
        );
        assert!(SecretUrl::amqp("amqp://guest@broker/warehouse", true).is_ok());
        assert!(SecretUrl::amqp("amqps://guest@broker/warehouse", false).is_ok());
        assert!(SecretUrl::amqp("amqp://guest@localhost.evil.example/x", false).is_err());
    }

    #[test]
    fn a_database_may_be_reached_by_a_socket() {
        assert!(SecretUrl::postgres("postgres:///stock?host=/run/postgresql").is_ok());
        assert!(SecretUrl::postgres("postgres:///stock").is_err());
        assert!(SecretUrl::postgres("postgres://db").is_err());
    }
}
