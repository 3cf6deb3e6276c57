//! Measurements of speed and size, each beside its limit: what the store or the bus alone would take for the same.
//!
//! Nodes in this process are used through their doors; what a person sees is measured on the program itself, as a
//! child on a pseudo-terminal. The data are made up from a fixed seed. `docs/benchmarks.md` says what each row means.

mod bare;
mod bare_bus;
mod booking;
mod catchup;
mod error;
mod goods;
mod idle;
mod import;
mod lock;
mod measure;
mod memory;
mod peer;
mod place;
mod program;
mod receipt;
mod report;
mod snapshot;
mod start;
mod terminal;
mod view;
mod worker;

use std::path::PathBuf;

pub use error::BenchError;
pub use report::Row;

/// The benchmarks, in the order in which they run.
pub const NAMES: [&str; 12] = [
    "booking", "receipt", "peer", "catchup", "lock", "import", "snapshot", "start", "terminal", "view",
    "idle", "memory",
];

const NO_POSTGRES: &str = "no PostgreSQL: give --postgres URL, or run ./rubentario.sh bench";
const NO_AMQP: &str = "no RabbitMQ: give --amqp URL, or run ./rubentario.sh bench";

/// What to measure, and on what.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Products of a catalogue, and receipts of a bulk booking.
    pub size: usize,
    /// How long an idle program is watched, in seconds.
    pub seconds: u64,
    /// A database of a PostgreSQL server on which databases may be made.
    pub postgres: Option<String>,
    /// A RabbitMQ broker.
    pub amqp: Option<String>,
    /// The program to measure as a whole.
    pub program: PathBuf,
}

impl Plan {
    /// Acts that are measured one by one.
    fn samples(&self, at_most: usize) -> usize {
        self.size.clamp(1, at_most)
    }
}

/// Runs one benchmark by its name; its rows come back.
///
/// # Errors
/// When there is none of that name, or it can't be carried out.
pub async fn run(name: &str, plan: &Plan) -> Result<Vec<Row>, BenchError> {
    match name {
        "booking" => booking::run(plan).await,
        "receipt" => receipt::run(plan).await,
        "peer" => peer::run(plan).await,
        "catchup" => catchup::run(plan).await,
        "lock" => lock::run(plan).await,
        "import" => import::run(plan).await,
        "snapshot" => snapshot::run(plan).await,
        "start" => start::run(plan).await,
        "terminal" => terminal::run(plan).await,
        "view" => view::run(plan),
        "idle" => idle::run(plan),
        "memory" => memory::run(plan),
        other => Err(BenchError::Unknown(other.to_owned())),
    }
}
