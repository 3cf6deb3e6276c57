//! A receipt at the terminal: from the key that books it until the new stock is on the screen, beside a bare commit.

use super::bare::Bare;
use super::measure::{Watch, percentile};
use super::place;
use super::program::{self, Screen};
use super::{BenchError, Plan, Row};

const TARGET: &str = "<= limit + 16 ms";
const PRODUCTS: usize = 5;
/// Receipts that are measured per product.
const EACH: usize = 8;

pub(super) async fn run(plan: &Plan) -> Result<Vec<Row>, BenchError> {
    let home = place::folder()?;
    let (mut times, mut limits) = (Vec::new(), Vec::new());
    let samples = plan.samples(PRODUCTS * EACH);
    program::import_catalogue(plan, home.path(), &catalogue())?;
    let mut screen = Screen::open(plan, home.path(), &["run"])?;
    screen.until("Alpha")?;
    let mut bare = Bare::sqlite(home.path(), &program::store(home.path())).await?;
    let mut entry = PRODUCTS as u64;
    // 111 more each time: all digits of the stock change, so that the terminal writes all of them again, and they are
    // others than those of the receipt, which is shown while it waits.
    'all: for product in 0..PRODUCTS {
        if product > 0 {
            screen.type_in("j")?;
        }
        book(&mut screen, "111")?;
        entry += 1;
        for n in 2..2 + EACH {
            if times.len() == samples {
                break 'all;
            }
            times.push(book(&mut screen, &n.to_string().repeat(3))?);
            entry += 1;
            limits.push(bare.insert_one(entry).await?);
        }
    }
    screen.quit()?;
    bare.close().await?;
    let row = |percent| {
        Row::new(&format!("terminal.receipt.p{percent}"), percentile(&times, percent), "ms", TARGET)
            .beside(percentile(&limits, percent))
    };
    Ok(vec![row(50), row(99)])
}

/// Receives 111 of the product under the cursor; how long it took from the last key until this stock is written.
fn book(screen: &mut Screen, stock: &str) -> Result<u64, BenchError> {
    screen.type_in("+111")?;
    let watch = Watch::start();
    screen.press("\r")?;
    let shown = screen.until(stock)?;
    let took = watch.until(shown);
    screen.type_in("")?;
    Ok(took)
}

/// Products without a digit in their names.
fn catalogue() -> String {
    let names = ["Alpha", "Bravo", "Charlie", "Delta", "Echo"];
    let line = |name: &&str| format!("{},{name},u\n", name.to_uppercase());
    "sku,name,unit\n".to_owned() + &names[..PRODUCTS].iter().map(line).collect::<String>()
}
