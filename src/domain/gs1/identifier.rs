//! The application identifiers: how many digits each has, and what its value may be.

/// The form of an AI's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Exactly so many digits.
    Digits(usize),
    /// Up to so many digits, ended by a separator.
    UpToDigits(usize),
    /// Six digits, a date.
    Date,
    /// Up to so many characters, ended by a separator.
    Text(usize),
}

/// GS1 lets no value be longer than this.
const LONGEST: usize = 90;

/// The length in digits of the AI that begins with these two, if any does.
///
/// The first two digits decide it in the whole of GS1, so an AI we have no use for can be stepped
/// over instead of spoiling the scan.
pub(super) fn length(first: char, second: char) -> Option<usize> {
    match (first, second) {
        ('0', '0'..='4') | ('1', '0'..='9') | ('2', '0'..='2') | ('3', '0' | '7') | ('9', _) => Some(2),
        ('2', '3'..='5') | ('4', '0'..='2') | ('7', '1') => Some(3),
        ('3', '1'..='6' | '9') | ('4', '3') | ('7', '0' | '2') | ('8', '0'..='2') => Some(4),
        _ => None,
    }
}

/// The form of the value of this AI.
pub(super) fn form(ai: &str) -> Form {
    match ai {
        "00" => Form::Digits(18),
        "01" | "02" | "03" => Form::Digits(14),
        "11" | "12" | "13" | "15" | "16" | "17" => Form::Date,
        "20" => Form::Digits(2),
        "10" | "21" => Form::Text(20),
        "30" | "37" => Form::UpToDigits(8),
        "240" | "241" | "400" => Form::Text(30),
        _ => match ai.get(..2) {
            Some("04") => Form::Digits(16),
            Some("14" | "18" | "19" | "31" | "32" | "33" | "34" | "35" | "36") => Form::Digits(6),
            Some("41") => Form::Digits(13),
            _ => Form::Text(LONGEST),
        },
    }
}

/// Whether GS1 allows the character in a text value (its set of 82).
pub(super) fn allowed(char: char) -> bool {
    char.is_ascii_graphic()
        && !matches!(char, '#' | '$' | '@' | '[' | '\\' | ']' | '^' | '`' | '{' | '|' | '}' | '~')
}
