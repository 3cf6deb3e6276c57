//! Commits: how they end, what follows, and the two orders that depend on them — the head file's and the lookups'.

use std::collections::VecDeque;

use super::Runtime;
use crate::domain::{Refusal, WarehouseId};
use crate::ledger::act::{Act, Outcome};
use crate::node::jobs::Commit;
use crate::node::shown::Recorded;
use crate::protocol::batch::Loaded;
use crate::protocol::core::{Core, Setup};
use crate::protocol::input::{Input, Now};
use crate::protocol::message::Message;

/// Requests looked up at once.
const LOOKED_UP: usize = 1024;

/// Which lookups were begun and stepped, so that the core is told of a commit only after the lookups begun before it.
///
/// A lookup that began before a commit doesn't see what that commit wrote: until its requests are stepped, the core
/// must remember what it gave out.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    begun: u64,
    running: bool,
    back: u64,
    stepped: u64,
    /// The one that runs was begun before the core started over: what it found doesn't count.
    stale: bool,
    /// Batches with the last lookup that was begun before they were known to be committed.
    commits: VecDeque<(u64, u64)>,
}

impl Lookups {
    pub(super) fn committed(&mut self, batch: u64) {
        self.commits.push_back((batch, self.begun));
    }

    fn next(&mut self) -> Option<u64> {
        let mut newest = None;
        while let Some(&(batch, begun)) = self.commits.front()
            && begun <= self.stepped
        {
            newest = Some(batch);
            self.commits.pop_front();
        }
        newest
    }
}

/// What is stepped when the state has been loaded anew.
#[derive(Debug)]
pub(super) struct Reload {
    first: Vec<Input>,
    without: Option<WarehouseId>,
}

impl Runtime {
    /// Begins the lookup of the requests that have arrived.
    pub(super) fn look_up(&mut self) {
        if self.lookups.running || self.looked_up.len() >= LOOKED_UP || self.requests.is_empty() {
            return;
        }
        let some = self.requests.len().min(LOOKED_UP);
        let requests = self.requests.drain(..some).collect();
        self.lookups.begun += 1;
        self.lookups.running = true;
        self.jobs.look_up(self.core.me().clone(), requests);
    }

    /// Requests are looked up. One about an alert is judged here: only what is shown knows the alerts.
    pub(super) fn requests_ready(&mut self, inputs: Vec<Input>) {
        self.lookups.running = false;
        self.lookups.back = self.lookups.begun;
        self.store_trouble(None);
        if std::mem::take(&mut self.lookups.stale) {
            return self.look_up_again(inputs);
        }
        for input in inputs {
            if let Input::Request { request, known, .. } = &input
                && let Act::AcknowledgeAlert { alert } = &request.act
                && known.is_empty()
                && !self.alerts.stands(alert)
            {
                let refusal = Refusal::UnknownAlert { alert: alert.clone() };
                self.doors.answer(vec![(request.id, Outcome::Refused { refusal })]);
                continue;
            }
            self.looked_up.push(input);
        }
        if let Some(why) = self.lost.clone() {
            let inputs = std::mem::take(&mut self.looked_up);
            self.refuse_all(&inputs, &why);
        }
    }

    /// These are looked up once more, before all others.
    fn look_up_again(&mut self, inputs: Vec<Input>) {
        for input in inputs.into_iter().rev() {
            if let Input::Request { request, .. } = input {
                self.requests.push_front(request);
            }
        }
    }

    /// The word of a commit, once every lookup begun before it is stepped.
    pub(super) fn told_committed(&mut self) -> Option<Input> {
        self.lookups.stepped = self.lookups.back;
        let batch = self.lookups.next()?;
        let published = self.outbox.confirmed();
        Some(Input::Committed { batch, published })
    }

    /// A commit ended.
    pub(super) fn committed(&mut self, commit: Commit, now: Now) {
        self.committing = false;
        match commit {
            Commit::Done => {
                if let Some(turn) = self.unfinished.pop_front() {
                    // The store goes on while this is shown and answered.
                    self.commit_next();
                    self.release(turn, now);
                }
            }
            Commit::Foreign => self.lose("another process writes to this node's database"),
            Commit::Refused { origin, why } if origin == *self.core.me() => {
                tracing::error!(why, "the store refuses an own entry: this node stops writing");
                let why = format!("the store refuses an own entry: {why}");
                self.reload(vec![Input::Stop { why }], None);
            }
            Commit::Refused { origin, why } => {
                tracing::error!(%origin, why, "the store refuses an entry: its ledger isn't followed further");
                let first = vec![Input::Quarantine { origin: origin.clone(), why }];
                self.reload(first, Some(origin));
            }
        }
    }

