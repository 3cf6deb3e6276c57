//! A node in a process of its own, as a service runs it: told by a file what to be, heard on stderr, killed at will.
#![allow(dead_code, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use rubentario::config::Paths;
use rubentario::domain::WarehouseId;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::time::timeout;

/// Long enough for a loaded machine; nothing waits so long when it works.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// What a node logs once its door is open.
const RUNS: &str = "the node runs";

/// What a node is told to be.
#[derive(Debug, Clone)]
pub struct Settings {
    pub home: PathBuf,
    pub name: &'static str,
    pub cluster: String,
    pub found: bool,
    /// None: SQLite in the home.
    pub store: Option<String>,
    /// None: the spool in the home.
    pub bus: Option<String>,
}

impl Settings {
    pub fn id(&self) -> WarehouseId {
        WarehouseId::new(self.name).unwrap()
    }

    fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    fn paths(&self) -> Paths {
        Paths::new(&self.data(), &self.home, &self.cluster, &self.id(), None)
    }

    pub fn socket(&self) -> PathBuf {
        self.paths().socket().to_owned()
    }

    /// The SQLite store.
    pub fn store_file(&self) -> PathBuf {
        self.paths().store()
    }

    /// The program with this node's config, its words still to come.
    pub fn program(&self) -> Command {
        let config = self.home.join(format!("{}.toml", self.name));
        fs::write(&config, self.config()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_rubentario"));
        command.env_clear().env("HOME", &self.home).env("XDG_RUNTIME_DIR", &self.home).env("USER", "ana");
        command.arg("--config").arg(config).arg("--data-dir").arg(self.data());
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Runs a verb to its end.
    pub async fn verb(&self, words: &[&str]) -> Output {
        let run = self.program().args(words).output();
        timeout(PATIENCE, run).await.expect("the verb ends").unwrap()
    }

    fn config(&self) -> String {
        let key = self.home.join("cluster.key");
        write_key(&key);
        let mut text = format!("[node]\nid = {:?}\n[cluster]\nname = {:?}\n", self.name, self.cluster);
        writeln!(text, "found = {}\nadmit = \"auto\"\nkey_file = \"{}\"", self.found, key.display()).unwrap();
        if let Some(url) = &self.store {
            writeln!(text, "[store]\nurl = {url:?}").unwrap();
        }
        if let Some(url) = &self.bus {
            writeln!(text, "[bus]\nurls = [{url:?}]").unwrap();
        }
        text
    }
}

/// One key for all nodes of a home.
fn write_key(path: &Path) {
    if let Ok(mut file) = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        writeln!(file, "{}", "5e".repeat(32)).unwrap();
    }
}

/// A running `rubentario node`.
pub struct Process {
    child: Child,
    said: watch::Receiver<Vec<String>>,
}

impl Process {
    pub fn start(settings: &Settings) -> Self {
        let mut child = settings.program().arg("node").stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (say, said) = watch::channel(Vec::new());
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                say.send_modify(|said: &mut Vec<String>| said.push(line));
            }
        });
        Self { child, said }
    }

    /// Starts it and waits until its door is open.
    pub async fn run(settings: &Settings) -> Self {
        let mut process = Self::start(settings);
        process.until_says(RUNS).await;
        process
    }

    /// Waits until it has said this.
    pub async fn until_says(&mut self, text: &str) {
        let heard = timeout(PATIENCE, heard(&mut self.said, text)).await;
        assert_eq!(heard, Ok(true), "it never said “{text}”:\n{}", self.log());
    }

    /// Whether its door is ever open: no, when it ends before.
    pub fn opens(&self) -> impl Future<Output = bool> + Send + use<> {
        let mut said = self.said.clone();
        async move { heard(&mut said, RUNS).await }
    }

    /// What it has said so far.
    pub fn log(&self) -> String {
        self.said.borrow().join("\n")
    }

    pub fn has_said(&self, text: &str) -> bool {
        self.said.borrow().iter().any(|line| line.contains(text))
    }

    /// Kills it as nothing can be handled.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Ends it as a service manager does; it must end well.
    pub async fn stop(mut self) {
        let pid = Pid::from_raw(i32::try_from(self.child.id().unwrap()).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        assert_eq!(self.exit().await, Some(0), "{}", self.log());
    }

    /// Waits until it ends by itself.
    pub async fn exit(&mut self) -> Option<i32> {
        timeout(PATIENCE, self.child.wait()).await.expect("it ends").unwrap().code()
    }
}

async fn heard(said: &mut watch::Receiver<Vec<String>>, text: &str) -> bool {
    said.wait_for(|said| said.iter().any(|line| line.contains(text))).await.is_ok()
}
