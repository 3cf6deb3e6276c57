//! A private RabbitMQ broker for tests: its own ports, folder, cookie and `epmd`, gone with the test process
//! however that ends.

#![allow(dead_code, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::fs::{self, File, Permissions};
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use tempfile::TempDir;

const PROGRAMS: &str = "/usr/lib/rabbitmq/bin";
/// How often, and how many times, to look whether a starting broker greets.
const LOOK: Duration = Duration::from_millis(100);
const BOOT_LOOKS: u32 = 1800;

/// The end of the pipe at `read` comes even when the test process is killed; then the folder goes too.
const KEEPER: &str = r#"
epmd -port "$ERL_EPMD_PORT" -address 127.0.0.1 & epmd=$!
"$1" & broker=$!
read -r signal; over=$?
kill -"${signal:-KILL}" "$broker"; wait "$broker"; kill -KILL "$epmd"
[ "$over" = 0 ] || rm -rf "$2"
"#;

pub struct Broker {
    dir: TempDir,
    port: u16,
    epmd_port: u16,
    dist_port: u16,
    keeper: Option<Child>,
}

/// The address of the broker that all tests of this binary share: the one named by
/// `RUBENTARIO_TEST_AMQP`, or a private one.
pub fn shared() -> String {
    static SHARED: OnceLock<Broker> = OnceLock::new();
    match std::env::var("RUBENTARIO_TEST_AMQP") {
        Ok(url) if !url.is_empty() => url,
        _ => SHARED.get_or_init(Broker::start).url(),
    }
}

impl Broker {
    pub fn start() -> Self {
        let mut broker = Self::prepare();
        broker.start_again();
        broker
    }

    /// A broker with its ports and folder, not running yet.
    pub fn prepare() -> Self {
        assert!(
            program("rabbitmq-server").exists(),
            "RabbitMQ isn't installed on this machine: run `./rubentario.sh test`, which installs it"
        );
        let [port, epmd_port, dist_port] = free_ports();
        let dir = TempDir::new().expect("a temporary folder");
        let broker = Self { dir, port, epmd_port, dist_port, keeper: None };
        for folder in ["home", "mnesia", "log"] {
            fs::create_dir(broker.path(folder)).expect("a folder");
        }
        let cookie = broker.path("home").join(".erlang.cookie");
        fs::write(&cookie, uuid::Uuid::now_v7().simple().to_string()).expect("the cookie is written");
        fs::set_permissions(&cookie, Permissions::from_mode(0o400)).expect("the cookie is private");
        fs::write(broker.path("enabled_plugins"), "[].\n").expect("the plugin list is written");
        fs::write(broker.path("environment"), "").expect("the environment is written");
        let config = format!(
            "listeners.tcp.1 = 127.0.0.1:{port}\ndisk_free_limit.absolute = 1MB\nlog.file = false\nlog.console = true\n"
        );
        fs::write(broker.path("rabbitmq.conf"), config).expect("the configuration is written");
        broker
    }

