//! One origin's part of the book, as a listing: the same ledger gives the same bytes in every warehouse.
//!
//! What a snapshot keeps of a warehouse is this listing, and its hash is the digest that all compare. It holds all that
//! follows from that origin's ledger alone: its stock and the steps of transfers that it took, line by line, and hashes of
//! the rest that later entries are judged by or that is shown. What it wrote into the catalogue is in through the hash of
//! its last entry: the merged catalogue also holds others' words.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Book, StockCell, StockKey, Transfer};
use crate::domain::{Lot, Quantity, Sku, TransferId, TransferState, WarehouseId};
use crate::ledger::Hash;

/// A line of the listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// Whose part it is, up to which entry, and that one's hash.
    Ledger(WarehouseId, u64, Hash),
    /// Product, lot, thousandths on hand and reserved, expiry.
    Stock(Sku, Lot, i64, i64, Option<NaiveDate>),
    /// Transfer, what was done, in which entry, source, destination, goods.
    Step(TransferId, TransferState, u64, WarehouseId, WarehouseId, Vec<Goods>),
    /// A reservation or an expected receipt that stands.
    Promise(Promise),
    /// What else follows from the ledger: what it is, and the hash of it all.
    Rest(Rest, Hash),
}

/// What is not listed line by line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rest {
    /// Reservations, those with nothing left too: an undone issue may give one its goods back.
    Reservations,
    /// Expected receipts, those that came or are closed too.
    Expectations,
    /// What was undone, and by what.
    Reversals,
    /// Stocktakes with their lines.
    Stocktakes,
    /// When goods were last counted.
    Counted,
    /// Reorder rules and shelves.
    Rules,
    /// Alerts that were acknowledged.
    Acknowledged,
}

/// What stands of a reservation or of an expected receipt, in thousandths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Promise {
    /// The entry that made it, product, lot, what is left, the last day.
    Reserved(u64, Sku, Lot, i64, Option<NaiveDate>),
    /// The entry that made it, product, what is still to come, its day.
    Expected(u64, Sku, i64, NaiveDate),
}

/// Product, lot and thousandths of what a step moved; of an arrival, what was short of it as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goods(pub Sku, pub Lot, pub i64, pub i64);

/// A step of a transfer, by whoever decides it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The transfer.
    pub transfer: TransferId,
    /// What it became by this step.
    pub state: TransferState,
    /// The entry of the part's ledger.
    pub seq: u64,
    /// The source.
    pub from: WarehouseId,
    /// The destination.
    pub to: WarehouseId,
    /// What was sent, or what came and was short.
    pub goods: Vec<Goods>,
}

/// One origin's part of the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Whose.
    pub warehouse: WarehouseId,
    /// Up to which entry.
    pub seq: u64,
    /// That one's hash.
    pub hash: Hash,
    /// What lies there.
    pub stock: Vec<(StockKey, StockCell)>,
    /// Its steps, by transfer.
    pub steps: Vec<Step>,
    /// What it has promised, or was promised.
    pub promises: Vec<Promise>,
    /// What else follows from its ledger.
    pub rest: Vec<(Rest, Hash)>,
}

/// Goods of one product and lot on the road.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Riding {
    /// The transfer.
    pub transfer: TransferId,
    /// The product.
    pub sku: Sku,
    /// The lot; empty = none.
    pub lot: Lot,
    /// Dispatched − received − short − returned.
    pub qty: Quantity,
    /// Where from.
    pub from: WarehouseId,
    /// Where to.
    pub to: WarehouseId,
}

impl Part {
    /// An origin's part of a book, as far as that is folded.
    #[must_use]
    pub fn of(book: &Book, warehouse: &WarehouseId) -> Self {
        let stock = book.stock_in(warehouse);
        let mine = book.transfers.values().filter(|t| t.from == *warehouse || t.to == *warehouse);
        let reserved = of_origin(&book.reservations, warehouse).filter(|r| r.left().is_positive()).map(|r| {
            let (seq, sku, lot) = (r.id.seq, r.sku.clone(), r.lot.clone());
            Promise::Reserved(seq, sku, lot, r.left().thousandths(), r.until)
        });
        let expected = of_origin(&book.expectations, warehouse)
            .filter(|e| e.left().is_positive())
            .map(|e| Promise::Expected(e.id.seq, e.sku.clone(), e.left().thousandths(), e.due));
        let head = book.head(warehouse);
        Self {
            warehouse: warehouse.clone(),
            seq: head.seq,
            hash: head.hash,
            stock: stock.map(|(key, cell)| (key.clone(), *cell)).collect(),
            steps: mine.flat_map(|t| steps_of(t, warehouse, u64::MAX)).collect(),
            promises: reserved.chain(expected).collect(),
            rest: rest_of(book, warehouse),
        }
    }

