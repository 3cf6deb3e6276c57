//! The verbs: what scripts, services and people say on a command line. They use only the node's doors.
//!
//! Exit 0 done · 1 refused · 2 usage or config · 3 not reachable, store down. With `--json` there is one JSON document
//! on stdout, a refusal included; logs and progress go to stderr.

mod as_of;
pub mod book;
pub mod catalogue;
pub mod failure;
pub mod import;
pub mod json;
pub mod line;
mod lock;
pub mod man;
pub mod moment;
pub mod peers;
pub mod plain;
pub mod promise;
pub mod reach;
pub mod read;
pub mod recover;
pub mod replenish;
pub mod service;
pub mod snapshot;
pub mod spanish;
mod stocktake;
pub mod table;
pub mod transfer;

use std::env;
use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, FromArgMatches as _, Parser, Subcommand};
use uuid::Uuid;

pub use failure::Failure;
use reach::{Need, Session, Setting};

use crate::config::{self, Dirs, Flags};
use crate::text::Lang;

/// What was asked for on the command line.
#[derive(Debug, Parser)]
#[command(
    name = "rubentario",
    version,
    about = "Real-time inventory for several warehouses, with no centre",
    long_about = "Real-time inventory for several warehouses, with no centre.\n\nWithout a verb the terminal starts.",
    after_help = "Exit codes: 0 done, 1 refused, 2 usage or configuration, 3 not reachable.",
    propagate_version = true,
    infer_subcommands = false,
    disable_help_subcommand = true,
    max_term_width = 80
)]
pub struct Invocation {
    /// What holds for every verb.
    #[command(flatten)]
    pub global: Global,
    /// The verb; none is [`Verb::Run`].
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// What holds for every verb.
#[derive(Debug, Clone, Default, Args)]
pub struct Global {
    /// Read this configuration file
    #[arg(long, global = true, display_order = 100, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Keep data in this directory
    #[arg(long, global = true, display_order = 101, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// The warehouse whose node is meant
    #[arg(long, global = true, display_order = 102, value_name = "ID")]
    pub node: Option<String>,
    /// Who does it, as written beside every movement
    #[arg(long, global = true, display_order = 103, value_name = "NAME")]
    pub operator: Option<String>,
    /// The language of the texts
    #[arg(long, global = true, display_order = 104, value_name = "LANG", value_parser = ["es", "en"])]
    pub lang: Option<String>,
    /// Print one JSON document on stdout
    #[arg(long, global = true, display_order = 105)]
    pub json: bool,
    /// Lines instead of a screen: verbs in, answers out, nothing redrawn
    #[arg(long, global = true, display_order = 106)]
    pub plain: bool,
}

/// A verb: some run a node or the whole program, the others talk to a node.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// The terminal, with the node in it or attached to the node that runs (this is what no verb means)
    Run,
    /// The node without a terminal
    Node,
    /// Several warehouses in one process, with sample data and some life
    Demo(service::Demo),
    /// Measure speed and size, each beside its limit
    Bench(service::Bench),
    /// Print the manual page, for `man -l -`
    Man,
    /// Talk to a node.
    #[command(flatten)]
    Talk(Talk),
}

/// A verb that talks to a node.
#[derive(Debug, Subcommand)]
pub enum Talk {
    /// How the node, its store and its bus are
    Status,
    /// What lies where
    Stock(read::Stock),
    /// The movements, newest first
    History(read::History),
    /// What somebody should look at now
    Alerts(read::Alerts),
    /// The other warehouses: list them, let one in, let one go
    Peers(peers::Peers),
    /// Transfers between warehouses
    Transfers(read::Transfers),
    /// Book goods in from outside
    Receive(book::Receive),
    /// Book goods out
    Issue(book::Issue),
    /// Book what was counted
    Count(book::Count),
    /// Correct what is on hand, with a reason
    Adjust(book::Adjust),
    /// Keep goods for an order or a person
    Reserve(promise::Reserve),
    /// Let go of a reservation
    Release(promise::Release),
    /// What is reserved, and for whom
    Reservations(promise::Reservations),
    /// Note goods ordered from outside, and when they should come
    Expect(promise::Expect),
    /// What is expected from outside
    Expected(promise::Expected),
    /// What to reorder: from other warehouses first, the rest to be bought
    Replenish(replenish::Replenish),
    /// The catalogue
    #[command(subcommand)]
    Product(catalogue::ProductVerb),
    /// This warehouse's reorder rules and shelves
    #[command(subcommand)]
    Rule(catalogue::RuleVerb),
    /// Move goods between warehouses
    #[command(subcommand)]
    Transfer(transfer::TransferVerb),
    /// One consistent picture of the whole cluster, goods on the road included
    #[command(subcommand)]
    Snapshot(snapshot::SnapshotVerb),
    /// Count what is here while goods move, and book what differs
    #[command(subcommand)]
    Stocktake(stocktake::StocktakeVerb),
    /// The locks of products, for what several warehouses want at once
    #[command(subcommand)]
    Lock(lock::LockVerb),
    /// Undo an own movement by one that names it
    Reverse(book::Reverse),
    /// Get the own ledger back although somebody does not answer
    Recover(recover::Recover),
    /// Take in CSV files
    #[command(subcommand)]
    Import(import::ImportVerb),
}

