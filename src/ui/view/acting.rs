//! What actions do, and why one can't be done now.

use super::{Link, Screen, View};
use crate::domain::{AlertKind, TransferId, TransferState};
use crate::ledger::act::Act;
use crate::ledger::book::Transfer;
use crate::node::intent::{Intent, Question};
use crate::store::HistoryQuery;
use crate::text::{Lang, words};
use crate::ui::action::Action;
use crate::ui::export;
use crate::ui::forms::{FormKind, Prefill};
use crate::ui::keys::Place;
use crate::ui::note;
use crate::ui::overlays::Overlay;
use crate::ui::overlays::dialog::{Dialog, Then};
use crate::ui::screens::card::{self, Card};
use crate::ui::toasts::Tone;
use crate::ui::wake::{Effect, Job};

impl View {
    /// Does what was wished, or says why it can't be.
    pub fn perform(&mut self, action: Action) {
        if let Some(why) = self.why_not(action) {
            self.say(Tone::Error, why);
            return;
        }
        if self.move_by(action)
            || self.replenish_act(action)
            || self.snapshot_act(action)
            || self.stocktake_act(action)
        {
            return;
        }
        match action {
            Action::GoStock => self.go_to(Place::Stock),
            Action::GoHistory => self.go_to(Place::History),
            Action::GoPeers => self.go_to(Place::Peers),
            Action::GoAlerts => self.go_to(Place::Alerts),
            Action::GoTransfers => self.go_to(Place::Transfers),
            Action::GoSnapshots => self.go_to(Place::Snapshots),
            Action::GoPromises => self.go_to_promises(),
            Action::GoToday => self.go_to_today(),
            Action::Zoom => self.zoom = !self.zoom,
            Action::Open => self.open(),
            Action::Filter => {
                self.filtering = true;
                // Made now, so that the first letter needn't wait for it.
                self.model.findable();
            }
            Action::Escape => self.step_out(),
            Action::Receipt | Action::Issue => self.open_booking(action),
            Action::Count => self.open_form(FormKind::Count),
            Action::Adjust => self.open_form(FormKind::Adjust),
            Action::Reserve => self.open_form(FormKind::Reserve),
            Action::Expect => self.open_form(FormKind::Expect),
            Action::LetGo => self.let_go(),
            Action::Send => self.send(),
            Action::Request => self.open_form(FormKind::Request),
            Action::NewProduct => self.open_form(FormKind::NewProduct),
            Action::EditProduct => self.open_form(FormKind::EditProduct),
            Action::Rule => self.open_form(FormKind::Rule),
            Action::Operator => self.open_form(FormKind::Operator),
            Action::TakeIn | Action::Refuse | Action::Withdraw => self.transfer_act(action),
            Action::Reverse => self.reverse(),
            Action::Resolve => self.resolve(self.alerts.at),
            Action::Admit | Action::Retire => self.membership(action),
            Action::Acknowledge => self.acknowledge(),
            Action::StepBack => self.step_back(),
            Action::Note => self.print_note(),
            Action::Export => self.export(),
            Action::Freeze => self.history.freeze(&self.model, &self.now),
            Action::Copy => self.copy(),
            Action::Palette => self.open_palette(),
            Action::Help => self.open_help(),
            Action::Language => {
                self.lang = match self.lang {
                    Lang::Es => Lang::En,
                    Lang::En => Lang::Es,
                };
                self.today_anew();
            }
            Action::Warehouse(n) => self.effects.push(Effect::Switch(usize::from(n))),
            Action::Suspend => self.effects.push(Effect::Suspend),
            Action::Quit => self.quit(),
            _ => {}
        }
    }

    /// Goes to the place of an action first, where it is none of those here; there it is done, or told why not.
    pub(super) fn perform_in(&mut self, action: Action, place: Option<Place>) {
        if let Some(place) = place {
            self.go_to(place);
        }
        self.perform(action);
    }

    fn move_by(&mut self, action: Action) -> bool {
        let place = self.place();
        let height = self.height_of(place);
        match (place, action) {
            (Place::Card, _) => return self.scroll_card(action, height),
            (Place::Transfers, _) => return self.board.go(action, height),
            (Place::Snapshots, _) => {
                let lines = self.viewer_lines();
                return self.viewer.go(action, height, lines);
            }
            (Place::Promises, _) => {
                return self.promises.cursor.go(action, self.promises.rows.len(), height);
            }
            (Place::Stocktake, _) => return self.sheet.go(action, height),
            (Place::Replenish, _) => return self.run.cursor.go(action, self.run.rows.len(), height),
            (Place::Today, _) => return self.today.cursor.go(action, self.today.rows.len(), height),
            (_, Action::NextPane | Action::Right) => self.next_pane(1),
            (_, Action::PreviousPane | Action::Left) => self.next_pane(3),
            (Place::Stock, _) => return self.stock.cursor.go(action, self.stock.rows.len(), height),
            (Place::History, _) => {
                let len = self.history.rows().len();
                return self.history.cursor.go(action, len, height);
            }
            (Place::Peers, _) => return self.peers.go(action, self.peer_rows(), height),
            (Place::Alerts, _) => return self.alerts.go(action, self.model.alerts.len(), height),
        }
        true
    }

