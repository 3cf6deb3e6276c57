//! The mouse: nothing needs it, and what it points at answers.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::{Screen, View};
use crate::ui::action::Action;
use crate::ui::hints;
use crate::ui::keys::Place;
use crate::ui::layout;
use crate::ui::overlays::Overlay;
use crate::ui::overlays::dialog::Answer;
use crate::ui::panes::alerts;
use crate::ui::screens::board;
use crate::ui::screens::snapshots::Opened;

/// Two clicks within this are one double click.
const TWICE: Duration = Duration::from_millis(400);

impl View {
    pub(super) fn mouse(&mut self, mouse: MouseEvent, at: Duration) {
        let place = Position::new(mouse.column, mouse.row);
        match mouse.kind {
            _ if layout::is_too_small(self.size) => {}
            MouseEventKind::ScrollDown => self.wheel(place, true),
            MouseEventKind::ScrollUp => self.wheel(place, false),
            MouseEventKind::Down(MouseButton::Left) => {
                let again = self
                    .clicked
                    .replace((at, place))
                    .is_some_and(|(before, of)| of == place && at.saturating_sub(before) <= TWICE);
                if self.overlays.is_empty() {
                    self.click(place, again);
                } else {
                    self.click_overlay(place);
                }
            }
            _ => self.is_dirty = false,
        }
    }

    /// The wheel moves what is under it; on top of everything, as the arrows do.
    fn wheel(&mut self, at: Position, down: bool) {
        let (action, code) = if down { (Action::Down, KeyCode::Down) } else { (Action::Up, KeyCode::Up) };
        match self.overlays.last() {
            Some(Overlay::Help(_) | Overlay::Palette(_)) => {
                self.on_top(KeyEvent::from(code), KeyEvent::from(code));
            }
            Some(_) => {}
            None => {
                let under = self.panes().into_iter().find(|(_, area)| area.contains(at));
                if let Some((pane, _)) = under.filter(|_| self.screen == Screen::Home && self.card.is_none())
                    && pane != self.focus
                {
                    self.go_to(pane);
                }
                self.perform(action);
            }
        }
    }

    fn click_overlay(&mut self, at: Position) {
        let (place, lang, body) = (self.place(), self.lang, self.areas().body);
        match self.overlays.last_mut() {
            Some(Overlay::Palette(palette)) => {
                if let Some((action, elsewhere)) = palette.at(body, at, &self.keymap, place, lang) {
                    self.overlays.pop();
                    self.perform_in(action, elsewhere);
                }
            }
            Some(Overlay::Dialog(dialog)) => match dialog.at(body, at, lang) {
                Answer::Open => {}
                Answer::Yes => self.answered_dialog(true),
                Answer::No => self.answered_dialog(false),
            },
            Some(Overlay::Help(_) | Overlay::Details(_)) => drop(self.overlays.pop()),
            Some(Overlay::Form(_) | Overlay::Scans(_) | Overlay::Which(_)) | None => {}
        }
    }

    /// A click puts the cursor there; another one on the same place opens what it is on. A key of the hints is as good
    /// as pressed.
    fn click(&mut self, at: Position, again: bool) {
        if self.areas().hints.contains(at) {
            let hints = hints::shown(self, usize::from(self.size.width));
            let x = usize::from(at.x);
            if let Some(hint) = hints.into_iter().find(|h| h.columns().contains(&x)) {
                self.perform(hint.action);
            }
            return;
        }
        if again && self.why_not(Action::Open).is_none() {
            self.perform(Action::Open);
            return;
        }
        self.stop_typing();
        let row_in = |top: u16| usize::from(at.y.saturating_sub(top));
        if self.card.is_some() {
            return;
        }
        if self.screen == Screen::Transfers {
            let (columns, _) = board::areas(self.areas().body, self.board.column);
            for (i, area) in columns.into_iter().filter(|(_, area)| area.contains(at)) {
                self.board.column = i;
                if at.y > area.y
                    && let Some(cursor) = self.board.cursors.get_mut(i)
                {
                    cursor.at = cursor.top + row_in(area.y + 1) / 2;
                }
            }
            return;
        }
        if self.screen == Screen::Snapshots {
            let body = self.areas().body;
            if matches!(self.viewer.opened, Opened::List) && at.y > body.y {
                self.viewer.cursor.at = self.viewer.cursor.top + row_in(body.y + 1);
            }
            return;
        }
        if self.screen == Screen::Promises {
            let body = self.areas().body;
            if at.y > body.y + 1 {
                self.promises.cursor.at = self.promises.cursor.top + row_in(body.y + 2);
            }
            return;
        }
        if self.screen == Screen::Today {
            let body = self.areas().body;
            if at.y > body.y + 1 {
                self.today.cursor.at = self.today.cursor.top + row_in(body.y + 2);
            }
            return;
        }
        if self.screen == Screen::Stocktake {
            // The frame, the sorts of lines and the headings stand above.
            if at.y > self.areas().body.y + 2 {
                self.sheet.cursor.at = self.sheet.cursor.top + row_in(self.areas().body.y + 3);
            }
            return;
        }
        if self.screen == Screen::Replenish {
            let body = self.areas().body;
            if at.y > body.y + 1 && row_in(body.y + 2) < self.height_of(Place::Replenish) {
                self.run.cursor.at = self.run.cursor.top + row_in(body.y + 2);
            }
            return;
        }
        let Some((place, area)) = self.panes().into_iter().find(|(_, area)| area.contains(at)) else {
            return;
        };
        self.go_to(place);
        let row = row_in(area.y + 1);
        match place {
            Place::Stock if at.y > area.y + 1 => self.stock.cursor.at = self.stock.cursor.top + row - 1,
            Place::History if at.y > area.y => self.history.cursor.at = self.history.cursor.top + row,
            Place::Peers if at.y > area.y => self.peers.at = self.peers.top + row,
            Place::Alerts if at.y > area.y => {
                self.alerts.at = self.alerts.top + row / usize::from(alerts::rows_each(area));
            }
            _ => {}
        }
    }
}
