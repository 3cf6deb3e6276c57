//! The book: the fold of all ledgers into stock, catalogue, rules and transfers.
//!
//! It is a merge of per-origin parts: what one origin's entries do depends on that origin's earlier entries and on
//! the entries they name, so equal cuts give equal books in any order of arrival. [`Book::fold`] judges an entry and
//! says what it changes without changing anything; [`Book::take`] carries that out.

mod catalogue;
mod fold;
pub mod part;
mod promise;
mod restamp;
mod roster;
pub mod state;
pub mod stocktakes;
mod transfers;
mod violation;

use std::collections::{BTreeMap, BTreeSet};

pub use fold::Fold;
pub use part::{Part, Riding};
pub use promise::{Expectation, ForcedRelease, Reservation};
pub use restamp::{Restamp, RestampedStep};
pub use roster::{Decree, Rosters};
pub use state::{
    Arrival, Dispatch, Mark, PartHead, ProductState, RequestStep, RuleState, Stamp, StockCell, StockKey,
    Transfer,
};
pub use stocktakes::{Review, Stocktake, StocktakeChange, StocktakeEnd, StocktakeHead, StocktakeLine};
pub use violation::Violation;

use crate::domain::gtin::Gtin;
use crate::domain::{Lot, Quantity, Sku, TransferId, WarehouseId};
use crate::ledger::entry::{Cut, EntryRef, Head};

/// All that follows from the entries applied so far.
#[derive(Debug, Clone, Default)]
pub struct Book {
    stock: BTreeMap<StockKey, StockCell>,
    products: BTreeMap<Sku, ProductState>,
    rules: BTreeMap<(WarehouseId, Sku), RuleState>,
    transfers: BTreeMap<TransferId, Transfer>,
    reservations: BTreeMap<TransferId, Reservation>,
    expectations: BTreeMap<TransferId, Expectation>,
    reversals: BTreeMap<(WarehouseId, u64), u64>,
    heads: BTreeMap<WarehouseId, PartHead>,
    acknowledged: BTreeMap<(WarehouseId, String), (String, i64)>,
    rosters: Rosters,
    /// By the entry that opened it.
    stocktakes: BTreeMap<WarehouseId, BTreeMap<u64, Stocktake>>,
    /// When goods were last counted, milliseconds since 1970 UTC.
    counted: BTreeMap<StockKey, i64>,
    // Found again from the above at a start.
    /// In order; hardly ever more than one.
    barcodes: BTreeMap<Gtin, Vec<Sku>>,
    roads: BTreeMap<Sku, BTreeSet<TransferId>>,
    /// Requests that wait for their source's answer.
    asked: BTreeMap<Sku, BTreeSet<TransferId>>,
    /// Reservations with something to show.
    reserved: BTreeMap<Sku, BTreeSet<TransferId>>,
    /// Expected receipts of which something is to come.
    expected: BTreeMap<Sku, BTreeSet<TransferId>>,
}

/// The tables a book is put together from at a start.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    /// Stock cells.
    pub stock: BTreeMap<StockKey, StockCell>,
    /// Products.
    pub products: BTreeMap<Sku, ProductState>,
    /// Rules and shelves.
    pub rules: BTreeMap<(WarehouseId, Sku), RuleState>,
    /// Transfers.
    pub transfers: Vec<Transfer>,
    /// Reservations.
    pub reservations: Vec<Reservation>,
    /// Expected receipts.
    pub expectations: Vec<Expectation>,
    /// (origin, entry undone, the entry that undoes it).
    pub reversals: Vec<(WarehouseId, u64, u64)>,
    /// How far each ledger goes.
    pub heads: BTreeMap<WarehouseId, PartHead>,
    /// (warehouse, alert, by whom, milliseconds since 1970 UTC).
    pub acknowledged: Vec<(WarehouseId, String, String, i64)>,
    /// Changes of rosters.
    pub decrees: Vec<Decree>,
    /// Stocktakes.
    pub stocktakes: Vec<Stocktake>,
    /// When goods were last counted.
    pub counted: BTreeMap<StockKey, i64>,
}

