//! The command line in Spanish: the same verbs and options as in English, described from one table.
//!
//! The descriptions in English stand at the verbs, where they are compiled from; here each is found by its English
//! text. A text that is missing or that nobody uses any more fails a test.

pub mod error;
mod texts;

use clap::builder::StyledStr;
use clap::{Arg, ArgAction, Command, CommandFactory as _};

use super::Invocation;
use texts::{TEXTS, VALUES};

/// Behind the options of every verb.
const LAST: usize = 200;

/// The command line with everything it says of itself in Spanish.
#[must_use]
pub fn command() -> Command {
    // The flags that clap adds by itself speak English.
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help).global(true);
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version).global(true);
    let command = Invocation::command()
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(help.help("Muestra esta ayuda").display_order(LAST))
        .arg(version.help("Muestra la versión").display_order(LAST));
    let command = translated(command);
    let mut built = command.clone();
    built.build();
    with_usage(command, &mut built)
}

/// What stands for an English text; a test finds where there is none.
fn spanish(table: &[(&str, &'static str)], english: &str) -> Option<&'static str> {
    table.iter().find(|(en, _)| *en == english).map(|(_, es)| *es)
}

fn translated(mut command: Command) -> Command {
    let said = |text: Option<&StyledStr>| text.and_then(|text| spanish(TEXTS, &text.to_string()));
    if let Some(text) = said(command.get_about()) {
        command = command.about(text);
    }
    if let Some(text) = said(command.get_long_about()) {
        command = command.long_about(text);
    }
    if let Some(text) = said(command.get_after_help()) {
        command = command.after_help(text);
    }
    let positionals =
        if command.get_positionals().next().is_some() { "\n\nArgumentos:\n{positionals}" } else { "" };
    let verbs = if command.has_subcommands() { "\n\nÓrdenes:\n{subcommands}" } else { "" };
    let template = format!(
        "{{about-with-newline}}\nUso: {{usage}}{positionals}{verbs}\n\nOpciones:\n{{options}}{{after-help}}"
    );
    command
        .help_template(template)
        .subcommand_value_name("ORDEN")
        .mut_args(described)
        .mut_subcommands(translated)
}

/// Defaults and possible values are said by the text itself: what clap adds to it is English.
fn described(mut arg: Arg) -> Arg {
    if let Some(text) = arg.get_help().and_then(|text| spanish(TEXTS, &text.to_string())) {
        arg = arg.help(text);
    }
    if !arg.get_action().takes_values() {
        return arg;
    }
    let names: Option<Vec<_>> = names(&arg).iter().map(|name| spanish(VALUES, name)).collect();
    if let Some(names) = names {
        arg = arg.value_names(names);
    }
    arg.hide_default_value(true).hide_possible_values(true).hide_env(true)
}

/// How the values of an argument are called: by its id where nothing else is said.
fn names(arg: &Arg) -> Vec<String> {
    arg.get_value_names().map_or_else(
        || vec![arg.get_id().as_str().to_uppercase()],
        |names| names.iter().map(ToString::to_string).collect(),
    )
}

/// Gives each verb the line of its use as clap makes it, its one English word put right. `built` is the same command
/// with its verbs' full names.
fn with_usage(command: Command, built: &mut Command) -> Command {
    let usage = usage(&built.render_usage().to_string());
    command.override_usage(usage).mut_subcommands(|verb| match built.find_subcommand_mut(verb.get_name()) {
        Some(built) => with_usage(verb, built),
        None => verb,
    })
}

/// A line of use without its heading.
fn usage(rendered: &str) -> String {
    let bare = rendered.strip_prefix("Usage: ").unwrap_or(rendered);
    bare.replace("\n       ", "\n     ").replace("[OPTIONS]", "[OPCIONES]")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::collections::BTreeSet;

    use super::*;

    /// Every command, each with its path.
    fn all(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
        let path = format!("{path} {}", command.get_name()).trim().to_owned();
        found.push((path.clone(), command.clone()));
        for verb in command.get_subcommands() {
            all(verb, &path, found);
        }
    }

    fn every(command: &Command) -> Vec<(String, Command)> {
        let mut found = Vec::new();
        all(command, "", &mut found);
        found
    }

    /// What the English command line says of itself: texts with where they stand, and names of values.
    fn english() -> (Vec<(String, String)>, BTreeSet<String>) {
        let (mut texts, mut values) = (Vec::new(), BTreeSet::new());
        for (path, command) in every(&Invocation::command()) {
            for text in [command.get_about(), command.get_long_about(), command.get_after_help()]
                .into_iter()
                .flatten()
            {
                texts.push((path.clone(), text.to_string()));
            }
            for arg in command.get_arguments() {
                let text = arg.get_help().map(ToString::to_string).unwrap_or_default();
                texts.push((format!("{path} {}", arg.get_id()), text));
                assert_eq!(
                    arg.get_long_help(),
                    None,
                    "{path} {}: a long help has no place here",
                    arg.get_id()
                );
                if arg.get_action().takes_values() {
                    values.extend(names(arg));
                }
            }
        }
        (texts, values)
    }

    #[test]
    fn every_verb_and_option_has_a_spanish_text_and_no_text_is_left_over() {
        let (texts, values) = english();
        let has = |table: &[(&str, &str)], text: &str| table.iter().any(|(en, _)| *en == text);
        let missing: Vec<_> = texts.iter().filter(|(_, text)| !has(TEXTS, text)).collect();
        let mut told: Vec<_> =
            missing.iter().map(|(at, text)| format!("    // {at}\n    ({text:?}, \"\"),")).collect();
        told.extend(
            values.iter().filter(|v| !has(VALUES, v)).map(|v| format!("    // a value\n    ({v:?}, \"\"),")),
        );
        assert!(told.is_empty(), "missing in src/cli/spanish/texts.rs:\n{}", told.join("\n"));
        let used: BTreeSet<&str> = texts.iter().map(|(_, text)| text.as_str()).collect();
        let unused: Vec<_> = TEXTS.iter().map(|(en, _)| *en).filter(|en| !used.contains(en)).collect();
        assert_eq!(unused, Vec::<&str>::new(), "nobody says these any more: src/cli/spanish/texts.rs");
        let unused: Vec<_> = VALUES.iter().map(|(en, _)| *en).filter(|en| !values.contains(*en)).collect();
        assert_eq!(unused, Vec::<&str>::new(), "no value is called so any more");
        for table in [TEXTS, VALUES] {
            let names: BTreeSet<_> = table.iter().map(|(en, _)| en).collect();
            assert_eq!(names.len(), table.len(), "a text stands twice");
            assert!(table.iter().all(|(_, es)| !es.trim().is_empty()), "a text is empty");
        }
        // What is longer than a name is said otherwise in Spanish.
        assert!(TEXTS.iter().all(|(en, es)| en != es), "a text is English in Spanish");
    }

    #[test]
    fn the_command_line_in_spanish_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn help_in_spanish_has_no_english_of_clap_and_fits_80_columns() {
        const CLAPS: &[&str] = &[
            "Usage",
            "Options",
            "OPTIONS",
            "Commands",
            "COMMAND",
            "Arguments",
            "default:",
            "possible values",
            "Print",
            "env:",
            "see more",
            "[aliases",
        ];
        let mut built = command();
        built.build();
        let paths = every(&built);
        assert!(paths.len() > 40, "{}", paths.len());
        for (path, mut verb) in paths {
            for help in [verb.render_help(), verb.render_long_help()] {
                let help = help.to_string();
                for word in CLAPS {
                    assert!(!help.contains(word), "{path}: {word}\n{help}");
                }
                for line in help.lines() {
                    assert!(line.chars().count() <= 80, "{path}: {line}");
                }
                assert!(
                    help.contains(&format!("Uso: {path}")) && help.contains("Opciones:\n"),
                    "{path}\n{help}"
                );
            }
        }
    }

    /// What clap would have said of defaults, possible values and the environment stands in the text.
    #[test]
    fn defaults_and_choices_are_told_in_spanish() {
        let mut seen = 0;
        for (path, command) in every(&Invocation::command()) {
            for arg in command.get_arguments().filter(|arg| arg.get_action().takes_values()) {
                let text = spanish(TEXTS, &arg.get_help().map(ToString::to_string).unwrap_or_default());
                let names: Vec<_> = names(arg).iter().filter_map(|name| spanish(VALUES, name)).collect();
                let told = format!("{} {}", text.unwrap_or_default(), names.join(" "));
                let mut wanted: Vec<String> =
                    arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
                wanted
                    .extend(arg.get_default_values().iter().map(|value| value.to_str().unwrap().to_owned()));
                wanted.extend(arg.get_env().map(|name| name.to_str().unwrap().to_owned()));
                for word in wanted.iter().filter(|word| !word.is_empty()) {
                    seen += 1;
                    let grouped = word.replace("20000", "20 000");
                    assert!(
                        told.contains(word.as_str()) || told.contains(&grouped),
                        "{path} {}: {word}",
                        arg.get_id()
                    );
                }
            }
        }
        assert!(seen > 8, "{seen}");
    }
}
