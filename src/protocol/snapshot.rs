//! Snapshots: one consistent cut through all ledgers, by markers (Chandy and Lamport 1985).
//!
//! The ledgers are the channels: durable and in order whatever the broker does, so a marker is an entry. Everybody
//! who applies the entry that begins a snapshot appends an own marker before anything else; the markers' places are
//! the cut. See `docs/adr/0004-snapshots.md` for why the recorded cut is consistent.

mod close;
mod record;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Operator, TransferId, WarehouseId};
use crate::ledger::entry::{Cut, SnapshotMarker};
use crate::ledger::{EntryRef, Hash, Head};

pub use record::{Closing, Marker, Refused, Snapshot, Taken};

/// Who began a snapshot waits for so long for the others' markers.
pub const DEADLINE_MS: u64 = 15_000;
/// Nobody marks for a snapshot older than this: whoever began it has given it up.
const OWED_MS: i64 = 24 * 3_600_000;
/// So many snapshots are remembered, the newest.
pub const REMEMBERED: usize = 64;

/// The snapshots that a node knows of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Snapshots {
    all: BTreeMap<TransferId, Snapshot>,
    /// A deliberate fault: a silent ledger is cut where whoever began the snapshot had applied it then.
    #[cfg(feature = "faults")]
    pub(super) cuts_where_it_began: bool,
}

/// Where and when an entry stands.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Whose ledger.
    pub origin: &'a WarehouseId,
    /// Its place there.
    pub head: Head,
    /// Milliseconds since 1970 UTC, from its hybrid time.
    pub at_ms: i64,
    /// Who wanted it.
    pub operator: &'a Operator,
}

impl Place<'_> {
    fn id(&self) -> TransferId {
        TransferId { origin: self.origin.clone(), seq: self.head.seq }
    }

    fn reference(&self) -> EntryRef {
        EntryRef { origin: self.origin.clone(), seq: self.head.seq, hash: self.head.hash }
    }
}

impl Snapshots {
    /// What a store remembers.
    #[must_use]
    pub fn from_records(records: Vec<Snapshot>) -> Self {
        let mut snapshots = Self::default();
        snapshots.all.extend(records.into_iter().map(|s| (s.id.clone(), s)));
        snapshots
    }

    /// All that are known, by id.
    pub fn all(&self) -> impl Iterator<Item = &Snapshot> {
        self.all.values()
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, id: &TransferId) -> Option<&Snapshot> {
        self.all.get(id)
    }

    /// The part of a ledger that had ended when a snapshot began, as it is folded here.
    pub fn computed_of_ended(&mut self, id: &TransferId, who: &WarehouseId, computed: Hash) {
        let marker = self.all.get_mut(id).and_then(|snapshot| snapshot.markers.get_mut(who));
        if let Some(marker) = marker.filter(|marker| marker.has_ended()) {
            (marker.claimed, marker.computed) = (computed, computed);
        }
    }

    /// A marker is applied; `computed` is the digest of its writer's part as it is folded here.
    ///
    /// # Errors
    /// When it marks nothing that can be marked; nothing has changed then.
    pub fn mark(
        &mut self,
        place: Place<'_>,
        marker: &SnapshotMarker,
        computed: Hash,
    ) -> Result<Taken, Refused> {
        let Some(begun) = &marker.snapshot else {
            return self.begin(place, marker, computed);
        };
        let id = TransferId { origin: begun.origin.clone(), seq: begun.seq };
        let Some(snapshot) = self.all.get_mut(&id) else {
            // Of what was forgotten nothing is known any more: a marker that comes so late may be an honest one.
            let forgot = self.all.len() >= REMEMBERED;
            return Err(if forgot { Refused::Forgotten { id } } else { Refused::Unknown { id } });
        };
        if snapshot.begun != *begun {
            return Err(Refused::Reused { id });
        }
        snapshot.mark(place, marker, computed)
    }

    fn begin(&mut self, place: Place<'_>, marker: &SnapshotMarker, computed: Hash) -> Result<Taken, Refused> {
        let id = place.id();
        if let Some(known) = self.all.get(&id) {
            let same = known.begun == place.reference();
            return if same { Ok(Taken::Doubled) } else { Err(Refused::Reused { id }) };
        }
        let mut snapshot = Snapshot {
            id: id.clone(),
            begun: place.reference(),
            begun_ms: place.at_ms,
            operator: place.operator.clone(),
            expected: marker.expected.iter().cloned().collect(),
            markers: BTreeMap::new(),
            closed: None,
        };
        let taken = snapshot.mark(place, marker, computed)?;
        snapshot.take_ended(marker);
        self.all.insert(id, snapshot);
        self.forget_the_oldest();
        Ok(taken)
    }

