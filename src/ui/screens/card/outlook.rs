//! Where the stock of a product is heading: when it reaches its reorder point and when it runs out, at the pace of the
//! last thirty days.

use chrono::{Days, NaiveDate};

use crate::domain::Quantity;
use crate::domain::reorder::Cover;
use crate::text::{Lang, format};

/// The days of the pace.
const PACE: u32 = 30;
/// Further off than this a day says nothing.
const FAR: u64 = 365;

/// A day to come, and in how many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ahead {
    day: NaiveDate,
    days: u64,
}

/// When so much is gone at a pace of so much in thirty days; none when nothing leaves.
fn gone(available: Quantity, issued: Quantity, today: NaiveDate) -> Option<Ahead> {
    match Cover::of(available, issued, PACE) {
        Cover::Endless => None,
        Cover::Tenths(tenths) => {
            let days = tenths / 10;
            Some(Ahead { day: today.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX), days })
        }
    }
}

/// What is to be said of it, in sentences of one line.
pub(super) fn words(
    available: Quantity,
    point: Option<Quantity>,
    issued: Quantity,
    today: NaiveDate,
    lang: Lang,
) -> Vec<String> {
    if !available.is_positive() {
        return Vec::new();
    }
    let Some(end) = gone(available, issued, today) else {
        return vec![
            lang.pick("sin salidas en 30 días: no se agota", "no issues in 30 days: it lasts").to_owned(),
        ];
    };
    let mut lines = Vec::new();
    let above = point.map(|point| available.saturating_plus(point.negated())).filter(|q| q.is_positive());
    if let Some(low) = above.and_then(|above| gone(above, issued, today)).filter(|ahead| ahead.days <= FAR) {
        let date = format::date(low.day, lang);
        lines.push(match lang {
            Lang::Es => format!("en el punto de pedido el {date}, en {} d", low.days),
            Lang::En => format!("at the reorder point on {date}, in {} d", low.days),
        });
    }
    if end.days > FAR {
        lines.push(lang.pick("dura más de un año", "it lasts for more than a year").to_owned());
        return lines;
    }
    let date = format::date(end.day, lang);
    lines.push(match lang {
        Lang::Es => format!("se agota el {date}, en {} d, a este ritmo", end.days),
        Lang::En => format!("runs out on {date}, in {} d, at this pace", end.days),
    });
    lines
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn said(available: i64, point: Option<i64>, issued: i64) -> Vec<String> {
        let q = |n| Quantity::units(n).unwrap();
        let today = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        words(q(available), point.map(q), q(issued), today, Lang::En)
    }

    #[test]
    fn the_days_are_those_that_the_pace_gives() {
        assert_eq!(
            said(100, Some(40), 60),
            ["at the reorder point on 2026-12-24, in 30 d", "runs out on 2027-01-13, in 50 d, at this pace"]
        );
        assert_eq!(said(30, Some(40), 60), ["runs out on 2026-12-09, in 15 d, at this pace"]);
        assert_eq!(said(30, None, 0), ["no issues in 30 days: it lasts"]);
        assert_eq!(said(30_000, None, 1), ["it lasts for more than a year"]);
        assert!(said(0, Some(40), 60).is_empty());
    }
}
