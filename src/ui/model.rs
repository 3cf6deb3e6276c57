//! What the terminal knows of the world: the picture the node sent, kept up to date by its changes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::domain::{Alert, Sku, TransferId};
use crate::ledger::MovementRow;
use crate::ledger::book::Transfer;
use crate::node::Snapshot;
use crate::node::event::{Changes, PeerView, Picture, ProductView, Status};

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
    /// Snapshots by id.
    pub snapshots: BTreeMap<TransferId, Arc<Snapshot>>,
}

impl Model {
    /// Takes the whole picture in place of what was known.
    pub fn take_picture(&mut self, picture: Picture) {
        self.status = Some(picture.status);
        self.products = picture.products.into_iter().map(|p| (p.product.sku.clone(), p)).collect();
        self.transfers = picture.transfers.into_iter().map(|t| (t.id.clone(), t)).collect();
        self.movements = picture.movements.into();
        self.movements.truncate(MOVEMENTS_KEPT);
        self.alerts = picture.alerts;
        self.peers = picture.peers;
        self.snapshots = picture.snapshots.into_iter().map(|s| (s.id.clone(), s)).collect();
    }

    /// Takes changes.
    pub fn take_changes(&mut self, changes: Changes) {
        for product in changes.products {
            self.products.insert(product.product.sku.clone(), product);
        }
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
        if let Some(alerts) = changes.alerts {
            self.alerts = alerts;
        }
        if let Some(peers) = changes.peers {
            self.peers = peers;
        }
        if changes.status.is_some() {
            self.status = changes.status;
        }
    }
}
