//! Planning of stocktakes: opened over a selection, counted line by line, reviewed by somebody else, booked in one go.

use std::collections::BTreeSet;

use super::moves::Pinned;
use super::{Ground, Planned, count_lines, plain, text, usual};
use crate::domain::{
    LineState, Lot, Operator, Quantity, QuantityError, Refusal, Selection, Sku, StocktakeProblem, TransferId,
};
use crate::ledger::act::stocktake::{CountedLine, ReviewLine, StocktakeAct};
use crate::ledger::book::{Stocktake, StocktakeLine};
use crate::ledger::entry::MAX_ENTRY_BYTES;
use crate::ledger::entry::{
    Body, ReviewedLine, StocktakeClosed, StocktakeCounted, StocktakeOpened, StocktakeReviewed,
};

/// The most differences that one stocktake books: they go in one command.
pub const MAX_DIFFERENCES: usize = 1000;
/// Lines of a review in one entry: so many always fit.
const REVIEWED_PER_ENTRY: usize = 100;

/// Bytes of an entry that the products of a class may take.
const MAX_CLASS_BYTES: usize = MAX_ENTRY_BYTES * 3 / 4;

impl Ground<'_> {
    pub(super) fn stocktake(
        &self,
        step: &StocktakeAct,
        operator: &Operator,
    ) -> Result<Vec<Planned>, Refusal> {
        match step {
            StocktakeAct::Open { selection, blind, threshold } => {
                let opened =
                    StocktakeOpened { selection: selection.clone(), blind: *blind, threshold: *threshold };
                self.open_stocktake(opened)
            }
            StocktakeAct::Count { stocktake, lines } => self.count_in(stocktake, lines),
            StocktakeAct::Review { stocktake, lines } => self.review(stocktake, lines, operator),
            StocktakeAct::Close { stocktake } => self.close_stocktake(stocktake),
            StocktakeAct::Drop { stocktake } => {
                self.open_one(stocktake)?;
                Ok(vec![self.closed(stocktake, true)])
            }
        }
    }

    fn open_stocktake(&self, opened: StocktakeOpened) -> Result<Vec<Planned>, Refusal> {
        match &opened.selection {
            Selection::Shelf { shelf } => text("shelf", shelf)?,
            Selection::Category { category } => text("category", category)?,
            Selection::Class { skus, .. } => class(skus)?,
            Selection::All | Selection::NotCounted { .. } => {}
        }
        if let Some(open) = self.book.open_stocktake(self.me) {
            return Err(refused(StocktakeProblem::OneIsOpen { open: open.head.id.clone() }));
        }
        // Which goods are due is a matter of the moment it is opened: here it is only a question whether there are any.
        let is_of = |goods: &crate::domain::Countable<'_>| match &opened.selection {
            Selection::NotCounted { .. } => goods.on_hand.is_positive(),
            selection => selection.takes(goods, 0),
        };
        if !self.book.countables(self.me).any(|goods| is_of(&goods)) {
            return Err(refused(StocktakeProblem::NothingToCount));
        }
        Ok(vec![plain(Body::StocktakeOpened(opened))])
    }

    fn count_in(&self, id: &TransferId, lines: &[CountedLine]) -> Result<Vec<Planned>, Refusal> {
        let stocktake = self.open_one(id)?;
        count_lines(lines.len())?;
        let mut seen = BTreeSet::new();
        let mut more = 0;
        let mut plan = Vec::with_capacity(lines.len());
        for line in lines {
            let CountedLine { sku, lot, expiry, counted, pinned } = line;
            if !seen.insert((sku, lot)) {
                return Err(refused(StocktakeProblem::Twice { sku: sku.clone(), lot: lot.clone() }));
            }
            usual(*expiry)?;
            let names = self.names_of(sku)?;
            let refuse = |problem| Refusal::Quantity { sku: sku.clone(), problem };
            if counted.is_negative() {
                return Err(refuse(QuantityError::Negative));
            }
            if let Some(problem) = self.decimals(sku, *counted)? {
                return Err(refuse(problem));
            }
            Self::dates_a_lot(sku, lot, *expiry)?;
            let Pinned { at: pinned, book, .. } = self.pinned(sku, lot, *pinned)?;
            let difference = counted.minus(book).map_err(refuse)?;
            if difference.is_positive() {
                self.can_be_found(sku, lot, *expiry, difference)?;
            }
            self.can_be_booked(sku, lot, book, difference)?;
            let before = stocktake.lines.get(&(sku.clone(), lot.clone()));
            let differed = before.is_some_and(|line| !line.difference().is_zero());
            more += usize::from(!difference.is_zero() && !differed);
            let counted = StocktakeCounted {
                stocktake: id.seq,
                sku: sku.clone(),
                lot: lot.clone(),
                expiry: *expiry,
                pinned,
                counted: *counted,
                book,
            };
            plan.push(Planned { body: Body::StocktakeCounted(counted), names });
        }
        let differing = stocktake.lines.values().filter(|line| !line.difference().is_zero()).count();
        if more > 0 && differing + more > MAX_DIFFERENCES {
            return Err(refused(StocktakeProblem::Full { limit: MAX_DIFFERENCES }));
        }
        Ok(plan)
    }

    fn review(
        &self,
        id: &TransferId,
        lines: &[ReviewLine],
        operator: &Operator,
    ) -> Result<Vec<Planned>, Refusal> {
        let stocktake = self.open_one(id)?;
        match lines.len() {
            0 => return Err(Refusal::Nothing),
            n if n > MAX_DIFFERENCES => {
                return Err(Refusal::TooManyLines { lines: n, limit: MAX_DIFFERENCES });
            }
            _ => {}
        }
        let mut seen = BTreeSet::new();
        let mut judged = Vec::with_capacity(lines.len());
        for line in lines {
            let ReviewLine { sku, lot, count, reason } = line;
            let named = || (sku.clone(), lot.clone());
            if !seen.insert(named()) {
                let (sku, lot) = named();
                return Err(refused(StocktakeProblem::Twice { sku, lot }));
            }
            let Some(known) = stocktake.lines.get(&named()) else {
                let (sku, lot) = named();
                return Err(refused(StocktakeProblem::NotCounted { sku, lot }));
            };
            if count.is_some_and(|count| count != known.entry) {
                let (sku, lot) = named();
                return Err(refused(StocktakeProblem::CountedSince { sku, lot }));
            }
            if known.by == *operator {
                let (sku, lot) = named();
                let operator = operator.clone();
                return Err(refused(StocktakeProblem::OwnCount { sku, lot, operator }));
            }
            if reason.is_some() && known.state(stocktake.head.threshold) == LineState::Recount {
                let (sku, lot) = named();
                return Err(refused(StocktakeProblem::RecountDue { sku, lot }));
            }
            judged.push(ReviewedLine {
                sku: sku.clone(),
                lot: lot.clone(),
                count: known.entry,
                reason: *reason,
            });
        }
        let entries = judged.chunks(REVIEWED_PER_ENTRY).map(|lines| {
            let lines = lines.to_vec();
            plain(Body::StocktakeReviewed(StocktakeReviewed { stocktake: id.seq, lines }))
        });
        Ok(entries.collect())
    }

    fn close_stocktake(&self, id: &TransferId) -> Result<Vec<Planned>, Refusal> {
        let stocktake = self.open_one(id)?;
        if stocktake.lines.is_empty() {
            return Err(Refusal::Nothing);
        }
        let (reviews, recounts) =
            (stocktake.in_state(LineState::Review), stocktake.in_state(LineState::Recount));
        if reviews + recounts > 0 {
            return Err(refused(StocktakeProblem::Unfinished { reviews, recounts }));
        }
        let mut plan = Vec::new();
        // What is booked already was booked by a closing that was cut off.
        let to_book = |line: &&StocktakeLine| !line.difference().is_zero() && line.booked.is_none();
        for line in stocktake.lines.values().filter(to_book) {
            plan.extend(self.difference_of(id, line)?);
        }
        plan.push(self.closed(id, false));
        Ok(plan)
    }

    /// The count line that books a line's difference, behind the releases of what is no longer there to be kept.
    fn difference_of(&self, id: &TransferId, line: &StocktakeLine) -> Result<Vec<Planned>, Refusal> {
        let StocktakeLine { sku, lot, expiry, pinned, counted, book, .. } = line;
        let difference = line.difference();
        self.can_be_booked(sku, lot, *book, difference)?;
        let mut plan = Vec::new();
        if difference.is_negative() {
            plan = self.make_room(sku, lot, self.left_after(sku, lot, difference)?);
        } else {
            self.can_be_found(sku, lot, *expiry, difference)?;
        }
        let body = Body::CountLine {
            sku: sku.clone(),
            lot: lot.clone(),
            expiry: *expiry,
            pinned: *pinned,
            counted: *counted,
            book: *book,
            reference: id.to_string(),
            stocktake: Some(id.seq),
            reason: line.review.as_ref().map(|review| review.reason),
        };
        plan.push(Planned { body, names: self.names_of(sku)? });
        Ok(plan)
    }

    /// Whether a difference against an earlier book can still be booked, with what moved since.
    fn can_be_booked(
        &self,
        sku: &Sku,
        lot: &Lot,
        book: Quantity,
        difference: Quantity,
    ) -> Result<(), Refusal> {
        let refuse = |problem| Refusal::Quantity { sku: sku.clone(), problem };
        let now = self.on_hand(sku, lot);
        if now.plus(difference).map_err(refuse)?.is_negative() {
            let moved = now.minus(book).map_err(refuse)?;
            return Err(Refusal::Recount { sku: sku.clone(), lot: lot.clone(), moved });
        }
        Ok(())
    }

    fn closed(&self, id: &TransferId, dropped: bool) -> Planned {
        let stocktake = self.book.stocktake(id);
        let left = stocktake.map_or(0, |stocktake| {
            self.book.countables(self.me).filter(|goods| stocktake.awaits(goods)).count()
        });
        let uncounted = u32::try_from(left).unwrap_or(u32::MAX);
        plain(Body::StocktakeClosed(StocktakeClosed { stocktake: id.seq, uncounted, dropped }))
    }

    /// The own stocktake of that id, which must be open.
    fn open_one(&self, id: &TransferId) -> Result<&Stocktake, Refusal> {
        let known = self.book.stocktake(id).filter(|_| id.origin == *self.me);
        match known {
            Some(known) if known.is_open() => Ok(known),
            Some(_) => Err(refused(StocktakeProblem::Closed { stocktake: id.clone() })),
            None => Err(refused(StocktakeProblem::Unknown { stocktake: id.clone() })),
        }
    }
}

const fn refused(problem: StocktakeProblem) -> Refusal {
    Refusal::Stocktake { problem }
}

/// The products of a class stand in the entry: they must have room there.
fn class(skus: &BTreeSet<Sku>) -> Result<(), Refusal> {
    // Each with its quotes and comma, and as much again for what escapes take.
    let bytes: usize = skus.iter().map(|sku| sku.as_str().len() + 4).sum();
    if bytes <= MAX_CLASS_BYTES {
        return Ok(());
    }
    let problem = format!("{} products are more than a stocktake can name", skus.len());
    Err(Refusal::Field { field: "class".into(), problem })
}
