//! How a verb fails, and what is then said: a sentence on stderr, or the error document on stdout.

use std::io::{self, Write};

use serde_json::json;
use thiserror::Error;
use uuid::Uuid;

use super::import::Rejected;
use crate::config::ConfigError;
use crate::domain::{NameError, Quantity, QuantityError, Refusal, Sku};
use crate::text::refusal::Said;
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
    /// Of several acts some were refused; for programs with what became of each.
    #[error("{message}")]
    Some {
        /// The exit code.
        exit: u8,
        /// For people.
        message: String,
        /// What became of each.
        lines: serde_json::Value,
    },
    /// An act was handed over and nobody knows what became of it: it may be recorded all the same.
    #[error("{why}")]
    Unanswered {
        /// The id it was asked under; asked again with that one it is done once.
        request: Uuid,
        /// What came instead of an answer.
        why: Box<Self>,
    },
    /// The configuration is refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
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

    /// Of an act that was handed over under this id: where no answer came, it may be recorded all the same.
    #[must_use]
    pub fn of_act(self, request: Uuid) -> Self {
        match self {
            Self::Said { exit: UNREACHABLE, .. } => Self::Unanswered { request, why: Box::new(self) },
            known => known,
        }
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
                | Refusal::NewKey { .. }
                | Refusal::StillRecovering { .. }
                | Refusal::NoAnswer { .. }
                | Refusal::NoQuorum { .. }
                | Refusal::Stopped { .. }
                | Refusal::Busy
                | Refusal::NoMajority { .. }
                | Refusal::LockLost { .. },
            ) => UNREACHABLE,
            Self::Refused(_) | Self::File(_) => REFUSED,
            Self::Said { exit, .. } | Self::Some { exit, .. } => *exit,
            Self::Config(_) => USAGE,
            Self::Unanswered { why, .. } => why.exit(),
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
        if let Self::File(rejected) = self {
            return writeln!(out, "{}", rejected.to_json(lang));
        }
        let Some(code) = self.code() else {
            return Ok(());
        };
        let Said { message, hint } = self.said(lang);
        let mut error = json!({"code": code, "message": message, "hint": hint});
        match self {
            Self::Unanswered { request, .. } => error["request"] = json!(request),
            Self::Some { lines, .. } => error["lines"] = lines.clone(),
            _ => {}
        }
        writeln!(out, "{}", json!({"error": error}))
    }

    /// The stable word for programs; none where nobody is left to be told.
    fn code(&self) -> Option<String> {
        match self {
            Self::Refused(why) => Some(why.code()),
            Self::Said { code, .. } => Some((*code).to_owned()),
            Self::Config(_) => Some("config".to_owned()),
            Self::Some { .. } => Some("some_refused".to_owned()),
            Self::Unanswered { why, .. } => why.code(),
            Self::File(_) | Self::Output(_) => None,
        }
    }

    pub(super) fn said(&self, lang: Lang) -> Said {
        match self {
            Self::Refused(why) => refusal(lang, why),
            Self::Said { message, hint, .. } => Said { message: message.clone(), hint: hint.clone() },
            Self::Some { message, .. } => Said { message: message.clone(), hint: None },
            Self::Config(error) => Said { message: error.sentence(lang), hint: None },
            Self::Unanswered { request, why } => {
                let why = why.said(lang).message;
                let (message, hint) = match lang {
                    Lang::Es => (
                        format!("{why}; puede quedar registrado de todos modos"),
                        format!(
                            "repita la misma orden con --request-id {request} y no se registrará dos veces"
                        ),
                    ),
                    Lang::En => (
                        format!("{why}; it may be recorded all the same"),
                        format!("say the same again with --request-id {request}, and it is not booked twice"),
                    ),
                };
                Said { message, hint: Some(hint) }
            }
            Self::File(_) | Self::Output(_) => Said { message: self.to_string(), hint: None },
        }
    }

    fn tell_person(&self, lang: Lang, err: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::File(rejected) => return rejected.tell(lang, err),
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            _ => {}
        }
        let Said { message, hint } = self.said(lang);
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
            assert!(said == format!("«{text}» no es un número"), "{said}");
        }
        assert_eq!(read(Lang::Es, "1,2345").unwrap_err(), "«1,2345» tiene más de 3 decimales");
        assert_eq!(read(Lang::En, "12,5").unwrap_err(), "«12,5» is not a number");
    }
}
