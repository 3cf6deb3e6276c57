//! The program itself as a child: a verb, a node, or the terminal on a pseudo-terminal.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::measure::{PATIENCE, Watch};
use super::place::HERE;
use super::{BenchError, Plan, goods};
use crate::node::clock;

const CLUSTER: &str = "bench";
const SIZE: Winsize = Winsize { ws_row: 40, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 };
/// Somebody who types is slower than a scanner.
const KEY: Duration = Duration::from_millis(130);

/// The program on a node's folder, with nothing of the user's settings.
fn command(plan: &Plan, home: &Path, verb: &[&str]) -> Command {
    let mut command = Command::new(&plan.program);
    command.env_clear().env("HOME", home).env("TMPDIR", home).env("TERM", "xterm-256color");
    command.env("RUBENTARIO_CLUSTER_NAME", CLUSTER);
    command.args(["--operator", "bench", "--lang", "en"]);
    // The demonstration has warehouses and a folder of its own.
    if verb != ["demo"] {
        command.args(["--node", HERE, "--data-dir"]).arg(home);
    }
    command.args(verb);
    command
}

/// The store of the program's node.
pub(super) fn store(home: &Path) -> PathBuf {
    home.join(CLUSTER).join(HERE).join("store.db")
}

/// Does a verb to its end; what it took, in microseconds.
pub(super) fn verb(plan: &Plan, home: &Path, verb: &[&str]) -> Result<u64, BenchError> {
    let watch = Watch::start();
    let output = command(plan, home, verb).output()?;
    let took = watch.us();
    if output.status.success() {
        return Ok(took);
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(BenchError::Program { verb: verb.join(" "), said })
}

/// Imports a catalogue; what that took, in microseconds.
pub(super) fn import_catalogue(plan: &Plan, home: &Path, csv: &str) -> Result<u64, BenchError> {
    let file = home.join("catalogue.csv");
    fs::write(&file, csv)?;
    verb(plan, home, &["import", "catalogue", &file.to_string_lossy()])
}

/// Imports a catalogue and stock of each of its products.
pub(super) fn fill(plan: &Plan, home: &Path) -> Result<(), BenchError> {
    import_catalogue(plan, home, &goods::catalogue_csv(plan.size)?)?;
    let file = home.join("stock.csv");
    fs::write(&file, goods::stock_csv(plan.size))?;
    verb(plan, home, &["import", "stock", &file.to_string_lossy()]).map(drop)
}

/// A child that ends with this.
pub(super) struct Running {
    child: Child,
    what: String,
}

impl Running {
    /// A node without a terminal, once it says that it runs.
    pub(super) fn node(plan: &Plan, home: &Path) -> Result<Self, BenchError> {
        let mut child = command(plan, home, &["node"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let said = child.stderr.take();
        let running = Self { child, what: "node".to_owned() };
        let mut lines = said.into_iter().flat_map(|said| BufReader::new(said).lines());
        while let Some(line) = lines.next().transpose()? {
            if line.contains("the node runs") {
                // What it says later must find a reader.
                thread::spawn(move || lines.for_each(drop));
                return Ok(running);
            }
        }
        Err(BenchError::Program { verb: running.what.clone(), said: "it ended at once".to_owned() })
    }

    /// Resident memory in KiB.
    pub(super) fn memory_kib(&self) -> Result<u64, BenchError> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|rest| rest.trim().strip_suffix(" kB")?.trim().parse().ok());
        number.ok_or_else(|| BenchError::Data("/proc tells no VmRSS".to_owned()))
    }

    /// What all its threads have computed so far, in microseconds.
    pub(super) fn computed_us(&self) -> Result<u64, BenchError> {
        let mut sum = 0;
        for task in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            // A thread may end while one looks.
            let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
            sum += text.split(' ').next().and_then(|ns| ns.parse::<u64>().ok()).unwrap_or(0);
        }
        Ok(sum / 1000)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already; its things are thrown away in any case.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program on a pseudo-terminal.
pub(super) struct Screen {
    running: Running,
    keys: File,
    bytes: Receiver<(u64, Vec<u8>)>,
    text: Text,
    /// When the child was started.
    pub(super) started: Watch,
}

impl Screen {
    /// Starts it.
    pub(super) fn open(plan: &Plan, home: &Path, verb: &[&str]) -> Result<Self, BenchError> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)
            .map_err(std::io::Error::from)?;
        let child_side = child_side(&master)?;
        let mut command = command(plan, home, verb);
        command.stdin(child_side.try_clone()?).stdout(child_side.try_clone()?).stderr(child_side);
        let started = Watch::start();
        let child = command.spawn()?;
        // The command holds its ends of the terminal until it is gone.
        drop(command);
        let running = Running { child, what: verb.join(" ") };
        let keys = File::from(master);
        let mut screen = keys.try_clone()?;
        let (told, bytes) = sync_channel(256);
        thread::spawn(move || {
            let mut part = [0; 4096];
            while let Ok(n @ 1..) = screen.read(&mut part) {
                if told.send((clock::mono_us(), part[..n].to_vec())).is_err() {
                    return;
                }
            }
        });
        Ok(Self { running, keys, bytes, text: Text::default(), started })
    }

    /// Reads on until a text is written; when that was.
    pub(super) fn until(&mut self, text: &str) -> Result<u64, BenchError> {
        let mut moment = clock::mono_us();
        let watch = Watch::start();
        while !self.text.takes(text) {
            let failed = |said: String| BenchError::Program { verb: self.running.what.clone(), said };
            match self.bytes.recv_timeout(PATIENCE) {
                Ok((at, bytes)) => {
                    moment = at;
                    self.text.take(&bytes);
                }
                Err(RecvTimeoutError::Timeout) => {
                    return Err(BenchError::too_late(format!("«{text}» on the screen")));
                }
                Err(RecvTimeoutError::Disconnected) => return Err(failed(self.text.to_string())),
            }
            if watch.is_late() {
                return Err(BenchError::too_late(format!("«{text}» on the screen")));
            }
        }
        Ok(moment)
    }

    /// Reads on for a time; whether anything was written.
    pub(super) fn wait(&mut self, time: Duration) -> bool {
        let watch = Watch::start();
        let mut any = false;
        while let Some(rest) = time.checked_sub(Duration::from_micros(watch.us())) {
            match self.bytes.recv_timeout(rest) {
                Ok((_, bytes)) => self.text.take(&bytes),
                Err(_) => break,
            }
            any = true;
        }
        any
    }

    /// Presses a key at once.
    pub(super) fn press(&mut self, key: &str) -> Result<(), BenchError> {
        Ok(self.keys.write_all(key.as_bytes())?)
    }

    /// Types as a person does, and forgets what was written before.
    pub(super) fn type_in(&mut self, keys: &str) -> Result<(), BenchError> {
        for key in keys.chars() {
            self.press(&key.to_string())?;
            self.wait(KEY);
        }
        self.text = Text::default();
        Ok(())
    }

    /// Leaves it as a person does, and waits until it has ended.
    pub(super) fn quit(mut self) -> Result<(), BenchError> {
        self.press("q")?;
        let watch = Watch::start();
        while self.running.child.try_wait()?.is_none() {
            self.wait(Duration::from_millis(20));
            if watch.is_late() {
                return Err(BenchError::too_late("the end of the program"));
            }
        }
        Ok(())
    }

    pub(super) const fn running(&self) -> &Running {
        &self.running
    }
}

