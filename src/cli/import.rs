//! `import`: CSV files into the catalogue, the own stock and the own rules.
//!
//! All rows are checked before any is booked, and the file is refused whole unless `--skip-bad` says otherwise.
//! Checking is pure: bytes and the known world in, acts or problems out.

mod catalogue;
mod cells;
mod columns;
mod identity;
mod problem;
mod report;
mod rules;
mod send;
mod sheet;
mod stock;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::format::StrftimeItems;
use chrono::{Datelike as _, NaiveDate};
use clap::{Args, Subcommand, ValueEnum};
use uuid::Uuid;

use cells::Cells;
use columns::Columns;
pub use columns::{Map, read_map};
use identity::Identity;
pub use problem::{Problem, Rejected, TOLD, Why};
pub use report::Report;
use sheet::{Row, Sheet};

use super::failure::UNREACHABLE;
use super::reach::{Need, Session};
use super::{Desk, Failure};
use crate::domain::typing::Decimal;
use crate::domain::{Sku, WarehouseId};
use crate::ledger::act::Act;
use crate::ledger::plan::MAX_TEXT;
use crate::node::event::ProductView;
use crate::text::Lang;

/// The largest file that is taken, in bytes.
const MAX_FILE: u64 = 256 * 1024 * 1024;

/// What to import.
#[derive(Debug, Subcommand)]
pub enum ImportVerb {
    /// Products.
    #[command(
        about = "Products: sku, name, unit, decimals, barcode, pack_size, pack_barcode, category, lot_tracked"
    )]
    Catalogue(File),
    /// Goods that are there, a receipt per row: sku, qty, lot, expiry, shelf
    Stock(File),
    /// Reorder rules.
    #[command(
        about = "Reorder rules: sku, reorder_point, maximum, multiple, minimum_order, lead_time, lead_time_deviation, service_level, shelf"
    )]
    Rules(File),
}

/// A file and how to read it.
#[derive(Debug, Clone, Args)]
pub struct File {
    /// A CSV file in UTF-8 with a heading
    pub file: PathBuf,
    /// Which of the file's columns holds what: sku="Product code",qty="Physical QOH"
    #[arg(long, value_name = "OURS=THEIRS,…")]
    pub map: Vec<String>,
    /// How the file writes dates
    #[arg(long, value_name = "FORMAT", default_value = "%Y-%m-%d")]
    pub date_format: String,
    /// How the file writes decimals
    #[arg(long, value_enum, default_value_t = Mark::Point)]
    pub decimal: Mark,
    /// A column whose value names a row for good, so that it is booked once even from another file
    #[arg(long, value_name = "COLUMN")]
    pub ref_column: Option<String>,
    /// Check the file and book nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Leave out the rows that have errors instead of refusing the file
    #[arg(long)]
    pub skip_bad: bool,
}

/// A decimal mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mark {
    /// 1,234.5
    Point,
    /// 1.234,5
    Comma,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Products.
    Catalogue,
    /// Goods.
    Stock,
    /// Reorder rules.
    Rules,
}

impl Kind {
    /// The fixed word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Catalogue => "catalogue",
            Self::Stock => "stock",
            Self::Rules => "rules",
        }
    }

    /// Our names of its columns, and which must be there.
    #[must_use]
    pub const fn columns(self) -> &'static [(&'static str, bool)] {
        match self {
            Self::Catalogue => &[
                ("sku", true),
                ("name", true),
                ("unit", false),
                ("decimals", false),
                ("barcode", false),
                ("pack_size", false),
                ("pack_barcode", false),
                ("category", false),
                ("lot_tracked", false),
            ],
            Self::Stock => {
                &[("sku", true), ("qty", true), ("lot", false), ("expiry", false), ("shelf", false)]
            }
            Self::Rules => &[
                ("sku", true),
                ("reorder_point", false),
                ("maximum", false),
                ("multiple", false),
                ("minimum_order", false),
                ("lead_time", false),
                ("lead_time_deviation", false),
                ("service_level", false),
                ("shelf", false),
            ],
        }
    }
}

/// How a file is to be read.
#[derive(Debug, Clone)]
pub struct Manner {
    /// Our name of a column → the file's heading.
    pub map: Map,
    /// The form of dates, as strftime writes it.
    pub date_format: String,
    /// The decimal mark.
    pub decimal: Decimal,
    /// Whether rows with problems are left out; else they refuse the file.
    pub skip_bad: bool,
    /// The column whose value names a row for good.
    pub reference: Option<String>,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            map: Map::new(),
            date_format: "%Y-%m-%d".to_owned(),
            decimal: Decimal::Point,
            skip_bad: false,
            reference: None,
        }
    }
}

