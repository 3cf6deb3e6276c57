//! Text cut and filled to a number of columns, as the terminal counts them.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that a text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// At most so many columns of a text; `more` stands at its end where something was cut off. A number is there whole or
/// not at all: half of one is another one.
#[must_use]
pub fn clip(text: &str, columns: usize, more: &str) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(more.width());
    let mut cut = String::new();
    let mut used = 0;
    for char in text.chars() {
        let wide = char.width().unwrap_or(0);
        if used + wide > room {
            break;
        }
        used += wide;
        cut.push(char);
    }
    let word = cut.rfind(' ').map_or(0, |blank| blank + 1);
    if is_number(&cut[word..]) {
        cut.truncate(word);
    }
    if columns >= more.width() {
        cut.push_str(more);
    }
    cut
}

/// Whether a word is a number as this program writes it, or the beginning of one.
fn is_number(word: &str) -> bool {
    let bare = word.trim_start_matches(['+', '-', '\u{2212}']);
    bare.contains(|c: char| c.is_ascii_digit())
        && bare.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '\u{a0}' | '\u{202f}'))
}

/// A text in exactly so many columns, at their left.
#[must_use]
pub fn left(text: &str, columns: usize, more: &str) -> String {
    let cut = clip(text, columns, more);
    let blanks = columns.saturating_sub(cut.width());
    cut + &" ".repeat(blanks)
}

/// A text in exactly so many columns, at their right.
#[must_use]
pub fn right(text: &str, columns: usize, more: &str) -> String {
    let cut = clip(text, columns, more);
    " ".repeat(columns.saturating_sub(cut.width())) + &cut
}

/// A text broken at blanks into lines of at most so many columns; longer words are cut apart.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            let gap = usize::from(!line.is_empty());
            if !line.is_empty() && line.width() + gap + word.width() > columns {
                lines.push(std::mem::take(&mut line));
            } else if gap == 1 {
                line.push(' ');
            }
            for char in word.chars() {
                if !line.is_empty() && line.width() + char.width().unwrap_or(0) > columns {
                    lines.push(std::mem::take(&mut line));
                }
                line.push(char);
            }
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_never_takes_more_columns_than_it_may() {
        for columns in 0..12 {
            assert!(clip("Guante 手袋 látex", columns, "…").width() <= columns);
            assert_eq!(left("Guante 手袋 látex", columns, "…").width(), columns);
            assert_eq!(right("手", columns, "…").width(), columns);
            for line in wrap("Guante 手袋 látex talla-grande", columns.max(2)) {
                assert!(line.width() <= columns.max(2), "{line}");
            }
        }
    }

    #[test]
    fn a_number_is_whole_or_not_there() {
        assert_eq!(clip("aquí 1120 → 1132", 8, "…"), "aquí …");
        assert_eq!(clip("aquí 1120 → 1132", 12, "…"), "aquí 1120 →…");
        assert_eq!(clip("\u{2212}86,497.53", 6, "…"), "…");
        assert_eq!(clip("GU-NIT-100", 9, "…"), "GU-NIT-1…");
    }

    #[test]
    fn lines_break_at_blanks() {
        assert_eq!(wrap("uno dos tres", 7), ["uno dos", "tres"]);
        assert_eq!(wrap("a\n\nb", 7), ["a", "", "b"]);
    }
}