    pub fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}/%2f", self.port)
    }

    /// Lets a broker that doesn't run yet listen for TLS as well, with this certificate and its key; the address to come.
    pub fn with_tls(&self, certificate: &Path, key: &Path) -> String {
        let [port] = free_ports();
        let config = format!(
            "listeners.ssl.1 = 127.0.0.1:{port}\nssl_options.certfile = {}\nssl_options.keyfile = {}\n\
             ssl_options.verify = verify_none\nssl_options.fail_if_no_peer_cert = false\n",
            certificate.display(),
            key.display()
        );
        let path = self.path("rabbitmq.conf");
        let before = fs::read_to_string(&path).expect("the configuration is there");
        fs::write(path, before + &config).expect("the configuration is written");
        format!("amqps://guest:guest@localhost:{port}/%2f")
    }

    /// Starts the broker with what it had before, and waits until it greets.
    pub fn start_again(&mut self) {
        assert!(self.keeper.is_none(), "the broker runs already");
        let log =
            File::options().create(true).append(true).open(self.path("log/out")).expect("the log opens");
        let mut keeper = self
            .command(Path::new("/bin/sh"))
            .args(["-c", KEEPER, "sh"])
            .arg(program("rabbitmq-server"))
            .arg(self.dir.path())
            .stdin(Stdio::piped())
            .stdout(log.try_clone().expect("the log is shared"))
            .stderr(log)
            .process_group(0)
            .spawn()
            .expect("the shell starts");
        let mut looks = 0;
        while !greets(self.port) {
            let ended = keeper.try_wait().expect("the shell is ours").is_some();
            assert!(
                !ended && looks < BOOT_LOOKS,
                "the broker doesn't start:\n{}",
                fs::read_to_string(self.path("log/out")).unwrap_or_default()
            );
            looks += 1;
            std::thread::sleep(LOOK);
        }
        self.keeper = Some(keeper);
    }

    /// Shuts the broker down in good order.
    pub fn stop(&mut self) {
        self.end("TERM");
    }

    /// Kills the broker as a power cut would.
    pub fn kill(&mut self) {
        self.end("KILL");
    }

    /// Runs `rabbitmqctl` with these arguments.
    pub fn control(&self, arguments: &[&str]) -> String {
        let done = self.command(&program("rabbitmqctl")).args(arguments).output().expect("rabbitmqctl runs");
        assert!(
            done.status.success(),
            "rabbitmqctl {arguments:?}: {}",
            String::from_utf8_lossy(&done.stderr)
        );
        String::from_utf8_lossy(&done.stdout).into_owned()
    }

    fn end(&mut self, signal: &str) {
        let mut keeper = self.keeper.take().expect("the broker runs");
        let mut order = keeper.stdin.take().expect("the keeper listens");
        writeln!(order, "{signal}").expect("the keeper hears");
        keeper.wait().expect("the keeper ends");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into()))
            .env("LANG", "C.UTF-8")
            .env("HOME", self.path("home"))
            .env("ERL_EPMD_PORT", self.epmd_port.to_string())
            .env("ERL_EPMD_ADDRESS", "127.0.0.1")
            .env("RABBITMQ_CONF_ENV_FILE", self.path("environment"))
            .env("RABBITMQ_NODENAME", format!("rubentario-{}@localhost", self.port))
            .env("RABBITMQ_DIST_PORT", self.dist_port.to_string())
            .env("RABBITMQ_MNESIA_BASE", self.path("mnesia"))
            .env("RABBITMQ_LOG_BASE", self.path("log"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", self.path("enabled_plugins"))
            .env("RABBITMQ_FEATURE_FLAGS_FILE", self.path("feature_flags"))
            .env("RABBITMQ_CONFIG_FILE", self.path("rabbitmq.conf"))
            .env("RABBITMQ_PID_FILE", self.path("pid"))
            // Lets the server's script replace itself by the virtual machine, which then gets our signals.
            .env("RUNNING_UNDER_SYSTEMD", "true");
        command
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take());
            let _ = keeper.wait();
        }
    }
}

fn program(name: &str) -> PathBuf {
    Path::new(PROGRAMS).join(name)
}

/// Ports that were free at once; another process could take one before the broker does, but seldom will.
fn free_ports<const N: usize>() -> [u16; N] {
    let held = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    held.map(|listener| listener.local_addr().expect("a bound port").port())
}

fn greets(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else {
        return false;
    };
    let patience = Some(Duration::from_secs(2));
    stream.set_read_timeout(patience).expect("a limit");
    let mut first = [0];
    stream.write_all(b"AMQP\x00\x00\x09\x01").is_ok()
        && match stream.read(&mut first) {
            Ok(1) => first == [1],
            Ok(_) => false,
            Err(error) => error.kind() == ErrorKind::Interrupted,
        }
}
