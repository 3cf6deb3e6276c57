//! How things look: styles by role and the signs that stand for states, so that no screen names a colour.

mod look;

use crate::text::Lang;
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

pub use self::look::LookError;

/// Which colours there are, and on what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Palette {
    /// Light text on a dark background.
    #[default]
    Dark,
    /// Dark text on a light background.
    Light,
    /// The sixteen colours that every terminal has, so that its own scheme decides the tints.
    Sixteen {
        /// On a light background.
        light: bool,
    },
    /// No colour at all: bold, dim, underlined and reversed say it.
    Mono,
}

/// The lines around panes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Borders {
    /// Box drawing with round corners.
    #[default]
    Round,
    /// Box drawing with square corners.
    Square,
    /// `+`, `-` and `|`; signs are ASCII too.
    Ascii,
}

/// Signs that stand for states; each goes with a colour but says it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signs {
    /// Low stock.
    pub low: &'static str,
    /// Nothing on hand.
    pub out: &'static str,
    /// Expired.
    pub expired: &'static str,
    /// In transit.
    pub transit: &'static str,
    /// Some of it is kept for somebody.
    pub kept: &'static str,
    /// Alive, up.
    pub alive: &'static str,
    /// Suspect.
    pub suspect: &'static str,
    /// Down.
    pub down: &'static str,
    /// The row under the cursor.
    pub cursor: &'static str,
    /// Changed just now.
    pub changed: &'static str,
    /// Never seen.
    pub none: &'static str,
    /// Without end.
    pub endless: &'static str,
    /// Towards.
    pub to: &'static str,
    /// From.
    pub back: &'static str,
    /// Done.
    pub done: &'static str,
    /// Not answered yet.
    pub pending: &'static str,
    /// A warning.
    pub warning: &'static str,
    /// An error.
    pub error: &'static str,
    /// A note.
    pub info: &'static str,
    /// Between two facts on one line.
    pub dot: &'static str,
    /// Text goes on.
    pub more: &'static str,
    /// At most.
    pub at_most: &'static str,
    /// Give or take.
    pub about: &'static str,
    /// Where typed text goes in.
    pub caret: &'static str,
    /// A node's line of time.
    pub line: &'static str,
    /// A cut across it.
    pub cut: &'static str,
    /// A cut that its node did not mark itself.
    pub cut_guessed: &'static str,
    /// Where goods leave a line.
    pub turn: &'static str,
    /// Eighths of a bar, from the lowest.
    pub bars: [&'static str; 8],
}

impl Signs {
    /// Those that stand alone on the screens, each with what it means.
    #[must_use]
    pub const fn legend(&self, lang: Lang) -> [(&'static str, &'static str); 14] {
        [
            (self.low, lang.pick("en el punto de pedido o por debajo", "at the reorder point or below")),
            (self.out, lang.pick("agotado; error", "out of stock; error")),
            (self.expired, lang.pick("caducado; atención", "expired; look at it")),
            (self.transit, lang.pick("en tránsito", "in transit")),
            (self.kept, lang.pick("parte está reservada", "some is reserved")),
            (self.alive, lang.pick("activo", "alive")),
            (self.suspect, lang.pick("sospechoso", "suspect")),
            (self.down, lang.pick("caído", "down")),
            (self.changed, lang.pick("acaba de cambiar", "changed just now")),
            (self.none, lang.pick("nunca visto, o no hay", "never seen, or none")),
            (self.endless, lang.pick("sin fin", "without end")),
            (self.done, lang.pick("hecho", "done")),
            (self.pending, lang.pick("sin respuesta todavía", "not answered yet")),
            (self.more, lang.pick("el texto sigue", "the text goes on")),
        ]
    }
}

/// Signs that most terminals draw.
pub const DRAWN: Signs = Signs {
    low: "▼",
    out: "✗",
    expired: "⚠",
    transit: "⇄",
    kept: "*",
    alive: "●",
    suspect: "◐",
    down: "○",
    cursor: "▌",
    changed: "•",
    none: "—",
    endless: "∞",
    to: "→",
    back: "←",
    done: "✓",
    pending: "…",
    warning: "⚠",
    error: "✗",
    info: "i",
    dot: "·",
    more: "…",
    at_most: "≤",
    about: "±",
    caret: "▏",
    line: "─",
    cut: "┃",
    cut_guessed: "╏",
    turn: "╰─",
    bars: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
};

const PLAIN: Signs = Signs {
    low: "v",
    out: "x",
    expired: "!",
    transit: "<>",
    kept: "*",
    alive: "*",
    suspect: "?",
    down: "o",
    cursor: ">",
    changed: "*",
    none: "-",
    endless: "inf",
    to: "->",
    back: "<-",
    done: "ok",
    pending: "..",
    warning: "!",
    error: "x",
    info: "i",
    dot: "-",
    more: "~",
    at_most: "<=",
    about: "+-",
    caret: "_",
    line: "-",
    cut: "#",
    cut_guessed: ":",
    turn: "`-",
    bars: [".", ".", ":", ":", "|", "|", "#", "#"],
};

