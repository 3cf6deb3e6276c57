//! A CSV file as rows with the lines they start on.
//!
//! Comma, semicolon or tab, whichever the heading is parted by; quoted cells may hold line breaks.

use csv::{ByteRecord, ReaderBuilder, StringRecord};

use super::problem::{Problem, Rejected, Why};
use crate::ledger::Hash;

/// The largest cell that is taken, in bytes.
pub const MAX_CELL: usize = 16 * 1024;

/// A file that was read.
#[derive(Debug)]
pub struct Sheet {
    /// The heading.
    pub columns: Vec<String>,
    /// The rows in order, blank ones left out.
    pub rows: Vec<Row>,
    /// Rows that can't be read.
    pub problems: Vec<Problem>,
    /// Rows read, those with problems included.
    pub read: usize,
    /// Of the file's bytes.
    pub hash: Hash,
}

/// A row.
#[derive(Debug)]
pub struct Row {
    /// The line it starts on, from 1.
    pub line: u64,
    cells: StringRecord,
}

impl Row {
    /// A cell without the blanks around it.
    #[must_use]
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).unwrap_or_default().trim()
    }
}

/// Reads a file.
///
/// # Errors
/// When it is empty or no text.
pub fn read(bytes: &[u8]) -> Result<Sheet, Rejected> {
    let hash = Hash::of(bytes);
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Rejected::NotText);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let delimiter = delimiter(bytes);
    if let Some(line) = open_quote(bytes, delimiter) {
        return Err(Rejected::Quote { line });
    }
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter).flexible(true).has_headers(false).from_reader(bytes);
    let mut lines = Lines::new(bytes);
    let mut heading: Option<Vec<String>> = None;
    let mut sheet = Sheet { columns: Vec::new(), rows: Vec::new(), problems: Vec::new(), read: 0, hash };
    let mut record = ByteRecord::new();
    // Reading from memory with any number of cells never fails; were it to, the rest can't be trusted.
    while reader.read_byte_record(&mut record).map_err(|_| Rejected::NotText)? {
        let line = lines.of_record(record.position().map_or(0, csv::Position::byte));
        match &heading {
            None => heading = Some(read_heading(&record)?),
            Some(columns) => {
                if record.iter().all(<[u8]>::is_empty) {
                    continue;
                }
                sheet.read += 1;
                match read_row(&record, line, columns) {
                    Ok(row) => sheet.rows.push(row),
                    Err(problem) => sheet.problems.push(problem),
                }
            }
        }
    }
    sheet.columns = heading.ok_or(Rejected::Empty)?;
    Ok(sheet)
}

fn read_heading(record: &ByteRecord) -> Result<Vec<String>, Rejected> {
    let heading = StringRecord::from_byte_record(record.clone()).map_err(|_| Rejected::NotText)?;
    Ok(heading.iter().map(|name| name.trim().to_owned()).collect())
}

fn read_row(record: &ByteRecord, line: u64, columns: &[String]) -> Result<Row, Problem> {
    let problem = |column: Option<usize>, why| Problem {
        line,
        column: column.and_then(|i| columns.get(i).cloned()),
        why,
    };
    if let Some((i, cell)) = record.iter().enumerate().find(|(_, cell)| cell.len() > MAX_CELL) {
        let why = Why::Huge { bytes: cell.len(), limit: MAX_CELL };
        return Err(problem(Some(i), why));
    }
    if record.len() != columns.len() {
        let why = Why::Cells { found: record.len(), expected: columns.len() };
        return Err(problem(None, why));
    }
    match StringRecord::from_byte_record(record.clone()) {
        Ok(cells) => Ok(Row { line, cells }),
        Err(error) => Err(problem(Some(error.utf8_error().field()), Why::Encoding)),
    }
}

/// What parts the cells of the heading, quoted ones left aside.
fn delimiter(bytes: &[u8]) -> u8 {
    let mut quoted = false;
    let mut seen = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    for &byte in bytes {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if quoted => {}
            _ => {
                for (delimiter, n) in &mut seen {
                    *n += usize::from(byte == *delimiter);
                }
            }
        }
    }
    let [comma, ..] = seen;
    seen.into_iter().fold(comma, |most, next| if next.1 > most.1 { next } else { most }).0
}

/// The line of the first quote that isn't closed: at the end of the file, or it seems to be closed by the next one,
/// with text behind it. The reader takes either, and all the rows between, as one cell.
fn open_quote(bytes: &[u8], delimiter: u8) -> Option<u64> {
    enum At {
        Start,
        Plain,
        Quoted,
        Behind,
    }
    let (mut at, mut line, mut opened) = (At::Start, 1_u64, 1_u64);
    for (place, &byte) in bytes.iter().enumerate() {
        let ends = byte == b'\n' || byte == b'\r';
        at = match at {
            At::Start if byte == b'"' => {
                opened = line;
                At::Quoted
            }
            At::Quoted if byte == b'"' => At::Behind,
            At::Quoted => At::Quoted,
            // Two of them in a quoted cell are one of its text.
            At::Behind if byte == b'"' => At::Quoted,
            _ if ends || byte == delimiter => At::Start,
            At::Behind if byte == b' ' => At::Behind,
            At::Behind => return Some(opened),
            At::Start | At::Plain => At::Plain,
        };
        line += u64::from(byte == b'\n' || (byte == b'\r' && bytes.get(place + 1) != Some(&b'\n')));
    }
    matches!(at, At::Quoted).then_some(opened)
}

