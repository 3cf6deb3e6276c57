//! Planning: an act becomes the bodies of the entries that carry it out, or a refusal that says why not.
//!
//! An act is judged whole before any of it is written: its lines see what the lines before them take.

mod claims;
mod goods;
mod moves;
mod product;
mod promises;
mod stocktake;
mod transfers;

use chrono::NaiveDate;

use super::act::{Act, MAX_LINES, Request, TakeLine};
use super::book::{Book, Part};
use super::entry::{Body, EntryRef, Hash, Head, SnapshotMarker, StoredEntry};
use super::roster::{Former, MAX_MEMBERS};
use crate::domain::typing::is_usual;
use crate::domain::{Quantity, QuantityError, Refusal, ReleaseReason, Sku, TransferId, WarehouseId};

/// The longest free text of an act, in characters.
pub const MAX_TEXT: usize = 200;
/// The longest name of a product, in characters: real catalogues have some of 255.
pub const MAX_NAME: usize = 300;
/// The longest unit, in characters.
pub const MAX_UNIT: usize = 16;
/// The longest category, in characters.
pub const MAX_CATEGORY: usize = 120;
/// The longest shelf, in characters.
pub const MAX_SHELF: usize = 40;

/// What planning rests on.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// The book with everything applied.
    pub book: &'a Book,
    /// This warehouse.
    pub me: &'a WarehouseId,
    /// The other warehouses of the cluster.
    pub others: &'a [WarehouseId],
    /// Today's date here.
    pub today: NaiveDate,
    /// For a reversal: the own entry to undo.
    pub target: Option<&'a StoredEntry>,
    /// Own movements of goods of late.
    pub recent: &'a RecentMoves,
}

/// Own movements of goods of late, so that a count can be held against the book of the moment it began.
#[derive(Debug, Clone, Default)]
pub struct RecentMoves {
    since: u64,
    moves: std::collections::VecDeque<(u64, Sku, crate::domain::Lot, Quantity)>,
}

/// How many own changes of stock are remembered for counts that are under way.
const RECENT_KEPT: usize = 4096;

impl RecentMoves {
    /// Remembers what comes after this own entry.
    #[must_use]
    pub fn since(seq: u64) -> Self {
        Self { since: seq, moves: std::collections::VecDeque::new() }
    }

    /// Notes an own change of stock. What only reserves or releases goods leaves them where they are.
    pub fn note(&mut self, seq: u64, sku: &Sku, lot: &crate::domain::Lot, delta: Quantity) {
        if delta.is_zero() {
            return;
        }
        if self.moves.len() == RECENT_KEPT
            && let Some((oldest, ..)) = self.moves.pop_front()
        {
            self.since = oldest;
        }
        self.moves.push_back((seq, sku.clone(), lot.clone(), delta));
    }

    /// The sum of the changes after an own entry; none if that is too long ago to know.
    #[must_use]
    pub fn after(&self, pinned: u64, sku: &Sku, lot: &crate::domain::Lot) -> Option<Quantity> {
        if pinned < self.since {
            return None;
        }
        let later = self.moves.iter().filter(|(seq, s, l, _)| *seq > pinned && s == sku && l == lot);
        Some(later.fold(Quantity::ZERO, |sum, (.., delta)| sum.saturating_plus(*delta)))
    }
}

/// An entry to write: its body and the entries of others that it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// What it says.
    pub body: Body,
    /// What it names.
    pub names: Vec<EntryRef>,
}

