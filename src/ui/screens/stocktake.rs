//! The stocktake's screen: what is to be counted and what was, along the shelves, and what is to be done with each line.
//!
//! ```text
//! ╭ stocktake madrid:45 · shelf A · blind ──────── 12 of 40 ╮
//! │ all 40 · to count 28 · recount 3 · review 2 · differ 5  │
//! │ shelf  SKU  product  lot  counted  book  ±  state  by   │
//! │ the selected line: what was counted, what comes next    │   where there is room
//! ╰─────────────────────────────────────────────────────────╯
//! ```

mod draw;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::domain::{LineState, Lot, Sku, TransferId, WarehouseId};
use crate::ledger::book::Stocktake;
use crate::node::stocktakes::{CountRow, rows, rows_of};
use crate::text::Lang;
use crate::ui::Model;
use crate::ui::action::Action;
use crate::ui::fuzzy::Finder;
use crate::ui::parts::cursor::Cursor;
use crate::ui::parts::field::TextField;

pub use draw::{draw, height};

/// Which lines are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Show {
    /// All of them.
    #[default]
    All,
    /// Those that nobody has counted.
    ToCount,
    /// Those that are to be counted again.
    Recount,
    /// Those that await a review.
    Review,
    /// Those that differ.
    Differ,
}

impl Show {
    /// From left to right.
    pub const ALL: [Self; 5] = [Self::All, Self::ToCount, Self::Recount, Self::Review, Self::Differ];

    const fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::All => lang.pick("todas", "all"),
            Self::ToCount => lang.pick("por contar", "to count"),
            Self::Recount => lang.pick("recontar", "recount"),
            Self::Review => lang.pick("revisar", "review"),
            Self::Differ => lang.pick("difieren", "differ"),
        }
    }

    fn has(self, row: &CountRow) -> bool {
        match self {
            Self::All => true,
            Self::ToCount => row.state.is_none(),
            Self::Recount => row.state == Some(LineState::Recount),
            Self::Review => row.state == Some(LineState::Review),
            Self::Differ => {
                !row.hides_book && row.line.as_ref().is_some_and(|line| !line.difference().is_zero())
            }
        }
    }
}

/// What the screen keeps.
#[derive(Debug, Clone, Default)]
pub struct CountSheet {
    /// The stocktake that is shown.
    pub id: Option<TransferId>,
    /// Which of its lines.
    pub show: Show,
    /// The cursor among those shown.
    pub cursor: Cursor,
    /// What is typed to find lines.
    pub filter: TextField,
    rows: Vec<CountRow>,
    /// Where each product's rows stand.
    places: BTreeMap<Sku, Vec<usize>>,
    shown: Vec<usize>,
    counts: [usize; 5],
}

/// The stocktake that is shown: the open one, or the last.
#[must_use]
pub fn current(model: &Model) -> Option<&Arc<Stocktake>> {
    // At most one is open, and none was opened after it.
    model.stocktakes.values().next_back()
}

/// The open one.
#[must_use]
pub fn open_one(model: &Model) -> Option<&Arc<Stocktake>> {
    current(model).filter(|stocktake| stocktake.is_open())
}

impl CountSheet {
    /// The lines shown.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// All lines, by shelf.
    #[must_use]
    pub fn rows(&self) -> &[CountRow] {
        &self.rows
    }

    /// The lines shown, from top to bottom.
    pub fn shown(&self) -> impl Iterator<Item = &CountRow> {
        self.shown.iter().filter_map(|at| self.rows.get(*at))
    }

    fn in_window(&self, window: Range<usize>) -> impl Iterator<Item = (usize, &CountRow)> {
        window.filter_map(|at| Some((at, self.rows.get(*self.shown.get(at)?)?)))
    }

