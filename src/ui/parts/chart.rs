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
    fn days_are_joined_where_there_are_more_than_columns() {
        let sum = |days: &[f64]| days.iter().sum();
        assert_eq!(squeeze(&[1.0, 2.0, 3.0, 4.0], 2, sum), [3.0, 7.0]);
        assert_eq!(squeeze(&[1.0, 2.0], 5, sum), [1.0, 2.0]);
    }
}
