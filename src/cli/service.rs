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

/// Measurements.
#[derive(Debug, Clone, Args)]
pub struct Bench {
    /// Only this one; none is all
    pub name: Option<String>,
    /// Products of a catalogue; a bulk booking is five times as many receipts
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub size: u32,
    /// How long an idle program is watched
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub seconds: u16,
    /// A database of a PostgreSQL server on which databases may be made; without one, PostgreSQL is left out
    #[arg(long, value_name = "URL", env = "RUBENTARIO_BENCH_POSTGRES", hide_env_values = true)]
    pub postgres: Option<String>,
    /// A RabbitMQ broker; without one, RabbitMQ is left out
    #[arg(long, value_name = "URL", env = "RUBENTARIO_BENCH_AMQP", hide_env_values = true)]
    pub amqp: Option<String>,
}
