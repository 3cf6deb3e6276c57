//! What a user wants a role to look like: `bold yellow on 236`, laid over the theme's own look.

use ratatui::style::{Color, Modifier, Style};

use super::Theme;
use crate::text::Lang;

/// Why a look can't be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookError {
    /// No role of that name.
    #[error("there is no role «{role}»; there are {}", ROLES.join(", "))]
    UnknownRole {
        /// The name as given.
        role: String,
    },
    /// A word that is no colour and no manner of letters.
    #[error(
        "«{word}» is no colour (red, light-blue, 0 to 255, #ff8800) and none of bold, dim, italic, underlined, reversed"
    )]
    UnknownWord {
        /// The word as given.
        word: String,
    },
    /// `on` with nothing behind it.
    #[error("after «on» comes the colour of the background")]
    NoBackground,
}

const ROLES: [&str; 9] =
    ["normal", "dim", "accent", "selected", "heading", "ok", "warning", "error", "transit"];

impl LookError {
    /// The sentence, in the language.
    #[must_use]
    pub fn sentence(&self, lang: Lang) -> String {
        match (lang, self) {
            (Lang::En, _) => self.to_string(),
            (Lang::Es, Self::UnknownRole { role }) => {
                format!("no hay ningún papel «{role}»; hay {}", ROLES.join(", "))
            }
            (Lang::Es, Self::UnknownWord { word }) => format!(
                "«{word}» no es un color (red, light-blue, 0 a 255, #ff8800) ni uno de bold, dim, italic, underlined, \
                 reversed"
            ),
            (Lang::Es, Self::NoBackground) => "detrás de «on» va el color del fondo".to_owned(),
        }
    }
}

impl Theme {
    /// The theme with another look for a role.
    ///
    /// # Errors
    /// An unknown role, or a look that isn't one.
    pub fn with_look(mut self, role: &str, look: &str) -> Result<Self, LookError> {
        let style = read(look)?;
        let roles: &mut [&mut Style] = match role {
            "normal" => &mut [&mut self.normal],
            "dim" => &mut [&mut self.dim],
            "accent" => &mut [&mut self.focus, &mut self.key, &mut self.field_focus],
            "selected" => &mut [&mut self.selected],
            "heading" => &mut [&mut self.heading],
            "ok" => &mut [&mut self.ok],
            "warning" => &mut [&mut self.warning],
            "error" => &mut [&mut self.error],
            "transit" => &mut [&mut self.transit],
            _ => return Err(LookError::UnknownRole { role: role.to_owned() }),
        };
        for role in roles {
            // A background of its own takes the place of the reversed letters.
            if style.bg.is_some() {
                role.add_modifier.remove(Modifier::REVERSED);
            }
            **role = role.patch(style);
        }
        Ok(self)
    }
}

fn read(look: &str) -> Result<Style, LookError> {
    let mut style = Style::new();
    let mut words = look.split_whitespace();
    while let Some(word) = words.next() {
        let manner = match word.to_ascii_lowercase().as_str() {
            "bold" => Modifier::BOLD,
            "dim" => Modifier::DIM,
            "italic" => Modifier::ITALIC,
            "underlined" => Modifier::UNDERLINED,
            "reversed" => Modifier::REVERSED,
            "on" => {
                style.bg = Some(color(words.next().ok_or(LookError::NoBackground)?)?);
                continue;
            }
            _ => {
                style.fg = Some(color(word)?);
                continue;
            }
        };
        style = style.add_modifier(manner);
    }
    Ok(style)
}

fn color(word: &str) -> Result<Color, LookError> {
    word.parse().map_err(|_| LookError::UnknownWord { word: word.to_owned() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::super::{Borders, Palette};
    use super::*;

    #[test]
    fn a_look_is_laid_over_the_themes_own() {
        let theme = Theme::new(Palette::Sixteen { light: false }, Borders::Round);
        let other = theme.with_look("selected", "white on 24").unwrap();
        assert_eq!(other.selected, Style::new().fg(Color::White).bg(Color::Indexed(24)));
        assert_eq!(other.warning, theme.warning);
        let other = theme.with_look("warning", "bold #ffaf00").unwrap();
        assert_eq!(other.warning, Style::new().fg(Color::Rgb(255, 175, 0)).add_modifier(Modifier::BOLD));
    }

    #[test]
    fn the_accent_is_the_same_wherever_the_keys_are() {
        let theme = Theme::default().with_look("accent", "magenta").unwrap();
        for style in [theme.focus, theme.key, theme.field_focus] {
            assert_eq!(style.fg, Some(Color::Magenta));
        }
    }

    #[test]
    fn what_is_no_look_is_refused_with_the_reason() {
        let theme = Theme::default();
        for role in ROLES {
            assert!(theme.with_look(role, "red").is_ok(), "{role}");
        }
        let said = |role, look| theme.with_look(role, look).unwrap_err().to_string();
        assert!(said("border", "red").contains("normal, dim, accent"));
        assert!(said("ok", "greenish").contains("«greenish» is no colour"));
        assert!(said("ok", "red on").contains("background"));
    }
}
