//! Publishing the own ledger: the ledger itself is the outbox, with a cursor that says how far the bus confirmed it.
//!
//! What was committed a moment ago is sent from memory; what lies further back (after a restart, or a link that was
//! down) is read from the store. A nack or a return moves the cursor as well: the peers' fetching repairs it.

use std::collections::VecDeque;

use serde_json::value::RawValue;

use crate::bus::Settled;
use crate::domain::WarehouseId;
use crate::ledger::{Seal, StoredEntry};
use crate::protocol::envelope::MAX_RANGE_BYTES;
use crate::protocol::message::{Entries, PublicKey};

/// Messages on their way at once.
const IN_FLIGHT: usize = 8;
/// Bytes of entries that are kept in memory for sending.
const KEPT_BYTES: usize = 1024 * 1024;

/// Entries without gaps; the last one is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The entries.
    pub entries: Vec<StoredEntry>,
    /// Their seals.
    pub seals: Vec<Seal>,
}

impl Range {
    fn first(&self) -> u64 {
        self.entries.first().map_or(0, |entry| entry.entry.seq)
    }

    fn last(&self) -> u64 {
        self.entries.last().map_or(0, |entry| entry.entry.seq)
    }

    fn bytes(&self) -> usize {
        self.entries.iter().map(|entry| entry.bytes.len()).sum()
    }

    /// The part up to an entry that ends at a seal.
    #[must_use]
    pub fn up_to(mut self, seq: u64) -> Self {
        self.seals.retain(|seal| seal.seq <= seq);
        let end = self.seals.iter().map(|seal| seal.seq).max().unwrap_or(0);
        self.entries.retain(|entry| entry.entry.seq <= end);
        self
    }

    /// As a message; none where it is empty or an entry isn't the text it must be.
    #[must_use]
    pub fn message(&self, origin: &WarehouseId, key: PublicKey) -> Option<Entries> {
        if self.entries.is_empty() {
            return None;
        }
        let raw = |entry: &StoredEntry| {
            let text = std::str::from_utf8(&entry.bytes).ok()?;
            RawValue::from_string(text.to_owned()).ok()
        };
        Some(Entries {
            origin: origin.clone(),
            key,
            entries: self.entries.iter().map(raw).collect::<Option<_>>()?,
            seals: self.seals.clone(),
        })
    }
}

/// What is to be done next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing for now.
    Nothing,
    /// Publish this, and tell the mark by [`Outbox::sent`].
    Publish(Range),
    /// Read from this entry on, and bring it by [`Outbox::read`].
    Read(u64),
}

#[derive(Debug)]
struct OnItsWay {
    mark: u64,
    last: u64,
    settled: bool,
}

/// How far the own ledger is published.
#[derive(Debug)]
pub struct Outbox {
    confirmed: u64,
    sent: u64,
    limit: u64,
    kept: VecDeque<Range>,
    reading: bool,
    on_its_way: VecDeque<OnItsWay>,
}

impl Outbox {
    /// Published up to an entry.
    #[must_use]
    pub const fn new(published: u64) -> Self {
        Self {
            confirmed: published,
            sent: published,
            limit: 0,
            kept: VecDeque::new(),
            reading: false,
            on_its_way: VecDeque::new(),
        }
    }

    /// The bus has confirmed the ledger up to this entry.
    #[must_use]
    pub const fn confirmed(&self) -> u64 {
        self.confirmed
    }

