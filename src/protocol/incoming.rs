//! Entries of one ledger that came but can't be applied yet, and what of that ledger is missing.

use std::collections::{BTreeMap, VecDeque};

use crate::domain::WarehouseId;
use crate::ledger::{Hash, Head, Seal, StoredEntry};

/// Entries kept per ledger that wait for others.
const KEPT_ENTRIES: usize = 4_096;
/// Their bytes.
const KEPT_BYTES: usize = 8 * 1024 * 1024;
/// Deliveries that come twice come soon: so many places are remembered where the ledger stood.
const REMEMBERED: usize = 64;
/// A gap is left alone for so long: what fills it may be on its way.
const GRACE_MS: u64 = 400;
/// A fetch that isn't answered is repeated after this, then after twice as long, up to the longest.
const FETCH_MS: u64 = 2_000;
const FETCH_LONGEST_MS: u64 = 30_000;

/// What came of one ledger beyond what is applied.
#[derive(Debug, Clone, Default)]
pub struct Incoming {
    entries: BTreeMap<u64, StoredEntry>,
    seals: BTreeMap<u64, Seal>,
    bytes: usize,
    /// Known to exist, from heads and names.
    wanted: u64,
    behind_since: Option<u64>,
    fetching_until: Option<u64>,
    fetch_wait: u64,
    /// Where the ledger stood of late, the newest last.
    stood: VecDeque<(u64, Hash)>,
    /// The next entry is of a kind that this version doesn't know.
    unknown: Option<u64>,
}

impl Incoming {
    /// Keeps an entry. Of too many the furthest is let go, since it can be fetched again: what fills a gap never
    /// waits for room.
    pub fn keep(&mut self, entry: StoredEntry) {
        self.bytes += entry.bytes.len();
        if let Some(old) = self.entries.insert(entry.entry.seq, entry) {
            self.bytes -= old.bytes.len();
        }
        while self.entries.len() > 1 && (self.entries.len() > KEPT_ENTRIES || self.bytes > KEPT_BYTES) {
            if let Some((_, furthest)) = self.entries.pop_last() {
                self.bytes -= furthest.bytes.len();
            }
        }
    }

    /// Keeps a seal, and of too many those that come first.
    pub fn keep_seal(&mut self, seal: Seal) {
        self.seals.insert(seal.seq, seal);
        if self.seals.len() > KEPT_ENTRIES {
            self.seals.pop_last();
        }
    }

    /// Notes that the ledger goes at least so far.
    pub fn want(&mut self, seq: u64) {
        self.wanted = self.wanted.max(seq);
    }

    /// The entries that follow a head without a gap, in order; they chain to each other, not necessarily to the head.
    #[must_use]
    pub fn run(&self, head: Head) -> Vec<StoredEntry> {
        let mut run: Vec<StoredEntry> = Vec::new();
        for (next, entry) in (head.seq + 1..).zip(self.entries.range(head.seq + 1..)) {
            let chains = run.last().is_none_or(|before| entry.1.entry.prev_hash == before.hash);
            if *entry.0 != next || !chains {
                break;
            }
            run.push(entry.1.clone());
        }
        run
    }

    /// An entry that waits.
    #[must_use]
    pub fn entry(&self, seq: u64) -> Option<&StoredEntry> {
        self.entries.get(&seq)
    }

    /// The seal at an entry.
    #[must_use]
    pub fn seal(&self, seq: u64) -> Option<&Seal> {
        self.seals.get(&seq)
    }

    /// Seals at or below an entry that still are here.
    pub fn take_seals(&mut self, upto: u64) -> Vec<Seal> {
        let later = self.seals.split_off(&(upto + 1));
        std::mem::replace(&mut self.seals, later).into_values().collect()
    }

    /// A seal that proved false.
    pub fn drop_seal(&mut self, seq: u64) {
        self.seals.remove(&seq);
    }

    /// Lets go of everything after an entry; it can be fetched again.
    pub fn let_go_after(&mut self, seq: u64) {
        self.entries.split_off(&(seq + 1));
        self.seals.split_off(&(seq + 1));
        self.bytes = self.entries.values().map(|e| e.bytes.len()).sum();
    }

    /// Lets go of everything up to an entry, which is applied.
    pub fn applied(&mut self, head: Head) {
        let upto = head.seq;
        self.unknown = self.unknown.filter(|seq| *seq > upto);
        if self.stood.back().is_none_or(|(seq, _)| *seq < upto) {
            self.stood.push_back((upto, head.hash));
            if self.stood.len() > REMEMBERED {
                self.stood.pop_front();
            }
        }
        let later = self.entries.split_off(&(upto + 1));
        self.entries = later;
        self.bytes = self.entries.values().map(|e| e.bytes.len()).sum();
        self.seals = self.seals.split_off(&(upto + 1));
    }