/// The end of a pseudo-terminal that the child gets.
fn child_side(master: &OwnedFd) -> Result<File, BenchError> {
    let system = std::io::Error::from;
    grantpt(master).map_err(system)?;
    unlockpt(master).map_err(system)?;
    tcsetwinsize(master, SIZE).map_err(system)?;
    let path = ptsname(master, Vec::new()).map_err(system)?;
    let path = Path::new(std::ffi::OsStr::from_bytes(path.as_bytes()));
    let noctty = i32::try_from(rustix::fs::OFlags::NOCTTY.bits()).unwrap_or(0);
    Ok(OpenOptions::new().read(true).write(true).custom_flags(noctty).open(path)?)
}

/// What was written to a terminal, without the sequences that move the cursor and colour.
#[derive(Debug, Default)]
struct Text {
    written: Vec<u8>,
    escape: Escape,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Escape {
    #[default]
    None,
    Begun,
    Control,
    Title,
}

impl Text {
    fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.escape = match (self.escape, *byte) {
                (_, 0x1b) => Escape::Begun,
                (Escape::Begun, b'[') => Escape::Control,
                (Escape::Begun, b']') => Escape::Title,
                (Escape::Control, end @ 0x40..=0x7e) => {
                    // What stands elsewhere doesn't belong to the same word.
                    if end != b'm' {
                        self.written.push(0);
                    }
                    Escape::None
                }
                (Escape::Title, 0x07) | (Escape::Begun, _) => Escape::None,
                (Escape::Control, _) => Escape::Control,
                (Escape::Title, _) => Escape::Title,
                (Escape::None, byte) => {
                    self.written.push(byte);
                    Escape::None
                }
            };
        }
    }

    /// Whether a text was written; up to it, everything is forgotten.
    fn takes(&mut self, text: &str) -> bool {
        let found = self.written.windows(text.len()).position(|part| part == text.as_bytes());
        if let Some(at) = found {
            self.written.drain(..at + text.len());
        }
        found.is_some()
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.written).replace('\0', " "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_leave_a_word_whole_and_moves_of_the_cursor_part_it() {
        let mut text = Text::default();
        text.take(b"\x1b[31m2\x1b[0m2\x1b[3;4H2\x1b]0;title\x07x");
        assert!(text.takes("22"));
        assert!(!text.takes("22"));
        assert!(text.takes("2x"));
    }
}