    /// Nothing may be written any more: another process does.
    fn lose(&mut self, why: &str) {
        tracing::error!(why, "this node stops");
        let unfinished = std::mem::take(&mut self.unfinished);
        for turn in &unfinished {
            self.refuse_all(&turn.inputs, why);
        }
        let looked_up = std::mem::take(&mut self.looked_up);
        self.refuse_all(&looked_up, why);
        let waiting: Vec<_> = std::mem::take(&mut self.requests).into();
        let refused = waiting.into_iter().map(|request| (request.id, stopped(why)));
        self.doors.answer(refused.collect());
        self.held.clear();
        self.lost = Some(why.to_owned());
        self.quick.push(Input::Stop { why: why.to_owned() });
        self.dirty.status = true;
        self.dirty.peers = true;
    }

    fn refuse_all(&mut self, inputs: &[Input], why: &str) {
        let requests = inputs.iter().filter_map(|input| match input {
            Input::Request { request, .. } => Some((request.id, stopped(why))),
            _ => None,
        });
        self.doors.answer(requests.collect());
    }

    fn reload(&mut self, first: Vec<Input>, without: Option<WarehouseId>) {
        self.reloading = Some(Reload { first, without });
        self.jobs.load();
    }

    /// The state is loaded anew: the core starts over from it, with the inputs whose turns came to nothing.
    pub(super) fn loaded_anew(&mut self, loaded: Loaded, now: Now) {
        let Some(Reload { first, without }) = self.reloading.take() else {
            return;
        };
        let batch = self.recorded.batch;
        // What waits for locks came in turns that are through.
        let waiting: Vec<_> = self.core.waiting_for_locks().cloned().collect();
        self.recorded = Recorded::new(self.core.me(), &loaded);
        self.recorded.batch = batch;
        let stopped = self.core.stopped_for_good().map(ToOwned::to_owned);
        let (absent, is_elsewhere) = (self.core.declared_absent(), self.core.is_elsewhere());
        self.core = Core::new(
            Setup { incarnation: self.core.incarnation(), batch, ..self.ground.setup.clone() },
            loaded,
        );
        let unfinished = std::mem::take(&mut self.unfinished);
        let of_refused = |input: &Input| {
            let entries = match input {
                Input::Message { message: Message::Entries(entries), .. } => Some(&entries.origin),
                _ => None,
            };
            entries.is_some() && entries == without.as_ref()
        };
        let mut inputs = first;
        inputs.push(Input::HeadFile { head: self.head_written });
        // What the store doesn't know must not be forgotten with the core.
        inputs.extend(stopped.map(|why| Input::Stop { why }));
        inputs.extend(is_elsewhere.then_some(Input::Elsewhere));
        inputs.push(Input::Absent { who: absent });
        let again = unfinished.into_iter().flat_map(|turn| turn.inputs);
        let mut left_out = Vec::new();
        // The new core remembers nothing that it gave out: requests are looked up anew.
        let mut requests = Vec::new();
        for input in again {
            if matches!(input, Input::Request { .. }) {
                requests.push(input);
            } else if of_refused(&input) {
                if let Input::Message { delivery: Some(delivery), .. } = input {
                    left_out.push(delivery);
                }
            } else {
                inputs.push(input);
            }
        }
        requests.append(&mut self.looked_up);
        self.look_up_again(requests);
        for request in waiting.into_iter().rev() {
            self.requests.push_front(request);
        }
        self.lookups.stale = self.lookups.running;
        let tokens = self.inbox.tokens(&left_out);
        self.post.acknowledge(tokens.into_iter());
        self.times.issued = now.mono_ms;
        self.dirty.peers = true;
        self.dirty.status = true;
        self.step_with(now, inputs);
    }

    /// Writes the head file, where the store is ahead of it.
    pub(super) fn write_head(&mut self) {
        let head = self.recorded.head(self.core.me());
        let place = |head: &crate::ledger::Head| (head.incarnation, head.seq);
        if !self.writing_head && place(&head) > place(&self.head_written) {
            self.writing_head = true;
            self.jobs.write_head(self.ground.head_file.clone(), head);
        }
    }

    /// The head file is written: up to there the own ledger may be published.
    pub(super) fn head_is_written(&mut self, head: crate::ledger::Head) {
        self.writing_head = false;
        self.head_written = head;
        self.outbox.allow(head.seq);
        self.write_head();
    }
}

fn stopped(why: &str) -> Outcome {
    let refusal = Refusal::Stopped { why: why.to_owned() };
    Outcome::Refused { refusal }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_told_only_after_the_lookups_begun_before_it_are_stepped() {
        let mut lookups = Lookups { begun: 1, ..Lookups::default() };
        lookups.committed(7);
        assert_eq!(lookups.next(), None, "the first lookup is not stepped yet");
        lookups.begun = 2;
        lookups.committed(8);
        lookups.stepped = 1;
        assert_eq!(lookups.next(), Some(7));
        lookups.stepped = 2;
        assert_eq!(lookups.next(), Some(8));
        assert_eq!(lookups.next(), None);
    }
}
