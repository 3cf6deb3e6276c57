//! Planning of receipts, issues, adjustments, counts and reversals.

use chrono::NaiveDate;

use super::goods::{Expired, Taken};
use super::{Ground, Planned, count_lines, text, usual};
use crate::domain::{AdjustmentReason, Lot, MovementKind, Quantity, QuantityError, Refusal, Sku, TransferId};
use crate::ledger::act::{ReceiptLine, TakeLine};
use crate::ledger::entry::{Body, StockDelta};

/// What the book says of goods now, and said when counting them began.
pub(super) struct Pinned {
    /// The own entry when it began.
    pub(super) at: u64,
    /// On hand now.
    pub(super) now: Quantity,
    /// On hand then.
    pub(super) book: Quantity,
    /// Moved since.
    pub(super) moved: Quantity,
}

impl Ground<'_> {
    pub(super) fn receive(&self, lines: &[ReceiptLine], reference: &str) -> Result<Vec<Planned>, Refusal> {
        count_lines(lines.len())?;
        text("reference", reference)?;
        let mut coming = Taken::default();
        let plan = lines.iter().map(|line| {
            self.current_product(&line.sku)?;
            self.amount(&line.sku, line.qty)?;
            Self::dates_a_lot(&line.sku, &line.lot, line.expiry)?;
            self.can_come_in(&line.sku, &line.lot, line.expiry, line.qty, &mut coming)?;
            let body = Body::Received {
                sku: line.sku.clone(),
                lot: line.lot.clone(),
                expiry: line.expiry,
                qty: line.qty,
                reference: reference.to_owned(),
                expectation: None,
            };
            Ok(Planned { body, names: self.names_of(&line.sku)? })
        });
        plan.collect()
    }

    pub(super) fn issue(
        &self,
        lines: &[TakeLine],
        reference: &str,
        allow_expired: bool,
    ) -> Result<Vec<Planned>, Refusal> {
        count_lines(lines.len())?;
        text("reference", reference)?;
        let expired = if allow_expired { Expired::Allowed } else { Expired::Refused };
        let mut taken = Taken::default();
        let mut plan = Vec::new();
        for line in lines {
            let names = self.names_of(&line.sku)?;
            for pick in self.pick(line, expired, &mut taken)? {
                let body = Body::Issued {
                    sku: line.sku.clone(),
                    lot: pick.lot,
                    qty: pick.qty,
                    reference: reference.to_owned(),
                    reservation: None,
                };
                plan.push(Planned { body, names: names.clone() });
            }
        }
        Ok(plan)
    }

    #[allow(clippy::too_many_arguments, reason = "they are the fields of the act")]
    pub(super) fn adjust(
        &self,
        sku: &Sku,
        lot: &Lot,
        expiry: Option<NaiveDate>,
        delta: Quantity,
        reason: AdjustmentReason,
        reference: &str,
        transfer: Option<&TransferId>,
    ) -> Result<Vec<Planned>, Refusal> {
        text("reference", reference)?;
        usual(expiry)?;
        let names = self.names_of(sku)?;
        if delta.is_zero() {
            return Err(Refusal::Nothing);
        }
        if let Some(problem) = self.decimals(sku, delta)? {
            return Err(Refusal::Quantity { sku: sku.clone(), problem });
        }
        if !reason.suits(delta.is_positive()) {
            return Err(Refusal::ReasonUnfit { sku: sku.clone(), delta, reason });
        }
        if let Some(id) = transfer {
            self.transfer(id)?;
        }
        Self::dates_a_lot(sku, lot, expiry)?;
        let mut plan = Vec::new();
        if delta.is_positive() {
            self.can_come_in(sku, lot, expiry, delta, &mut Taken::default())?;
        } else {
            plan = self.make_room(sku, lot, self.left_after(sku, lot, delta)?);
        }
        let body = Body::Adjusted {
            sku: sku.clone(),
            lot: lot.clone(),
            expiry,
            delta,
            reason,
            reference: reference.to_owned(),
            transfer: transfer.cloned(),
        };
        plan.push(Planned { body, names });
        Ok(plan)
    }

    pub(super) fn count(
        &self,
        sku: &Sku,
        lot: &Lot,
        expiry: Option<NaiveDate>,
        counted: Quantity,
        pinned: Option<u64>,
        reference: &str,
    ) -> Result<Vec<Planned>, Refusal> {
        text("reference", reference)?;
        usual(expiry)?;
        let names = self.names_of(sku)?;
        let refuse = |problem| Refusal::Quantity { sku: sku.clone(), problem };
        if counted.is_negative() {
            return Err(refuse(QuantityError::Negative));
        }
        if let Some(problem) = self.decimals(sku, counted)? {
            return Err(refuse(problem));
        }
        Self::dates_a_lot(sku, lot, expiry)?;
        let Pinned { at: pinned, now, book, moved } = self.pinned(sku, lot, pinned)?;
        let difference = counted.minus(book).map_err(refuse)?;
        if now.plus(difference).map_err(refuse)?.is_negative() {
            return Err(Refusal::Recount { sku: sku.clone(), lot: lot.clone(), moved });
        }
        let mut plan = Vec::new();
        if difference.is_negative() {
            plan = self.make_room(sku, lot, self.left_after(sku, lot, difference)?);
        } else if difference.is_positive() {
            self.can_be_found(sku, lot, expiry, difference)?;
        }
        let body = Body::CountLine {
            sku: sku.clone(),
            lot: lot.clone(),
            expiry,
            pinned,
            counted,
            book,
            reference: reference.to_owned(),
            stocktake: None,
            reason: None,
        };
        plan.push(Planned { body, names });
        Ok(plan)
    }

    pub(super) fn reverse(&self, entry: &TransferId, reason: &str) -> Result<Vec<Planned>, Refusal> {
        text("reason", reason)?;
        if entry.origin != *self.me {
            return Err(Refusal::NotYours { transfer: entry.clone(), decider: entry.origin.clone() });
        }
        let target = self.target.filter(|t| t.entry.origin == *self.me && t.entry.seq == entry.seq);
        let target = target.ok_or_else(|| Refusal::UnknownEntry { entry: entry.clone() })?;
        if self.book.reversed_by(self.me, entry.seq).is_some() {
            return Err(Refusal::AlreadyReversed { entry: entry.clone() });
        }
        let (of, sku, lot, change) = match &target.entry.body {
            Body::Received { sku, lot, qty, .. } => (MovementKind::Receipt, sku, lot, *qty),
            Body::Issued { sku, lot, qty, .. } => (MovementKind::Issue, sku, lot, qty.negated()),
            Body::Adjusted { sku, lot, delta, .. } => (MovementKind::Adjustment, sku, lot, *delta),
            Body::CountLine { sku, lot, counted, book, .. } => {
                let refuse = |problem| Refusal::Quantity { sku: sku.clone(), problem };
                (MovementKind::Count, sku, lot, counted.minus(*book).map_err(refuse)?)
            }
            other => {
                let kind = other.kind().to_owned();
                return Err(Refusal::NotReversible { entry: entry.clone(), kind });
            }
        };
        let delta = change.negated();
        if delta.is_negative() {
            self.can_go_down(sku, lot, delta)?;
        }
        let undo = StockDelta { sku: sku.clone(), lot: lot.clone(), delta };
        let (reservation, expectation) = match &target.entry.body {
            Body::Issued { reservation, .. } => (reservation.and_then(|seq| self.given_back(seq)), None),
            Body::Received { expectation, .. } => (None, *expectation),
            _ => (None, None),
        };
        let (deltas, reason) = (vec![undo], reason.to_owned());
        let body = Body::Reversed { entry: entry.seq, of, deltas, reason, reservation, expectation };
        Ok(vec![Planned { body, names: self.names_of(sku)? }])
    }

    /// The book at an own entry, for a count that began there.
    pub(super) fn pinned(&self, sku: &Sku, lot: &Lot, pinned: Option<u64>) -> Result<Pinned, Refusal> {
        let head = self.book.head(self.me).seq;
        let pinned = pinned.unwrap_or(head);
        let since = self.recent.after(pinned, sku, lot).filter(|_| pinned <= head);
        let moved = since.ok_or_else(|| Refusal::CountTooOld { sku: sku.clone() })?;
        let now = self.on_hand(sku, lot);
        let refuse = |problem| Refusal::Quantity { sku: sku.clone(), problem };
        Ok(Pinned { at: pinned, now, book: now.minus(moved).map_err(refuse)?, moved })
    }

    pub(super) fn on_hand(&self, sku: &Sku, lot: &Lot) -> Quantity {
        let mut cells = self.book.cells_in(self.me, sku);
        cells.find(|(key, _)| key.lot == *lot).map_or(Quantity::ZERO, |(_, cell)| cell.on_hand)
    }

    /// Whether a cell can lose so much (`delta` is negative) without going below zero or what is reserved.
    pub(super) fn can_go_down(&self, sku: &Sku, lot: &Lot, delta: Quantity) -> Result<(), Refusal> {
        let cell = self.book.cells_in(self.me, sku).find(|(key, _)| key.lot == *lot).map(|(_, cell)| *cell);
        let Some(cell) = cell else {
            return Err(if lot.is_none() {
                let (sku, lot) = (sku.clone(), lot.clone());
                Refusal::BelowZero { sku, lot, delta, on_hand: Quantity::ZERO }
            } else {
                Refusal::UnknownLot { sku: sku.clone(), lot: lot.clone() }
            });
        };
        let left = cell.on_hand.saturating_plus(delta);
        let (sku, lot, on_hand, reserved) = (sku.clone(), lot.clone(), cell.on_hand, cell.reserved);
        if left.is_negative() {
            return Err(Refusal::BelowZero { sku, lot, delta, on_hand });
        }
        if left < reserved {
            return Err(Refusal::BelowReserved { sku, lot, delta, on_hand, reserved });
        }
        Ok(())
    }
}
