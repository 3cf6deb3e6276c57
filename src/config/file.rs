//! The file: which one is read, and how its lines become values.

use std::{
    fs,
    path::{Path, PathBuf},
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    ConfigError, Dirs, Kind, Place, TableRow,
    keys::KEYS,
    layers::{Found, Layers, Value},
};
use crate::domain::WarehouseId;

/// The file to read: the one asked for, else `<node>.toml`, else `config.toml`, where they exist.
pub fn find(asked: Option<&Path>, node: Option<&WarehouseId>, dirs: &Dirs) -> Option<PathBuf> {
    if let Some(path) = asked {
        return Some(path.to_owned());
    }
    let own = node.map(|node| dirs.config.join(format!("{node}.toml")));
    own.into_iter().chain([dirs.config.join("config.toml")]).find(|path| path.exists())
}

/// The values of a file, each with its line.
pub fn read(path: &Path) -> Result<Layers, ConfigError> {
    let bytes = fs::read(path).map_err(ConfigError::file(
        path,
        "no se puede leer la configuración",
        "the config can't be read",
    ))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let message =
            ("el fichero no está en UTF-8; guárdelo en UTF-8", "the file isn't UTF-8; save it as UTF-8")
                .into();
        ConfigError::Syntax { place: place_after(good, path), message }
    })?;
    let lines = Lines { text: &text, path };
    let document = DeTable::parse(&text).map_err(|error| {
        let said = error.message().trim().replace('\n', "; ");
        ConfigError::Syntax {
            place: lines.place(error.span().map_or(0, |span| span.start)),
            message: (format!("esto no es TOML («{said}»): corrija la línea"), said).into(),
        }
    })?;
    let mut layers = Layers::default();
    for (section, table) in document.get_ref() {
        let name = section.get_ref().as_ref();
        let place = lines.place(section.span().start);
        if !KEYS.iter().any(|key| key.section == name) {
            return Err(unknown_section(place, name));
        }
        let Some(table) = table.get_ref().as_table() else {
            let reason = (
                format!("es una sección; escriba [{name}] en una línea propia"),
                format!("this is a section; write [{name}] on a line of its own"),
            );
            return Err(ConfigError::refused(place, name, reason));
        };
        read_section(name, table, &lines, &mut layers)?;
    }
    Ok(layers)
}

/// The language a file asks for, whatever else is wrong with it.
pub fn lang(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let (document, _) = DeTable::parse_recoverable(&text);
    let node = document.get_ref().get("node")?.get_ref().as_table()?;
    node.get("lang")?.get_ref().as_str().map(str::to_owned)
}

fn unknown_section(place: Place, name: &str) -> ConfigError {
    if let Some(key) = KEYS.iter().find(|key| key.name == name) {
        let section = key.section;
        let reason = (
            format!("esta clave va debajo de una línea [{section}]"),
            format!("this key belongs under a line [{section}]"),
        );
        return ConfigError::refused(place, name, reason);
    }
    let mut known: Vec<String> = KEYS.iter().map(|key| format!("[{}]", key.section)).collect();
    known.dedup();
    let known = known.join(", ");
    let reason = (format!("no hay tal sección; hay {known}"), format!("no such section; there are {known}"));
    ConfigError::refused(place, format!("[{name}]"), reason)
}

fn read_section(
    section: &str,
    table: &DeTable<'_>,
    lines: &Lines<'_>,
    layers: &mut Layers,
) -> Result<(), ConfigError> {
    for (name, value) in table {
        let place = lines.place(name.span().start);
        let name = name.get_ref().as_ref();
        let shown = format!("[{section}] {name}");
        let Some(key) = KEYS.iter().find(|key| key.section == section && key.name == name) else {
            let known: Vec<&str> =
                KEYS.iter().filter(|key| key.section == section).map(|key| key.name).collect();
            let known = known.join(", ");
            let reason = (
                format!("no hay tal clave; [{section}] tiene {known}"),
                format!("no such key; [{section}] has {known}"),
            );
            return Err(ConfigError::refused(place, shown, reason));
        };
        let value = match (key.kind, value.get_ref()) {
            (Kind::Text | Kind::Secret, DeValue::String(text)) if text.trim().is_empty() => {
                return Err(ConfigError::refused(
                    place,
                    shown,
                    (
                        "el texto está vacío; quite la clave para que valga lo de siempre",
                        "the text is empty; leave the key out for its default",
                    ),
                ));
            }
            (Kind::Text | Kind::Secret, DeValue::String(text)) => Some(Value::Text(text.to_string())),
            (Kind::Flag, DeValue::Boolean(flag)) => Some(Value::Flag(*flag)),
            (Kind::Secrets, value) => texts(value).map(Value::Texts),
            (Kind::Table(..), DeValue::Table(table)) => Some(Value::Rows(rows(name, table, lines)?)),
            _ => None,
        };
        let Some(value) = value else {
            return Err(ConfigError::refused(place, shown, key.kind.wanted()));
        };
        layers.set(key, Found { value, place });
    }
    Ok(())
}

fn texts(value: &DeValue<'_>) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect()
}

fn rows(table_name: &str, table: &DeTable<'_>, lines: &Lines<'_>) -> Result<Vec<TableRow>, ConfigError> {
    let mut all = Vec::new();
    let mut rows: Vec<_> = table.iter().collect();
    rows.sort_by_key(|(name, _)| name.span().start);
    for (name, value) in rows {
        let place = lines.place(name.span().start);
        let name = name.get_ref().to_string();
        let values =
            one_or_more(value).filter(|v| !v.is_empty() && v.iter().all(|text| !text.trim().is_empty()));
        let Some(values) = values else {
            let reason = match table_name {
                "keys" => (
                    "debe ser una tecla o una lista de teclas: \"+\" o [\"+\", \"g g\"]",
                    "this must be a key or a list of keys: \"+\" or [\"+\", \"g g\"]",
                ),
                _ => ("debe ser un texto entre comillas", "this must be a text in quotes"),
            };
            return Err(ConfigError::refused(place, format!("[ui.{table_name}] {name}"), reason));
        };
        all.push(TableRow { name, values, place });
    }
    Ok(all)
}

fn one_or_more(value: &Spanned<DeValue<'_>>) -> Option<Vec<String>> {
    match value.get_ref() {
        DeValue::String(key) => Some(vec![key.to_string()]),
        list => texts(list),
    }
}

struct Lines<'a> {
    text: &'a str,
    path: &'a Path,
}

impl Lines<'_> {
    fn place(&self, offset: usize) -> Place {
        let text = self.text.as_bytes();
        place_after(text.get(..offset).unwrap_or(text), self.path)
    }
}

fn place_after(text: &[u8], path: &Path) -> Place {
    Place::File { path: path.to_owned(), line: text.split(|byte| *byte == b'\n').count() }
}
