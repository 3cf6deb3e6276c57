//! The program on a pseudo-terminal, its screen read back as a person would.

#![allow(dead_code, reason = "each user takes its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "a person at the terminal has a clock")]

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::num::NonZero;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::fs::OFlags;
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use rustix::termios::{LocalModes, tcgetattr};

const PATIENCE: Duration = Duration::from_secs(90);

/// A terminal with the program in it.
pub struct Seen {
    parser: vt100::Parser,
    bytes: Receiver<Vec<u8>>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    /// Held, as the modes of a terminal that nobody has open are forgotten.
    tty: Option<File>,
    good_end: Option<bool>,
    _home: tempfile::TempDir,
}

impl Seen {
    /// Starts the demonstration.
    pub fn demo(program: &Path, lang: &str, columns: u16, rows: u16) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(["--lang", lang, "demo"]);
        command.env("HOME", home.path());
        command.env("TMPDIR", home.path());
        command.env("TERM", "xterm-256color");
        for unset in [
            "RUBENTARIO_STORE_URL",
            "RUBENTARIO_BUS_URLS",
            "XDG_CONFIG_HOME",
            "XDG_DATA_HOME",
            "NO_COLOR",
            "COLORFGBG",
        ] {
            command.env_remove(unset);
        }
        Self::start(command, home, columns, rows)
    }

    /// Starts the program as told; its home goes with the terminal.
    pub fn start(command: CommandBuilder, home: tempfile::TempDir, columns: u16, rows: u16) -> Self {
        let pair = native_pty_system().openpty(size(columns, rows)).unwrap();
        let no_owner = i32::try_from(OFlags::NOCTTY.bits()).unwrap();
        let name = pair.master.tty_name().unwrap();
        let tty = OpenOptions::new().read(true).custom_flags(no_owner).open(name).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let (told, bytes) = sync_channel(64);
        thread::spawn(move || {
            let mut part = [0; 4096];
            while let Ok(n) = reader.read(&mut part) {
                if n == 0 || told.send(part[..n].to_vec()).is_err() {
                    return;
                }
            }
        });
        let parser = vt100::Parser::new(NonZero::new(rows).unwrap(), NonZero::new(columns).unwrap(), 0);
        Self { parser, bytes, keys, child, master: pair.master, tty: Some(tty), good_end: None, _home: home }
    }

    /// What is on the screen.
    pub fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// Makes the window so large.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.parser.set_size(NonZero::new(rows).unwrap(), NonZero::new(columns).unwrap());
        self.master.resize(size(columns, rows)).unwrap();
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Waits until the program has stopped.
    pub fn stops(&self) {
        let (_, status) = waitpid(Some(self.pid()), WaitOptions::UNTRACED).unwrap().unwrap();
        assert!(status.stopped());
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.process_id().unwrap()).unwrap()).unwrap()
    }

    /// Whether its end was a good one.
    pub fn ended_well(&self) -> bool {
        self.good_end.unwrap()
    }

    /// Reads on until the screen is as wanted.
    pub fn until(&mut self, what: &str, shows: impl Fn(&vt100::Screen) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !shows(self.screen()) {
            match self.bytes.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.parser.process(&bytes),
                Err(RecvTimeoutError::Timeout) => panic!("{what} never came:\n{}", self.text()),
                Err(RecvTimeoutError::Disconnected) => panic!("ended before {what}:\n{}", self.text()),
            }
        }
    }

    /// Reads on until the screen shows a text.
    pub fn until_text(&mut self, text: &str) {
        self.until(text, |screen| screen.contents().contains(text));
    }

    /// The text on the screen.
    pub fn text(&self) -> String {
        self.screen().contents()
    }

    /// Types, as fast as a scanner: five letters and an Enter at once are a scan.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Types as people do: an Enter that follows a scan at once would belong to it.
    pub fn press_by_hand(&mut self, keys: &str) {
        thread::sleep(Duration::from_millis(80));
        self.press(keys);
    }

    /// Waits for the end, and looks whether the terminal is as it was.
    pub fn left_sane(&mut self) {
        self.good_end = Some(self.child.wait().unwrap().success());
        assert!(self.is_cooked(), "lines are edited and echoed again");
        self.tty = None;
        let end = Instant::now() + PATIENCE;
        while let Ok(bytes) = self.bytes.recv_timeout(end.saturating_duration_since(Instant::now())) {
            self.parser.process(&bytes);
        }
        self.shows_the_shell();
    }

    /// Nothing of the program's is left on the terminal's side.
    pub fn shows_the_shell(&self) {
        let screen = self.screen();
        assert!(!screen.alternate_screen(), "{}", self.text());
        assert!(!screen.hide_cursor());
        assert!(!screen.bracketed_paste());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    }

    /// Whether the terminal edits and echoes lines itself.
    pub fn is_cooked(&self) -> bool {
        let modes = tcgetattr(self.tty.as_ref().unwrap()).unwrap().local_modes;
        modes.contains(LocalModes::ICANON | LocalModes::ECHO)
    }
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}
