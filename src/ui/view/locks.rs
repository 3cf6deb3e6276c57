//! The locks in the peers pane: their rows, and stepping back from a queue.

use super::View;
use crate::domain::Sku;
use crate::node::event::LockView;
use crate::node::intent::Intent;
use crate::text::lock_wait;
use crate::ui::overlays::Overlay;
use crate::ui::toasts::Tone;

/// A wait that takes longer is told.
const UNSAID_MS: i64 = 1_500;

impl View {
    /// Rows of the peers pane: the peers, then the locks.
    #[must_use]
    pub const fn peer_rows(&self) -> usize {
        self.model.peers.len() + self.model.locks.len()
    }

    /// The lock in a row of the peers pane.
    #[must_use]
    pub fn lock_at(&self, row: usize) -> Option<&LockView> {
        self.model.locks.get(row.checked_sub(self.model.peers.len())?)
    }

    /// The product whose queue can be left: of the row under the cursor, else of the first lock that is waited for here.
    pub(super) fn lock_to_leave(&self) -> Option<&Sku> {
        let me = self.own.as_ref()?;
        let under_the_cursor = self.lock_at(self.peers.at);
        let all = under_the_cursor.into_iter().chain(&self.model.locks);
        all.filter(|lock| lock.waits(me).is_some()).map(|lock| &lock.sku).next()
    }

    /// Says once what is waited for, where that takes longer than a moment.
    pub(super) fn tell_wait(&mut self) {
        let Some(me) = &self.own else { return };
        let late =
            |lock: &&LockView| lock.waits(me).is_some_and(|since| self.now.wall_ms - since >= UNSAID_MS);
        let waited = self.model.locks.iter().find(late).cloned();
        let sku = waited.as_ref().map(|lock| lock.sku.clone());
        if sku == self.wait_told {
            return;
        }
        self.wait_told = sku;
        if let Some(lock) = waited {
            let said = lock_wait(self.lang, &lock);
            // The form that waits says it itself: a toast would stand above it for longer than it is true.
            match self.overlays.last_mut() {
                Some(Overlay::Form(open)) if !open.waits.is_empty() => {
                    open.form.waits_for(said);
                    self.is_dirty = true;
                }
                _ => self.say(Tone::Note, said),
            }
        }
    }

    pub(super) fn step_back(&mut self) {
        let Some(sku) = self.lock_to_leave().cloned() else { return };
        let id = self.new_id();
        self.outbox.push_back(Intent::StepBack { id, sku });
    }
}
