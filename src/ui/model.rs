//! What the terminal knows of the world: the picture the node sent, kept up to date by its changes.

pub mod findable;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, OnceLock};

use findable::{Findable, is_found_alike};

use crate::domain::gtin::Gtin;
use crate::domain::{Alert, Product, Sku, TransferId};
use crate::ledger::MovementRow;
use crate::ledger::book::{Stocktake, Transfer};
use crate::node::Snapshot;
use crate::node::event::{Changes, LockView, PeerView, Picture, ProductView, Status};

/// The newest lines of the history that are kept for the screen; older ones are asked for by page.
pub const MOVEMENTS_KEPT: usize = 500;

/// The world as last told.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// How the node is; none before the first picture.
    pub status: Option<Status>,
    /// Products by SKU.
    pub products: BTreeMap<Sku, Arc<ProductView>>,
    /// Transfers by id.
    pub transfers: BTreeMap<TransferId, Arc<Transfer>>,
    /// The newest lines of the history, newest first.
    pub movements: VecDeque<Arc<MovementRow>>,
    /// Alerts that stand.
    pub alerts: Vec<Alert>,
    /// The other warehouses.
    pub peers: Vec<PeerView>,
    /// Locks that are held or wanted, by product.
    pub locks: Vec<LockView>,
    /// Snapshots by id.
    pub snapshots: BTreeMap<TransferId, Arc<Snapshot>>,
    /// This warehouse's stocktakes.
    pub stocktakes: BTreeMap<TransferId, Arc<Stocktake>>,
    /// Which products bear a barcode, their own or a pack's: a scan must not search the catalogue.
    bearers: HashMap<Gtin, Vec<Sku>>,
    /// Made when somebody searches, kept until a text changes.
    findable: OnceLock<Findable>,
}

impl Model {
    /// The products that bear a barcode, their own or a pack's; retired ones too.
    pub fn bearers(&self, code: Gtin) -> impl Iterator<Item = &Arc<ProductView>> {
        self.bearers.get(&code).into_iter().flatten().filter_map(|sku| self.products.get(sku))
    }

    /// The other warehouses of the cluster; who only would like to belong is not among them.
    pub fn members(&self) -> impl Iterator<Item = &PeerView> {
        self.peers.iter().filter(|peer| peer.standing.belongs())
    }

    /// What the products are found by.
    pub fn findable(&self) -> &Findable {
        self.findable.get_or_init(|| Findable::of(&self.products))
    }

    /// Takes a product as it is now.
    pub fn take_product(&mut self, view: Arc<ProductView>) {
        let sku = view.product.sku.clone();
        let before = self.products.insert(sku.clone(), Arc::clone(&view));
        if !before.as_ref().is_some_and(|before| is_found_alike(before, &view)) {
            self.findable = OnceLock::new();
        }
        if before.as_ref().is_some_and(|b| Arc::ptr_eq(&b.product, &view.product)) {
            return;
        }
        for code in before.iter().flat_map(|b| codes(&b.product)) {
            if let Some(bearers) = self.bearers.get_mut(&code) {
                bearers.retain(|s| *s != sku);
            }
        }
        for code in codes(&view.product) {
            let bearers = self.bearers.entry(code).or_default();
            if let Err(place) = bearers.binary_search(&sku) {
                bearers.insert(place, sku.clone());
            }
        }
    }

    /// Takes the whole picture in place of what was known.
    pub fn take_picture(&mut self, picture: Picture) {
        self.status = Some(picture.status);
        self.products.clear();
        self.bearers.clear();
        self.findable = OnceLock::new();
        picture.products.into_iter().for_each(|p| self.take_product(p));
        self.transfers = picture.transfers.into_iter().map(|t| (t.id.clone(), t)).collect();
        self.movements = picture.movements.into();
        self.movements.truncate(MOVEMENTS_KEPT);
        self.alerts = picture.alerts;
        self.peers = picture.peers;
        self.locks = picture.locks;
        self.stocktakes = picture.stocktakes.into_iter().map(|s| (s.head.id.clone(), s)).collect();
        self.snapshots = picture.snapshots.into_iter().map(|s| (s.id.clone(), s)).collect();
    }

    /// Takes changes.
    pub fn take_changes(&mut self, changes: Changes) {
        changes.products.into_iter().for_each(|p| self.take_product(p));
        for transfer in changes.transfers {
            self.transfers.insert(transfer.id.clone(), transfer);
        }
        for snapshot in changes.snapshots {
            self.snapshots.insert(snapshot.id.clone(), snapshot);
        }
        for row in changes.movements {
            let place = self.movements.partition_point(|r| r.sort_key > row.sort_key);
            self.movements.insert(place, row);
        }
        self.movements.truncate(MOVEMENTS_KEPT);
        for change in &changes.stocktakes {
            change.take_into(&mut self.stocktakes);
        }
        if let Some(alerts) = changes.alerts {
            self.alerts = alerts;
        }
        if let Some(locks) = changes.locks {
            self.locks = locks;
        }
        if let Some(peers) = changes.peers {
            self.peers = peers;
        }
        if changes.status.is_some() {
            self.status = changes.status;
        }
    }
}

/// The barcodes of a product and of its packs.
fn codes(product: &Product) -> impl Iterator<Item = Gtin> + '_ {
    product.barcodes.iter().copied().chain(product.packs.iter().filter_map(|p| p.barcode))
}
