//! What is wrong with an amount, in words.

use crate::domain::{Quantity, QuantityError};
use crate::text::Lang;
use crate::text::number::{counted, quantity, with_comma};

/// Puts what is wrong with an amount in words.
#[must_use]
pub fn quantity_error(lang: Lang, error: &QuantityError) -> String {
    match (lang, error) {
        (Lang::Es, QuantityError::NotANumber { text }) => format!("«{text}» no es un número"),
        (Lang::En, QuantityError::NotANumber { text }) => format!("«{text}» is not a number"),
        (Lang::Es, QuantityError::TooManyDecimals { text, decimals: 0 }) => {
            format!("«{}» tiene decimales, y se cuenta por unidades enteras", with_comma(text))
        }
        (Lang::En, QuantityError::TooManyDecimals { text, decimals: 0 }) => {
            format!("«{text}» has decimals, and only whole units are counted")
        }
        (Lang::Es, QuantityError::TooManyDecimals { text, decimals }) => {
            let most = counted(lang, u64::from(*decimals), ("decimal", "decimales"));
            format!("«{}» tiene más de {most}", with_comma(text))
        }
        (Lang::En, QuantityError::TooManyDecimals { text, decimals }) => {
            let most = counted(lang, u64::from(*decimals), ("decimal", "decimals"));
            format!("«{text}» has more than {most}")
        }
        (_, QuantityError::Overflow) => too_large(lang),
        (_, QuantityError::Negative) => {
            lang.pick("la cantidad no puede ser negativa", "the quantity can't be negative").to_owned()
        }
        (_, QuantityError::Zero) => {
            lang.pick("la cantidad no puede ser cero", "the quantity can't be zero").to_owned()
        }
        (_, QuantityError::NotPositive) => {
            lang.pick("la cantidad debe ser mayor que cero", "the quantity must be more than zero").to_owned()
        }
    }
}

/// A quantity beyond what is counted with.
#[must_use]
pub fn too_large(lang: Lang) -> String {
    let most = quantity(lang, Quantity::MAX);
    match lang {
        Lang::Es => format!("la cantidad es demasiado grande: se cuenta hasta {most}"),
        Lang::En => format!("the quantity is too large: at most {most} can be counted"),
    }
}
