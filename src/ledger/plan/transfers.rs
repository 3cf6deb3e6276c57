//! Planning of transfers: every step by its one decider, only forward, never more than was sent.

use super::goods::{Expired, Taken};
use super::{Ground, Planned, count_lines, plain, text};
use crate::domain::{Quantity, QuantityError, Refusal, TransferId, TransferState, WarehouseId};
use crate::ledger::act::{ArrivalLine, Judged, TakeLine};
use crate::ledger::book::{Dispatch, Transfer};
use crate::ledger::entry::{ArrivedLine, Body, DispatchLine, EntryRef, RequestLine};

impl Ground<'_> {
    pub(super) fn request(
        &self,
        from: &WarehouseId,
        lines: &[TakeLine],
        reference: &str,
        locked: Option<&[Judged]>,
    ) -> Result<Vec<Planned>, Refusal> {
        count_lines(lines.len())?;
        text("reference", reference)?;
        self.another(from)?;
        let mut names = Vec::new();
        let mut asked = Vec::new();
        for line in lines {
            self.current_product(&line.sku)?;
            self.amount(&line.sku, line.qty)?;
            add_names(&mut names, self.names_of(&line.sku)?);
            let lot = line.lot.clone().unwrap_or_default();
            asked.push(RequestLine { sku: line.sku.clone(), lot, qty: line.qty });
        }
        if let Some(judged) = locked {
            self.leave_what_is_claimed(from, &asked, judged)?;
        }
        let reference = reference.to_owned();
        let body = Body::TransferRequested { from: from.clone(), lines: asked, reference, renews: None };
        Ok(vec![Planned { body, names }])
    }

    pub(super) fn ask_withdrawal(&self, id: &TransferId) -> Result<Vec<Planned>, Refusal> {
        let transfer = self.transfer(id)?;
        self.decides(transfer, &transfer.to)?;
        in_state(transfer, &[TransferState::Requested])?;
        // The request is an own entry: nothing of others to name.
        Ok(vec![plain(Body::WithdrawalAsked { transfer: id.clone() })])
    }

    pub(super) fn decline(&self, id: &TransferId, reason: &str) -> Result<Vec<Planned>, Refusal> {
        text("reason", reason)?;
        let transfer = self.transfer(id)?;
        self.decides(transfer, &transfer.from)?;
        in_state(transfer, &[TransferState::Requested, TransferState::WithdrawalAsked])?;
        let body = Body::RequestDeclined { transfer: id.clone(), reason: reason.to_owned(), stale: None };
        Ok(vec![Planned { body, names: self.steps_of_others(transfer) }])
    }

    pub(super) fn send(
        &self,
        to: &WarehouseId,
        lines: &[TakeLine],
        reference: &str,
    ) -> Result<Vec<Planned>, Refusal> {
        self.another(to)?;
        self.dispatch(None, to, lines, reference, Vec::new())
    }

    pub(super) fn send_requested(
        &self,
        id: &TransferId,
        lines: Option<&[TakeLine]>,
        reference: &str,
    ) -> Result<Vec<Planned>, Refusal> {
        let transfer = self.transfer(id)?;
        self.decides(transfer, &transfer.from)?;
        self.another(&transfer.to)?;
        in_state(transfer, &[TransferState::Requested, TransferState::WithdrawalAsked])?;
        let asked: Vec<TakeLine> = transfer.request.iter().flat_map(|r| &r.lines).map(as_wanted).collect();
        let possible;
        let lines = if let Some(lines) = lines {
            within_request(id, lines, &asked)?;
            lines
        } else {
            possible = self.as_far_as_stock_goes(&asked)?;
            &possible
        };
        self.dispatch(Some(id), &transfer.to, lines, reference, self.steps_of_others(transfer))
    }

    fn as_far_as_stock_goes(&self, asked: &[TakeLine]) -> Result<Vec<TakeLine>, Refusal> {
        let mut taken = Taken::default();
        let mut possible = Vec::new();
        for line in asked {
            let qty = self.at_most(line, &taken);
            if qty.is_positive() {
                let line = TakeLine { qty, ..line.clone() };
                self.pick(&line, Expired::Allowed, &mut taken)?;
                possible.push(line);
            }
        }
        if possible.is_empty()
            && let Some(first) = asked.first()
        {
            // Refuses with what there is of the first line: nothing.
            self.pick(first, Expired::Allowed, &mut Taken::default())?;
        }
        Ok(possible)
    }

    fn dispatch(
        &self,
        answers: Option<&TransferId>,
        to: &WarehouseId,
        lines: &[TakeLine],
        reference: &str,
        mut names: Vec<EntryRef>,
    ) -> Result<Vec<Planned>, Refusal> {
        count_lines(lines.len())?;
        text("reference", reference)?;
        let mut taken = Taken::default();
        let mut sent: Vec<DispatchLine> = Vec::new();
        for line in lines {
            add_names(&mut names, self.names_of(&line.sku)?);
            for pick in self.pick(line, Expired::Allowed, &mut taken)? {
                // One line per product and lot, so that the receiver can name it.
                match sent.iter_mut().find(|s| s.sku == line.sku && s.lot == pick.lot) {
                    Some(same) => same.qty = same.qty.saturating_plus(pick.qty),
                    None => sent.push(DispatchLine {
                        sku: line.sku.clone(),
                        lot: pick.lot,
                        expiry: pick.expiry,
                        qty: pick.qty,
                    }),
                }
            }
        }
        count_lines(sent.len())?;
        let body = Body::TransferDispatched {
            transfer: answers.cloned(),
            to: to.clone(),
            lines: sent,
            reference: reference.to_owned(),
        };
        Ok(vec![Planned { body, names }])
    }

    pub(super) fn take_in(&self, id: &TransferId, lines: &[ArrivalLine]) -> Result<Vec<Planned>, Refusal> {
        let transfer = self.transfer(id)?;
        self.decides(transfer, &transfer.to)?;
        in_state(transfer, &[TransferState::Dispatched])?;
        let lines = arrivals(transfer, lines)?;
        let body = Body::TransferReceived { transfer: id.clone(), from: transfer.from.clone(), lines };
        Ok(vec![Planned { body, names: self.names_with_products(transfer)? }])
    }

    pub(super) fn reject(&self, id: &TransferId, reason: &str) -> Result<Vec<Planned>, Refusal> {
        text("reason", reason)?;
        let transfer = self.transfer(id)?;
        self.decides(transfer, &transfer.to)?;
        in_state(transfer, &[TransferState::Dispatched])?;
        let (from, reason) = (transfer.from.clone(), reason.to_owned());
        let body = Body::TransferRejected { transfer: id.clone(), from, reason };
        Ok(vec![Planned { body, names: self.steps_of_others(transfer) }])
    }

    pub(super) fn take_back(&self, id: &TransferId, lines: &[ArrivalLine]) -> Result<Vec<Planned>, Refusal> {
        let transfer = self.transfer(id)?;
        self.decides(transfer, &transfer.from)?;
        let former = self.book.roster().and_then(|roster| roster.former.get(&transfer.to));
        match former {
            // Whoever it was sent to is gone and will never answer.
            Some(_) => in_state(transfer, &[TransferState::Dispatched, TransferState::Rejected])?,
            None => in_state(transfer, &[TransferState::Rejected])?,
        }
        let lines = arrivals(transfer, lines)?;
        let body = Body::TransferReturned { transfer: id.clone(), to: transfer.to.clone(), lines };
        let mut names = self.names_with_products(transfer)?;
        let gone = former.map(|former| former.entry.clone()).filter(|entry| entry.origin != *self.me);
        add_names(&mut names, gone.into_iter().collect());
        Ok(vec![Planned { body, names }])
    }

    fn decides(&self, transfer: &Transfer, decider: &WarehouseId) -> Result<(), Refusal> {
        if decider == self.me {
            return Ok(());
        }
        Err(Refusal::NotYours { transfer: transfer.id.clone(), decider: decider.clone() })
    }

    /// The steps that others took, which a next step rests on.
    fn steps_of_others(&self, transfer: &Transfer) -> Vec<EntryRef> {
        let marks = transfer.marks().map(|mark| mark.entry.clone());
        marks.filter(|entry| entry.origin != *self.me).collect()
    }

    fn names_with_products(&self, transfer: &Transfer) -> Result<Vec<EntryRef>, Refusal> {
        let mut names = self.steps_of_others(transfer);
        for line in transfer.dispatch.iter().flat_map(|d| &d.lines) {
            add_names(&mut names, self.names_of(&line.sku)?);
        }
        Ok(names)
    }
}

