//! Pane 3: the other warehouses: heard of or not, how far, how well their clocks agree, what is missing of them.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::stock::selected;
use super::{badges, locks};
use crate::node::event::{PeerState, PeerView, Standing};
use crate::text::{Lang, catching_up, clock, format, refusals, words};
use crate::ui::keys::Place;
use crate::ui::parts::table::{Cell, Column, Side, fit, line};
use crate::ui::parts::{pane, text};
use crate::ui::theme::Theme;
use crate::ui::view::{Link, View};

/// The sign and style of a peer's state.
#[must_use]
pub const fn look(state: PeerState, theme: &Theme) -> (&'static str, Style) {
    match state {
        PeerState::Alive => (theme.signs.alive, theme.ok),
        PeerState::Suspect => (theme.signs.suspect, theme.warning),
        PeerState::Down => (theme.signs.down, theme.error),
    }
}

/// A round trip or offset that changed by more than this is always shown anew, a fifth or not.
const STEADY_MS: f64 = 500.0;

/// Round trips and offsets jitter: what has not changed by a fifth or two milliseconds is shown as before.
pub fn steady(shown: &[PeerView], told: &mut [PeerView]) {
    for peer in told {
        let Some(before) = shown.iter().find(|p| p.id == peer.id) else { continue };
        for (old, new) in [
            (before.rtt_ms, &mut peer.rtt_ms),
            (before.offset_ms, &mut peer.offset_ms),
            (before.error_ms, &mut peer.error_ms),
        ] {
            if let (Some(a), Some(b)) = (old, *new) {
                let is_near = (a - b).abs() < 2.0 || (a - b).abs() < (a.abs() * 0.2).min(STEADY_MS);
                if is_near {
                    *new = Some(a);
                }
            }
        }
    }
}

/// Whether two states of the peers look alike; when a living one was last heard isn't shown.
#[must_use]
pub fn look_alike(a: &[PeerView], b: &[PeerView]) -> bool {
    let shown = |p: &PeerView| PeerView {
        last_seen_ms: if p.state == PeerState::Alive { None } else { p.last_seen_ms },
        ..p.clone()
    };
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| shown(a) == shown(b))
}

/// That nothing is missing of a peer.
const fn up_to_date(lang: Lang) -> &'static str {
    lang.pick("al día", "up to date")
}

/// How a peer is, in words, with the age of what is known of it.
#[must_use]
pub fn state_words(peer: &PeerView, lang: Lang, now_ms: i64, dot: &str) -> String {
    if let Some(word) = words::standing(lang, peer.standing) {
        return word.to_owned();
    }
    if peer.quarantine.is_some() {
        return words::set_apart(lang).to_owned();
    }
    match peer.state {
        PeerState::Alive if peer.lag_entries == 0 => up_to_date(lang).to_owned(),
        PeerState::Alive => {
            let n = format::whole(i64::try_from(peer.lag_entries).unwrap_or(i64::MAX), lang);
            match (lang, peer.lag_entries) {
                (Lang::Es, 1) => "falta 1 asiento".to_owned(),
                (Lang::En, 1) => "1 entry behind".to_owned(),
                (Lang::Es, _) => format!("faltan {n} asientos"),
                (Lang::En, _) => format!("{n} entries behind"),
            }
        }
        state => {
            let word = words::peer(lang, state);
            let aged = peer.last_seen_ms.filter(|seen| now_ms.saturating_sub(*seen) >= 10_000);
            aged.map_or_else(
                || word.to_owned(),
                |seen| format!("{word} {dot} {}", format::ago(seen, now_ms, lang)),
            )
        }
    }
}

/// A peer's figures in one phrase, as remote goods are told: `as of 4 min ago · unreachable`.
#[must_use]
pub fn as_of(peer: &PeerView, lang: Lang, now_ms: i64, dot: &str) -> String {
    let Some(seen) = peer.last_seen_ms else {
        return lang.pick("nunca visto", "never seen").to_owned();
    };
    if peer.quarantine.is_some() {
        return words::set_apart(lang).to_owned();
    }
    match peer.state {
        PeerState::Alive if peer.lag_entries == 0 => up_to_date(lang).to_owned(),
        state => {
            let age = format::ago(seen, now_ms, lang);
            let reach = match state {
                PeerState::Alive => lang.pick("poniéndose al día", "catching up"),
                PeerState::Suspect => lang.pick("no contesta", "not answering"),
                PeerState::Down => lang.pick("inalcanzable", "unreachable"),
            };
            match lang {
                Lang::Es => format!("{age} {dot} {reach}"),
                Lang::En => format!("as of {age} {dot} {reach}"),
            }
        }
    }
}

