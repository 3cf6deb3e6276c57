//! Columns: which of them fit, and rows drawn into them.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::text::{left, right};

/// How a column is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A column that may be shown.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its heading.
    pub title: String,
    /// Columns of the terminal it takes; where it grows, the least.
    pub width: usize,
    /// Whether it takes what is left.
    pub grows: bool,
    /// The smaller the sooner it is shown; 0 = always.
    pub rank: u8,
    /// Its side.
    pub side: Side,
}

/// Which columns fit into so many columns of the terminal, and how wide each is then; parted by one blank.
#[must_use]
pub fn fit(columns: &[Column], room: usize) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|&i| columns[i].rank);
    let mut used = 0;
    let mut shown = Vec::new();
    for i in order {
        let gap = usize::from(!shown.is_empty());
        let needs = columns[i].width + gap;
        if columns[i].rank == 0 || used + needs <= room {
            used += needs;
            shown.push(i);
        }
    }
    shown.sort_unstable();
    let spare = room.saturating_sub(used);
    shown
        .into_iter()
        .map(|i| {
            let width = columns[i].width + if columns[i].grows { spare } else { 0 };
            (i, width)
        })
        .collect()
}

/// One cell as text and look.
pub type Cell = (String, Style);

/// A line of cells; `cell` is asked for the columns that are shown only.
pub fn line<'a>(
    columns: &[Column],
    shown: &[(usize, usize)],
    more: &str,
    mut cell: impl FnMut(usize) -> Cell,
) -> Line<'a> {
    let mut spans = Vec::with_capacity(shown.len() * 2);
    for (n, &(i, width)) in shown.iter().enumerate() {
        if n > 0 {
            spans.push(Span::raw(" "));
        }
        let (text, style) = cell(i);
        let text = match columns[i].side {
            Side::Left => left(&text, width, more),
            Side::Right => right(&text, width, more),
        };
        spans.push(Span::styled(text, style));
    }
    Line::from(spans)
}

/// The line of headings.
#[must_use]
pub fn headings<'a>(columns: &[Column], shown: &[(usize, usize)], style: Style) -> Line<'a> {
    line(columns, shown, "", |i| (columns[i].title.clone(), style))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(width: usize, rank: u8) -> Column {
        Column { title: String::new(), width, grows: rank == 0, rank, side: Side::Left }
    }

    #[test]
    fn the_least_useful_columns_go_first_and_the_rest_grows() {
        let columns = [column(10, 0), column(6, 2), column(6, 1)];
        assert_eq!(fit(&columns, 24), [(0, 10), (1, 6), (2, 6)]);
        assert_eq!(fit(&columns, 20), [(0, 13), (2, 6)]);
        assert_eq!(fit(&columns, 5), [(0, 10)]);
    }
}
