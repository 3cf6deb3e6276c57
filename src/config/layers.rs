//! The layers before they are understood: values by key, each with the place that set it.

use std::{collections::BTreeMap, fs};

use super::{
    ConfigError, Flags, Place, TableRow,
    keys::{KEYS, Key, Kind},
};

/// A value of the right type, not yet checked for sense.
#[derive(Debug, Clone)]
pub enum Value {
    /// For [`Kind::Text`] and [`Kind::Secret`].
    Text(String),
    /// For [`Kind::Secrets`].
    Texts(Vec<String>),
    /// For [`Kind::Flag`].
    Flag(bool),
    /// For [`Kind::Table`].
    Rows(Vec<TableRow>),
}

impl Value {
    /// The text, empty for the other kinds.
    pub fn text(&self) -> &str {
        if let Self::Text(text) = self { text } else { "" }
    }

    /// The texts, none for the other kinds.
    pub fn texts(&self) -> &[String] {
        if let Self::Texts(texts) = self { texts } else { &[] }
    }

    /// The rows, none for the other kinds.
    pub fn rows(&self) -> &[TableRow] {
        if let Self::Rows(rows) = self { rows } else { &[] }
    }
}

/// A value and who set it.
#[derive(Debug, Clone)]
pub struct Found {
    /// The value.
    pub value: Value,
    /// Who set it.
    pub place: Place,
}

/// One layer, or several merged.
#[derive(Debug, Default)]
pub struct Layers {
    values: BTreeMap<(&'static str, &'static str), Found>,
    /// What the file said where another layer says otherwise.
    overruled: BTreeMap<(&'static str, &'static str), Found>,
}

impl Layers {
    /// What the environment says; a variable that is set but empty says nothing.
    pub fn of_environment(env: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut layer = Self::default();
        for key in KEYS {
            let Some(variable) = key.variable() else { continue };
            let direct = env(&variable).filter(|text| !text.is_empty());
            let (variable, text) = match (direct, secret_file(key, &variable, env)?) {
                (Some(_), Some((by_file, _))) => {
                    let reason = (
                        format!("también está {variable}; deje una de las dos"),
                        format!("{variable} is set too; keep one of the two"),
                    );
                    return Err(ConfigError::refused(Place::Environment(by_file), shown(key), reason));
                }
                (Some(text), None) => (variable, text),
                (None, Some(by_file)) => by_file,
                (None, None) => continue,
            };
            let place = Place::Environment(variable);
            let value = value_of(key, &text)
                .ok_or_else(|| ConfigError::refused(place.clone(), shown(key), key.kind.wanted()))?;
            layer.set(key, Found { value, place });
        }
        Ok(layer)
    }

    /// What the flags say.
    pub fn of_flags(flags: &Flags) -> Self {
        let said = [
            (("node", "id"), &flags.node, "--node"),
            (("ui", "operator"), &flags.operator, "--operator"),
            (("node", "lang"), &flags.lang, "--lang"),
        ];
        let values = said
            .into_iter()
            .filter_map(|(key, text, flag)| {
                let value = Value::Text(text.clone()?);
                Some((key, Found { value, place: Place::Flag(flag) }))
            })
            .collect();
        Self { values, overruled: BTreeMap::new() }
    }

    /// The layers as one, the later over the earlier.
    pub fn merged(layers: impl IntoIterator<Item = Self>) -> Self {
        let mut merged = Self::default();
        for layer in layers {
            for (key, found) in layer.values {
                if let Some(earlier) = merged.values.insert(key, found)
                    && earlier.place.is_file()
                {
                    merged.overruled.insert(key, earlier);
                }
            }
        }
        merged
    }

    /// Sets `key` in this layer.
    pub fn set(&mut self, key: &Key, found: Found) {
        self.values.insert((key.section, key.name), found);
    }

    /// The value of a key, where a layer set it.
    pub fn get(&self, section: &'static str, name: &'static str) -> Option<&Found> {
        self.values.get(&(section, name))
    }

    /// The text of a key and who set it.
    pub fn text(&self, section: &'static str, name: &'static str) -> Option<(&str, Place)> {
        self.get(section, name).map(|found| (found.value.text(), found.place.clone()))
    }

    /// The text the file gave a key, even where another layer says otherwise.
    pub fn in_file(&self, section: &'static str, name: &'static str) -> Option<&str> {
        let key = (section, name);
        let found =
            self.overruled.get(&key).or_else(|| self.values.get(&key).filter(|found| found.place.is_file()));
        found.map(|found| found.value.text())
    }

    /// The value of a yes-or-no key.
    pub fn flag(&self, section: &'static str, name: &'static str) -> Option<bool> {
        match self.get(section, name)?.value {
            Value::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    /// The meaning of a key that takes one of a few words.
    pub fn choice<T: Copy>(
        &self,
        section: &'static str,
        name: &'static str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, ConfigError> {
        let Some((text, place)) = self.text(section, name) else {
            return Ok(None);
        };
        let meaning = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        let refusal = || {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let known = known.join(", ");
            let reason =
                (format!("«{text}» no es ninguno de {known}"), format!("“{text}” isn't one of {known}"));
            ConfigError::refused(place, format!("[{section}] {name}"), reason)
        };
        meaning.ok_or_else(refusal).map(Some)
    }
}

fn shown(key: &Key) -> String {
    format!("[{}] {}", key.section, key.name)
}

fn secret_file(
    key: &Key,
    variable: &str,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<(String, String)>, ConfigError> {
    if !matches!(key.kind, Kind::Secret | Kind::Secrets) {
        return Ok(None);
    }
    let by_file = format!("{variable}_FILE");
    let Some(path) = env(&by_file).filter(|path| !path.is_empty()) else {
        return Ok(None);
    };
    let text = fs::read_to_string(&path).map_err(|error| {
        let reason = (
            format!("no se puede leer el fichero {path} («{error}»)"),
            format!("the file {path} can't be read: {error}"),
        );
        ConfigError::refused(Place::Environment(by_file.clone()), shown(key), reason)
    })?;
    Ok(Some((by_file, text.trim().to_owned())))
}

fn value_of(key: &Key, text: &str) -> Option<Value> {
    match key.kind {
        Kind::Text | Kind::Secret => Some(Value::Text(text.to_owned())),
        Kind::Secrets => Some(Value::Texts(
            text.split(',').map(|url| url.trim().to_owned()).filter(|url| !url.is_empty()).collect(),
        )),
        Kind::Flag => match text {
            "true" | "1" => Some(Value::Flag(true)),
            "false" | "0" => Some(Value::Flag(false)),
            _ => None,
        },
        Kind::Table(..) => None,
    }
}
