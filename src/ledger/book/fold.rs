//! One entry's fold: judged by its own ledger and the entries it names, it says what becomes of which row.

mod promises;

use chrono::NaiveDate;

use super::restamp::place;
use super::roster::{Decree, claim_of};
use super::transfers::Step;
use super::{
    Book, Expectation, Mark, PartHead, ProductState, Reservation, Restamp, RuleState, StockCell, StockKey,
    StocktakeChange, Transfer, Violation,
};
use crate::domain::typing::is_usual;
use crate::domain::{AdjustmentReason, Lot, MovementKind, Quantity, Sku, TransferId, WarehouseId};
use crate::ledger::entry::{ArrivedLine, Body, Entry, Head, StoredEntry, hlc_millis};
use crate::ledger::movement::MovementRow;

/// What an entry changes, in absolute values, and what the history shows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// Whose ledger.
    pub origin: WarehouseId,
    /// How far that ledger is folded with this entry.
    pub head: PartHead,
    /// Stock cells of the origin.
    pub stock: Vec<(StockKey, StockCell)>,
    /// A product.
    pub product: Option<ProductState>,
    /// A rule and shelf of the origin.
    pub rule: Option<((WarehouseId, Sku), RuleState)>,
    /// A transfer.
    pub transfer: Option<Transfer>,
    /// A reservation of the origin.
    pub reservation: Option<Reservation>,
    /// An expected receipt of the origin.
    pub expectation: Option<Expectation>,
    /// (origin, the entry undone, the entry that undoes it).
    pub reversal: Option<(WarehouseId, u64, u64)>,
    /// (origin, alert, by whom, milliseconds since 1970 UTC).
    pub acknowledged: Option<(WarehouseId, String, String, i64)>,
    /// A change of a roster.
    pub decree: Option<Decree>,
    /// A stocktake of the origin.
    pub stocktake: Option<StocktakeChange>,
    /// Goods of the origin that were counted, and when.
    pub counted: Option<(StockKey, i64)>,
    /// Lines of the history.
    pub movements: Vec<MovementRow>,
    /// Earlier entries of the origin that were stamped wrong, and the transfers with their steps corrected.
    pub restamp: Option<Restamp>,
    /// See `restamp`.
    pub restamped: Vec<Transfer>,
}

impl Book {
    /// Judges the next entry of its ledger and says what it changes. The entries it names are applied, or their
    /// ledger isn't followed that far.
    ///
    /// # Errors
    /// When it isn't the next one or would break an invariant.
    pub fn fold(&self, stored: &StoredEntry) -> Result<Fold, Violation> {
        let entry = &*stored.entry;
        let part = self.heads.get(&entry.origin).cloned().unwrap_or_default();
        check_chain(entry, &part)?;
        let transfer = goes_on_with(&entry.body).and_then(|id| self.transfers.get(id));
        let rests_on = transfer.map_or(0, |t| t.rests_on(entry));
        let behind = transfer.map_or(0, |t| t.behind(rests_on));
        let mut folding = Folding {
            book: self,
            stored,
            entry,
            rests_on,
            fold: Fold {
                origin: entry.origin.clone(),
                head: PartHead {
                    head: Head { incarnation: entry.incarnation, seq: entry.seq, hash: stored.hash },
                    hlc: entry.hlc,
                    sort_key: place(hlc_millis(entry.hlc), entry.hlc).max(behind),
                    sealed: part.sealed,
                    quarantine: part.quarantine,
                },
                stock: Vec::new(),
                product: None,
                rule: None,
                transfer: None,
                reservation: None,
                expectation: None,
                reversal: None,
                acknowledged: None,
                decree: None,
                stocktake: None,
                counted: None,
                movements: Vec::new(),
                restamp: None,
                restamped: Vec::new(),
            },
        };
        folding.body(&entry.body)?;
        Ok(folding.fold)
    }
}