/// Plans a request.
///
/// # Errors
/// A refusal that says why not; nothing of it is to be written then.
pub fn plan(ground: &Ground<'_>, request: &Request) -> Result<Vec<Planned>, Refusal> {
    match &request.act {
        Act::Receive { lines, reference } => ground.receive(lines, reference),
        Act::Issue { lines, reference, allow_expired } => ground.issue(lines, reference, *allow_expired),
        Act::Adjust { sku, lot, expiry, delta, reason, reference, transfer } => {
            ground.adjust(sku, lot, *expiry, *delta, *reason, reference, transfer.as_ref())
        }
        Act::Count { sku, lot, expiry, counted, pinned, reference } => {
            ground.count(sku, lot, *expiry, *counted, *pinned, reference)
        }
        Act::Stocktake(step) => ground.stocktake(step, &request.operator),
        Act::SetProduct { sku, fields, .. } => ground.set_product(sku, fields),
        Act::RetireProduct { sku } => ground.retire_product(sku),
        Act::SetRule { sku, rule, shelf } => ground.set_rule(sku, rule.as_ref(), shelf.as_deref()),
        Act::RequestTransfer { from, lines, reference, unlocked, judged } => {
            ground.still_missing(judged)?;
            ground.request(from, lines, reference, (!unlocked).then_some(judged))
        }
        Act::AskWithdrawal { transfer } => ground.ask_withdrawal(transfer),
        Act::Decline { transfer, reason } => ground.decline(transfer, reason),
        Act::Send { to, lines, reference } => ground.send(to, lines, reference),
        Act::SendRequested { transfer, lines, reference } => {
            ground.send_requested(transfer, lines.as_deref(), reference)
        }
        Act::TakeIn { transfer, lines } => ground.take_in(transfer, lines),
        Act::Reject { transfer, reason } => ground.reject(transfer, reason),
        Act::TakeBack { transfer, lines } => ground.take_back(transfer, lines),
        Act::Reverse { entry, reason } => ground.reverse(entry, reason),
        Act::Reserve { sku, lot, qty, purpose, until } => {
            let line = TakeLine { sku: sku.clone(), lot: lot.clone(), qty: *qty };
            ground.reserve(&line, purpose, *until)
        }
        Act::Release { reservation, due } => {
            let why = if *due { ReleaseReason::Due } else { ReleaseReason::Asked };
            ground.release(reservation, why)
        }
        Act::IssueReserved { reservation, qty, reference, allow_expired } => {
            ground.issue_reserved(reservation, *qty, reference, *allow_expired)
        }
        Act::Expect { sku, qty, due, reference } => ground.expect(sku, *qty, *due, reference),
        Act::CloseExpectation { expectation, reason } => ground.close_expectation(expectation, reason),
        Act::ReceiveExpected { expectation, lot, expiry, qty, reference } => {
            ground.receive_expected(expectation, lot, *expiry, *qty, reference)
        }
        // The members decide these, not the planning.
        Act::AdmitWarehouse { .. } | Act::RetireWarehouse { .. } => Err(Refusal::Nothing),
        Act::TakeSnapshot => Ok(vec![ground.beginning()]),
        Act::AcknowledgeAlert { alert } => {
            text("alert", alert)?;
            Ok(vec![plain(Body::AlertAcknowledged { alert: alert.clone() })])
        }
    }
}

fn usual(day: Option<NaiveDate>) -> Result<(), Refusal> {
    match day.filter(|day| !is_usual(*day)) {
        Some(day) => Err(Refusal::DayUnusual { day }),
        None => Ok(()),
    }
}

const fn plain(body: Body) -> Planned {
    Planned { body, names: Vec::new() }
}

fn text(field: &str, text: &str) -> Result<(), Refusal> {
    limited(field, text, MAX_TEXT)
}

fn limited(field: &str, text: &str, limit: usize) -> Result<(), Refusal> {
    let length = text.chars().count();
    let problem = if length > limit {
        format!("{length} characters, at most {limit} are allowed")
    } else if let Some(c) = text.chars().find(|c| c.is_control()) {
        format!("the control character {c:?} is not allowed")
    } else {
        return Ok(());
    };
    Err(Refusal::Field { field: field.to_owned(), problem })
}

fn count_lines(lines: usize) -> Result<(), Refusal> {
    match lines {
        0 => Err(Refusal::Nothing),
        n if n > MAX_LINES => Err(Refusal::TooManyLines { lines: n, limit: MAX_LINES }),
        _ => Ok(()),
    }
}

