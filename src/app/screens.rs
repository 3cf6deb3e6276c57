//! What the config says of keys and colours, judged before anything starts: a node without a terminal would take what
//! its terminal refuses later.

use std::collections::BTreeMap;

use crate::config::{Config, ConfigError, Place};
use crate::text::Lang;
use crate::ui::keys::{KeyError, Keymap};
use crate::ui::theme::{Borders, Palette, Theme};

/// Whether the screens can be as the config says.
pub fn judge(config: &Config) -> Result<(), ConfigError> {
    Keymap::new(&keys(config)).map_err(|error| wrong_key(config, &error))?;
    with_colors(config, Theme::new(Palette::Dark, Borders::Round)).map(drop)
}

/// The keys of the config: action → keys.
pub fn keys(config: &Config) -> BTreeMap<String, Vec<String>> {
    config.ui.keys.iter().map(|row| (row.name.clone(), row.values.clone())).collect()
}

/// Why the keys of the config can't be used, and where they are written.
pub fn wrong_key(config: &Config, error: &KeyError) -> ConfigError {
    let row = config.ui.keys.iter().find(|row| error.is_of(&row.name));
    let place = row.map_or(Place::Flag("keys"), |row| row.place.clone());
    ConfigError::refused(place, "[ui] keys", (error.sentence(Lang::Es), error.sentence(Lang::En)))
}

/// The theme with the colours of the config.
pub fn with_colors(config: &Config, mut theme: Theme) -> Result<Theme, ConfigError> {
    for row in &config.ui.colors {
        theme = theme.with_look(&row.name, &row.values.join(" ")).map_err(|error| {
            let shown = format!("[ui.colors] {}", row.name);
            let said = (error.sentence(Lang::Es), error.sentence(Lang::En));
            ConfigError::refused(row.place.clone(), shown, said)
        })?;
    }
    Ok(theme)
}
