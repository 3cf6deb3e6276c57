//! Stepping the core: which inputs when, and what becomes of its effects.

use std::sync::Arc;

use super::{DRAIN, Runtime, Turn};
use crate::node::post::Stamp;
use crate::protocol::batch::Batch;
use crate::protocol::effects::{After, Changed, Effects};
use crate::protocol::input::{Input, Now};
use crate::protocol::message::Message;

/// While a batch commits, so many inputs make it worth while to step the next; fewer gather until it is done.
const WORTH_A_TURN: usize = 128;

/// At the start nothing is written for so long, unless the bus says sooner how it is: it may serve another process
/// under this name.
pub(super) const FIRST_WORD_MS: u64 = 5_000;

impl Runtime {
    /// Sorts an input from the bus: beats go on while the store is down, the rest waits.
    pub(super) fn arrive(&mut self, input: Input) {
        let quick = matches!(
            &input,
            Input::Message {
                message: Message::Beat { .. } | Message::Pong { .. } | Message::Unknown,
                delivery: None,
                ..
            }
        );
        if quick {
            if self.quick.len() < DRAIN {
                self.quick.push(input);
            }
            return;
        }
        let may_be_lost = matches!(&input, Input::Message { delivery: None, .. });
        if !may_be_lost || self.held.len() < 2 * DRAIN {
            self.held.push_back(input);
        }
    }

    /// Turns whose batches are not committed.
    fn batches_waiting(&self) -> usize {
        self.unfinished.iter().filter(|turn| turn.batch.is_some()).count()
    }

    fn may_write(&self) -> bool {
        let gathered = self.held.len() + self.looked_up.len();
        match self.batches_waiting() {
            0 => true,
            1 => gathered >= WORTH_A_TURN,
            _ => false,
        }
    }

    /// Whether there is something that can be stepped now.
    pub(super) fn could_step(&self) -> bool {
        if self.reloading.is_some() || self.waits_for_bus {
            return false;
        }
        let waits = !(self.held.is_empty() && self.looked_up.is_empty());
        !self.quick.is_empty() || (waits && self.may_write())
    }

    /// Steps the core with what has arrived, or because it is time.
    pub(super) fn step(&mut self, now: Now) {
        if self.reloading.is_some() {
            self.quick.clear();
            return;
        }
        self.waits_for_bus &= now.mono_ms < self.times.started + FIRST_WORD_MS;
        if self.waits_for_bus {
            return;
        }
        let mut inputs = std::mem::take(&mut self.quick);
        if self.may_write() {
            let some = self.held.len().min(DRAIN);
            inputs.extend(self.held.drain(..some));
            inputs.append(&mut self.looked_up);
            inputs.extend(self.told_committed());
        }
        if inputs.is_empty() && now.mono_ms < self.times.core {
            return;
        }
        self.step_with(now, inputs);
    }

    /// Steps the core with these.
    pub(super) fn step_with(&mut self, now: Now, inputs: Vec<Input>) {
        let kept = inputs.clone();
        let effects = self.core.handle(now, inputs);
        let Effects { batch, after, at_once, serve, compare, wake_at } = effects;
        self.times.core = wake_at;
        let stamp = self.stamp();
        for send in at_once {
            self.post.send(stamp, send);
        }
        if self.lost.is_some() {
            // What this start knows may not be what the store holds.
            self.doors.answer(after.answers);
            return;
        }
        for serve in serve {
            self.jobs.serve(serve);
        }
        for seen in compare {
            self.jobs.compare(seen);
        }
        self.dirty.peers |= after.changed.others;
        self.dirty.status |= after.changed.others;
        // What asks for nothing durable and says nothing that won't be said again does not wait for a store that is
        // down: it would pile up.
        let waits = !self.unfinished.is_empty();
        let said_again = after.sends.iter().all(|s| waits && matches!(s.message, Message::Heads { .. }));
        let nothing = said_again && after.answers.is_empty() && after.acknowledge.is_empty();
        if batch.is_none() && nothing && after.changed == Changed::default() {
            return;
        }
        let changes = self.changes_of(&after.changed, batch.as_ref(), self.moment(now).wall_ms);
        let batch = batch.map(Arc::new);
        let readying = batch.as_ref().map(|batch| self.jobs.make_ready(Arc::clone(batch)));
        self.unfinished.push_back(Turn { inputs: kept, batch, readying, after, changes });
    }

    /// What goes on every message now.
    pub(super) const fn stamp(&self) -> Stamp {
        Stamp { incarnation: self.core.incarnation(), hlc: self.core.hlc() }
    }

    /// Releases what waits for nothing any more, and commits the next batch.
    pub(super) fn go_on_committing(&mut self, now: Now) {
        self.commit_next();
        while !self.committing
            && let Some(turn) = self.unfinished.pop_front_if(|turn| turn.batch.is_none())
        {
            self.release(turn, now);
            self.commit_next();
        }
    }

    /// Commits the batch of the turn that is next, if it has one.
    pub(super) fn commit_next(&mut self) {
        if !self.committing
            && let Some(turn) = self.unfinished.front_mut()
            && let (Some(batch), Some(readying)) = (&turn.batch, turn.readying.take())
        {
            self.jobs.commit(Arc::clone(batch), readying);
            self.committing = true;
        }
    }

    /// Everything this turn rests on is committed: now it may be acknowledged, sent, shown and answered.
    pub(super) fn release(&mut self, turn: Turn, now: Now) {
        let After { answers, sends, acknowledge, changed } = turn.after;
        if let Some(batch) = &turn.batch {
            self.stored(batch);
        }
        let stamp = self.stamp();
        for send in sends {
            self.post.send(stamp, send);
        }
        let tokens = self.inbox.tokens(&acknowledge);
        self.post.acknowledge(tokens.into_iter());
        self.show(&turn.changes, now);
        if !changed.restamps.is_empty() {
            self.shown.restamp(&changed.restamps);
            self.doors.show_anew();
            // What was issued in the last days may have been issued on others.
            self.times.issued = now.mono_ms;
        }
        self.doors.answer(answers);
        self.dirty.slow_doors = true;
    }

    fn stored(&mut self, batch: &Batch) {
        let me = self.core.me().clone();
        let (said, quarantined) = self.recorded.take(&me, batch);
        self.outbox.committed(&me, &batch.entries, &batch.seals);
        self.lookups.committed(batch.writer.batch);
        self.store_trouble(None);
        self.dirty.status = true;
        let recorded = &self.recorded;
        let acknowledged = |id: &str| recorded.acknowledged(id);
        if said {
            self.alerts.acknowledged(&acknowledged);
        }
        self.dirty.peers |= quarantined || !batch.peers.is_empty();
        self.write_head();
    }
}
