//! How a verb fails, and what is then said: a sentence on stderr, or the error document on stdout.

use std::io::{self, Write};

use serde_json::json;
use thiserror::Error;

use super::import::Rejected;
use crate::config::ConfigError;
use crate::domain::{NameError, Quantity, QuantityError, Refusal, Sku};
use crate::text::{Lang, refusal};

/// Exit code: refused.
pub const REFUSED: u8 = 1;
/// Exit code: the command line or the configuration is wrong.
pub const USAGE: u8 = 2;
/// Exit code: no node, or a node that can't answer now.
pub const UNREACHABLE: u8 = 3;

/// Why a verb was not done.
#[derive(Debug, Error)]
pub enum Failure {
    /// The domain says no.
    #[error("{0}")]
    Refused(Refusal),
    /// A file that is not taken; nothing of it was.
    #[error("{0:?}")]
    File(Box<Rejected>),
    /// Anything else that has a code, a sentence and a hint already.
    #[error("{message}")]
    Said {
        /// The exit code.
        exit: u8,
        /// The stable word for programs.
        code: &'static str,
        /// What is wrong.
        message: String,
        /// What can be done.
        hint: Option<String>,
    },
    /// What was to be told could not be written.
    #[error(transparent)]
    Output(#[from] io::Error),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<NameError> for Failure {
    fn from(problem: NameError) -> Self {
        Self::Refused(Refusal::Name { problem })
    }
}

impl Failure {
    /// The command line asks for what can't be.
    pub fn usage(message: impl Into<String>, hint: Option<&str>) -> Self {
        Self::Said { exit: USAGE, code: "usage", message: message.into(), hint: hint.map(str::to_owned) }
    }

    /// Why a configuration is refused.
    #[must_use]
    pub fn refused_config(lang: Lang, error: &ConfigError) -> Self {
        Self::config(error.sentence(lang))
    }

    /// The configuration, or what it names, can't be used as it is.
    pub fn config(message: impl Into<String>) -> Self {
        Self::Said { exit: USAGE, code: "config", message: message.into(), hint: None }
    }

    /// No node answers.
    pub fn unreachable(code: &'static str, message: impl Into<String>, hint: Option<&str>) -> Self {
        Self::Said { exit: UNREACHABLE, code, message: message.into(), hint: hint.map(str::to_owned) }
    }

    /// Not an amount of that product.
    #[must_use]
    pub fn quantity(sku: &Sku, problem: QuantityError) -> Self {
        Self::Refused(Refusal::Quantity { sku: sku.clone(), problem })
    }

    /// The exit code.
    #[must_use]
    pub fn exit(&self) -> u8 {
        match self {
            // The act itself is fine: the same may be asked again later.
            Self::Refused(
                Refusal::NotJoined
                | Refusal::Joining
                | Refusal::Recovering
                | Refusal::StillRecovering { .. }
                | Refusal::NoAnswer { .. }
                | Refusal::NoQuorum { .. }
                | Refusal::Stopped { .. }
                | Refusal::Busy
                | Refusal::NoMajority { .. }
                | Refusal::LockLost { .. },
            ) => UNREACHABLE,
            Self::Refused(_) | Self::File(_) => REFUSED,
            Self::Said { exit, .. } => *exit,
            // Whoever read our output has gone, which is his right.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
            Self::Output(_) => UNREACHABLE,
        }
    }

    /// Says it: with `json` as the error document on `out`, else in sentences on `err`. The exit code comes back.
    pub fn tell(&self, lang: Lang, json: bool, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
        // Where even that can't be written, the exit code is all that is left.
        let _ = if json { self.tell_json(lang, out) } else { self.tell_person(lang, err) };
        self.exit()
    }

    fn tell_json(&self, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
        let (code, message, hint) = match self {
            Self::Refused(why) => {
                let said = refusal(lang, why);
                (why.code(), said.message, said.hint)
            }
            Self::File(rejected) => {
                return writeln!(out, "{}", rejected.to_json(lang));
            }
            Self::Said { code, message, hint, .. } => ((*code).to_owned(), message.clone(), hint.clone()),
            Self::Output(_) => return Ok(()),
        };
        writeln!(out, "{}", json!({"error": {"code": code, "message": message, "hint": hint}}))
    }

