//! What one turn gathers, and its end: one batch, sealed, with everything that waits for it.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::Core;
use crate::domain::{Lot, Sku, TransferId, WarehouseId};
use crate::ledger::act::Outcome;
use crate::ledger::book::{
    Decree, Expectation, Fold, ProductState, Reservation, Restamp, RuleState, StockCell, StockKey,
    StocktakeHead, StocktakeLine, Transfer,
};
use crate::ledger::{Hash, MovementRow, Seal, StoredEntry};
use crate::protocol::batch::{Batch, FrozenPart, RosterVote, StateRows, Writer};
use crate::protocol::effects::{After, Changed, Effects, Send, Serve, Testimony};
use crate::protocol::envelope::MAX_RANGE_BYTES;
use crate::protocol::input::Now;
use crate::protocol::seal;

/// Own entries are sealed after so many bytes, so that a range that ends at a seal fits a message. Between two seals lie
/// whole requests: what a lost disk gives back ends at a seal. Only a request that no message can hold is cut.
const SEAL_EVERY_BYTES: usize = 64 * 1024;

/// What a turn gathers.
#[derive(Debug, Clone, Default)]
pub(super) struct Turn {
    pub(super) entries: Vec<StoredEntry>,
    pub(super) seals: Vec<(WarehouseId, Seal)>,
    pub(super) movements: Vec<MovementRow>,
    restamps: Vec<Restamp>,
    stock: BTreeMap<StockKey, StockCell>,
    products: BTreeMap<Sku, ProductState>,
    rules: BTreeMap<(WarehouseId, Sku), RuleState>,
    transfers: BTreeMap<crate::domain::TransferId, Transfer>,
    reservations: BTreeMap<crate::domain::TransferId, Reservation>,
    expectations: BTreeMap<crate::domain::TransferId, Expectation>,
    reversals: Vec<(WarehouseId, u64, u64)>,
    acknowledged: Vec<(WarehouseId, String, String, i64)>,
    decrees: Vec<Decree>,
    stocktakes: BTreeMap<TransferId, StocktakeHead>,
    stocktake_lines: BTreeMap<(TransferId, Sku, Lot), StocktakeLine>,
    counted: BTreeMap<StockKey, i64>,
    pub(super) vote: Option<RosterVote>,
    pub(super) heads: BTreeSet<WarehouseId>,
    pub(super) peers: BTreeSet<WarehouseId>,
    pub(super) snapshots: BTreeSet<crate::domain::TransferId>,
    pub(super) parts: Vec<FrozenPart>,
    /// The listing whose digest the own marker carries that is being written: it needn't be made twice.
    pub(super) own_listing: Option<Vec<u8>>,
    /// Something must be stored besides entries.
    pub(super) dirty: bool,
    pub(super) answers: Vec<(Uuid, Outcome)>,
    pub(super) after_sends: Vec<Send>,
    pub(super) acknowledge: Vec<u64>,
    pub(super) changed: Changed,
    pub(super) at_once: Vec<Send>,
    pub(super) serve: Vec<Serve>,
    pub(super) compare: Vec<Testimony>,
    wake_at: Option<u64>,
}

impl Turn {
    /// Asks for a timer at this monotonic millisecond at the latest.
    pub(super) fn wake_by(&mut self, mono_ms: u64) {
        self.wake_at = Some(self.wake_at.map_or(mono_ms, |at| at.min(mono_ms)));
    }

    /// Takes in an entry with its fold.
    pub(super) fn take(&mut self, entry: StoredEntry, fold: Fold) {
        self.changed.products.extend(fold.stock.iter().map(|(key, _)| key.sku.clone()));
        self.changed.products.extend(fold.product.iter().map(|p| p.product.sku.clone()));
        self.changed.products.extend(fold.rule.iter().map(|((_, sku), _)| sku.clone()));
        self.changed.products.extend(fold.expectation.iter().map(|e| e.sku.clone()));
        if let Some(transfer) = &fold.transfer {
            let sent = transfer.dispatch.iter().flat_map(|d| &d.lines);
            self.changed.products.extend(sent.map(|line| line.sku.clone()));
            let asked = transfer.request.iter().flat_map(|r| &r.lines);
            self.changed.products.extend(asked.map(|line| line.sku.clone()));
            self.changed.transfers.insert(transfer.id.clone());
        }
        self.changed.others |= fold.acknowledged.is_some() || fold.decree.is_some();
        self.changed.movements.extend(fold.movements.iter().cloned());
        self.movements.extend(fold.movements);
        self.stock.extend(fold.stock);
        self.products.extend(fold.product.map(|p| (p.product.sku.clone(), p)));
        self.rules.extend(fold.rule);
        self.changed.transfers.extend(fold.restamped.iter().map(|t| t.id.clone()));
        self.transfers.extend(fold.transfer.into_iter().chain(fold.restamped).map(|t| (t.id.clone(), t)));
        if let Some(restamp) = fold.restamp {
            self.changed.restamps.push(restamp.clone());
            self.restamps.push(restamp);
        }
        self.reservations.extend(fold.reservation.map(|r| (r.id.clone(), r)));
        self.expectations.extend(fold.expectation.map(|e| (e.id.clone(), e)));
        self.reversals.extend(fold.reversal);
        self.acknowledged.extend(fold.acknowledged);
        self.decrees.extend(fold.decree);
        if let Some(change) = fold.stocktake {
            let id = change.head.id.clone();
            for line in &change.lines {
                let key = (id.clone(), line.sku.clone(), line.lot.clone());
                self.stocktake_lines.insert(key, line.clone());
            }
            self.stocktakes.insert(id, change.head.clone());
            self.changed.stocktakes.push(change);
        }
        self.changed.products.extend(fold.counted.iter().map(|(key, _)| key.sku.clone()));
        self.counted.extend(fold.counted);
        self.heads.insert(fold.origin);
        self.entries.push(entry);
    }
}