fn as_wanted(line: &RequestLine) -> TakeLine {
    let lot = (!line.lot.is_none()).then(|| line.lot.clone());
    TakeLine { sku: line.sku.clone(), lot, qty: line.qty }
}

fn add_names(names: &mut Vec<EntryRef>, more: Vec<EntryRef>) {
    for name in more {
        if !names.contains(&name) {
            names.push(name);
        }
    }
}

fn in_state(transfer: &Transfer, states: &[TransferState]) -> Result<(), Refusal> {
    if states.contains(&transfer.state()) {
        return Ok(());
    }
    Err(Refusal::WrongState { transfer: transfer.id.clone(), state: transfer.state() })
}

/// No product that wasn't asked for, and of none more than was.
fn within_request(id: &TransferId, lines: &[TakeLine], asked: &[TakeLine]) -> Result<(), Refusal> {
    let sum = |of: &[TakeLine], line: &TakeLine| {
        let same = of.iter().filter(|l| l.sku == line.sku).map(|l| l.qty);
        same.fold(Quantity::ZERO, Quantity::saturating_plus)
    };
    for line in lines {
        let (wanted, sent) = (sum(asked, line), sum(lines, line));
        if wanted.is_zero() {
            let lot = line.lot.clone().unwrap_or_default();
            return Err(Refusal::NoSuchLine { transfer: id.clone(), sku: line.sku.clone(), lot });
        }
        if sent > wanted {
            let problem = format!("{}: {wanted} were asked for, not {sent}", line.sku);
            return Err(Refusal::Field { field: "lines".into(), problem });
        }
    }
    Ok(())
}

