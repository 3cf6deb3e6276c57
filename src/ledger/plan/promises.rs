//! Planning of what is promised: reservations, their releases and issues, and receipts that are expected.

use chrono::NaiveDate;

use super::goods::{Expired, Taken};
use super::{Ground, Planned, plain, text, usual};
use crate::domain::{Lot, Quantity, QuantityError, Refusal, ReleaseReason, Sku, TransferId};
use crate::ledger::act::TakeLine;
use crate::ledger::book::{Expectation, Reservation};
use crate::ledger::entry::Body;

impl<'a> Ground<'a> {
    pub(super) fn reserve(
        &self,
        line: &TakeLine,
        purpose: &str,
        until: Option<NaiveDate>,
    ) -> Result<Vec<Planned>, Refusal> {
        text("for", purpose)?;
        if purpose.trim().is_empty() {
            return Err(Refusal::NoPurpose);
        }
        usual(until)?;
        if let Some(day) = until.filter(|day| *day < self.today) {
            return Err(Refusal::DayPassed { day });
        }
        let names = self.names_of(&line.sku)?;
        // One reservation per lot: a lot that is lost or expires concerns only what was kept of it.
        let picks = self.pick(line, Expired::Refused, &mut Taken::default())?;
        let plan = picks.into_iter().map(|pick| {
            let (sku, purpose) = (line.sku.clone(), purpose.trim().to_owned());
            let body = Body::Reserved { sku, lot: pick.lot, qty: pick.qty, purpose, until };
            Planned { body, names: names.clone() }
        });
        Ok(plan.collect())
    }

    /// Releases all that is left. By its day only once that has passed.
    pub(super) fn release(&self, id: &TransferId, why: ReleaseReason) -> Result<Vec<Planned>, Refusal> {
        let known = self.open_reservation(id)?;
        if why == ReleaseReason::Due && known.until.is_none_or(|day| day >= self.today) {
            return Err(Refusal::Nothing);
        }
        Ok(vec![plain(Body::Released { reservation: id.seq, qty: known.left(), why })])
    }

    pub(super) fn issue_reserved(
        &self,
        id: &TransferId,
        qty: Option<Quantity>,
        reference: &str,
        allow_expired: bool,
    ) -> Result<Vec<Planned>, Refusal> {
        text("reference", reference)?;
        let known = self.open_reservation(id)?;
        let (sku, lot, left) = (known.sku.clone(), known.lot.clone(), known.left());
        let qty = qty.unwrap_or(left);
        self.amount(&sku, qty)?;
        if qty > left {
            return Err(Refusal::LessReserved { reservation: id.clone(), sku, left, wanted: qty });
        }
        let expiry = self.book.cells_in(self.me, &sku).find(|(key, _)| key.lot == lot);
        if let Some(expiry) = expiry.and_then(|(_, cell)| cell.expiry)
            && expiry < self.today
            && !allow_expired
        {
            return Err(Refusal::LotExpired { sku, lot, expiry, fresh: Quantity::ZERO });
        }
        let reference = if reference.is_empty() { &known.purpose } else { reference }.to_owned();
        let names = self.names_of(&sku)?;
        let body = Body::Issued { sku, lot, qty, reference, reservation: Some(id.seq) };
        Ok(vec![Planned { body, names }])
    }

    pub(super) fn expect(
        &self,
        sku: &Sku,
        qty: Quantity,
        due: NaiveDate,
        reference: &str,
    ) -> Result<Vec<Planned>, Refusal> {
        text("reference", reference)?;
        self.current_product(sku)?;
        self.amount(sku, qty)?;
        usual(Some(due))?;
        if due < self.today {
            return Err(Refusal::DayPassed { day: due });
        }
        let (names, reference) = (self.names_of(sku)?, reference.to_owned());
        let body = Body::ReceiptExpected { sku: sku.clone(), qty, due, reference };
        Ok(vec![Planned { body, names }])
    }

    pub(super) fn close_expectation(&self, id: &TransferId, reason: &str) -> Result<Vec<Planned>, Refusal> {
        text("reason", reason)?;
        self.open_expectation(id)?;
        let reason = reason.to_owned();
        Ok(vec![plain(Body::ExpectationClosed { expectation: id.seq, reason })])
    }

