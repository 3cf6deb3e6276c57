//! Pages of the history: found by key, so that the thousandth page costs what the first does.

use std::fmt::Write;

use sqlx::{AssertSqlSafe, FromRow};

use super::StoreError;
use super::history::{HistoryPage, HistoryQuery, PageKey};
use super::load::{name, number, quantity};
use super::session::{Conn, on};
use crate::domain::MovementKind;
use crate::ledger::MovementRow;

/// The most rows of a page.
const LARGEST: u32 = 1000;

/// A question with its values.
struct Question {
    text: String,
    values: Vec<Value>,
    sqlite: bool,
}

enum Value {
    Text(String),
    Int(i64),
}

impl Question {
    fn value(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    fn text(&mut self, text: impl Into<String>) -> String {
        self.value(Value::Text(text.into()))
    }

    fn int(&mut self, n: i64) -> String {
        self.value(Value::Int(n))
    }

    fn and(&mut self, condition: &str) {
        // Writing to a text can't fail.
        let _ = write!(self.text, " AND {condition}");
    }

    fn new(query: &HistoryQuery, sqlite: bool) -> Self {
        let mut question = Self {
            text: "SELECT origin, seq, line, kind, sku, lot, qty, shortage, sort_key, at_ms, hlc, operator, reason,
                          reference, transfer, other, reverses
                   FROM movement WHERE 1 = 1"
                .into(),
            values: Vec::new(),
            sqlite,
        };
        question.fields(query);
        if let Some(since) = query.since_ms {
            let place = question.int(place_in_time(since));
            question.and(&format!("sort_key >= {place}"));
        }
        if let Some(until) = query.until_ms {
            let place = question.int(place_in_time(until));
            question.and(&format!("sort_key < {place}"));
        }
        if let Some(text) = query.text.as_ref().filter(|text| !text.is_empty()) {
            let place = question.text(text.to_lowercase());
            let find = if sqlite { "instr" } else { "strpos" };
            question.and(&format!(
                "({find}(search, {place}) > 0
                  OR sku IN (SELECT p.sku FROM product p WHERE {find}(p.search, {place}) > 0))"
            ));
        }
        if let Some(key) = &query.after {
            let sort_key = question.int(i64::try_from(key.sort_key).unwrap_or(i64::MAX));
            let origin = question.text(key.origin.as_str());
            let seq = question.int(i64::try_from(key.seq).unwrap_or(i64::MAX));
            let line = question.int(i64::from(key.line));
            question.and(&format!(
                "(sort_key, origin, seq, line) < ({sort_key}, {origin}, {seq}, {line}) AND sort_key <= {sort_key}"
            ));
        }
        let limit = question.int(i64::from(query.limit.clamp(1, LARGEST)) + 1);
        let _ =
            write!(question.text, " ORDER BY sort_key DESC, origin DESC, seq DESC, line DESC LIMIT {limit}");
        question
    }

    /// Equal fields, the most selective first. SQLite keeps no statistics here and would take any index: all but the
    /// first are withheld from it (`+column`).
    fn fields(&mut self, query: &HistoryQuery) {
        let mut conditions = Vec::new();
        if let Some(transfer) = &query.transfer {
            conditions.push(("transfer", vec![transfer.to_string()]));
        }
        if let Some(sku) = &query.sku {
            conditions.push(("sku", vec![sku.to_string()]));
        }
        if let Some(operator) = &query.operator {
            conditions.push(("operator", vec![operator.clone()]));
        }
        if !query.kinds.is_empty() {
            let words = query.kinds.iter().map(|kind| kind.word().to_owned());
            conditions.push(("kind", words.collect()));
        }
        if let Some(warehouse) = &query.warehouse {
            conditions.push(("origin", vec![warehouse.to_string()]));
        }
        let mut first = true;
        for (column, values) in conditions {
            let places: Vec<_> = values.into_iter().map(|value| self.text(value)).collect();
            // The rows of several kinds are not in the order of time in their index.
            let withheld = if self.sqlite && (!first || places.len() > 1) { "+" } else { "" };
            self.and(&format!("{withheld}{column} IN ({})", places.join(", ")));
            first = first && !withheld.is_empty();
        }
    }
}

/// The first place in the history's order of a moment.
pub(super) fn place_in_time(ms: i64) -> i64 {
    ms.clamp(0, i64::MAX >> 16) << 16
}

#[derive(FromRow)]
struct HistoryLine {
    origin: String,
    seq: i64,
    line: i64,
    kind: String,
    sku: String,
    lot: String,
    qty: i64,
    shortage: i64,
    sort_key: i64,
    at_ms: i64,
    hlc: i64,
    operator: String,
    reason: String,
    reference: String,
    transfer: Option<String>,
    other: Option<String>,
    reverses: Option<i64>,
}

impl HistoryLine {
    fn read(self) -> Result<MovementRow, StoreError> {
        Ok(MovementRow {
            origin: name(&self.origin)?,
            seq: number(self.seq)?,
            line: number(self.line)?,
            kind: name::<MovementKind>(&self.kind)?,
            sku: name(&self.sku)?,
            lot: name(&self.lot)?,
            qty: quantity(self.qty)?,
            shortage: quantity(self.shortage)?,
            sort_key: number(self.sort_key)?,
            at_ms: self.at_ms,
            hlc: number(self.hlc)?,
            operator: name(&self.operator)?,
            reason: self.reason,
            reference: self.reference,
            transfer: self.transfer.as_deref().map(name).transpose()?,
            other: self.other.as_deref().map(name).transpose()?,
            reverses: self.reverses.map(number).transpose()?,
        })
    }
}

pub(super) async fn history(conn: Conn<'_>, query: HistoryQuery) -> Result<HistoryPage, StoreError> {
    let question = Question::new(&query, matches!(conn, Conn::Sqlite(_)));
    let unfindable = |value: &Value| matches!(value, Value::Text(text) if text.contains('\0'));
    if question.values.iter().any(unfindable) {
        return Ok(HistoryPage::default());
    }
    let lines: Vec<HistoryLine> = on!(conn, c => {
        let mut ask = sqlx::query_as(AssertSqlSafe(question.text));
        for value in question.values {
            ask = match value {
                Value::Text(text) => ask.bind(text),
                Value::Int(n) => ask.bind(n),
            };
        }
        ask.fetch_all(c).await
    })?;
    let limit = usize::try_from(query.limit.clamp(1, LARGEST)).unwrap_or(1);
    let more = lines.len() > limit;
    let rows = lines.into_iter().take(limit).map(HistoryLine::read).collect::<Result<Vec<_>, _>>()?;
    let next = rows.last().filter(|_| more).map(|last| PageKey {
        sort_key: last.sort_key,
        origin: last.origin.clone(),
        seq: last.seq,
        line: last.line,
    });
    Ok(HistoryPage { rows, next })
}
