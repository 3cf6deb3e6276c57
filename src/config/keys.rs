//! Every key there is, once: what the file, the environment and the example are checked against.

use super::Both;
use crate::text::Lang;

/// A key of the config.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its section, without brackets.
    pub section: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Its default as TOML text; `None` where it depends on something else.
    pub default: Option<&'static str>,
}

/// What a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A text that may hold a password; `…_FILE` in the environment reads it from a file.
    Secret,
    /// A list of such texts, separated by commas in the environment.
    Secrets,
    /// `true` or `false`.
    Flag,
    /// Names with one text or several each, as these words show in Spanish and English; only in the file.
    Table(&'static str, &'static str),
}

impl Kind {
    /// The kind in words, for a refusal.
    #[must_use]
    pub const fn in_words(self, lang: Lang) -> &'static str {
        match self {
            Self::Text | Self::Secret => lang.pick("un texto entre comillas", "a text in quotes"),
            Self::Secrets => {
                lang.pick("una lista de textos: [\"…\", \"…\"]", "a list of texts: [\"…\", \"…\"]")
            }
            Self::Flag => lang.pick("true o false", "true or false"),
            Self::Table(es, en) => lang.pick(es, en),
        }
    }

    /// Why a value of another kind is refused.
    #[must_use]
    pub fn wanted(self) -> Both {
        let [es, en] = [Lang::Es, Lang::En].map(|lang| self.in_words(lang));
        (format!("debe ser {es}"), format!("this must be {en}")).into()
    }
}

impl Key {
    /// The variable of the environment that sets it, where one does.
    #[must_use]
    pub fn variable(&self) -> Option<String> {
        match (self.section, self.name) {
            _ if matches!(self.kind, Kind::Table(..)) => None,
            // The operator changes with the shift; his variable is the short one.
            ("ui", "operator") => Some("RUBENTARIO_OPERATOR".to_owned()),
            (section, name) => Some(format!("RUBENTARIO_{section}_{name}").to_uppercase()),
        }
    }
}

/// Every key, in the order of the example.
pub const KEYS: &[Key] = &[
    Key { section: "node", name: "id", kind: Kind::Text, default: None },
    Key { section: "node", name: "name", kind: Kind::Text, default: None },
    Key { section: "node", name: "lang", kind: Kind::Text, default: None },
    Key { section: "cluster", name: "name", kind: Kind::Text, default: Some("\"local\"") },
    Key { section: "cluster", name: "found", kind: Kind::Flag, default: Some("false") },
    Key { section: "cluster", name: "admit", kind: Kind::Text, default: None },
    Key { section: "cluster", name: "key_file", kind: Kind::Text, default: None },
    Key { section: "store", name: "url", kind: Kind::Secret, default: None },
    Key { section: "bus", name: "urls", kind: Kind::Secrets, default: None },
    Key { section: "bus", name: "ca_file", kind: Kind::Text, default: None },
    Key { section: "bus", name: "allow_plain", kind: Kind::Flag, default: Some("false") },
    Key { section: "ui", name: "operator", kind: Kind::Text, default: None },
    Key { section: "ui", name: "theme", kind: Kind::Text, default: Some("\"auto\"") },
    Key { section: "ui", name: "borders", kind: Kind::Text, default: Some("\"rounded\"") },
    Key { section: "ui", name: "mouse", kind: Kind::Flag, default: Some("true") },
    Key { section: "ui", name: "print", kind: Kind::Text, default: None },
    Key { section: "ui", name: "bell", kind: Kind::Text, default: Some("\"all\"") },
    Key {
        section: "ui",
        name: "keys",
        kind: Kind::Table(
            "una tabla: acción = \"tecla\" o acción = [\"tecla\", \"tecla\"]",
            "a table: action = \"key\" or action = [\"key\", \"key\"]",
        ),
        default: None,
    },
    Key {
        section: "ui",
        name: "colors",
        kind: Kind::Table(
            "una tabla: papel = \"color\" o papel = \"bold yellow on black\"",
            "a table: role = \"colour\" or role = \"bold yellow on black\"",
        ),
        default: None,
    },
    Key {
        section: "ui",
        name: "badges",
        kind: Kind::Table(
            "una tabla: \"lo que dice la tarjeta\" = \"quién es\"",
            "a table: \"what the badge says\" = \"who it is\"",
        ),
        default: None,
    },
    Key { section: "snapshots", name: "daily_at", kind: Kind::Text, default: None },
];
