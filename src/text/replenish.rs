//! What to reorder in words, and the purchase proposal as a sheet.

use super::{Lang, number, sheet};
use crate::domain::replenish::Bring;
use crate::domain::{Quantity, WarehouseId};
use crate::node::event::ProductView;
use crate::node::replenish::Low;

/// What to bring from a warehouse, with what it keeps: `sevilla 59 (le quedan 21)`.
#[must_use]
pub fn bring(lang: Lang, bring: &Bring, qty: impl Fn(Quantity) -> String) -> String {
    let (warehouse, amount, keeps) = (&bring.warehouse, qty(bring.qty), qty(bring.keeps));
    match lang {
        Lang::Es => format!("{warehouse} {amount} (le quedan {keeps})"),
        Lang::En => format!("{warehouse} {amount} (keeps {keeps})"),
    }
}

/// Days of cover, in whole days; more than three figures are as good as no end.
#[must_use]
pub fn cover(lang: Lang, low: &Low) -> String {
    low.cover.days().map_or_else(|| "∞".to_owned(), |days| number::decimal(lang, days, 1))
}

/// What is to be bought: a row per product, numbers with a decimal point.
#[must_use]
pub fn purchase<'a>(
    rows: impl IntoIterator<Item = (&'a ProductView, &'a Low)>,
    here: &WarehouseId,
) -> String {
    let heading = [
        "sku",
        "name",
        "category",
        "barcode",
        "qty",
        "unit",
        "position",
        "reorder_point",
        "maximum",
        "multiple",
        "minimum_order",
        "lead_time",
    ];
    let number = |amount: Option<Quantity>| amount.map_or_else(String::new, |amount| amount.to_string());
    let wanted = rows.into_iter().filter(|(_, low)| low.proposal.buy.is_positive());
    let rows = wanted.map(|(view, low)| {
        let product = &view.product;
        let rule = view.rule(here).map(|state| state.rule.clone()).unwrap_or_default();
        vec![
            product.sku.to_string(),
            product.name.clone(),
            product.category.clone(),
            product.barcodes.first().map_or_else(String::new, |code| code.short().clone()),
            low.proposal.buy.to_string(),
            product.unit.clone(),
            low.position.to_string(),
            low.point.to_string(),
            number(rule.maximum),
            number(rule.multiple),
            number(rule.minimum_order),
            rule.lead_time_days.map_or_else(String::new, |days| days.to_string()),
        ]
    });
    sheet::table(&heading, rows)
}
