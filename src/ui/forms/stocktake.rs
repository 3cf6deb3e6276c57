//! What is asked about a stocktake: which goods it counts, what a second operator says of a line, how it ends.
//!
//! Counting itself is the form of lines, which knows scans, packs and lots.

mod ending;
mod opening;
mod review;

use self::ending::Ending;
use self::opening::Opening;
use self::review::Reviewing;
use super::press::Press;
use super::sheet::Row;
use super::{Answer, FormContext};
use crate::domain::{Lot, Sku, TransferId};
use crate::ledger::book::Stocktake;
use crate::text::Lang;
use crate::ui::theme::Theme;

/// Which of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StocktakeStep {
    /// Begin one.
    Open,
    /// Note what was counted.
    Count(TransferId),
    /// Judge a line that somebody else counted.
    Review(TransferId, Sku, Lot),
    /// Book the differences.
    Close(TransferId),
    /// End it without.
    Drop(TransferId),
}

/// A form about a stocktake.
#[derive(Debug, Clone)]
pub enum StocktakeForm {
    Opening(Opening),
    Reviewing(Reviewing),
    Ending(Ending),
}

impl StocktakeForm {
    pub fn open(step: &StocktakeStep, cx: &FormContext) -> Result<Self, String> {
        match step {
            StocktakeStep::Open | StocktakeStep::Count(_) => Opening::open(cx).map(Self::Opening),
            StocktakeStep::Review(id, sku, lot) => Reviewing::open(id, sku, lot, cx).map(Self::Reviewing),
            StocktakeStep::Close(id) => Ending::open(id, false, cx).map(Self::Ending),
            StocktakeStep::Drop(id) => Ending::open(id, true, cx).map(Self::Ending),
        }
    }

    pub const fn is_dirty(&self) -> bool {
        match self {
            Self::Opening(opening) => opening.is_dirty(),
            Self::Reviewing(_) | Self::Ending(_) => false,
        }
    }

    pub fn title(&self, lang: Lang) -> String {
        match self {
            Self::Opening(_) => Opening::title(lang),
            Self::Reviewing(review) => review.title(lang),
            Self::Ending(ending) => ending.title(lang),
        }
    }

    pub fn size(&self) -> (u16, u16) {
        match self {
            Self::Opening(_) => (76, 14),
            Self::Reviewing(_) => (76, 12),
            Self::Ending(ending) => ending.size(),
        }
    }

    pub fn press(&mut self, press: Press, cx: &FormContext) -> Answer {
        match self {
            Self::Opening(opening) => opening.press(press, cx),
            Self::Reviewing(review) => review.press(press, cx),
            Self::Ending(ending) => ending.press(press, cx),
        }
    }

    /// A shelf's label can be scanned where a shelf is asked for; nothing else is confirmed or said by a scan.
    pub fn scan(&mut self, text: &str, cx: &FormContext) -> Answer {
        match self {
            Self::Opening(opening) => opening.scan(text, cx),
            Self::Reviewing(_) | Self::Ending(_) => Answer::Stay,
        }
    }

    pub fn show<'a>(
        &'a self,
        rows: &mut Vec<Row<'a>>,
        keys: &mut Vec<(String, &'static str)>,
        theme: &Theme,
        cx: &FormContext,
    ) {
        match self {
            Self::Opening(opening) => opening.show(rows, keys, cx),
            Self::Reviewing(review) => review.show(rows, keys, theme, cx),
            Self::Ending(ending) => ending.show(rows, keys, theme, cx),
        }
    }
}

/// The stocktake, while it is open.
fn open_one<'a>(id: &TransferId, cx: &FormContext<'a>) -> Result<&'a Stocktake, String> {
    let known = cx.model.stocktakes.get(id).filter(|stocktake| stocktake.is_open());
    known.map(AsRef::as_ref).ok_or_else(|| match cx.lang {
        Lang::Es => format!("El recuento {id} ya no está abierto."),
        Lang::En => format!("Stocktake {id} is not open any more."),
    })
}
