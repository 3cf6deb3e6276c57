//! The program as a user starts it: nodes as processes of their own, verbs beside them, in a home of their own.

#![allow(dead_code, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::sync_channel;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rubentario::node::client::Client;
use rubentario::node::{Event, Intent};
use rubentario::ui::Model;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::time::timeout;

/// Long enough for a loaded machine; nothing waits so long when it works.
const PATIENCE: Duration = Duration::from_mins(2);

/// A user's home, with nothing of the machine's own settings.
pub struct Home {
    dir: TempDir,
}

/// What a verb printed.
#[derive(Debug)]
pub struct Told {
    pub exit: i32,
    pub out: String,
    pub err: String,
}

/// A node that runs; killed when dropped.
pub struct Running {
    child: Child,
    log: Option<JoinHandle<String>>,
}

impl Told {
    /// The one document on stdout.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// The document, where the exit code is 0.
    pub fn done(&self) -> serde_json::Value {
        assert_eq!(self.exit, 0, "{self:?}");
        self.json()
    }

    /// The code of the error document, with the exit code.
    pub fn refused(&self) -> (i32, String) {
        let document = self.json();
        let error = &document["error"];
        assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()), "{self:?}");
        assert!(error.get("hint").is_some(), "{self:?}");
        (self.exit, error["code"].as_str().unwrap_or_else(|| panic!("{self:?}")).to_owned())
    }

    /// The sentence of the error document.
    pub fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap_or_else(|| panic!("{self:?}")).to_owned()
    }
}

impl Home {
    pub fn new() -> Self {
        Self { dir: TempDir::new().unwrap() }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The data directory that everything here uses.
    pub fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// The program for a warehouse, in English, with an environment of its own.
    pub fn command(&self, warehouse: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rubentario"));
        command.env_clear().env("HOME", self.path()).env("USER", "ana").env("TZ", "UTC").stdin(Stdio::null());
        command.arg("--data-dir").arg(self.data()).args(["--node", warehouse, "--lang", "en"]);
        command
    }

    /// Runs a verb for a program: `--json`.
    pub fn verb(&self, warehouse: &str, words: &[&str]) -> Told {
        told(self.command(warehouse).args(words).arg("--json"))
    }

    /// Starts a node that stays, and waits until its log says that it runs.
    pub fn start(&self, warehouse: &str) -> Running {
        Running::start(&mut self.command(warehouse))
    }

    /// The socket of a node.
    pub fn socket(&self, warehouse: &str) -> PathBuf {
        self.data().join("local").join(warehouse).join("node.sock")
    }
}

/// Runs a command to its end.
pub fn told(command: &mut Command) -> Told {
    let output = command.output().unwrap();
    Told {
        exit: output.status.code().expect("no signal ended it"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Running {
    /// Starts the `node` verb of a command and waits until its log says that it runs.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.arg("node").stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (runs, it_runs) = sync_channel(1);
        let log = thread::spawn(move || {
            let mut log = String::new();
            for line in lines.map_while(Result::ok) {
                if line.contains("the node runs") {
                    let _ = runs.try_send(());
                }
                log += &line;
                log.push('\n');
            }
            log
        });
        let mut running = Self { child, log: Some(log) };
        assert!(it_runs.recv_timeout(PATIENCE).is_ok(), "the node doesn't run:\n{}", running.kill());
        running
    }

    /// Ends it as a service manager does.
    pub fn stop(mut self) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }

    /// Kills it; what it logged comes back.
    pub fn kill(&mut self) -> String {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.log.take().map(|log| log.join().unwrap()).unwrap_or_default()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Somebody who watches a node through its socket, as the terminal does.
pub struct Watcher {
    client: Client,
    pub model: Model,
}

impl Watcher {
    pub async fn at(socket: &Path) -> Self {
        let mut client = Client::connect(socket).await.unwrap();
        client.send(&Intent::Subscribe).await.unwrap();
        Self { client, model: Model::default() }
    }

    /// Waits until this is seen.
    pub async fn until(&mut self, what: &str, seen: impl Fn(&Model) -> bool) {
        let waiting = async {
            while !seen(&self.model) {
                match self.client.next().await.unwrap().expect("the node lives") {
                    Event::Picture { picture } => self.model.take_picture(*picture),
                    Event::Changed { changes } => self.model.take_changes(*changes),
                    Event::Lagged => self.client.send(&Intent::Subscribe).await.unwrap(),
                    _ => {}
                }
            }
        };
        let seen = timeout(PATIENCE, waiting).await;
        assert!(seen.is_ok(), "not seen: {what}; {:?}", self.model.status);
    }
}