/// The transfer that an entry goes on with, if it does.
const fn goes_on_with(body: &Body) -> Option<&TransferId> {
    match body {
        Body::WithdrawalAsked { transfer }
        | Body::RequestDeclined { transfer, .. }
        | Body::TransferDispatched { transfer: Some(transfer), .. }
        | Body::TransferReceived { transfer, .. }
        | Body::TransferRejected { transfer, .. }
        | Body::TransferReturned { transfer, .. } => Some(transfer),
        _ => None,
    }
}

fn check_chain(entry: &Entry, part: &PartHead) -> Result<(), Violation> {
    let head = part.head;
    if entry.seq != head.seq + 1 {
        return Err(Violation::OutOfOrder { seq: entry.seq, expected: head.seq + 1 });
    }
    if entry.prev_hash != head.hash {
        return Err(Violation::Unchained { seq: entry.seq, found: entry.prev_hash, expected: head.hash });
    }
    if entry.incarnation < head.incarnation {
        return Err(Violation::OldIncarnation { seq: entry.seq });
    }
    Ok(())
}

struct Folding<'a> {
    book: &'a Book,
    stored: &'a StoredEntry,
    entry: &'a Entry,
    /// Steps of its transfer, see [`Mark::rests_on`].
    rests_on: u8,
    fold: Fold,
}

/// What a line of the history says beyond its entry.
#[derive(Default, Clone, Copy)]
struct Line<'a> {
    shortage: Quantity,
    reason: &'a str,
    reference: &'a str,
    transfer: Option<&'a TransferId>,
    other: Option<&'a WarehouseId>,
    reverses: Option<u64>,
}

