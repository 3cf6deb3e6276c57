//! Pane 4: what somebody should look at now, the worst first, with what resolves it.

use std::cmp::Reverse;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::badges;
use super::stock::selected;
use crate::domain::{Alert, AlertKind, WarehouseId};
use crate::text::{Lang, alert_line};
use crate::ui::keys::Place;
use crate::ui::parts::{pane, text};
use crate::ui::theme::Theme;
use crate::ui::view::{Link, View};

/// From so many columns on an alert is said in one line.
const ONE_LINE: u16 = 72;

/// Puts those first that nobody has seen, then the worst, then the newest.
pub fn sort(alerts: &mut [Alert]) {
    alerts.sort_by_key(|a| {
        (a.acknowledged_by.is_some(), Reverse(a.what.severity()), Reverse(a.raised_ms), a.id.clone())
    });
}

/// The sign and style of an alert.
#[must_use]
pub const fn look(alert: &Alert, theme: &Theme) -> (&'static str, Style) {
    let (usual, style) = badges::look(alert.what.severity(), theme);
    let sign = match &alert.what {
        AlertKind::LowStock { .. } => theme.signs.low,
        AlertKind::OutOfStock { .. } => theme.signs.out,
        _ => usual,
    };
    (sign, style)
}

/// Rows that each alert takes in a pane: two where one is too narrow for what they say.
#[must_use]
pub const fn rows_each(area: Rect) -> u16 {
    if area.height >= 8 && area.width < ONE_LINE { 2 } else { 1 }
}

/// Alerts that fit into the pane.
#[must_use]
pub fn height(area: Rect) -> usize {
    usize::from(area.height.saturating_sub(2) / rows_each(area))
}

/// Whether an alert is resolved by a form.
#[must_use]
pub fn resolves(alert: &Alert, here: Option<&WarehouseId>) -> bool {
    match &alert.what {
        AlertKind::TransferOverdue { to, from, .. } => here == Some(to) || here == Some(from),
        AlertKind::LowStock { .. }
        | AlertKind::OutOfStock { .. }
        | AlertKind::LotExpiring { .. }
        | AlertKind::LotExpired { .. }
        | AlertKind::RequestWaiting { .. }
        | AlertKind::Discrepancy { .. }
        | AlertKind::ReservationCut { .. }
        | AlertKind::ReceiptOverdue { .. }
        | AlertKind::ProductConflict { .. } => true,
        _ => false,
    }
}

/// Why there is nothing to propose for an alert, and what ends it.
#[must_use]
pub fn why_nothing(alert: &Alert, lang: Lang) -> &'static str {
    match &alert.what {
        AlertKind::PeerDown { .. } => lang.pick(
            "se quita cuando ese almacén vuelve; si no vuelve, se retira en el panel de pares",
            "it clears when that warehouse is back; if it is not coming, retire it in the peers pane",
        ),
        AlertKind::WaitsForAdmission { .. } => {
            lang.pick("se admite en el panel de pares", "admit it in the peers pane")
        }
        AlertKind::UnreadableMessages { .. } => lang.pick(
            "se quita a los diez minutos del último; el registro del nodo dice qué eran",
            "it clears ten minutes after the last; the node's log says what they were",
        ),
        AlertKind::StoreDown { .. } | AlertKind::BusDown { .. } => lang.pick(
            "se quita cuando el servicio vuelve a responder",
            "it clears when the service answers again",
        ),
        AlertKind::TransferOverdue { .. } => lang.pick(
            "lo resuelven el origen y el destino de la transferencia",
            "the two ends of the transfer resolve it",
        ),
        AlertKind::LedgerFork { peer, .. } if *peer != alert.warehouse => lang.pick(
            "pare el proceso de más; si vale la historia que aquí se sigue, admítala: a en los pares, o peers admit",
            "stop the process that is one too many; if the history followed here counts, admit it: a in the peers, or \
             peers admit",
        ),
        AlertKind::LedgerFork { .. } | AlertKind::TwoClusters { .. } | AlertKind::RosterSplit { .. } => lang
            .pick(
                "lo arregla quien lleva los nodos, no el almacén",
                "whoever runs the nodes settles it, not the warehouse",
            ),
        _ => lang.pick("se quita sola cuando pasa la causa", "it clears by itself when its cause has passed"),
    }
}

