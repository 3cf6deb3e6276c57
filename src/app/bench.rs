//! The benchmarks: runs them one after the other and prints their rows.

use std::env;
use std::io::{Write as _, stderr, stdout};

use tokio::runtime::Builder;

use super::Told;
use crate::bench::{self, BenchError, NAMES, Plan, Row};
use crate::cli::service::Bench;
use crate::cli::table::{Align, Table};
use crate::cli::{Failure, Global};
use crate::text::Lang;

/// Runs the benchmarks that are asked for.
pub fn run(asked: Bench, global: &Global) -> Result<u8, Told> {
    let lang = global.lang();
    measure(asked, global.json, lang).map(|()| 0).map_err(|failure| (failure, lang))
}

fn measure(asked: Bench, json: bool, lang: Lang) -> Result<(), Failure> {
    let plan = Plan {
        size: usize::try_from(asked.size).unwrap_or(usize::MAX),
        seconds: asked.seconds.into(),
        postgres: asked.postgres,
        amqp: asked.amqp,
        program: env::current_exe()?,
    };
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let names = asked.name.as_deref().map_or_else(|| NAMES.to_vec(), |name| vec![name]);
    let mut rows = Vec::new();
    for name in names {
        writeln!(stderr(), "{name} …")?;
        rows.extend(runtime.block_on(bench::run(name, &plan)).map_err(|error| failure(name, &error))?);
    }
    let mut out = stdout().lock();
    if json {
        serde_json::to_writer(&mut out, &rows).map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else {
        table(&rows, lang).write(&mut out, "")?;
    }
    Ok(())
}

fn failure(name: &str, error: &BenchError) -> Failure {
    match error {
        BenchError::Unknown(_) => Failure::usage(error.to_string(), None),
        _ => Failure::unreachable("bench", format!("{name}: {error}"), None),
    }
}

fn table(rows: &[Row], lang: Lang) -> Table {
    let (text, number) = (Align::Left, Align::Right);
    let mut table = Table::new(&[
        (lang.pick("nombre", "name"), text),
        (lang.pick("valor", "value"), number),
        (lang.pick("unidad", "unit"), text),
        (lang.pick("límite", "limit"), number),
        (lang.pick("razón", "ratio"), number),
        (lang.pick("objetivo", "target"), text),
    ]);
    let plain = |number: Option<f64>| number.map_or_else(|| "–".to_owned(), |n| format!("{n:.2}"));
    for row in rows {
        let last = row.skipped.as_ref().map_or_else(
            || row.target.to_owned(),
            |why| format!("{} ({why})", lang.pick("omitido", "skipped")),
        );
        let cells = [
            row.name.clone(),
            plain(row.value),
            row.unit.to_owned(),
            plain(row.limit),
            plain(row.ratio),
            last,
        ];
        table.row(cells.into());
    }
    table
}
