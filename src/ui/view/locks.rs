//! The locks in the peers pane: their rows, and stepping back from a queue.

use super::View;
use crate::domain::Sku;
use crate::node::event::LockView;
use crate::node::intent::Intent;

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

    pub(super) fn step_back(&mut self) {
        let Some(sku) = self.lock_to_leave().cloned() else { return };
        let id = self.new_id();
        self.outbox.push_back(Intent::StepBack { id, sku });
    }
}
