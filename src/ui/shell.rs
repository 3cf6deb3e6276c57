//! The shell: one queue of everything that wakes the screen, one thread that draws.
//!
//! Keys are drawn at once, what nodes tell at most every 16 ms, and nothing at all when nothing shown changed.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use chrono::{Local, Offset as _, TimeZone as _};
use crossterm::event;
use tokio::sync::mpsc;
use uuid::{NoContext, Timestamp, Uuid};

use super::chime::{Chime, Wanted};
use super::frame;
use super::keys::Keymap;
use super::moment::Moment;
use super::terminal::Window;
use super::theme::Theme;
use super::view::{Settings, View};
use super::wake::{Done, Effect, Job, Wake};
use crate::domain::Operator;
use crate::node;
use crate::node::Intent;
use crate::text::Lang;

/// What nodes cause is drawn at most this often.
const FRAME: Duration = Duration::from_millis(16);
/// Intents that found no room are offered again after this.
const OFFER_AGAIN: Duration = Duration::from_millis(10);
const QUEUE: usize = 1024;

/// A node's two doors.
pub type Doors = (mpsc::Sender<Intent>, mpsc::Receiver<node::Event>);

/// How the terminal is to be.
#[derive(Debug, Clone)]
pub struct Options {
    /// The language.
    pub lang: Lang,
    /// Who works here; none asks.
    pub operator: Option<Operator>,
    /// The looks.
    pub theme: Theme,
    /// Keys that differ from the table: by the action's word.
    pub keys: BTreeMap<String, Vec<String>>,
    /// Whose badge says what.
    pub badges: Arc<BTreeMap<String, Operator>>,
    /// What is told by ear.
    pub bell: Wanted,
    /// Whether the mouse works.
    pub mouse: bool,
    /// The shell command that takes delivery notes; `raw:` before it asks for a receipt printer's commands.
    pub print: Option<String>,
    /// Where notes and exports are written.
    pub folder: PathBuf,
}

/// Asks a running terminal to end, from any thread.
#[derive(Debug, Clone)]
pub struct Bell(SyncSender<Woken>);

impl Bell {
    /// Ends the terminal.
    pub fn end(&self) {
        // A full queue means it is busy; a closed one that it ended.
        let _ = self.0.send(Woken::End);
    }

    /// Leaves the window to the shell and stops, as Ctrl-Z does.
    pub fn suspend(&self) {
        let _ = self.0.send(Woken::Suspend);
    }

    /// The process goes on after a stop: the window is set up anew.
    pub fn resume(&self) {
        let _ = self.0.send(Woken::Resume);
    }
}

#[derive(Debug)]
enum Woken {
    Term(event::Event),
    Node(usize, Box<node::Event>),
    Gone(usize),
    Done(usize, Done),
    Suspend,
    Resume,
    End,
}

/// A terminal over the doors of one or more nodes, not yet shown.
pub struct Terminal {
    options: Options,
    keymap: Arc<Keymap>,
    doors: Vec<Doors>,
    queue: (SyncSender<Woken>, Receiver<Woken>),
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminal").field("doors", &self.doors.len()).finish_non_exhaustive()
    }
}

impl Terminal {
    /// Puts a terminal together.
    ///
    /// # Errors
    /// When the chosen keys clash or can't be bound.
    pub fn new(doors: Vec<Doors>, options: Options) -> Result<Self, super::keys::KeyError> {
        let keymap = Arc::new(Keymap::new(&options.keys)?);
        Ok(Self { options, keymap, doors, queue: sync_channel(QUEUE) })
    }

    /// Ends it from elsewhere.
    #[must_use]
    pub fn bell(&self) -> Bell {
        Bell(self.queue.0.clone())
    }

