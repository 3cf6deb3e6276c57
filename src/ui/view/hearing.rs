//! From the keyboard, the mouse and the window to wishes.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind};
use ratatui::layout::Size;

use super::{Before, Link, Screen, View};
use crate::domain::{Operator, TransferId, TransferState};
use crate::ui::action::Action;
use crate::ui::forms::{self, FormKind, Named, StocktakeStep};
use crate::ui::keys::{Found, Place, Press};
use crate::ui::layout;
use crate::ui::overlays::Overlay;
use crate::ui::overlays::dialog::{Answer, Dialog, Then};
use crate::ui::overlays::list::{Help, Palette, Picked};
use crate::ui::overlays::which::{Chosen, Which};
use crate::ui::scan::Heard;
use crate::ui::screens::card::{self, Card};
use crate::ui::toasts::Tone;
use crate::ui::wake::{Effect, Sound};

impl View {
    pub(super) fn hear_event(&mut self, event: Event, at: Duration) {
        self.is_dirty = true;
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => self.hear_key(key, at),
            Event::Paste(text) => {
                self.toasts.key();
                // Several lines are several scans; text that is pasted into a field stays one.
                for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
                    self.scan(line.to_owned());
                }
            }
            Event::Resize(width, height) => self.size = Size::new(width, height),
            Event::Mouse(mouse) => self.mouse(mouse, at),
            _ => {}
        }
    }

    fn hear_key(&mut self, key: KeyEvent, at: Duration) {
        self.toasts.key();
        if self.scanner.begins(key, at) {
            self.before = self.remember();
        }
        let hold = !self.takes_text() && !self.only_moves(key);
        for heard in self.scanner.key(key, at, hold) {
            self.heard(heard);
        }
    }

    pub(super) fn heard(&mut self, heard: Heard) {
        match heard {
            Heard::Key(key) => self.key(key),
            Heard::Scan(text) => {
                self.forget_burst();
                self.scan(text);
            }
        }
    }

    /// What letters of a burst would change before it is known to be a scan.
    fn remember(&self) -> Option<Before> {
        match self.overlays.last() {
            Some(Overlay::Form(open)) => Some(Before::Form(Box::new(open.form.clone()))),
            None if self.filtering => {
                let field = match (self.place(), &self.card) {
                    (Place::Card, Some(Card { then: card::then::Then::Typing(field), .. })) => field,
                    (Place::History, _) => &self.history.filter,
                    (Place::Transfers, _) => &self.board.filter,
                    (Place::Snapshots, _) => &self.viewer.moment,
                    (Place::Promises, _) => &self.promises.filter,
                    (Place::Stocktake, _) => &self.sheet.filter,
                    _ => &self.stock.filter,
                };
                Some(Before::Filter(field.text().to_owned()))
            }
            Some(_) | None => None,
        }
    }

    /// Takes back what the letters of a scan typed into a field.
    fn forget_burst(&mut self) {
        match self.before.take() {
            Some(Before::Form(form)) => {
                if let Some(Overlay::Form(open)) = self.overlays.last_mut() {
                    open.form = *form;
                }
            }
            Some(Before::Filter(text)) => {
                if let Some(field) = self.filter_field() {
                    field.set(&text);
                }
                self.filtering = false;
                self.filter_changed();
            }
            None => {}
        }
    }

    fn takes_text(&self) -> bool {
        match self.overlays.last() {
            Some(Overlay::Form(_) | Overlay::Help(_) | Overlay::Palette(_)) => true,
            Some(_) => false,
            None => self.filtering,
        }
    }

    fn only_moves(&self, key: KeyEvent) -> bool {
        let found = Press::of(key).map(|press| self.keymap.find(self.place(), &[press]));
        self.overlays.is_empty() && matches!(found, Some(Found::Action(action)) if action.only_moves())
    }

    fn key(&mut self, key: KeyEvent) {
        if let Some(action) = self.keymap.anywhere(key) {
            self.perform(action);
        } else if layout::is_too_small(self.size) {
            // Nobody sees what a key would do.
        } else if self.overlays.is_empty() {
            if self.filtering {
                self.filter_key(key);
            } else if self.begins_count(key) {
                self.count_line(Heard::Key(key));
            } else {
                self.command_key(key);
            }
        } else {
            self.overlay_key(key);
        }
    }

    fn command_key(&mut self, key: KeyEvent) {
        let Some(press) = Press::of(key) else { return };
        let escapes = self.keymap.find(self.place(), &[press]) == Found::Action(Action::Escape);
        if escapes && !self.pressed.is_empty() {
            self.pressed.clear();
            return;
        }
        self.pressed.push(press);
        let mut found = self.keymap.find(self.place(), &self.pressed);
        if found == Found::Nothing && self.pressed.len() > 1 {
            self.pressed = vec![press];
            found = self.keymap.find(self.place(), &self.pressed);
        }
        if found != Found::Prefix {
            self.pressed.clear();
        }
        if let Found::Action(action) = found {
            self.perform(action);
        }
    }

    fn filter_field(&mut self) -> Option<&mut crate::ui::parts::field::TextField> {
        match self.place() {
            Place::Stock => Some(&mut self.stock.filter),
            Place::History => Some(&mut self.history.filter),
            Place::Transfers => Some(&mut self.board.filter),
            Place::Snapshots => Some(&mut self.viewer.moment),
            Place::Promises => Some(&mut self.promises.filter),
            Place::Stocktake => Some(&mut self.sheet.filter),
            Place::Card => match &mut self.card.as_mut()?.then {
                card::then::Then::Typing(field) => Some(field),
                _ => None,
            },
            Place::Peers | Place::Alerts | Place::Replenish | Place::Today => None,
        }
    }

    pub(super) fn filter_changed(&mut self) {
        match self.place() {
            Place::Stock => self.stock.refilter(&self.model),
            Place::Transfers => self.board.rebuild(&self.model),
            Place::Promises => self.promises.rebuild(&self.model),
            Place::Stocktake => self.sheet.refilter(),
            _ => {}
        }
    }

    /// Takes the filter of the place away; false when there was none.
    pub(super) fn clear_filter(&mut self) -> bool {
        self.filtering = false;
        let had = self.filter_field().is_some_and(|field| {
            let had = !field.is_empty();
            field.set("");
            had
        });
        if had {
            self.filter_changed();
        }
        had
    }

    fn filter_key(&mut self, pressed: KeyEvent) {
        let Some(key) = self.keymap.in_form(pressed) else { return };
        match key.code {
            KeyCode::Esc => {
                self.clear_filter();
                self.card_is_now();
            }
            KeyCode::Enter if matches!(self.place(), Place::Snapshots | Place::Card) => self.ask_as_of(),
            KeyCode::Enter | KeyCode::Tab => self.filtering = false,
            KeyCode::Up => self.perform(Action::Up),
            KeyCode::Down => self.perform(Action::Down),
            KeyCode::PageUp => self.perform(Action::PageUp),
            KeyCode::PageDown => self.perform(Action::PageDown),
            _ => {
                if self.filter_field().is_some_and(|field| field.key(key)) {
                    self.filter_changed();
                }
            }
        }
    }

    fn overlay_key(&mut self, pressed: KeyEvent) {
        if matches!(self.overlays.last(), Some(Overlay::Form(_))) {
            self.form_heard(Heard::Key(pressed));
            return;
        }
        // Details let the other keys through: what has no meaning on top of them may have one below.
        let on_details = matches!(self.overlays.last(), Some(Overlay::Details(_)));
        let meant = self.keymap.in_form(pressed).or_else(|| on_details.then_some(pressed));
        if let Some(key) = meant {
            self.on_top(key, pressed);
        }
    }

    /// A key for what lies on top and is no form: as it is known there, and as it was pressed.
    pub(super) fn on_top(&mut self, key: KeyEvent, pressed: KeyEvent) {
        let (place, lang) = (self.place(), self.lang);
        let is = |action| {
            let press = Press::of(pressed).filter(|press| !press.types());
            press.is_some_and(|press| self.keymap.find(place, &[press]) == Found::Action(action))
        };
        match self.overlays.last_mut() {
            Some(Overlay::Form(_)) | None => {}
            Some(Overlay::Dialog(dialog)) => match dialog.key(key) {
                Answer::Open => {}
                Answer::Yes => self.answered_dialog(true),
                Answer::No => self.answered_dialog(false),
            },
            Some(Overlay::Help(_)) if is(Action::Help) => drop(self.overlays.pop()),
            Some(Overlay::Help(help)) => match help.key(key, &self.keymap, lang) {
                Picked::Open => {}
                _ => drop(self.overlays.pop()),
            },
            Some(Overlay::Palette(palette)) => match palette.key(key, &self.keymap, place, lang) {
                Picked::Open => {}
                Picked::Close => {
                    self.overlays.pop();
                }
                Picked::Run(action, place) => {
                    self.overlays.pop();
                    self.perform_in(action, place);
                }
            },
            Some(Overlay::Which(which)) => {
                let chosen = which.key(key);
                self.chosen(chosen);
            }
            Some(Overlay::Details(_)) => match key.code {
                KeyCode::Esc | KeyCode::Enter => {
                    self.overlays.pop();
                }
                _ => {
                    self.overlays.pop();
                    self.command_key(pressed);
                }
            },
            Some(Overlay::Scans(_)) => match key.code {
                KeyCode::Enter => {
                    if let Some(Overlay::Scans(scans)) = self.overlays.pop() {
                        for text in scans {
                            self.scan(text);
                        }
                    }
                }
                KeyCode::Esc => {
                    let title = lang.pick("¿Descartar las lecturas?", "Drop the scans?").to_owned();
                    let lines = vec![
                        lang.pick(
                            "Se perderán; no se ha registrado ninguna.",
                            "They will be lost; none is booked.",
                        )
                        .to_owned(),
                    ];
                    let yes = lang.pick("Descartar", "Drop");
                    self.overlays.push(Overlay::Dialog(Dialog::new(title, lines, yes, Then::DropScans)));
                }
                _ => {}
            },
        }
    }

    /// Whether a scan stands for goods: in a form about the catalogue it is a barcode and no more.
    fn takes_goods(&self) -> bool {
        match self.overlays.last() {
            Some(Overlay::Form(open)) => matches!(
                open.kind,
                FormKind::Receipt
                    | FormKind::Issue
                    | FormKind::Count
                    | FormKind::Adjust
                    | FormKind::Reserve
                    | FormKind::Expect
                    | FormKind::Send
                    | FormKind::Request
                    | FormKind::Stocktake(StocktakeStep::Count(_))
            ),
            _ => true,
        }
    }

    /// Which product a scan means was said, or that it means none.
    fn chosen(&mut self, chosen: Chosen) {
        if chosen == Chosen::Open {
            return;
        }
        let Some(Overlay::Which(which)) = self.overlays.pop() else { return };
        if let Chosen::Sku(sku) = chosen {
            self.chosen = Some((which.code, sku));
            self.take_scan(&which.scan);
        } else {
            let left = self.lang.pick("lectura dejada:", "scan left:");
            self.say(Tone::Note, format!("{left} {}", which.scan));
        }
    }

    /// Takes a scan, or keeps it until it can be taken.
    pub(super) fn scan(&mut self, text: String) {
        if layout::is_too_small(self.size) {
            self.list_scans = true;
        }
        self.scans.push_back(text);
        self.take_waiting_scans();
    }

    pub(super) fn take_waiting_scans(&mut self) {
        let is_asked_who =
            matches!(self.overlays.last(), Some(Overlay::Form(f)) if f.kind == FormKind::Operator);
        let is_loading = self.link == Link::Loading && !is_asked_who;
        // A form that is open goes on; nothing new is begun on figures that nobody stands for.
        let is_away =
            matches!(self.link, Link::Away(_)) && !matches!(self.overlays.last(), Some(Overlay::Form(_)));
        if layout::is_too_small(self.size) || is_loading || is_away || self.scans.is_empty() {
            return;
        }
        if self.list_scans {
            self.list_scans = false;
            let scans = self.scans.drain(..).collect();
            self.overlays.push(Overlay::Scans(scans));
            return;
        }
        while let Some(place) = self.scans.iter().position(|text| !self.must_wait(text))
            && let Some(text) = self.scans.remove(place)
        {
            self.take_scan(&text);
        }
    }

    /// Whether a question is open that a scan must wait for. A badge waits for none but a list of scans.
    fn must_wait(&self, text: &str) -> bool {
        match self.overlays.last() {
            Some(Overlay::Scans(_) | Overlay::Which(_)) => true,
            _ if self.badges.contains_key(text.trim()) => false,
            Some(Overlay::Dialog(_)) => true,
            Some(Overlay::Form(open)) => match &open.kind {
                // Who is there is asked first; goods are taken after that.
                FormKind::Operator => {
                    self.link == Link::Live
                        && (self.transfer_named(text).is_some()
                            || !matches!(
                                forms::scanned_product(text, &self.form_context()),
                                Named::Nothing(_)
                            ))
                }
                FormKind::Stocktake(step) => !matches!(step, StocktakeStep::Open | StocktakeStep::Count(_)),
                FormKind::Reject(_)
                | FormKind::Decline(_)
                | FormKind::Withdraw(_)
                | FormKind::Reverse(_)
                | FormKind::Release(_)
                | FormKind::CloseExpected(_) => true,
                _ => open.rescan.is_some(),
            },
            _ => false,
        }
    }

    /// The transfer whose delivery note was scanned.
    fn transfer_named(&self, text: &str) -> Option<TransferId> {
        text.trim().parse().ok().filter(|id| self.model.transfers.contains_key(id))
    }

    /// Somebody takes over: what is open stays, and is booked in his name.
    pub(super) fn sign_in(&mut self, operator: Operator) {
        let words = self.lang.pick("operario:", "operator:");
        self.say(Tone::Done, format!("{words} {operator}"));
        self.operator = Some(operator);
    }

    fn take_scan(&mut self, text: &str) {
        while matches!(
            self.overlays.last(),
            Some(Overlay::Help(_) | Overlay::Palette(_) | Overlay::Details(_))
        ) {
            self.overlays.pop();
        }
        if let Some(operator) = self.badges.get(text.trim()).cloned() {
            self.effects.push(Effect::Ring(Sound::Good));
            self.overlays.retain(|o| !matches!(o, Overlay::Form(f) if f.kind == FormKind::Operator));
            self.sign_in(operator);
            return;
        }
        if self.takes_goods()
            && let Some((code, skus)) = forms::shared(text, &self.form_context())
        {
            self.effects.push(Effect::Ring(Sound::Bad));
            let scan = text.to_owned();
            self.overlays.push(Overlay::Which(Which { scan, code, skus, at: 0 }));
            return;
        }
        let transfer = self.transfer_named(text);
        if let Some(Overlay::Form(open)) = self.overlays.last() {
            // A form with nothing in it gives way to what is to be done with a delivery note.
            let gives_way = transfer.is_some() && open.waits.is_empty() && !open.form.is_dirty();
            if !gives_way || open.kind == FormKind::Operator {
                self.form_heard(Heard::Scan(text.to_owned()));
                return;
            }
            self.overlays.pop();
        }
        self.filtering = false;
        if let Some(id) = transfer {
            self.effects.push(Effect::Ring(Sound::Good));
            self.scanned_transfer(&id);
            return;
        }
        match forms::scanned_product(text, &self.form_context()) {
            Named::Product(sku) if self.counts() => self.count_scanned(&sku, text),
            Named::Product(sku) => {
                self.stock.select(&sku, &self.model);
                self.open_form_with(self.last_act.clone(), Some(text));
            }
            Named::Unknown(code) => {
                self.effects.push(Effect::Ring(Sound::Bad));
                self.open_form(FormKind::UnknownCode { code, scan: text.to_owned() });
            }
            Named::Nothing(why) => {
                self.effects.push(Effect::Ring(Sound::Bad));
                self.say(Tone::Error, why);
            }
        }
    }

    /// A delivery note was scanned: what is to be done with it comes up.
    fn scanned_transfer(&mut self, id: &TransferId) {
        self.card = None;
        self.screen = Screen::Transfers;
        self.clear_filter();
        self.board.rebuild(&self.model);
        self.board.select(id);
        let state = self.model.transfers.get(id).map(|t| (t.state(), t.from.clone(), t.to.clone()));
        match state {
            Some((TransferState::Dispatched, _, to)) if self.own.as_ref() == Some(&to) => {
                self.open_form(FormKind::TakeIn(id.clone()));
            }
            Some((TransferState::Rejected, from, _)) if self.own.as_ref() == Some(&from) => {
                self.open_form(FormKind::TakeBack(id.clone()));
            }
            _ => self.overlays.push(Overlay::Details(id.clone())),
        }
    }

    pub(super) fn open_help(&mut self) {
        self.overlays.push(Overlay::Help(Help::default()));
    }

    pub(super) fn open_palette(&mut self) {
        self.overlays.push(Overlay::Palette(Palette::default()));
    }
}
