//! What is wrong with a file: told by line, column and reason.

use std::io::{self, Write};

use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::domain::gtin::GtinError;
use crate::domain::reorder::ServiceLevel;
use crate::domain::typing::{AmountError, DateError};
use crate::domain::{NameError, Quantity, Refusal, Sku};
use crate::text::number::{count, counted, quantity};
use crate::text::refusal::name_error;
use crate::text::time::date;
use crate::text::typing::{amount_error, date_error, gtin_error};
use crate::text::{Lang, refusal};

/// So many problems are told; the rest are counted.
pub const TOLD: usize = 50;

/// A row that can't be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line where the record starts, from 1.
    pub line: u64,
    /// The column's heading in the file; none: the whole row.
    pub column: Option<String>,
    /// Why.
    pub why: Why,
}

/// Why a cell or a row can't be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Something must stand there.
    Blank,
    /// No such name is possible.
    Name(NameError),
    /// Too many characters.
    TooLong {
        /// How many stand there.
        length: usize,
        /// How many may.
        limit: usize,
    },
    /// A control character.
    Control(char),
    /// No barcode.
    Barcode {
        /// The cell.
        text: String,
        /// What is wrong with it.
        error: GtinError,
    },
    /// No amount.
    Amount {
        /// The cell.
        text: String,
        /// What is wrong with it.
        error: AmountError,
    },
    /// No date.
    Date(DateError),
    /// A number outside the range, both ends included.
    Range {
        /// The cell.
        text: String,
        /// Least.
        from: u32,
        /// Most.
        to: u32,
    },
    /// Neither yes nor no.
    YesNo {
        /// The cell.
        text: String,
    },
    /// No service level.
    ServiceLevel {
        /// The cell.
        text: String,
    },
    /// A reorder point is to be computed without the lead time.
    LeadTimeMissing,
    /// The barcode of a pack without the pack's size.
    PackSizeMissing,
    /// Ordering up to less than what calls for an order.
    BelowReorderPoint {
        /// Order up to this.
        maximum: Quantity,
        /// An order is called for at or below this.
        reorder_point: Quantity,
    },
    /// Not in the catalogue.
    UnknownSku(Sku),
    /// The domain's own refusal.
    Refused(Refusal),
    /// The same key stood in an earlier row.
    Duplicate {
        /// The key.
        text: String,
        /// The line of the first.
        first: u64,
    },
    /// The same lot has another date in an earlier row.
    OtherExpiry {
        /// The date there.
        known: NaiveDate,
        /// The line there.
        first: u64,
    },
    /// More or fewer cells than columns.
    Cells {
        /// Cells of the row.
        found: usize,
        /// Columns of the heading.
        expected: usize,
    },
    /// A cell larger than any value.
    Huge {
        /// Its bytes.
        bytes: usize,
        /// What may be.
        limit: usize,
    },
    /// Bytes that are not UTF-8.
    Encoding,
}