    fn tell_person(&self, lang: Lang, err: &mut dyn Write) -> io::Result<()> {
        let (message, hint) = match self {
            Self::Refused(why) => {
                let said = refusal(lang, why);
                (said.message, said.hint)
            }
            Self::File(rejected) => return rejected.tell(lang, err),
            Self::Said { message, hint, .. } => (message.clone(), hint.clone()),
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            Self::Output(error) => (error.to_string(), None),
        };
        writeln!(err, "rubentario: {message}")?;
        match hint {
            Some(hint) => writeln!(err, "  {hint}"),
            None => Ok(()),
        }
    }
}

/// Reads a plain number with a decimal point; in Spanish with a comma as well, for that is how answers are written. Thousands
/// are never grouped: with both marks a number could be two.
///
/// # Errors
/// What is wrong with it.
pub fn decimal(lang: Lang, text: &str) -> Result<Quantity, QuantityError> {
    let text = text.trim();
    let has_comma = lang == Lang::Es && !text.contains('.') && text.matches(',').count() == 1;
    let plain = if has_comma { text.replace(',', ".") } else { text.to_owned() };
    Quantity::parse(&plain, 3).map_err(|problem| match problem {
        QuantityError::NotANumber { .. } => QuantityError::NotANumber { text: text.to_owned() },
        QuantityError::TooManyDecimals { decimals, .. } => {
            QuantityError::TooManyDecimals { text: text.to_owned(), decimals }
        }
        other => other,
    })
}

/// Reads an amount of a product.
///
/// # Errors
/// A refusal that names the product.
pub fn quantity(lang: Lang, sku: &Sku, text: &str) -> Result<Quantity, Failure> {
    decimal(lang, text).map_err(|problem| Failure::quantity(sku, problem))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::text::refusal::quantity_error;

    fn told(failure: &Failure, json: bool) -> (u8, String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let exit = failure.tell(Lang::En, json, &mut out, &mut err);
        (exit, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    }

    #[test]
    fn a_refusal_is_one_json_document_on_stdout_with_exit_1() {
        let failure = Failure::from(Refusal::UnknownSku { sku: Sku::new("X").unwrap() });
        let (exit, out, err) = told(&failure, true);
        assert_eq!((exit, err.as_str()), (1, ""));
        let document: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(document["error"]["code"], "unknown_sku");
        assert_eq!(document["error"]["message"], "there is no product X in the catalogue");
        assert!(document["error"]["hint"].is_string());
    }

    #[test]
    fn for_people_the_same_refusal_is_a_sentence_on_stderr() {
        let failure = Failure::from(Refusal::Nothing);
        assert_eq!(
            told(&failure, false),
            (
                1,
                String::new(),
                "rubentario: there is nothing to book\n  say what is to be booked or changed\n".to_owned()
            )
        );
    }

    #[test]
    fn a_node_that_can_not_answer_now_is_exit_3() {
        assert_eq!(told(&Failure::from(Refusal::Busy), true).0, 3);
        assert_eq!(told(&Failure::from(Refusal::NotJoined), true).0, 3);
        let silent = Failure::unreachable("no_answer", "the node does not answer", None);
        assert_eq!(told(&silent, true).0, 3);
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        let gone = Failure::Output(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(told(&gone, false), (0, String::new(), String::new()));
    }

    #[test]
    fn in_spanish_a_comma_marks_decimals_and_a_point_still_does() {
        let read =
            |lang, text| decimal(lang, text).map(|qty| qty.to_string()).map_err(|e| quantity_error(lang, &e));
        for text in ["12,5", "12.5", " 12,50 "] {
            assert_eq!(read(Lang::Es, text).unwrap(), "12.5");
        }
        assert_eq!(read(Lang::Es, "-1,5").unwrap(), "-1.5");
        // Two numbers could be meant.
        for text in ["1.234,5", "1,234.5", "1,234,5"] {
            let said = read(Lang::Es, text).unwrap_err();
            assert!(said.contains(text) && said.contains("sin separar los miles"), "{said}");
        }
        assert_eq!(read(Lang::Es, "1,2345").unwrap_err(), "«1,2345» tiene más de 3 decimales");
        assert_eq!(read(Lang::En, "12,5").unwrap_err(), "«12,5» is not a number");
    }
}