/// Counts lines up to where records start.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, line: 1 }
    }

    /// The line of the record behind this offset. The reader tells where it stood before it skipped the rest of a
    /// line break and blank lines.
    fn of_record(&mut self, offset: u64) -> u64 {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX).min(self.bytes.len());
        while let Some(&byte) = self.bytes.get(self.at) {
            if self.at >= offset && !matches!(byte, b'\n' | b'\r') {
                break;
            }
            let bare_return = byte == b'\r' && self.bytes.get(self.at + 1) != Some(&b'\n');
            self.line += u64::from(byte == b'\n' || bare_return);
            self.at += 1;
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn starts(text: &str) -> Vec<(u64, String)> {
        let sheet = read(text.as_bytes()).unwrap();
        let cells = |row: &Row| row.cell(0).replace(['\r', '\n'], "/");
        sheet.rows.iter().map(|row| (row.line, cells(row))).collect()
    }

    #[test]
    fn a_row_is_named_by_the_line_it_starts_on() {
        let expected = vec![(2, "a//b".to_owned()), (5, "c".to_owned()), (7, "d".to_owned())];
        assert_eq!(starts("sku,n\n\"a\n\nb\",1\nc,2\n\nd,3\n"), expected);
        let expected = vec![(2, "a//b".to_owned()), (4, "c".to_owned()), (6, "d".to_owned())];
        assert_eq!(starts("sku,n\r\n\"a\r\nb\",1\r\nc,2\r\n\r\nd,3"), expected);
        assert_eq!(starts("sku,n\ra,1\rb,2\r"), [(2, "a".to_owned()), (3, "b".to_owned())]);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_heading() {
        let sheet = read(b"\xef\xbb\xbfsku,name\nA,B\n").unwrap();
        assert_eq!(sheet.columns, ["sku", "name"]);
        assert_eq!(sheet.rows[0].line, 2);
    }

    #[test]
    fn cells_are_parted_by_what_parts_the_heading() {
        for text in ["sku;\"na,me\"\nA;1,5\n", "sku\t\"na,me\"\nA\t1,5\n"] {
            let sheet = read(text.as_bytes()).unwrap();
            assert_eq!(sheet.columns, ["sku", "na,me"]);
            assert_eq!(sheet.rows[0].cell(1), "1,5");
        }
    }

    #[test]
    fn rows_that_can_not_be_read_are_named_and_the_others_are_read() {
        let mut bytes = b"sku,name\nA,caf\xe9\nB,ok\nC\nD,".to_vec();
        bytes.extend(std::iter::repeat_n(b'x', MAX_CELL + 1));
        let sheet = read(&bytes).unwrap();
        assert_eq!((sheet.read, sheet.rows.len()), (4, 1));
        let told: Vec<_> = sheet.problems.iter().map(|p| p.text(crate::text::Lang::En)).collect();
        assert_eq!(
            told,
            [
                "line 2, column «name»: it is not UTF-8; save the file as UTF-8",
                "line 4: the row has 1 cells, the heading has 2",
                "line 5, column «name»: the cell has 16385 bytes, at most 16384 are taken",
            ]
        );
    }

    #[test]
    fn a_quote_that_is_not_closed_is_named_by_its_line() {
        let line = |text: &str| match read(text.as_bytes()) {
            Err(Rejected::Quote { line }) => Some(line),
            _ => None,
        };
        assert_eq!(line("sku,name\nA,\"Uno\nB,Dos\n"), Some(2));
        assert_eq!(line("sku,name\r\nA,Uno\r\n\r\nB,\"Dos"), Some(4));
        assert_eq!(line("sku,\"name\nA,Uno\n"), Some(1));
        // The next one opens a cell, and would close this one.
        assert_eq!(line("sku,name\nA,\"Uno\nB,\"Dos\"\nC,Tres\n"), Some(2));
        for whole in [
            "sku,name\nA,\"Uno\"\n",
            "sku,name\nA,\"U \"\"no\"\"\"\nB,\"\"\nC,\"a\n\nb\" ,",
            "sku;name\nA;19\" rack\nB;a \"b\" c\n",
        ] {
            assert_eq!(line(whole), None, "{whole}");
        }
    }

    #[test]
    fn an_empty_file_and_a_utf_16_file_are_refused() {
        assert_eq!(read(b"").unwrap_err(), Rejected::Empty);
        assert_eq!(read(b"\n\n").unwrap_err(), Rejected::Empty);
        assert_eq!(read(b"\xff\xfes\0k\0u\0").unwrap_err(), Rejected::NotText);
    }
}
