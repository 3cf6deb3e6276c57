//! Resident memory of a node with a full catalogue and stock: alone, and with the terminal.

use std::thread;
use std::time::Duration;

use super::measure::float;
use super::program::{self, Running, Screen};
use super::{BenchError, Plan, Row, place};

const TARGET: &str = "<= 60 MB with 20000 products";
/// What a start needs and lets go again has gone after this.
const SETTLED: Duration = Duration::from_secs(2);

pub(super) fn run(plan: &Plan) -> Result<Vec<Row>, BenchError> {
    let home = place::folder()?;
    program::fill(plan, home.path())?;
    let node = Running::node(plan, home.path())?;
    thread::sleep(SETTLED);
    let alone = node.memory_kib()?;
    drop(node);
    let mut screen = Screen::open(plan, home.path(), &["run"])?;
    screen.until("P-0000")?;
    screen.wait(SETTLED);
    let shown = screen.running().memory_kib()?;
    let row = |name, kib| Row::new(name, float(kib) * 1.024 / 1000.0, "MB", TARGET);
    Ok(vec![row("memory.node", alone), row("memory.terminal", shown)])
}