impl Why {
    /// In words.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        match (lang, self) {
            (_, Self::Blank) => lang.pick("está en blanco", "it is blank").to_owned(),
            (_, Self::Name(error)) => name_error(lang, error),
            (Lang::Es, Self::TooLong { length, limit }) => {
                format!("tiene {length} caracteres y caben {limit}")
            }
            (Lang::En, Self::TooLong { length, limit }) => {
                format!("it has {length} characters, at most {limit} are allowed")
            }
            (Lang::Es, Self::Control(c)) => format!("no se admite el carácter de control {c:?}"),
            (Lang::En, Self::Control(c)) => format!("the control character {c:?} is not allowed"),
            (_, Self::Barcode { text, error }) => {
                format!("«{}»: {}", short(text), gtin_error(lang, error))
            }
            (_, Self::Amount { text, error }) => format!("«{}»: {}", short(text), amount_error(lang, error)),
            (Lang::Es, Self::Date(DateError::Format { text, format })) => {
                format!("«{text}» no es una fecha de la forma {format}")
            }
            (Lang::En, Self::Date(DateError::Format { text, format })) => {
                format!("«{text}» is not a date of the form {format}")
            }
            (_, Self::Date(error)) => date_error(lang, error),
            (Lang::Es, Self::Range { text, from, to }) => {
                format!("«{}» no es un número entero de {from} a {to}", short(text))
            }
            (Lang::En, Self::Range { text, from, to }) => {
                format!("«{}» is not a whole number from {from} to {to}", short(text))
            }
            (Lang::Es, Self::YesNo { text }) => format!("«{}» no es ni sí ni no", short(text)),
            (Lang::En, Self::YesNo { text }) => format!("«{}» is neither yes nor no", short(text)),
            (_, Self::ServiceLevel { text }) => {
                let levels = ServiceLevel::ALL.map(ServiceLevel::word).join(", ");
                format!("«{}» {} {levels}", short(text), lang.pick("no es ninguno de", "is none of"))
            }
            (_, Self::LeadTimeMissing) => lang
                .pick("hace falta para calcular el punto de pedido", "a computed reorder point needs it")
                .to_owned(),
            (_, Self::PackSizeMissing) => lang
                .pick(
                    "un código de paquete necesita el tamaño del paquete",
                    "the barcode of a pack needs the pack's size",
                )
                .to_owned(),
            (_, Self::BelowReorderPoint { maximum, reorder_point }) => {
                let (maximum, point) = (quantity(lang, *maximum), quantity(lang, *reorder_point));
                match lang {
                    Lang::Es => format!("el máximo {maximum} es menor que el punto de pedido {point}"),
                    Lang::En => format!("the maximum {maximum} is below the reorder point {point}"),
                }
            }
            (Lang::Es, Self::UnknownSku(sku)) => format!("no hay ningún producto {sku} en el catálogo"),
            (Lang::En, Self::UnknownSku(sku)) => format!("there is no product {sku} in the catalogue"),
            (_, Self::Refused(why)) => refusal(lang, why).message,
            (Lang::Es, Self::Duplicate { text, first }) => {
                format!("«{}» ya estaba en la línea {first}", short(text))
            }
            (Lang::En, Self::Duplicate { text, first }) => {
                format!("«{}» stands in line {first} already", short(text))
            }
            (Lang::Es, Self::OtherExpiry { known, first }) => {
                format!("el mismo lote caduca el {} en la línea {first}", date(lang, *known))
            }
            (Lang::En, Self::OtherExpiry { known, first }) => {
                format!("the same lot expires on {} in line {first}", date(lang, *known))
            }
            (Lang::Es, Self::Cells { found, expected }) => {
                format!("la fila tiene {found} celdas y la cabecera {expected}")
            }
            (Lang::En, Self::Cells { found, expected }) => {
                format!("the row has {found} cells, the heading has {expected}")
            }
            (Lang::Es, Self::Huge { bytes, limit }) => {
                format!("la celda ocupa {bytes} bytes y caben {limit}")
            }
            (Lang::En, Self::Huge { bytes, limit }) => {
                format!("the cell has {bytes} bytes, at most {limit} are taken")
            }
            (_, Self::Encoding) => lang
                .pick("no es UTF-8; guarde el fichero como UTF-8", "it is not UTF-8; save the file as UTF-8")
                .to_owned(),
        }
    }
}

/// So much of a cell is quoted.
fn short(text: &str) -> String {
    text.chars().take(40).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

impl Problem {
    /// In words: line, column, reason.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let (line, why) = (self.line, self.why.text(lang));
        match (lang, &self.column) {
            (Lang::Es, Some(column)) => format!("línea {line}, columna «{column}»: {why}"),
            (Lang::En, Some(column)) => format!("line {line}, column «{column}»: {why}"),
            (Lang::Es, None) => format!("línea {line}: {why}"),
            (Lang::En, None) => format!("line {line}: {why}"),
        }
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self, lang: Lang) -> Value {
        json!({"line": self.line, "column": self.column, "reason": self.why.text(lang)})
    }
}

/// Why nothing of a file is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejected {
    /// There is nothing in it.
    Empty,
    /// It can't be text in UTF-8.
    NotText,
    /// A quote that isn't closed: where the cells behind it end is not known.
    Quote {
        /// The line where it opens.
        line: u64,
    },
    /// Columns that must be there aren't.
    Columns {
        /// Ours that are missing.
        missing: Vec<&'static str>,
        /// Headings that `--map` names and the file doesn't have.
        unknown: Vec<String>,
        /// Those of the file.
        present: Vec<String>,
    },
    /// A heading that is used stands there more than once.
    Ambiguous {
        /// The heading.
        column: String,
    },
    /// Rows that can't be taken.
    Rows {
        /// Rows of the file, those in order included.
        read: usize,
        /// In the order of the file.
        problems: Vec<Problem>,
    },
    /// Rows that were refused when they were to be booked; the others are booked.
    Late {
        /// Rows that are booked.
        booked: usize,
        /// In the order of the file.
        problems: Vec<Problem>,
    },
}

impl Rejected {
    fn problems(&self) -> &[Problem] {
        match self {
            Self::Rows { problems, .. } | Self::Late { problems, .. } => problems,
            _ => &[],
        }
    }