    /// Own entries were committed.
    pub fn committed(&mut self, me: &WarehouseId, entries: &[StoredEntry], seals: &[(WarehouseId, Seal)]) {
        let mut range = Range { entries: Vec::new(), seals: Vec::new() };
        let mut run = Vec::new();
        for entry in entries.iter().filter(|entry| entry.entry.origin == *me) {
            run.push(entry.clone());
            let seal = seals.iter().find(|(origin, seal)| origin == me && seal.seq == entry.entry.seq);
            let Some((_, seal)) = seal else { continue };
            let bytes: usize = run.iter().map(|entry| entry.bytes.len()).sum();
            if !range.entries.is_empty() && range.bytes() + bytes > MAX_RANGE_BYTES {
                let seals = std::mem::take(&mut range.seals);
                let entries = std::mem::take(&mut range.entries);
                self.kept.push_back(Range { entries, seals });
            }
            range.entries.append(&mut run);
            range.seals.push(seal.clone());
        }
        if !range.entries.is_empty() {
            self.kept.push_back(range);
        }
        if self.kept.iter().map(Range::bytes).sum::<usize>() > KEPT_BYTES {
            self.kept.clear();
        }
    }

    /// Own entries up to this one may be published: they are committed, and the head file says so.
    pub fn allow(&mut self, seq: u64) {
        self.limit = self.limit.max(seq);
    }

    /// What to do now, over a link that works.
    pub fn next(&mut self, anybody_there: bool) -> Next {
        if !anybody_there {
            // Who comes later asks for what it misses.
            self.sent = self.sent.max(self.limit);
            self.confirmed = self.sent;
            self.kept.clear();
            return Next::Nothing;
        }
        if self.sent >= self.limit || self.reading || self.on_its_way.len() >= IN_FLIGHT {
            return Next::Nothing;
        }
        while self.kept.front().is_some_and(|range| range.last() <= self.sent) {
            self.kept.pop_front();
        }
        match self.kept.pop_front() {
            Some(range) if range.first() <= self.sent + 1 => {
                if range.last() > self.limit {
                    self.kept.push_front(range);
                    return Next::Nothing;
                }
                Next::Publish(range)
            }
            ahead => {
                if let Some(range) = ahead {
                    self.kept.push_front(range);
                }
                self.reading = true;
                Next::Read(self.sent + 1)
            }
        }
    }

    /// What was read from the store, if it could be.
    pub fn read(&mut self, range: Option<Range>) {
        self.reading = false;
        let Some(range) = range.map(|range| range.up_to(self.limit)) else {
            return;
        };
        if range.first() == self.sent + 1 {
            self.kept.push_front(range);
        }
    }

    /// A range is on its way under a mark; without one it can't be sent at all, and is left to the peers' fetching.
    pub fn sent(&mut self, range: &Range, mark: Option<u64>) {
        self.sent = self.sent.max(range.last());
        self.on_its_way.push_back(OnItsWay {
            mark: mark.unwrap_or(0),
            last: range.last(),
            settled: mark.is_none(),
        });
        self.advance();
    }

    /// The bus settled a message; tells whether the cursor went on.
    pub fn settled(&mut self, mark: u64, outcome: &Settled) -> bool {
        let Some(place) = self.on_its_way.iter().position(|sent| sent.mark == mark) else {
            return false;
        };
        match outcome {
            Settled::Dropped => {
                self.link_down();
                return false;
            }
            Settled::Confirmed => {}
            Settled::Nacked | Settled::Returned => {
                tracing::debug!(?outcome, "own entries did not reach everybody at once");
            }
            Settled::Unsendable { reason } => tracing::error!(reason, "own entries can't be published"),
        }
        self.on_its_way[place].settled = true;
        self.advance()
    }

    /// The link ended: what isn't confirmed is sent again.
    pub fn link_down(&mut self) {
        self.on_its_way.clear();
        self.sent = self.confirmed;
    }

