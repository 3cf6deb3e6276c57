//! What is wrong with a command line, in Spanish: what, why, what to do.

use std::error::Error as _;
use std::num::{IntErrorKind, ParseIntError};

use clap::error::{ContextKind, ErrorKind};

use super::super::Failure;
use super::usage;

/// A command line that is not understood, as a failure to tell. Help and version are none.
#[must_use]
pub fn failure(error: &clap::Error) -> Failure {
    let usage_line = said(error, ContextKind::Usage)
        .map(|line| format!("Uso: {}", usage(line.trim()).replace('\n', "\n  ")));
    let more = match &usage_line {
        Some(_) => "más con --help".to_owned(),
        None => "vea rubentario --help".to_owned(),
    };
    let hints: Vec<String> = [advice(error), usage_line, Some(more)].into_iter().flatten().collect();
    Failure::usage(sentence(error), Some(&hints.join("\n  ")))
}

fn said(error: &clap::Error, kind: ContextKind) -> Option<String> {
    error.get(kind).map(ToString::to_string).filter(|text| !text.is_empty())
}

fn sentence(error: &clap::Error) -> String {
    let said = |kind| said(error, kind).unwrap_or_default();
    let arg = said(ContextKind::InvalidArg);
    let value = said(ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::InvalidValue if value.is_empty() => format!("a {arg} le falta su valor"),
        ErrorKind::InvalidValue => {
            format!(
                "«{value}» no vale para {arg}: debe ser {}",
                said(ContextKind::ValidValue).replace(", ", " o ")
            )
        }
        ErrorKind::UnknownArgument if arg.starts_with('-') => format!("no hay ninguna opción «{arg}» aquí"),
        ErrorKind::UnknownArgument => format!("«{arg}» sobra: aquí no se espera nada más"),
        ErrorKind::InvalidSubcommand => {
            format!("no hay ninguna orden «{}»", said(ContextKind::InvalidSubcommand))
        }
        ErrorKind::NoEquals => format!("a {arg} hay que darle su valor con «=»"),
        ErrorKind::ValueValidation => format!("«{value}» no vale para {arg}: {}", cause(error)),
        ErrorKind::TooManyValues => format!("«{value}» sobra: {arg} no admite más valores"),
        ErrorKind::TooFewValues => format!(
            "a {arg} le faltan valores: se han dado {} y hacen falta al menos {}",
            said(ContextKind::ActualNumValues),
            said(ContextKind::MinValues)
        ),
        ErrorKind::WrongNumberOfValues => format!(
            "{arg} lleva {} valores y se han dado {}",
            said(ContextKind::ExpectedNumValues),
            said(ContextKind::ActualNumValues)
        ),
        ErrorKind::ArgumentConflict => {
            let prior = said(ContextKind::PriorArg);
            if arg.is_empty() {
                format!("«{}» no puede ir detrás de {prior}", said(ContextKind::InvalidSubcommand))
            } else if prior == arg {
                format!("{arg} se ha dado más de una vez, y vale solo una")
            } else {
                format!("{arg} no puede ir junto con {prior}: quite uno de los dos")
            }
        }
        ErrorKind::MissingRequiredArgument => format!("falta {}", said(ContextKind::InvalidArg)),
        ErrorKind::MissingSubcommand => format!(
            "a «{}» le falta su orden: {}",
            said(ContextKind::InvalidSubcommand),
            said(ContextKind::ValidSubcommand)
        ),
        ErrorKind::InvalidUtf8 => {
            "la línea de órdenes tiene un texto que no es UTF-8: escríbalo en UTF-8".to_owned()
        }
        _ => format!("no se entiende la línea de órdenes («{}»)", error.to_string().trim()),
    }
}

/// What was probably meant: the likeliest stands last.
fn advice(error: &clap::Error) -> Option<String> {
    let kinds = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let meant = kinds.into_iter().find_map(|kind| said(error, kind))?;
    meant.rsplit(", ").next().map(|meant| format!("¿quiso decir «{meant}»?"))
}

/// Words with commas between them, the last behind an «o».
fn one_of(words: &str) -> String {
    match words.rsplit_once(", ") {
        Some((rest, last)) if last.starts_with('o') => format!("{rest} u {last}"),
        Some((rest, last)) => format!("{rest} o {last}"),
        None => words.to_owned(),
    }
}