/// What is known where a file is imported.
#[derive(Debug, Clone)]
pub struct World {
    /// The own warehouse.
    pub warehouse: WarehouseId,
    /// All products.
    pub products: HashMap<Sku, Arc<ProductView>>,
}

impl World {
    /// From what a node tells.
    #[must_use]
    pub fn new(warehouse: WarehouseId, products: Vec<Arc<ProductView>>) -> Self {
        let products = products.into_iter().map(|view| (view.product.sku.clone(), view)).collect();
        Self { warehouse, products }
    }
}

/// An act that a file calls for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The same for the same row for ever.
    pub id: Uuid,
    /// What to do.
    pub act: Act,
    /// The line that calls for it.
    pub line: u64,
    /// Whether it is a row, and not something that goes with a product's rows.
    pub is_row: bool,
}

/// A file that was checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// What to do, in order.
    pub steps: Vec<Step>,
    /// Rows read.
    pub read: usize,
    /// Rows whose content is in the book already.
    pub already_there: usize,
    /// Rows without anything to book.
    pub nothing: usize,
    /// Rows left out.
    pub skipped: usize,
    /// Why they were.
    pub problems: Vec<Problem>,
    /// Rows of stock whose product and lot stood in an earlier row: further receipts.
    pub repeated: usize,
}

/// What becomes of a row.
enum Verdict {
    /// It calls for this.
    Do(Act),
    /// It says what is so already.
    AlreadyThere,
    /// It says nothing that can be booked.
    Nothing,
    /// It has problems.
    Wrong,
}

/// How the rows of one kind are checked.
trait Check {
    /// Judges a row; what is wrong with it is kept in `cells`.
    fn row(&mut self, cells: &mut Cells<'_>, world: &World) -> Verdict;
    /// What goes with the rows, put before them.
    fn finish(self, _world: &World, _identity: &Identity, _checked: &mut Checked)
    where
        Self: Sized,
    {
    }
}

impl Step {
    fn of_product(what: &'static str, sku: &Sku, line: u64, act: Act, identity: &Identity) -> Self {
        Self { id: identity.of_product(what, sku), act, line, is_row: false }
    }
}

/// Checks a file: what it calls for, or why it isn't taken.
///
/// # Errors
/// Why nothing of it is taken.
pub fn check(bytes: &[u8], kind: Kind, manner: &Manner, world: &World) -> Result<Checked, Rejected> {
    let sheet = sheet::read(bytes)?;
    let columns = Columns::find(&sheet, kind, &manner.map, manner.reference.as_deref())?;
    let identity = Identity::new(world.warehouse.clone(), kind, sheet.hash);
    let mut checked = match kind {
        Kind::Catalogue => rows(&sheet, &columns, manner, world, &identity, catalogue::Catalogue::default()),
        Kind::Stock => rows(&sheet, &columns, manner, world, &identity, stock::Stock::default()),
        Kind::Rules => rows(&sheet, &columns, manner, world, &identity, rules::Rules::default()),
    };
    checked.problems.extend(sheet.problems);
    checked.problems.sort_by_key(|problem| problem.line);
    let mut bad: Vec<_> = checked.problems.iter().map(|problem| problem.line).collect();
    bad.dedup();
    checked.skipped = bad.len();
    checked.read = sheet.read;
    if checked.problems.is_empty() || manner.skip_bad {
        Ok(checked)
    } else {
        Err(Rejected::Rows { read: checked.read, problems: checked.problems })
    }
}

fn rows(
    sheet: &Sheet,
    columns: &Columns,
    manner: &Manner,
    world: &World,
    identity: &Identity,
    mut check: impl Check,
) -> Checked {
    let mut checked = Checked::default();
    let mut steps = Vec::with_capacity(sheet.rows.len());
    let mut references: HashMap<&str, u64> = HashMap::new();
    for row in &sheet.rows {
        let mut cells = Cells::new(columns, row, manner);
        let reference = columns.reference(row);
        if let Some(reference) = reference
            && let Some(why) = wrong_reference(reference, row, &mut references)
        {
            cells.problems.push(columns.reference_problem(row, why));
        }
        let verdict = check.row(&mut cells, world);
        if !cells.problems.is_empty() {
            checked.problems.append(&mut cells.problems);
            continue;
        }
        match verdict {
            Verdict::Do(act) => {
                steps.push(Step { id: identity.row(reference, row.line), act, line: row.line, is_row: true });
            }
            Verdict::AlreadyThere => checked.already_there += 1,
            Verdict::Nothing => checked.nothing += 1,
            Verdict::Wrong => {}
        }
    }
    check.finish(world, identity, &mut checked);
    checked.steps.append(&mut steps);
    checked
}

fn wrong_reference<'r>(reference: &'r str, row: &Row, seen: &mut HashMap<&'r str, u64>) -> Option<Why> {
    if reference.is_empty() {
        return Some(Why::Blank);
    }
    let length = reference.chars().count();
    if length > MAX_TEXT {
        return Some(Why::TooLong { length, limit: MAX_TEXT });
    }
    if let Some(c) = reference.chars().find(|c| c.is_control()) {
        return Some(Why::Control(c));
    }
    let first = *seen.entry(reference).or_insert(row.line);
    (first != row.line).then(|| Why::Duplicate { text: reference.to_owned(), first })
}