    /// The listing: JSON, a line each.
    #[must_use]
    pub fn listing(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(64 * (self.stock.len() + self.steps.len() + 1));
        let mut line = |line: &Line| {
            // Writing plain values to memory can't fail.
            let _ = serde_json::to_writer(&mut text, line);
            text.push(b'\n');
        };
        line(&Line::Ledger(self.warehouse.clone(), self.seq, self.hash));
        for (key, cell) in &self.stock {
            let (on_hand, reserved) = (cell.on_hand.thousandths(), cell.reserved.thousandths());
            line(&Line::Stock(key.sku.clone(), key.lot.clone(), on_hand, reserved, cell.expiry));
        }
        for step in &self.steps {
            let (id, from, to) = (step.transfer.clone(), step.from.clone(), step.to.clone());
            line(&Line::Step(id, step.state, step.seq, from, to, step.goods.clone()));
        }
        for promise in &self.promises {
            line(&Line::Promise(promise.clone()));
        }
        for (what, hash) in &self.rest {
            line(&Line::Rest(*what, *hash));
        }
        text
    }

    /// Reads a listing.
    ///
    /// # Errors
    /// When it isn't one; in words.
    pub fn read(listing: &[u8]) -> Result<Self, String> {
        let mut lines = listing.split(|b| *b == b'\n').filter(|line| !line.is_empty());
        let mut next =
            || lines.next().map(|l| serde_json::from_slice(l).map_err(|e| e.to_string())).transpose();
        let Some(Line::Ledger(warehouse, seq, hash)) = next()? else {
            return Err("the listing does not say whose it is".to_owned());
        };
        let (stock, steps, promises, rest) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut part = Self { warehouse, seq, hash, stock, steps, promises, rest };
        while let Some(line) = next()? {
            match line {
                Line::Promise(promise) => part.promises.push(promise),
                Line::Rest(what, hash) => part.rest.push((what, hash)),
                Line::Ledger(..) => return Err("the listing is of more than one warehouse".to_owned()),
                Line::Stock(sku, lot, on_hand, reserved, expiry) => {
                    let amount = |n| Quantity::from_thousandths(n).map_err(|e| e.to_string());
                    let key = StockKey { warehouse: part.warehouse.clone(), sku, lot };
                    let cell = StockCell { on_hand: amount(on_hand)?, reserved: amount(reserved)?, expiry };
                    part.stock.push((key, cell));
                }
                Line::Step(transfer, state, seq, from, to, goods) => {
                    part.steps.push(Step { transfer, state, seq, from, to, goods });
                }
            }
        }
        Ok(part)
    }
}

/// What one origin's entries made, by those entries.
fn of_origin<'a, T>(
    all: &'a BTreeMap<TransferId, T>,
    origin: &WarehouseId,
) -> impl Iterator<Item = &'a T> + use<'a, T> {
    let made = |seq| TransferId { origin: origin.clone(), seq };
    all.range(made(0)..=made(u64::MAX)).map(|(_, made)| made)
}

fn rest_of(book: &Book, of: &WarehouseId) -> Vec<(Rest, Hash)> {
    let undone = book.reversals.range((of.clone(), 0)..=(of.clone(), u64::MAX));
    let first = StockKey { warehouse: of.clone(), sku: Sku::before_all(), lot: Lot::none() };
    let counted = book.counted.range(first..).take_while(|(key, _)| key.warehouse == *of);
    let rules = book.rules.range((of.clone(), Sku::before_all())..).take_while(|((w, _), _)| w == of);
    let seen = book.acknowledged.range((of.clone(), String::new())..).take_while(|((w, _), _)| w == of);
    vec![
        (Rest::Reservations, hash_of(of_origin(&book.reservations, of))),
        (Rest::Expectations, hash_of(of_origin(&book.expectations, of))),
        (Rest::Reversals, hash_of(undone)),
        (Rest::Stocktakes, hash_of(book.stocktakes(of))),
        (Rest::Counted, hash_of(counted)),
        (Rest::Rules, hash_of(rules)),
        (Rest::Acknowledged, hash_of(seen)),
    ]
}

