//! What was asked of the node and what became of it: pending, recorded, seen by the others, or refused.

use std::collections::VecDeque;

use uuid::Uuid;

use crate::domain::{Lot, MovementKind, Quantity, Sku, TransferId};
use crate::ledger::act::stocktake::StocktakeAct;
use crate::ledger::act::{Act, Outcome, Request};
use crate::node::event::PeerView;

/// So many acts are followed.
const FOLLOWED: usize = 50;

/// How far an act is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Not answered yet.
    Pending,
    /// Committed in these entries.
    Recorded(Vec<TransferId>),
    /// Not done.
    Refused,
}

/// An act that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What was wanted, and by whom.
    pub request: Request,
    /// When, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// How far it is.
    pub progress: Progress,
}

/// The acts of this terminal, the newest last.
#[derive(Debug, Clone, Default)]
pub struct Requests {
    asked: VecDeque<Asked>,
}

impl Requests {
    /// Follows one more.
    pub fn add(&mut self, request: Request, at_ms: i64) {
        self.asked.push_back(Asked { request, at_ms, progress: Progress::Pending });
        while self.asked.len() > FOLLOWED {
            // Those that wait are kept however old they are.
            let old = self.asked.iter().position(|a| a.progress != Progress::Pending);
            match old {
                Some(i) => self.asked.remove(i),
                None => break,
            };
        }
    }

    /// Notes an answer; the act is returned where it is one of ours that still waited.
    pub fn answer(&mut self, id: Uuid, outcome: &Outcome) -> Option<Act> {
        let asked = self.asked.iter_mut().find(|a| a.request.id == id && a.progress == Progress::Pending)?;
        asked.progress = match outcome {
            Outcome::Recorded { entries } => Progress::Recorded(entries.clone()),
            Outcome::Refused { .. } => Progress::Refused,
        };
        Some(asked.request.act.clone())
    }

    /// The requests not answered, the oldest first.
    pub fn unanswered(&self) -> impl Iterator<Item = Request> {
        self.asked.iter().filter(|a| a.progress == Progress::Pending).map(|a| a.request.clone())
    }

    /// Whether a count of these goods in a stocktake is not answered.
    #[must_use]
    pub fn is_counting(&self, sku: &Sku, lot: &Lot) -> bool {
        self.pending().any(|asked| match &asked.request.act {
            Act::Stocktake(StocktakeAct::Count { lines, .. }) => {
                lines.iter().any(|line| line.sku == *sku && line.lot == *lot)
            }
            _ => false,
        })
    }

    /// Those not answered, the newest first.
    pub fn pending(&self) -> impl Iterator<Item = &Asked> {
        self.asked.iter().rev().filter(|a| a.progress == Progress::Pending)
    }
}

/// How many of the others have an own entry, and of how many.
#[must_use]
pub fn seen<'p>(seq: u64, members: impl Iterator<Item = &'p PeerView>) -> (usize, usize) {
    members.fold((0, 0), |(seen, all), peer| (seen + usize::from(peer.has_ours >= seq), all + 1))
}

/// What a pending act shows of itself in the history: kind, product, change.
#[must_use]
pub fn lines(act: &Act) -> Vec<(MovementKind, Option<Sku>, Option<Quantity>)> {
    use MovementKind as K;
    let one = |kind| vec![(kind, None, None)];
    match act {
        Act::Receive { lines, .. } => {
            lines.iter().map(|l| (K::Receipt, Some(l.sku.clone()), Some(l.qty))).collect()
        }
        Act::Issue { lines, .. } => {
            lines.iter().map(|l| (K::Issue, Some(l.sku.clone()), Some(l.qty.negated()))).collect()
        }
        Act::Send { lines, .. } => lines
            .iter()
            .map(|l| (K::TransferDispatched, Some(l.sku.clone()), Some(l.qty.negated())))
            .collect(),
        Act::RequestTransfer { lines, .. } => {
            lines.iter().map(|l| (K::TransferRequested, Some(l.sku.clone()), Some(l.qty))).collect()
        }
        Act::Reserve { sku, qty, .. } => vec![(K::Reserved, Some(sku.clone()), Some(*qty))],
        Act::Release { .. } => one(K::Released),
        Act::IssueReserved { qty, .. } => vec![(K::Issue, None, qty.map(Quantity::negated))],
        Act::Expect { sku, qty, .. } => vec![(K::ReceiptExpected, Some(sku.clone()), Some(*qty))],
        Act::CloseExpectation { .. } => one(K::ExpectationClosed),
        Act::ReceiveExpected { qty, .. } => vec![(K::Receipt, None, *qty)],
        Act::Adjust { sku, delta, .. } => vec![(K::Adjustment, Some(sku.clone()), Some(*delta))],
        Act::Count { sku, counted, .. } => vec![(K::Count, Some(sku.clone()), Some(*counted))],
        Act::Stocktake(StocktakeAct::Count { lines, .. }) => {
            lines.iter().map(|l| (K::Count, Some(l.sku.clone()), Some(l.counted))).collect()
        }
        Act::Stocktake(_) => one(K::Count),
        Act::SendRequested { .. } => one(K::TransferDispatched),
        Act::TakeIn { .. } => one(K::TransferReceived),
        Act::Reject { .. } => one(K::TransferRejected),
        Act::TakeBack { .. } => one(K::TransferReturned),
        Act::AskWithdrawal { .. } => one(K::TransferWithdrawalAsked),
        Act::Decline { .. } => one(K::TransferDeclined),
        Act::Reverse { .. } => one(K::Reversal),
        Act::SetProduct { .. }
        | Act::RetireProduct { .. }
        | Act::SetRule { .. }
        | Act::AdmitWarehouse { .. }
        | Act::RetireWarehouse { .. }
        | Act::TakeSnapshot
        | Act::AcknowledgeAlert { .. } => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::domain::Operator;

    fn request(id: u128) -> Request {
        let act = Act::AcknowledgeAlert { alert: "x".into() };
        Request { id: Uuid::from_u128(id), operator: Operator::system(), act }
    }

    #[test]
    fn acts_that_wait_are_never_forgotten() {
        let mut requests = Requests::default();
        for i in 0..80 {
            requests.add(request(i), 0);
        }
        assert_eq!(requests.pending().count(), 80);
        let done = Outcome::Recorded { entries: Vec::new() };
        for i in 0..80 {
            assert!(requests.answer(Uuid::from_u128(i), &done).is_some());
            assert!(requests.answer(Uuid::from_u128(i), &done).is_none(), "answered once");
        }
        requests.add(request(99), 0);
        assert_eq!(requests.pending().count(), 1);
        assert_eq!(requests.asked.len(), FOLLOWED);
    }
}