impl<'a> Ground<'a> {
    /// The marker that begins a snapshot: everybody known is to mark. Ledgers that have ended are named with their last
    /// entries, so that whoever applies this has them whole.
    fn beginning(&self) -> Planned {
        let mut cut = self.book.cut();
        cut.retain(|_, head| head.seq > 0);
        let former = self.book.roster().into_iter().flat_map(|roster| &roster.former);
        let whole = former.filter(|(who, former)| cut.get(*who) == Some(&former.last));
        let ended: Vec<_> = whole.take(MAX_MEMBERS).collect();
        let last = |(who, former): &(&WarehouseId, &Former)| {
            let Head { seq, hash, .. } = former.last;
            [EntryRef { origin: (*who).clone(), seq, hash }, former.entry.clone()]
        };
        let mut names: Vec<_> = ended.iter().flat_map(last).filter(|name| name.origin != *self.me).collect();
        names.sort_by_key(|name| (name.origin.clone(), name.seq));
        names.dedup();
        let marker = SnapshotMarker {
            snapshot: None,
            expected: self.others.iter().chain([self.me]).cloned().collect(),
            ended: ended.into_iter().map(|(who, _)| who.clone()).collect(),
            cut,
            digest: Hash::of(&Part::of(self.book, self.me).listing()),
        };
        Planned { body: Body::SnapshotMarker(marker), names }
    }

    /// The product, still in the catalogue or not.
    fn product(&self, sku: &Sku) -> Result<&'a super::book::ProductState, Refusal> {
        self.book.product(sku).ok_or_else(|| Refusal::UnknownSku { sku: sku.clone() })
    }

    /// The product, in the catalogue.
    fn current_product(&self, sku: &Sku) -> Result<&'a super::book::ProductState, Refusal> {
        let product = self.product(sku)?;
        if product.product.retired { Err(Refusal::RetiredSku { sku: sku.clone() }) } else { Ok(product) }
    }

    /// What a movement of the product must name, if another warehouse defined it.
    fn names_of(&self, sku: &Sku) -> Result<Vec<EntryRef>, Refusal> {
        let defined_by = &self.product(sku)?.defined_by;
        Ok(if defined_by.origin == *self.me { Vec::new() } else { vec![defined_by.clone()] })
    }

    /// Checks an amount that must be more than nothing.
    fn amount(&self, sku: &Sku, qty: Quantity) -> Result<(), Refusal> {
        let problem =
            if qty.is_positive() { self.decimals(sku, qty)? } else { Some(QuantityError::NotPositive) };
        match problem {
            None => Ok(()),
            Some(problem) => Err(Refusal::Quantity { sku: sku.clone(), problem }),
        }
    }

    /// Whether an amount has more decimals than the product is counted with.
    fn decimals(&self, sku: &Sku, qty: Quantity) -> Result<Option<QuantityError>, Refusal> {
        let decimals = self.product(sku)?.product.decimals;
        let too_many = || QuantityError::TooManyDecimals { text: qty.to_string(), decimals };
        Ok((!qty.fits(decimals)).then(too_many))
    }

    fn another(&self, warehouse: &WarehouseId) -> Result<(), Refusal> {
        if warehouse == self.me {
            return Err(Refusal::ToOneself { warehouse: warehouse.clone() });
        }
        if self.book.roster().is_some_and(|roster| roster.former.contains_key(warehouse)) {
            return Err(Refusal::WarehouseRetired { warehouse: warehouse.clone() });
        }
        if self.others.contains(warehouse) {
            return Ok(());
        }
        Err(Refusal::UnknownWarehouse { warehouse: warehouse.clone(), known: self.others.to_vec() })
    }

    fn transfer(&self, id: &TransferId) -> Result<&'a super::book::Transfer, Refusal> {
        self.book.transfer(id).ok_or_else(|| Refusal::UnknownTransfer { transfer: id.clone() })
    }
}
