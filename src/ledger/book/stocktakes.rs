//! Stocktakes, folded from their origin's entries: what is counted so far, what of it differs, who has looked at it.
//!
//! Nothing here changes stock. A count line that a closing writes is checked against the line that was reviewed, so no
//! replica follows a difference that only its counter has seen.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Book, StockKey, Violation};
use crate::domain::{
    AdjustmentReason, Countable, LineState, Lot, MovementKind, Operator, Quantity, Selection, Sku, Threshold,
    TransferId, WarehouseId,
};
use crate::ledger::entry::{
    Body, Entry, StockDelta, StocktakeClosed, StocktakeCounted, StocktakeOpened, StocktakeReviewed,
    hlc_millis,
};

/// What is known of a stocktake beside its lines: one row of its table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StocktakeHead {
    /// The entry that opened it.
    pub id: TransferId,
    /// What is counted.
    pub selection: Selection,
    /// Whoever counts does not see the book.
    pub blind: bool,
    /// Which differences must be counted twice.
    pub threshold: Threshold,
    /// When it was opened, milliseconds since 1970 UTC.
    pub opened_ms: i64,
    /// By whom.
    pub opened_by: Operator,
    /// How it ended; none: it is open.
    pub end: Option<StocktakeEnd>,
}

/// How a stocktake ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StocktakeEnd {
    /// The entry of its origin that ended it.
    pub entry: u64,
    /// When, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// By whom.
    pub by: Operator,
    /// It was given up: nothing is booked.
    pub dropped: bool,
    /// Lines counted.
    pub counted: u32,
    /// Of its selection, nobody had counted so many.
    pub uncounted: u32,
}

/// Another operator's word on a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// When, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Whose.
    pub by: Operator,
    /// Why the count differs.
    pub reason: AdjustmentReason,
}

/// One product and lot as it was counted: one row of its table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StocktakeLine {
    /// The product.
    pub sku: Sku,
    /// The lot; empty = none.
    pub lot: Lot,
    /// The lot's expiry, where whoever counted named it.
    pub expiry: Option<NaiveDate>,
    /// The own entry whose book the count is held against.
    pub pinned: u64,
    /// What was counted.
    pub counted: Quantity,
    /// What the book said there.
    pub book: Quantity,
    /// The entry with this count.
    pub entry: u64,
    /// When, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Who counted it, the last time.
    pub by: Operator,
    /// How often it was counted.
    pub times: u32,
    /// A reviewer sent it back, or a count outside of the stocktake has overtaken it.
    pub again: bool,
    /// Another operator's word.
    pub review: Option<Review>,
    /// The entry that booked its difference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booked: Option<u64>,
}

impl StocktakeLine {
    /// Counted − book.
    #[must_use]
    pub fn difference(&self) -> Quantity {
        self.counted.saturating_plus(self.book.negated())
    }

    /// How far it has got.
    #[must_use]
    pub fn state(&self, threshold: Threshold) -> LineState {
        if self.again || (self.times == 1 && threshold.asks_again(self.book, self.counted)) {
            LineState::Recount
        } else if self.difference().is_zero() {
            LineState::Agrees
        } else if self.review.is_some() {
            LineState::Accepted
        } else {
            LineState::Review
        }
    }
}

/// A stocktake with what was counted. Once it is over only lines that differ stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stocktake {
    /// What is known of it.
    pub head: StocktakeHead,
    /// The lines, by product and lot.
    #[serde(with = "listed")]
    pub lines: BTreeMap<(Sku, Lot), StocktakeLine>,
}

/// What an entry changes of a stocktake: its row and rows of lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StocktakeChange {
    /// What is known of it.
    pub head: StocktakeHead,
    /// Lines that changed.
    pub lines: Vec<StocktakeLine>,
}

