//! Requests that were overtaken: the source judges the fences of what it is asked, in the order in which it applies
//! it, and declines what comes under one that isn't above all before; whoever asked asks anew above it.
//!
//! A fence is judged in the turn that applies its request. Only where nothing can be written then, while the own
//! ledger is being got back, does the judgement wait.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::super::Core;
use crate::domain::{Operator, Sku, TransferId, WarehouseId};
use crate::ledger::StoredEntry;
use crate::ledger::act::{Act, Request, TakeLine};
use crate::ledger::book::{Book, Transfer};
use crate::ledger::entry::{Body, Fence};
use crate::protocol::input::Now;
use crate::protocol::quorum_lock::{is_stale, is_too_far};

/// A request that was declined longer ago than this, in milliseconds, is not made anew: it may not be wanted any more.
const ANEW_MS: i64 = 60_000;

/// What is known of fences and what is owed.
#[derive(Debug, Clone, Default)]
pub(super) struct Overtaken {
    /// The greatest fence per product among the requests to this warehouse that are applied, with its request.
    greatest: BTreeMap<Sku, (Fence, TransferId)>,
    /// Requests to this warehouse that could not be judged when they were applied.
    unjudged: BTreeSet<TransferId>,
    /// Own requests that were declined as overtaken.
    declined: BTreeSet<TransferId>,
}

impl Overtaken {
    pub(super) fn loaded(me: &WarehouseId, book: &Book, joined: bool) -> Self {
        let mut loaded = Self::default();
        let renewed: BTreeSet<_> =
            book.transfers().filter_map(|t| t.request.as_ref()?.renews.as_ref()).collect();
        for transfer in book.transfers() {
            if transfer.from == *me {
                loaded.raise(transfer);
                if !joined && is_fenced(transfer) {
                    loaded.unjudged.insert(transfer.id.clone());
                }
            }
            // Of who still belongs, a node declines of its own accord only what was overtaken.
            let by_node = transfer.decline.as_ref().is_some_and(|mark| mark.operator == Operator::system());
            if transfer.to == *me && by_node && !renewed.contains(&transfer.id) {
                loaded.declined.insert(transfer.id.clone());
            }
        }
        loaded
    }

    fn raise(&mut self, transfer: &Transfer) {
        for (sku, fence) in transfer.request.iter().flat_map(|request| &request.fences) {
            let known = self.greatest.get(sku).map(|(greatest, _)| greatest);
            if fence.node != transfer.to || is_too_far(known.map_or(0, |known| known.n), fence.n) {
                // A forged one would stand in everybody's way for good.
                continue;
            }
            if known.is_none_or(|known| known < fence) {
                self.greatest.insert(sku.clone(), (fence.clone(), transfer.id.clone()));
            }
        }
    }

    /// The fence of another request that has overtaken this one, if one has.
    fn overtaken_by(&self, transfer: &Transfer) -> Option<(Sku, Fence)> {
        let mut fences = transfer.request.iter().flat_map(|request| &request.fences);
        fences.find_map(|(sku, fence)| {
            let (greatest, of) = self.greatest.get(sku)?;
            let is_overtaken = *of != transfer.id && is_stale(Some(greatest), fence);
            is_overtaken.then(|| (sku.clone(), greatest.clone()))
        })
    }
}

fn is_fenced(transfer: &Transfer) -> bool {
    transfer.request.as_ref().is_some_and(|request| !request.fences.is_empty())
}

impl Core {
    /// Takes note of what an entry means for fences.
    pub(super) fn overtaken_entry(&mut self, now: Now, stored: &StoredEntry) {
        let entry = &stored.entry;
        match &entry.body {
            Body::TransferRequested { from, renews, .. } => {
                if let Some(renewed) = renews {
                    self.locks.overtaken.declined.remove(renewed);
                }
                let id = TransferId { origin: entry.origin.clone(), seq: entry.seq };
                if *from == self.setup.me {
                    self.note_request_of(&entry.origin);
                    if !entry.fences.is_empty() {
                        self.judge_fence(now, id);
                    }
                }
            }
            Body::RequestDeclined { transfer, stale: Some((sku, fence)), .. } => {
                self.locks.requester.learn(sku, fence.n);
                if transfer.origin == self.setup.me {
                    self.locks.overtaken.declined.insert(transfer.clone());
                }
            }
            _ => {}
        }
    }

    fn judge_fence(&mut self, now: Now, id: TransferId) {
        let Some(transfer) = self.book.transfer(&id).cloned() else { return };
        let stale = self.locks.overtaken.overtaken_by(&transfer);
        #[cfg(feature = "faults")]
        let stale = stale.filter(|_| !self.commits(crate::protocol::fault::Fault::TakeAnyFence));
        self.locks.overtaken.raise(&transfer);
        if !self.may_append() {
            self.locks.overtaken.unjudged.insert(id);
        } else if let Some(stale) = stale {
            self.decline_overtaken(now, &transfer, stale);
        }
    }

    /// Judges requests that were applied while nothing could be written: among them the order of old is lost, so only
    /// the greatest fence stands.
    pub(super) fn judge_what_was_not(&mut self, now: Now) {
        if !self.may_append() {
            return;
        }
        for id in std::mem::take(&mut self.locks.overtaken.unjudged) {
            let Some(transfer) = self.book.transfer(&id).filter(|t| t.is_open_request()).cloned() else {
                continue;
            };
            if let Some(stale) = self.locks.overtaken.overtaken_by(&transfer) {
                self.decline_overtaken(now, &transfer, stale);
            }
        }
    }

    fn decline_overtaken(&mut self, now: Now, transfer: &Transfer, stale: (Sku, Fence)) {
        self.refuse(|refused| &mut refused.from_the_past);
        let names =
            transfer.marks().map(|mark| mark.entry.clone()).filter(|e| e.origin != self.setup.me).collect();
        let body = Body::RequestDeclined {
            transfer: transfer.id.clone(),
            reason: String::new(),
            stale: Some(stale),
        };
        let command = self.own_command();
        self.write(now, &Operator::system(), command, body, names);
    }

    /// Asks anew for what was declined as overtaken.
    pub(super) fn ask_anew(&mut self, now: Now) {
        if !self.may_append() {
            return;
        }
        for id in std::mem::take(&mut self.locks.overtaken.declined) {
            let Some(transfer) = self.book.transfer(&id).cloned() else { continue };
            let Some(request) = transfer.request.filter(|_| transfer.withdrawal.is_none()) else { continue };
            let recent = |at_ms: i64| self.cluster_moment(now).abs_diff(at_ms) <= ANEW_MS.unsigned_abs();
            if !transfer.decline.is_some_and(|mark| recent(mark.at_ms)) {
                continue;
            }
            let lines = request.lines.iter().map(|line| TakeLine {
                sku: line.sku.clone(),
                lot: Some(line.lot.clone()).filter(|lot| !lot.is_none()),
                qty: line.qty,
            });
            let act = Act::RequestTransfer {
                from: transfer.from,
                lines: lines.collect(),
                reference: request.mark.text,
                unlocked: false,
                judged: Vec::new(),
            };
            let name = format!("{}:{}", id.seq, request.mark.entry.hash);
            let command = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes());
            self.wait_anew(now, Request { id: command, operator: request.mark.operator, act }, id);
        }
    }
}
