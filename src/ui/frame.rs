//! A frame: what the view holds, drawn; nothing is changed by it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Clear, Paragraph};

use super::hints;
use super::keys::{FormKey, Place};
use super::layout;
use super::overlays::Overlay;
use super::panes::{alerts, history, peers, stock};
use super::parts::{pane, text};
use super::screens::{board, card, promises, replenish, snapshots, stocktake, today, top};
use super::theme::Theme;
use super::toasts::Tone;
use super::view::View;
use crate::text::Lang;

/// Draws everything.
pub fn draw(view: &View, theme: &Theme, frame: &mut Frame) {
    let window = frame.area();
    if layout::is_too_small(window.as_size()) {
        draw_notice(view, theme, frame, window);
        return;
    }
    let areas = layout::areas(window.as_size(), top::banner(view, window.width).len());
    top::draw(view, theme, frame, areas.top);
    top::draw_banner(view, theme, frame, areas.banner);
    match view.place() {
        Place::Card => card::draw(view, theme, frame, areas.body),
        Place::Transfers => board::draw(view, theme, frame, areas.body),
        Place::Snapshots => snapshots::draw(view, theme, frame, areas.body),
        Place::Promises => promises::draw(view, theme, frame, areas.body),
        Place::Stocktake => stocktake::draw(view, theme, frame, areas.body),
        Place::Replenish => replenish::draw(view, theme, frame, areas.body),
        Place::Today => today::draw(view, theme, frame, areas.body),
        focus => {
            for (place, area) in view.panes() {
                let has_focus = place == focus;
                match place {
                    Place::Stock => stock::draw(view, theme, frame, area, has_focus),
                    Place::History => history::draw(view, theme, frame, area, has_focus),
                    Place::Peers => peers::draw(view, theme, frame, area, has_focus),
                    Place::Alerts => alerts::draw(view, theme, frame, area, has_focus),
                    Place::Transfers
                    | Place::Card
                    | Place::Snapshots
                    | Place::Promises
                    | Place::Stocktake
                    | Place::Replenish
                    | Place::Today => {}
                }
            }
        }
    }
    hints::draw(view, theme, frame, areas.hints);
    for overlay in view.overlays() {
        draw_overlay(view, theme, frame, areas.body, overlay);
    }
    if view.overlays().is_empty() {
        hints::draw_which_key(view, theme, frame, areas.body);
    }
    draw_toasts(view, theme, frame, areas.body);
    if theme.ascii {
        in_ascii(frame);
    }
}

/// Signs within sentences, as ASCII knows them; letters stay, whatever language they are of.
fn in_ascii(frame: &mut Frame) {
    for cell in &mut frame.buffer_mut().content {
        let plain = match cell.symbol() {
            "←" | "‹" => "<",
            "→" | "›" => ">",
            "↑" => "^",
            "↓" => "v",
            "…" | "≈" | "±" => "~",
            "·" | "—" | "–" | "−" => "-",
            "«" | "»" => "\"",
            "×" => "x",
            _ => continue,
        };
        cell.set_symbol(plain);
    }
}

/// The window is too small to work in; scans that come are counted.
fn draw_notice(view: &View, theme: &Theme, frame: &mut Frame, area: Rect) {
    let lang = view.lang();
    let mut words = lang.pick("Ventana demasiado pequeña", "Window too small").to_owned();
    let scans = view.waiting_scans().len();
    if scans > 0 {
        let kept = match scans {
            1 => lang.pick("1 lectura guardada", "1 scan kept").to_owned(),
            n => format!("{n} {}", lang.pick("lecturas guardadas", "scans kept")),
        };
        words = format!("{words}. {kept}");
    }
    pane::message(frame, area, theme, &words);
}

fn draw_overlay(view: &View, theme: &Theme, frame: &mut Frame, area: Rect, overlay: &Overlay) {
    let lang = view.lang();
    match overlay {
        Overlay::Form(open) => {
            let place = open.place(area);
            frame.render_widget(Clear, place);
            open.form.draw(frame, place, theme, &view.form_context());
        }
        Overlay::Dialog(dialog) => dialog.draw(frame, area, theme, lang),
        Overlay::Help(help) => help.draw(view, theme, frame, area),
        Overlay::Palette(palette) => palette.draw(view, theme, frame, area),
        Overlay::Which(which) => which.draw(view, theme, frame, area),
        Overlay::Details(id) => {
            let Some(transfer) = view.model().transfers.get(id) else { return };
            let width = 80.min(area.width);
            let lines = board::details_lines(view, theme, transfer, usize::from(width.saturating_sub(2)));
            let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
            let place = pane::middle(area, width, height);
            let inner = pane::on_top(frame, place, theme, &board::headline(transfer, theme));
            frame.render_widget(Paragraph::new(lines), inner);
        }
        Overlay::Scans(scans) => {
            let title = lang.pick("Lecturas guardadas", "Scans kept");
            let height = u16::try_from(scans.len() + 4).unwrap_or(u16::MAX);
            let inner = pane::on_top(frame, pane::middle(area, 56, height), theme, title);
            let most = usize::from(inner.height.saturating_sub(2));
            let room = usize::from(inner.width.saturating_sub(2));
            let mut lines: Vec<Line> = scans
                .iter()
                .take(most)
                .map(|s| Line::raw(format!(" {}", text::clip(s, room, theme.signs.more))))
                .collect();
            lines.push(Line::default());
            let (take, drop) = (view.form_key(FormKey::Enter), view.form_key(FormKey::Leave));
            let hint = match lang {
                Lang::Es => format!(" {take} tomarlas   {drop} descartarlas"),
                Lang::En => format!(" {take} take them   {drop} drop them"),
            };
            lines.push(Line::styled(hint, theme.key));
            frame.render_widget(Paragraph::new(lines), inner);
        }
    }
}

fn draw_toasts(view: &View, theme: &Theme, frame: &mut Frame, body: Rect) {
    let mut bottom = body.bottom().saturating_sub(1);
    // A form's keys stay in sight: they say the way out.
    let keys = match view.overlays().last() {
        Some(Overlay::Form(open)) => Some(open.place(body).bottom().saturating_sub(2)),
        _ => None,
    };
    for toast in view.toasts().shown().iter().rev() {
        let (sign, style) = match toast.tone {
            Tone::Done => (theme.signs.done, theme.ok),
            Tone::Note => (theme.signs.info, theme.focus),
            Tone::Error => (theme.signs.error, theme.error),
        };
        let widest = usize::from(body.width.saturating_sub(6)).clamp(1, 70);
        let lines = text::wrap(&format!("{sign} {}", toast.text), widest);
        let width = lines.iter().map(|l| text::width(l)).max().unwrap_or(0) + 4;
        let width = u16::try_from(width).unwrap_or(u16::MAX).min(body.width.saturating_sub(2));
        let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
        if let Some(row) = keys.filter(|row| (bottom.saturating_sub(height)..bottom).contains(row)) {
            bottom = row;
        }
        if bottom.saturating_sub(height) < body.y {
            break;
        }
        bottom -= height;
        let place = Rect { x: body.right() - width - 1, y: bottom, width, height };
        frame.render_widget(Clear, place);
        let block = ratatui::widgets::Block::bordered().border_set(theme.border).border_style(style);
        let inner = block.inner(place);
        frame.render_widget(block, place);
        let lines: Vec<_> = lines.into_iter().map(|l| Line::styled(format!(" {l}"), style)).collect();
        frame.render_widget(Paragraph::new(lines), inner);
    }
}