/// Draws the pane.
pub fn draw(view: &View, theme: &Theme, frame: &mut Frame, area: Rect, has_focus: bool) {
    let lang = view.lang();
    let alerts = &view.model().alerts;
    let title = format!("4 {}", Place::Alerts.name(lang));
    let open = badges::spans(badges::of(alerts.iter(), theme));
    let inner = pane::draw(frame, area, theme, &title, open, has_focus);
    if inner.is_empty() {
        return;
    }
    if alerts.is_empty() {
        let text = match view.link() {
            Link::Loading => lang.pick("cargando…", "loading…"),
            _ => lang.pick("Todo en orden", "All is well"),
        };
        pane::message(frame, inner, theme, text);
        return;
    }
    let cursor = view.alerts_cursor();
    let each = rows_each(area);
    let mut lines: Vec<Line> = Vec::new();
    for at in cursor.window(alerts.len(), height(area)) {
        let Some(alert) = alerts.get(at) else { continue };
        let is_here = at == cursor.at && has_focus;
        for row in rows(view, theme, alert, inner.width, each) {
            lines.push(selected(row, is_here, has_focus, theme));
        }
    }
    frame.render_widget(Paragraph::new(lines), inner);
}

fn rows<'a>(view: &View, theme: &Theme, alert: &Alert, width: u16, each: u16) -> Vec<Line<'a>> {
    let lang = view.lang();
    let (sign, style) = look(alert, theme);
    let lead = text::width(sign) + 2;
    let room = usize::from(width).saturating_sub(lead + 1).max(1);
    let mut said = alert_line(lang, alert, view.now().wall_ms);
    if theme.ascii {
        said = said.replace('→', theme.signs.to).replace('≤', theme.signs.at_most);
    }
    let mut tail = String::new();
    if let Some(who) = &alert.acknowledged_by {
        tail = format!(" {}{who}", theme.signs.done);
    } else if resolves(alert, view.own())
        && let Some(key) = view.key_of(crate::ui::Action::Resolve, Place::Alerts)
    {
        tail = format!(" [{key}]");
    }
    let look = if alert.acknowledged_by.is_some() { theme.dim } else { theme.normal };
    let mut wrapped = lines_beside(&said, &tail, room, usize::from(each), theme.signs.more);
    let each = usize::from(each);
    wrapped.resize(each, String::new());
    let rows = wrapped.into_iter().enumerate().map(|(i, part)| {
        let lead = if i == 0 { format!(" {sign} ") } else { " ".repeat(lead) };
        Line::from(vec![Span::styled(lead, style), Span::styled(part, look)])
    });
    rows.collect()
}

/// At most so many lines, with a tail at the right of the last one, or of the first where only there is room.
fn lines_beside(said: &str, tail: &str, room: usize, most: usize, more: &str) -> Vec<String> {
    let beside = room.saturating_sub(text::width(tail));
    let mut lines = text::wrap(said, room);
    let mut at = lines.len().saturating_sub(1);
    let fits = lines.len() <= most && lines.last().is_some_and(|last| text::width(last) <= beside);
    if !fits {
        lines = text::wrap(said, beside);
        at = 0;
        if most > 1 && lines.len() > 1 {
            let rest = lines.split_off(1).join(" ");
            lines.extend(text::wrap(&rest, room));
        }
        if lines.len() > most {
            let rest = lines.split_off(most - 1).join(" ");
            lines.push(text::clip(&rest, if most == 1 { beside } else { room }, more));
        }
    }
    if let Some(line) = lines.get_mut(at) {
        *line = text::left(line, beside, more) + tail;
    }
    lines
}