/// Makes a retry safe.
#[derive(Debug, Clone, Default, Args)]
pub struct Retry {
    /// The id of this act: asked again with the same one, it is done once
    #[arg(long, value_name = "UUID")]
    pub request_id: Option<Uuid>,
}

impl Retry {
    /// The id that was given, else a new one.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.request_id.unwrap_or_else(Uuid::now_v7)
    }
}

/// Where a verb writes, and how.
pub struct Desk<'a> {
    /// What was asked for.
    pub out: &'a mut dyn Write,
    /// Everything else.
    pub err: &'a mut dyn Write,
    /// Whether stdout takes one JSON document.
    pub json: bool,
    /// What `--operator` said, if it was given: `history` filters by it.
    pub operator_flag: Option<String>,
    /// Whose node, who, in which language.
    pub setting: Setting,
    /// Now, in milliseconds since 1970 UTC.
    pub now_ms: i64,
}

/// Reads the command line. Help, version and usage errors are printed at once.
///
/// # Errors
/// The exit code to end with.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Invocation, u8> {
    let args: Vec<_> = args.into_iter().collect();
    let lang = lang_of(&known(&args));
    understand(&args, lang).map_err(|error| {
        let is_wrong = error.use_stderr();
        // Nothing is left to do where even that can't be printed.
        let _ = match told(&error, lang) {
            Some(text) => io::stderr().lock().write_all(text.as_bytes()),
            None => error.print(),
        };
        u8::from(is_wrong) * failure::USAGE
    })
}

/// The words of a command line as what they ask for.
fn understand(words: &[OsString], lang: Lang) -> Result<Invocation, clap::Error> {
    match lang {
        Lang::En => Invocation::try_parse_from(words),
        Lang::Es => {
            let matches = spanish::command().try_get_matches_from(words)?;
            Invocation::from_arg_matches(&matches)
        }
    }
}

/// What is wrong with a command line where clap can't say it: in Spanish. Help and version are in the language already.
fn told(error: &clap::Error, lang: Lang) -> Option<String> {
    let is_help = error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if lang == Lang::En || is_help || !error.use_stderr() {
        return None;
    }
    let mut text = Vec::new();
    spanish::error::failure(error).tell(lang, false, &mut io::sink(), &mut text);
    Some(String::from_utf8_lossy(&text).into_owned())
}

/// The flags that say in which language to speak, before the command line is understood, or where it can't be.
fn known(args: &[OsString]) -> Flags {
    let args: Vec<_> = args.iter().map(|arg| arg.to_string_lossy()).take_while(|arg| arg != "--").collect();
    let said = |flag: &str| {
        args.iter().enumerate().find_map(|(at, arg)| match arg.strip_prefix(flag)? {
            "" => args.get(at + 1).map(ToString::to_string),
            rest => rest.strip_prefix('=').map(str::to_owned),
        })
    };
    Flags {
        lang: said("--lang"),
        node: said("--node"),
        config: said("--config").map(PathBuf::from),
        ..Flags::default()
    }
}

/// The language that these flags, the environment and the configuration ask for.
fn lang_of(flags: &Flags) -> Lang {
    config::lang(flags, &|name| env::var(name).ok(), Dirs::of_user().ok().as_ref())
}

impl Talk {
    /// Whether the verb writes, so that a node must run.
    #[must_use]
    pub const fn need(&self) -> Need {
        match self {
            Self::Status
            | Self::Stock(_)
            | Self::History(_)
            | Self::Transfers(_)
            | Self::Lock(_)
            | Self::Recover(_) => Need::Read,
            Self::Peers(peers) => peers.need(),
            Self::Alerts(alerts) => alerts.need(),
            Self::Import(import) => import.need(),
            Self::Reservations(reservations) => reservations.need(),
            Self::Expected(expected) => expected.need(),
            Self::Snapshot(snapshot) => snapshot.need(),
            Self::Stocktake(verb) => verb.need(),
            Self::Replenish(replenish) => replenish.need(),
            _ => Need::Write,
        }
    }
}

