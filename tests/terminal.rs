//! The terminal as it really runs: the program on a pseudo-terminal, its screen read back as a person would.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "a person at the terminal has a clock")]

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

const PATIENCE: Duration = Duration::from_secs(90);
const ROWS: u16 = 40;
const COLUMNS: u16 = 120;

struct Seen {
    screen: vt100::Parser,
    bytes: Receiver<Vec<u8>>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
    _home: tempfile::TempDir,
}

impl Seen {
    fn demo() -> Self {
        let home = tempfile::tempdir().unwrap();
        let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_rubentario"));
        command.args(["--lang", "es", "demo"]);
        command.env("HOME", home.path());
        command.env("TMPDIR", home.path());
        command.env("TERM", "xterm-256color");
        for unset in ["RUBENTARIO_STORE_URL", "RUBENTARIO_BUS_URLS", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
            command.env_remove(unset);
        }
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
        let screen = vt100::Parser::new(NonZero::new(ROWS).unwrap(), NonZero::new(COLUMNS).unwrap(), 0);
        Self { screen, bytes, keys, child, _master: pair.master, _home: home }
    }

    /// Reads on until the screen shows a text.
    fn until(&mut self, what: &str, shows: impl Fn(&vt100::Screen) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !shows(self.screen.screen()) {
            match self.bytes.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.screen.process(&bytes),
                Err(RecvTimeoutError::Timeout) => panic!("{what} never came:\n{}", self.text()),
                Err(RecvTimeoutError::Disconnected) => panic!("ended before {what}:\n{}", self.text()),
            }
        }
    }

    fn until_text(&mut self, text: &str) {
        self.until(text, |screen| screen.contents().contains(text));
    }

    fn text(&self) -> String {
        self.screen.screen().contents()
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Reads to the end and looks whether the terminal is as it was.
    fn left_sane(&mut self) {
        let end = Instant::now() + PATIENCE;
        while let Ok(bytes) = self.bytes.recv_timeout(end.saturating_duration_since(Instant::now())) {
            self.screen.process(&bytes);
        }
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen(), "{}", self.text());
        assert!(!screen.hide_cursor());
        assert!(!screen.bracketed_paste());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    }
}

#[test]
fn the_demo_is_looked_at_booked_in_and_left_with_a_sane_terminal() {
    let mut seen = Seen::demo();
    seen.until_text("Existencias");
    seen.until_text("MADRID");
    assert!(seen.screen.screen().alternate_screen());
    seen.press("+");
    seen.until_text("Cantidad");
    seen.press("7");
    seen.until_text("Cantidad    7");
    seen.press("\r");
    seen.until_text("registrado madrid:");
    seen.press("\x1b[13~");
    seen.until_text("SEVILLA");
    seen.press("?");
    seen.until_text("Ayuda");
    seen.press("\x1b");
    seen.until("help to go", |screen| !screen.contents().contains("Ayuda"));
    seen.press("q");
    seen.left_sane();
    assert!(seen.child.wait().unwrap().success());
}

#[test]
fn a_terminal_that_is_told_to_end_is_left_sane_too() {
    let mut seen = Seen::demo();
    seen.until_text("Existencias");
    let pid = Pid::from_raw(i32::try_from(seen.child.process_id().unwrap()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    seen.left_sane();
    seen.child.wait().unwrap();
}
