//! Code 128 barcodes for delivery notes, as text and as a receipt printer's command.
//!
//! Set B holds printable ASCII, set C two digits per symbol; runs of digits go to C where that is
//! shorter (ISO/IEC 15417, annex E).

use serde::{Deserialize, Serialize};

/// The longest text: beyond this no label is wide enough.
pub const LONGEST: usize = 80;

/// A text as Code 128.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code128 {
    /// All symbols from start to stop.
    symbols: Vec<u8>,
}

/// Why a text can't be such a barcode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Code128Error {
    /// There is nothing to encode.
    #[error("an empty barcode")]
    Empty,
    /// Too many characters.
    #[error("{found} characters are too many for a barcode, {LONGEST} at most")]
    TooLong {
        /// How many there are.
        found: usize,
    },
    /// Not printable ASCII.
    #[error("{found:?} at place {place} can't stand in a barcode")]
    Character {
        /// The character.
        found: char,
        /// Where it stands, from 1.
        place: usize,
    },
}

const TO_C: u8 = 99;
const TO_B: u8 = 100;
const START_B: u8 = 104;
const START_C: u8 = 105;
const STOP: u8 = 106;

/// Modules of white that a reader needs on both sides.
const QUIET: usize = 10;

/// Widths in modules of bar, space, bar, space, bar, space per symbol; the stop has a bar more.
const WIDTHS: [&str; 107] = [
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213",
    "221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132",
    "221231", "213212", "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211",
    "212123", "212321", "232121", "111323", "131123", "131321", "112313", "132113", "132311", "211313",
    "231113", "231311", "112133", "112331", "132131", "113123", "113321", "133121", "313121", "211331",
    "231131", "213113", "213311", "213131", "311123", "311321", "331121", "312113", "312311", "332111",
    "314111", "221411", "431111", "111224", "111422", "121124", "121421", "141122", "141221", "112214",
    "112412", "122114", "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111",
    "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
    "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311", "113141",
    "114131", "311141", "411131", "211412", "211214", "211232", "2331112",
];

impl Code128 {
    /// Encodes printable ASCII.
    ///
    /// # Errors
    /// An empty or too long text, or another character.
    pub fn encode(text: &str) -> Result<Self, Code128Error> {
        if let Some((index, found)) = text.chars().enumerate().find(|(_, char)| !matches!(char, ' '..='~')) {
            return Err(Code128Error::Character { found, place: index + 1 });
        }
        match text.len() {
            0 => return Err(Code128Error::Empty),
            found if found > LONGEST => return Err(Code128Error::TooLong { found }),
            _ => {}
        }
        let mut symbols = data_symbols(text.as_bytes());
        let sum = symbols
            .iter()
            .zip(0_u32..)
            .fold(0, |sum, (&symbol, place)| sum + u32::from(symbol) * place.max(1));
        symbols.extend(u8::try_from(sum % 103));
        symbols.push(STOP);
        Ok(Self { symbols })
    }

    /// Widths in modules, bar and space in turn, beginning and ending with a bar.
    #[must_use]
    pub fn widths(&self) -> Vec<u8> {
        self.symbols
            .iter()
            .filter_map(|&symbol| WIDTHS.get(usize::from(symbol)))
            .flat_map(|widths| widths.bytes().map(|width| width - b'0'))
            .collect()
    }

    /// So many equal lines of block characters, two modules to a character, white margins included.
    #[must_use]
    pub fn lines(&self, height: usize) -> Vec<String> {
        let mut modules = vec![false; QUIET];
        let mut bar = true;
        for width in self.widths() {
            modules.extend(std::iter::repeat_n(bar, usize::from(width)));
            bar = !bar;
        }
        modules.extend([false; QUIET]);
        let line: String = modules
            .chunks(2)
            .map(|pair| match (pair.first() == Some(&true), pair.get(1) == Some(&true)) {
                (true, true) => '█',
                (true, false) => '▌',
                (false, true) => '▐',
                (false, false) => ' ',
            })
            .collect();
        vec![line; height]
    }

    /// The ESC/POS command that prints it: height and module width in dots, then `GS k` 73. The
    /// printer adds start, check symbol and stop.
    #[must_use]
    pub fn escpos(&self, height: u8, module: u8) -> Vec<u8> {
        let mut data = Vec::new();
        let mut in_c = false;
        let inner = self.symbols.split_last_chunk::<2>().map_or(&[][..], |(inner, _)| inner);
        for &symbol in inner {
            match symbol {
                START_C => in_c = true,
                START_B => in_c = false,
                TO_C if !in_c => in_c = true,
                TO_B if in_c => in_c = false,
                _ => {
                    match (in_c, symbol + b' ') {
                        (true, _) => data.push(symbol),
                        // The brace opens the printer's own codes and is doubled to mean itself.
                        (false, b'{') => data.extend(b"{{"),
                        (false, char) => data.push(char),
                    }
                    continue;
                }
            }
            data.extend(if in_c { b"{C" } else { b"{B" });
        }
        let mut command = vec![0x1d, b'h', height.max(1), 0x1d, b'w', module.clamp(2, 6), 0x1d, b'k', 73];
        // At most a set change for every two characters: LONGEST keeps it under a byte's range.
        command.push(u8::try_from(data.len()).unwrap_or(u8::MAX));
        command.extend(data);
        command
    }
}

