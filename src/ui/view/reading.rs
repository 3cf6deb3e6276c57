//! What the screens read of the view.

use ratatui::layout::Size;

use super::{Link, View};
use crate::domain::{Operator, WarehouseId};
use crate::node::event::CatchingUp;
use crate::text::{Lang, catching_up};
use crate::ui::Model;
use crate::ui::action::Action;
use crate::ui::keys::{FormKey, Keymap, Place};
use crate::ui::moment::Moment;
use crate::ui::overlays::Overlay;
use crate::ui::panes::history::History;
use crate::ui::panes::stock::Stock;
use crate::ui::parts::cursor::Cursor;
use crate::ui::requests::Requests;
use crate::ui::screens::board::Board;
use crate::ui::screens::card::Card;
use crate::ui::screens::replenish::Run;
use crate::ui::screens::snapshots::Viewer;
use crate::ui::screens::stocktake::CountSheet;
use crate::ui::toasts::Toasts;

impl View {
    /// The language.
    #[must_use]
    pub const fn lang(&self) -> Lang {
        self.lang
    }

    /// Who works here.
    #[must_use]
    pub const fn operator(&self) -> Option<&Operator> {
        self.operator.as_ref()
    }

    /// This warehouse, once told.
    #[must_use]
    pub const fn own(&self) -> Option<&WarehouseId> {
        self.own.as_ref()
    }

    /// The moment of the last wake.
    #[must_use]
    pub const fn now(&self) -> &Moment {
        &self.now
    }

    /// How it stands with the node.
    #[must_use]
    pub const fn link(&self) -> &Link {
        &self.link
    }

    /// How far catching up with the others is, while much of their ledgers is missing.
    #[must_use]
    pub fn catching_up(&self) -> Option<&CatchingUp> {
        let status = self.model.status.as_ref().filter(|_| matches!(self.link, Link::Live))?;
        status.catching_up.as_ref()
    }

    /// Why a list is empty that will not stay so.
    #[must_use]
    pub fn still_coming(&self) -> Option<String> {
        let status = self.model.status.as_ref().filter(|_| matches!(self.link, Link::Live))?;
        catching_up::still_coming(self.lang, status)
    }

    /// The world as last told.
    #[must_use]
    pub const fn model(&self) -> &Model {
        &self.model
    }

    /// The stock pane.
    #[must_use]
    pub const fn stock(&self) -> &Stock {
        &self.stock
    }

    /// The movements pane.
    #[must_use]
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// The cursor of the peers pane.
    #[must_use]
    pub const fn peers_cursor(&self) -> Cursor {
        self.peers
    }

    /// The cursor of the alerts pane.
    #[must_use]
    pub const fn alerts_cursor(&self) -> Cursor {
        self.alerts
    }

    /// The transfers screen.
    #[must_use]
    pub const fn board(&self) -> &Board {
        &self.board
    }

    /// The product card, if it is open.
    #[must_use]
    pub const fn card(&self) -> Option<&Card> {
        self.card.as_ref()
    }

    /// The snapshots screen.
    #[must_use]
    pub const fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// The stocktake's lines.
    #[must_use]
    pub const fn sheet(&self) -> &CountSheet {
        &self.sheet
    }

    /// The replenishment run.
    #[must_use]
    pub const fn run(&self) -> &Run {
        &self.run
    }

    /// What lies on top.
    #[must_use]
    pub fn overlays(&self) -> &[Overlay] {
        &self.overlays
    }

    /// Messages.
    #[must_use]
    pub const fn toasts(&self) -> &Toasts {
        &self.toasts
    }

    /// What was asked of the node.
    #[must_use]
    pub const fn requests(&self) -> &Requests {
        &self.requests
    }

    /// The keys.
    #[must_use]
    pub fn keymap(&self) -> &Keymap {
        &self.keymap
    }

    /// A key of forms, as it is written.
    #[must_use]
    pub fn form_key(&self, does: FormKey) -> String {
        self.keymap.form_key(does)
    }

    /// That a filter leaves nothing, and how it goes.
    #[must_use]
    pub fn nothing_matches(&self) -> String {
        let key = self.key_of(Action::Escape, self.place()).unwrap_or_default();
        match self.lang {
            Lang::Es => format!("Nada coincide con la búsqueda; {key} la quita"),
            Lang::En => format!("Nothing matches; {key} clears the filter"),
        }
    }

    /// The first key of an action in a place.
    #[must_use]
    pub fn key_of(&self, action: Action, place: Place) -> Option<String> {
        self.keymap.row(action, place)?.key()
    }

    /// The size of the window.
    #[must_use]
    pub const fn size(&self) -> Size {
        self.size
    }
}
