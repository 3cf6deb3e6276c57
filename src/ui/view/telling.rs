//! What the node tells, and what became of work outside.

use std::sync::Arc;

use super::{Link, Screen, View};
use crate::domain::Sku;
use crate::node::Event;
use crate::node::event::{Changes, Picture, Reply};
use crate::node::intent::{Intent, Question};
use crate::ui::keys::Place;
use crate::ui::note;
use crate::ui::panes::{alerts, peers};
use crate::ui::toasts::Tone;
use crate::ui::wake::{Done, Effect, Job};

impl View {
    pub(super) fn told(&mut self, event: Event) {
        match event {
            Event::Picture { picture } => self.take_picture(*picture),
            Event::Changed { changes } => self.take_changes(*changes),
            Event::Answered { answers } => {
                for (id, outcome) in &answers {
                    self.answered(*id, outcome);
                }
            }
            Event::Reply { id, reply } => self.replied(id, reply),
            Event::Lagged => {
                if !self.outbox.contains(&Intent::Subscribe) {
                    self.outbox.push_back(Intent::Subscribe);
                }
            }
            Event::Stopping { reason } => {
                if !matches!(self.link, Link::Away(_)) {
                    self.ask_again();
                }
                self.link = Link::Away(reason);
                self.is_dirty = true;
            }
        }
        self.write_due_notes();
    }

    /// What the next node is asked for: the picture, and under the same ids all that wasn't answered. It may have been
    /// done before the last one went: then the answer is the same, and nothing is done twice.
    fn ask_again(&mut self) {
        self.outbox
            .retain(|intent| !matches!(intent, Intent::Subscribe | Intent::Ask { .. } | Intent::Do { .. }));
        self.outbox.push_back(Intent::Subscribe);
        let unanswered = self.requests.unanswered().map(|request| Intent::Do { requests: vec![request] });
        self.outbox.extend(unanswered);
        self.today.question = None;
        if !self.viewer.asked.is_empty() {
            self.viewer.close();
        }
    }

    fn take_picture(&mut self, picture: Picture) {
        self.is_dirty = true;
        let is_first = self.own.is_none();
        self.link = Link::Live;
        self.own = Some(picture.status.warehouse.clone());
        self.model.take_picture(picture);
        alerts::sort(&mut self.model.alerts);
        self.peers_shown.clone_from(&self.model.peers);
        self.stock.rebuild(&self.model);
        self.history.restart(&self.model);
        self.board.rebuild(&self.model);
        self.viewer.rebuild(&self.model);
        self.promises.rebuild(&self.model);
        self.sheet_told(is_first);
        self.run_anew();
        self.today_anew();
        if self.card.is_some() {
            self.ask_card();
        }
    }

    fn take_changes(&mut self, mut changes: Changes) {
        if let Some(told) = &mut changes.peers {
            peers::steady(&self.peers_shown, told);
            if !peers::look_alike(&self.peers_shown, told) {
                self.is_dirty = true;
                self.peers_shown.clone_from(told);
            }
        }
        if let Some(told) = &mut changes.alerts {
            alerts::sort(told);
            self.is_dirty |= *told != self.model.alerts;
        }
        if let Some(told) = &changes.locks {
            self.is_dirty |= *told != self.model.locks;
        }
        if let Some(told) = &changes.status {
            let is_shown_alike = self.model.status.as_ref().is_some_and(|s| {
                s.store == told.store
                    && s.bus == told.bus
                    && s.joined == told.joined
                    && s.joining == told.joining
                    && s.recovering == told.recovering
                    && s.recovery == told.recovery
                    && s.catching_up == told.catching_up
                    && s.awaited == told.awaited
                    && s.once_recorded == told.once_recorded
                    && s.stopped == told.stopped
                    && s.recorded == told.recorded
                    && s.name == told.name
                    && s.roster == told.roster
                    && s.clock == told.clock
            });
            self.is_dirty |= !is_shown_alike;
        }
        let is_new = |sku| {
            let known = self.model.products.get(sku);
            known.is_none_or(|p| p.product.retired)
        };
        let has_other_rows = changes.products.iter().any(|p| p.product.retired || is_new(&p.product.sku));
        self.is_dirty |= has_other_rows || self.shows(&changes);
        let skus: Vec<_> = changes.products.iter().map(|p| p.product.sku.clone()).collect();
        let has_snapshots = !changes.snapshots.is_empty();
        self.is_dirty |= has_snapshots;
        let has_transfers = !changes.transfers.is_empty();
        let has_promises = self.shows_promises_of(&changes);
        let movements = changes.movements.clone();
        let counted = changes.stocktakes.clone();
        let is_of_today = Self::concerns_today(&changes);
        let has_peers = changes.peers.is_some();
        self.model.take_changes(changes);
        if has_peers {
            self.close_what_is_settled();
        }
        self.sheet_changed(&skus, &counted);
        self.today_told(is_of_today);
        self.mark_changed(&skus);
        if has_promises {
            self.promises.rebuild(&self.model);
        }
        if has_other_rows {
            self.stock.rebuild(&self.model);
        }
        if self.screen == Screen::Replenish && !skus.is_empty() {
            self.run.update(&self.model, &skus, self.own.as_ref(), self.now.today());
        }
        if has_snapshots {
            self.viewer.rebuild(&self.model);
        }
        if has_transfers {
            self.board.rebuild(&self.model);
        }
        if !movements.is_empty() {
            self.history.take(&movements, &self.model, &self.now);
        }
        if self.card.as_ref().is_some_and(|c| skus.contains(&c.sku)) {
            self.ask_card();
        }
    }