impl ImportVerb {
    /// Whether a node must run.
    #[must_use]
    pub const fn need(&self) -> Need {
        let (Self::Catalogue(file) | Self::Stock(file) | Self::Rules(file)) = self;
        if file.dry_run { Need::Read } else { Need::Write }
    }
}

/// `import …`
pub(super) async fn import(
    verb: ImportVerb,
    session: &mut Session,
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    let (kind, file) = match verb {
        ImportVerb::Catalogue(file) => (Kind::Catalogue, file),
        ImportVerb::Stock(file) => (Kind::Stock, file),
        ImportVerb::Rules(file) => (Kind::Rules, file),
    };
    let manner = Manner {
        map: read_map(kind, &file.map)?,
        date_format: file.date_format.clone(),
        decimal: match file.decimal {
            Mark::Point => Decimal::Point,
            Mark::Comma => Decimal::Comma,
        },
        skip_bad: file.skip_bad,
        reference: file.ref_column.clone(),
    };
    check_date_format(&manner.date_format, desk.setting.lang)?;
    let bytes = read_file(&file.file, desk)?;
    let world = World::new(desk.setting.warehouse.clone(), session.products().await?);
    let checked =
        check(&bytes, kind, &manner, &world).map_err(|rejected| Failure::File(Box::new(rejected)))?;
    let mut report = Report::new(kind, &file, &checked);
    if !file.dry_run {
        let before = session.status().await?.recorded;
        let sent = send::send(checked.steps, before, session, desk).await;
        let sent = sent.map_err(|failure| unanswered(failure, desk.setting.lang))?;
        report.take(sent, manner.skip_bad)?;
    }
    report.tell(desk)
}

/// A form that can't be one is told even where the file has no date.
fn check_date_format(format: &str, lang: Lang) -> Result<(), Failure> {
    // A form that writes a day can be read by it.
    let day = NaiveDate::MIN.with_year(2026).map(|day| day.format_with_items(StrftimeItems::new(format)));
    let mut written = String::new();
    let reads = day.is_some_and(|day| write!(written, "{day}").is_ok())
        && NaiveDate::parse_from_str(&written, format).is_ok();
    if reads {
        return Ok(());
    }
    let message = match lang {
        Lang::Es => format!("--date-format: «{format}» no es una forma de escribir un día"),
        Lang::En => format!("--date-format: «{format}» is no way to write a day"),
    };
    let hint = lang
        .pick("%d día, %m mes, %Y año, por ejemplo %d/%m/%Y", "%d day, %m month, %Y year, such as %d/%m/%Y");
    Err(Failure::usage(message, Some(hint)))
}

/// Where the node stopped answering, what it was handed may be recorded all the same; a row's id is the same for ever.
fn unanswered(failure: Failure, lang: Lang) -> Failure {
    match failure {
        Failure::Said { exit: UNREACHABLE, code, message, .. } => {
            let may = lang.pick(
                "puede que queden filas registradas de todos modos",
                "rows may be recorded all the same",
            );
            let hint = lang.pick(
                "importe otra vez el mismo fichero: ninguna fila se registra dos veces",
                "import the same file again: no row is booked twice",
            );
            Failure::unreachable(code, format!("{message}; {may}"), Some(hint))
        }
        known => known,
    }
}

fn read_file(path: &std::path::Path, desk: &Desk<'_>) -> Result<Vec<u8>, Failure> {
    let lang = desk.setting.lang;
    let failed = |error: std::io::Error| {
        let message = match error.kind() {
            std::io::ErrorKind::NotFound => lang.pick("no existe el fichero", "there is no file").to_owned(),
            _ => error.to_string(),
        };
        Failure::usage(format!("{}: {message}", path.display()), None)
    };
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > MAX_FILE {
        let limit = MAX_FILE / (1024 * 1024);
        let message = match lang {
            Lang::Es => format!("{}: más de {limit} MiB", path.display()),
            Lang::En => format!("{}: more than {limit} MiB", path.display()),
        };
        return Err(Failure::usage(message, Some(lang.pick("divídalo", "split it"))));
    }
    std::fs::read(path).map_err(failed)
}
