//! Reads the cells of one row, and keeps what is wrong with them.

use chrono::NaiveDate;

use super::Manner;
use super::columns::Columns;
use super::problem::{Problem, Why};
use super::sheet::Row;
use crate::domain::gtin::Gtin;
use crate::domain::reorder::ServiceLevel;
use crate::domain::typing::{AmountError, import_date, import_number};
use crate::domain::{Lot, Quantity, Sku};

/// One row being read.
pub struct Cells<'a> {
    /// Where what stands.
    pub columns: &'a Columns,
    /// The row.
    pub row: &'a Row,
    /// How the file writes numbers and dates.
    pub manner: &'a Manner,
    /// What is wrong so far.
    pub problems: Vec<Problem>,
}

impl<'a> Cells<'a> {
    /// Begins a row.
    #[must_use]
    pub const fn new(columns: &'a Columns, row: &'a Row, manner: &'a Manner) -> Self {
        Self { columns, row, manner, problems: Vec::new() }
    }

    /// Keeps a problem with a column of ours.
    pub fn wrong(&mut self, name: &str, why: Why) {
        self.problems.push(self.columns.problem(self.row, name, why));
    }

    fn kept<T>(&mut self, name: &str, result: Result<T, Why>) -> Option<T> {
        result.map_err(|why| self.wrong(name, why)).ok()
    }

    /// The product; it must be there.
    pub fn sku(&mut self) -> Option<Sku> {
        let Some(text) = self.columns.cell(self.row, "sku") else {
            self.wrong("sku", Why::Blank);
            return None;
        };
        let sku = Sku::new(text).map_err(Why::Name);
        self.kept("sku", sku)
    }

    /// The lot; blank is none.
    pub fn lot(&mut self) -> Option<Lot> {
        let text = self.columns.cell(self.row, "lot").unwrap_or_default();
        let lot = Lot::new(text).map_err(Why::Name);
        self.kept("lot", lot)
    }

    /// A text of at most so many characters; line breaks and runs of blanks become one blank.
    pub fn text(&mut self, name: &str, limit: usize) -> Option<String> {
        let cell = self.columns.cell(self.row, name)?;
        let text = cell.split_whitespace().collect::<Vec<_>>().join(" ");
        let length = text.chars().count();
        let result = if length > limit {
            Err(Why::TooLong { length, limit })
        } else if let Some(c) = text.chars().find(|c| c.is_control()) {
            Err(Why::Control(c))
        } else {
            Ok(text)
        };
        self.kept(name, result)
    }

    /// A number with at most so many decimals, zero or more.
    pub fn amount(&mut self, name: &str, decimals: u8) -> Option<Quantity> {
        let text = self.columns.cell(self.row, name)?;
        let amount = import_number(text, self.manner.decimal, decimals)
            .and_then(|amount| if amount.is_negative() { Err(AmountError::Negative) } else { Ok(amount) });
        let wrong = |error| Why::Amount { text: text.to_owned(), error };
        self.kept(name, amount.map_err(wrong))
    }

    /// A number of more than nothing.
    pub fn positive(&mut self, name: &str, decimals: u8) -> Option<Quantity> {
        let amount = self.amount(name, decimals)?;
        if amount.is_positive() {
            return Some(amount);
        }
        let text = amount.to_string();
        self.wrong(name, Why::Amount { text, error: AmountError::Zero });
        None
    }

    /// A whole number within a range.
    pub fn whole(&mut self, name: &str, from: u32, to: u32) -> Option<u32> {
        let text = self.columns.cell(self.row, name)?;
        // Spreadsheets write whole numbers as 7.0 too.
        let number = import_number(text, self.manner.decimal, 0).ok();
        let number = number
            .and_then(|n| u32::try_from(n.thousandths() / Quantity::SCALE).ok())
            .filter(|n| (from..=to).contains(n));
        let wrong = || Why::Range { text: text.to_owned(), from, to };
        self.kept(name, number.ok_or_else(wrong))
    }

    /// A date in the file's form.
    pub fn date(&mut self, name: &str) -> Option<NaiveDate> {
        let text = self.columns.cell(self.row, name)?;
        let date = import_date(text, &self.manner.date_format).map_err(Why::Date);
        self.kept(name, date)
    }

    /// Yes or no, in the words of either language.
    pub fn yes_no(&mut self, name: &str) -> Option<bool> {
        let text = self.columns.cell(self.row, name)?;
        let word = text.to_lowercase();
        let answer = match word.as_str() {
            "true" | "yes" | "y" | "t" | "1" | "x" | "sí" | "si" | "s" | "verdadero" => Ok(true),
            "false" | "no" | "n" | "f" | "0" | "falso" => Ok(false),
            _ => Err(Why::YesNo { text: text.to_owned() }),
        };
        self.kept(name, answer)
    }

    /// How often stock is to last until goods come.
    pub fn service_level(&mut self, name: &str) -> Option<ServiceLevel> {
        let text = self.columns.cell(self.row, name)?;
        let level = ServiceLevel::parse(text).ok_or_else(|| Why::ServiceLevel { text: text.to_owned() });
        self.kept(name, level)
    }

    /// Barcodes; several are parted by `;` or `|`.
    pub fn barcodes(&mut self, name: &str) -> Option<Vec<Gtin>> {
        let cell = self.columns.cell(self.row, name)?;
        let texts = cell.split([';', '|']).map(str::trim).filter(|text| !text.is_empty());
        let mut barcodes = Vec::new();
        for text in texts {
            let barcode = Gtin::parse(text).map_err(|error| Why::Barcode { text: text.to_owned(), error });
            barcodes.push(self.kept(name, barcode)?);
        }
        Some(barcodes)
    }
}
