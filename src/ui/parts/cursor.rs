//! The cursor of a list of which only a window is shown.

use std::ops::Range;

use crate::ui::action::Action;

/// Which row has the cursor and which one is the first in the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The row, from 0.
    pub at: usize,
    /// The first row in sight.
    pub top: usize,
}

impl Cursor {
    /// Moves; false when the action isn't a motion up or down.
    pub fn go(&mut self, action: Action, len: usize, height: usize) -> bool {
        let last = len.saturating_sub(1);
        let half = (height / 2).max(1);
        let page = height.saturating_sub(1).max(1);
        self.at = match action {
            Action::Down => self.at.saturating_add(1),
            Action::Up => self.at.saturating_sub(1),
            Action::Top => 0,
            Action::Bottom => last,
            Action::HalfDown => self.at.saturating_add(half),
            Action::HalfUp => self.at.saturating_sub(half),
            Action::PageDown => self.at.saturating_add(page),
            Action::PageUp => self.at.saturating_sub(page),
            _ => return false,
        };
        self.fit(len, height);
        true
    }

    /// Keeps the cursor on a row and in sight.
    pub fn fit(&mut self, len: usize, height: usize) {
        self.at = self.at.min(len.saturating_sub(1));
        let height = height.max(1);
        if self.at < self.top {
            self.top = self.at;
        } else if self.at >= self.top + height {
            self.top = self.at + 1 - height;
        }
        self.top = self.top.min(len.saturating_sub(height));
    }

    /// The rows in sight.
    #[must_use]
    pub fn window(&self, len: usize, height: usize) -> Range<usize> {
        let from = self.top.min(len);
        from..(from + height).min(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_stays_in_sight_and_in_the_list() {
        let mut cursor = Cursor::default();
        cursor.go(Action::Bottom, 100, 10);
        assert_eq!(cursor.window(100, 10), 90..100);
        cursor.go(Action::HalfUp, 100, 10);
        assert_eq!((cursor.at, cursor.top), (94, 90));
        cursor.fit(3, 10);
        assert_eq!((cursor.at, cursor.top), (2, 0));
        cursor.fit(0, 0);
        assert_eq!(cursor.window(0, 0), 0..0);
    }
}
