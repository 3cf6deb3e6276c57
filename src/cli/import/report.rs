//! What an import did.

use serde_json::json;

use super::problem::{Problem, Rejected, TOLD, write_problems};
use super::send::Sent;
use super::{Checked, File, Kind};
use crate::cli::{Desk, Failure};
use crate::text::Lang;
use crate::text::number::counted;

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    kind: Kind,
    file: String,
    dry_run: bool,
    /// Rows read.
    pub read: usize,
    /// Rows booked.
    pub booked: usize,
    /// Rows that were there already.
    pub already_there: usize,
    /// Of those, rows that were booked with another content or by another person.
    pub changed: usize,
    /// Rows without anything to book.
    pub nothing: usize,
    /// Rows left out.
    pub skipped: usize,
    /// Rows whose product and lot stood in an earlier row.
    pub repeated: usize,
    problems: Vec<Problem>,
}

impl Report {
    /// Of a file that was checked and is not booked yet.
    #[must_use]
    pub fn new(kind: Kind, file: &File, checked: &Checked) -> Self {
        Self {
            kind,
            file: file.file.display().to_string(),
            dry_run: file.dry_run,
            read: checked.read,
            booked: checked.steps.iter().filter(|step| step.is_row).count(),
            already_there: checked.already_there,
            changed: 0,
            nothing: checked.nothing,
            skipped: checked.skipped,
            repeated: checked.repeated,
            problems: checked.problems.clone(),
        }
    }

    /// Takes what became of the rows.
    ///
    /// # Errors
    /// When rows were refused that had passed the checks, and nobody said that bad rows may be left out.
    pub(super) fn take(&mut self, sent: Sent, skip_bad: bool) -> Result<(), Failure> {
        self.booked = sent.booked;
        self.already_there += sent.already_there;
        self.changed = sent.changed;
        if !sent.problems.is_empty() && !skip_bad {
            return Err(Failure::File(Box::new(Rejected::Late {
                booked: self.booked,
                problems: sent.problems,
            })));
        }
        self.skipped += sent.problems.len();
        self.problems.extend(sent.problems);
        self.problems.sort_by_key(|problem| problem.line);
        Ok(())
    }

    /// Says it.
    pub(super) fn tell(&self, desk: &mut Desk<'_>) -> Result<(), Failure> {
        let lang = desk.setting.lang;
        if desk.json {
            let told: Vec<_> = self.problems.iter().take(TOLD).map(|p| p.to_json(lang)).collect();
            let document = json!({
                "kind": self.kind.word(), "file": self.file, "dry_run": self.dry_run, "read": self.read,
                "booked": self.booked, "already_there": self.already_there, "changed": self.changed,
                "nothing_to_book": self.nothing,
                "skipped": self.skipped, "repeated": self.repeated, "errors": told,
                "error_count": self.problems.len(),
            });
            writeln!(desk.out, "{document}")?;
            return Ok(());
        }
        write_problems(&self.problems, lang, desk.err)?;
        writeln!(desk.out, "{}", self.sentence(lang))?;
        Ok(())
    }

    /// In one sentence; what is zero is left out.
    #[must_use]
    pub fn sentence(&self, lang: Lang) -> String {
        let same = |word: (&'static str, &'static str)| {
            let word = lang.pick(word.0, word.1);
            (word, word)
        };
        let booked = if self.dry_run {
            (lang.pick("se registraría", "would be booked"), lang.pick("se registrarían", "would be booked"))
        } else {
            (lang.pick("registrada", "booked"), lang.pick("registradas", "booked"))
        };
        let parts = [
            (Some(self.read), (lang.pick("fila leída", "row read"), lang.pick("filas leídas", "rows read"))),
            (Some(self.booked), booked),
            (
                Some(self.already_there).filter(|n| *n > 0),
                (lang.pick("ya estaba", "already there"), lang.pick("ya estaban", "already there")),
            ),
            (
                Some(self.changed).filter(|n| *n > 0),
                same(("de ellas con otro contenido u operario", "of those with other content or operator")),
            ),
            (Some(self.nothing).filter(|n| *n > 0), same(("sin nada que registrar", "with nothing to book"))),
            (
                Some(self.skipped).filter(|n| *n > 0),
                (
                    lang.pick("omitida por errores", "skipped for errors"),
                    lang.pick("omitidas por errores", "skipped for errors"),
                ),
            ),
            (
                Some(self.repeated).filter(|n| *n > 0),
                same(("de un lote repetido", "of a lot that is repeated")),
            ),
        ];
        let parts: Vec<_> =
            parts.iter().filter_map(|(n, what)| n.map(|n| counted(lang, n as u64, *what))).collect();
        parts.join(", ")
    }
}
