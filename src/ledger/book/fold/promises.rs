//! The fold of what is promised: reserved goods and expected receipts.
//!
//! What is reserved is a number of a stock cell and stays at most what is on hand (I1): whoever changes one changes
//! the other within the same entry, or writes the release first.

use chrono::NaiveDate;

use super::{Folding, Line, positive, usual};
use crate::domain::{Lot, MovementKind, Quantity, ReleaseReason, Sku, TransferId};
use crate::ledger::book::{Expectation, ForcedRelease, Reservation, StockKey, Violation};
use crate::ledger::entry::Body;

impl Folding<'_> {
    pub(super) fn promise(&mut self, body: &Body) -> Result<(), Violation> {
        match body {
            Body::Reserved { sku, lot, qty, purpose, until } => {
                positive(sku, *qty)?;
                usual(*until)?;
                self.known(sku)?;
                self.keep(sku, lot, *qty)?;
                self.fold.reservation = Some(Reservation {
                    id: self.own(self.entry.seq),
                    sku: sku.clone(),
                    lot: lot.clone(),
                    qty: *qty,
                    issued: Quantity::ZERO,
                    released: Quantity::ZERO,
                    cut: None,
                    purpose: purpose.clone(),
                    until: *until,
                    closed: false,
                });
                let says = Line { reference: purpose, ..Line::default() };
                self.line(MovementKind::Reserved, sku, lot, *qty, says);
            }
            Body::Released { reservation, qty, why } => self.released(*reservation, *qty, *why)?,
            Body::ReceiptExpected { sku, qty, due, reference } => {
                self.expected(sku, *qty, *due, reference)?;
            }
            Body::ExpectationClosed { expectation, reason } => {
                let mut known = self.expectation(*expectation)?;
                let left = known.left();
                if !left.is_positive() {
                    return Err(broken(*expectation, "nothing is left of it"));
                }
                known.closed = true;
                let says = Line { reason, reference: &known.reference, ..Line::default() };
                self.line(MovementKind::ExpectationClosed, &known.sku, &Lot::none(), left, says);
                self.fold.expectation = Some(known);
            }
            // All other kinds are handled by `body`.
            _ => {}
        }
        Ok(())
    }

    fn released(&mut self, seq: u64, qty: Quantity, why: ReleaseReason) -> Result<(), Violation> {
        let mut known = self.reservation(seq)?;
        positive(&known.sku, qty)?;
        if qty > known.left() {
            return Err(broken(seq, "more is released than is left"));
        }
        known.released = known.released.plus(qty)?;
        known.closed = known.left().is_zero();
        if why == ReleaseReason::Short {
            known.cut = Some(ForcedRelease { seq: self.entry.seq, at_ms: self.at_ms(), qty });
        }
        self.keep(&known.sku, &known.lot, qty.negated())?;
        let says = Line { reason: why.word(), reference: &known.purpose, ..Line::default() };
        self.line(MovementKind::Released, &known.sku, &known.lot, qty, says);
        self.fold.reservation = Some(known);
        Ok(())
    }

    fn expected(
        &mut self,
        sku: &Sku,
        qty: Quantity,
        due: NaiveDate,
        reference: &str,
    ) -> Result<(), Violation> {
        positive(sku, qty)?;
        usual(Some(due))?;
        self.known(sku)?;
        self.fold.expectation = Some(Expectation {
            id: self.own(self.entry.seq),
            sku: sku.clone(),
            qty,
            received: Quantity::ZERO,
            due,
            reference: reference.to_owned(),
            closed: false,
        });
        let says = Line { reference, ..Line::default() };
        self.line(MovementKind::ReceiptExpected, sku, &Lot::none(), qty, says);
        Ok(())
    }

    /// Goods of a reservation go out; where `qty` is negative, such an issue is undone.
    pub(super) fn issue_against(
        &mut self,
        seq: u64,
        sku: &Sku,
        lot: &Lot,
        qty: Quantity,
    ) -> Result<(), Violation> {
        let mut known = self.reservation(seq)?;
        if known.sku != *sku || known.lot != *lot {
            return Err(broken(seq, "is of other goods"));
        }
        known.issued = known.issued.plus(qty)?;
        if known.issued.is_negative() || known.left().is_negative() || known.closed {
            return Err(broken(seq, "has less left"));
        }
        self.keep(sku, lot, qty.negated())?;
        self.fold.reservation = Some(known);
        Ok(())
    }

    /// Expected goods come in; where `qty` is negative, such a receipt is undone.
    pub(super) fn receive_against(&mut self, seq: u64, sku: &Sku, qty: Quantity) -> Result<(), Violation> {
        let mut known = self.expectation(seq)?;
        if known.sku != *sku {
            return Err(broken(seq, "is of another product"));
        }
        known.received = known.received.plus(qty)?;
        if known.received.is_negative() {
            return Err(broken(seq, "gives back more than came"));
        }
        self.fold.expectation = Some(known);
        Ok(())
    }

    /// Changes what is reserved of a cell of the origin, within what is on hand (I1).
    fn keep(&mut self, sku: &Sku, lot: &Lot, delta: Quantity) -> Result<(), Violation> {
        let key = StockKey { warehouse: self.entry.origin.clone(), sku: sku.clone(), lot: lot.clone() };
        let (mut cell, seen) = self.cell(&key);
        let reserved = cell.reserved.plus(delta)?;
        if reserved.is_negative() || reserved > cell.on_hand {
            let (sku, lot) = (sku.clone(), lot.clone());
            return Err(Violation::StockBounds { sku, lot, on_hand: cell.on_hand, delta });
        }
        cell.reserved = reserved;
        self.put(key, cell, seen);
        Ok(())
    }

    fn own(&self, seq: u64) -> TransferId {
        TransferId { origin: self.entry.origin.clone(), seq }
    }

    /// One of the origin's, with what this entry did to it before.
    fn reservation(&self, seq: u64) -> Result<Reservation, Violation> {
        let id = self.own(seq);
        let changed = self.fold.reservation.as_ref().filter(|changed| changed.id == id);
        let known = changed.or_else(|| self.book.reservation(&id)).cloned();
        known.ok_or_else(|| broken(seq, "is no reservation of this warehouse"))
    }

    fn expectation(&self, seq: u64) -> Result<Expectation, Violation> {
        let id = self.own(seq);
        let changed = self.fold.expectation.as_ref().filter(|changed| changed.id == id);
        let known = changed.or_else(|| self.book.expectation(&id)).cloned();
        known.ok_or_else(|| broken(seq, "is no expected receipt of this warehouse"))
    }
}

const fn broken(entry: u64, why: &'static str) -> Violation {
    Violation::Promise { entry, why }
}