    /// Whether the ledger is known to have stood at this very entry: whatever ends with it was applied.
    #[must_use]
    pub fn has_stood_at(&self, seq: u64, hash: Hash) -> bool {
        self.stood.iter().rev().any(|known| *known == (seq, hash))
    }

    /// Notes that an entry is of a kind that this version doesn't know; tells whether that is news.
    pub fn is_unknown(&mut self, seq: u64) -> bool {
        self.unknown.replace(seq) != Some(seq)
    }

    /// Whether nothing can be applied before this program knows more kinds.
    #[must_use]
    pub const fn has_unknown(&self) -> bool {
        self.unknown.is_some()
    }

    /// Lets go of everything.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.seals.clear();
        self.bytes = 0;
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// A range came: the next may be asked for at once.
    pub fn answered(&mut self) {
        self.fetching_until = None;
        self.fetch_wait = 0;
    }

    /// How many entries are known to exist that are neither applied nor here without a gap.
    #[must_use]
    pub fn missing(&self, applied: u64) -> u64 {
        self.wanted.saturating_sub(self.contiguous(applied))
    }

    fn contiguous(&self, applied: u64) -> u64 {
        let follows = (applied + 1..).zip(self.entries.range(applied + 1..));
        follows.take_while(|(next, (seq, _))| next == *seq).last().map_or(applied, |(next, _)| next)
    }

    /// From which entry to fetch now, if it is time to; else when to look again.
    pub fn fetch_from(&mut self, applied: u64, now_mono: u64) -> FetchNow {
        let have = self.contiguous(applied);
        if have >= self.wanted {
            self.behind_since = None;
            self.fetching_until = None;
            self.fetch_wait = 0;
            return FetchNow::Nothing;
        }
        let due = match self.fetching_until {
            Some(until) => until,
            None if self
                .behind_since
                .is_some_and(|since| self.fetch_wait == 0 && since + GRACE_MS <= now_mono) =>
            {
                now_mono
            }
            None => *self.behind_since.get_or_insert(now_mono) + GRACE_MS,
        };
        if due > now_mono {
            return FetchNow::At(due);
        }
        self.fetch_wait = (self.fetch_wait * 2).clamp(FETCH_MS, FETCH_LONGEST_MS);
        self.fetching_until = Some(now_mono + self.fetch_wait);
        FetchNow::From(have + 1)
    }
}

/// What to do about a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchNow {
    /// Nothing is missing.
    Nothing,
    /// Look again then, monotonic milliseconds.
    At(u64),
    /// Fetch from this entry on.
    From(u64),
}

/// Whoever holds a ledger at least so far.
pub fn holders<'a>(
    peers: impl Iterator<Item = (&'a WarehouseId, u64)>,
    at_least: u64,
) -> Vec<&'a WarehouseId> {
    peers.filter(|(_, seq)| *seq >= at_least).map(|(peer, _)| peer).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::domain::Operator;
    use crate::ledger::entry::{CommandId, Entry};
    use crate::ledger::{Body, Hash};
    use uuid::Uuid;

    fn entry(seq: u64) -> StoredEntry {
        StoredEntry::write(Entry {
            origin: WarehouseId::new("sevilla").unwrap(),
            incarnation: 1,
            seq,
            hlc: seq,
            error_ms: None,
            operator: Operator::system(),
            command: CommandId { id: Uuid::nil(), index: 0, digest: 0, entries: 0 },
            names: Vec::new(),
            fences: Vec::new(),
            after: None,
            prev_hash: Hash::ZERO,
            body: Body::LedgerResumed { kept: 0 },
        })
        .unwrap()
    }

    #[test]
    fn what_fills_a_gap_finds_room_however_much_waits_behind_it() {
        let mut incoming = Incoming::default();
        let behind = 2..KEPT_ENTRIES as u64 + 100;
        behind.for_each(|seq| incoming.keep(entry(seq)));
        assert!(incoming.run(Head::EMPTY).is_empty());
        incoming.keep(entry(1));
        assert_eq!(incoming.contiguous(0), KEPT_ENTRIES as u64);
        assert_eq!(incoming.bytes, incoming.entries.values().map(|e| e.bytes.len()).sum::<usize>());
    }
}
