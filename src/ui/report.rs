//! The report of a stocktake: a text to be signed and kept, and the same for the printer.

use std::path::PathBuf;

use super::note;
use super::wake::Job;
use crate::ledger::book::Stocktake;
use crate::node::stocktakes::CountRow;
use crate::text::Lang;
use crate::text::stocktake::report;

/// The report as a file below the data dir: `stocktakes/madrid-45.txt`.
#[must_use]
pub fn write(stocktake: &Stocktake, rows: &[CountRow], lang: Lang) -> Job {
    let id = &stocktake.head.id;
    // A colon can't stand in file names everywhere.
    let path = PathBuf::from("stocktakes").join(format!("{}-{}.txt", id.origin, id.seq));
    Job::Write { path, text: report(stocktake, rows, lang) }
}

/// The report for the printer.
#[must_use]
pub fn print(stocktake: &Stocktake, rows: &[CountRow], lang: Lang) -> Job {
    let text = report(stocktake, rows, lang);
    let mut raw = note::START.to_vec();
    raw.extend(text.lines().flat_map(note::latin));
    raw.extend(note::CUT);
    Job::Print { id: stocktake.head.id.to_string(), text, raw }
}
