//! The end of a snapshot: complete, or after a deadline without those who stay silent.

use super::{Closing, Marker, Place, REMEMBERED, Refused, Snapshot, Snapshots};
use crate::domain::{TransferId, WarehouseId};
use crate::ledger::entry::{Cut, MissingPart, SnapshotClosed};
use crate::ledger::{EntryRef, Head};

impl Snapshots {
    /// The closing that `me` owes a snapshot of its own: once everybody has marked, or `overdue` says that it is time.
    /// A closing names what its cut holds, and nobody names what it has not applied itself: `applied` tells. What a
    /// silent ledger goes up to may be known from another's marker alone.
    /// `age_ms` tells how long ago a warehouse was last heard.
    pub fn closing(
        &self,
        me: &WarehouseId,
        overdue: impl Fn(&TransferId) -> bool,
        applied: impl Fn(&EntryRef) -> bool,
        age_ms: impl Fn(&WarehouseId) -> Option<u64>,
    ) -> Option<SnapshotClosed> {
        let due = |s: &&Snapshot| s.expected.iter().all(|w| s.markers.contains_key(w)) || overdue(&s.id);
        let is_broken = self.is_broken();
        let mut cuts = self.open_of(me).filter(due).map(|s| (s, s.recorded_cut(is_broken)));
        let (snapshot, cut) = cuts.find(|(_, cut)| Snapshot::closing_names(cut, me).iter().all(&applied))?;
        let missing = snapshot.silent().into_iter().map(|id| MissingPart {
            id: id.clone(),
            seq: cut.get(id).map_or(0, |head| head.seq),
            age_ms: age_ms(id),
        });
        Some(SnapshotClosed { snapshot: snapshot.begun.clone(), missing: missing.collect(), cut })
    }

    /// Snapshots that `me` began and has not closed.
    pub fn open_of(&self, me: &WarehouseId) -> impl Iterator<Item = &Snapshot> {
        self.all.values().filter(move |s| s.closed.is_none() && s.id.origin == *me)
    }

    /// A closing is applied.
    ///
    /// # Errors
    /// When it closes nothing, or not as the markers say; nothing has changed then.
    pub fn close(&mut self, place: Place<'_>, closing: &SnapshotClosed) -> Result<(), Refused> {
        let begun = &closing.snapshot;
        let id = TransferId { origin: begun.origin.clone(), seq: begun.seq };
        let forgot = self.all.len() >= REMEMBERED;
        let is_broken = self.is_broken();
        let Some(snapshot) = self.all.get_mut(&id) else {
            return if forgot { Ok(()) } else { Err(Refused::Unknown { id }) };
        };
        if snapshot.begun != *begun {
            return Err(Refused::Reused { id });
        }
        if id.origin != *place.origin {
            return Err(Refused::NotItsOwner { id, by: place.origin.clone() });
        }
        if let Some(known) = &snapshot.closed {
            return if known.seq == place.head.seq { Ok(()) } else { Err(Refused::ClosedTwice { id }) };
        }
        // Markers that came after the closing was written are none of it.
        let counts = |w: &WarehouseId, marker: &Marker| {
            closing.cut.get(w) == Some(&marker.at) && !closing.missing.iter().any(|m| m.id == *w)
        };
        let mut counted = snapshot.clone();
        counted.markers.retain(|w, marker| counts(w, marker));
        let silent = counted.silent();
        let named = closing.missing.iter().map(|m| &m.id);
        if counted.recorded_cut(is_broken) != closing.cut || silent != named.collect() {
            return Err(Refused::OtherCut { id });
        }
        snapshot.markers = counted.markers;
        snapshot.closed = Some(Closing {
            seq: place.head.seq,
            at_ms: place.at_ms,
            cut: closing.cut.clone(),
            missing: closing.missing.clone(),
        });
        Ok(())
    }

    /// Whether the cut of a partial snapshot is made by a rule that is broken on purpose.
    #[cfg_attr(
        not(feature = "faults"),
        allow(clippy::unused_self, reason = "no cut is ever broken without faults")
    )]
    const fn is_broken(&self) -> bool {
        #[cfg(feature = "faults")]
        return self.cuts_where_it_began;
        #[cfg(not(feature = "faults"))]
        false
    }
}

impl Snapshot {
    /// Where each ledger is cut: at its marker, else behind the last entry that any who marked had applied.
    ///
    /// That is closed: whoever marked had applied everything that its entries name, and so does this cut hold it.
    pub(super) fn recorded_cut(&self, is_broken: bool) -> Cut {
        let mut cut: Cut = self.marked().map(|(w, marker)| (w.clone(), marker.at)).collect();
        for silent in self.silent() {
            let counted = self.markers.iter().filter(|(by, _)| !is_broken || **by == self.id.origin);
            let seen = counted.filter_map(|(_, marker)| marker.cut.get(silent));
            if let Some(furthest) = seen.max_by_key(|head| head.seq) {
                cut.insert(silent.clone(), *furthest);
            }
        }
        cut
    }

    /// What a closing rests on: all markers, and the last entry of each silent ledger that is in.
    #[must_use]
    pub fn closing_names(cut: &Cut, me: &WarehouseId) -> Vec<EntryRef> {
        let others = cut.iter().filter(|(origin, _)| *origin != me);
        let names = others.map(|(origin, head): (&WarehouseId, &Head)| EntryRef {
            origin: origin.clone(),
            seq: head.seq,
            hash: head.hash,
        });
        names.collect()
    }
}