    fn scroll_card(&mut self, action: Action, height: usize) -> bool {
        let width = usize::from(self.areas().body.width.saturating_sub(4));
        let rows = card::rows(self, &crate::ui::theme::Theme::default(), width);
        let last = rows.saturating_sub(height);
        let Some(card) = &mut self.card else { return false };
        let mut cursor = crate::ui::parts::cursor::Cursor { at: card.scroll, top: 0 };
        let moved = cursor.go(action, last + 1, height);
        card.scroll = cursor.at;
        moved
    }

    fn next_pane(&mut self, step: usize) {
        const RING: [Place; 4] = [Place::Stock, Place::History, Place::Peers, Place::Alerts];
        let at = RING.iter().position(|p| *p == self.focus).unwrap_or(0);
        if let Some(&place) = RING.get((at + step) % 4) {
            self.go_to(place);
        }
    }

    pub(super) fn go_to(&mut self, place: Place) {
        self.card = None;
        self.filtering = false;
        match place {
            Place::Transfers => self.screen = Screen::Transfers,
            Place::Snapshots => self.screen = Screen::Snapshots,
            Place::Promises => self.go_to_promises(),
            Place::Today => self.go_to_today(),
            Place::Stocktake => self.open_sheet(),
            Place::Replenish => {
                self.screen = Screen::Replenish;
                self.open_run();
            }
            Place::Card => {}
            _ => {
                self.screen = Screen::Home;
                self.focus = place;
                if place != Place::Stock {
                    self.below = place;
                }
            }
        }
    }

    fn step_out(&mut self) {
        if !self.card_is_now() || self.card.take().is_some() || self.clear_filter() {
            return;
        }
        if self.screen == Screen::Snapshots && self.viewer.close() {
            return;
        }
        if self.screen != Screen::Home {
            self.screen = Screen::Home;
        } else if self.history.is_frozen() {
            self.history.freeze(&self.model, &self.now);
        } else {
            self.zoom = false;
        }
    }

    fn open(&mut self) {
        match self.place() {
            Place::Snapshots => self.open_snapshot(),
            Place::Today => self.open_matter(),
            Place::Transfers => {
                self.overlays.extend(self.board.selected().cloned().map(Overlay::Details));
            }
            Place::Alerts => {
                let alert = self.model.alerts.get(self.alerts.at);
                let transfer = alert.and_then(|a| a.what.transfer()).cloned();
                if let Some(id) = transfer {
                    self.go_to(Place::Transfers);
                    self.board.select(&id);
                } else {
                    self.open_card();
                }
            }
            _ => self.open_card(),
        }
    }

    fn open_card(&mut self) {
        let Some(sku) = self.selected_sku().cloned() else { return };
        self.card = Some(Card::new(sku));
        self.ask_card();
    }

    /// Asks for what the card shows beyond the picture.
    pub(super) fn ask_card(&mut self) {
        let ids = [self.new_id(), self.new_id()];
        let Some(card) = &mut self.card else { return };
        card.asked = ids.map(Some);
        let sku = card.sku.clone();
        let history =
            HistoryQuery { sku: Some(sku.clone()), limit: card::MOVEMENTS, ..HistoryQuery::default() };
        let [demand, movements] = ids;
        self.outbox
            .push_back(Intent::Ask { id: demand, question: Question::Demand { sku, days: card::DAYS } });
        self.outbox.push_back(Intent::Ask { id: movements, question: Question::History { query: history } });
    }

    pub(super) fn selected_transfer(&self) -> Option<&Transfer> {
        self.board.selected().and_then(|id| self.model.transfers.get(id)).map(AsRef::as_ref)
    }

    fn send(&mut self) {
        let asked_of_us = (self.place() == Place::Transfers).then(|| self.selected_transfer()).flatten();
        let asked_of_us = asked_of_us.filter(|t| {
            self.own.as_ref() == Some(&t.from)
                && matches!(t.state(), TransferState::Requested | TransferState::WithdrawalAsked)
        });
        let kind = asked_of_us.map_or(FormKind::Send, |t| FormKind::SendRequested(t.id.clone()));
        self.open_form(kind);
    }

