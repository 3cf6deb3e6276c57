//! The identity of an imported row: the same row of the same file is the same act, so it is never booked twice.

use uuid::Uuid;

use super::Kind;
use crate::domain::{Sku, WarehouseId};
use crate::ledger::Hash;

/// Names of imported rows are made in this space; it never changes.
const NAMESPACE: Uuid = Uuid::from_u128(0x7b0e_3c52_91d4_5f0a_8c4e_2d6f_a1b3_0c97);

/// Makes the ids of one import.
#[derive(Debug, Clone)]
pub struct Identity {
    warehouse: WarehouseId,
    kind: Kind,
    file: Hash,
}

impl Identity {
    /// Of a file that is imported into a warehouse.
    #[must_use]
    pub const fn new(warehouse: WarehouseId, kind: Kind, file: Hash) -> Self {
        Self { warehouse, kind, file }
    }

    /// Of a row: by the value of `--ref-column`, else by the file's content and the line.
    #[must_use]
    pub fn row(&self, reference: Option<&str>, line: u64) -> Uuid {
        match reference {
            Some(reference) => self.make(&["ref", reference]),
            None => self.make(&["file", &self.file.to_string(), &line.to_string()]),
        }
    }

    /// Of what goes with a product's rows: its lots tracked, its shelf.
    #[must_use]
    pub fn of_product(&self, what: &str, sku: &Sku) -> Uuid {
        self.make(&[what, &self.file.to_string(), sku.as_str()])
    }

    fn make(&self, parts: &[&str]) -> Uuid {
        // Names hold no control characters, so the parts can't run into each other.
        let name = [&[self.warehouse.as_str(), self.kind.word()], parts].concat().join("\0");
        Uuid::new_v5(&NAMESPACE, name.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_row_has_one_id_for_ever_and_another_in_another_file_line_kind_or_warehouse() {
        let of = |warehouse: &str, kind, bytes: &[u8]| {
            Identity::new(WarehouseId::new(warehouse).unwrap(), kind, Hash::of(bytes))
        };
        let id = of("madrid", Kind::Stock, b"x").row(None, 2);
        assert_eq!(id.to_string(), "58cb4d2e-7111-5395-a5e6-9ef5f76ac733");
        assert_eq!(of("madrid", Kind::Stock, b"x").row(None, 2), id);
        for other in [
            of("sevilla", Kind::Stock, b"x").row(None, 2),
            of("madrid", Kind::Rules, b"x").row(None, 2),
            of("madrid", Kind::Stock, b"y").row(None, 2),
            of("madrid", Kind::Stock, b"x").row(None, 3),
            of("madrid", Kind::Stock, b"x").row(Some("2"), 2),
        ] {
            assert_ne!(other, id);
        }
        let by_reference = |bytes: &[u8], line| of("madrid", Kind::Stock, bytes).row(Some("R-1"), line);
        assert_eq!(by_reference(b"x", 2), by_reference(b"y", 9));
    }
}