/// Which entries are sealed.
fn places_of_seals(written: &[&StoredEntry]) -> Vec<(u64, Hash)> {
    let size = |run: &[&StoredEntry]| run.iter().map(|e| e.bytes.len()).sum::<usize>();
    let mut places = Vec::new();
    let (mut bytes, mut last) = (0, None);
    for request in written.chunk_by(|a, b| a.entry.command.id == b.entry.command.id) {
        let step = if size(request) > MAX_RANGE_BYTES { 1 } else { request.len() };
        for run in request.chunks(step) {
            if bytes > 0 && bytes + size(run) > SEAL_EVERY_BYTES {
                places.extend(last);
                bytes = 0;
            }
            bytes += size(run);
            last = run.last().map(|e| (e.entry.seq, e.hash));
        }
    }
    places.extend(last);
    places
}

impl Core {
    /// Ends the turn: seals what was written, and puts together what is to be committed and what follows.
    pub(super) fn finish(&mut self, now: Now) -> Effects {
        self.seal_own();
        let turn = std::mem::take(&mut self.turn);
        let writes = turn.dirty || !turn.entries.is_empty();
        let batch = writes.then(|| {
            self.batch += 1;
            let heads =
                turn.heads.iter().filter_map(|w| Some((w.clone(), self.book.heads().get(w)?.clone())));
            Batch {
                writer: Writer { incarnation: self.incarnation, nonce: self.setup.nonce, batch: self.batch },
                seals: turn.seals,
                movements: turn.movements,
                restamps: turn.restamps,
                rows: StateRows {
                    heads: heads.collect(),
                    stock: turn.stock.into_iter().collect(),
                    products: turn.products.into_values().collect(),
                    rules: turn.rules.into_iter().collect(),
                    transfers: turn.transfers.into_values().collect(),
                    reservations: turn.reservations.into_values().collect(),
                    expectations: turn.expectations.into_values().collect(),
                    reversals: turn.reversals,
                    acknowledged: turn.acknowledged,
                    decrees: turn.decrees,
                    snapshots: turn
                        .snapshots
                        .iter()
                        .filter_map(|id| self.snapshots.get(id).cloned())
                        .collect(),
                    parts: turn.parts,
                    stocktakes: turn.stocktakes.into_values().collect(),
                    stocktake_lines: turn
                        .stocktake_lines
                        .into_iter()
                        .map(|((id, ..), line)| (id, line))
                        .collect(),
                    counted: turn.counted.into_iter().collect(),
                },
                vote: turn.vote,
                entries: turn.entries,
                peers: self.peers_to_store(&turn.peers, now),
                hlc_ceiling: self.hlc.ceiling(),
                joined: self.joined,
                published: self.published,
            }
        });
        Effects {
            batch,
            after: After {
                answers: turn.answers,
                sends: turn.after_sends,
                acknowledge: turn.acknowledge,
                changed: turn.changed,
            },
            at_once: turn.at_once,
            serve: turn.serve,
            compare: turn.compare,
            wake_at: turn.wake_at.unwrap_or(now.mono_ms + 1_000),
        }
    }

    fn seal_own(&mut self) {
        let me = &self.setup.me;
        // What came back in a recovery was sealed when it was first written, perhaps with another key.
        let sealed =
            self.turn.seals.iter().filter(|(origin, _)| origin == me).map(|(_, seal)| seal.seq).max();
        let is_new = |e: &&StoredEntry| e.entry.origin == *me && sealed.is_none_or(|upto| e.entry.seq > upto);
        let written: Vec<_> = self.turn.entries.iter().filter(is_new).collect();
        for (seq, hash) in places_of_seals(&written) {
            let seal = seal::sign(&self.setup.key, &self.setup.cluster, me, seq, hash);
            self.turn.seals.push((me.clone(), seal));
            self.book.note_seal(me, seq);
        }
    }
}
