//! Short messages: what went well fades, what went wrong stays until the next key.

use std::time::Duration;

/// How long a success is shown.
const FADES: Duration = Duration::from_secs(3);
/// At most so many at once.
const MOST: usize = 4;

/// How a message is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Done.
    Done,
    /// A note.
    Note,
    /// Not done.
    Error,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// How it is meant.
    pub tone: Tone,
    /// What it says.
    pub text: String,
    until: Option<Duration>,
}

/// Those that are shown.
#[derive(Debug, Clone, Default)]
pub struct Toasts {
    shown: Vec<Toast>,
}

impl Toasts {
    /// Adds one; `at` is now.
    pub fn say(&mut self, tone: Tone, text: String, at: Duration) {
        let until = (tone != Tone::Error).then(|| at + FADES);
        self.shown.retain(|t| t.text != text);
        self.shown.push(Toast { tone, text, until });
        let surplus = self.shown.len().saturating_sub(MOST);
        self.shown.drain(..surplus);
    }

    /// A key was pressed: errors go.
    pub fn key(&mut self) {
        self.shown.retain(|t| t.tone != Tone::Error);
    }

    /// Drops what has faded; true when something did.
    pub fn fade(&mut self, at: Duration) -> bool {
        let before = self.shown.len();
        self.shown.retain(|t| t.until.is_none_or(|until| until > at));
        before != self.shown.len()
    }

    /// When the next one fades.
    #[must_use]
    pub fn due(&self) -> Option<Duration> {
        self.shown.iter().filter_map(|t| t.until).min()
    }

    /// Those shown, the oldest first.
    #[must_use]
    pub fn shown(&self) -> &[Toast] {
        &self.shown
    }
}
