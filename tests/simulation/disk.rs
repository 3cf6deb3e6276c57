//! A store in memory: it takes batches as the real ones do and loads from state rows, never from history.

use std::collections::BTreeMap;

use rubentario::domain::{TransferId, WarehouseId};
use rubentario::ledger::book::{Decree, Stocktake, StocktakeChange};
use rubentario::ledger::{Body, MovementRow, Seal, StoredEntry};
use rubentario::protocol::batch::{Batch, Loaded, PeerRecord};
use rubentario::protocol::{Input, Testimony};
use uuid::Uuid;

/// What survives a crash.
#[derive(Debug, Clone, Default)]
pub struct Disk {
    pub entries: BTreeMap<(WarehouseId, u64), StoredEntry>,
    pub seals: BTreeMap<(WarehouseId, u64), Seal>,
    pub parts: BTreeMap<(TransferId, WarehouseId), Vec<u8>>,
    pub movements: BTreeMap<(WarehouseId, u64, u32), MovementRow>,
    loaded: Loaded,
    peers: BTreeMap<WarehouseId, PeerRecord>,
    writer: (u32, Uuid, u64),
}

impl Disk {
    /// Stores a new start.
    pub fn claim(&mut self, nonce: Uuid) -> u32 {
        self.writer = (self.writer.0 + 1, nonce, 0);
        self.writer.0
    }

    /// Commits, or says why no real store would.
    pub fn commit(&mut self, batch: &Batch) -> Result<(), String> {
        if batch.writer.nonce != self.writer.1 || batch.writer.batch != self.writer.2 + 1 {
            return Err(format!("a batch of {:?} after {:?}", batch.writer, self.writer));
        }
        self.writer = (batch.writer.incarnation, batch.writer.nonce, batch.writer.batch);
        for entry in &batch.entries {
            let place = (entry.entry.origin.clone(), entry.entry.seq);
            let before = self.entries.insert(place.clone(), entry.clone());
            let previous = place.1 - 1;
            let chained = previous == 0 || self.entries.contains_key(&(place.0.clone(), previous));
            if before.is_some() || !chained {
                return Err(format!("{place:?} is written twice, or has a hole before it"));
            }
        }
        for (origin, seal) in &batch.seals {
            self.seals.insert((origin.clone(), seal.seq), seal.clone());
        }
        for row in &batch.movements {
            self.movements.insert((row.origin.clone(), row.seq, row.line), row.clone());
        }
        for restamp in &batch.restamps {
            self.movements.values_mut().for_each(|row| row.restamp(restamp));
        }
        let rows = batch.rows.clone();
        self.loaded.stock.extend(rows.stock);
        self.loaded.products.extend(rows.products.into_iter().map(|p| (p.product.sku.clone(), p)));
        self.loaded.rules.extend(rows.rules);
        for transfer in rows.transfers {
            self.loaded.transfers.retain(|t| t.id != transfer.id);
            self.loaded.transfers.push(transfer);
        }
        for head in rows.stocktakes {
            let change = StocktakeChange { head, lines: Vec::new() };
            self.change(&change);
        }
        for (id, line) in rows.stocktake_lines {
            let known = self.loaded.stocktakes.iter_mut().find(|s| s.head.id == id);
            let Some(known) = known else { return Err(format!("a line of {id}, which nobody opened")) };
            let head = known.head.clone();
            known.take(&StocktakeChange { head, lines: vec![line] });
        }
        self.loaded.counted.extend(rows.counted);
        for reservation in rows.reservations {
            self.loaded.reservations.retain(|r| r.id != reservation.id);
            self.loaded.reservations.push(reservation);
        }
        for expectation in rows.expectations {
            self.loaded.expectations.retain(|e| e.id != expectation.id);
            self.loaded.expectations.push(expectation);
        }
        self.loaded.reversals.extend(rows.reversals);
        self.loaded.heads.extend(rows.heads);
        self.loaded.acknowledged.extend(rows.acknowledged);
        for decree in rows.decrees {
            let same = |d: &Decree| {
                (d.founding, d.version, d.change.hash())
                    == (decree.founding, decree.version, decree.change.hash())
            };
            self.loaded.decrees.retain(|d| !same(d));
            self.loaded.decrees.push(decree);
        }
        if let Some(vote) = &batch.vote {
            self.loaded.vote = vote.clone();
        }
        for snapshot in rows.snapshots {
            self.loaded.snapshots.retain(|s| s.id != snapshot.id);
            self.loaded.snapshots.push(snapshot);
        }
        self.parts.extend(rows.parts.into_iter().map(|p| ((p.snapshot, p.warehouse), p.listing)));
        self.peers.extend(batch.peers.iter().map(|p| (p.id.clone(), p.clone())));
        self.loaded.hlc_ceiling = batch.hlc_ceiling;
        self.loaded.joined = batch.joined;
        self.loaded.published = batch.published;
        Ok(())
    }

    fn change(&mut self, change: &StocktakeChange) {
        match self.loaded.stocktakes.iter_mut().find(|s| s.head.id == change.head.id) {
            Some(known) => known.take(change),
            None => self.loaded.stocktakes.push(Stocktake::new(change.head.clone())),
        }
    }

    pub fn load(&self) -> Loaded {
        Loaded {
            peers: self.peers.values().cloned().collect(),
            incarnation: self.writer.0,
            ..self.loaded.clone()
        }
    }

    pub fn command(&self, me: &WarehouseId, id: Uuid) -> Vec<StoredEntry> {
        let own = self.ledger(me, 1);
        own.filter(|e| e.entry.command.id == id).cloned().collect()
    }

    /// Whether its node is in the cluster.
    pub const fn has_joined(&self) -> bool {
        self.loaded.joined
    }

    pub fn ledger(&self, origin: &WarehouseId, from: u64) -> impl Iterator<Item = &StoredEntry> {
        let upto = (origin.clone(), u64::MAX);
        self.entries.range((origin.clone(), from)..=upto).map(|(_, e)| e)
    }

    /// A range that ends at a seal, of at most so many entries if it can.
    pub fn range(&self, origin: &WarehouseId, from: u64, most: usize) -> (Vec<StoredEntry>, Vec<Seal>) {
        let sealed = |e: &StoredEntry| self.seals.contains_key(&(origin.clone(), e.entry.seq));
        let mut range: Vec<StoredEntry> = Vec::new();
        for entry in self.ledger(origin, from) {
            if range.len() >= most && range.last().is_some_and(sealed) {
                break;
            }
            range.push(entry.clone());
        }
        while range.last().is_some_and(|e| !sealed(e)) {
            range.pop();
        }
        let last = range.last().map_or(from, |e| e.entry.seq);
        let seals = self.seals.range((origin.clone(), from)..=(origin.clone(), last));
        (range, seals.map(|(_, s)| s.clone()).collect())
    }

    pub fn compared(&self, seen: Testimony) -> Input {
        let stored = self.entries.get(&(seen.origin.clone(), seen.seq)).map(|e| e.hash);
        let goes_on = |e: &StoredEntry| {
            matches!(e.entry.body, Body::LedgerResumed { .. }) && e.entry.incarnation > seen.incarnation
        };
        let resumed = self.ledger(&seen.origin, 1).any(|e| e.entry.seq <= seen.seq && goes_on(e));
        Input::Compared { seen, stored, resumed }
    }
}