    pub(super) fn receive_expected(
        &self,
        id: &TransferId,
        lot: &Lot,
        expiry: Option<NaiveDate>,
        qty: Option<Quantity>,
        reference: &str,
    ) -> Result<Vec<Planned>, Refusal> {
        text("reference", reference)?;
        let known = self.open_expectation(id)?;
        let sku = known.sku.clone();
        let qty = qty.unwrap_or_else(|| known.left());
        self.amount(&sku, qty)?;
        Self::dates_a_lot(&sku, lot, expiry)?;
        self.can_come_in(&sku, lot, expiry, qty, &mut Taken::default())?;
        let reference = if reference.is_empty() { &known.reference } else { reference }.to_owned();
        let (names, lot) = (self.names_of(&sku)?, lot.clone());
        let body = Body::Received { sku, lot, expiry, qty, reference, expectation: Some(id.seq) };
        Ok(vec![Planned { body, names }])
    }

    /// The releases, newest first, that a cell needs before it goes down to so much on hand.
    pub(super) fn make_room(&self, sku: &Sku, lot: &Lot, left: Quantity) -> Vec<Planned> {
        let here = self.book.reservations_of(sku).filter(|r| r.id.origin == *self.me && r.lot == *lot);
        let mut open: Vec<&Reservation> = here.filter(|r| r.left().is_positive()).collect();
        open.sort_by_key(|r| std::cmp::Reverse(r.id.seq));
        let reserved = open.iter().fold(Quantity::ZERO, |sum, r| sum.saturating_plus(r.left()));
        let mut over = reserved.saturating_plus(left.negated());
        let mut releases = Vec::new();
        for known in open {
            let qty = over.min(known.left());
            if !qty.is_positive() {
                break;
            }
            over = over.saturating_plus(qty.negated());
            let why = ReleaseReason::Short;
            releases.push(plain(Body::Released { reservation: known.id.seq, qty, why }));
        }
        releases
    }

    /// The reservation that an undone issue gives its goods back to: one that still stands.
    pub(super) fn given_back(&self, seq: u64) -> Option<u64> {
        let id = TransferId { origin: self.me.clone(), seq };
        let known = self.book.reservation(&id)?;
        let stands = !known.closed && known.until.is_none_or(|day| day >= self.today);
        stands.then_some(seq)
    }

    fn open_reservation(&self, id: &TransferId) -> Result<&'a Reservation, Refusal> {
        self.of_mine(id)?;
        let known = self.book.reservation(id).filter(|r| r.left().is_positive());
        known.ok_or_else(|| Refusal::NoReservation { reservation: id.clone() })
    }

    fn open_expectation(&self, id: &TransferId) -> Result<&'a Expectation, Refusal> {
        self.of_mine(id)?;
        let known = self.book.expectation(id).filter(|e| e.left().is_positive());
        known.ok_or_else(|| Refusal::NoExpectation { expectation: id.clone() })
    }

    fn of_mine(&self, id: &TransferId) -> Result<(), Refusal> {
        if id.origin == *self.me {
            return Ok(());
        }
        Err(Refusal::NotYours { transfer: id.clone(), decider: id.origin.clone() })
    }

    /// What is on hand of a cell that an adjustment or a count takes so much from (`delta` is negative).
    pub(super) fn left_after(&self, sku: &Sku, lot: &Lot, delta: Quantity) -> Result<Quantity, Refusal> {
        let cell = self.book.cells_in(self.me, sku).find(|(key, _)| key.lot == *lot).map(|(_, cell)| *cell);
        if cell.is_none() && !lot.is_none() {
            return Err(Refusal::UnknownLot { sku: sku.clone(), lot: lot.clone() });
        }
        let on_hand = cell.unwrap_or_default().on_hand;
        let refuse = |problem: QuantityError| Refusal::Quantity { sku: sku.clone(), problem };
        let left = on_hand.plus(delta).map_err(refuse)?;
        if left.is_negative() {
            return Err(Refusal::BelowZero { sku: sku.clone(), lot: lot.clone(), delta, on_hand });
        }
        Ok(left)
    }
}
