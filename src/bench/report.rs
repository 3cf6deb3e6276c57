//! A row of the report: what was measured, beside its limit.

use serde::Serialize;

/// One measurement. What is not known is `null` in JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The benchmark and what of it, such as `booking.sqlite`.
    pub name: String,
    /// What was measured.
    pub value: Option<f64>,
    /// The unit of value and limit.
    pub unit: &'static str,
    /// What the bare store, bus or system took for the same, in the same run.
    pub limit: Option<f64>,
    /// Value through limit.
    pub ratio: Option<f64>,
    /// What is to be reached.
    pub target: &'static str,
    /// Why it was not measured, if it wasn't.
    pub skipped: Option<String>,
}

impl Row {
    pub(super) fn new(name: &str, value: f64, unit: &'static str, target: &'static str) -> Self {
        let name = name.to_owned();
        Self { name, value: Some(value), unit, limit: None, ratio: None, target, skipped: None }
    }

    pub(super) fn beside(mut self, limit: f64) -> Self {
        self.limit = Some(limit);
        self.ratio = self.value.filter(|_| limit > 0.0).map(|value| value / limit);
        self
    }

    pub(super) fn skipped(name: &str, unit: &'static str, target: &'static str, why: &str) -> Self {
        let (name, skipped) = (name.to_owned(), Some(why.to_owned()));
        Self { name, value: None, unit, limit: None, ratio: None, target, skipped }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_value_through_limit_and_there_is_none_without_a_limit() {
        let row = Row::new("a", 3.0, "ms", "<= 4 ms");
        assert_eq!(row.ratio, None);
        assert_eq!(row.clone().beside(2.0).ratio, Some(1.5));
        assert_eq!(row.beside(0.0).ratio, None);
    }
}