    const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "file_empty",
            Self::NotText => "file_encoding",
            Self::Quote { .. } => "file_quote",
            Self::Columns { .. } | Self::Ambiguous { .. } => "file_columns",
            Self::Rows { .. } => "file_rows",
            Self::Late { .. } => "rows_refused",
        }
    }

    /// What is wrong, in one sentence.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match (lang, self) {
            (_, Self::Empty) => lang.pick("el fichero está vacío", "the file is empty").to_owned(),
            (_, Self::NotText) => {
                lang.pick("el fichero no es texto en UTF-8", "the file is not text in UTF-8").to_owned()
            }
            (Lang::Es, Self::Quote { line }) => {
                format!(
                    "no se ha registrado nada: en la línea {line} se abren unas comillas que no se cierran"
                )
            }
            (Lang::En, Self::Quote { line }) => {
                format!("nothing was booked: a quote opens in line {line} and isn't closed")
            }
            (_, Self::Columns { missing, unknown, .. }) => {
                let listed = |names: &[String]| names.join(", ");
                let mut parts = Vec::new();
                if !unknown.is_empty() {
                    let what =
                        lang.pick("el fichero no tiene las columnas", "the file does not have the columns");
                    parts.push(format!("{what} {}", listed(unknown)));
                }
                if !missing.is_empty() {
                    let names: Vec<_> = missing.iter().map(ToString::to_string).collect();
                    let what = lang.pick("faltan las columnas", "these columns are missing:");
                    parts.push(format!("{what} {}", listed(&names)));
                }
                parts.join("; ")
            }
            (Lang::Es, Self::Ambiguous { column }) => format!("la columna «{column}» está repetida"),
            (Lang::En, Self::Ambiguous { column }) => {
                format!("the column «{column}» is there more than once")
            }
            (Lang::Es, Self::Rows { read, problems }) => {
                let (bad, all) = (rows(problems), counted(lang, *read as u64, ("fila", "filas")));
                let have = if bad == 1 { "tiene" } else { "tienen" };
                format!("no se ha registrado nada: {} de {all} {have} errores", count(lang, bad))
            }
            (Lang::En, Self::Rows { read, problems }) => {
                let (bad, all) = (rows(problems), counted(lang, *read as u64, ("row", "rows")));
                let have = if bad == 1 { "has" } else { "have" };
                format!("nothing was booked: {} of {all} {have} errors", count(lang, bad))
            }
            (Lang::Es, Self::Late { booked, problems }) => format!(
                "{} y {}",
                counted(lang, *booked as u64, ("fila registrada", "filas registradas")),
                counted(lang, rows(problems), ("rechazada", "rechazadas"))
            ),
            (Lang::En, Self::Late { booked, problems }) => format!(
                "{}, {} refused",
                counted(lang, *booked as u64, ("row booked", "rows booked")),
                count(lang, rows(problems))
            ),
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        let fixed = match self {
            Self::Empty => return None,
            Self::NotText => lang.pick("guárdelo como CSV en UTF-8", "save it as CSV in UTF-8"),
            Self::Quote { .. } => lang.pick(
                "ciérrelas al final de la celda; unas comillas dentro de ella se escriben dobles (\"\")",
                "close it at the end of the cell; a quote within a cell is written twice (\"\")",
            ),
            Self::Columns { present, .. } => {
                let has = lang.pick(
                    "el fichero tiene: {}; nómbrelas con --map sku=\"Columna\"",
                    "the file has: {}; name them with --map sku=\"Column\"",
                );
                return Some(has.replace("{}", &present.join(", ")));
            }
            Self::Ambiguous { .. } => lang.pick("dele otro nombre a una", "rename one of them"),
            Self::Rows { .. } => lang.pick(
                "corríjalas, o con --skip-bad se toman las demás",
                "correct them, or take the others with --skip-bad",
            ),
            Self::Late { .. } => lang.pick(
                "corríjalas y vuelva a importar: lo registrado no se repite",
                "correct them and import again: what is booked is not booked twice",
            ),
        };
        Some(fixed.to_owned())
    }

    /// The error document.
    #[must_use]
    pub fn to_json(&self, lang: Lang) -> Value {
        let problems = self.problems();
        let told: Vec<_> = problems.iter().take(TOLD).map(|p| p.to_json(lang)).collect();
        json!({"error": {
            "code": self.code(),
            "message": self.message(lang),
            "hint": self.hint(lang),
            "problems": told,
            "count": problems.len(),
        }})
    }

    /// For people.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn tell(&self, lang: Lang, err: &mut dyn Write) -> io::Result<()> {
        write_problems(self.problems(), lang, err)?;
        writeln!(err, "rubentario: {}", self.message(lang))?;
        match self.hint(lang) {
            Some(hint) => writeln!(err, "  {hint}"),
            None => Ok(()),
        }
    }
}

/// Rows, not problems: a row may have several.
fn rows(problems: &[Problem]) -> u64 {
    let mut lines: Vec<_> = problems.iter().map(|p| p.line).collect();
    lines.sort_unstable();
    lines.dedup();
    lines.len() as u64
}

/// Writes the first problems and how many more there are.
///
/// # Errors
/// When they can't be written.
pub fn write_problems(problems: &[Problem], lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    for problem in problems.iter().take(TOLD) {
        writeln!(out, "{}", problem.text(lang))?;
    }
    let more = problems.len().saturating_sub(TOLD) as u64;
    if more > 0 {
        match lang {
            Lang::Es => writeln!(out, "… y {} más", counted(lang, more, ("error", "errores")))?,
            Lang::En => writeln!(out, "… and {}", counted(lang, more, ("more error", "more errors")))?,
        }
    }
    Ok(())
}