/// What became of every dispatched line; lines that aren't named came whole.
fn arrivals(transfer: &Transfer, named: &[ArrivalLine]) -> Result<Vec<ArrivedLine>, Refusal> {
    let sent = transfer.dispatch.as_ref().map(|Dispatch { lines, .. }| lines.as_slice()).unwrap_or_default();
    let fits = |named: &ArrivalLine, line: &DispatchLine| {
        named.sku == line.sku && named.lot.as_ref().is_none_or(|lot| *lot == line.lot)
    };
    for line in named {
        let places = sent.iter().filter(|s| fits(line, s)).count();
        if places == 0 {
            let lot = line.lot.clone().unwrap_or_default();
            return Err(Refusal::NoSuchLine { transfer: transfer.id.clone(), sku: line.sku.clone(), lot });
        }
        if places > 1 {
            return Err(Refusal::LotMissing { sku: line.sku.clone() });
        }
    }
    let arrived = sent.iter().map(|line| {
        let mut said = named.iter().filter(|n| fits(n, line));
        let (first, again) = (said.next(), said.next());
        if again.is_some() {
            let goods =
                if line.lot.is_none() { line.sku.to_string() } else { format!("{}@{}", line.sku, line.lot) };
            let problem = format!("{goods} is named more than once");
            return Err(Refusal::Field { field: "lines".into(), problem });
        }
        let arrived = first.map_or(line.qty, |s| s.arrived);
        if arrived.is_negative() {
            let problem = QuantityError::Negative;
            return Err(Refusal::Quantity { sku: line.sku.clone(), problem });
        }
        if arrived > line.qty {
            return Err(Refusal::MoreThanSent { sku: line.sku.clone(), sent: line.qty, given: arrived });
        }
        let short = line.qty.saturating_plus(arrived.negated());
        let reason = first.and_then(|s| s.reason);
        if let Some(reason) = reason.filter(|_| short.is_zero()) {
            return Err(Refusal::NothingShort { sku: line.sku.clone(), sent: line.qty, reason });
        }
        if short.is_positive() && reason.is_none() {
            return Err(Refusal::ReasonMissing { sku: line.sku.clone(), short });
        }
        let (sku, lot, expiry) = (line.sku.clone(), line.lot.clone(), line.expiry);
        Ok(ArrivedLine { sku, lot, expiry, arrived, short, reason })
    });
    arrived.collect()
}
