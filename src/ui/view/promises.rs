//! Reservations and expected receipts: the screen of them, and what is done with the one under the cursor.

use super::{Screen, View};
use crate::text::Lang;
use crate::ui::action::Action;
use crate::ui::forms::{FormKind, Prefill};
use crate::ui::keys::Place;
use crate::ui::screens::promises::{Kind, Promise, Promises};

impl View {
    /// The screen of reservations and expected receipts.
    #[must_use]
    pub const fn promises(&self) -> &Promises {
        &self.promises
    }

    /// Shows what is promised, that of the product under the cursor first.
    pub(super) fn go_to_promises(&mut self) {
        let first = self.selected_sku().cloned();
        self.card = None;
        self.filtering = false;
        self.screen = Screen::Promises;
        self.promises.open(first, &self.model);
    }

    /// The promise under the cursor, where it is this warehouse's.
    fn own_promise(&self) -> Option<&Promise> {
        let on_screen = (self.place() == Place::Promises).then(|| self.promises.selected()).flatten();
        on_screen.filter(|promise| self.own.as_ref() == Some(&promise.id.origin))
    }

    /// Goods out or in; on the screen of promises, against the one under the cursor.
    pub(super) fn open_booking(&mut self, action: Action) {
        let (kind, of) = match action {
            Action::Issue => (FormKind::Issue, Kind::Reservation),
            _ => (FormKind::Receipt, Kind::Expected),
        };
        match self.own_promise().filter(|promise| promise.kind == of) {
            Some(promise) => {
                let (sku, against) = (Some(promise.sku.clone()), Some(promise.id.clone()));
                self.open_prefilled(kind, &Prefill { sku, against, ..Prefill::default() });
            }
            None => self.open_form(kind),
        }
    }

    pub(super) fn let_go(&mut self) {
        let kind = self.own_promise().map(|promise| match promise.kind {
            Kind::Reservation => FormKind::Release(promise.id.clone()),
            Kind::Expected => FormKind::CloseExpected(promise.id.clone()),
        });
        if let Some(kind) = kind {
            self.open_form(kind);
        }
    }

    pub(super) fn why_not_let_go(&self) -> Option<String> {
        let lang = self.lang;
        match self.promises.selected() {
            None => Some(lang.pick("nada seleccionado", "nothing selected").to_owned()),
            Some(_) if self.own_promise().is_some() => None,
            Some(promise) => {
                let place = &promise.id.origin;
                Some(match lang {
                    Lang::Es => format!("es de {place}: solo allí se libera o se cierra"),
                    Lang::En => format!("it is {place}'s: only there is it released or closed"),
                })
            }
        }
    }
}
