//! Stocktakes: opened, counted line by line, reviewed, closed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{Screen, View};
use crate::domain::{LineState, Lot, Sku, TransferId};
use crate::ledger::act::Act;
use crate::ledger::act::stocktake::StocktakeAct;
use crate::ledger::book::StocktakeChange;
use crate::text::Lang;
use crate::ui::action::Action;
use crate::ui::forms::{FormKind, Prefill, StocktakeStep};
use crate::ui::keys::{Found, Place, Press};
use crate::ui::report;
use crate::ui::scan::Heard;
use crate::ui::screens::stocktake::{current, open_one};
use crate::ui::toasts::Tone;
use crate::ui::wake::Effect;

impl View {
    /// What an action does here; false when it is none of these.
    pub(super) fn stocktake_act(&mut self, action: Action) -> bool {
        match action {
            Action::Stocktake => self.go_on_counting(),
            Action::Count if self.place() == Place::Stocktake => self.open_count(&self.at_hand()),
            Action::CountOther => self.open_count(&Prefill::default()),
            Action::Review => {
                let line = self.sheet.selected().map(|row| (row.sku.clone(), row.lot.clone()));
                self.open_step(|id| line.map(|(sku, lot)| StocktakeStep::Review(id, sku, lot)));
            }
            Action::CloseStocktake => self.open_step(|id| Some(StocktakeStep::Close(id))),
            Action::DropStocktake => self.open_step(|id| Some(StocktakeStep::Drop(id))),
            Action::Report => self.report(),
            _ => return false,
        }
        true
    }

    /// To the open stocktake, and on in it; where none is open, one is begun.
    fn go_on_counting(&mut self) {
        let is_there = self.place() == Place::Stocktake;
        if !is_there {
            self.go_to(Place::Stocktake);
        }
        if open_one(&self.model).is_none() {
            self.open_form(FormKind::Stocktake(StocktakeStep::Open));
        } else if is_there {
            self.sheet.go_on(&[]);
        }
    }

    /// The screen with its lines as they are now.
    pub(super) fn open_sheet(&mut self) {
        self.screen = Screen::Stocktake;
        self.sheet.rebuild(&self.model, self.own.as_ref());
    }

    fn open_step(&mut self, step: impl FnOnce(TransferId) -> Option<StocktakeStep>) {
        let open = open_one(&self.model).map(|stocktake| stocktake.head.id.clone());
        if let Some(step) = open.and_then(step) {
            self.open_form(FormKind::Stocktake(step));
        }
    }

    /// The line under the cursor as a form takes it.
    fn at_hand(&self) -> Prefill {
        let row = self.sheet.selected();
        Prefill {
            sku: row.map(|row| row.sku.clone()),
            lot: row.map(|row| row.lot.clone()),
            ..Prefill::default()
        }
    }

    fn open_count(&mut self, prefill: &Prefill) {
        let Some(id) = open_one(&self.model).map(|stocktake| stocktake.head.id.clone()) else { return };
        let mut context = self.form_context();
        // What is prefilled is counted, and nothing that is only under the cursor.
        context.selected = None;
        let kind = FormKind::Stocktake(StocktakeStep::Count(id));
        let opened = crate::ui::forms::Form::open_prefilled(kind.clone(), prefill, &context);
        self.opened(kind, opened);
    }

    /// Whether goods that are scanned here are counted.
    pub(super) fn counts(&self) -> bool {
        self.place() == Place::Stocktake && self.why_not_stocktake(Action::CountOther).is_none()
    }

    /// Whether a key is the first of a quantity.
    pub(super) fn begins_count(&self, key: KeyEvent) -> bool {
        let is_digit = matches!(key.code, KeyCode::Char(c) if c.is_ascii_digit());
        is_digit
            && !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
            && self.place() == Place::Stocktake
            && self.pressed.is_empty()
            // Where the config gives a digit something to do, that is done.
            && Press::of(key).is_some_and(|press| self.keymap.find(Place::Stocktake, &[press]) == Found::Nothing)
    }

    /// Counts the line under the cursor, with what was typed or scanned first.
    pub(super) fn count_line(&mut self, first: Heard) {
        if let Some(why) = self.why_not(Action::Count) {
            self.say(Tone::Error, why);
            return;
        }
        self.open_count(&self.at_hand());
        self.form_heard(first);
    }

    /// Goes to the line of goods that were scanned, and counts them.
    pub(super) fn count_scanned(&mut self, sku: &Sku, scan: &str) {
        let lot = self.sheet.find(sku);
        self.open_count(&Prefill { sku: Some(sku.clone()), lot, by_scan: true, ..Prefill::default() });
        self.form_heard(Heard::Scan(scan.to_owned()));
    }

    /// A step was recorded: on to what comes next, whether its facts have come or not.
    ///
    /// What the line itself shows needs no message: true where it does.
    pub(super) fn stocktake_recorded(&mut self, act: &Act) -> bool {
        match act {
            Act::Stocktake(StocktakeAct::Count { lines, .. }) => {
                let counted: Vec<_> = lines.iter().map(|line| (line.sku.clone(), line.lot.clone())).collect();
                self.tell_recounts(&counted);
                self.sheet.go_on(&counted);
                self.screen == Screen::Stocktake
            }
            Act::Stocktake(StocktakeAct::Review { lines, .. }) => {
                let reviewed: Vec<_> =
                    lines.iter().map(|line| (line.sku.clone(), line.lot.clone())).collect();
                self.sheet.go_on_reviewing(&reviewed);
                self.screen == Screen::Stocktake
            }
            _ => false,
        }
    }