impl Book {
    /// Puts a book together from its tables.
    #[must_use]
    pub fn from_tables(tables: Tables) -> Self {
        let mut book = Self {
            stock: tables.stock,
            rules: tables.rules,
            reversals: tables.reversals.into_iter().map(|(w, undone, by)| ((w, undone), by)).collect(),
            heads: tables.heads,
            acknowledged: tables.acknowledged.into_iter().map(|(w, a, by, at)| ((w, a), (by, at))).collect(),
            rosters: Rosters::from_rows(tables.decrees),
            counted: tables.counted,
            ..Self::default()
        };
        for (sku, product) in tables.products {
            book.index_barcodes(&sku, &product);
            book.products.insert(sku, product);
        }
        for stocktake in tables.stocktakes {
            let TransferId { origin, seq } = stocktake.head.id.clone();
            book.stocktakes.entry(origin).or_default().insert(seq, stocktake);
        }
        for transfer in tables.transfers {
            book.index_road(&transfer);
            book.index_asked(&transfer);
            book.transfers.insert(transfer.id.clone(), transfer);
        }
        for reservation in tables.reservations {
            book.put_reservation(reservation);
        }
        for expectation in tables.expectations {
            book.put_expectation(expectation);
        }
        book
    }

    /// Carries out what a fold of this very book said.
    pub fn take(&mut self, fold: &Fold) {
        for (key, cell) in &fold.stock {
            self.stock.insert(key.clone(), *cell);
        }
        if let Some(product) = &fold.product {
            let sku = product.product.sku.clone();
            if let Some(old) = self.products.remove(&sku) {
                self.unindex_barcodes(&sku, &old);
            }
            self.index_barcodes(&sku, product);
            self.products.insert(sku, product.clone());
        }
        if let Some((key, rule)) = &fold.rule {
            self.rules.insert(key.clone(), rule.clone());
        }
        for transfer in fold.transfer.iter().chain(&fold.restamped) {
            self.index_road(transfer);
            self.index_asked(transfer);
            self.transfers.insert(transfer.id.clone(), transfer.clone());
        }
        if let Some(reservation) = &fold.reservation {
            self.put_reservation(reservation.clone());
        }
        if let Some(expectation) = &fold.expectation {
            self.put_expectation(expectation.clone());
        }
        if let Some((warehouse, undone, by)) = &fold.reversal {
            self.reversals.insert((warehouse.clone(), *undone), *by);
        }
        if let Some((warehouse, alert, by, at)) = &fold.acknowledged {
            self.acknowledged.insert((warehouse.clone(), alert.clone()), (by.clone(), *at));
            self.take_acknowledged(warehouse, alert);
        }
        if let Some(change) = &fold.stocktake {
            self.take_stocktake(change);
        }
        if let Some((key, at_ms)) = &fold.counted {
            self.counted.insert(key.clone(), *at_ms);
        }
        if let Some(decree) = &fold.decree {
            self.rosters.take(decree.clone());
        }
        self.heads.insert(fold.origin.clone(), fold.head.clone());
    }

    /// Notes that a ledger is sealed up to an entry.
    pub fn note_seal(&mut self, origin: &WarehouseId, seq: u64) {
        if let Some(part) = self.heads.get_mut(origin) {
            part.sealed = part.sealed.max(seq);
        }
    }

    /// Forgets that a transfer came in: a deliberate fault.
    #[cfg(feature = "faults")]
    pub fn forget_receipt(&mut self, transfer: &TransferId) {
        if let Some(known) = self.transfers.get_mut(transfer) {
            known.receipt = None;
        }
    }

    /// Stops following a ledger.
    pub fn quarantine(&mut self, origin: &WarehouseId, why: &str) {
        let part = self.heads.entry(origin.clone()).or_default();
        part.quarantine.get_or_insert_with(|| why.to_owned());
    }

    /// Follows a ledger again.
    pub fn end_quarantine(&mut self, origin: &WarehouseId) {
        if let Some(part) = self.heads.get_mut(origin) {
            part.quarantine = None;
        }
    }

    /// All products, by SKU.
    pub fn products(&self) -> impl Iterator<Item = (&Sku, &ProductState)> {
        self.products.iter()
    }

    /// A product.
    #[must_use]
    pub fn product(&self, sku: &Sku) -> Option<&ProductState> {
        self.products.get(sku)
    }

    /// All stock cells.
    pub fn stock(&self) -> impl Iterator<Item = (&StockKey, &StockCell)> {
        self.stock.iter()
    }

    /// A stock cell.
    #[must_use]
    pub fn cell(&self, key: &StockKey) -> Option<&StockCell> {
        self.stock.get(key)
    }

