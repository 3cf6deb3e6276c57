//! One transfer in full: what was asked, sent and came, and who took which step when.

use ratatui::text::{Line, Span};

use crate::domain::{Quantity, Sku, TransferState};
use crate::ledger::book::{Mark, Transfer};
use crate::text::{Lang, format, words};
use crate::ui::parts::text;
use crate::ui::theme::Theme;
use crate::ui::view::View;

/// A name that finds fewer columns beside the figures is left out.
const LEAST_OF_NAME: usize = 8;

/// Everything about a transfer: its lines, then its steps.
#[must_use]
pub fn details_lines<'a>(view: &View, theme: &Theme, transfer: &Transfer, width: usize) -> Vec<Line<'a>> {
    let lang = view.lang();
    let mut lines = Vec::new();
    for row in line_facts(transfer) {
        let decimals = view.model().products.get(&row.sku).map_or(0, |p| p.product.decimals);
        let number = |q: Option<Quantity>| {
            q.map_or_else(|| theme.signs.none.to_owned(), |q| format::quantity(q, decimals, lang))
        };
        let lot = if row.lot.is_empty() {
            String::new()
        } else {
            format!(" {} {}", lang.pick("lote", "lot"), row.lot)
        };
        let mut facts = Vec::new();
        if row.requested.is_some() {
            facts.push(format!("{} {}", lang.pick("pedido", "requested"), number(row.requested)));
        }
        if row.dispatched.is_some() {
            facts.push(format!("{} {}", lang.pick("enviado", "dispatched"), number(row.dispatched)));
        }
        if row.arrived.is_some() {
            facts.push(format!("{} {}", lang.pick("llegó", "arrived"), number(row.arrived)));
        }
        let mut spans = vec![
            Span::styled(
                text::left(&format!(" {}{lot}", row.sku), 26.min(width), theme.signs.more),
                theme.heading,
            ),
            Span::raw(" "),
            Span::raw(facts.join(&format!(" {} ", theme.signs.to))),
        ];
        if let Some(product) = view.model().products.get(&row.sku) {
            let used: usize = spans.iter().map(Span::width).sum();
            let room = width.saturating_sub(used + 2);
            if row.short.is_none() && room >= LEAST_OF_NAME {
                let name = text::clip(&product.product.name, room, theme.signs.more);
                spans.push(Span::styled(format!("  {name}"), theme.dim));
            }
        }
        if let Some((short, reason)) = row.short {
            let word = lang.pick("faltan", "short");
            spans.push(Span::styled(
                format!(
                    "  {} {word} {}: {reason}",
                    theme.signs.warning,
                    number(Some(short)),
                    reason = words::reason(lang, &reason)
                ),
                theme.warning,
            ));
        }
        lines.push(Line::from(spans));
    }
    for (word, mark) in steps(transfer, lang) {
        let when = format::date_time(mark.at_ms, view.now().zone, lang);
        let text =
            if mark.text.is_empty() { String::new() } else { format!(" {} {}", theme.signs.dot, mark.text) };
        lines.push(Line::from(vec![
            Span::styled(format!(" {when}  "), theme.dim),
            Span::raw(format!("{word} {} {}{text}", theme.signs.dot, mark.operator)),
        ]));
    }
    lines
}

/// What is known of one line of a transfer.
pub struct LineFacts {
    /// The product.
    pub sku: Sku,
    /// Its lot; empty = none.
    pub lot: String,
    /// Asked for.
    pub requested: Option<Quantity>,
    /// Sent.
    pub dispatched: Option<Quantity>,
    /// Came.
    pub arrived: Option<Quantity>,
    /// What didn't come, and the fixed word of the reason.
    pub short: Option<(Quantity, String)>,
}

/// The lines of a transfer, with what was asked, sent and came.
#[must_use]
pub fn line_facts(transfer: &Transfer) -> Vec<LineFacts> {
    let asked = |sku: &Sku| {
        let lines = transfer.request.iter().flat_map(|r| &r.lines).filter(|l| l.sku == *sku);
        lines.map(|l| l.qty).reduce(Quantity::saturating_plus)
    };
    let Some(dispatch) = &transfer.dispatch else {
        return transfer
            .request
            .iter()
            .flat_map(|r| &r.lines)
            .map(|l| LineFacts {
                sku: l.sku.clone(),
                lot: String::new(),
                requested: Some(l.qty),
                dispatched: None,
                arrived: None,
                short: None,
            })
            .collect();
    };
    let arrival = transfer.receipt.as_ref().or(transfer.returned.as_ref());
    dispatch
        .lines
        .iter()
        .enumerate()
        .map(|(i, l)| {
            let came = arrival.and_then(|a| a.lines.get(i));
            LineFacts {
                sku: l.sku.clone(),
                lot: l.lot.to_string(),
                requested: asked(&l.sku),
                dispatched: Some(l.qty),
                arrived: came.map(|c| c.arrived),
                short: came
                    .filter(|c| c.short.is_positive())
                    .map(|c| (c.short, c.reason.map_or_else(String::new, |r| r.word().to_owned()))),
            }
        })
        .collect()
}

fn steps(transfer: &Transfer, lang: Lang) -> Vec<(&'static str, &Mark)> {
    let step = |state, mark| (words::transfer(lang, state), mark);
    let mut steps: Vec<(&str, &Mark)> = Vec::new();
    steps.extend(transfer.request.as_ref().map(|r| step(TransferState::Requested, &r.mark)));
    steps.extend(transfer.withdrawal.as_ref().map(|m| step(TransferState::WithdrawalAsked, m)));
    steps.extend(transfer.decline.as_ref().map(|m| step(TransferState::Declined, m)));
    steps.extend(transfer.dispatch.as_ref().map(|d| (lang.pick("enviada", "dispatched"), &d.mark)));
    steps.extend(transfer.receipt.as_ref().map(|a| step(TransferState::Received, &a.mark)));
    steps.extend(transfer.rejection.as_ref().map(|m| step(TransferState::Rejected, m)));
    steps.extend(transfer.returned.as_ref().map(|a| step(TransferState::Returned, &a.mark)));
    steps
}
