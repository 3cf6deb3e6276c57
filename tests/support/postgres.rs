//! PostgreSQL for tests: a database of one's own, or a server of one's own that may be stopped, killed and frozen.
//!
//! `RUBENTARIO_TEST_POSTGRES` names a running server; without it each test binary starts one. A server lives
//! under a small guard in a shell, which takes it down and removes its files as soon as its standard input
//! ends: so also when the test is killed.
#![allow(dead_code, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::OnceLock,
    thread,
};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

static SHARED: OnceLock<Server> = OnceLock::new();

/// A database of one's own; gone when dropped.
pub struct Database {
    server_url: String,
    name: String,
}

impl Database {
    /// Makes an empty database on the shared server.
    pub fn new() -> Self {
        let server_url = env::var("RUBENTARIO_TEST_POSTGRES")
            .unwrap_or_else(|_| SHARED.get_or_init(Server::start).url("postgres"));
        Self::on(&server_url)
    }

    /// Makes an empty database on the server of `server_url`, as its superuser.
    pub fn on(server_url: &str) -> Self {
        let name = format!("t_{}", uuid::Uuid::now_v7().simple());
        execute(server_url, &format!("CREATE DATABASE {name} TEMPLATE template0"));
        Self { server_url: server_url.to_owned(), name }
    }

    /// The address of the database.
    pub fn url(&self) -> String {
        with_database(&self.server_url, &self.name)
    }

    /// The address of the server, for a superuser.
    pub fn server_url(&self) -> &str {
        &self.server_url
    }

    /// The database's name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // The server of a test that killed it may be gone, and its files with it.
        let _ = try_execute(&self.server_url, &drop);
    }
}

/// A server of one's own, which a test may stop, kill, freeze and start again.
pub struct Server {
    guard: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    port: u16,
    password: String,
}

impl Server {
    /// Starts an empty server on a free port.
    pub fn start() -> Self {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let mut guard = as_postgres()
            .args(["-c", GUARD, "postgres-guard"])
            .arg(programs())
            .arg(port.to_string())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut server = Self {
            orders: guard.stdin.take(),
            answers: BufReader::new(guard.stdout.take().unwrap()),
            guard,
            port,
            password: String::new(),
        };
        server.password = server.answer();
        server
    }

    /// The address of a database of this server, for its superuser.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// Stops the server as an administrator would: open sessions end at once.
    pub fn stop(&mut self) {
        self.order("stop");
    }

    /// Kills all its processes with SIGKILL.
    pub fn kill(&mut self) {
        self.order("kill");
    }

    /// Freezes all its processes: connections stay open and nothing answers.
    pub fn freeze(&mut self) {
        self.order("freeze");
    }

    /// Ends a freeze.
    pub fn thaw(&mut self) {
        self.order("thaw");
    }

    /// Starts the server again, with its data, on the same port.
    pub fn restart(&mut self) {
        self.order("start");
    }

    fn order(&mut self, order: &str) {
        writeln!(self.orders.as_mut().unwrap(), "{order}").expect("the guard of PostgreSQL lives");
        let answer = self.answer();
        assert_eq!(answer, "done", "PostgreSQL: {order}");
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert!(line.ends_with('\n'), "PostgreSQL's guard ended; what it says stands above");
        line.trim_end().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.orders.take());
        let _ = self.guard.wait();
    }
}

/// PostgreSQL refuses to run as root.
fn as_postgres() -> Command {
    if rustix::process::geteuid().is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", "sh"]).env("TMPDIR", "/tmp");
        command
    } else {
        Command::new("sh")
    }
}

/// The directory of the newest server's programs.
fn programs() -> PathBuf {
    let by_version = |dir: &PathBuf| {
        let version =
            dir.parent().and_then(Path::file_name).and_then(|name| name.to_str()?.parse::<u32>().ok());
        version.unwrap_or(0)
    };
    let debians = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"));
    let on_path = env::var_os("PATH").unwrap_or_default();
    debians
        .filter(|dir| dir.join("initdb").exists())
        .max_by_key(by_version)
        .or_else(|| env::split_paths(&on_path).find(|dir| dir.join("initdb").exists()))
        .expect("PostgreSQL is missing: apt-get install postgresql, or set RUBENTARIO_TEST_POSTGRES to a superuser's URL")
}

fn with_database(server_url: &str, name: &str) -> String {
    let (address, query) = server_url.split_once('?').map_or((server_url, None), |(a, q)| (a, Some(q)));
    let (server, _) = address.rsplit_once('/').expect("a URL with a database");
    query.map_or_else(|| format!("{server}/{name}"), |query| format!("{server}/{name}?{query}"))
}

fn execute(url: &str, statement: &str) {
    try_execute(url, statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
}

/// Runs one statement on a thread of its own, so that tests inside and outside a runtime can call it.
pub fn try_execute(url: &str, statement: &str) -> Result<(), sqlx::Error> {
    let work = async {
        let mut connection = PgConnection::connect(url).await?;
        connection.execute(AssertSqlSafe(statement.to_owned())).await?;
        connection.close().await
    };
    thread::scope(|scope| {
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        scope.spawn(move || runtime().block_on(work)).join().unwrap()
    })
}

/// Makes a cluster, says its password, then obeys: start, stop, kill, freeze, thaw.
const GUARD: &str = r#"
set -eu
umask 077
bin=$1 port=$2
dir=$(mktemp -d "${TMPDIR:-/tmp}/rubentario-postgres.XXXXXX")
server=''

everyone() { echo "$server $(cat "/proc/$server/task/$server/children")"; }

start() {
    tries=0
    while [ $tries -lt 10 ]; do
        "$bin/postgres" -D "$dir/data" -p "$port" -c listen_addresses=127.0.0.1 -c "unix_socket_directories=$dir" \
            -c max_connections=200 </dev/null >>"$dir/log" 2>&1 &
        server=$!
        while kill -0 $server 2>/dev/null; do
            if "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" -U postgres; then return 0; fi
            sleep 0.05
        done
        # After a kill the old server's memory may still be in use for a moment.
        tries=$((tries + 1))
        sleep 0.2
    done
    tail -n 20 "$dir/log" >&2
    return 1
}

end() {
    [ -n "$server" ] || return 0
    kill "$1" $server 2>/dev/null || :
    wait $server 2>/dev/null || :
    server=''
}

# A process of the server may end between being listed and being told; the server itself must hear it.
tell() {
    kill "$1" $server || return 1
    for process in $(everyone); do
        kill "$1" "$process" 2>/dev/null || :
    done
}

kill_all() {
    everyone=$(everyone)
    kill -KILL $server || return 1
    for process in $everyone; do
        kill -KILL "$process" 2>/dev/null || :
    done
    wait $server 2>/dev/null || :
    server=''
}

clean() {
    [ -z "$server" ] || kill -CONT $(everyone) 2>/dev/null || :
    end -QUIT
    rm -rf "$dir"
}
trap clean EXIT
trap 'exit 1' INT TERM HUP PIPE

od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$dir/password"
"$bin/initdb" -D "$dir/data" -U postgres --pwfile="$dir/password" --auth=scram-sha-256 -E UTF8 --locale=C --no-sync \
    >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
start
cat "$dir/password"
echo

while read -r order; do
    case $order in
        start) start ;;
        stop) end -INT ;;
        kill) kill_all ;;
        freeze) tell -STOP ;;
        thaw) tell -CONT ;;
    esac && echo done || echo failed
done
"#;
