//! Others' ledgers: entries that came are applied in order, once sealed and once what they name is applied.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::Core;
use crate::domain::WarehouseId;
use crate::ledger::book::Violation;
use crate::ledger::plan::RecentMoves;
use crate::ledger::{EntryRef, Head, Seal, StoredEntry};
use crate::protocol::effects::{Lane, Send, Testimony};
use crate::protocol::envelope::MAX_RANGE_BYTES;
use crate::protocol::incoming::{FetchNow, holders};
use crate::protocol::input::Now;
use crate::protocol::message::{Entries, Message};
use crate::protocol::seal;

impl Core {
    /// Entries of a ledger came, new ones or a range.
    pub(super) fn entries(&mut self, now: Now, message: Entries) {
        let origin = message.origin.clone();
        if origin == self.setup.me && self.recovery.is_none() {
            self.own_entries_elsewhere(&message);
            return;
        }
        if self.book.is_quarantined(&origin) {
            return;
        }
        let head = self.book.head(&origin);
        if self.book.rosters().end_of(&origin).is_some_and(|end| head.seq >= end) {
            return;
        }
        let Some(entries) = read(&message) else {
            self.refuse(|refused| &mut refused.forged);
            return;
        };
        if self.seen_before(&origin, head, &entries, &message.seals) {
            return;
        }
        let incoming = self.incoming.entry(origin.clone()).or_default();
        incoming.answered();
        for entry in entries.into_iter().filter(|e| e.entry.seq > head.seq) {
            incoming.want(entry.entry.seq);
            incoming.keep(entry);
        }
        for seal in message.seals.into_iter().filter(|s| s.seq > head.seq) {
            incoming.keep_seal(seal);
        }
        self.apply_what_can_be(now, origin);
    }

    /// Compares what overlaps with what is applied; tells whether nothing new is left.
    fn seen_before(
        &mut self,
        origin: &WarehouseId,
        head: Head,
        entries: &[StoredEntry],
        seals: &[Seal],
    ) -> bool {
        if entries.iter().any(|e| e.entry.seq == head.seq && e.hash != head.hash) {
            self.testify(origin, head.seq, entries, seals);
            return true;
        }
        let Some(newest) = entries.last() else { return true };
        let last = newest.entry.seq;
        // A delivery that comes twice is no testimony: it would cost a proof and a question to the store each time.
        let is_doubled = || self.incoming.get(origin).is_some_and(|i| i.has_stood_at(last, newest.hash));
        if last < head.seq && *origin != self.setup.me && !is_doubled() {
            self.testify(origin, last, entries, seals);
        }
        last <= head.seq
    }

    /// Somebody sends entries under this node's own name, asked for since its head differs from the one here.
    fn own_entries_elsewhere(&mut self, message: &Entries) {
        let head = self.head();
        let me = self.setup.me.clone();
        if let Some(entries) = read(message)
            && entries.iter().any(|e| e.entry.seq == head.seq && e.hash != head.hash)
        {
            self.testify(&me, head.seq, &entries, &message.seals);
        }
    }

    /// Has an entry compared with what is stored in its place, if its origin's seal proves it: a seal of that entry, or
    /// of one behind it in an unbroken run. What a seal before it proves says nothing of it.
    fn testify(&mut self, origin: &WarehouseId, seq: u64, entries: &[StoredEntry], seals: &[Seal]) {
        let Some(seen) = entries.iter().find(|e| e.entry.seq == seq) else { return };
        let behind = || entries.iter().filter(|e| e.entry.seq >= seq);
        let of = |seq: u64| seals.iter().filter(move |seal| seal.seq == seq);
        let is_sealed = behind().any(|e| of(e.entry.seq).any(|seal| self.proves(origin, seal, e)));
        if is_sealed {
            let (hash, incarnation) = (seen.hash, seen.entry.incarnation);
            self.turn.compare.push(Testimony { origin: origin.clone(), seq, hash, incarnation });
        }
    }

    fn proves(&self, origin: &WarehouseId, seal: &Seal, entry: &StoredEntry) -> bool {
        let key = self.key_at(origin, entry.entry.seq);
        key.is_some_and(|key| seal::verify(key, &self.setup.cluster, origin, seal, entry.hash))
    }

    /// Applies what can be applied now, of this ledger and of those that waited for it.
    fn apply_what_can_be(&mut self, now: Now, origin: WarehouseId) {
        let mut look_at = BTreeSet::from([origin]);
        while let Some(origin) = look_at.pop_first() {
            if self.apply(now, &origin) {
                let waiting = self.incoming.iter().filter(|(_, i)| !i.is_empty()).map(|(o, _)| o.clone());
                look_at.extend(waiting);
            }
        }
    }

