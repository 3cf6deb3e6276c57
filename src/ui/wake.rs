//! What wakes the terminal, and what it wants done when it has thought.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crossterm::event;

use crate::node;

/// What wakes a view.
#[derive(Debug, Clone)]
pub enum Wake {
    /// Something from the keyboard, the mouse or the window, and when it came (since the start).
    Term {
        /// It.
        event: event::Event,
        /// When.
        at: Duration,
    },
    /// A fact from the node.
    Node(node::Event),
    /// The node's door is closed for good.
    Gone,
    /// A deadline passed.
    Deadline,
    /// A file was written, a note printed, or not.
    Done(Done),
}

/// What became of work outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// What was to be done.
    pub job: Job,
    /// Why it failed, if it did.
    pub error: Option<String>,
}

/// Work outside the view; done on a thread of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// Write a file below the data dir.
    Write {
        /// Where: `notes/madrid-42.txt`.
        path: PathBuf,
        /// What.
        text: String,
    },
    /// Hand bytes to the printer's command.
    Print {
        /// The note's id.
        id: String,
        /// As text.
        text: String,
        /// As a receipt printer's commands.
        raw: Vec<u8>,
    },
}

impl Job {
    /// The same, with its file below a folder.
    #[must_use]
    pub fn below(self, folder: &Path) -> Self {
        match self {
            Self::Write { path, text } => Self::Write { path: folder.join(path), text },
            print @ Self::Print { .. } => print,
        }
    }
}

/// What a view wants of the shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Leave.
    Quit,
    /// To the shell, for a while.
    Suspend,
    /// Show another warehouse, from 0.
    Switch(usize),
    /// Put a text on the clipboard.
    Copy(String),
    /// Do this outside.
    Do(Job),
    /// A sound for whoever looks at the goods and not at the screen.
    Ring(Sound),
}

/// What is told by ear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sound {
    /// A scan was taken: one bell.
    Good,
    /// A scan or an act was not: three.
    Bad,
}