impl Folding<'_> {
    fn body(&mut self, body: &Body) -> Result<(), Violation> {
        match body {
            Body::ProductDefined { sku, revision, fields } => {
                self.fold.product = Some(self.book.fold_definition(self.stored, sku, *revision, fields)?);
            }
            Body::ProductRetired { sku, revision } => {
                self.fold.product = Some(self.book.fold_retirement(self.stored, sku, *revision)?);
            }
            Body::ReorderRuleSet { sku, rule, shelf } => {
                self.known(sku)?;
                let state = RuleState { rule: rule.clone(), shelf: shelf.clone() };
                self.fold.rule = Some(((self.entry.origin.clone(), sku.clone()), state));
            }
            Body::Received { .. } | Body::Issued { .. } | Body::Adjusted { .. } | Body::CountLine { .. } => {
                self.movement(body)?;
            }
            Body::Reserved { .. }
            | Body::Released { .. }
            | Body::ReceiptExpected { .. }
            | Body::ExpectationClosed { .. } => self.promise(body)?,
            Body::Reversed { entry, of, deltas, reason, reservation, expectation } => {
                self.reversed(*entry, *of, deltas, reason)?;
                self.fold.stocktake = self.book.fold_undone_count(self.entry);
                for undone in deltas {
                    if let Some(seq) = reservation {
                        self.issue_against(*seq, &undone.sku, &undone.lot, undone.delta.negated())?;
                    }
                    if let Some(seq) = expectation {
                        self.receive_against(*seq, &undone.sku, undone.delta)?;
                    }
                }
            }
            Body::StocktakeCounted(said) => {
                self.known(&said.sku)?;
                usual(said.expiry)?;
                self.fold.stocktake = Some(self.book.fold_stocktake(self.entry)?);
                self.counted(&said.sku, &said.lot);
            }
            Body::StocktakeOpened(_) | Body::StocktakeReviewed(_) | Body::StocktakeClosed(_) => {
                self.fold.stocktake = Some(self.book.fold_stocktake(self.entry)?);
            }
            Body::AlertAcknowledged { alert } => {
                let by = self.entry.operator.to_string();
                self.fold.acknowledged = Some((self.entry.origin.clone(), alert.clone(), by, self.at_ms()));
            }
            Body::LedgerResumed { kept } => {
                if kept.checked_add(1) != Some(self.entry.seq) {
                    return Err(Violation::GaveUp { kept: *kept, applied: self.entry.seq - 1 });
                }
            }
            Body::RosterChanged { .. } => {
                let claim = claim_of(body);
                self.fold.decree =
                    claim.map(|claim| self.book.fold_decree(self.stored, claim)).transpose()?;
            }
            // They say something of the ledgers, nothing of goods.
            Body::SnapshotMarker(_) | Body::SnapshotClosed(_) => {}
            Body::ClockCorrected { from, delta_ms } => {
                let (restamp, transfers) = self.book.fold_correction(self.entry, *from, *delta_ms)?;
                self.fold.restamp = Some(restamp);
                self.fold.restamped = transfers;
            }
            Body::Unknown => return Err(Violation::UnknownKind { seq: self.entry.seq }),
            step => self.transfer_step(step)?,
        }
        Ok(())
    }

    fn movement(&mut self, body: &Body) -> Result<(), Violation> {
        match body {
            Body::Received { sku, lot, expiry, qty, reference, expectation } => {
                positive(sku, *qty)?;
                self.change(sku, lot, *qty, *expiry)?;
                if let Some(seq) = expectation {
                    self.receive_against(*seq, sku, *qty)?;
                }
                self.line(MovementKind::Receipt, sku, lot, *qty, Line { reference, ..Line::default() });
            }
            Body::Issued { sku, lot, qty, reference, reservation } => {
                positive(sku, *qty)?;
                if let Some(seq) = reservation {
                    self.issue_against(*seq, sku, lot, *qty)?;
                }
                self.change(sku, lot, qty.negated(), None)?;
                let line = Line { reference, ..Line::default() };
                self.line(MovementKind::Issue, sku, lot, qty.negated(), line);
            }
            Body::Adjusted { sku, lot, expiry, delta, reason, reference, transfer } => {
                if delta.is_zero() {
                    return Err(Violation::BadQuantity { sku: sku.clone(), qty: *delta });
                }
                self.change(sku, lot, *delta, *expiry)?;
                let (reason, transfer) = (reason.word(), transfer.as_ref());
                let line = Line { reason, reference, transfer, ..Line::default() };
                self.line(MovementKind::Adjustment, sku, lot, *delta, line);
            }
            Body::CountLine { sku, lot, expiry, pinned, counted, book, reference, stocktake, reason } => {
                if counted.is_negative() || *pinned >= self.entry.seq {
                    return Err(Violation::BadQuantity { sku: sku.clone(), qty: *counted });
                }
                let difference = counted.minus(*book)?;
                self.change(sku, lot, difference, *expiry)?;
                self.fold.stocktake = self.book.fold_count_line(self.entry)?;
                if stocktake.is_none() {
                    self.counted(sku, lot);
                }
                let reason = reason.map_or("", AdjustmentReason::word);
                let line = Line { reason, reference, ..Line::default() };
                self.line(MovementKind::Count, sku, lot, difference, line);
            }
            // All other kinds are handled by `body`.
            _ => {}
        }
        Ok(())
    }

    fn transfer_step(&mut self, body: &Body) -> Result<(), Violation> {
        let own = TransferId { origin: self.entry.origin.clone(), seq: self.entry.seq };
        match body {
            Body::TransferRequested { from, lines, reference, renews } => {
                for line in lines {
                    positive(&line.sku, line.qty)?;
                    self.known(&line.sku)?;
                }
                let (fences, renews) = (self.entry.fences.as_slice(), renews.as_ref());
                self.step(&own, reference, &Step::Request { from, lines, fences, renews })?;
                for line in lines {
                    let says = Line { reference, transfer: Some(&own), other: Some(from), ..Line::default() };
                    self.line(MovementKind::TransferRequested, &line.sku, &line.lot, line.qty, says);
                }
            }
            Body::WithdrawalAsked { transfer } => {
                self.step(transfer, "", &Step::Withdrawal)?;
                self.asked_lines(MovementKind::TransferWithdrawalAsked, transfer, "");
            }
            Body::RequestDeclined { transfer, reason, .. } => {
                self.step(transfer, reason, &Step::Decline)?;
                self.asked_lines(MovementKind::TransferDeclined, transfer, reason);
            }
            Body::TransferDispatched { transfer, to, lines, reference } => {
                let id = transfer.as_ref().unwrap_or(&own);
                for line in lines {
                    positive(&line.sku, line.qty)?;
                    self.change(&line.sku, &line.lot, line.qty.negated(), None)?;
                }
                self.step(id, reference, &Step::Dispatch { to, lines })?;
                for line in lines {
                    let says = Line { reference, transfer: Some(id), other: Some(to), ..Line::default() };
                    let qty = line.qty.negated();
                    self.line(MovementKind::TransferDispatched, &line.sku, &line.lot, qty, says);
                }
            }
            Body::TransferReceived { transfer, from, lines } => {
                self.step(transfer, "", &Step::Receipt { from, lines })?;
                self.arrived(MovementKind::TransferReceived, transfer, from, lines)?;
            }
            Body::TransferRejected { transfer, from, reason } => {
                self.step(transfer, reason, &Step::Rejection { from })?;
                let sent = self.fold.transfer.as_ref().and_then(|t| t.dispatch.clone());
                for line in sent.iter().flat_map(|d| &d.lines) {
                    let says =
                        Line { reason, transfer: Some(transfer), other: Some(from), ..Line::default() };
                    self.line(MovementKind::TransferRejected, &line.sku, &line.lot, Quantity::ZERO, says);
                }
            }
            Body::TransferReturned { transfer, to, lines } => {
                self.step(transfer, "", &Step::Return { to, lines })?;
                self.arrived(MovementKind::TransferReturned, transfer, to, lines)?;
            }
            // All other kinds are handled by `body`.
            _ => {}
        }
        Ok(())
    }

    fn arrived(
        &mut self,
        kind: MovementKind,
        transfer: &TransferId,
        other: &WarehouseId,
        lines: &[ArrivedLine],
    ) -> Result<(), Violation> {
        for line in lines {
            self.change(&line.sku, &line.lot, line.arrived, line.expiry)?;
            let says = Line {
                shortage: line.short,
                reason: line.reason.map_or("", crate::domain::ShortageReason::word),
                transfer: Some(transfer),
                other: Some(other),
                ..Line::default()
            };
            self.line(kind, &line.sku, &line.lot, line.arrived, says);
        }
        Ok(())
    }

    fn asked_lines(&mut self, kind: MovementKind, id: &TransferId, reason: &str) {
        let Some(transfer) = self.fold.transfer.clone() else {
            return;
        };
        let other = if transfer.to == self.entry.origin { &transfer.from } else { &transfer.to };
        for line in transfer.request.iter().flat_map(|r| &r.lines) {
            let says = Line { reason, transfer: Some(id), other: Some(other), ..Line::default() };
            self.line(kind, &line.sku, &line.lot, line.qty, says);
        }
    }

    fn reversed(
        &mut self,
        undone: u64,
        of: MovementKind,
        deltas: &[crate::ledger::entry::StockDelta],
        reason: &str,
    ) -> Result<(), Violation> {
        let refuse = |why| Violation::Reversal { entry: undone, why };
        if undone == 0 || undone >= self.entry.seq {
            return Err(refuse("it is not an earlier entry"));
        }
        if !of.is_reversible() {
            return Err(refuse("its kind can't be reversed"));
        }
        let key = (self.entry.origin.clone(), undone);
        if self.book.reversals.contains_key(&key) {
            return Err(refuse("it is reversed already"));
        }
        for change in deltas {
            self.change(&change.sku, &change.lot, change.delta, None)?;
            let says = Line { reason, reverses: Some(undone), ..Line::default() };
            self.line(MovementKind::Reversal, &change.sku, &change.lot, change.delta, says);
        }
        self.fold.reversal = Some((key.0, undone, self.entry.seq));
        Ok(())
    }

    fn step(&mut self, id: &TransferId, text: &str, step: &Step<'_>) -> Result<(), Violation> {
        let mark = Mark {
            entry: self.stored.reference(),
            hlc: self.entry.hlc,
            rests_on: self.rests_on,
            sort_key: self.fold.head.sort_key,
            at_ms: self.at_ms(),
            operator: self.entry.operator.clone(),
            text: text.to_owned(),
        };
        self.fold.transfer = Some(self.book.fold_step(id, mark, step)?);
        Ok(())
    }

    /// Changes a cell of the origin within its bounds (I1).
    fn change(
        &mut self,
        sku: &Sku,
        lot: &Lot,
        delta: Quantity,
        expiry: Option<NaiveDate>,
    ) -> Result<(), Violation> {
        self.known(sku)?;
        usual(expiry)?;
        let key = StockKey { warehouse: self.entry.origin.clone(), sku: sku.clone(), lot: lot.clone() };
        let (mut cell, seen) = self.cell(&key);
        let on_hand = cell.on_hand.plus(delta)?;
        if on_hand.is_negative() || on_hand < cell.reserved {
            let (sku, lot) = (sku.clone(), lot.clone());
            return Err(Violation::StockBounds { sku, lot, on_hand: cell.on_hand, delta });
        }
        cell.on_hand = on_hand;
        // Goods of one lot with two dates are treated as the older ones.
        cell.expiry = match (cell.expiry, expiry) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.put(key, cell, seen);
        Ok(())
    }

    /// A cell with what this entry did to it before, and where in the fold that is.
    fn cell(&self, key: &StockKey) -> (StockCell, Option<usize>) {
        let seen = self.fold.stock.iter().position(|(k, _)| k == key);
        let cell = match seen {
            Some(place) => self.fold.stock[place].1,
            None => self.book.stock.get(key).copied().unwrap_or_default(),
        };
        (cell, seen)
    }

    fn put(&mut self, key: StockKey, cell: StockCell, seen: Option<usize>) {
        match seen {
            Some(place) => self.fold.stock[place].1 = cell,
            None => self.fold.stock.push((key, cell)),
        }
    }

    /// Goods of the origin are counted with this entry.
    fn counted(&mut self, sku: &Sku, lot: &Lot) {
        let key = StockKey { warehouse: self.entry.origin.clone(), sku: sku.clone(), lot: lot.clone() };
        self.fold.counted = Some((key, self.at_ms()));
    }

    /// Whether the product is defined by the entry's own ledger or by an entry it names. A name whose ledger isn't
    /// followed that far is taken at its word.
    fn known(&self, sku: &Sku) -> Result<(), Violation> {
        let defined = self.book.products.contains_key(sku);
        let beyond = || self.entry.names.iter().any(|n| self.book.head(&n.origin).seq < n.seq);
        if defined || beyond() { Ok(()) } else { Err(Violation::UnknownProduct { sku: sku.clone() }) }
    }

    fn at_ms(&self) -> i64 {
        hlc_millis(self.entry.hlc)
    }

    fn line(&mut self, kind: MovementKind, sku: &Sku, lot: &Lot, qty: Quantity, says: Line<'_>) {
        let line = u32::try_from(self.fold.movements.len()).unwrap_or(u32::MAX);
        self.fold.movements.push(MovementRow {
            origin: self.entry.origin.clone(),
            seq: self.entry.seq,
            line,
            kind,
            sku: sku.clone(),
            lot: lot.clone(),
            qty,
            shortage: says.shortage,
            sort_key: self.fold.head.sort_key,
            at_ms: self.at_ms(),
            hlc: self.entry.hlc,
            operator: self.entry.operator.clone(),
            reason: says.reason.to_owned(),
            reference: says.reference.to_owned(),
            transfer: says.transfer.cloned(),
            other: says.other.cloned(),
            reverses: says.reverses,
        });
    }
}

fn usual(day: Option<NaiveDate>) -> Result<(), Violation> {
    match day.filter(|day| !is_usual(*day)) {
        Some(day) => Err(Violation::BadDay { day }),
        None => Ok(()),
    }
}

fn positive(sku: &Sku, qty: Quantity) -> Result<(), Violation> {
    if qty.is_positive() { Ok(()) } else { Err(Violation::BadQuantity { sku: sku.clone(), qty }) }
}
