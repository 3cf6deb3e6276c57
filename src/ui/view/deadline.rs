//! When the view must be woken though nothing happens: as seldom as what is shown allows.

use std::time::Duration;

use super::{Link, View};
use crate::node::event::PeerState;
use crate::ui::keys::Place;
use crate::ui::moment::Moment;

const MINUTE_MS: i64 = 60_000;
const STEP_MS: i64 = 10_000;
const SECOND_MS: i64 = 1_000;

impl View {
    /// When to wake it next, as time since the start.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        let step = self.step();
        let soon = [self.scanner.due(), self.toasts.due(), self.stock.due(), self.today_due()];
        let next = self.now.running + self.now.until_next(step);
        soon.into_iter().flatten().fold(next, Duration::min)
    }

    /// Ages below a minute step by ten seconds; how long somebody waits for a lock steps each second.
    fn step(&self) -> i64 {
        if self.link == Link::Live && !self.model.locks.is_empty() {
            SECOND_MS
        } else if self.shows_a_young_age() {
            STEP_MS
        } else {
            MINUTE_MS
        }
    }

    /// Whether an age below a minute is shown: those step by ten seconds.
    fn shows_a_young_age(&self) -> bool {
        let is_young = |at_ms: i64| self.now.wall_ms - at_ms < MINUTE_MS + STEP_MS;
        let counted = self.sheet.selected().filter(|_| self.place() == Place::Stocktake);
        self.link == Link::Live
            && (counted.and_then(|row| row.line.as_ref()).is_some_and(|line| is_young(line.at_ms))
                || self
                    .model
                    .peers
                    .iter()
                    .any(|p| p.state != PeerState::Alive && p.last_seen_ms.is_some_and(is_young)))
    }

    /// The moment by cluster time, as far as the node has told of it: the shell reads the local clock.
    pub(super) fn on_cluster_time(&self, now: Moment) -> Moment {
        let offset_ms = self.model.status.as_ref().map_or(0, |status| status.clock.offset_ms);
        Moment { wall_ms: now.wall_ms.saturating_sub(offset_ms), ..now }
    }

    /// Lets go what time has run out for.
    pub(super) fn pass_time(&mut self, before: Moment) {
        let at = self.now.running;
        for heard in self.scanner.wake(at) {
            self.is_dirty = true;
            self.heard(heard);
        }
        let faded = self.toasts.fade(at);
        let unmarked = self.stock.unmark(at);
        let is_later = |step: i64| before.wall_ms.div_euclid(step) != self.now.wall_ms.div_euclid(step);
        let has_aged = is_later(self.step());
        if before.today() == self.now.today() {
            self.today_passes();
        } else {
            self.today_anew();
        }
        self.is_dirty |= faded || unmarked || has_aged;
    }
}