    /// Applies one ledger as far as it goes; tells whether it went on.
    fn apply(&mut self, now: Now, origin: &WarehouseId) -> bool {
        let before = self.book.head(origin);
        let run = self.incoming.get(origin).map(|i| i.run(before)).unwrap_or_default();
        let proven = self.proven_length(origin, &run);
        let Some(first) = run.first().filter(|_| proven > 0) else {
            return false;
        };
        if first.entry.prev_hash != before.hash {
            // The origin signed a history that isn't the one it signed before; or it gave up what wrote this.
            let (hash, incarnation) = (first.entry.prev_hash, first.entry.incarnation);
            self.turn.compare.push(Testimony { origin: origin.clone(), seq: before.seq, hash, incarnation });
            if let Some(incoming) = self.incoming.get_mut(origin) {
                incoming.let_go_after(before.seq);
            }
            return false;
        }
        for entry in run.into_iter().take(proven) {
            if self.book.rosters().end_of(origin).is_some_and(|end| entry.entry.seq > end) {
                break;
            }
            #[cfg(feature = "faults")]
            self.allow_doubled_receipt(&entry.entry.body);
            if let Some(missing) = entry.entry.names.iter().find(|name| self.waits_for(name)) {
                self.incoming.entry(missing.origin.clone()).or_default().want(missing.seq);
                break;
            }
            if let Some((awaited, seq)) = self.awaited_cut(&entry) {
                self.incoming.entry(awaited).or_default().want(seq);
                break;
            }
            match self.book.fold(&entry) {
                Ok(fold) => {
                    self.merge_time(now, entry.entry.hlc);
                    self.book.take(&fold);
                    self.turn.take(entry.clone(), fold);
                    self.snapshot_entry(now, &entry);
                    self.lock_entry(now, &entry);
                }
                // Nothing behind it can be applied by this version; it is no fault of the origin's.
                Err(Violation::UnknownKind { seq }) => {
                    let incoming = self.incoming.entry(origin.clone()).or_default();
                    self.turn.changed.others |= incoming.is_unknown(seq);
                    break;
                }
                Err(violation) => {
                    self.quarantine(origin, &violation.to_string());
                    break;
                }
            }
        }
        let head = self.book.head(origin);
        if let Some(incoming) = self.incoming.get_mut(origin) {
            let seals = incoming.take_seals(head.seq);
            incoming.applied(head);
            if let Some(last) = seals.last() {
                self.book.note_seal(origin, last.seq);
            }
            self.turn.seals.extend(seals.into_iter().map(|seal| (origin.clone(), seal)));
        }
        let went_on = head.seq > before.seq;
        if went_on && *origin == self.setup.me {
            // What moved in entries that came back is not known by heart: a count that began before them is too old.
            self.recent = RecentMoves::since(head.seq);
            self.came_back = Some(self.batch + 1);
        }
        if went_on {
            self.heads_soon(now);
        }
        went_on
    }

    /// Whose ledgers go on with what this version doesn't know.
    pub fn unread_ledgers(&self) -> impl Iterator<Item = &WarehouseId> {
        self.incoming.iter().filter(|(_, incoming)| incoming.has_unknown()).map(|(origin, _)| origin)
    }

    /// Whether an entry that names this one must wait.
    fn waits_for(&self, name: &EntryRef) -> bool {
        #[cfg(feature = "faults")]
        if self.commits(crate::protocol::fault::Fault::SkipCausalWait) {
            return false;
        }
        !self.book.needs_no_wait(name)
    }

    /// How many entries of a run its origin's key proves: up to the last seal that holds. Others are let go.
    fn proven_length(&mut self, origin: &WarehouseId, run: &[StoredEntry]) -> usize {
        let mut proven = 0;
        let mut false_seals = Vec::new();
        for (place, entry) in run.iter().enumerate() {
            let Some(seal) = self.incoming.get(origin).and_then(|i| i.seal(entry.entry.seq)) else {
                continue;
            };
            if self.proves(origin, seal, entry) {
                proven = place + 1;
            } else if self.key_at(origin, seal.seq).is_some() {
                false_seals.push(seal.seq);
            }
        }
        self.refusals.forged += false_seals.len() as u64;
        if let Some(incoming) = self.incoming.get_mut(origin) {
            // What they should have proven is fetched again: the key that proves it may not be known here yet.
            for seq in &false_seals {
                incoming.drop_seal(*seq);
            }
            if !false_seals.is_empty() {
                let last = run.get(..proven).and_then(<[_]>::last).or(run.first());
                let upto = last.map_or(0, |e| if proven == 0 { e.entry.seq - 1 } else { e.entry.seq });
                incoming.let_go_after(upto);
            }
        }
        proven
    }

    /// Entries of a ledger that follow what is applied but wait, up to the last that the origin's key proves.
    fn kept_run(&mut self, origin: &WarehouseId) -> Vec<StoredEntry> {
        let head = self.book.head(origin);
        let mut run = self.incoming.get(origin).map(|i| i.run(head)).unwrap_or_default();
        if run.first().is_some_and(|first| first.entry.prev_hash != head.hash) {
            return Vec::new();
        }
        let proven = self.proven_length(origin, &run);
        run.truncate(proven);
        run
    }