/// Draws the pane.
pub fn draw(view: &View, theme: &Theme, frame: &mut Frame, area: Rect, has_focus: bool) {
    let lang = view.lang();
    let peers = &view.model().peers;
    let title = format!("3 {}", Place::Peers.name(lang));
    let inner = pane::draw(frame, area, theme, &title, Vec::new(), has_focus);
    if inner.is_empty() {
        return;
    }
    if peers.is_empty() && view.model().locks.is_empty() {
        let text = match view.link() {
            Link::Loading => lang.pick("cargando…", "loading…"),
            _ => lang.pick(
                "Ningún otro almacén se ha dado a conocer aún",
                "No other warehouse has shown itself yet",
            ),
        };
        pane::message(frame, inner, theme, text);
        return;
    }
    let widest = peers.iter().map(|p| p.id.as_str().len()).max().unwrap_or(0).clamp(6, 12);
    let width = usize::from(inner.width).saturating_sub(1);
    let figures =
        [2, 3].map(|i| peers.iter().map(|p| text::width(&cell(view, theme, p, i).0)).max().unwrap_or(0));
    let cursor = view.peers_cursor();
    let mut lines = Vec::new();
    let note = note(view, usize::from(inner.width));
    let height = usize::from(inner.height);
    let room = height.saturating_sub(note.len()).max(height.min(1));
    for at in cursor.window(view.peer_rows(), room) {
        let is_here = at == cursor.at;
        let mut row = match (peers.get(at), view.lock_at(at)) {
            (Some(peer), _) => {
                let words = cell(view, theme, peer, 4).0;
                let columns = columns(peer, widest, figures, &words, width, lang);
                let mut widths = fit(&columns, width);
                let badges = badge(view, theme, peer, &mut widths);
                let mut row = line(&columns, &widths, theme.signs.more, |i| cell(view, theme, peer, i));
                row.spans.extend(badges);
                row
            }
            (None, Some(lock)) => locks::row(view, theme, lock, width),
            (None, None) => continue,
        };
        let lead = if is_here && has_focus { theme.signs.cursor } else { " " };
        row.spans.insert(0, Span::styled(lead, theme.focus));
        lines.push(selected(row, is_here && has_focus, has_focus, theme));
    }
    let room = height.saturating_sub(lines.len());
    lines.extend(note.into_iter().take(room).map(|words| Line::styled(words, theme.dim)));
    frame.render_widget(Paragraph::new(lines), inner);
}

/// The columns of one peer in so much room: no figure is ever cut. That all is well is left out first, which its sign
/// tells, too; anything else is said whole, before the figures; who is not heard of has none.
fn columns(
    peer: &PeerView,
    widest: usize,
    [rtt, offset]: [usize; 2],
    words: &str,
    room: usize,
    lang: Lang,
) -> [Column; 5] {
    let is_alive = peer.state == PeerState::Alive;
    let column = |width, grows, rank, side| Column { title: String::new(), width, grows, rank, side };
    let [rtt, offset] = if is_alive { [rtt, offset] } else { [0, 0] };
    let rank = if words == up_to_date(lang) { 4 } else { 1 };
    let words = text::width(words).min(room.saturating_sub(widest + 3));
    [
        column(1, false, 0, Side::Left),
        column(widest, false, 0, Side::Left),
        column(rtt, false, 3, Side::Right),
        column(offset, false, 2, Side::Right),
        column(words, true, rank, Side::Left),
    ]
}

/// The lines below the rows.
#[must_use]
pub fn note(view: &View, width: usize) -> Vec<String> {
    let progress = view.catching_up().map(|progress| catching_up::sentence(view.lang(), progress));
    let notes = progress.into_iter().chain(too_few(view)).chain(refused(view).filter(|_| view.is_zoomed()));
    // They begin where the rows do.
    let room = width.saturating_sub(1).max(1);
    notes.flat_map(|words| text::wrap(&words, room)).map(|line| format!(" {line}")).collect()
}

/// What others said and this node didn't take.
fn refused(view: &View) -> Option<String> {
    let lang = view.lang();
    let refused = refusals(lang, &view.model().status.as_ref()?.refused)?;
    Some(format!("{}: {refused}", lang.pick("Rechazado desde el arranque", "Refused since the start")))
}