const ASCII_BORDER: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// The look of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Plain text.
    pub normal: Style,
    /// What matters less: old figures, disabled keys, quiet borders.
    pub dim: Style,
    /// The pane, field or row that has the keys.
    pub focus: Style,
    /// The row under the cursor.
    pub selected: Style,
    /// Headings of columns and fields.
    pub heading: Style,
    /// Good.
    pub ok: Style,
    /// Look at it.
    pub warning: Style,
    /// Bad.
    pub error: Style,
    /// Goods on the road.
    pub transit: Style,
    /// The name of a key in the hints.
    pub key: Style,
    /// A text field.
    pub field: Style,
    /// The text field that has the keys.
    pub field_focus: Style,
    /// Lines around panes.
    pub border: border::Set<'static>,
    /// Signs.
    pub signs: Signs,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
}

impl Theme {
    /// A look.
    #[must_use]
    pub const fn new(palette: Palette, borders: Borders) -> Self {
        let plain = Style::new();
        let Tints { accent, ok, warning, error, transit, dim, selected } = match palette {
            Palette::Dark => Tints::DARK,
            Palette::Light => Tints::LIGHT,
            Palette::Sixteen { light: false } => Tints::SIXTEEN_ON_DARK,
            Palette::Sixteen { light: true } => Tints::SIXTEEN_ON_LIGHT,
            Palette::Mono => Tints::MONO,
        };
        let ascii = matches!(borders, Borders::Ascii);
        Self {
            normal: plain,
            dim,
            focus: accent.add_modifier(Modifier::BOLD),
            selected,
            heading: plain.add_modifier(Modifier::BOLD),
            ok,
            warning,
            error,
            transit,
            key: accent.add_modifier(Modifier::BOLD),
            field: plain.add_modifier(Modifier::UNDERLINED),
            field_focus: accent.add_modifier(Modifier::UNDERLINED.union(Modifier::BOLD)),
            border: match borders {
                Borders::Round => border::ROUNDED,
                Borders::Square => border::PLAIN,
                Borders::Ascii => ASCII_BORDER,
            },
            signs: if ascii { PLAIN } else { DRAWN },
            ascii,
        }
    }
}

/// The styles that a palette decides.
struct Tints {
    accent: Style,
    ok: Style,
    warning: Style,
    error: Style,
    transit: Style,
    dim: Style,
    selected: Style,
}

impl Tints {
    /// Of the 256 colours; told apart by who can't tell red from green, too.
    const DARK: Self = Self {
        accent: Style::new().fg(Color::Indexed(80)),
        ok: Style::new().fg(Color::Indexed(114)),
        warning: Style::new().fg(Color::Indexed(221)),
        error: Style::new().fg(Color::Indexed(210)).add_modifier(Modifier::BOLD),
        transit: Style::new().fg(Color::Indexed(141)),
        dim: Style::new().fg(Color::Indexed(246)),
        selected: Style::new().bg(Color::Indexed(238)).add_modifier(Modifier::BOLD),
    };
    const LIGHT: Self = Self {
        accent: Style::new().fg(Color::Indexed(25)),
        ok: Style::new().fg(Color::Indexed(22)),
        warning: Style::new().fg(Color::Indexed(94)),
        error: Style::new().fg(Color::Indexed(124)).add_modifier(Modifier::BOLD),
        transit: Style::new().fg(Color::Indexed(91)),
        dim: Style::new().fg(Color::Indexed(242)),
        selected: Style::new().bg(Color::Indexed(254)).add_modifier(Modifier::BOLD),
    };
    const SIXTEEN_ON_DARK: Self = Self {
        accent: Style::new().fg(Color::Cyan),
        ok: Style::new().fg(Color::Green),
        warning: Style::new().fg(Color::Yellow),
        error: Style::new().fg(Color::LightRed),
        transit: Style::new().fg(Color::LightMagenta),
        dim: Style::new().fg(Color::DarkGray),
        selected: Style::new().add_modifier(Modifier::REVERSED),
    };
    const SIXTEEN_ON_LIGHT: Self = Self {
        accent: Style::new().fg(Color::Blue),
        ok: Style::new().fg(Color::Green),
        warning: Style::new().fg(Color::Magenta),
        error: Style::new().fg(Color::Red),
        transit: Style::new().fg(Color::Cyan),
        dim: Style::new().fg(Color::DarkGray),
        selected: Style::new().add_modifier(Modifier::REVERSED),
    };
    const MONO: Self = Self {
        accent: Style::new(),
        ok: Style::new(),
        warning: Style::new(),
        error: Style::new().add_modifier(Modifier::BOLD),
        transit: Style::new().add_modifier(Modifier::ITALIC),
        dim: Style::new().add_modifier(Modifier::DIM),
        selected: Style::new().add_modifier(Modifier::REVERSED),
    };
}

impl Default for Theme {
    fn default() -> Self {
        Self::new(Palette::default(), Borders::default())
    }
}