    /// The form of an act on the selected transfer, where it is ours to do.
    pub(super) fn transfer_form(&self, action: Action) -> Option<FormKind> {
        let transfer = self.selected_transfer()?;
        let id = || transfer.id.clone();
        let is_from_here = self.own.as_ref() == Some(&transfer.from);
        let is_to_here = self.own.as_ref() == Some(&transfer.to);
        match (action, transfer.state()) {
            (Action::TakeIn, TransferState::Dispatched) if is_to_here => Some(FormKind::TakeIn(id())),
            (Action::TakeIn, TransferState::Rejected) if is_from_here => Some(FormKind::TakeBack(id())),
            (Action::Refuse, TransferState::Requested | TransferState::WithdrawalAsked) if is_from_here => {
                Some(FormKind::Decline(id()))
            }
            (Action::Refuse, TransferState::Dispatched) if is_to_here => Some(FormKind::Reject(id())),
            (Action::Withdraw, TransferState::Requested) if is_to_here => Some(FormKind::Withdraw(id())),
            _ => None,
        }
    }

    pub(super) fn why_not_transfer(&self, action: Action) -> String {
        let lang = self.lang;
        let Some(transfer) = self.selected_transfer() else {
            return lang.pick("seleccione una transferencia", "select a transfer").to_owned();
        };
        let rule = match action {
            Action::TakeIn => lang.pick(
                "se recibe lo enviado aquí y lo rechazado que vuelve aquí",
                "one takes in what was sent here, or rejected and comes back here",
            ),
            Action::Refuse => lang.pick(
                "se rechaza lo que nos piden o lo que llega aquí",
                "one refuses what is asked of us or comes here",
            ),
            _ => lang.pick(
                "se retira una petición propia sin atender",
                "one withdraws an own request that nobody has answered",
            ),
        };
        let state = words::transfer(lang, transfer.state());
        let (id, from, to) = (&transfer.id, &transfer.from, &transfer.to);
        match lang {
            Lang::Es => format!("{rule}; {id}, de {from} a {to}, está {state}"),
            Lang::En => format!("{rule}; {id}, from {from} to {to}, is {state}"),
        }
    }

    fn transfer_act(&mut self, action: Action) {
        if let Some(kind) = self.transfer_form(action) {
            self.open_form(kind);
        }
    }

    fn reverse(&mut self) {
        let Some(row) = self.history.selected() else { return };
        let entry = TransferId { origin: row.origin.clone(), seq: row.seq };
        // What is shown may be older than what the model keeps.
        let shown = self.history.rows().iter();
        let rows = shown.filter(|r| r.origin == entry.origin && r.seq == entry.seq).cloned().collect();
        let prefill = Prefill { rows, ..Prefill::default() };
        self.open_prefilled(FormKind::Reverse(entry), &prefill);
    }

    fn resolve(&mut self, at: usize) {
        let Some(alert) = self.model.alerts.get(at).cloned() else { return };
        let prefill = |sku| Prefill { sku: Some(sku), ..Prefill::default() };
        match alert.what {
            AlertKind::LowStock { sku, .. } => self.open_prefilled(FormKind::Replenish, &prefill(sku)),
            AlertKind::OutOfStock { sku } => {
                // What is out is low, too, where it has a reorder point: that alert knows how much, and from whom.
                let low = self
                    .model
                    .alerts
                    .iter()
                    .position(|a| matches!(&a.what, AlertKind::LowStock { sku: of, .. } if *of == sku));
                match low {
                    Some(at) => self.resolve(at),
                    None => self.open_prefilled(FormKind::Request, &prefill(sku)),
                }
            }
            AlertKind::LotExpiring { sku, .. } => self.open_prefilled(FormKind::Issue, &prefill(sku)),
            AlertKind::LotExpired { sku, lot, on_hand, .. } => {
                let wanted = Prefill { qty: Some(on_hand.negated()), expired: Some(lot), ..prefill(sku) };
                self.open_prefilled(FormKind::Adjust, &wanted);
            }
            AlertKind::ProductConflict { sku, .. } => {
                self.open_prefilled(FormKind::EditProduct, &prefill(sku));
            }
            AlertKind::ReservationCut { sku, .. } => self.open_prefilled(FormKind::Request, &prefill(sku)),
            AlertKind::ReceiptOverdue { sku, expectation, .. } => {
                let wanted = Prefill { against: Some(expectation), ..prefill(sku) };
                self.open_prefilled(FormKind::Receipt, &wanted);
            }
            AlertKind::RequestWaiting { transfer, .. } => self.open_form(FormKind::SendRequested(transfer)),
            AlertKind::TransferOverdue { transfer, .. } | AlertKind::Discrepancy { transfer, .. } => {
                self.go_to(Place::Transfers);
                self.board.select(&transfer);
                match self.transfer_form(Action::TakeIn) {
                    Some(kind) => self.open_form(kind),
                    None => self.overlays.push(Overlay::Details(transfer)),
                }
            }
            _ => {}
        }
    }

