//! The inbox messages of one link that aren't settled yet.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::publisher::{Answer, Copy};
use super::topology::Topology;
use crate::bus::{Outgoing, Recipients, Settled};

/// What may wait for a broker that takes no messages; beyond, messages are settled as `Nacked`.
const WAITING_COPIES: usize = 4096;
const WAITING_BYTES: usize = 32 * 1024 * 1024;

#[derive(Debug, Default)]
pub(super) struct Outbox {
    next_number: u64,
    open: BTreeMap<u64, Open>,
    waiting: VecDeque<Copy>,
    waiting_bytes: usize,
}

#[derive(Debug)]
struct Open {
    tag: u64,
    unanswered: usize,
    refused: bool,
    returned: bool,
}

impl Outbox {
    /// Takes a message in; the outcome where it is known at once.
    pub(super) fn add(&mut self, message: &Outgoing) -> Option<Settled> {
        let Recipients::Some(to) = &message.to else {
            return Some(Settled::Nacked);
        };
        if to.is_empty() {
            return Some(Settled::Confirmed);
        }
        let bytes = message.payload.len().saturating_mul(to.len());
        if self.waiting.len() + to.len() > WAITING_COPIES
            || self.waiting_bytes.saturating_add(bytes) > WAITING_BYTES
        {
            return Some(Settled::Nacked);
        }
        let number = self.next_number;
        self.next_number += 1;
        self.open
            .insert(number, Open { tag: message.tag, unanswered: to.len(), refused: false, returned: false });
        for recipient in to {
            let key = Topology::inbox_key(recipient).into();
            self.waiting.push_back(Copy { number, key, payload: Arc::clone(&message.payload) });
        }
        self.waiting_bytes += bytes;
        None
    }

    pub(super) fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    pub(super) fn pop(&mut self) -> Option<Copy> {
        let copy = self.waiting.pop_front()?;
        self.waiting_bytes = self.waiting_bytes.saturating_sub(copy.payload.len());
        Some(copy)
    }

    pub(super) fn is_settled(&self) -> bool {
        self.open.is_empty()
    }

    /// Notes what the broker said of a copy; the message's tag and outcome once all copies are answered.
    pub(super) fn answered(&mut self, answer: Answer) -> Option<(u64, Settled)> {
        let number = match answer {
            Answer::Returned(number) => {
                if let Some(open) = self.open.get_mut(&number) {
                    open.returned = true;
                }
                return None;
            }
            Answer::Stored(number) | Answer::Refused(number) => number,
        };
        let open = self.open.get_mut(&number)?;
        open.refused |= answer == Answer::Refused(number);
        open.unanswered = open.unanswered.saturating_sub(1);
        if open.unanswered > 0 {
            return None;
        }
        let open = self.open.remove(&number)?;
        let outcome = match open {
            Open { refused: true, .. } => Settled::Nacked,
            Open { returned: true, .. } => Settled::Returned,
            Open { .. } => Settled::Confirmed,
        };
        Some((open.tag, outcome))
    }

    /// The tags of all messages whose fate stays unknown.
    pub(super) fn dropped(&mut self) -> Vec<u64> {
        self.waiting.clear();
        self.waiting_bytes = 0;
        std::mem::take(&mut self.open).into_values().map(|open| open.tag).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::bus::Lane;

    fn message(tag: u64, to: &[&str], bytes: usize) -> Outgoing {
        let to = Recipients::Some(to.iter().map(|name| (*name).to_owned()).collect());
        Outgoing { tag, lane: Lane::Inbox, to, payload: vec![0; bytes].into() }
    }

    #[test]
    fn a_message_is_settled_once_every_copy_is_answered() {
        let mut outbox = Outbox::default();
        assert_eq!(outbox.add(&message(7, &["a", "b"], 1)), None);
        let numbers = [outbox.pop().unwrap().number, outbox.pop().unwrap().number];
        assert_eq!(outbox.answered(Answer::Stored(numbers[0])), None);
        assert_eq!(outbox.answered(Answer::Stored(numbers[1])), Some((7, Settled::Confirmed)));
        assert!(outbox.is_settled());
    }

    #[test]
    fn a_return_that_came_with_anothers_confirm_counts_for_its_own_message() {
        let mut outbox = Outbox::default();
        for tag in [1, 2] {
            assert_eq!(outbox.add(&message(tag, &["a"], 1)), None);
        }
        assert_eq!(outbox.answered(Answer::Returned(1)), None);
        assert_eq!(outbox.answered(Answer::Stored(0)), Some((1, Settled::Confirmed)));
        assert_eq!(outbox.answered(Answer::Stored(1)), Some((2, Settled::Returned)));
    }

    #[test]
    fn what_a_stopped_broker_leaves_waiting_is_bounded() {
        let mut outbox = Outbox::default();
        let kept = (0..1000).take_while(|tag| outbox.add(&message(*tag, &["a"], 1 << 20)).is_none()).count();
        assert_eq!(kept, 32);
        outbox.pop();
        assert_eq!(outbox.add(&message(99, &["a"], 1 << 20)), None);
        assert_eq!(outbox.dropped().len(), 33);
    }
}
