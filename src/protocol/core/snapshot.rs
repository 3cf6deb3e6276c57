//! Snapshots in the core: what an entry means for them, the markers and closings that this node owes.

use super::{Core, HEADS_SOON_MS};
use crate::domain::{Operator, TransferId, WarehouseId};
use crate::ledger::book::Part;
use crate::ledger::entry::{SnapshotMarker, hlc_millis};
use crate::ledger::{Body, Hash, Head, StoredEntry};
use crate::protocol::batch::FrozenPart;
use crate::protocol::input::Now;
use crate::protocol::snapshot::{DEADLINE_MS, Place, Refused, Snapshot, Snapshots, Taken};

impl Core {
    /// Takes note of an entry that has just been folded, if it marks or closes a snapshot. Who has just begun one is
    /// owed an own marker, before anything else is applied or written.
    pub(super) fn snapshot_entry(&mut self, now: Now, stored: &StoredEntry) {
        let entry = &stored.entry;
        let place = Place {
            origin: &entry.origin,
            head: Head { incarnation: entry.incarnation, seq: entry.seq, hash: stored.hash },
            at_ms: hlc_millis(entry.hlc),
            operator: &entry.operator,
        };
        let done = match &entry.body {
            Body::SnapshotMarker(marker) => self.marker(place, entry.prev_hash, marker),
            Body::SnapshotClosed(closing) => {
                let begun = &closing.snapshot;
                let id = TransferId { origin: begun.origin.clone(), seq: begun.seq };
                self.snapshots.close(place, closing).map(|()| (id, Taken::Counted))
            }
            _ => return,
        };
        self.turn.changed.others = true;
        let (id, taken) = match done {
            Ok(done) => done,
            Err(Refused::Forgotten { .. }) => return self.refuse(|refused| &mut refused.unknown_snapshot),
            Err(why) => {
                self.refusals.unknown_snapshot += u64::from(matches!(why, Refused::Unknown { .. }));
                self.refused_markers += 1;
                return;
            }
        };
        let begins = matches!(&entry.body, Body::SnapshotMarker(marker) if marker.snapshot.is_none());
        self.turn.snapshots.insert(id.clone());
        if begins && taken == Taken::Counted {
            self.mark(now, &id);
        }
    }

    fn marker(
        &mut self,
        place: Place<'_>,
        before: Hash,
        marker: &SnapshotMarker,
    ) -> Result<(TransferId, Taken), Refused> {
        let begun = marker.snapshot.as_ref();
        let id = begun.map_or_else(
            || TransferId { origin: place.origin.clone(), seq: place.head.seq },
            |begun| TransferId { origin: begun.origin.clone(), seq: begun.seq },
        );
        let own = self.turn.own_listing.take().filter(|_| *place.origin == self.setup.me);
        let listing = own.unwrap_or_else(|| {
            // As it was before the marker, which moved nothing but the head.
            let part = Part::of(&self.book, place.origin);
            Part { seq: place.head.seq - 1, hash: before, ..part }.listing()
        });
        let taken = self.snapshots.mark(place, marker, Hash::of(&listing))?;
        if taken == Taken::Counted {
            let warehouse = place.origin.clone();
            self.turn.parts.push(FrozenPart { snapshot: id.clone(), warehouse, listing });
            if marker.snapshot.is_none() {
                self.freeze_ended(&id);
            }
        }
        Ok((id, taken))
    }

    /// Keeps the parts of ledgers that had ended when a snapshot began: they don't change any more. Where more, or less,
    /// is applied of one than counts, its part at its end is not known here.
    fn freeze_ended(&mut self, id: &TransferId) {
        let markers = self.snapshots.get(id).into_iter().flat_map(|snapshot| &snapshot.markers);
        let ended = markers.filter(|(_, marker)| marker.has_ended());
        let whole = ended.filter(|(warehouse, marker)| self.book.head(warehouse) == marker.at);
        let whole: Vec<_> = whole.map(|(warehouse, _)| warehouse.clone()).collect();
        for warehouse in whole {
            let listing = Part::of(&self.book, &warehouse).listing();
            self.snapshots.computed_of_ended(id, &warehouse, Hash::of(&listing));
            self.turn.parts.push(FrozenPart { snapshot: id.clone(), warehouse, listing });
        }
    }

    /// Writes the own marker of a snapshot whose beginning has just been applied, unless this node can't write now:
    /// then it takes no part in that snapshot.
    fn mark(&mut self, now: Now, id: &TransferId) {
        if !self.may_append() {
            return;
        }
        let now_ms = self.cluster_moment(now);
        let Some(snapshot) = self.snapshots.get(id).filter(|s| s.awaits(&self.setup.me, now_ms)) else {
            return;
        };
        let begun = snapshot.begun.clone();
        let mut cut = self.book.cut();
        cut.retain(|_, head| head.seq > 0);
        let listing = Part::of(&self.book, &self.setup.me).listing();
        let digest = Hash::of(&listing);
        self.turn.own_listing = Some(listing);
        let marker = SnapshotMarker {
            snapshot: Some(begun.clone()),
            expected: Vec::new(),
            ended: Vec::new(),
            cut,
            digest,
        };
        let command = self.own_command();
        self.write(now, &Operator::system(), command, Body::SnapshotMarker(marker), vec![begun]);
        let is_in = self.snapshots.get(id).is_none_or(|s| s.markers.contains_key(&self.setup.me));
        if !is_in {
            self.stop(format!("the own marker of snapshot {id} was not taken"));
        }
    }

    /// Closes own snapshots that everybody has marked, or whose time is over.
    pub(super) fn close_snapshots(&mut self, now: Now) {
        if !self.may_append() {
            return;
        }
        let me = self.setup.me.clone();
        let open: Vec<_> = self.snapshots.open_of(&me).map(|s| s.id.clone()).collect();
        self.close_by.retain(|id, _| open.contains(id));
        for id in open {
            self.close_by.entry(id).or_insert(now.mono_ms + DEADLINE_MS);
        }
        let overdue = |id: &TransferId| self.close_by.get(id).is_some_and(|at| *at <= now.mono_ms);
        let age = |id: &WarehouseId| {
            let seen = self.peers.get(id).map(|peer| peer.record.last_seen_ms).filter(|seen| *seen > 0)?;
            Some(self.cluster_ms(now).saturating_sub(seen.unsigned_abs()))
        };
        if let Some(closing) = self.snapshots.closing(&me, overdue, |name| self.book.needs_no_wait(name), age)
        {
            let begun = closing.snapshot.seq;
            let names = Snapshot::closing_names(&closing.cut, &me);
            let command = self.own_command();
            self.write(now, &Operator::system(), command, Body::SnapshotClosed(closing), names);
            if self.snapshots.open_of(&me).any(|s| s.id.seq == begun) {
                self.stop(format!("the closing of the own snapshot {me}:{begun} was not taken"));
            }
            // Another one may be due as well.
            self.turn.wake_by(now.mono_ms + 1);
        }
        if let Some(next) = self.close_by.values().min() {
            self.turn.wake_by((*next).max(now.mono_ms + HEADS_SOON_MS));
        }
    }

    /// The snapshots that are known here.
    #[must_use]
    pub const fn snapshots(&self) -> &Snapshots {
        &self.snapshots
    }

    /// Markers and closings that changed nothing since they were none, since the start.
    #[must_use]
    pub const fn refused_markers(&self) -> u64 {
        self.refused_markers
    }
}
