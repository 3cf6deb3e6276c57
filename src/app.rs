//! Puts the rooms together for each way the program is started: terminal, node, verb.

mod bench;
mod demo;
mod link;
mod logging;
mod plain;
mod screens;
mod start;
mod terminal;
mod verbs;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};

use crate::cli::{self, Failure, Global, Invocation, Verb};
use crate::config::{Config, ConfigError, Dirs};
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
        Verb::Man => print_man(&global),
    };
    done.unwrap_or_else(|(failure, lang)| cli::fail(&failure, lang, global.json))
}

fn print_man(global: &Global) -> Result<u8, Told> {
    let page = cli::man::page(global.lang());
    let written = io::stdout().lock().write_all(page.as_bytes());
    written.map(|()| 0).map_err(|error| (Failure::from(error), global.lang()))
}

/// What went wrong before there was anybody to tell it to, and in which language to tell it.
type Told = (Failure, Lang);

fn config(global: &Global) -> Result<Config, Told> {
    let lang = global.lang();
    let told = |error: ConfigError| (error.into(), lang);
    let dirs = Dirs::of_user().map_err(told)?;
    let config = Config::load(&cli::reach::flags(global), &said_by_the_system, &dirs).map_err(told)?;
    screens::judge(&config).map_err(|error| (error.into(), config.node.lang))?;
    Ok(config)
}

/// A variable of the environment. Services and containers often have neither of the user's: then the system is asked.
fn said_by_the_system(name: &str) -> Option<String> {
    env::var(name).ok().or_else(|| if name == "LOGNAME" { user_of_the_system() } else { None })
}

/// The name of the user whose process this is, where the machine itself knows it.
fn user_of_the_system() -> Option<String> {
    let uid = rustix::process::getuid().as_raw().to_string();
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let mut lines = users.lines().map(|line| line.split(':'));
    lines.find_map(|mut fields| {
        let name = fields.next()?;
        (fields.nth(1) == Some(uid.as_str())).then(|| name.to_owned())
    })
}
