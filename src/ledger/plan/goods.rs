//! Taking goods out: which lots, and whether there is enough.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Ground, usual};
use crate::domain::{Lot, Quantity, QuantityError, Refusal, Sku};
use crate::ledger::act::TakeLine;
use crate::ledger::book::{StockCell, StockKey};

/// What the earlier lines of the same act take out, or bring in.
#[derive(Debug, Default)]
pub(super) struct Taken(BTreeMap<(Sku, Lot), Quantity>);

/// What to do about lots past their date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expired {
    /// They stay.
    Refused,
    /// They go after the others.
    Allowed,
}

/// Goods to take of one lot.
pub(super) struct Pick {
    pub(super) lot: Lot,
    pub(super) expiry: Option<NaiveDate>,
    pub(super) qty: Quantity,
}

struct Free {
    lot: Lot,
    expiry: Option<NaiveDate>,
    expired: bool,
    available: Quantity,
}

impl Ground<'_> {
    /// Which lots a line takes: the one it names, or by expiry, the unexpired first.
    pub(super) fn pick(
        &self,
        line: &TakeLine,
        expired: Expired,
        taken: &mut Taken,
    ) -> Result<Vec<Pick>, Refusal> {
        let sku = &line.sku;
        self.amount(sku, line.qty)?;
        let mut free = self.free(sku, taken);
        if let Some(lot) = &line.lot {
            let here = self.book.cells_in(self.me, sku).any(|(key, _)| key.lot == *lot);
            // A product never seen here has nothing in «no lot», which is not an unknown lot.
            if !here && !lot.is_none() {
                return Err(Refusal::UnknownLot { sku: sku.clone(), lot: lot.clone() });
            }
            free.retain(|f| f.lot == *lot);
        }
        let all = sum(free.iter().map(|f| f.available));
        if all < line.qty {
            return Err(self.not_enough(line, all));
        }
        if expired == Expired::Refused {
            let fresh = sum(free.iter().filter(|f| !f.expired).map(|f| f.available));
            if fresh < line.qty
                && let Some(old) = free.iter().find(|f| f.expired && f.available.is_positive())
                && let Some(expiry) = old.expiry
            {
                let (sku, lot) = (sku.clone(), old.lot.clone());
                return Err(Refusal::LotExpired { sku, lot, expiry, fresh });
            }
        }
        free.sort_by_key(|f| (f.expired, f.expiry.is_none(), f.expiry));
        let mut rest = line.qty;
        let mut picks = Vec::new();
        for f in free {
            let qty = rest.min(f.available);
            if !qty.is_positive() {
                continue;
            }
            rest = rest.saturating_plus(qty.negated());
            let so_far = taken.0.entry((sku.clone(), f.lot.clone())).or_default();
            *so_far = so_far.saturating_plus(qty);
            picks.push(Pick { lot: f.lot, expiry: f.expiry, qty });
        }
        Ok(picks)
    }

    /// The most that can be taken of a line, less what was taken before.
    pub(super) fn at_most(&self, line: &TakeLine, taken: &Taken) -> Quantity {
        let free = self.free(&line.sku, taken);
        let matching = free.iter().filter(|f| line.lot.as_ref().is_none_or(|lot| f.lot == *lot));
        line.qty.min(sum(matching.map(|f| f.available)))
    }

    fn free(&self, sku: &Sku, taken: &Taken) -> Vec<Free> {
        let cells = self.book.cells_in(self.me, sku);
        let free = cells.map(|(key, cell)| {
            let gone = taken.0.get(&(sku.clone(), key.lot.clone())).copied().unwrap_or_default();
            let available = available(cell).saturating_plus(gone.negated());
            let expired = cell.expiry.is_some_and(|date| date < self.today);
            Free { lot: key.lot.clone(), expiry: cell.expiry, expired, available }
        });
        free.filter(|f| !f.available.is_negative()).collect()
    }

    fn not_enough(&self, line: &TakeLine, available: Quantity) -> Refusal {
        let cells = || {
            let all = self.book.cells_in(self.me, &line.sku);
            all.filter(|(key, _)| line.lot.as_ref().is_none_or(|lot| key.lot == *lot)).map(|(_, cell)| cell)
        };
        Refusal::NotEnough {
            sku: line.sku.clone(),
            lot: line.lot.clone().unwrap_or_default(),
            wanted: line.qty,
            available,
            on_hand: sum(cells().map(|c| c.on_hand)),
            reserved: sum(cells().map(|c| c.reserved)),
        }
    }

    /// A date says when a lot expires: on goods without one it would date all that lie there.
    pub(super) fn dates_a_lot(sku: &Sku, lot: &Lot, expiry: Option<NaiveDate>) -> Result<(), Refusal> {
        if lot.is_none() && expiry.is_some() {
            return Err(Refusal::ExpiryWithoutLot { sku: sku.clone() });
        }
        Ok(())
    }

    /// Whether goods can come in under this lot and date: the lot named where it must be, the sum within range.
    pub(super) fn can_come_in(
        &self,
        sku: &Sku,
        lot: &Lot,
        expiry: Option<NaiveDate>,
        qty: Quantity,
        coming: &mut Taken,
    ) -> Result<(), Refusal> {
        usual(expiry)?;
        if self.product(sku)?.product.lot_tracked && lot.is_none() {
            return Err(Refusal::LotMissing { sku: sku.clone() });
        }
        let key = StockKey { warehouse: self.me.clone(), sku: sku.clone(), lot: lot.clone() };
        let cell = self.book.cell(&key).copied().unwrap_or_default();
        if let (Some(known), Some(given)) = (cell.expiry, expiry)
            && known != given
            && cell.on_hand.is_positive()
        {
            return Err(Refusal::LotExpiryDiffers { sku: sku.clone(), lot: lot.clone(), known, given });
        }
        let before = coming.0.entry((sku.clone(), lot.clone())).or_default();
        let all = before.plus(qty).and_then(|all| cell.on_hand.plus(all).map(|_| all));
        *before = all.map_err(|problem: QuantityError| Refusal::Quantity { sku: sku.clone(), problem })?;
        Ok(())
    }
}

impl Ground<'_> {
    /// Whether a count can find so much more. What lies here without a lot, since before the product's lots were told
    /// apart, can be counted all the same.
    pub(super) fn can_be_found(
        &self,
        sku: &Sku,
        lot: &Lot,
        expiry: Option<NaiveDate>,
        more: Quantity,
    ) -> Result<(), Refusal> {
        let key = StockKey { warehouse: self.me.clone(), sku: sku.clone(), lot: lot.clone() };
        match self.book.cell(&key).filter(|_| lot.is_none()) {
            Some(cell) => {
                let refuse = |problem: QuantityError| Refusal::Quantity { sku: sku.clone(), problem };
                cell.on_hand.plus(more).map(drop).map_err(refuse)
            }
            None => self.can_come_in(sku, lot, expiry, more, &mut Taken::default()),
        }
    }
}

pub(super) fn available(cell: &StockCell) -> Quantity {
    cell.on_hand.saturating_plus(cell.reserved.negated())
}

fn sum(amounts: impl Iterator<Item = Quantity>) -> Quantity {
    amounts.fold(Quantity::ZERO, Quantity::saturating_plus)
}