    /// How far a ledger can be had here, applied or kept: nothing is promised that [`Core::kept_range`] can't give.
    pub(super) fn held_of(&mut self, origin: &WarehouseId) -> Head {
        let last = self.kept_run(origin).pop();
        last.map_or_else(
            || self.book.head(origin),
            |e| Head { incarnation: e.entry.incarnation, seq: e.entry.seq, hash: e.hash },
        )
    }

    /// A range of kept entries, ending at a seal, of a size that fits a message wherever the seals allow it.
    pub(super) fn kept_range(&mut self, origin: &WarehouseId, from_seq: u64) -> Option<Entries> {
        let run = self.kept_run(origin);
        let key = self.key_of(origin)?;
        let incoming = self.incoming.get(origin)?;
        let (mut entries, mut seals) = (Vec::new(), Vec::new());
        let (mut bytes, mut sealed) = (0, 0);
        for entry in run.into_iter().filter(|e| e.entry.seq >= from_seq) {
            bytes += entry.bytes.len();
            if bytes > MAX_RANGE_BYTES && sealed > 0 {
                break;
            }
            let text = String::from_utf8(entry.bytes.to_vec()).ok()?;
            entries.push(RawValue::from_string(text).ok()?);
            if let Some(seal) = incoming.seal(entry.entry.seq) {
                seals.push(seal.clone());
                sealed = entries.len();
            }
        }
        entries.truncate(sealed);
        (sealed > 0).then(|| Entries { origin: origin.clone(), key, entries, seals })
    }

    /// Asks others for what is missing and due.
    pub(super) fn fetch_what_is_missing(&mut self, now: Now) {
        let origins: Vec<_> = self.incoming.keys().cloned().collect();
        for origin in origins {
            if origin == self.setup.me && self.recovery.is_none() || self.book.is_quarantined(&origin) {
                continue;
            }
            let applied = self.book.head(&origin).seq;
            let Some(incoming) = self.incoming.get_mut(&origin) else {
                continue;
            };
            match incoming.fetch_from(applied, now.mono_ms) {
                FetchNow::Nothing => {}
                FetchNow::At(when) => self.turn.wake_by(when),
                FetchNow::From(from_seq) => {
                    if let Some(to) = self.somebody_with(&origin, from_seq, now) {
                        let message = Message::Fetch { origin: origin.clone(), from_seq };
                        self.turn.at_once.push(Send { to: Some(to), lane: Lane::Control, message });
                    }
                }
            }
        }
    }

    /// A peer that holds an entry, by its own heads; those that are heard of first, and of them those whose copy comes
    /// from the latest start: what others hold of earlier ones may be void.
    fn somebody_with(&mut self, origin: &WarehouseId, seq: u64, now: Now) -> Option<WarehouseId> {
        let status = self.peers(now);
        let held = |id: &WarehouseId| {
            let peer = self.peers.get(id)?;
            Some(peer.heads.get(origin).map_or(0, |h| h.seq))
        };
        let alive = status.iter().filter(|p| p.liveness != crate::protocol::Liveness::Down);
        let alive: Vec<_> = alive.filter_map(|p| Some((&p.id, held(&p.id)?))).collect();
        let all: Vec<_> = status.iter().filter_map(|p| Some((&p.id, held(&p.id)?))).collect();
        let mut able: Vec<_> = holders(alive.into_iter(), seq).into_iter().cloned().collect();
        if able.is_empty() {
            able = holders(all.into_iter(), seq).into_iter().cloned().collect();
        }
        if able.is_empty() {
            return None;
        }
        let start_of =
            |id: &WarehouseId| self.peers.get(id).and_then(|p| p.heads.get(origin)).map(|h| h.incarnation);
        let latest = able.iter().filter_map(start_of).max();
        able.retain(|id| start_of(id) == latest);
        let pick = usize::try_from(self.spread(able.len() as u64)).unwrap_or(0);
        able.into_iter().nth(pick)
    }
}

/// The entries of a message, if they are entries of that ledger without gaps.
fn read(message: &Entries) -> Option<Vec<StoredEntry>> {
    let mut entries: Vec<StoredEntry> = Vec::with_capacity(message.entries.len());
    for raw in &message.entries {
        let bytes: Arc<[u8]> = raw.get().as_bytes().into();
        let entry = StoredEntry::read(bytes).ok()?;
        let follows = entries.last().is_none_or(|before| {
            entry.entry.seq == before.entry.seq + 1 && entry.entry.prev_hash == before.hash
        });
        if entry.entry.origin != message.origin || entry.entry.seq == 0 || !follows {
            return None;
        }
        entries.push(entry);
    }
    Some(entries)
}