/// The start and the data, with changes between the sets.
fn data_symbols(text: &[u8]) -> Vec<u8> {
    let mut symbols = Vec::with_capacity(text.len() + 4);
    let mut in_c = false;
    let mut rest = text;
    while let Some((&first, behind)) = rest.split_first() {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let at_start = symbols.is_empty();
        let pays = match (at_start, digits == rest.len()) {
            (true, true) => digits >= 4 || digits == 2,
            (true, false) | (false, true) => digits >= 4,
            (false, false) => digits >= 6,
        };
        // An odd run leaves its first digit to B, or its last one where the code starts with it.
        if pays && (at_start || digits.is_multiple_of(2)) {
            symbols.push(if at_start { START_C } else { TO_C });
            in_c = true;
            let (run, after) = rest.split_at(digits - digits % 2);
            symbols.extend(run.chunks_exact(2).map(|pair| match pair {
                [tens, ones] => (tens - b'0') * 10 + (ones - b'0'),
                _ => 0,
            }));
            rest = after;
            continue;
        }
        if at_start {
            symbols.push(START_B);
        } else if in_c {
            symbols.push(TO_B);
        }
        in_c = false;
        symbols.push(first - b' ');
        rest = behind;
    }
    symbols
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::collections::HashSet;
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;

    /// Reads the bars back as a scanner would; `None` where anything is amiss.
    fn scanned(widths: &[u8]) -> Option<String> {
        let (symbols, stop) = widths.split_at_checked(widths.len().checked_sub(7)?)?;
        let value = |widths: &[u8]| {
            let text: String = widths.iter().map(|width| char::from(b'0' + width)).collect();
            WIDTHS.iter().position(|known| **known == text)
        };
        (value(stop)? == 106).then_some(())?;
        let values: Vec<usize> = symbols.chunks(6).map(value).collect::<Option<_>>()?;
        let (check, data) = values.split_last()?;
        let sum: usize = data.iter().enumerate().map(|(place, value)| place.max(1) * value).sum();
        (sum % 103 == *check).then_some(())?;
        let mut in_c = *data.first()? == 105;
        let mut text = String::new();
        for &value in data.get(1..)? {
            match (in_c, value) {
                (true, 0..=99) => write!(text, "{value:02}").ok()?,
                (true, 100) => in_c = false,
                (false, 99) => in_c = true,
                (false, 0..=94) => text.push(char::from(u8::try_from(value).ok()? + b' ')),
                _ => return None,
            }
        }
        Some(text)
    }

    fn bars(text: &str) -> Code128 {
        Code128::encode(text).unwrap()
    }

    #[test]
    fn the_table_has_the_shape_that_the_standard_demands() {
        assert_eq!(WIDTHS.iter().collect::<HashSet<_>>().len(), 107);
        for widths in &WIDTHS[..106] {
            let digits: Vec<u8> = widths.bytes().map(|byte| byte - b'0').collect();
            assert_eq!(digits.iter().sum::<u8>(), 11, "{widths}");
            assert_eq!(digits.iter().step_by(2).sum::<u8>() % 2, 0, "{widths}");
        }
    }

    #[test]
    fn a_known_text_has_its_known_symbols() {
        assert_eq!(bars("PJJ123C").symbols, [104, 48, 42, 42, 17, 18, 19, 35, 55, 106]);
        assert_eq!(bars("123456").symbols, [105, 12, 34, 56, 44, 106]);
    }

    #[test]
    fn runs_of_digits_take_half_the_room() {
        assert_eq!(bars("42").symbols.len(), 4);
        assert_eq!(bars("123456789").symbols, [105, 12, 34, 56, 78, 100, 25, 79, 106]);
        assert_eq!(bars("A12345").symbols.get(..6), Some(&[104, 33, 17, 99, 23, 45][..]));
        assert_eq!(bars("A1234B").symbols.len(), 9);
        assert!(bars("sevilla-00001234").widths().len() < bars("sevilla-abcdefgh").widths().len());
    }

    #[test]
    fn a_printer_gets_its_command() {
        let mut expected = vec![0x1d, b'h', 80, 0x1d, b'w', 2, 0x1d, b'k', 73, 10];
        expected.extend([123, 66, 78, 111, 46, 123, 67, 12, 34, 56]);
        assert_eq!(bars("No.123456").escpos(80, 2), expected);
        let brace = bars("a{b").escpos(80, 2);
        assert!(brace.ends_with(b"\x06{Ba{{b"));
    }

    #[test]
    fn lines_are_equal_and_keep_a_white_margin() {
        let lines = bars("t-1").lines(3);
        assert_eq!(lines.len(), 3);
        assert!(
            lines
                .iter()
                .all(|line| line == &lines[0] && line.starts_with("     █") && line.ends_with("     "))
        );
        assert_eq!(lines[0].chars().count(), (10 + 5 * 11 + 13 + 10) / 2);
    }

    #[test]
    fn what_no_barcode_can_hold_is_refused() {
        assert_eq!(Code128::encode(""), Err(Code128Error::Empty));
        assert_eq!(Code128::encode("año"), Err(Code128Error::Character { found: 'ñ', place: 2 }));
        assert_eq!(Code128::encode("a\tb"), Err(Code128Error::Character { found: '\t', place: 2 }));
        assert_eq!(Code128::encode(&"x".repeat(81)), Err(Code128Error::TooLong { found: 81 }));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_scanned_back(text in "[ -~]{1,80}", mixed in "([a-z{]{0,3}[0-9]{0,9}){1,6}x") {
            for text in [text, mixed] {
                let code = bars(&text);
                prop_assert_eq!(scanned(&code.widths()), Some(text.clone()));
                let command = code.escpos(80, 2);
                prop_assert_eq!(command.len(), 10 + usize::from(command[9]));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            if let Ok(code) = Code128::encode(&text) {
                let _ = (code.lines(2), code.escpos(0, 255));
            }
        }
    }
}
