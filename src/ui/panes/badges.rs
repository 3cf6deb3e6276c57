//! How many alerts wait for somebody, by how much they press: a sign and a number each, the worst first.

use ratatui::style::Style;
use ratatui::text::Span;

use crate::domain::{Alert, AlertKind, Severity, WarehouseId};
use crate::ui::theme::Theme;

const WORST_FIRST: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Info];

/// The sign and style of a severity.
#[must_use]
pub const fn look(severity: Severity, theme: &Theme) -> (&'static str, Style) {
    match severity {
        Severity::Info => (theme.signs.info, theme.focus),
        Severity::Warning => (theme.signs.warning, theme.warning),
        Severity::Error => (theme.signs.error, theme.error),
    }
}

/// A badge for each severity of which there are alerts that nobody has seen.
#[must_use]
pub fn of<'a>(alerts: impl Iterator<Item = &'a Alert>, theme: &Theme) -> Vec<(String, Style)> {
    let open: Vec<Severity> =
        alerts.filter(|a| a.acknowledged_by.is_none()).map(|a| a.what.severity()).collect();
    let counted = WORST_FIRST.map(|severity| (severity, open.iter().filter(|s| **s == severity).count()));
    let some = counted.into_iter().filter(|(_, n)| *n > 0);
    some.map(|(severity, n)| {
        let (sign, style) = look(severity, theme);
        (format!("{sign}{n}"), style)
    })
    .collect()
}

/// Badges as spans, a blank between two.
#[must_use]
pub fn spans<'a>(badges: Vec<(String, Style)>) -> Vec<Span<'a>> {
    let mut spans = Vec::new();
    for (text, style) in badges {
        if !spans.is_empty() {
            spans.push(Span::raw(" "));
        }
        spans.push(Span::styled(text, style));
    }
    spans
}

/// The alerts that concern another warehouse; that it isn't heard of is left out, since its row says so itself.
pub fn about<'a>(alerts: &'a [Alert], peer: &'a WarehouseId) -> impl Iterator<Item = &'a Alert> {
    alerts.iter().filter(move |alert| {
        !matches!(alert.what, AlertKind::PeerDown { .. }) && alert.what.warehouses().contains(&Some(peer))
    })
}
