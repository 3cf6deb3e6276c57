//! `[ui]`: how the terminal looks, sounds and answers, and who works at it.

use std::collections::BTreeMap;

use super::layers::Layers;
use super::{Both, ConfigError, TableRow};
use crate::domain::{NameError, Operator};
use crate::text::Lang;
use crate::text::refusal::name_error;

/// `[ui]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UiSettings {
    /// Who works here, where the flags, the environment or the file say so.
    pub operator: Option<Operator>,
    /// The name the operating system knows the user by.
    pub os_user: Option<Operator>,
    /// The colours.
    pub theme: Theme,
    /// Looks of roles that differ from the theme's, in the file's order.
    pub colors: Vec<TableRow>,
    /// Keys that differ from the defaults, in the file's order.
    pub keys: Vec<TableRow>,
    /// Whose badge says what.
    pub badges: BTreeMap<String, Operator>,
    /// The lines round the panes.
    pub borders: Borders,
    /// Whether the mouse works.
    pub mouse: bool,
    /// What is told by ear.
    pub bell: Bell,
    /// The command that a delivery note is piped into, for the shell.
    pub print: Option<String>,
}

impl UiSettings {
    /// Who is written beside an act: the operator who was named, else the user of the operating system.
    #[must_use]
    pub fn operator_or_user(&self) -> Option<&Operator> {
        self.operator.as_ref().or(self.os_user.as_ref())
    }
}

/// The colours of the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// By what the terminal tells of itself.
    Auto,
    /// For dark backgrounds.
    Dark,
    /// For light backgrounds.
    Light,
    /// The terminal's own sixteen.
    Sixteen,
    /// No colours.
    Mono,
}

/// The lines round the panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Borders {
    /// Lines with round corners.
    Rounded,
    /// Lines with square corners.
    Plain,
    /// `+--+`, for terminals and screen readers that know no others.
    Ascii,
}

/// What is told by ear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bell {
    /// One bell for a scan that was taken, three for one that was not.
    All,
    /// Only what went wrong.
    Errors,
    /// Nothing.
    Off,
}

/// Reads `[ui]`.
pub fn read(layers: &Layers, env: &dyn Fn(&str) -> Option<String>) -> Result<UiSettings, ConfigError> {
    let themes = [
        ("auto", Theme::Auto),
        ("dark", Theme::Dark),
        ("light", Theme::Light),
        ("16", Theme::Sixteen),
        ("none", Theme::Mono),
        ("mono", Theme::Mono),
    ];
    let borders = [("rounded", Borders::Rounded), ("plain", Borders::Plain), ("ascii", Borders::Ascii)];
    let bells = [("all", Bell::All), ("errors", Bell::Errors), ("off", Bell::Off)];
    let operator = layers
        .text("ui", "operator")
        .map(|(name, place)| {
            let refused = |error: NameError| ConfigError::refused(place, "[ui] operator", said(&error));
            Operator::new(name).map_err(refused)
        })
        .transpose()?;
    let user = ["USER", "LOGNAME"].iter().find_map(|name| env(name));
    let rows = |name| layers.get("ui", name).map_or_else(Vec::new, |found| found.value.rows().to_vec());
    Ok(UiSettings {
        operator,
        os_user: user.and_then(|name| Operator::new(&name).ok()),
        theme: layers.choice("ui", "theme", &themes)?.unwrap_or(Theme::Auto),
        colors: rows("colors"),
        keys: rows("keys"),
        badges: rows("badges").into_iter().map(badge).collect::<Result<_, _>>()?,
        borders: layers.choice("ui", "borders", &borders)?.unwrap_or(Borders::Rounded),
        mouse: layers.flag("ui", "mouse").unwrap_or(true),
        bell: layers.choice("ui", "bell", &bells)?.unwrap_or(Bell::All),
        print: layers.text("ui", "print").map(|(command, _)| command.to_owned()),
    })
}

fn said(error: &NameError) -> Both {
    (name_error(Lang::Es, error), name_error(Lang::En, error)).into()
}

fn badge(row: TableRow) -> Result<(String, Operator), ConfigError> {
    let shown = format!("[ui.badges] {}", row.name);
    let [name] = &row.values[..] else {
        let reason = (
            "una tarjeta es de una persona: un texto entre comillas",
            "a badge is one person's: one text in quotes",
        );
        return Err(ConfigError::refused(row.place, shown, reason));
    };
    Operator::new(name)
        .map(|operator| (row.name.trim().to_owned(), operator))
        .map_err(|error| ConfigError::refused(row.place.clone(), shown, said(&error)))
}