/// What can't be done while too few of the network's warehouses are heard of, and what can.
fn too_few(view: &View) -> Option<String> {
    let (model, lang) = (view.model(), view.lang());
    let members = model.status.as_ref().map_or(0, |status| status.roster.members.len());
    let heard = |p: &&PeerView| p.standing == Standing::Member && p.state != PeerState::Down;
    let alive = 1 + model.peers.iter().filter(heard).count();
    if members < 2 || alive > members / 2 {
        return None;
    }
    let new_key = model.peers.iter().find(|p| p.standing == Standing::OtherKey && p.state != PeerState::Down);
    if let Some(PeerView { id, .. }) = new_key {
        // That one thing is decided without it.
        return Some(match lang {
            Lang::Es => format!(
                "Se oye a {alive} de {members}, y a {id} con otra clave: admítala (a); hasta entonces no hay cerrojos ni \
                 otros cambios de la red; lo propio sigue."
            ),
            Lang::En => format!(
                "{alive} of {members} are heard, and {id} with another key: admit it (a); until then no locks and no other \
                 change of the network; own work goes on."
            ),
        });
    }
    Some(match lang {
        Lang::Es => format!(
            "Se oye a {alive} de {members}: sin mayoría no hay cerrojos, altas ni bajas; lo propio sigue."
        ),
        Lang::En => format!(
            "{alive} of {members} are heard: without a majority no locks, nobody admitted or retired; own work goes on."
        ),
    })
}

/// The alerts about a peer, in what its state leaves of its column: all, or the worst; none rather than cut its age.
fn badge<'a>(view: &View, theme: &Theme, peer: &PeerView, widths: &mut [(usize, usize)]) -> Vec<Span<'a>> {
    let mut badges = badges::of(badges::about(&view.model().alerts, &peer.id), theme);
    let Some((4, state)) = widths.last_mut() else { return Vec::new() };
    let words = text::width(&cell(view, theme, peer, 4).0);
    loop {
        if badges.is_empty() {
            return Vec::new();
        }
        let mut spans = vec![Span::raw(" ")];
        spans.extend(badges::spans(badges.clone()));
        let takes: usize = spans.iter().map(Span::width).sum();
        if words + takes <= *state {
            *state -= takes;
            return spans;
        }
        badges.truncate(usize::from(badges.len() > 1));
    }
}

fn cell(view: &View, theme: &Theme, peer: &PeerView, column: usize) -> Cell {
    let lang = view.lang();
    let (sign, style) = look(peer.state, theme);
    let style = if peer.quarantine.is_some() { theme.error } else { style };
    let is_alive = peer.state == PeerState::Alive;
    let quiet = if is_alive { theme.normal } else { theme.dim };
    match column {
        0 => (sign.to_owned(), style),
        1 => (peer.id.to_string(), theme.normal),
        2 => {
            let rtt = peer.rtt_ms.map(|ms| clock::lasting(lang, ms));
            (rtt.filter(|_| is_alive).unwrap_or_default(), quiet)
        }
        3 => {
            let offset = peer.offset_ms.map(|ms| clock::offset(lang, ms, peer.error_ms, theme.signs.about));
            (offset.filter(|_| is_alive).unwrap_or_default(), quiet)
        }
        _ => {
            let style = if is_alive && peer.lag_entries == 0 && peer.quarantine.is_none() {
                theme.normal
            } else {
                style
            };
            let unfinished = view.catching_up().and_then(|progress| progress.unfinished(&peer.id));
            let words = match unfinished.filter(|_| is_alive && peer.standing.belongs()) {
                Some(ledger) => catching_up::ledger(lang, ledger),
                None => state_words(peer, lang, view.now().wall_ms, theme.signs.dot),
            };
            (words, style)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::domain::WarehouseId;

    fn peer(rtt: f64) -> PeerView {
        PeerView {
            id: WarehouseId::new("sevilla").unwrap(),
            standing: Standing::Member,
            state: PeerState::Alive,
            rtt_ms: Some(rtt),
            offset_ms: None,
            error_ms: None,
            lag_entries: 0,
            has_ours: 0,
            applied: 1,
            last_seen_ms: Some(0),
            quarantine: None,
        }
    }

    #[test]
    fn a_round_trip_that_jitters_changes_nothing_shown() {
        for (new, is_alike) in [(31.0, true), (35.9, true), (37.0, false), (20.0, false)] {
            let mut told = [peer(new)];
            told[0].last_seen_ms = Some(99);
            steady(&[peer(30.0)], &mut told);
            assert_eq!(look_alike(&[peer(30.0)], &told), is_alike, "{new}");
        }
        let mut hours = [PeerView { offset_ms: Some(10_860_000.0), ..peer(30.0) }];
        steady(&[PeerView { offset_ms: Some(10_800_000.0), ..peer(30.0) }], &mut hours);
        assert_eq!(hours[0].offset_ms, Some(10_860_000.0), "a minute more is shown, though it is no fifth");
    }
}