impl StocktakeChange {
    /// A stocktake whole, for whoever knows nothing of it.
    #[must_use]
    pub fn whole(stocktake: &Stocktake) -> Self {
        Self { head: stocktake.head.clone(), lines: stocktake.lines.values().cloned().collect() }
    }

    /// Takes it into a list of stocktakes by id.
    pub fn take_into(&self, all: &mut BTreeMap<TransferId, std::sync::Arc<Stocktake>>) {
        let known = all.entry(self.head.id.clone());
        let known = known.or_insert_with(|| std::sync::Arc::new(Stocktake::new(self.head.clone())));
        std::sync::Arc::make_mut(known).take(self);
    }
}

impl Stocktake {
    /// One without lines.
    #[must_use]
    pub const fn new(head: StocktakeHead) -> Self {
        Self { head, lines: BTreeMap::new() }
    }

    /// Takes a change in.
    pub fn take(&mut self, change: &StocktakeChange) {
        self.head.clone_from(&change.head);
        for line in &change.lines {
            self.lines.insert((line.sku.clone(), line.lot.clone()), line.clone());
        }
        if self.head.end.is_some() {
            self.lines.retain(|_, line| !line.difference().is_zero());
        }
    }

    /// Whether it goes on.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.head.end.is_none()
    }

    /// How far a line has got; none: nobody has counted it.
    #[must_use]
    pub fn state_of(&self, sku: &Sku, lot: &Lot) -> Option<LineState> {
        self.lines.get(&(sku.clone(), lot.clone())).map(|line| line.state(self.head.threshold))
    }

    /// How many lines are in a state.
    #[must_use]
    pub fn in_state(&self, state: LineState) -> usize {
        self.lines.values().filter(|line| line.state(self.head.threshold) == state).count()
    }

    /// Whether goods belong to its selection and nobody has counted them.
    #[must_use]
    pub fn awaits(&self, goods: &Countable<'_>) -> bool {
        self.head.selection.takes(goods, self.head.opened_ms)
            && !self.lines.contains_key(&(goods.sku.clone(), goods.lot.clone()))
    }
}

impl Book {
    /// The stocktakes of a warehouse, oldest first.
    pub fn stocktakes(&self, of: &WarehouseId) -> impl Iterator<Item = &Stocktake> {
        self.stocktakes.get(of).into_iter().flat_map(BTreeMap::values)
    }

    /// A stocktake.
    #[must_use]
    pub fn stocktake(&self, id: &TransferId) -> Option<&Stocktake> {
        self.stocktakes.get(&id.origin)?.get(&id.seq)
    }

    /// The stocktake that a warehouse is at.
    #[must_use]
    pub fn open_stocktake(&self, of: &WarehouseId) -> Option<&Stocktake> {
        // The one opened last is the open one, if one is.
        self.stocktakes.get(of)?.values().next_back().filter(|stocktake| stocktake.is_open())
    }

    /// When goods were last counted, milliseconds since 1970 UTC.
    #[must_use]
    pub fn counted_ms(&self, key: &StockKey) -> Option<i64> {
        self.counted.get(key).copied()
    }

    /// What lies in a warehouse, as selections look at it.
    pub fn countables<'a>(&'a self, of: &'a WarehouseId) -> impl Iterator<Item = Countable<'a>> {
        self.stock_in(of).map(move |(key, cell)| Countable {
            sku: &key.sku,
            lot: &key.lot,
            shelf: self.rules.get(&(of.clone(), key.sku.clone())).map_or("", |rule| &rule.shelf),
            category: self.products.get(&key.sku).map_or("", |state| &state.product.category),
            on_hand: cell.on_hand,
            counted_ms: self.counted_ms(key),
        })
    }

    /// Carries out what a fold says of stocktakes.
    pub(super) fn take_stocktake(&mut self, change: &StocktakeChange) {
        let id = &change.head.id;
        let all = self.stocktakes.entry(id.origin.clone()).or_default();
        all.entry(id.seq).or_insert_with(|| Stocktake::new(change.head.clone())).take(change);
    }

