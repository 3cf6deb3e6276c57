//! Rows for a spreadsheet.

/// Rows as CSV. Text that a spreadsheet would run as a formula is made plain by an apostrophe.
#[must_use]
pub fn table(heading: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing into memory fails only where memory does.
    let _ = writer.write_record(heading);
    for row in rows {
        let _ = writer.write_record(row.into_iter().map(harmless));
    }
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

fn harmless(field: String) -> String {
    let is_formula = field.starts_with(['=', '@', '+', '-', '\t']) && field.parse::<f64>().is_err();
    if is_formula { format!("'{field}") } else { field }
}
