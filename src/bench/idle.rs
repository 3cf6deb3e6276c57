//! What the demonstration computes while nobody touches it: three nodes and a terminal in one process.

use std::time::Duration;

use super::measure::{Watch, float};
use super::program::Screen;
use super::{BenchError, Plan, Row, place};

/// The sample data are in, and nothing was shown for so long.
const QUIET: Duration = Duration::from_secs(3);

pub(super) fn run(plan: &Plan) -> Result<Vec<Row>, BenchError> {
    let home = place::folder()?;
    let mut screen = Screen::open(plan, home.path(), &["demo"])?;
    screen.until("MADRID")?;
    let opened = Watch::start();
    while screen.wait(QUIET) {
        if opened.is_late() {
            return Err(BenchError::too_late("the demonstration at rest"));
        }
    }
    let (watch, before) = (Watch::start(), screen.running().computed_us()?);
    screen.wait(Duration::from_secs(plan.seconds));
    let (time, computed) = (watch.us(), screen.running().computed_us()?.saturating_sub(before));
    let percent = 100.0 * float(computed) / float(time.max(1));
    Ok(vec![Row::new("idle.demo", percent, "% of a core", "<= 1 %")])
}
