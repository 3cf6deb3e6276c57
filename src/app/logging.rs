//! The log: a file a day in the node's folder, and stderr where no terminal is drawn.

use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, fmt};

/// How many days are kept.
const DAYS: usize = 14;

/// Begins to log; what waits is written when the guard is dropped. Without a log the program goes on.
#[must_use]
pub fn begin(folder: &Path, to_stderr: bool) -> Option<WorkerGuard> {
    let filter = EnvFilter::try_from_env("RUBENTARIO_LOG")
        // What lapin has to say of a fault, the bus says in one sentence, and once.
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,lapin=off"));
    let files = tracing_appender::rolling::Builder::new()
        .rotation(tracing_appender::rolling::Rotation::DAILY)
        .filename_prefix("node")
        .filename_suffix("log")
        .max_log_files(DAYS)
        .build(folder)
        .ok()?;
    let (writer, guard) = tracing_appender::non_blocking(files);
    let file = fmt::layer().with_writer(writer).with_ansi(false);
    let stderr = to_stderr.then(|| fmt::layer().with_writer(std::io::stderr).with_ansi(false));
    tracing_subscriber::registry().with(filter).with(file).with(stderr).try_init().ok()?;
    Some(guard)
}