    fn advance(&mut self) -> bool {
        let before = self.confirmed;
        while self.on_its_way.front().is_some_and(|sent| sent.settled) {
            if let Some(sent) = self.on_its_way.pop_front() {
                self.confirmed = self.confirmed.max(sent.last);
            }
        }
        self.confirmed > before
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;
    use crate::domain::Operator;
    use crate::ledger::entry::{Body, CommandId, Entry, Hash};

    fn me() -> WarehouseId {
        WarehouseId::new("madrid").unwrap()
    }

    fn entry(seq: u64, text: usize) -> StoredEntry {
        StoredEntry::write(Entry {
            origin: me(),
            incarnation: 1,
            seq,
            hlc: seq,
            error_ms: None,
            operator: Operator::new("ana").unwrap(),
            command: CommandId { id: uuid::Uuid::nil(), index: 0, digest: 0, entries: 0 },
            names: vec![],
            fences: vec![],
            after: None,
            prev_hash: Hash::ZERO,
            body: Body::AlertAcknowledged { alert: "x".repeat(text) },
        })
        .unwrap()
    }

    fn seal(seq: u64) -> (WarehouseId, Seal) {
        let seal = Seal { seq, signature: [0; 64] };
        (me(), seal)
    }

    fn commit(outbox: &mut Outbox, seqs: std::ops::RangeInclusive<u64>) {
        let last = *seqs.end();
        let entries: Vec<_> = seqs.map(|seq| entry(seq, 1)).collect();
        outbox.committed(&me(), &entries, &[seal(last)]);
        outbox.allow(last);
    }

    fn publish(outbox: &mut Outbox, mark: u64) -> (u64, u64) {
        match outbox.next(true) {
            Next::Publish(range) => {
                outbox.sent(&range, Some(mark));
                (range.first(), range.last())
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_cursor_goes_on_in_order_though_confirms_come_out_of_order() {
        let mut outbox = Outbox::new(0);
        commit(&mut outbox, 1..=2);
        commit(&mut outbox, 3..=3);
        assert_eq!(publish(&mut outbox, 7), (1, 2));
        assert_eq!(publish(&mut outbox, 8), (3, 3));
        assert!(!outbox.settled(8, &Settled::Confirmed));
        assert_eq!(outbox.confirmed(), 0);
        assert!(outbox.settled(7, &Settled::Nacked), "a nack moves it as well");
        assert_eq!(outbox.confirmed(), 3);
    }

    #[test]
    fn what_was_on_its_way_when_the_link_ended_is_read_and_sent_again() {
        let mut outbox = Outbox::new(0);
        commit(&mut outbox, 1..=2);
        publish(&mut outbox, 7);
        outbox.link_down();
        assert_eq!(outbox.next(true), Next::Read(1));
        assert_eq!(outbox.next(true), Next::Nothing, "one reading at a time");
        outbox.read(Some(Range { entries: vec![entry(1, 1), entry(2, 1)], seals: vec![seal(2).1] }));
        assert_eq!(publish(&mut outbox, 9), (1, 2));
        assert!(!outbox.settled(7, &Settled::Confirmed), "the mark of the old link means nothing");
        assert!(outbox.settled(9, &Settled::Confirmed));
    }

    #[test]
    fn nothing_is_published_that_the_head_file_does_not_cover() {
        let mut outbox = Outbox::new(0);
        outbox.committed(&me(), &[entry(1, 1)], &[seal(1)]);
        assert_eq!(outbox.next(true), Next::Nothing);
        outbox.allow(1);
        assert_eq!(publish(&mut outbox, 1), (1, 1));
    }

    #[test]
    fn a_long_batch_goes_out_in_messages_that_end_at_seals() {
        let mut outbox = Outbox::new(0);
        let entries: Vec<_> = (1..=6).map(|seq| entry(seq, 50_000)).collect();
        let seals: Vec<_> = (1..=6).map(seal).collect();
        outbox.committed(&me(), &entries, &seals);
        outbox.allow(6);
        assert_eq!(publish(&mut outbox, 1), (1, 3));
        assert_eq!(publish(&mut outbox, 2), (4, 6));
    }

    #[test]
    fn alone_there_is_nobody_to_wait_for() {
        let mut outbox = Outbox::new(0);
        commit(&mut outbox, 1..=2);
        assert_eq!(outbox.next(false), Next::Nothing);
        assert_eq!(outbox.confirmed(), 2);
    }
}