    /// The line under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&CountRow> {
        self.shown.get(self.cursor.at).and_then(|at| self.rows.get(*at))
    }

    /// How many lines there are of a sort.
    #[must_use]
    pub fn count(&self, show: Show) -> usize {
        Show::ALL.iter().zip(self.counts).find(|(known, _)| **known == show).map_or(0, |(_, count)| count)
    }

    /// Takes all lines anew.
    pub fn rebuild(&mut self, model: &Model, here: Option<&WarehouseId>) {
        let Some((stocktake, here)) = current(model).zip(here) else {
            *self = Self { filter: self.filter.clone(), ..Self::default() };
            return;
        };
        let kept = self.key();
        self.id = Some(stocktake.head.id.clone());
        self.rows = rows(stocktake, model.products.values(), here);
        self.places.clear();
        for (at, row) in self.rows.iter().enumerate() {
            self.places.entry(row.sku.clone()).or_default().push(at);
        }
        self.choose_shown(kept.as_ref());
    }

    /// Takes what changed of some products; false where nothing shown did.
    pub fn refresh<'a>(
        &mut self,
        skus: impl IntoIterator<Item = &'a Sku>,
        model: &Model,
        here: Option<&WarehouseId>,
    ) -> bool {
        let Some((stocktake, here)) = current(model).zip(here) else { return false };
        let kept = self.key();
        let mut has_changed = false;
        for sku in skus {
            let now = model.products.get(sku).map_or_else(Vec::new, |view| rows_of(stocktake, view, here));
            let places = self.places.get(sku).map_or(&[][..], Vec::as_slice);
            let before = || places.iter().filter_map(|at| self.rows.get(*at));
            let stays = |(was, is): (&CountRow, &CountRow)| was.lot == is.lot && was.shelf == is.shelf;
            let mut now = now;
            now.sort_by(|a, b| a.lot.cmp(&b.lot));
            if places.len() != now.len() || !before().zip(&now).all(stays) {
                self.rebuild(model, Some(here));
                return true;
            }
            for (at, row) in places.iter().copied().zip(now) {
                if let Some(known) = self.rows.get_mut(at).filter(|known| **known != row) {
                    *known = row;
                    has_changed = true;
                }
            }
        }
        if has_changed {
            self.choose_shown(kept.as_ref());
        }
        has_changed
    }

    fn key(&self) -> Option<(Sku, Lot)> {
        self.selected().map(|row| (row.sku.clone(), row.lot.clone()))
    }

    /// Chooses the lines that are shown; the cursor stays on its own, or where it was.
    fn choose_shown(&mut self, kept: Option<&(Sku, Lot)>) {
        let show = self.show;
        self.counts = Show::ALL.map(|show| self.rows.iter().filter(|row| show.has(row)).count());
        let typed = self.filter.text().trim().to_owned();
        let of_sort = self.rows.iter().enumerate().filter(|(_, row)| show.has(row));
        self.shown = if typed.is_empty() {
            of_sort.map(|(at, _)| at).collect()
        } else {
            let mut finder = Finder::new(&typed);
            let text = |row: &CountRow| format!("{} {} {} {}", row.shelf, row.sku, row.name, row.lot);
            // They stay in the order of the shelves.
            of_sort.filter(|(_, row)| finder.score(&text(row)).is_some()).map(|(at, _)| at).collect()
        };
        if let Some((sku, lot)) = kept {
            self.go_to(sku, lot);
        }
        self.cursor.at = self.cursor.at.min(self.shown.len().saturating_sub(1));
    }

    /// Chooses them again after what is typed has changed.
    pub fn refilter(&mut self) {
        let kept = self.key();
        self.choose_shown(kept.as_ref());
    }

    /// Shows the next sort of lines, or the one before.
    pub fn turn(&mut self, forward: bool) {
        let at = Show::ALL.iter().position(|show| *show == self.show).unwrap_or(0);
        let count = Show::ALL.len();
        let next = if forward { at + 1 } else { at + count - 1 } % count;
        self.show = Show::ALL.get(next).copied().unwrap_or_default();
        self.refilter();
    }

    /// Moves; false when the action is no motion.
    pub fn go(&mut self, action: Action, height: usize) -> bool {
        match action {
            Action::NextPane | Action::Right => self.turn(true),
            Action::PreviousPane | Action::Left => self.turn(false),
            _ => return self.cursor.go(action, self.shown.len(), height),
        }
        true
    }

    fn go_to(&mut self, sku: &Sku, lot: &Lot) -> bool {
        let is_it = |at: &usize| self.rows.get(*at).is_some_and(|row| row.sku == *sku && row.lot == *lot);
        let found = self.shown.iter().position(is_it);
        self.cursor.at = found.unwrap_or(self.cursor.at);
        found.is_some()
    }

    /// To a product that was scanned: the line at hand if it is one of it, else its first that is to be counted. The lot
    /// comes back where it is clear.
    pub fn find(&mut self, sku: &Sku) -> Option<Lot> {
        if let Some(row) = self.selected().filter(|row| row.sku == *sku) {
            return Some(row.lot.clone());
        }
        let places = self.places.get(sku)?.clone();
        let is_due = |at: &&usize| self.rows.get(**at).is_some_and(needs_count);
        let at = places.iter().find(is_due).or_else(|| places.first())?;
        let lot = self.rows.get(*at)?.lot.clone();
        if !self.go_to(sku, &lot) {
            self.show = Show::All;
            self.filter.set("");
            self.choose_shown(None);
            self.go_to(sku, &lot);
        }
        (places.len() == 1).then_some(lot)
    }

    /// On to what is to be counted next, behind the cursor first; those to be counted again come last. What was counted
    /// just now is passed over: the node may not have told of it yet.
    pub fn go_on(&mut self, counted: &[(Sku, Lot)]) {
        let is_new = |row: &CountRow| !counted.iter().any(|(sku, lot)| *sku == row.sku && *lot == row.lot);
        let uncounted = |row: &CountRow| row.state.is_none() && is_new(row);
        let again = |row: &CountRow| row.state == Some(LineState::Recount) && is_new(row);
        if let Some(at) = self.behind(uncounted).or_else(|| self.behind(again)) {
            self.cursor.at = at;
        }
    }

    /// On to the next line that awaits a review, but for those that had it just now.
    pub fn go_on_reviewing(&mut self, reviewed: &[(Sku, Lot)]) {
        let waits = |row: &CountRow| {
            row.state == Some(LineState::Review)
                && !reviewed.iter().any(|(sku, lot)| *sku == row.sku && *lot == row.lot)
        };
        if let Some(at) = self.behind(waits) {
            self.cursor.at = at;
        }
    }

    /// The first line shown behind the cursor that is wanted; round the end of the list, the cursor's own last.
    fn behind(&self, is_wanted: impl Fn(&CountRow) -> bool) -> Option<usize> {
        let count = self.shown.len();
        let all = (1..=count).map(|step| (self.cursor.at + step) % count);
        all.into_iter()
            .find(|at| self.shown.get(*at).and_then(|at| self.rows.get(*at)).is_some_and(&is_wanted))
    }
}

/// Whether a line is to be counted, or counted again.
fn needs_count(row: &CountRow) -> bool {
    matches!(row.state, None | Some(LineState::Recount))
}
