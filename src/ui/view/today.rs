//! Today: gone to, kept up to date, and left for the place where a matter is dealt with.

use std::time::Duration;

use uuid::Uuid;

use super::{Link, Screen, View};
use crate::node::event::{Changes, Reply};
use crate::node::intent::{Intent, Question};
use crate::ui::screens::today::Today;
use crate::ui::toasts::Tone;

/// All products are looked at for it, so it is built anew not oftener than this, however much moves.
const STEP: Duration = Duration::from_secs(1);

impl View {
    /// The screen of today.
    #[must_use]
    pub const fn today(&self) -> &Today {
        &self.today
    }

    /// The screen is gone to.
    pub(super) fn go_to_today(&mut self) {
        self.card = None;
        self.filtering = false;
        self.screen = Screen::Today;
        self.build_today();
    }

    /// To where the matter under the cursor is dealt with.
    pub(super) fn open_matter(&mut self) {
        if let Some(row) = self.today.selected() {
            self.go_to(row.matter.place());
        }
    }

    /// Something changed: it is looked at anew, soon.
    pub(super) fn today_told(&mut self, is_concerned: bool) {
        if self.screen == Screen::Today && is_concerned {
            self.today.is_stale = true;
            self.today_passes();
        }
    }

    /// Whether changes can be of what it shows.
    pub(super) fn concerns_today(changes: &Changes) -> bool {
        !changes.products.is_empty()
            || !changes.movements.is_empty()
            || !changes.transfers.is_empty()
            || !changes.stocktakes.is_empty()
            || changes.alerts.is_some()
    }

    /// A new picture, or another day or language.
    pub(super) fn today_anew(&mut self) {
        if self.screen == Screen::Today {
            self.build_today();
        }
    }

    /// When what has changed is looked at.
    pub(super) fn today_due(&self) -> Option<Duration> {
        let is_waiting = self.screen == Screen::Today && self.today.is_stale;
        is_waiting.then(|| self.today.built.map_or(Duration::ZERO, |built| built + STEP))
    }

    /// Looks at what has changed once it is time.
    pub(super) fn today_passes(&mut self) {
        if self.today_due().is_some_and(|due| due <= self.now.running) {
            self.build_today();
        }
    }

    fn build_today(&mut self) {
        self.ask_what_was_done();
        self.today.rebuild(&self.model, self.own.as_ref(), &self.now, self.lang);
        self.is_dirty = true;
    }

    fn ask_what_was_done(&mut self) {
        if self.link != Link::Live || self.today.question.is_some() {
            return;
        }
        let midnight = self.now.today().and_time(chrono::NaiveTime::MIN);
        let Some(since) = midnight.and_local_timezone(self.now.zone).earliest() else { return };
        let since_ms = since.timestamp_millis();
        let id = self.new_id();
        self.today.question = Some(id);
        self.outbox.push_back(Intent::Ask { id, question: Question::DoneSince { since_ms } });
    }

    /// Takes an answer to the question for what was done; gives it back when it is none.
    pub(super) fn today_replied(
        &mut self,
        id: Uuid,
        reply: Result<Reply, String>,
    ) -> Option<Result<Reply, String>> {
        if self.today.question != Some(id) {
            return Some(reply);
        }
        self.today.question = None;
        match reply {
            Ok(Reply::DoneSince { done }) => {
                self.today.done = Some(done);
                self.today.rebuild(&self.model, self.own.as_ref(), &self.now, self.lang);
                self.is_dirty = true;
            }
            Ok(_) => {}
            Err(why) => self.say(Tone::Error, why),
        }
        None
    }
}
