//! The transfers that stand when the demonstration begins: one at least in every state.

use std::collections::BTreeMap;

use super::error::DataError;
use super::warehouse;
use crate::domain::{Quantity, ShortageReason, Sku, TransferId, TransferState};
use crate::ledger::act::{Act, ArrivalLine, TakeLine};

/// Reference and units.
type Lines = &'static [(&'static str, i64)];

/// A step of the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The place of the warehouse that takes it.
    pub at: usize,
    /// The transfer, as the script names it.
    pub transfer: &'static str,
    /// What is done.
    pub deed: Deed,
}

/// What is done in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Ask the warehouse at that place.
    Ask {
        /// Who is asked.
        from: usize,
        /// What for.
        lines: Lines,
        /// Why.
        reference: &'static str,
    },
    /// Withdraw the request.
    Withdraw,
    /// Decline the request.
    Decline(&'static str),
    /// Send unasked to the warehouse at that place.
    Send {
        /// Where to.
        to: usize,
        /// What.
        lines: Lines,
        /// Why.
        reference: &'static str,
    },
    /// Send what was asked for.
    Answer,
    /// Take all in.
    TakeIn,
    /// Take in what came, less than was sent of one product: (reference, units that came, why).
    TakeInShort(&'static str, i64, ShortageReason),
    /// Refuse the goods.
    Reject(&'static str),
    /// Take the refused goods back.
    TakeBack,
}

const fn step(at: usize, transfer: &'static str, deed: Deed) -> Step {
    Step { at, transfer, deed }
}

/// The whole script, in order. A step whose warehouses don't all take part is left out.
const STEPS: &[Step] = &[
    step(
        1,
        "received",
        Deed::Ask { from: 0, lines: &[("CH-AV-L", 20), ("GU-NIT-L", 10)], reference: "Obra Cartuja" },
    ),
    step(0, "received", Deed::Answer),
    step(1, "received", Deed::TakeIn),
    step(
        0,
        "short",
        Deed::Send { to: 1, lines: &[("GE-HID-500", 12), ("CA-BL", 5)], reference: "Ruta sur, semanal" },
    ),
    step(1, "short", Deed::TakeInShort("GE-HID-500", 10, ShortageReason::Damaged)),
    step(1, "returned", Deed::Send { to: 0, lines: &[("GU-ANT-9", 12)], reference: "Exceso de existencias" }),
    step(0, "returned", Deed::Reject("talla equivocada")),
    step(1, "returned", Deed::TakeBack),
    step(0, "rejected", Deed::Send { to: 1, lines: &[("AB-MIN", 40)], reference: "Ruta sur, semanal" }),
    step(1, "rejected", Deed::Reject("sacos mojados")),
    step(0, "declined", Deed::Ask { from: 1, lines: &[("BO-S3-42", 6)], reference: "Cliente en mostrador" }),
    step(1, "declined", Deed::Decline("reservado para el hospital Macarena")),
    step(1, "withdrawn", Deed::Ask { from: 0, lines: &[("MA-FFP2", 12)], reference: "Campaña de otoño" }),
    step(1, "withdrawn", Deed::Withdraw),
    step(0, "asked by the first", Deed::Ask { from: 1, lines: &[("GA-INC", 12)], reference: "Obra M-40" }),
    step(
        1,
        "asked of the first",
        Deed::Ask { from: 0, lines: &[("AL-70", 15)], reference: "Clínica Triana" },
    ),
    step(
        1,
        "on the road to the first",
        Deed::Send { to: 0, lines: &[("GU-ANT-9", 8), ("MA-FFP2", 5)], reference: "Retorno de feria" },
    ),
    step(
        0,
        "on the road from the first",
        Deed::Send { to: 1, lines: &[("GU-NIT-L", 20)], reference: "Ruta sur, semanal" },
    ),
    step(2, "second short", Deed::Send { to: 0, lines: &[("GA-INC", 10)], reference: "Ruta levante" }),
    step(0, "second short", Deed::TakeInShort("GA-INC", 9, ShortageReason::Missing)),
    step(0, "on the road to the third", Deed::Send { to: 2, lines: &[("CA-BL", 10)], reference: "Puerto" }),
    step(2, "asked by the third", Deed::Ask { from: 0, lines: &[("CH-AV-L", 15)], reference: "Puerto" }),
    step(
        2,
        "third received",
        Deed::Ask { from: 1, lines: &[("GE-HID-500", 6)], reference: "Residencia El Saler" },
    ),
    step(1, "third received", Deed::Answer),
    step(2, "third received", Deed::TakeIn),
];

/// The steps in which these many warehouses can take part, in order.
pub fn steps(warehouses: usize) -> impl Iterator<Item = &'static Step> {
    let takes_part = move |transfer: &str| {
        let mut all = STEPS.iter().filter(|step| step.transfer == transfer);
        all.all(|step| step.at < warehouses && step.deed.other().is_none_or(|other| other < warehouses))
    };
    STEPS.iter().filter(move |step| takes_part(step.transfer))
}

/// The transfers begun so far, by the script's names.
pub type Begun = BTreeMap<&'static str, TransferId>;

impl Step {
    /// The act, once the transfers before it are known by their ids.
    ///
    /// # Errors
    /// When the transfer was not begun yet.
    pub fn act(&self, begun: &Begun) -> Result<Act, DataError> {
        let id = || begun.get(self.transfer).cloned().ok_or(DataError::NoTransfer(self.transfer));
        Ok(match self.deed {
            Deed::Ask { from, lines, reference } => Act::RequestTransfer {
                from: warehouse(from)?,
                lines: taken(lines)?,
                reference: reference.to_owned(),
                // The first days are told before anybody can vote.
                unlocked: true,
                judged: Vec::new(),
            },
            Deed::Send { to, lines, reference } => {
                Act::Send { to: warehouse(to)?, lines: taken(lines)?, reference: reference.to_owned() }
            }
            Deed::Withdraw => Act::AskWithdrawal { transfer: id()? },
            Deed::Decline(reason) => Act::Decline { transfer: id()?, reason: reason.to_owned() },
            Deed::Answer => Act::SendRequested { transfer: id()?, lines: None, reference: String::new() },
            Deed::TakeIn => Act::TakeIn { transfer: id()?, lines: Vec::new() },
            Deed::TakeInShort(sku, units, reason) => {
                let arrived = Quantity::units(units)?;
                let line = ArrivalLine { sku: Sku::new(sku)?, lot: None, arrived, reason: Some(reason) };
                Act::TakeIn { transfer: id()?, lines: vec![line] }
            }
            Deed::Reject(reason) => Act::Reject { transfer: id()?, reason: reason.to_owned() },
            Deed::TakeBack => Act::TakeBack { transfer: id()?, lines: Vec::new() },
        })
    }

    /// The state in which the transfer must be seen before; none where the step begins it.
    #[must_use]
    pub const fn after(&self) -> Option<TransferState> {
        match self.deed {
            Deed::Ask { .. } | Deed::Send { .. } => None,
            Deed::Withdraw | Deed::Decline(_) | Deed::Answer => Some(TransferState::Requested),
            Deed::TakeIn | Deed::TakeInShort(..) | Deed::Reject(_) => Some(TransferState::Dispatched),
            Deed::TakeBack => Some(TransferState::Rejected),
        }
    }
}

impl Deed {
    /// The place of the other warehouse, where the deed names one.
    #[must_use]
    pub const fn other(&self) -> Option<usize> {
        match *self {
            Self::Ask { from: other, .. } | Self::Send { to: other, .. } => Some(other),
            _ => None,
        }
    }
}

fn taken(lines: Lines) -> Result<Vec<TakeLine>, DataError> {
    let line = |&(sku, units): &(&str, i64)| -> Result<TakeLine, DataError> {
        Ok(TakeLine { sku: Sku::new(sku)?, lot: None, qty: Quantity::units(units)? })
    };
    lines.iter().map(line).collect()
}
