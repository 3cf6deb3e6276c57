//! Many rows at once: arrays on PostgreSQL, rows of values on SQLite, from one description of the table.

use std::ops::Range;

use chrono::NaiveDate;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, Postgres, Sqlite};
use uuid::Uuid;

use super::session::Conn;

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
const STEPS: [usize; 4] = [128, 32, 8, 1];

/// Writes rows, each key at most once; tells how many were new or changed.
pub(super) async fn write(
    conn: &mut Conn<'_>,
    table: &Table,
    columns: &[Column],
) -> Result<u64, sqlx::Error> {
    let rows = columns.first().map_or(0, Column::len);
    match conn {
        Conn::Postgres(connection) => {
            if rows == 0 {
                return Ok(0);
            }
            let text = AssertSqlSafe(table.postgres());
            let query = columns.iter().fold(sqlx::query(text), |query, column| column.bind_all(query));
            Ok(query.execute(&mut **connection).await?.rows_affected())
        }
        Conn::Sqlite(connection) => {
            let mut written = 0;
            let mut next = 0;
            for step in STEPS {
                while next + step <= rows {
                    let mut query = sqlx::query(AssertSqlSafe(table.sqlite(step)));
                    for row in next..next + step {
                        for column in columns {
                            query = column.bind_one(query, row);
                        }
                    }
                    written += query.execute(&mut **connection).await?.rows_affected();
                    next += step;
                }
            }
            Ok(written)
        }
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
        format!(
            "INSERT INTO {} ({}) VALUES {} {}",
            self.name,
            self.names(0..self.columns.len()),
            vec![row; rows].join(", "),
            self.on_conflict()
        )
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

    fn bind_one<'q>(
        &'q self,
        query: Query<'q, Sqlite, SqliteArguments>,
        row: usize,
    ) -> Query<'q, Sqlite, SqliteArguments> {
        match self {
            Self::Text(values) => query.bind(&values[row]),
            Self::MaybeText(values) => query.bind(values[row].as_ref()),
            Self::Int(values) => query.bind(values[row]),
            Self::MaybeInt(values) => query.bind(values[row]),
            Self::Bool(values) => query.bind(values[row]),
            Self::Bytes(values) => query.bind(&values[row]),
            Self::MaybeBytes(values) => query.bind(values[row].as_ref()),
            Self::Uuid(values) => query.bind(values[row]),
            Self::MaybeDate(values) => query.bind(values[row]),
        }
    }
}