    /// A warehouse's cells.
    pub(crate) fn stock_in<'a>(
        &'a self,
        of: &'a WarehouseId,
    ) -> impl Iterator<Item = (&'a StockKey, &'a StockCell)> {
        let from = StockKey { warehouse: of.clone(), sku: Sku::before_all(), lot: Lot::none() };
        self.stock.range(from..).take_while(move |(key, _)| key.warehouse == *of)
    }

    /// A product's cells in one warehouse, by lot.
    pub fn cells_in<'a>(
        &'a self,
        warehouse: &WarehouseId,
        sku: &Sku,
    ) -> impl Iterator<Item = (&'a StockKey, &'a StockCell)> + use<'a> {
        let from = StockKey { warehouse: warehouse.clone(), sku: sku.clone(), lot: Lot::none() };
        let (warehouse, sku) = (from.warehouse.clone(), from.sku.clone());
        self.stock.range(from..).take_while(move |(key, _)| key.warehouse == warehouse && key.sku == sku)
    }

    /// A product's cells in all warehouses.
    pub fn cells(&self, sku: &Sku) -> impl Iterator<Item = (&StockKey, &StockCell)> {
        let sku = sku.clone();
        self.heads.keys().flat_map(move |warehouse| self.cells_in(warehouse, &sku))
    }

    /// A warehouse's rule and shelf for a product.
    #[must_use]
    pub fn rule(&self, warehouse: &WarehouseId, sku: &Sku) -> Option<&RuleState> {
        self.rules.get(&(warehouse.clone(), sku.clone()))
    }

    /// All warehouses' rules for a product.
    pub fn rules_of(&self, sku: &Sku) -> impl Iterator<Item = (&WarehouseId, &RuleState)> {
        let sku = sku.clone();
        self.heads.keys().filter_map(move |w| self.rule(w, &sku).map(|rule| (w, rule)))
    }

    /// A transfer.
    #[must_use]
    pub fn transfer(&self, id: &TransferId) -> Option<&Transfer> {
        self.transfers.get(id)
    }

    /// All transfers, by id.
    pub fn transfers(&self) -> impl Iterator<Item = &Transfer> {
        self.transfers.values()
    }

    /// Transfers with goods of a product on the road.
    pub fn roads(&self, sku: &Sku) -> impl Iterator<Item = &Transfer> {
        self.roads.get(sku).into_iter().flatten().filter_map(|id| self.transfers.get(id))
    }

    /// Requests for a product that their source has not answered.
    pub fn open_requests(&self, sku: &Sku) -> impl Iterator<Item = &Transfer> {
        self.asked.get(sku).into_iter().flatten().filter_map(|id| self.transfers.get(id))
    }

    /// A reservation.
    #[must_use]
    pub fn reservation(&self, id: &TransferId) -> Option<&Reservation> {
        self.reservations.get(id)
    }

    /// Reservations of a product with something to show, by warehouse, the oldest first.
    pub fn reservations_of(&self, sku: &Sku) -> impl Iterator<Item = &Reservation> {
        self.reserved.get(sku).into_iter().flatten().filter_map(|id| self.reservations.get(id))
    }

    /// A warehouse's reservations with something left, the oldest first.
    pub fn reservations_in(&self, warehouse: &WarehouseId) -> impl Iterator<Item = &Reservation> {
        let of = self.reserved.values().flatten().filter_map(|id| self.reservations.get(id));
        of.filter(move |r| r.id.origin == *warehouse && r.left().is_positive())
    }

    /// An expected receipt.
    #[must_use]
    pub fn expectation(&self, id: &TransferId) -> Option<&Expectation> {
        self.expectations.get(id)
    }

    /// Expected receipts of a product of which something is to come, by warehouse, the oldest first.
    pub fn expectations_of(&self, sku: &Sku) -> impl Iterator<Item = &Expectation> {
        self.expected.get(sku).into_iter().flatten().filter_map(|id| self.expectations.get(id))
    }

    /// Products that carry a barcode, of a unit or of a pack.
    pub fn with_gtin(&self, gtin: Gtin) -> impl Iterator<Item = &Sku> {
        self.barcodes.get(&gtin).into_iter().flatten()
    }

    /// The entry that undid an entry, if one did.
    #[must_use]
    pub fn reversed_by(&self, origin: &WarehouseId, seq: u64) -> Option<u64> {
        self.reversals.get(&(origin.clone(), seq)).copied()
    }

    /// Who in a warehouse has seen an alert, and when (milliseconds since 1970 UTC).
    #[must_use]
    pub fn acknowledged(&self, warehouse: &WarehouseId, alert: &str) -> Option<&(String, i64)> {
        self.acknowledged.get(&(warehouse.clone(), alert.to_owned()))
    }

    /// How far each ledger is folded.
    #[must_use]
    pub const fn heads(&self) -> &BTreeMap<WarehouseId, PartHead> {
        &self.heads
    }

    /// How far a ledger is folded.
    #[must_use]
    pub fn head(&self, origin: &WarehouseId) -> Head {
        self.heads.get(origin).map_or(Head::EMPTY, |part| part.head)
    }

    /// Whether a ledger isn't followed any further.
    #[must_use]
    pub fn is_quarantined(&self, origin: &WarehouseId) -> bool {
        self.heads.get(origin).is_some_and(|part| part.quarantine.is_some())
    }

    /// The book's position in all ledgers.
    #[must_use]
    pub fn cut(&self) -> Cut {
        self.heads.iter().map(|(w, part)| (w.clone(), part.head)).collect()
    }

    /// Whether an entry is applied, or need not be waited for since its ledger isn't followed that far.
    #[must_use]
    pub fn needs_no_wait(&self, name: &EntryRef) -> bool {
        let is_void = || self.rosters.end_of(&name.origin).is_some_and(|end| name.seq > end);
        self.head(&name.origin).seq >= name.seq || self.is_quarantined(&name.origin) || is_void()
    }

    /// Sum of all warehouses' goods of a product and lot, and of what is on the road: for checks of conservation.
    #[must_use]
    pub fn network_total(&self, sku: &Sku, lot: &Lot) -> Quantity {
        let lying = self.cells(sku).filter(|(key, _)| key.lot == *lot).map(|(_, cell)| cell.on_hand);
        let on_the_road = self.roads(sku).filter_map(|t| t.dispatch.as_ref()).flat_map(|d| &d.lines);
        let riding = on_the_road.filter(|line| line.sku == *sku && line.lot == *lot).map(|line| line.qty);
        lying.chain(riding).fold(Quantity::ZERO, Quantity::saturating_plus)
    }

    fn index_barcodes(&mut self, sku: &Sku, product: &ProductState) {
        for gtin in codes_of(product) {
            let skus = self.barcodes.entry(gtin).or_insert_with(|| Vec::with_capacity(1));
            if let Err(place) = skus.binary_search(sku) {
                skus.insert(place, sku.clone());
            }
        }
    }

    fn unindex_barcodes(&mut self, sku: &Sku, product: &ProductState) {
        for gtin in codes_of(product) {
            if let Some(skus) = self.barcodes.get_mut(&gtin) {
                skus.retain(|other| other != sku);
                if skus.is_empty() {
                    self.barcodes.remove(&gtin);
                }
            }
        }
    }

    fn put_reservation(&mut self, reservation: Reservation) {
        self.index_reservation(&reservation);
        if reservation.is_over() {
            self.reservations.remove(&reservation.id);
        } else {
            self.reservations.insert(reservation.id.clone(), reservation);
        }
    }

    /// Shown is what stands, and what was cut short until its warehouse has seen that.
    fn index_reservation(&mut self, reservation: &Reservation) {
        let id = &reservation.id;
        let unseen = |cut: &ForcedRelease| self.acknowledged(&id.origin, &cut.alert(id)).is_none();
        let is_shown = reservation.left().is_positive() || reservation.cut.as_ref().is_some_and(unseen);
        note(&mut self.reserved, &reservation.sku, id, is_shown);
    }

    fn take_acknowledged(&mut self, warehouse: &WarehouseId, alert: &str) {
        let cut = |r: &&Reservation| r.cut.is_some_and(|cut| cut.alert(&r.id) == alert);
        let shown = self.reserved.values().flatten().filter_map(|id| self.reservations.get(id));
        let seen = shown.filter(|r| r.id.origin == *warehouse).find(cut).cloned();
        if let Some(reservation) = seen {
            self.index_reservation(&reservation);
        }
    }

    fn put_expectation(&mut self, expectation: Expectation) {
        let is_open = expectation.left().is_positive();
        note(&mut self.expected, &expectation.sku, &expectation.id, is_open);
        self.expectations.insert(expectation.id.clone(), expectation);
    }

    fn index_road(&mut self, transfer: &Transfer) {
        for line in transfer.dispatch.iter().flat_map(|d| &d.lines) {
            note(&mut self.roads, &line.sku, &transfer.id, transfer.is_on_the_road());
        }
    }

    fn index_asked(&mut self, transfer: &Transfer) {
        for line in transfer.request.iter().flat_map(|r| &r.lines) {
            note(&mut self.asked, &line.sku, &transfer.id, transfer.is_open_request());
        }
    }
}

fn note(index: &mut BTreeMap<Sku, BTreeSet<TransferId>>, sku: &Sku, id: &TransferId, is_in: bool) {
    if is_in {
        index.entry(sku.clone()).or_default().insert(id.clone());
    } else if let Some(ids) = index.get_mut(sku) {
        ids.remove(id);
        if ids.is_empty() {
            index.remove(sku);
        }
    }
}

fn codes_of(product: &ProductState) -> impl Iterator<Item = Gtin> {
    let product = &product.product;
    product.barcodes.iter().copied().chain(product.packs.iter().filter_map(|pack| pack.barcode))
}