fn hash_of(all: impl Iterator<Item = impl Serialize>) -> Hash {
    let mut text = Vec::new();
    for one in all {
        // Writing plain values to memory can't fail.
        let _ = serde_json::to_writer(&mut text, &one);
        text.push(b'\n');
    }
    Hash::of(&text)
}

/// The steps of a transfer that a warehouse took in its entries up to one.
pub fn steps_of(transfer: &Transfer, by: &WarehouseId, upto: u64) -> Vec<Step> {
    let asked = transfer.request.iter().flat_map(|r| &r.lines);
    let asked =
        || asked.clone().map(|l| Goods(l.sku.clone(), l.lot.clone(), l.qty.thousandths(), 0)).collect();
    let arrived = |arrival: &super::Arrival| {
        let lines = arrival.lines.iter();
        let goods = |l: &crate::ledger::entry::ArrivedLine| {
            Goods(l.sku.clone(), l.lot.clone(), l.arrived.thousandths(), l.short.thousandths())
        };
        lines.map(goods).collect()
    };
    let taken: [(Option<&super::Mark>, TransferState, Vec<Goods>); 7] = [
        (transfer.request.as_ref().map(|s| &s.mark), TransferState::Requested, asked()),
        (transfer.withdrawal.as_ref(), TransferState::WithdrawalAsked, Vec::new()),
        (transfer.decline.as_ref(), TransferState::Declined, Vec::new()),
        (
            transfer.dispatch.as_ref().map(|s| &s.mark),
            TransferState::Dispatched,
            transfer.dispatch.iter().flat_map(|d| &d.lines).map(sent).collect(),
        ),
        (
            transfer.receipt.as_ref().map(|s| &s.mark),
            TransferState::Received,
            transfer.receipt.as_ref().map(arrived).unwrap_or_default(),
        ),
        (transfer.rejection.as_ref(), TransferState::Rejected, Vec::new()),
        (
            transfer.returned.as_ref().map(|s| &s.mark),
            TransferState::Returned,
            transfer.returned.as_ref().map(arrived).unwrap_or_default(),
        ),
    ];
    let own = taken.into_iter().filter_map(|(mark, state, goods)| {
        let mark = mark.filter(|m| m.entry.origin == *by && m.entry.seq <= upto)?;
        let (from, to) = (transfer.from.clone(), transfer.to.clone());
        Some(Step { transfer: transfer.id.clone(), state, seq: mark.entry.seq, from, to, goods })
    });
    own.collect()
}

fn sent(line: &crate::ledger::entry::DispatchLine) -> Goods {
    Goods(line.sku.clone(), line.lot.clone(), line.qty.thousandths(), 0)
}

