//! Many rows at once: arrays on PostgreSQL, rows of values on SQLite, from one description of the table.

use std::ops::Range;

use chrono::NaiveDate;
use sqlx::error::BoxDynError;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments as _, AssertSqlSafe, Postgres};
use uuid::Uuid;

use super::StoreError;
use super::session::{Conn, Database};

/// What happens to a row that is there already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// It stays as it is.
    Stays,
    /// It gets the new values.
    Changes,
}

/// The type of a column.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Int,
    Bool,
    Bytes,
    Uuid,
    Date,
    Json,
}

/// A table to write to.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// Its columns; the first ones are its key.
    pub(super) columns: &'static [(&'static str, Kind)],
    /// How many columns are the key.
    pub(super) key: usize,
    pub(super) known: Known,
}

/// The values of one column.
#[derive(Clone)]
pub(super) enum Column {
    Text(Vec<String>),
    MaybeText(Vec<Option<String>>),
    Int(Vec<i64>),
    MaybeInt(Vec<Option<i64>>),
    Bool(Vec<bool>),
    Bytes(Vec<Vec<u8>>),
    MaybeBytes(Vec<Option<Vec<u8>>>),
    Uuid(Vec<Uuid>),
    MaybeDate(Vec<Option<NaiveDate>>),
}

/// Rows per statement on SQLite, largest first: few texts, so that all of them stay prepared.
const STEPS: [usize; 5] = [512, 128, 32, 8, 1];

/// Rows of one table, ready to be written: with SQLite all values are bound, so that its connection never waits for it.
pub(super) enum Ready {
    Postgres(Vec<Column>),
    Sqlite(Vec<(String, SqliteArguments)>),
}

/// Makes rows ready, each key at most once.
pub(super) fn ready(on: Database, table: &Table, columns: Vec<Column>) -> Result<Ready, StoreError> {
    match on {
        Database::Postgres => Ok(Ready::Postgres(columns)),
        Database::Sqlite => {
            let rows = columns.first().map_or(0, Column::len);
            let mut statements = Vec::new();
            let mut next = 0;
            for step in STEPS {
                while next + step <= rows {
                    let mut arguments = SqliteArguments::default();
                    for row in next..next + step {
                        for column in &columns {
                            column.add_one(&mut arguments, row).map_err(StoreError::broken)?;
                        }
                    }
                    statements.push((table.sqlite(step), arguments));
                    next += step;
                }
            }
            Ok(Ready::Sqlite(statements))
        }
    }
}

/// Writes rows; tells how many were new or changed.
pub(super) async fn write(conn: &mut Conn<'_>, table: &Table, rows: Ready) -> Result<u64, sqlx::Error> {
    match (conn, rows) {
        (Conn::Postgres(connection), Ready::Postgres(columns)) => {
            if columns.first().map_or(0, Column::len) == 0 {
                return Ok(0);
            }
            let text = AssertSqlSafe(table.postgres());
            let query = columns.iter().fold(sqlx::query(text), |query, column| column.bind_all(query));
            Ok(query.execute(&mut **connection).await?.rows_affected())
        }
        (Conn::Sqlite(connection), Ready::Sqlite(statements)) => {
            let mut written = 0;
            for (text, arguments) in statements {
                let query = sqlx::query_with(AssertSqlSafe(text), arguments);
                written += query.execute(&mut **connection).await?.rows_affected();
            }
            Ok(written)
        }
        _ => Err(sqlx::Error::Configuration("rows made ready for another database".into())),
    }
}

impl Table {
    fn names(&self, columns: Range<usize>) -> String {
        let names: Vec<_> = self.columns[columns].iter().map(|(name, _)| *name).collect();
        names.join(", ")
    }

    fn on_conflict(&self) -> String {
        let key = self.names(0..self.key);
        let changes: Vec<_> =
            self.columns[self.key..].iter().map(|(name, _)| format!("{name} = excluded.{name}")).collect();
        if self.known == Known::Stays || changes.is_empty() {
            format!("ON CONFLICT ({key}) DO NOTHING")
        } else {
            format!("ON CONFLICT ({key}) DO UPDATE SET {}", changes.join(", "))
        }
    }

