//! Plain tables for people: columns aligned by what they take on the screen.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

/// How a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Texts.
    Left,
    /// Numbers.
    Right,
}

/// A table with its heading.
#[derive(Debug, Clone)]
pub struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table of these columns.
    #[must_use]
    pub fn new(columns: &[(&str, Align)]) -> Self {
        Self {
            columns: columns.iter().map(|(name, align)| ((*name).to_owned(), *align)).collect(),
            rows: Vec::new(),
        }
    }

    /// One more row; control characters of its texts become blanks.
    pub fn row(&mut self, cells: Vec<String>) {
        let clean = |cell: String| {
            if cell.contains(char::is_control) { cell.replace(char::is_control, " ") } else { cell }
        };
        self.rows.push(cells.into_iter().map(clean).collect());
    }

    /// Writes it, or the sentence for an empty one.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write(&self, out: &mut dyn Write, empty: &str) -> io::Result<()> {
        if self.rows.is_empty() {
            return writeln!(out, "{empty}");
        }
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|i| {
                let cells = self.rows.iter().filter_map(|row| row.get(i));
                cells.map(|cell| cell.width()).chain([self.columns[i].0.width()]).max().unwrap_or(0)
            })
            .collect();
        let heading: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        self.line(out, &widths, &heading)?;
        for row in &self.rows {
            self.line(out, &widths, row)?;
        }
        Ok(())
    }

    fn line(&self, out: &mut dyn Write, widths: &[usize], cells: &[String]) -> io::Result<()> {
        let mut line = String::new();
        for (i, ((cell, width), (_, align))) in cells.iter().zip(widths).zip(&self.columns).enumerate() {
            let pad = " ".repeat(width.saturating_sub(cell.width()));
            if i > 0 {
                line.push_str("  ");
            }
            match align {
                Align::Left => {
                    line.push_str(cell);
                    line.push_str(&pad);
                }
                Align::Right => {
                    line.push_str(&pad);
                    line.push_str(cell);
                }
            }
        }
        writeln!(out, "{}", line.trim_end())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn columns_align_by_their_width_on_the_screen() {
        let mut table = Table::new(&[("SKU", Align::Left), ("Nombre", Align::Left), ("Hay", Align::Right)]);
        table.row(vec!["A".into(), "Guante látex".into(), "5".into()]);
        table.row(vec!["B-2".into(), "茶".into(), "1 234".into()]);
        let mut out = Vec::new();
        table.write(&mut out, "nada").unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "SKU  Nombre          Hay\nA    Guante látex      5\nB-2  茶            1 234\n"
        );
    }

    #[test]
    fn an_empty_table_is_a_sentence() {
        let mut out = Vec::new();
        Table::new(&[("SKU", Align::Left)]).write(&mut out, "nothing").unwrap();
        assert_eq!(out, b"nothing\n");
    }
}
