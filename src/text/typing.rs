//! What is wrong with a typed amount or date, a barcode or a scan, as a sentence.

use super::Lang;
use super::refusal::too_large;
use crate::domain::gs1::ScanError;
use crate::domain::gtin::GtinError;
use crate::domain::typing::{AmountError, DateError};

/// Puts what is wrong with a typed amount in words.
#[must_use]
pub fn amount_error(lang: Lang, error: &AmountError) -> String {
    match (lang, error) {
        (_, AmountError::Empty) => lang.pick("falta la cantidad", "the quantity is missing").to_owned(),
        (Lang::Es, AmountError::Unexpected { found, place }) => {
            format!("«{found}» en el lugar {place} no es parte de una cantidad")
        }
        (Lang::En, AmountError::Unexpected { found, place }) => {
            format!("«{found}» at place {place} is not part of a quantity")
        }
        (_, AmountError::Incomplete) => {
            lang.pick("falta un número al final", "a number is missing at the end").to_owned()
        }
        (Lang::Es, AmountError::Grouping { found, mark, .. }) => {
            format!("«{found}» no separa millares ahí; los decimales se escriben con «{mark}»")
        }
        (Lang::En, AmountError::Grouping { found, mark, .. }) => {
            format!("«{found}» doesn't group thousands there; decimals are written with «{mark}»")
        }
        (_, AmountError::TooManyDecimals { allowed: 0 }) => {
            lang.pick("se cuenta por unidades enteras", "only whole units are counted").to_owned()
        }
        (Lang::Es, AmountError::TooManyDecimals { allowed }) => {
            format!("caben {allowed} decimales como mucho")
        }
        (Lang::En, AmountError::TooManyDecimals { allowed }) => format!("at most {allowed} decimals"),
        (_, AmountError::NoPack) => lang
            .pick("el producto no tiene paquete: escriba unidades", "the product has no pack: type units")
            .to_owned(),
        (_, AmountError::Zero) => {
            lang.pick("la cantidad debe ser mayor que cero", "the quantity must be more than zero").to_owned()
        }
        (_, AmountError::Negative) => {
            lang.pick("la cantidad no puede ser negativa", "the quantity can't be negative").to_owned()
        }
        (_, AmountError::Overflow) => too_large(lang),
    }
}

/// Puts what is wrong with a typed date in words.
#[must_use]
pub fn date_error(lang: Lang, error: &DateError) -> String {
    match (lang, error) {
        (_, DateError::Empty) => lang.pick("falta la fecha", "the date is missing").to_owned(),
        (Lang::Es, DateError::Unreadable { text } | DateError::Format { text, .. }) => {
            format!("«{text}» no es una fecha; valen 17/5/2026, 1705, 202607e (fin de mes), +1m")
        }
        (Lang::En, DateError::Unreadable { text } | DateError::Format { text, .. }) => {
            format!("«{text}» is not a date; 2026-05-17, 0517, 202607e (end of month), +1m will do")
        }
        (Lang::Es, DateError::NoSuchDay { day, month }) => format!("el mes {month} no tiene día {day}"),
        (Lang::En, DateError::NoSuchDay { day, month }) => format!("month {month} has no day {day}"),
        (_, DateError::OutOfRange) => lang
            .pick("el año debe estar entre 1900 y 9999", "the year must lie within 1900 and 9999")
            .to_owned(),
    }
}

/// Puts what is wrong with a barcode number in words.
#[must_use]
pub fn gtin_error(lang: Lang, error: &GtinError) -> String {
    match (lang, error) {
        (Lang::Es, GtinError::Length { expected, found }) => {
            format!("un código de barras tiene {expected} cifras y este tiene {found}")
        }
        (Lang::En, GtinError::Length { expected, found }) => {
            format!("a barcode has {expected} digits, this one has {found}")
        }
        (Lang::Es, GtinError::NotADigit { found, place }) => {
            format!("«{found}» en el lugar {place} no es una cifra")
        }
        (Lang::En, GtinError::NotADigit { found, place }) => {
            format!("«{found}» at place {place} is not a digit")
        }
        (Lang::Es, GtinError::CheckDigit { expected, found }) => {
            format!("el dígito de control es {found} y debería ser {expected}")
        }
        (Lang::En, GtinError::CheckDigit { expected, found }) => {
            format!("the check digit is {found} where {expected} was expected")
        }
        (_, GtinError::Zero) => lang
            .pick("un código solo de ceros no nombra nada", "a barcode of zeros only names nothing")
            .to_owned(),
    }
}

/// Puts what is wrong with a scan in words.
#[must_use]
pub fn scan_error(lang: Lang, error: &ScanError) -> String {
    let Lang::Es = lang else {
        return error.to_string();
    };
    match error {
        ScanError::Barcode(reason) => format!("no es un código de barras: {}", gtin_error(lang, reason)),
        ScanError::Nothing => "la lectura está vacía".to_owned(),
        ScanError::UnknownAi { ai, place } => {
            format!("{ai:?} en el lugar {place} no es un identificador de aplicación")
        }
        ScanError::Empty { ai, place } => format!("IA {ai}: falta el valor en el lugar {place}"),
        ScanError::Length { ai, place, expected, found } => {
            format!("IA {ai}: se esperaban {expected} caracteres desde el lugar {place} y hay {found}")
        }
        ScanError::TooLong { ai, place, limit, found } => {
            format!("IA {ai}: caben {limit} caracteres desde el lugar {place} y hay {found}")
        }
        ScanError::Character { ai, place, found } => {
            format!("IA {ai}: {found:?} en el lugar {place} no se admite")
        }
        ScanError::Number { ai, place, reason } => {
            format!("IA {ai} en el lugar {place}: {}", gtin_error(lang, reason))
        }
        ScanError::Date { ai, place, value } => {
            format!("IA {ai} en el lugar {place}: {value} no es una fecha (AAMMDD)")
        }
        ScanError::Repeated { ai, place } => {
            format!("IA {ai} se repite en el lugar {place} con otro valor")
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::domain::gs1::{Scan, read_scan};
    use crate::domain::gtin::Gtin;

    #[test]
    fn a_wrong_barcode_is_told_in_both_languages() {
        let error = Gtin::parse("5901234123458").unwrap_err();
        assert_eq!(gtin_error(Lang::Es, &error), "el dígito de control es 8 y debería ser 7");
        assert_eq!(gtin_error(Lang::En, &error), "the check digit is 8 where 7 was expected");
        let today = chrono::NaiveDate::from_ymd_opt(2026, 5, 1).unwrap();
        let Scan::Refused(error) = read_scan("(01)20611628936005", today) else {
            unreachable!("a wrong check digit in an element string is refused")
        };
        assert!(scan_error(Lang::Es, &error).starts_with("IA 01 en el lugar"));
    }
}