    fn membership(&mut self, action: Action) {
        let Some(who) = self.model.peers.get(self.peers.at).map(|peer| peer.id.clone()) else { return };
        self.open_form(if action == Action::Admit { FormKind::Admit(who) } else { FormKind::Retire(who) });
    }

    fn acknowledge(&mut self) {
        if let Some(alert) = self.model.alerts.get(self.alerts.at) {
            let act = Act::AcknowledgeAlert { alert: alert.id.clone() };
            self.ask_for(vec![act]);
        }
    }

    fn print_note(&mut self) {
        let Some(transfer) = self.selected_transfer() else { return };
        let job = note::write(transfer, &self.model, self.lang, &self.now);
        let print = self.can_print.then(|| note::print(transfer, &self.model, self.lang, &self.now));
        self.effects.push(Effect::Do(job));
        self.effects.extend(print.map(Effect::Do));
    }

    fn export(&mut self) {
        let (what, text) = export::shown(self);
        let path = export::path(what, &self.now);
        if let Some(text) = export::shown_as_json(self) {
            let path = path.with_extension("json");
            self.effects.push(Effect::Do(Job::Write { path, text }));
        }
        self.effects.push(Effect::Do(Job::Write { path, text }));
    }

    fn copy(&mut self) {
        let text = export::row(self);
        if text.is_empty() {
            let words = self.lang.pick("nada que copiar", "nothing to copy");
            self.say(Tone::Error, words.to_owned());
            return;
        }
        self.say(Tone::Done, format!("{} {text}", self.lang.pick("copiado:", "copied:")));
        self.effects.push(Effect::Copy(text));
    }

    fn quit(&mut self) {
        if matches!(self.overlays.last(), Some(Overlay::Dialog(d)) if d.then == Then::Quit) {
            return;
        }
        let lang = self.lang;
        let mut open = Vec::new();
        let dirty = self.overlays.iter().any(|o| matches!(o, Overlay::Form(f) if f.form.is_dirty()));
        if dirty {
            open.push(lang.pick("Hay un formulario sin registrar.", "A form is not booked.").to_owned());
        }
        let pending = self.requests.pending().count();
        if pending > 0 && !matches!(self.link, Link::Stopped(_)) {
            open.push(match lang {
                Lang::Es => format!("Hay {pending} actos sin confirmar por el nodo."),
                Lang::En => format!("{pending} acts are not confirmed by the node."),
            });
        }
        let listed =
            self.overlays.iter().map(|o| if let Overlay::Scans(scans) = o { scans.len() } else { 0 });
        let scans = self.scans.len() + listed.sum::<usize>();
        if scans > 0 {
            let words = lang.pick("lecturas sin atender.", "scans not taken.");
            open.push(format!("{scans} {words}"));
        }
        open.extend(self.others_at_this_node());
        if open.is_empty() {
            self.effects.push(Effect::Quit);
            return;
        }
        let title = lang.pick("¿Salir?", "Quit?").to_owned();
        let dialog = Dialog::new(title, open, lang.pick("Salir", "Quit"), Then::Quit);
        self.overlays.push(Overlay::Dialog(dialog));
    }

    /// Who else loses the node when this terminal ends, where it runs in this process.
    fn others_at_this_node(&self) -> Option<String> {
        let status = self.model.status.as_ref()?;
        let is_ours = self.link == Link::Live && status.pid == self.pid;
        let others = status.attached;
        (is_ours && others > 0).then(|| match (self.lang, others) {
            (Lang::Es, 1) => {
                "Este terminal lleva el nodo, y otro terminal u orden lo usa ahora: un terminal pasa a llevarlo, una \
                 orden queda cortada."
                    .to_owned()
            }
            (Lang::Es, n) => format!(
                "Este terminal lleva el nodo, y otros {n} terminales u órdenes lo usan ahora: un terminal pasa a \
                 llevarlo, las órdenes quedan cortadas."
            ),
            (Lang::En, 1) => {
                "This terminal runs the node, and another terminal or command uses it now: a terminal takes it over, a \
                 command is cut off."
                    .to_owned()
            }
            (Lang::En, n) => format!(
                "This terminal runs the node, and {n} other terminals or commands use it now: a terminal takes it over, \
                 commands are cut off."
            ),
        })
    }

    pub(super) fn say(&mut self, tone: Tone, text: String) {
        self.is_dirty = true;
        self.toasts.say(tone, text, self.now.running);
    }
}
