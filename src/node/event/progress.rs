//! How far what is still to come has come: the others' ledgers, and the own one where it was lost.

use serde::{Deserialize, Serialize};

use crate::domain::WarehouseId;

/// One of the others' ledgers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerView {
    /// Whose.
    pub warehouse: WarehouseId,
    /// How many of its entries are here.
    pub entries: u64,
    /// How many it is known to have.
    pub of: u64,
}

/// The others' ledgers while much of them is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatchingUp {
    /// Each of them, also those that are whole.
    pub ledgers: Vec<LedgerView>,
    /// Entries that came within a second, of late.
    pub per_second: u64,
    /// How long the rest takes at that rate; none while nothing comes.
    pub seconds_left: Option<u64>,
}

impl CatchingUp {
    /// How many entries are here.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.ledgers.iter().fold(0, |sum, ledger| sum.saturating_add(ledger.entries))
    }

    /// How many there are.
    #[must_use]
    pub fn of(&self) -> u64 {
        self.ledgers.iter().fold(0, |sum, ledger| sum.saturating_add(ledger.of))
    }

    /// That in whole percent, rounded down: all is 100 only when nothing is missing.
    #[must_use]
    pub fn percent(&self) -> u64 {
        let percent = u128::from(self.entries()) * 100 / u128::from(self.of().max(1));
        u64::try_from(percent).unwrap_or(100)
    }

    /// A warehouse's ledger, where some of it is missing.
    #[must_use]
    pub fn unfinished(&self, warehouse: &WarehouseId) -> Option<&LedgerView> {
        self.ledgers.iter().find(|ledger| ledger.warehouse == *warehouse && ledger.entries < ledger.of)
    }
}

/// Getting the own ledger back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryView {
    /// How many warehouses were asked what they hold of it.
    pub asked: u64,
    /// How many of them have answered.
    pub answered: u64,
    /// How many own entries are here.
    pub entries: u64,
    /// How many the answers tell of.
    pub of: u64,
}