    /// Shows it until somebody quits.
    ///
    /// # Errors
    /// When the terminal can't be set up, or is gone.
    pub fn run(self) -> io::Result<()> {
        let title = "rubentario";
        let window = Window::enter(self.options.mouse, title)?;
        let (wake, woken) = self.queue;
        let keys = wake.clone();
        // It ends with the process: a blocked read can't be called off.
        thread::Builder::new().name("keys".into()).spawn(move || read_keys(&keys))?;
        let many = self.doors.len();
        let clock = Clock { started: node::clock::now().mono_ms };
        let size = window.size()?;
        let mut pages = Vec::with_capacity(many);
        for (place, (intents, events)) in self.doors.into_iter().enumerate() {
            let told = wake.clone();
            thread::Builder::new().name("told".into()).spawn(move || hear(place, events, &told))?;
            let settings = Settings {
                lang: self.options.lang,
                operator: self.options.operator.clone(),
                badges: Arc::clone(&self.options.badges),
                keymap: Arc::clone(&self.keymap),
                can_print: self.options.print.is_some(),
                pid: std::process::id(),
                place: (place, many),
                size,
                ids: Box::new(id_at),
            };
            pages.push(Page { view: View::new(settings, clock.moment()), intents });
        }
        let chime = Chime::new(self.options.bell);
        let shell = Shell { window, pages, shown: 0, wake, options: self.options, clock, chime };
        shell.run(&woken)
    }
}

struct Page {
    view: View,
    intents: mpsc::Sender<Intent>,
}

impl Page {
    /// Hands over what waits; what finds no room stays, so nothing is ever lost.
    fn hand_over(&mut self) -> bool {
        let outbox = self.view.outbox();
        while let Some(intent) = outbox.pop_front() {
            match self.intents.try_send(intent) {
                Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => {}
                Err(mpsc::error::TrySendError::Full(intent)) => {
                    outbox.push_front(intent);
                    return false;
                }
            }
        }
        true
    }
}

#[derive(Clone, Copy)]
struct Clock {
    started: u64,
}

impl Clock {
    fn moment(self) -> Moment {
        let now = node::clock::now();
        let wall_ms = i64::try_from(now.wall_ms).unwrap_or(i64::MAX);
        let local = Local.timestamp_millis_opt(wall_ms).earliest();
        Moment {
            running: Duration::from_millis(now.mono_ms.saturating_sub(self.started)),
            wall_ms,
            zone: local.map_or_else(|| chrono::Utc.fix(), |time| time.offset().fix()),
        }
    }
}

struct Shell {
    window: Window,
    pages: Vec<Page>,
    shown: usize,
    wake: SyncSender<Woken>,
    options: Options,
    clock: Clock,
    chime: Chime,
}

