//! The transfers' fold: each step has one decider, so the state is the greatest step seen, in any order of arrival.

use super::{Arrival, Book, Dispatch, Mark, RequestStep, Transfer, Violation};
use crate::domain::{Quantity, Sku, TransferId, WarehouseId};
use crate::ledger::entry::{ArrivedLine, DispatchLine, Fence, RequestLine};

/// A step of a transfer with what it carries.
pub(super) enum Step<'a> {
    Request {
        from: &'a WarehouseId,
        lines: &'a [RequestLine],
        fences: &'a [(Sku, Fence)],
        renews: Option<&'a TransferId>,
    },
    Withdrawal,
    Decline,
    Dispatch {
        to: &'a WarehouseId,
        lines: &'a [DispatchLine],
    },
    Receipt {
        from: &'a WarehouseId,
        lines: &'a [ArrivedLine],
    },
    Rejection {
        from: &'a WarehouseId,
    },
    Return {
        to: &'a WarehouseId,
        lines: &'a [ArrivedLine],
    },
}

impl Book {
    /// What a step makes of a transfer. `mark.entry.origin` takes the step.
    ///
    /// A step may come before the one it names only where that one's ledger isn't followed any further; it is then
    /// judged by its own ledger alone, and the transfer is disputed.
    pub(super) fn fold_step(
        &self,
        id: &TransferId,
        mark: Mark,
        step: &Step<'_>,
    ) -> Result<Transfer, Violation> {
        let refuse = |why| Violation::TransferStep { transfer: id.clone(), why };
        let by = mark.entry.origin.clone();
        let known = self.transfers.get(id);
        let (from, to) = match step {
            Step::Request { from, .. } | Step::Receipt { from, .. } | Step::Rejection { from } => {
                ((*from).clone(), by.clone())
            }
            Step::Dispatch { to, .. } | Step::Return { to, .. } => (by.clone(), (*to).clone()),
            Step::Withdrawal | Step::Decline => match known {
                Some(t) => (t.from.clone(), t.to.clone()),
                None => return Err(refuse("is not known")),
            },
        };
        if from == to {
            return Err(refuse("would go from a warehouse to itself"));
        }
        let mut transfer = match known {
            Some(t) => t.clone(),
            None => Transfer {
                id: id.clone(),
                from: from.clone(),
                to: to.clone(),
                request: None,
                withdrawal: None,
                decline: None,
                dispatch: None,
                receipt: None,
                rejection: None,
                returned: None,
            },
        };
        if transfer.from != from || transfer.to != to {
            return Err(refuse("has other parties"));
        }
        match step {
            Step::Request { lines, fences, renews, .. } => {
                once(transfer.request.is_none(), &refuse)?;
                let (lines, fences) = (lines.to_vec(), fences.to_vec());
                transfer.request = Some(RequestStep { mark, lines, fences, renews: renews.cloned() });
            }
            Step::Withdrawal => {
                once(transfer.withdrawal.is_none(), &refuse)?;
                if by != to || transfer.request.is_none() {
                    return Err(refuse("is withdrawn by somebody who didn't ask"));
                }
                transfer.withdrawal = Some(mark);
            }
            Step::Decline => {
                once(transfer.decline.is_none() && transfer.dispatch.is_none(), &refuse)?;
                if by != from {
                    return Err(refuse("is declined by somebody who wasn't asked"));
                }
                transfer.decline = Some(mark);
            }
            Step::Dispatch { lines, .. } => {
                once(transfer.dispatch.is_none() && transfer.decline.is_none(), &refuse)?;
                transfer.dispatch = Some(Dispatch { mark, lines: lines.to_vec() });
            }
            Step::Receipt { lines, .. } => {
                once(transfer.receipt.is_none() && transfer.rejection.is_none(), &refuse)?;
                check_arrival(transfer.dispatch.as_ref(), lines).map_err(refuse)?;
                transfer.receipt = Some(Arrival { mark, lines: lines.to_vec() });
            }
            Step::Rejection { .. } => {
                once(transfer.rejection.is_none() && transfer.receipt.is_none(), &refuse)?;
                transfer.rejection = Some(mark);
            }
            Step::Return { lines, .. } => {
                once(transfer.returned.is_none(), &refuse)?;
                if transfer.rejection.is_none()
                    && self.rosters().end_of(&transfer.to).is_none()
                    && !self.is_quarantined(&transfer.to)
                {
                    return Err(refuse("comes back though nobody rejected it"));
                }
                check_arrival(transfer.dispatch.as_ref(), lines).map_err(refuse)?;
                transfer.returned = Some(Arrival { mark, lines: lines.to_vec() });
            }
        }
        Ok(transfer)
    }
}

fn once(free: bool, refuse: &impl Fn(&'static str) -> Violation) -> Result<(), Violation> {
    if free { Ok(()) } else { Err(refuse("that step was taken before")) }
}

/// Arrived + short = sent, line by line, with a reason exactly where something is short.
fn check_arrival(dispatch: Option<&Dispatch>, lines: &[ArrivedLine]) -> Result<(), &'static str> {
    for line in lines {
        if line.arrived.is_negative() || line.short.is_negative() {
            return Err("has a line below zero");
        }
        if line.short.is_zero() != line.reason.is_none() {
            return Err("has a shortage without a reason, or a reason without a shortage");
        }
    }
    let Some(dispatch) = dispatch else { return Ok(()) };
    let whole = |line: &ArrivedLine, sent: &DispatchLine| {
        line.sku == sent.sku
            && line.lot == sent.lot
            && line.arrived.plus(line.short) == Ok::<Quantity, _>(sent.qty)
    };
    if lines.len() != dispatch.lines.len() || !lines.iter().zip(&dispatch.lines).all(|(l, s)| whole(l, s)) {
        return Err("has lines that don't add up to what was sent");
    }
    Ok(())
}
