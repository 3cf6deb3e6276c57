//! The filter of the movements as typed: words with a name and a colon narrow one field, the rest is text.
//!
//! `guante tipo:salida almacén:sevilla operario:ana desde:2026-05-01`

use crate::domain::typing::{DateRules, Lean, typed_date};
use crate::domain::{MovementKind, Sku, TransferId, WarehouseId};
use crate::ledger::MovementRow;
use crate::store::HistoryQuery;
use crate::text::{Lang, words};
use crate::ui::Model;
use crate::ui::moment::Moment;

/// Reads a filter. What can't be read as a named field is text.
#[must_use]
pub fn parse(typed: &str, moment: &Moment) -> HistoryQuery {
    let mut query = HistoryQuery::default();
    let mut text = Vec::new();
    for word in typed.split_whitespace() {
        let known = word.split_once(':').is_some_and(|(name, value)| field(&mut query, name, value, moment));
        if !known {
            text.push(word);
        }
    }
    query.text = (!text.is_empty()).then(|| text.join(" "));
    query
}

fn field(query: &mut HistoryQuery, name: &str, value: &str, moment: &Moment) -> bool {
    if value.is_empty() {
        return false;
    }
    match name.to_lowercase().as_str() {
        "sku" | "ref" => match Sku::new(value) {
            Ok(sku) => query.sku = Some(sku),
            Err(_) => return false,
        },
        "almacén" | "almacen" | "warehouse" | "w" => match WarehouseId::new(&value.to_lowercase()) {
            Ok(warehouse) => query.warehouse = Some(warehouse),
            Err(_) => return false,
        },
        "operario" | "operator" | "by" => query.operator = Some(value.to_owned()),
        "tipo" | "kind" => {
            let kinds = kinds(value);
            if kinds.is_empty() {
                return false;
            }
            query.kinds = kinds;
        }
        "desde" | "since" => match day(value, moment) {
            Some(ms) => query.since_ms = Some(ms),
            None => return false,
        },
        "hasta" | "until" => match day(value, moment) {
            Some(ms) => query.until_ms = Some(ms + 86_400_000),
            None => return false,
        },
        _ => match format!("{name}:{value}").parse::<TransferId>() {
            Ok(id) => query.transfer = Some(id),
            Err(_) => return false,
        },
    }
    true
}

/// The kinds whose word it is, in any language or as verbs know it; where it is none's, those whose word begins so.
fn kinds(value: &str) -> Vec<MovementKind> {
    let value = value.to_lowercase();
    let any = |fits: &dyn Fn(&str) -> bool| -> Vec<MovementKind> {
        let names = |kind| {
            [MovementKind::word(kind), words::movement(Lang::Es, kind), words::movement(Lang::En, kind)]
        };
        MovementKind::ALL.iter().copied().filter(|kind| names(*kind).into_iter().any(fits)).collect()
    };
    let exact = any(&|name| name == value);
    if exact.is_empty() { any(&|name| name.starts_with(&value)) } else { exact }
}

fn day(value: &str, moment: &Moment) -> Option<i64> {
    let rules = DateRules {
        order: crate::domain::typing::DateOrder::DayFirst,
        lean: Lean::Back,
        today: moment.today(),
    };
    let day = typed_date(value, rules).ok()?;
    let midnight = day.and_hms_opt(0, 0, 0)?.and_local_timezone(moment.zone).single()?;
    Some(midnight.timestamp_millis())
}

/// Whether a row that has just come belongs to what is shown.
#[must_use]
pub fn matches(row: &MovementRow, query: &HistoryQuery, model: &Model) -> bool {
    query.sku.as_ref().is_none_or(|s| *s == row.sku)
        && query.warehouse.as_ref().is_none_or(|w| *w == row.origin)
        && (query.kinds.is_empty() || query.kinds.contains(&row.kind))
        && query.operator.as_ref().is_none_or(|o| o == row.operator.as_str())
        && query.transfer.as_ref().is_none_or(|t| row.transfer.as_ref() == Some(t))
        && query.since_ms.is_none_or(|ms| row.at_ms >= ms)
        && query.until_ms.is_none_or(|ms| row.at_ms < ms)
        && query.text.as_ref().is_none_or(|text| holds(row, &text.to_lowercase(), model))
}

fn holds(row: &MovementRow, text: &str, model: &Model) -> bool {
    let name = model.products.get(&row.sku).map_or("", |p| p.product.name.as_str());
    let fields =
        [row.sku.as_str(), name, row.lot.as_str(), &row.reference, &row.reason, row.operator.as_str()];
    fields.iter().any(|f| f.to_lowercase().contains(text))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use chrono::FixedOffset;
    use std::time::Duration;

    #[test]
    fn named_words_narrow_a_field_and_the_rest_is_text() {
        let moment = Moment {
            running: Duration::ZERO,
            wall_ms: 1_795_000_000_000,
            zone: FixedOffset::east_opt(3600).unwrap(),
        };
        let query = parse("guante nitrilo tipo:salida almacén:sevilla desde:2026-05-01 x:y", &moment);
        assert_eq!(query.text.as_deref(), Some("guante nitrilo x:y"));
        assert_eq!(query.kinds, [MovementKind::Issue]);
        assert_eq!(query.warehouse.unwrap().as_str(), "sevilla");
        assert_eq!(query.since_ms, Some(1_777_590_000_000));
        for word in ["entrada", "receipt"] {
            let query = parse(&format!("tipo:{word}"), &moment);
            assert_eq!(query.kinds, [MovementKind::Receipt], "{word}");
        }
        assert_eq!(parse("madrid:41", &moment).transfer.unwrap().seq, 41);
    }
}
