//! A chart of bars: one column of the terminal per bar, eight steps per row.

/// Rows of a chart from top to bottom; values are scaled to the largest.
#[must_use]
pub fn bars(values: &[f64], height: usize, blocks: &[&str; 8]) -> Vec<String> {
    let largest = values.iter().copied().fold(0.0_f64, f64::max);
    let mut rows = vec![String::new(); height];
    if height == 0 {
        return rows;
    }
    for &value in values {
        let share = if largest > 0.0 { (value / largest).clamp(0.0, 1.0) } else { 0.0 };
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of at most some hundred eighths"
        )]
        let mut eighths = (share * (height * 8) as f64).round() as usize;
        if value > 0.0 {
            eighths = eighths.max(1);
        }
        for (i, row) in rows.iter_mut().rev().enumerate() {
            let here = eighths.saturating_sub(i * 8).min(8);
            row.push_str(here.checked_sub(1).and_then(|i| blocks.get(i)).copied().unwrap_or(" "));
        }
    }
    rows
}

/// The same with a line at a level, drawn where no bar stands; the level is within the scale however low the bars are.
/// With the rows comes the place of the line among them, from the top.
#[must_use]
pub fn bars_and_level(
    values: &[f64],
    level: f64,
    height: usize,
    blocks: &[&str; 8],
    sign: &str,
) -> (Vec<String>, usize) {
    let largest = values.iter().copied().fold(0.0_f64, f64::max);
    let top = largest.max(level);
    let share = if top > 0.0 { (level / top).clamp(0.0, 1.0) } else { 0.0 };
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share of a few rows"
    )]
    let from_below = (share * height as f64) as usize;
    let row = height.saturating_sub(1 + from_below.min(height.saturating_sub(1)));
    let scaled: Vec<f64> = values.iter().copied().chain([top]).collect();
    let mut rows = bars(&scaled, height, blocks);
    for text in &mut rows {
        // The bar that stood for the scale only.
        text.pop();
    }
    if let Some(text) = rows.get_mut(row) {
        *text = text.replace(' ', sign);
    }
    (rows, row)
}

/// So many values out of more: each is what `join` makes of its share of them.
#[must_use]
pub fn squeeze(values: &[f64], columns: usize, join: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    if columns == 0 || values.len() <= columns {
        return values.to_vec();
    }
    (0..columns)
        .map(|i| {
            let from = i * values.len() / columns;
            let to = ((i + 1) * values.len() / columns).max(from + 1);
            values.get(from..to).map_or(0.0, &join)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCKS: [&str; 8] = ["1", "2", "3", "4", "5", "6", "7", "8"];

    #[test]
    fn bars_are_scaled_to_the_largest_and_something_is_never_nothing() {
        let rows = bars(&[0.0, 16.0, 8.0, 4.0, 0.001], 2, &BLOCKS);
        assert_eq!(rows, [" 8   ", " 8841"]);
        assert_eq!(bars(&[], 2, &BLOCKS), ["", ""]);
        assert_eq!(bars(&[f64::NAN, 0.0], 1, &BLOCKS), ["  "]);
    }

    #[test]
    fn a_level_is_a_line_where_no_bar_stands_and_belongs_to_the_scale() {
        let (rows, at) = bars_and_level(&[4.0, 0.0, 1.0], 2.0, 2, &BLOCKS, "-");
        assert_eq!((rows, at), (vec!["8--".to_owned(), "8 4".to_owned()], 0));
        let (rows, at) = bars_and_level(&[1.0, 0.0], 8.0, 2, &BLOCKS, "-");
        assert_eq!((rows, at), (vec!["--".to_owned(), "2 ".to_owned()], 0));
        assert_eq!(bars_and_level(&[], 0.0, 1, &BLOCKS, "-"), (vec![String::new()], 0));
    }

    #[test]
    fn days_are_joined_where_there_are_more_than_columns() {
        let sum = |days: &[f64]| days.iter().sum();
        assert_eq!(squeeze(&[1.0, 2.0, 3.0, 4.0], 2, sum), [3.0, 7.0]);
        assert_eq!(squeeze(&[1.0, 2.0], 5, sum), [1.0, 2.0]);
    }
}