    fn report(&mut self) {
        let Some(stocktake) = current(&self.model) else { return };
        let write = report::write(stocktake, self.sheet.rows(), self.lang);
        let print = self.can_print.then(|| report::print(stocktake, self.sheet.rows(), self.lang));
        self.effects.push(Effect::Do(write));
        self.effects.extend(print.map(Effect::Do));
    }

    /// The picture came: what was open is gone on with.
    pub(super) fn sheet_told(&mut self, is_first: bool) {
        let open = open_one(&self.model).map(|stocktake| stocktake.head.id.clone());
        if let Some(id) = open.filter(|_| is_first) {
            let key = self.key_of(Action::Stocktake, Place::Stock).unwrap_or_default();
            let words = match self.lang {
                Lang::Es => format!("el recuento {id} está abierto: {key} lo sigue"),
                Lang::En => format!("stocktake {id} is open: {key} goes on with it"),
            };
            self.say(Tone::Note, words);
        }
        if self.screen == Screen::Stocktake {
            self.sheet.rebuild(&self.model, self.own.as_ref());
        }
    }

    /// Facts came that may change lines of the stocktake.
    pub(super) fn sheet_changed(&mut self, skus: &[Sku], changes: &[StocktakeChange]) {
        if self.screen != Screen::Stocktake {
            return;
        }
        let own = self.own.as_ref();
        let is_of = |change: &StocktakeChange| self.sheet.id.as_ref() == Some(&change.head.id);
        // Another one, or an end, changes which lines there are.
        if changes.iter().any(|change| !is_of(change) || change.head.end.is_some()) {
            self.sheet.rebuild(&self.model, own);
            self.is_dirty = true;
            return;
        }
        let counted = changes.iter().flat_map(|change| &change.lines).map(|line| &line.sku);
        self.is_dirty |= self.sheet.refresh(skus.iter().chain(counted), &self.model, own);
    }

    /// Says which of the lines counted just now are to be counted again.
    fn tell_recounts(&mut self, counted: &[(Sku, Lot)]) {
        let Some(stocktake) = open_one(&self.model) else { return };
        let again =
            counted.iter().filter(|(sku, lot)| stocktake.state_of(sku, lot) == Some(LineState::Recount));
        let again: Vec<_> = again.map(|(sku, lot)| format!("{sku} {lot}").trim_end().to_owned()).collect();
        if !again.is_empty() {
            let words = self.lang.pick("hay que volver a contar", "to be counted again:");
            self.say(Tone::Note, format!("{words} {}", again.join(", ")));
        }
    }

    /// Why a step can't be taken now.
    pub(super) fn why_not_stocktake(&self, action: Action) -> Option<String> {
        let lang = self.lang;
        let because = |es, en| Some(lang.pick(es, en).to_owned());
        let open = open_one(&self.model);
        if action == Action::Stocktake {
            // What is open can be looked at always.
            return if open.is_some() { None } else { self.cannot_write() };
        }
        if action == Action::Report {
            return match current(&self.model) {
                Some(_) => None,
                None => because("no hay ningún recuento", "there is no stocktake"),
            };
        }
        let Some(open) = open else {
            return because("no hay ningún recuento abierto", "no stocktake is open");
        };
        if let Some(why) = self.cannot_write() {
            return Some(why);
        }
        match action {
            Action::Count if self.sheet.selected().is_none() => {
                because("seleccione una línea", "select a line")
            }
            Action::Review => self.why_not_review(),
            Action::CloseStocktake if open.lines.is_empty() => {
                because("no se ha contado nada", "nothing was counted")
            }
            Action::CloseStocktake => {
                let (reviews, recounts) =
                    (open.in_state(LineState::Review), open.in_state(LineState::Recount));
                (reviews + recounts > 0).then(|| match lang {
                    Lang::Es => format!("por revisar {reviews}, por recontar {recounts}"),
                    Lang::En => format!("to review {reviews}, to recount {recounts}"),
                })
            }
            _ => None,
        }
    }

    fn why_not_review(&self) -> Option<String> {
        let lang = self.lang;
        let because = |es, en| Some(lang.pick(es, en).to_owned());
        let Some(row) = self.sheet.selected() else {
            return because("seleccione una línea", "select a line");
        };
        let Some(line) = &row.line else {
            return because("nadie la ha contado", "nobody has counted it");
        };
        if row.state == Some(LineState::Recount) {
            return because("antes hay que volver a contarla", "it is to be counted again first");
        }
        if self.operator.as_ref() != Some(&line.by) {
            return None;
        }
        let key = self.key_of(Action::Operator, Place::Stocktake).unwrap_or_default();
        Some(match lang {
            Lang::Es => format!("la contó {}: revisa otra persona, {key} cambia", line.by),
            Lang::En => format!("{} counted it: somebody else reviews, {key} changes", line.by),
        })
    }
}