    /// Whether goods or movements that changed stand on the screen.
    fn shows(&self, changes: &Changes) -> bool {
        if !changes.transfers.is_empty() {
            return true;
        }
        if changes.products.is_empty() && changes.movements.is_empty() {
            return false;
        }
        // Forms, dialogs and the card look at anything.
        if !self.overlays.is_empty()
            || self.card.is_some()
            || self.screen == Screen::Replenish
            || self.shows_promises_of(changes)
        {
            return true;
        }
        let is_renamed = changes.products.iter().any(|told| {
            let known = self.model.products.get(&told.product.sku);
            known.is_none_or(|known| known.product != told.product)
        });
        let in_sight = self.stock_in_sight();
        is_renamed
            || changes.products.iter().any(|told| in_sight.contains(&told.product.sku))
            || !changes.movements.is_empty() && self.shows_newest_movements()
    }

    /// Whether what is promised of a changed product is looked at; else it is built when it is come to.
    fn shows_promises_of(&self, changes: &Changes) -> bool {
        self.screen == Screen::Promises && changes.products.iter().any(|told| self.promises.concerns(told))
    }

    /// The products whose rows are on the screen.
    fn stock_in_sight(&self) -> &[Sku] {
        let is_shown = self.is_home() && self.panes().iter().any(|(place, _)| *place == Place::Stock);
        if !is_shown {
            return &[];
        }
        let window = self.stock.cursor.window(self.stock.rows.len(), self.height_of(Place::Stock));
        self.stock.rows.get(window).unwrap_or_default()
    }

    /// Whether a new movement changes what the history shows: further down it stays on its rows.
    fn shows_newest_movements(&self) -> bool {
        let is_shown = self.is_home() && self.panes().iter().any(|(place, _)| *place == Place::History);
        is_shown && (self.history.cursor.top == 0 || self.history.is_frozen())
    }

    /// Marks the rows in sight that changed just now.
    fn mark_changed(&mut self, changed: &[Sku]) {
        let in_sight = self.stock_in_sight();
        let marked: Vec<_> = changed.iter().filter(|sku| in_sight.contains(sku)).cloned().collect();
        self.stock.mark(marked, changed.len(), self.now.running);
    }

    fn replied(&mut self, id: uuid::Uuid, reply: Result<Reply, String>) {
        self.is_dirty = true;
        let Some(reply) = self.viewer_replied(id, reply) else { return };
        let Some(reply) = self.card_then_replied(id, reply) else { return };
        let Some(reply) = self.run_replied(id, reply) else { return };
        let Some(reply) = self.today_replied(id, reply) else { return };
        if let Some(card) = &mut self.card {
            if card.asked[0] == Some(id) {
                card.asked[0] = None;
                card.demand = Some(match reply {
                    Ok(Reply::Demand { days }) => days,
                    _ => Vec::new(),
                });
                return;
            }
            if card.asked[1] == Some(id) {
                card.asked[1] = None;
                card.movements = Some(match reply {
                    Ok(Reply::History { page }) => page.rows.into_iter().map(Arc::new).collect(),
                    _ => Vec::new(),
                });
                return;
            }
        }
        match reply {
            Ok(Reply::History { page }) => self.history.page(id, Some(page)),
            Ok(_) => {}
            Err(why) => {
                self.history.page(id, None);
                self.say(Tone::Error, why);
            }
        }
    }

    /// Asks for the page of the history that is wanted next.
    pub(super) fn page_history(&mut self) {
        if self.link != Link::Live {
            return;
        }
        let id = self.new_id();
        if let Some(query) = self.history.wants(id, &self.now) {
            self.outbox.push_back(Intent::Ask { id, question: Question::History { query } });
        }
    }

    /// Writes the delivery notes of own dispatches as soon as their transfers are known.
    fn write_due_notes(&mut self) {
        let due = std::mem::take(&mut self.notes_due);
        for id in due {
            match self.model.transfers.get(&id).filter(|t| t.dispatch.is_some()) {
                Some(transfer) => {
                    let job = note::write(transfer, &self.model, self.lang, &self.now);
                    self.effects.push(Effect::Do(job));
                }
                None => self.notes_due.push(id),
            }
        }
    }

    pub(super) fn done(&mut self, done: Done) {
        let lang = self.lang;
        let (tone, text) = match (done.job, done.error) {
            (Job::Write { path, .. }, None) => {
                (Tone::Done, format!("{} {}", lang.pick("escrito", "written to"), path.display()))
            }
            (Job::Write { path, .. }, Some(why)) => {
                let words = lang.pick("no se pudo escribir", "could not write");
                (Tone::Error, format!("{words} {}: {why}", path.display()))
            }
            (Job::Print { id, .. }, None) => {
                (Tone::Done, format!("{} {id}", lang.pick("impreso:", "printed:")))
            }
            (Job::Print { id, .. }, Some(why)) => {
                let words = lang.pick("no se pudo imprimir", "could not print");
                (Tone::Error, format!("{words} {id}: {why}"))
            }
        };
        self.say(tone, text);
    }
}