impl Shell {
    fn run(mut self, woken: &Receiver<Woken>) -> io::Result<()> {
        let mut is_dirty = true;
        let mut drawn = None::<Duration>;
        loop {
            let mut all_handed_over = true;
            for page in &mut self.pages {
                all_handed_over &= page.hand_over();
            }
            let now = self.clock.moment().running;
            let mut due = self.pages[self.shown].view.deadline();
            if !all_handed_over {
                due = due.min(now + OFFER_AGAIN);
            }
            if is_dirty {
                due = due.min(drawn.map_or(now, |at| at + FRAME));
            }
            due = self.chime.due().unwrap_or(due).min(due);
            let first = match woken.recv_timeout(due.saturating_sub(now)) {
                Ok(first) => Some(first),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            let mut is_key = false;
            let mut effects = Vec::new();
            if first.is_none() {
                effects.extend(self.update(self.shown, Wake::Deadline));
            }
            for woken in first.into_iter().chain(woken.try_iter().take(QUEUE)) {
                match woken {
                    Woken::End => return Ok(()),
                    Woken::Suspend => effects.push((self.shown, Effect::Suspend)),
                    Woken::Resume => {
                        self.window.resume()?;
                        self.pages[self.shown].view.redraw();
                    }
                    Woken::Term(event) => {
                        is_key = true;
                        let at = self.clock.moment().running;
                        effects.extend(self.update(self.shown, Wake::Term { event, at }));
                    }
                    Woken::Node(place, event) => effects.extend(self.update(place, Wake::Node(*event))),
                    Woken::Gone(place) => effects.extend(self.update(place, Wake::Gone)),
                    Woken::Done(place, done) => effects.extend(self.update(place, Wake::Done(done))),
                }
            }
            for (place, effect) in effects {
                if !self.carry_out(place, effect)? {
                    return Ok(());
                }
            }
            if self.chime.strikes(self.clock.moment().running) {
                self.window.ring()?;
            }
            is_dirty |= self.pages[self.shown].view.take_dirty();
            let now = self.clock.moment().running;
            if is_dirty && (is_key || drawn.is_none_or(|at| now >= at + FRAME)) {
                let view = &self.pages[self.shown].view;
                self.window.draw(|frame| frame::draw(view, &self.options.theme, frame))?;
                is_dirty = false;
                // What the node answers to a key doesn't wait for the key's own frame.
                if !is_key {
                    drawn = Some(now);
                }
            }
        }
    }

    fn update(&mut self, place: usize, wake: Wake) -> Vec<(usize, Effect)> {
        let now = self.clock.moment();
        let effects = self.pages.get_mut(place).map(|page| page.view.update(wake, now));
        effects.unwrap_or_default().into_iter().map(|effect| (place, effect)).collect()
    }

    /// Tells whether to go on.
    fn carry_out(&mut self, place: usize, effect: Effect) -> io::Result<bool> {
        match effect {
            Effect::Quit => return Ok(false),
            Effect::Suspend => {
                self.window.suspend()?;
                self.update(self.shown, Wake::Deadline);
                self.pages[self.shown].view.redraw();
            }
            Effect::Switch(to) if to < self.pages.len() && to != self.shown => {
                if let Ok([from, to]) = self.pages.get_disjoint_mut([self.shown, to]) {
                    to.view.follow(&from.view);
                }
                self.shown = to;
                self.update(to, Wake::Deadline);
            }
            Effect::Switch(_) => {}
            Effect::Copy(text) => self.window.copy(&text)?,
            Effect::Ring(sound) => self.chime.sound(sound, self.clock.moment().running),
            Effect::Do(job) => {
                let (wake, folder, print) =
                    (self.wake.clone(), self.options.folder.clone(), self.options.print.clone());
                let job = job.below(&folder);
                thread::Builder::new().name("job".into()).spawn(move || {
                    let error = carry_out(&job, print.as_deref()).err().map(|e| e.to_string());
                    // The terminal may have ended meanwhile.
                    let _ = wake.send(Woken::Done(place, Done { job, error }));
                })?;
            }
        }
        Ok(true)
    }
}

fn read_keys(wake: &SyncSender<Woken>) {
    while let Ok(event) = event::read() {
        if wake.send(Woken::Term(event)).is_err() {
            return;
        }
    }
    // The terminal is gone.
    let _ = wake.send(Woken::End);
}

fn hear(place: usize, mut events: mpsc::Receiver<node::Event>, wake: &SyncSender<Woken>) {
    while let Some(event) = events.blocking_recv() {
        if wake.send(Woken::Node(place, Box::new(event))).is_err() {
            return;
        }
    }
    let _ = wake.send(Woken::Gone(place));
}

fn id_at(wall_ms: i64) -> Uuid {
    let ms = u64::try_from(wall_ms).unwrap_or(0);
    let nanos = u32::try_from(ms % 1000).unwrap_or(0) * 1_000_000;
    Uuid::new_v7(Timestamp::from_unix(NoContext, ms / 1000, nanos))
}

fn carry_out(job: &Job, print: Option<&str>) -> io::Result<()> {
    match job {
        Job::Write { path, text } => {
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(path, text)
        }
        Job::Print { text, raw, .. } => {
            let command = print.unwrap_or_default();
            let (command, bytes) = match command.strip_prefix("raw:") {
                Some(command) => (command, raw.as_slice()),
                None => (command, text.as_bytes()),
            };
            let mut printer = Command::new("sh")
                .args(["-c", command])
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()?;
            // A command that fails may do so before it has read all: what it says is told then, not the broken pipe.
            let written = printer.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(bytes));
            let output = printer.wait_with_output()?;
            if output.status.success() {
                return written;
            }
            let said = String::from_utf8_lossy(&output.stderr);
            Err(io::Error::other(format!("{}: {}", output.status, said.trim())))
        }
    }
}