/// Runs a verb on the standard streams; the exit code comes back. `now_ms` is in milliseconds since 1970 UTC.
pub async fn run(verb: Talk, global: &Global, setting: Setting, session: &mut Session, now_ms: i64) -> u8 {
    let lang = setting.lang;
    let (mut out, mut err) = (BufWriter::new(io::stdout().lock()), io::stderr().lock());
    let mut desk = Desk {
        out: &mut out,
        err: &mut err,
        json: global.json,
        operator_flag: global.operator.clone(),
        setting,
        now_ms,
    };
    let done = talk(verb, session, &mut desk).await;
    match done.and_then(|()| Ok(out.flush()?)) {
        Ok(()) => 0,
        Err(failure) => report(&failure, lang, global.json, &mut out, &mut err),
    }
}

/// Tells on the standard streams what went wrong before there was a conversation; the exit code comes back.
#[must_use]
pub fn fail(failure: &Failure, lang: Lang, json: bool) -> u8 {
    report(failure, lang, json, &mut io::stdout().lock(), &mut io::stderr().lock())
}

fn report(failure: &Failure, lang: Lang, json: bool, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let exit = failure.tell(lang, json, out, err);
    // Where even that can't be written, the exit code is all that is left.
    let _ = out.flush();
    exit
}

impl Global {
    /// The language where the configuration is not read yet, or can't be.
    #[must_use]
    pub fn lang(&self) -> Lang {
        lang_of(&reach::flags(self))
    }
}

/// Does what a verb asks and tells the outcome; the exit code comes back.
///
/// # Errors
/// What went wrong, not yet told: [`Failure::tell`] does that.
pub async fn talk(verb: Talk, session: &mut Session, desk: &mut Desk<'_>) -> Result<(), Failure> {
    match verb {
        Talk::Status => read::status(session, desk).await,
        Talk::Stock(stock) => read::stock(stock, session, desk).await,
        Talk::History(history) => read::history(history, session, desk).await,
        Talk::Alerts(alerts) => read::alerts(alerts, session, desk).await,
        Talk::Peers(peers) => peers::peers(peers, session, desk).await,
        Talk::Transfers(transfers) => read::transfers(transfers, session, desk).await,
        Talk::Receive(receive) => book::receive(receive, session, desk).await,
        Talk::Issue(issue) => book::issue(issue, session, desk).await,
        Talk::Count(count) => book::count(count, session, desk).await,
        Talk::Adjust(adjust) => book::adjust(adjust, session, desk).await,
        Talk::Reserve(reserve) => promise::reserve(reserve, session, desk).await,
        Talk::Release(release) => promise::release(release, session, desk).await,
        Talk::Reservations(reservations) => promise::reservations(reservations, session, desk).await,
        Talk::Expect(expect) => promise::expect(expect, session, desk).await,
        Talk::Expected(expected) => promise::expected(expected, session, desk).await,
        Talk::Replenish(replenish) => replenish::replenish(replenish, session, desk).await,
        Talk::Product(product) => catalogue::product(product, session, desk).await,
        Talk::Rule(rule) => catalogue::rule(rule, session, desk).await,
        Talk::Transfer(transfer) => transfer::transfer(transfer, session, desk).await,
        Talk::Snapshot(snapshot) => snapshot::snapshot(snapshot, session, desk).await,
        Talk::Stocktake(verb) => stocktake::stocktake(verb, session, desk).await,
        Talk::Lock(verb) => lock::lock(verb, session, desk).await,
        Talk::Reverse(reverse) => book::reverse(reverse, session, desk).await,
        Talk::Recover(recover) => recover::recover(recover, session, desk).await,
        Talk::Import(import) => import::import(import, session, desk).await,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

    use clap::CommandFactory;

    use super::*;

    fn parsed(line: &str) -> Result<Invocation, clap::Error> {
        Invocation::try_parse_from(std::iter::once("rubentario").chain(line.split_whitespace()))
    }

    #[test]
    fn the_command_line_is_consistent() {
        Invocation::command().debug_assert();
    }

    #[test]
    fn no_verb_is_the_terminal_and_flags_may_stand_anywhere() {
        let bare = parsed("").unwrap();
        assert!(bare.verb.is_none());
        let late = parsed("stock guante --json --node madrid").unwrap();
        assert!(late.global.json);
        assert_eq!(late.global.node.as_deref(), Some("madrid"));
    }

    #[test]
    fn verbs_of_later_versions_are_absent() {
        for verb in ["lock", "export", "verify", "backup", "restore", "doctor", "setup", "events", "help"] {
            assert!(parsed(verb).is_err(), "{verb}");
        }
    }

    #[test]
    fn a_negative_adjustment_is_a_quantity_and_not_a_flag() {
        let adjust = parsed("adjust GU-NIT-M -3 --reason damaged").unwrap();
        let Some(Verb::Talk(Talk::Adjust(adjust))) = adjust.verb else {
            panic!("not an adjustment");
        };
        assert_eq!(adjust.qty, "-3");
    }

    #[test]
    fn an_unknown_reason_is_a_usage_error_that_lists_the_known_ones() {
        let error = parsed("adjust A -3 --reason eaten").unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("damaged"), "{error}");
    }
}