    /// What an entry makes of a stocktake of its origin.
    pub(super) fn fold_stocktake(&self, entry: &Entry) -> Result<StocktakeChange, Violation> {
        match &entry.body {
            Body::StocktakeOpened(opened) => self.opened(entry, opened),
            Body::StocktakeCounted(counted) => self.counted_line(entry, counted),
            Body::StocktakeReviewed(reviewed) => self.reviewed(entry, reviewed),
            Body::StocktakeClosed(closed) => self.closed(entry, closed),
            _ => Err(Violation::UnknownKind { seq: entry.seq }),
        }
    }

    fn opened(&self, entry: &Entry, opened: &StocktakeOpened) -> Result<StocktakeChange, Violation> {
        if self.open_stocktake(&entry.origin).is_some() {
            return Err(Violation::Stocktake { stocktake: entry.seq, why: "another one is open" });
        }
        let head = StocktakeHead {
            id: TransferId { origin: entry.origin.clone(), seq: entry.seq },
            selection: opened.selection.clone(),
            blind: opened.blind,
            threshold: opened.threshold,
            opened_ms: hlc_millis(entry.hlc),
            opened_by: entry.operator.clone(),
            end: None,
        };
        Ok(StocktakeChange { head, lines: Vec::new() })
    }

    fn counted_line(&self, entry: &Entry, said: &StocktakeCounted) -> Result<StocktakeChange, Violation> {
        let stocktake = self.still_open(entry, said.stocktake)?;
        if said.counted.is_negative() || said.pinned >= entry.seq {
            return Err(Violation::BadQuantity { sku: said.sku.clone(), qty: said.counted });
        }
        said.counted.minus(said.book)?;
        let before = stocktake.lines.get(&(said.sku.clone(), said.lot.clone()));
        let line = StocktakeLine {
            sku: said.sku.clone(),
            lot: said.lot.clone(),
            expiry: said.expiry,
            pinned: said.pinned,
            counted: said.counted,
            book: said.book,
            entry: entry.seq,
            at_ms: hlc_millis(entry.hlc),
            by: entry.operator.clone(),
            times: before.map_or(0, |line| line.times).saturating_add(1),
            again: false,
            review: None,
            booked: None,
        };
        Ok(StocktakeChange { head: stocktake.head.clone(), lines: vec![line] })
    }

    fn reviewed(&self, entry: &Entry, said: &StocktakeReviewed) -> Result<StocktakeChange, Violation> {
        let refuse = |why| Violation::Stocktake { stocktake: said.stocktake, why };
        let stocktake = self.still_open(entry, said.stocktake)?;
        let mut lines = Vec::with_capacity(said.lines.len());
        for judged in &said.lines {
            let known = stocktake.lines.get(&(judged.sku.clone(), judged.lot.clone()));
            let known = known.filter(|line| line.entry == judged.count);
            let Some(known) = known else { return Err(refuse("a review of a count that does not stand")) };
            if known.by == entry.operator {
                return Err(refuse("a count is reviewed by who counted it"));
            }
            if judged.reason.is_some() && known.state(stocktake.head.threshold) == LineState::Recount {
                return Err(refuse("a line that is to be counted again is accepted"));
            }
            let review = |reason| Review { at_ms: hlc_millis(entry.hlc), by: entry.operator.clone(), reason };
            let (again, review) = (judged.reason.is_none(), judged.reason.map(review));
            lines.push(StocktakeLine { again, review, ..known.clone() });
        }
        Ok(StocktakeChange { head: stocktake.head.clone(), lines })
    }

    fn closed(&self, entry: &Entry, said: &StocktakeClosed) -> Result<StocktakeChange, Violation> {
        let stocktake = self.still_open(entry, said.stocktake)?;
        let mut head = stocktake.head.clone();
        head.end = Some(StocktakeEnd {
            entry: entry.seq,
            at_ms: hlc_millis(entry.hlc),
            by: entry.operator.clone(),
            dropped: said.dropped,
            counted: u32::try_from(stocktake.lines.len()).unwrap_or(u32::MAX),
            uncounted: said.uncounted,
        });
        Ok(StocktakeChange { head, lines: Vec::new() })
    }

