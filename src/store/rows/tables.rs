//! The tables that batches are written to: names and kinds of their columns, and how many of them are the key.

use super::super::bulk::Kind::{Bool, Bytes, Date, Int, Json, Text, Uuid};
use super::super::bulk::{Known, Table};

pub(super) static ENTRY: Table = Table {
    name: "entry",
    columns: &[
        ("origin", Text),
        ("seq", Int),
        ("incarnation", Int),
        ("hlc", Int),
        ("kind", Text),
        ("operator", Text),
        ("command_id", Uuid),
        ("command_index", Int),
        ("hash", Bytes),
        ("prev_hash", Bytes),
        ("bytes", Bytes),
    ],
    key: 2,
    known: Known::Stays,
};

pub(super) static SEAL: Table = Table {
    name: "seal",
    columns: &[("origin", Text), ("seq", Int), ("signature", Bytes)],
    key: 2,
    known: Known::Stays,
};

pub(super) static MOVEMENT: Table = Table {
    name: "movement",
    columns: &[
        ("origin", Text),
        ("seq", Int),
        ("line", Int),
        ("kind", Text),
        ("sku", Text),
        ("lot", Text),
        ("qty", Int),
        ("shortage", Int),
        ("sort_key", Int),
        ("at_ms", Int),
        ("hlc", Int),
        ("operator", Text),
        ("reason", Text),
        ("reference", Text),
        ("transfer", Text),
        ("other", Text),
        ("reverses", Int),
        ("search", Text),
    ],
    key: 3,
    known: Known::Changes,
};

pub(super) static STOCK: Table = Table {
    name: "stock",
    columns: &[
        ("warehouse", Text),
        ("sku", Text),
        ("lot", Text),
        ("on_hand", Int),
        ("reserved", Int),
        ("expiry", Date),
    ],
    key: 3,
    known: Known::Changes,
};

pub(super) static PRODUCT: Table = Table {
    name: "product",
    columns: &[
        ("sku", Text),
        ("name", Text),
        ("unit", Text),
        ("decimals", Int),
        ("barcodes", Json),
        ("packs", Json),
        ("category", Text),
        ("lot_tracked", Bool),
        ("retired", Bool),
        ("revision", Int),
        ("defined_origin", Text),
        ("defined_seq", Int),
        ("defined_hash", Bytes),
        ("stamps", Text),
        ("search", Text),
    ],
    key: 1,
    known: Known::Changes,
};

pub(super) static REORDER_RULE: Table = Table {
    name: "reorder_rule",
    columns: &[
        ("warehouse", Text),
        ("sku", Text),
        ("reorder_point", Int),
        ("maximum", Int),
        ("multiple", Int),
        ("minimum_order", Int),
        ("lead_time_days", Int),
        ("shelf", Text),
        ("lead_time_deviation_days", Int),
        ("service_level", Text),
    ],
    key: 2,
    known: Known::Changes,
};

pub(super) static TRANSFER: Table = Table {
    name: "transfer",
    columns: &[
        ("origin", Text),
        ("seq", Int),
        ("from_warehouse", Text),
        ("to_warehouse", Text),
        ("state", Text),
        ("changed_ms", Int),
        ("request", Json),
        ("withdrawal", Json),
        ("decline", Json),
        ("dispatch", Json),
        ("receipt", Json),
        ("rejection", Json),
        ("returned", Json),
    ],
    key: 2,
    known: Known::Changes,
};

pub(super) static RESERVATION: Table = Table {
    name: "reservation",
    columns: &[
        ("origin", Text),
        ("seq", Int),
        ("sku", Text),
        ("lot", Text),
        ("qty", Int),
        ("issued", Int),
        ("released", Int),
        ("cut_seq", Int),
        ("cut_ms", Int),
        ("cut_qty", Int),
        ("purpose", Text),
        ("until_day", Date),
        ("closed", Bool),
    ],
    key: 2,
    known: Known::Changes,
};

pub(super) static EXPECTED_RECEIPT: Table = Table {
    name: "expected_receipt",
    columns: &[
        ("origin", Text),
        ("seq", Int),
        ("sku", Text),
        ("qty", Int),
        ("received", Int),
        ("due", Date),
        ("reference", Text),
        ("closed", Bool),
    ],
    key: 2,
    known: Known::Changes,
};

pub(super) static REVERSAL: Table = Table {
    name: "reversal",
    columns: &[("origin", Text), ("undone", Int), ("undone_by", Int)],
    key: 2,
    known: Known::Changes,
};

pub(super) static LEDGER_HEAD: Table = Table {
    name: "ledger_head",
    columns: &[
        ("origin", Text),
        ("incarnation", Int),
        ("seq", Int),
        ("hash", Bytes),
        ("hlc", Int),
        ("sort_key", Int),
        ("sealed", Int),
        ("quarantine", Text),
    ],
    key: 1,
    known: Known::Changes,
};

pub(super) static ACKNOWLEDGED_ALERT: Table = Table {
    name: "acknowledged_alert",
    columns: &[("warehouse", Text), ("alert", Text), ("operator", Text), ("at_ms", Int)],
    key: 2,
    known: Known::Changes,
};

pub(super) static DECREE: Table = Table {
    name: "decree",
    columns: &[
        ("founding", Bytes),
        ("version", Int),
        ("decree", Bytes),
        ("change", Json),
        ("origin", Text),
        ("seq", Int),
        ("hash", Bytes),
        ("hlc", Int),
        ("proven", Bool),
    ],
    key: 3,
    known: Known::Changes,
};

pub(super) static PEER: Table = Table {
    name: "peer",
    columns: &[("id", Text), ("key", Bytes), ("incarnation", Int), ("last_seen_ms", Int)],
    key: 1,
    known: Known::Changes,
};

pub(super) static SNAPSHOT: Table = Table {
    name: "snapshot",
    columns: &[
        ("origin", Text),
        ("seq", Int),
        ("hash", Bytes),
        ("begun_ms", Int),
        ("operator", Text),
        ("expected", Json),
        ("closed_by", Int),
        ("closed_ms", Int),
        ("cut", Json),
        ("missing", Json),
    ],
    key: 2,
    known: Known::Changes,
};

pub(super) static SNAPSHOT_MARKER: Table = Table {
    name: "snapshot_marker",
    columns: &[
        ("origin", Text),
        ("seq", Int),
        ("warehouse", Text),
        ("incarnation", Int),
        ("marker_seq", Int),
        ("marker_hash", Bytes),
        ("cut", Json),
        ("claimed", Bytes),
        ("computed", Bytes),
    ],
    key: 3,
    known: Known::Changes,
};

pub(super) static SNAPSHOT_PART: Table = Table {
    name: "snapshot_part",
    columns: &[("origin", Text), ("seq", Int), ("warehouse", Text), ("listing", Bytes)],
    key: 3,
    known: Known::Changes,
};
