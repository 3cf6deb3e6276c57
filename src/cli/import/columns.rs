//! Which column of a file holds what: by our names, or as `--map` says.

use std::collections::BTreeMap;

use super::Kind;
use super::problem::{Problem, Rejected, Why};
use super::sheet::{Row, Sheet};
use crate::cli::Failure;

/// What `--map` says: our name → the file's heading.
pub type Map = BTreeMap<&'static str, String>;

/// The columns of a file that are used.
#[derive(Debug)]
pub struct Columns {
    at: BTreeMap<&'static str, (usize, String)>,
    reference: Option<(usize, String)>,
}

/// Reads `--map sku="Product code",qty="Physical QOH"`, given once or several times.
///
/// # Errors
/// A usage failure: no such column of ours, or not of that form.
pub fn read_map(kind: Kind, texts: &[String]) -> Result<Map, Failure> {
    let mut map = Map::new();
    for pair in texts.iter().flat_map(|text| unquoted_parts(text)) {
        let (ours, theirs) = pair.split_once('=').ok_or_else(|| {
            Failure::usage(format!("--map «{pair}»"), Some("--map sku=\"Product code\",qty=\"Quantity\""))
        })?;
        let ours = ours.trim();
        let known = kind.columns().iter().find(|(name, _)| *name == ours);
        let Some((name, _)) = known else {
            let names: Vec<_> = kind.columns().iter().map(|(name, _)| *name).collect();
            return Err(Failure::usage(
                format!("--map «{ours}»"),
                Some(&format!("{}: {}", kind.word(), names.join(", "))),
            ));
        };
        map.insert(name, theirs.trim().to_owned());
    }
    Ok(map)
}

/// Parts at commas outside quotes; the quotes go.
fn unquoted_parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => parts.push(String::new()),
            _ => {
                if let Some(part) = parts.last_mut() {
                    part.push(c);
                }
            }
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}

impl Columns {
    /// Finds the columns of a file.
    ///
    /// # Errors
    /// When one that must be there or that `--map` or `--ref-column` names is missing or there twice.
    pub fn find(sheet: &Sheet, kind: Kind, map: &Map, reference: Option<&str>) -> Result<Self, Rejected> {
        let mut found = Self { at: BTreeMap::new(), reference: None };
        let (mut missing, mut unknown) = (Vec::new(), Vec::new());
        for (name, required) in kind.columns() {
            let wanted = map.get(name).map_or(*name, String::as_str);
            match place(sheet, wanted)? {
                Some(i) => {
                    found.at.insert(name, (i, sheet.columns[i].clone()));
                }
                None if map.contains_key(name) => unknown.push(wanted.to_owned()),
                None if *required => missing.push(*name),
                None => {}
            }
        }
        if let Some(wanted) = reference {
            match place(sheet, wanted)? {
                Some(i) => found.reference = Some((i, sheet.columns[i].clone())),
                None => unknown.push(wanted.to_owned()),
            }
        }
        if missing.is_empty() && unknown.is_empty() {
            return Ok(found);
        }
        Err(Rejected::Columns { missing, unknown, present: sheet.columns.clone() })
    }

    /// The cell of a column of ours; none where the file has no such column or the cell is blank.
    #[must_use]
    pub fn cell<'r>(&self, row: &'r Row, name: &str) -> Option<&'r str> {
        let (i, _) = self.at.get(name)?;
        Some(row.cell(*i)).filter(|cell| !cell.is_empty())
    }

    /// The cell of `--ref-column`, if there is such a column.
    #[must_use]
    pub fn reference<'r>(&self, row: &'r Row) -> Option<&'r str> {
        self.reference.as_ref().map(|(i, _)| row.cell(*i))
    }

    /// A problem with a column of ours, named as in the file.
    #[must_use]
    pub fn problem(&self, row: &Row, name: &str, why: Why) -> Problem {
        let column = self.at.get(name).map_or_else(|| name.to_owned(), |(_, heading)| heading.clone());
        Problem { line: row.line, column: Some(column), why }
    }

    /// A problem with the cell of `--ref-column`.
    #[must_use]
    pub fn reference_problem(&self, row: &Row, why: Why) -> Problem {
        Problem { line: row.line, column: self.reference.as_ref().map(|(_, heading)| heading.clone()), why }
    }
}

/// The place of a heading: as written, else with the case left aside.
fn place(sheet: &Sheet, wanted: &str) -> Result<Option<usize>, Rejected> {
    let same_case = |name: &str| name == wanted;
    let any_case = |name: &str| name.to_lowercase() == wanted.to_lowercase();
    let tests: [&dyn Fn(&str) -> bool; 2] = [&same_case, &any_case];
    for is_it in tests {
        let mut places = (0..sheet.columns.len()).filter(|&i| is_it(&sheet.columns[i]));
        if let Some(first) = places.next() {
            if places.next().is_some() {
                return Err(Rejected::Ambiguous { column: wanted.to_owned() });
            }
            return Ok(Some(first));
        }
    }
    Ok(None)
}
