//! What the doors are shown: the committed state, kept ready so that a new subscriber is told at once.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use super::event::{Changes, LockView, Picture, ProductView, Status};
use crate::domain::{Alert, Sku, TransferId, WarehouseId};
use crate::ledger::book::{PartHead, Restamp, Stocktake, Transfer};
use crate::ledger::{Head, MovementRow};
use crate::node::event::PeerView;
use crate::protocol::batch::{Batch, Loaded};
use crate::protocol::snapshot::{REMEMBERED, Snapshot};

/// The newest lines of the history that are kept ready.
pub const MOVEMENTS_KEPT: usize = 500;

/// The last picture and everything that was committed of what is not in it.
#[derive(Debug)]
pub struct Shown {
    products: BTreeMap<Sku, Arc<ProductView>>,
    transfers: BTreeMap<TransferId, Arc<Transfer>>,
    movements: VecDeque<Arc<MovementRow>>,
    alerts: Vec<Alert>,
    peers: Vec<PeerView>,
    snapshots: BTreeMap<TransferId, Arc<Snapshot>>,
    locks: Vec<LockView>,
    stocktakes: BTreeMap<TransferId, Arc<Stocktake>>,
    status: Status,
}

impl Shown {
    /// Nothing but how the node is.
    #[must_use]
    pub const fn new(status: Status) -> Self {
        Self {
            products: BTreeMap::new(),
            transfers: BTreeMap::new(),
            movements: VecDeque::new(),
            alerts: Vec::new(),
            peers: Vec::new(),
            snapshots: BTreeMap::new(),
            locks: Vec::new(),
            stocktakes: BTreeMap::new(),
            status,
        }
    }

    /// Takes changes in.
    pub fn take(&mut self, changes: &Changes) {
        for product in &changes.products {
            self.products.insert(product.product.sku.clone(), Arc::clone(product));
        }
        for transfer in &changes.transfers {
            self.transfers.insert(transfer.id.clone(), Arc::clone(transfer));
        }
        for row in &changes.movements {
            let place = self.movements.partition_point(|r| r.sort_key > row.sort_key);
            self.movements.insert(place, Arc::clone(row));
        }
        self.movements.truncate(MOVEMENTS_KEPT);
        for snapshot in &changes.snapshots {
            self.snapshots.insert(snapshot.id.clone(), Arc::clone(snapshot));
        }
        while self.snapshots.len() > REMEMBERED {
            let oldest = self.snapshots.values().min_by_key(|s| s.begun_ms).map(|s| s.id.clone());
            oldest.and_then(|id| self.snapshots.remove(&id));
        }
        for change in &changes.stocktakes {
            change.take_into(&mut self.stocktakes);
        }
        if let Some(alerts) = &changes.alerts {
            self.alerts.clone_from(alerts);
        }
        if let Some(peers) = &changes.peers {
            self.peers.clone_from(peers);
        }
        if let Some(locks) = &changes.locks {
            self.locks.clone_from(locks);
        }
        if let Some(status) = &changes.status {
            self.status.clone_from(status);
        }
    }

    /// Lines of the history stand at other moments now.
    pub fn restamp(&mut self, restamps: &[Restamp]) {
        for row in &mut self.movements {
            let mut new = MovementRow::clone(row);
            for restamp in restamps {
                new.restamp(restamp);
            }
            if new != **row {
                *row = Arc::new(new);
            }
        }
        self.movements.make_contiguous().sort_by_key(|row| std::cmp::Reverse(row.sort_key));
    }

    /// The whole picture.
    #[must_use]
    pub fn picture(&self) -> Picture {
        Picture {
            status: self.status.clone(),
            products: self.products(),
            transfers: self.transfers(),
            movements: self.movements.iter().cloned().collect(),
            alerts: self.alerts.clone(),
            peers: self.peers.clone(),
            snapshots: self.snapshots.values().cloned().collect(),
            locks: self.locks.clone(),
            stocktakes: self.stocktakes(),
        }
    }

    /// This warehouse's stocktakes, oldest first.
    #[must_use]
    pub fn stocktakes(&self) -> Vec<Arc<Stocktake>> {
        self.stocktakes.values().cloned().collect()
    }

    /// The snapshots, by id.
    pub fn snapshots(&self) -> impl Iterator<Item = &Arc<Snapshot>> {
        self.snapshots.values()
    }

    /// All products, by SKU.
    #[must_use]
    pub fn products(&self) -> Vec<Arc<ProductView>> {
        self.products.values().cloned().collect()
    }

    /// All transfers, by id.
    #[must_use]
    pub fn transfers(&self) -> Vec<Arc<Transfer>> {
        self.transfers.values().cloned().collect()
    }

    /// A transfer.
    #[must_use]
    pub fn transfer(&self, id: &TransferId) -> Option<&Arc<Transfer>> {
        self.transfers.get(id)
    }

    /// The peers as last told.
    #[must_use]
    pub fn peers(&self) -> &[PeerView] {
        &self.peers
    }

    /// The locks as last told.
    #[must_use]
    pub fn locks(&self) -> &[LockView] {
        &self.locks
    }

    /// How the node is, as last told.
    #[must_use]
    pub const fn status(&self) -> &Status {
        &self.status
    }
}

/// What the store holds, as far as it is looked at without asking it.
#[derive(Debug, Default)]
pub struct Recorded {
    heads: BTreeMap<WarehouseId, PartHead>,
    acknowledged: HashMap<String, (String, i64)>,
    /// The last batch of this start.
    pub batch: u64,
}

impl Recorded {
    /// What a start loads.
    #[must_use]
    pub fn new(me: &WarehouseId, loaded: &Loaded) -> Self {
        let own = loaded.acknowledged.iter().filter(|(w, ..)| w == me);
        Self {
            heads: loaded.heads.clone(),
            acknowledged: own.map(|(_, alert, by, at)| (alert.clone(), (by.clone(), *at))).collect(),
            batch: 0,
        }
    }

    /// A batch was committed; tells whether alerts were acknowledged by it, and whether ledgers were quarantined.
    pub fn take(&mut self, me: &WarehouseId, batch: &Batch) -> (bool, bool) {
        let mut quarantined = false;
        for (origin, part) in &batch.rows.heads {
            quarantined |= part.quarantine.is_some();
            self.heads.insert(origin.clone(), part.clone());
        }
        let mut said = false;
        for (_, alert, by, at) in batch.rows.acknowledged.iter().filter(|(w, ..)| w == me) {
            self.acknowledged.insert(alert.clone(), (by.clone(), *at));
            said = true;
        }
        self.batch = batch.writer.batch;
        (said, quarantined)
    }

    /// How far a ledger is stored.
    #[must_use]
    pub fn head(&self, origin: &WarehouseId) -> Head {
        self.heads.get(origin).map_or(Head::EMPTY, |part| part.head)
    }

    /// Ledgers that aren't followed further, and why.
    pub fn quarantined(&self) -> impl Iterator<Item = (&WarehouseId, &str)> {
        self.heads.iter().filter_map(|(origin, part)| Some((origin, part.quarantine.as_deref()?)))
    }

    /// Who has seen an alert of this warehouse, and when (milliseconds since 1970 UTC).
    #[must_use]
    pub fn acknowledged(&self, alert: &str) -> Option<(String, i64)> {
        self.acknowledged.get(alert).cloned()
    }
}
