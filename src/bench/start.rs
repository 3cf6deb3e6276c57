//! From the start of the program until the terminal shows rows of stock, beside a bare read of the rows.

use super::bare;
use super::measure::{ms, percentile};
use super::place;
use super::program::{self, Screen};
use super::{BenchError, Plan, Row};

/// Starts that are measured.
const STARTS: usize = 7;

pub(super) async fn run(plan: &Plan) -> Result<Vec<Row>, BenchError> {
    let home = place::folder()?;
    program::fill(plan, home.path())?;
    let mut times = Vec::new();
    for _ in 0..plan.samples(STARTS) {
        let mut screen = Screen::open(plan, home.path(), &["run"])?;
        let shown = screen.until(FIRST_ROW)?;
        times.push(screen.started.until(shown));
        screen.quit()?;
    }
    let limit = bare::read(&program::store(home.path())).await?;
    let row = Row::new("start.first-frame", percentile(&times, 50), "ms", "<= 150 ms with 20000 products");
    Ok(vec![row.beside(ms(limit))])
}

/// The beginning of the first products' SKU.
const FIRST_ROW: &str = "P-0000";