    fn still_open(&self, entry: &Entry, stocktake: u64) -> Result<&Stocktake, Violation> {
        let known = self.stocktakes.get(&entry.origin).and_then(|all| all.get(&stocktake));
        match known {
            Some(known) if known.is_open() => Ok(known),
            Some(_) => Err(Violation::Stocktake { stocktake, why: "it is closed" }),
            None => Err(Violation::Stocktake { stocktake, why: "nobody has opened it" }),
        }
    }

    /// What a reversal means to the origin's open stocktake: where it undoes a count, what was counted there since was held
    /// against a book that is no more, so it is counted again. A difference that the stocktake itself booked is open again.
    pub(super) fn fold_undone_count(&self, entry: &Entry) -> Option<StocktakeChange> {
        let Body::Reversed { entry: undone, of: MovementKind::Count, deltas, .. } = &entry.body else {
            return None;
        };
        let open = self.open_stocktake(&entry.origin)?;
        let of = |change: &StockDelta| open.lines.get(&(change.sku.clone(), change.lot.clone()));
        let lines = deltas.iter().filter_map(of).map(|line| StocktakeLine {
            again: true,
            review: None,
            booked: line.booked.filter(|booked| booked != undone),
            ..line.clone()
        });
        let lines: Vec<_> = lines.collect();
        (!lines.is_empty()).then(|| StocktakeChange { head: open.head.clone(), lines })
    }

    /// What a count line means to the origin's open stocktake: one that the stocktake books must be as it was reviewed,
    /// and is booked once, though its closing be lost with a disk and made anew; another one overtakes what was counted
    /// before it.
    pub(super) fn fold_count_line(&self, entry: &Entry) -> Result<Option<StocktakeChange>, Violation> {
        let Body::CountLine { sku, lot, pinned, counted, book, stocktake, .. } = &entry.body else {
            return Ok(None);
        };
        let cell = (sku.clone(), lot.clone());
        if let Some(of) = stocktake {
            let open = self.still_open(entry, *of)?;
            let refuse = |why| Violation::Stocktake { stocktake: *of, why };
            let same = |line: &&StocktakeLine| {
                (line.pinned, line.counted, line.book) == (*pinned, *counted, *book)
                    && line.state(open.head.threshold) == LineState::Accepted
            };
            let line = open.lines.get(&cell).filter(same);
            let line = line.ok_or_else(|| refuse("a difference is booked that nobody has reviewed"))?;
            if line.booked.is_some() {
                return Err(refuse("a difference is booked a second time"));
            }
            let booked = StocktakeLine { booked: Some(entry.seq), ..line.clone() };
            return Ok(Some(StocktakeChange { head: open.head.clone(), lines: vec![booked] }));
        }
        let Some(open) = self.open_stocktake(&entry.origin) else { return Ok(None) };
        let overtaken = open.lines.get(&cell).map(|line| {
            let line = StocktakeLine { again: true, review: None, ..line.clone() };
            StocktakeChange { head: open.head.clone(), lines: vec![line] }
        });
        Ok(overtaken)
    }
}

/// Keys of two parts are no keys of JSON: the lines are listed, and know their keys themselves.
mod listed {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    use super::{Lot, Sku, StocktakeLine};

    type Lines = BTreeMap<(Sku, Lot), StocktakeLine>;

    pub fn serialize<S: Serializer>(lines: &Lines, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(lines.values())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Lines, D::Error> {
        let lines = Vec::<StocktakeLine>::deserialize(d)?;
        Ok(lines.into_iter().map(|line| ((line.sku.clone(), line.lot.clone()), line)).collect())
    }
}