/// What is on the road by the steps of all parts: sent, and neither come in, short nor come back.
#[must_use]
pub fn riding<'a>(steps: impl Iterator<Item = &'a Step>) -> Vec<Riding> {
    let mut road: BTreeMap<(TransferId, Sku, Lot), (i64, WarehouseId, WarehouseId)> = BTreeMap::new();
    for step in steps {
        let sign = match step.state {
            TransferState::Dispatched => 1,
            TransferState::Received | TransferState::Returned => -1,
            _ => continue,
        };
        for Goods(sku, lot, moved, short) in &step.goods {
            let key = (step.transfer.clone(), sku.clone(), lot.clone());
            let place = road.entry(key).or_insert_with(|| (0, step.from.clone(), step.to.clone()));
            place.0 = place.0.saturating_add(sign * moved.saturating_add(*short));
        }
    }
    let still = road.into_iter().filter(|(_, (qty, ..))| *qty != 0);
    let riding = still.filter_map(|((transfer, sku, lot), (qty, from, to))| {
        Some(Riding { transfer, sku, lot, qty: Quantity::from_thousandths(qty).ok()?, from, to })
    });
    riding.collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::domain::{Operator, Selection, Threshold};
    use crate::ledger::book::{
        Expectation, Reservation, RuleState, Stocktake, StocktakeHead, StocktakeLine, Tables,
    };

    fn id(seq: u64) -> TransferId {
        TransferId { origin: WarehouseId::new("madrid").unwrap(), seq }
    }

    fn key() -> StockKey {
        StockKey { warehouse: id(1).origin, sku: Sku::new("A").unwrap(), lot: Lot::none() }
    }

    fn units(n: i64) -> Quantity {
        Quantity::units(n).unwrap()
    }

    fn line() -> StocktakeLine {
        StocktakeLine {
            sku: key().sku,
            lot: key().lot,
            expiry: None,
            pinned: 3,
            counted: units(2),
            book: units(3),
            entry: 9,
            at_ms: 7,
            by: Operator::new("ana").unwrap(),
            times: 1,
            again: false,
            review: None,
            booked: None,
        }
    }

    fn tables() -> Tables {
        let head = StocktakeHead {
            id: id(8),
            selection: Selection::All,
            blind: false,
            threshold: Threshold::default(),
            opened_ms: 6,
            opened_by: Operator::new("ana").unwrap(),
            end: None,
        };
        let lines = BTreeMap::from([((key().sku, key().lot), line())]);
        let reservation = Reservation {
            id: id(4),
            sku: key().sku,
            lot: Lot::none(),
            qty: units(5),
            issued: units(5),
            released: Quantity::ZERO,
            cut: None,
            purpose: "order".into(),
            until: None,
            closed: false,
        };
        let expectation = Expectation {
            id: id(5),
            sku: key().sku,
            qty: units(5),
            received: units(5),
            due: NaiveDate::default(),
            reference: String::new(),
            closed: false,
        };
        Tables {
            stocktakes: vec![Stocktake { head, lines }],
            counted: BTreeMap::from([(key(), 7)]),
            reversals: vec![(id(1).origin, 2, 6)],
            reservations: vec![reservation],
            expectations: vec![expectation],
            rules: BTreeMap::from([((id(1).origin, key().sku), RuleState::default())]),
            acknowledged: vec![(id(1).origin, "low_stock".into(), "ana".into(), 7)],
            ..Tables::default()
        }
    }

    #[test]
    fn whatever_of_an_origin_is_another_makes_another_listing_and_what_is_anothers_does_not() {
        let listing = |tables: Tables| Part::of(&Book::from_tables(tables), &id(1).origin).listing();
        let same = listing(tables());
        let changes: [fn(&mut Tables); 12] = [
            |t| t.stocktakes[0].head.blind = true,
            |t| t.stocktakes[0].lines.values_mut().for_each(|line| line.again = true),
            |t| t.stocktakes[0].lines.values_mut().for_each(|line| line.booked = Some(10)),
            |t| t.stocktakes[0].lines.clear(),
            |t| t.counted.values_mut().for_each(|at_ms| *at_ms += 1),
            |t| t.reversals[0].2 = 7,
            |t| t.reservations[0].closed = true,
            |t| (t.reservations[0].issued, t.reservations[0].released) = (units(4), units(1)),
            |t| t.expectations[0].received = units(6),
            |t| t.expectations[0].closed = true,
            |t| t.rules.values_mut().for_each(|rule| rule.shelf = "B".into()),
            |t| t.acknowledged.clear(),
        ];
        for (place, change) in changes.into_iter().enumerate() {
            let mut other = tables();
            change(&mut other);
            assert_ne!(listing(other), same, "{place}");
        }
        let mut more = tables();
        let lugo = WarehouseId::new("lugo").unwrap();
        more.reversals.push((lugo.clone(), 2, 6));
        more.acknowledged.push((lugo.clone(), "low_stock".into(), "ana".into(), 7));
        more.counted.insert(StockKey { warehouse: lugo, ..key() }, 7);
        assert_eq!(listing(more), same);
    }

    #[test]
    fn a_listing_is_read_back() {
        let part = Part::of(&Book::from_tables(tables()), &id(1).origin);
        assert_eq!(Part::read(&part.listing()), Ok(part));
    }
}
