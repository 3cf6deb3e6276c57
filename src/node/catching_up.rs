//! Whether much of the others' ledgers is missing, and how fast it comes: judged by a look a second.
//!
//! What was known a second ago and isn't here now is late; what has only just been told isn't.

use std::collections::VecDeque;

use super::event::{CatchingUp, LedgerView};

/// From so many missing entries on it is told; below, they are here sooner than they could be read about.
const MUCH: u64 = 300;
/// The rate is that of so many looks.
const LOOKS: usize = 6;

/// What the last looks saw.
#[derive(Debug, Default)]
pub struct Progress {
    /// When, in monotonic milliseconds, and how many entries were here.
    looks: VecDeque<(u64, u64)>,
    last: Vec<LedgerView>,
    is_behind: bool,
}

impl Progress {
    /// A look at the ledgers.
    pub fn look(&mut self, mono_ms: u64, ledgers: Vec<LedgerView>) {
        let entries = |warehouse| ledgers.iter().find(|l| l.warehouse == warehouse).map(|l| l.entries);
        let is_late = self
            .last
            .iter()
            .any(|before| entries(before.warehouse.clone()).is_some_and(|entries| entries < before.of));
        let missing = ledgers.iter().fold(0_u64, |sum, l| sum.saturating_add(l.of.saturating_sub(l.entries)));
        self.is_behind = is_late && (self.is_behind || missing >= MUCH);
        let here = ledgers.iter().fold(0_u64, |sum, l| sum.saturating_add(l.entries));
        self.looks.push_back((mono_ms, here));
        if self.looks.len() > LOOKS {
            self.looks.pop_front();
        }
        self.last = ledgers;
    }

    /// How far catching up is; none while little is missing.
    #[must_use]
    pub fn view(&self) -> Option<CatchingUp> {
        if !self.is_behind {
            return None;
        }
        let ((from, had), (to, has)) = (self.looks.front()?, self.looks.back()?);
        let per_second = has.saturating_sub(*had).saturating_mul(1_000) / to.saturating_sub(*from).max(1);
        let mut view = CatchingUp { ledgers: self.last.clone(), per_second, seconds_left: None };
        let missing = view.of().saturating_sub(view.entries());
        view.seconds_left = (per_second > 0).then(|| missing.div_ceil(per_second));
        Some(view)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::domain::WarehouseId;

    fn ledgers(of: [(u64, u64); 2]) -> Vec<LedgerView> {
        let names = ["sevilla", "valencia"].into_iter();
        let view =
            |(name, (entries, of))| LedgerView { warehouse: WarehouseId::new(name).unwrap(), entries, of };
        names.zip(of).map(view).collect()
    }

    #[test]
    fn much_that_is_late_is_told_with_its_rate_until_all_that_was_known_has_come() {
        let mut progress = Progress::default();
        progress.look(0, ledgers([(0, 0), (0, 0)]));
        progress.look(1_000, ledgers([(0, 8_000), (10, 10)]));
        assert_eq!(progress.view(), None, "it has only just been told");
        progress.look(2_000, ledgers([(2_000, 8_000), (10, 10)]));
        let view = progress.view().unwrap();
        assert_eq!((view.entries(), view.of(), view.percent()), (2_010, 8_010, 25));
        assert_eq!((view.per_second, view.seconds_left), (1_005, Some(6)));
        progress.look(3_000, ledgers([(7_999, 8_000), (10, 10)]));
        assert_eq!(progress.view().unwrap().percent(), 99, "a single one is missing");
        progress.look(4_000, ledgers([(8_000, 8_400), (10, 10)]));
        assert_eq!(progress.view(), None, "what was known has come; the others go on working");
    }

    #[test]
    fn little_that_is_late_and_much_that_comes_at_once_are_not_told() {
        let mut progress = Progress::default();
        for seconds in 0..5 {
            progress.look(seconds * 1_000, ledgers([(0, 299), (0, 0)]));
            assert_eq!(progress.view(), None);
        }
        for seconds in 5..10 {
            let known = seconds * 2_000;
            progress.look(seconds * 1_000, ledgers([(known, known + 2_000), (0, 0)]));
            assert_eq!(progress.view(), None, "all that was known a second ago is here");
        }
    }

    #[test]
    fn where_nothing_comes_no_end_is_foretold_and_a_ledger_that_is_given_up_is_not_waited_for() {
        let mut progress = Progress::default();
        for seconds in 0..9 {
            progress.look(seconds * 1_000, ledgers([(5, 1_000), (0, 0)]));
        }
        let view = progress.view().unwrap();
        assert_eq!((view.per_second, view.seconds_left), (0, None));
        progress.look(9_000, Vec::new());
        assert_eq!(progress.view(), None);
    }
}