    fn forget_the_oldest(&mut self) {
        while self.all.len() > REMEMBERED {
            let oldest = self.all.values().min_by_key(|s| (s.begun_ms, s.id.clone())).map(|s| s.id.clone());
            if let Some(id) = oldest {
                self.all.remove(&id);
            }
        }
    }
}

impl Snapshot {
    fn mark(&mut self, place: Place<'_>, marker: &SnapshotMarker, computed: Hash) -> Result<Taken, Refused> {
        let (id, by) = (self.id.clone(), place.origin.clone());
        if let Some(known) = self.markers.get(&by) {
            return if known.at == place.head {
                Ok(Taken::Doubled)
            } else {
                Err(Refused::MarkedTwice { id, by })
            };
        }
        if self.closed.is_some() {
            return Ok(Taken::Late);
        }
        let beyond_a_marker = marker.cut.iter().any(|(origin, seen)| {
            let known = || self.markers.get(origin).filter(|m| !m.has_ended()).map(|m| m.at);
            let its_place = if *origin == by { Some(place.head) } else { known() };
            its_place.is_some_and(|at| seen.seq > at.seq)
        });
        let seen_beyond = |m: &Marker| m.cut.get(&by).is_some_and(|seen| seen.seq > place.head.seq);
        if beyond_a_marker || self.markers.values().any(seen_beyond) {
            return Err(Refused::BeyondMarker { id, by });
        }
        let cut = marker.cut.iter().filter(|(_, head)| head.seq > 0).map(|(w, h)| (w.clone(), *h)).collect();
        let marker = Marker { at: place.head, cut, claimed: marker.digest, computed };
        self.markers.insert(by, marker);
        Ok(Taken::Counted)
    }

    /// Ledgers that had ended when it began, by the word of who began it.
    fn take_ended(&mut self, beginning: &SnapshotMarker) {
        for who in beginning.ended.iter().filter(|who| !self.expected.contains(*who)) {
            if let Some(at) = beginning.cut.get(who).filter(|head| head.seq > 0) {
                // What it says of its part is what is computed of it: nobody is left to say anything else.
                let marker = Marker { at: *at, cut: Cut::new(), claimed: Hash::ZERO, computed: Hash::ZERO };
                self.markers.entry(who.clone()).or_insert(marker);
            }
        }
    }

    /// Who has marked. A ledger that had ended counts as marked, unless somebody who marked had applied what is behind
    /// its end: then it is not known to be whole in the cut.
    pub(super) fn marked(&self) -> impl Iterator<Item = (&WarehouseId, &Marker)> {
        let beyond = |who: &WarehouseId, at: Head| {
            self.markers.values().any(|marker| marker.cut.get(who).is_some_and(|seen| seen.seq > at.seq))
        };
        self.markers.iter().filter(move |(who, marker)| !(marker.has_ended() && beyond(who, marker.at)))
    }

    /// Whether `me` is to mark it, now that its beginning is applied: then, before anything else, or not at all.
    ///
    /// Who can't at that moment (it is getting its own ledger back, or has not joined) goes on applying, and a marker
    /// that it wrote later would rest on what is not in the cut. It takes no part, as one that is down.
    #[must_use]
    pub fn awaits(&self, me: &WarehouseId, now_ms: i64) -> bool {
        self.closed.is_none()
            && self.expected.contains(me)
            && !self.markers.contains_key(me)
            && now_ms < self.begun_ms.saturating_add(OWED_MS)
    }

    /// Who is expected, or occurs in what others had applied, and has not marked.
    pub(super) fn silent(&self) -> BTreeSet<&WarehouseId> {
        let seen = self.markers.values().flat_map(|marker| marker.cut.keys());
        let marked: BTreeSet<_> = self.marked().map(|(who, _)| who).collect();
        self.expected.iter().chain(seen).filter(|who| !marked.contains(who)).collect()
    }

    /// Whether everybody's own word on its part is what is computed of it here.
    #[must_use]
    pub fn digests_agree(&self) -> bool {
        self.markers.values().all(|marker| marker.claimed == marker.computed)
    }
}