    fn postgres(&self) -> String {
        let (mut values, mut arrays) = (Vec::new(), Vec::new());
        for (i, (name, kind)) in self.columns.iter().enumerate() {
            let (array, cast) = match kind {
                Kind::Text => ("text", ""),
                Kind::Int => ("bigint", ""),
                Kind::Bool => ("boolean", ""),
                Kind::Bytes => ("bytea", ""),
                Kind::Uuid => ("uuid", ""),
                Kind::Date => ("date", ""),
                Kind::Json => ("text", "::json"),
            };
            values.push(format!("{name}{cast}"));
            arrays.push(format!("${}::{array}[]", i + 1));
        }
        let names = self.names(0..self.columns.len());
        format!(
            "INSERT INTO {} ({names}) SELECT {} FROM UNNEST({}) AS u({names}) {}",
            self.name,
            values.join(", "),
            arrays.join(", "),
            self.on_conflict()
        )
    }

    fn sqlite(&self, rows: usize) -> String {
        // Unnumbered: SQLite looks numbered ones up by name, in time that grows with their square.
        let row = format!("({})", vec!["?"; self.columns.len()].join(", "));
        let more = format!(", {row}").repeat(rows.saturating_sub(1));
        let names = self.names(0..self.columns.len());
        format!("INSERT INTO {} ({names}) VALUES {row}{more} {}", self.name, self.on_conflict())
    }
}

impl Column {
    pub(super) const fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::MaybeText(values) => values.len(),
            Self::Int(values) => values.len(),
            Self::MaybeInt(values) => values.len(),
            Self::Bool(values) => values.len(),
            Self::Bytes(values) => values.len(),
            Self::MaybeBytes(values) => values.len(),
            Self::Uuid(values) => values.len(),
            Self::MaybeDate(values) => values.len(),
        }
    }

    /// The first row with a text that PostgreSQL could not keep.
    pub(super) fn unkeepable(&self) -> Option<usize> {
        match self {
            Self::Text(values) => values.iter().position(|text| text.contains('\0')),
            Self::MaybeText(values) => {
                values.iter().position(|text| text.as_ref().is_some_and(|t| t.contains('\0')))
            }
            _ => None,
        }
    }

    /// Only this row.
    pub(super) fn only(&self, row: usize) -> Self {
        let rows = row..row + 1;
        match self {
            Self::Text(values) => Self::Text(values[rows].to_vec()),
            Self::MaybeText(values) => Self::MaybeText(values[rows].to_vec()),
            Self::Int(values) => Self::Int(values[rows].to_vec()),
            Self::MaybeInt(values) => Self::MaybeInt(values[rows].to_vec()),
            Self::Bool(values) => Self::Bool(values[rows].to_vec()),
            Self::Bytes(values) => Self::Bytes(values[rows].to_vec()),
            Self::MaybeBytes(values) => Self::MaybeBytes(values[rows].to_vec()),
            Self::Uuid(values) => Self::Uuid(values[rows].to_vec()),
            Self::MaybeDate(values) => Self::MaybeDate(values[rows].to_vec()),
        }
    }

    fn bind_all<'q>(&'q self, query: Query<'q, Postgres, PgArguments>) -> Query<'q, Postgres, PgArguments> {
        match self {
            Self::Text(values) => query.bind(values),
            Self::MaybeText(values) => query.bind(values),
            Self::Int(values) => query.bind(values),
            Self::MaybeInt(values) => query.bind(values),
            Self::Bool(values) => query.bind(values),
            Self::Bytes(values) => query.bind(values),
            Self::MaybeBytes(values) => query.bind(values),
            Self::Uuid(values) => query.bind(values),
            Self::MaybeDate(values) => query.bind(values),
        }
    }

    fn add_one(&self, arguments: &mut SqliteArguments, row: usize) -> Result<(), BoxDynError> {
        match self {
            Self::Text(values) => arguments.add(&values[row]),
            Self::MaybeText(values) => arguments.add(values[row].as_ref()),
            Self::Int(values) => arguments.add(values[row]),
            Self::MaybeInt(values) => arguments.add(values[row]),
            Self::Bool(values) => arguments.add(values[row]),
            Self::Bytes(values) => arguments.add(&values[row]),
            Self::MaybeBytes(values) => arguments.add(values[row].as_ref()),
            Self::Uuid(values) => arguments.add(values[row]),
            Self::MaybeDate(values) => arguments.add(values[row]),
        }
    }
}