/// Why a value is none of its kind: the words of the domain and of Rust put in Spanish, others quoted.
fn cause(error: &clap::Error) -> String {
    let Some(source) = error.source() else { return "no es de su clase".to_owned() };
    if let Some(problem) = source.downcast_ref::<ParseIntError>() {
        return match problem.kind() {
            IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => {
                "es un número demasiado grande".to_owned()
            }
            _ => "debe ser un número entero, sin signo ni decimales".to_owned(),
        };
    }
    if source.is::<uuid::Error>() {
        return "debe ser un UUID, como 0190a6c8-7d2e-7c3a-9b61-4f1d2e3a5b6c".to_owned();
    }
    let text = source.to_string();
    if let Some((_, words)) = text.split_once(" is none of ") {
        return format!("debe ser {}", one_of(words));
    }
    if text.ends_with("is not an id such as madrid:42") {
        return "debe ser un id como madrid:42".to_owned();
    }
    if let Some((least, most)) = text.split_once(" is not in ").and_then(|(_, range)| range.split_once("..="))
    {
        return format!("debe estar entre {least} y {most}");
    }
    if text == "invalid digit found in string" || text.contains("cannot parse integer") {
        return "debe ser un número entero, sin signo ni decimales".to_owned();
    }
    format!("«{text}»")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use clap::FromArgMatches as _;

    use super::*;
    use crate::cli::{Invocation, spanish};

    /// A command line, what is told of it, and what stands among the hints.
    const WRONG: &[(&str, &str, &str)] = &[
        ("recieve A 5", "no hay ninguna orden «recieve»", "«receive»"),
        ("receive", "falta <SKU[@LOTE]>, <CANT>", "Uso: rubentario receive [OPCIONES] <SKU[@LOTE]> <CANT>"),
        ("receive A 5 --lto x", "no hay ninguna opción «--lto» aquí", "rubentario receive"),
        ("receive A 5 --reff x", "no hay ninguna opción «--reff» aquí", "¿quiso decir «--ref»?"),
        ("receive A 5 6", "«6» sobra: aquí no se espera nada más", "--help"),
        ("receive A 5 --lot a --lot b", "--lot <LOTE> se ha dado más de una vez, y vale solo una", "--help"),
        ("--lang fr stock", "«fr» no vale para --lang <IDIOMA>: debe ser es o en", "--help"),
        (
            "history --limit x",
            "«x» no vale para --limit <N>: debe ser un número entero, sin signo ni decimales",
            "",
        ),
        ("history --limit", "a --limit <N> le falta su valor", ""),
        ("demo --warehouses 20", "«20» no vale para --warehouses <N>: debe estar entre 2 y 9", ""),
        ("reverse 7", "«7» no vale para <ENTRADA>: debe ser un id como madrid:42", ""),
        ("transfer receive a:1 --request-id 7", "debe ser un UUID", ""),
        (
            "stocktake open --all --shelf x",
            "--all no puede ir junto con --shelf <S>: quite uno de los dos",
            "",
        ),
        ("stock --json=3", "«3» sobra: --json no admite más valores", ""),
        ("adjust A -3 --reason eaten", "lost, found, count, correction u other", ""),
    ];

    #[test]
    fn a_command_line_that_is_not_understood_is_told_in_spanish() {
        for (line, message, hint) in WRONG {
            let words = std::iter::once("rubentario").chain(line.split_whitespace());
            let read = spanish::command().try_get_matches_from(words);
            let error = read.and_then(|matches| Invocation::from_arg_matches(&matches)).unwrap_err();
            let Failure::Said { message: said, hint: hinted, exit, .. } = failure(&error) else {
                unreachable!()
            };
            assert_eq!(exit, 2);
            assert!(said.contains(message), "{line}: {said}");
            let hinted = hinted.unwrap();
            assert!(hinted.contains(hint), "{line}: {hinted}");
            for word in ["error", "Usage", "OPTIONS", "required", "invalid", "unexpected", "«»"] {
                assert!(!format!("{said} {hinted}").contains(word), "{line}: {said} {hinted}");
            }
        }
    }
}
