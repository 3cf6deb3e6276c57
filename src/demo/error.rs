//! What can go wrong with a demonstration, and how it is said.

use std::io;

use thiserror::Error;

use crate::domain::gtin::GtinError;
use crate::domain::{NameError, QuantityError, Refusal, WarehouseId};
use crate::text::{self, Lang};

/// Sample data that can't be what it should be; it is fixed, so this happens to no one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DataError {
    /// A name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A quantity.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// A barcode.
    #[error(transparent)]
    Gtin(#[from] GtinError),
    /// A step of the script that speaks of a transfer before it was begun.
    #[error("the script has no transfer «{0}» at that point")]
    NoTransfer(&'static str),
}

/// Why a demonstration can't go on.
#[derive(Debug, Error)]
pub enum DemoError {
    /// The sample data.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A node refused an act.
    #[error("{warehouse} refused: {refusal}")]
    Refused {
        /// Which node.
        warehouse: WarehouseId,
        /// Why.
        refusal: Refusal,
    },
    /// A node had no answer to a question.
    #[error("{warehouse} has no answer: {why}")]
    NoAnswer {
        /// Which node.
        warehouse: WarehouseId,
        /// Why, in words.
        why: String,
    },
    /// A node ended.
    #[error("the node of {warehouse} ended: {why}")]
    Ended {
        /// Which node.
        warehouse: WarehouseId,
        /// Why, in words; may be empty.
        why: String,
    },
    /// Something was not seen in time.
    #[error("{warehouse} did not see in time: {what}")]
    TooLate {
        /// Which node.
        warehouse: WarehouseId,
        /// What was waited for.
        what: &'static str,
    },
    /// The nodes hold different pictures and did not come together in time.
    #[error("the warehouses did not agree within {seconds} s: {first} and {other} differ on {what}")]
    Disagree {
        /// One node.
        first: WarehouseId,
        /// The other.
        other: WarehouseId,
        /// A product or transfer on which they differ.
        what: String,
        /// How long they had, in seconds.
        seconds: u64,
    },
    /// The story needs two at least.
    #[error("the demo needs at least two warehouses")]
    TooFew,
    /// What was to be told could not be written.
    #[error(transparent)]
    Output(#[from] io::Error),
}

impl From<NameError> for DemoError {
    fn from(error: NameError) -> Self {
        Self::Data(error.into())
    }
}

impl From<QuantityError> for DemoError {
    fn from(error: QuantityError) -> Self {
        Self::Data(error.into())
    }
}

impl DemoError {
    /// A stable word for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Data(_) => "demo_data",
            Self::Refused { .. } => "demo_refused",
            Self::NoAnswer { .. } => "no_answer",
            Self::Ended { .. } => "node_gone",
            Self::TooLate { .. } => "too_late",
            Self::Disagree { .. } => "disagree",
            Self::TooFew => "too_few_warehouses",
            Self::Output(_) => "output",
        }
    }

    /// The sentence for people.
    #[must_use]
    pub fn sentence(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return match self {
                Self::Refused { warehouse, refusal } => {
                    format!("{warehouse} refused: {}", text::refusal(lang, refusal).message)
                }
                other => other.to_string(),
            };
        }
        match self {
            Self::Refused { warehouse, refusal } => {
                format!("{warehouse} no lo admite: {}", text::refusal(lang, refusal).message)
            }
            Self::NoAnswer { warehouse, why } => format!("{warehouse} no tiene respuesta: {why}"),
            Self::Ended { warehouse, why } => format!("el nodo de {warehouse} ha terminado: {why}"),
            Self::TooLate { warehouse, what } => format!("{warehouse} no ha visto a tiempo: {what}"),
            Self::Disagree { first, other, what, seconds } => {
                format!("los almacenes no coinciden tras {seconds} s: {first} y {other} difieren en {what}")
            }
            Self::TooFew => "la demo necesita al menos dos almacenes".to_owned(),
            Self::Data(error) => error.to_string(),
            Self::Output(error) => error.to_string(),
        }
    }
}
