//! Puts the rooms together for each way the program is started: terminal, node, verb.

mod bench;
mod demo;
mod logging;
mod start;
mod terminal;
mod verbs;

use std::env;
use std::ffi::OsString;

use crate::cli::{self, Failure, Global, Invocation, Verb};
use crate::config::{Config, Dirs};
use crate::text::Lang;

/// Runs what the command line asks for; the exit code comes back.
#[must_use]
pub fn main(args: impl IntoIterator<Item = OsString>) -> u8 {
    let Invocation { global, verb } = match cli::parse(args) {
        Ok(invocation) => invocation,
        Err(exit) => return exit,
    };
    let done = match verb.unwrap_or(Verb::Run) {
        Verb::Talk(talk) => verbs::talk(talk, &global),
        Verb::Node => start::node_alone(&global),
        Verb::Run => terminal::run(&global),
        Verb::Demo(demo) => demo::run(&demo, &global),
        Verb::Bench(bench) => bench::run(bench, &global),
    };
    done.unwrap_or_else(|(failure, lang)| cli::fail(&failure, lang, global.json))
}

/// What went wrong before there was anybody to tell it to, and in which language to tell it.
type Told = (Failure, Lang);

fn config(global: &Global) -> Result<Config, Told> {
    let told = |error: crate::config::ConfigError| (Failure::from(error), global.lang());
    let dirs = Dirs::of_user().map_err(told)?;
    Config::load(&cli::reach::flags(global), &|name| env::var(name).ok(), &dirs).map_err(told)
}
