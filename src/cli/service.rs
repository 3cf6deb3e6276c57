//! Verbs that run something: their options. What they do is wired by the program's entry.

use clap::Args;

/// Several warehouses in one process.
#[derive(Debug, Clone, Args)]
pub struct Demo {
    /// How many warehouses
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(2..=9))]
    pub warehouses: u8,
    /// Play a short story as lines (with --json: as JSON lines) and end
    #[arg(long)]
    pub headless: bool,
}
