//! The import of a catalogue by the verb, from the program's start to its end, beside a bare insert of the same rows.

use super::bare::Bare;
use super::measure::float;
use super::{BenchError, Plan, Row, goods, place, program};

pub(super) async fn run(plan: &Plan) -> Result<Vec<Row>, BenchError> {
    let home = place::folder()?;
    let took = program::import_catalogue(plan, home.path(), &goods::catalogue_csv(plan.size)?)?;
    let mut bare = Bare::sqlite(home.path(), &program::store(home.path())).await?;
    let batch = bare.batch().await?;
    let limit = bare.insert_all(0, batch).await?;
    bare.close().await?;
    let row = Row::new("import.sqlite", float(took) / 1e6, "s", "<= 5 s of 20000 products");
    Ok(vec![row.beside(float(limit) / 1e6)])
}
