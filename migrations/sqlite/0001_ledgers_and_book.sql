-- What one node keeps: every warehouse's ledger as it was written, and the book that follows from them.
--
-- Constraints restate facts of a single origin only: ledgers arrive in any order, so nothing here is unique or
-- referenced across origins. Quantities are thousandths of the product's unit; the views show units. Hybrid times
-- (hlc, sort_key) are milliseconds since 1970 in the upper 48 bits and a counter in the lower 16.
-- A number too large for 64 bits is written as -1, which the constraints refuse.

-- The one process that may write. Every commit first moves this row from its last batch to its next.
CREATE TABLE writer (
    one         INTEGER PRIMARY KEY DEFAULT 1 CONSTRAINT there_is_one_writer CHECK (one = 1),
    -- The warehouse whose node this database belongs to.
    node        TEXT    NOT NULL,
    -- Number of the node's starts.
    incarnation INTEGER NOT NULL DEFAULT 0 CONSTRAINT the_incarnation_is_not_negative CHECK (incarnation >= 0),
    -- Random, made at each start.
    nonce       BLOB,
    -- The last batch committed since that start.
    batch       INTEGER NOT NULL DEFAULT 0 CONSTRAINT the_batch_is_not_negative CHECK (batch >= 0),
    -- The next start gives out hybrid times above this one.
    hlc_ceiling INTEGER NOT NULL DEFAULT 0 CONSTRAINT the_ceiling_is_not_negative CHECK (hlc_ceiling >= 0),
    -- Whether the node has founded its cluster or heard of one.
    joined      INTEGER NOT NULL DEFAULT 0 CONSTRAINT joined_is_yes_or_no CHECK (joined IN (0, 1)),
    -- Own entries up to this seq were confirmed by the broker.
    published   INTEGER NOT NULL DEFAULT 0 CONSTRAINT published_is_not_negative CHECK (published >= 0)
) STRICT, WITHOUT ROWID;

-- All ledgers: one fact a row, never changed. The columns repeat what the bytes say; v_entry shows those as text.
CREATE TABLE entry (
    -- The warehouse that wrote it.
    origin        TEXT    NOT NULL,
    -- Its place in that ledger, gapless from 1.
    seq           INTEGER NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    incarnation   INTEGER NOT NULL CONSTRAINT the_incarnation_is_not_negative CHECK (incarnation >= 0),
    hlc           INTEGER NOT NULL CONSTRAINT the_time_is_in_range CHECK (hlc >= 0),
    kind          TEXT    NOT NULL,
    operator      TEXT    NOT NULL,
    -- The request it answers; command_index is its place among the entries of that request.
    command_id    BLOB    NOT NULL,
    command_index INTEGER NOT NULL CONSTRAINT the_index_is_not_negative CHECK (command_index >= 0),
    -- BLAKE3 of the bytes; the next entry's prev_hash.
    hash          BLOB    NOT NULL CONSTRAINT a_hash_has_32_bytes CHECK (length(hash) = 32),
    prev_hash     BLOB    NOT NULL CONSTRAINT a_previous_hash_has_32_bytes CHECK (length(prev_hash) = 32),
    -- JSON, exactly as its origin wrote it.
    bytes         BLOB    NOT NULL,
    PRIMARY KEY (origin, seq)
) STRICT;
CREATE INDEX entry_by_command ON entry (origin, command_id);

-- The origins' signatures over their chains up to an entry.
CREATE TABLE seal (
    origin    TEXT    NOT NULL,
    seq       INTEGER NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    signature BLOB    NOT NULL CONSTRAINT a_signature_has_64_bytes CHECK (length(signature) = 64),
    PRIMARY KEY (origin, seq)
) STRICT, WITHOUT ROWID;

-- The history: what entries show of themselves, one line per product and lot. v_movement shows it in units.
CREATE TABLE movement (
    origin    TEXT    NOT NULL,
    seq       INTEGER NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    line      INTEGER NOT NULL CONSTRAINT the_line_is_not_negative CHECK (line >= 0),
    kind      TEXT    NOT NULL,
    sku       TEXT    NOT NULL,
    lot       TEXT    NOT NULL,
    -- Change of on hand in thousandths; of a request and its refusals, what was asked for.
    qty       INTEGER NOT NULL,
    -- What was short of it, in thousandths.
    shortage  INTEGER NOT NULL CONSTRAINT a_shortage_is_not_negative CHECK (shortage >= 0),
    -- Its place in the history; larger is later.
    sort_key  INTEGER NOT NULL CONSTRAINT the_place_in_time_is_in_range CHECK (sort_key >= 0),
    -- When it was written, milliseconds since 1970 UTC.
    at_ms     INTEGER NOT NULL,
    hlc       INTEGER NOT NULL CONSTRAINT the_time_is_in_range CHECK (hlc >= 0),
    operator  TEXT    NOT NULL,
    reason    TEXT    NOT NULL,
    reference TEXT    NOT NULL,
    -- The transfer it belongs to, as origin:seq of the entry that began it.
    transfer  TEXT,
    -- The other warehouse of that transfer.
    other     TEXT,
    -- The entry of the same origin that it undoes.
    reverses  INTEGER CONSTRAINT what_is_reversed_has_a_seq CHECK (reverses >= 1),
    -- SKU, lot, reference, reason and operator in lower case, for the text filter.
    search    TEXT    NOT NULL,
    PRIMARY KEY (origin, seq, line),
    CONSTRAINT the_sign_fits_the_kind CHECK (
        CASE kind
            WHEN 'receipt' THEN qty > 0
            WHEN 'issue' THEN qty < 0
            WHEN 'transfer_dispatched' THEN qty < 0
            WHEN 'transfer_received' THEN qty >= 0
            WHEN 'transfer_returned' THEN qty >= 0
            ELSE true
        END
    )
) STRICT, WITHOUT ROWID;
CREATE INDEX movement_by_time ON movement (sort_key, origin, seq, line);
CREATE INDEX movement_by_sku ON movement (sku, sort_key);
CREATE INDEX movement_by_origin ON movement (origin, sort_key);
CREATE INDEX movement_by_kind ON movement (kind, sort_key);
CREATE INDEX movement_by_operator ON movement (operator, sort_key);
CREATE INDEX movement_by_transfer ON movement (transfer, sort_key) WHERE transfer IS NOT NULL;

-- What lies where, in thousandths of the unit. Rows at zero stay: known to be empty. v_stock shows it in units.
CREATE TABLE stock (
    warehouse TEXT    NOT NULL,
    sku       TEXT    NOT NULL,
    -- Empty: no lot.
    lot       TEXT    NOT NULL,
    on_hand   INTEGER NOT NULL CONSTRAINT on_hand_is_never_negative CHECK (on_hand >= 0),
    reserved  INTEGER NOT NULL,
    expiry    TEXT,
    PRIMARY KEY (warehouse, sku, lot),
    CONSTRAINT reserved_lies_between_zero_and_on_hand CHECK (reserved BETWEEN 0 AND on_hand)
) STRICT, WITHOUT ROWID;

-- The catalogue, the same in all warehouses.
CREATE TABLE product (
    sku            TEXT    PRIMARY KEY,
    name           TEXT    NOT NULL,
    unit           TEXT    NOT NULL,
    decimals       INTEGER NOT NULL CONSTRAINT decimals_are_zero_to_three CHECK (decimals BETWEEN 0 AND 3),
    -- GTINs of one unit, as 14 digits.
    barcodes       TEXT    NOT NULL,
    -- Packs with their size in thousandths and their barcode.
    packs          TEXT    NOT NULL,
    category       TEXT    NOT NULL,
    lot_tracked    INTEGER NOT NULL CONSTRAINT lot_tracked_is_yes_or_no CHECK (lot_tracked IN (0, 1)),
    retired        INTEGER NOT NULL CONSTRAINT retired_is_yes_or_no CHECK (retired IN (0, 1)),
    revision       INTEGER NOT NULL CONSTRAINT the_revision_is_not_negative CHECK (revision >= 0),
    -- With defined_seq and defined_hash: an entry that defines it; movements name it.
    defined_origin TEXT    NOT NULL,
    defined_seq    INTEGER NOT NULL CONSTRAINT the_definition_has_a_seq CHECK (defined_seq >= 1),
    defined_hash   BLOB    NOT NULL CONSTRAINT a_hash_has_32_bytes CHECK (length(defined_hash) = 32),
    -- Who wrote each field last (revision origin; - = nobody): name, unit, decimals, barcodes, packs, category, lot
    -- tracking, retired. One for all where they are equal.
    stamps         TEXT    NOT NULL,
    -- The name in lower case, for the text filter.
    search         TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- A warehouse's own rule and shelf for a product; thousandths of the unit. NULL is not set, 0 is a value.
CREATE TABLE reorder_rule (
    warehouse      TEXT    NOT NULL,
    sku            TEXT    NOT NULL,
    reorder_point  INTEGER,
    maximum        INTEGER,
    multiple       INTEGER,
    minimum_order  INTEGER,
    lead_time_days INTEGER,
    shelf          TEXT    NOT NULL,
    PRIMARY KEY (warehouse, sku)
) STRICT, WITHOUT ROWID;

-- Transfers as far as they are known; named by the entry that began them. A step not taken is NULL.
CREATE TABLE transfer (
    origin         TEXT    NOT NULL,
    seq            INTEGER NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    from_warehouse TEXT    NOT NULL,
    to_warehouse   TEXT    NOT NULL,
    -- requested, withdrawal_asked, declined, dispatched, received, rejected or returned.
    state          TEXT    NOT NULL,
    -- When its last step was taken, milliseconds since 1970 UTC.
    changed_ms     INTEGER NOT NULL,
    request        TEXT,
    withdrawal     TEXT,
    decline        TEXT,
    -- mark: entry, time, operator, text; lines: product, lot, expiry, thousandths.
    dispatch       TEXT,
    -- Per line of the dispatch: what arrived, what was short and why.
    receipt        TEXT,
    rejection      TEXT,
    returned       TEXT,
    PRIMARY KEY (origin, seq)
) STRICT, WITHOUT ROWID;

-- Entries that a later entry of the same origin undoes.
CREATE TABLE reversal (
    origin    TEXT    NOT NULL,
    undone    INTEGER NOT NULL CONSTRAINT what_is_undone_has_a_seq CHECK (undone >= 1),
    undone_by INTEGER NOT NULL CONSTRAINT what_undoes_has_a_seq CHECK (undone_by >= 1),
    PRIMARY KEY (origin, undone)
) STRICT, WITHOUT ROWID;

-- How far each ledger is folded into the book.
CREATE TABLE ledger_head (
    origin      TEXT    PRIMARY KEY,
    incarnation INTEGER NOT NULL CONSTRAINT the_incarnation_is_not_negative CHECK (incarnation >= 0),
    seq         INTEGER NOT NULL CONSTRAINT the_head_is_not_negative CHECK (seq >= 0),
    hash        BLOB    NOT NULL CONSTRAINT a_hash_has_32_bytes CHECK (length(hash) = 32),
    hlc         INTEGER NOT NULL CONSTRAINT the_time_is_in_range CHECK (hlc >= 0),
    sort_key    INTEGER NOT NULL CONSTRAINT the_place_in_time_is_in_range CHECK (sort_key >= 0),
    -- Its last sealed entry.
    sealed      INTEGER NOT NULL CONSTRAINT sealed_is_not_negative CHECK (sealed >= 0),
    -- Why nothing behind the head is applied; NULL: it is.
    quarantine  TEXT
) STRICT, WITHOUT ROWID;

-- Alerts that somebody at a warehouse has seen.
CREATE TABLE acknowledged_alert (
    warehouse TEXT    NOT NULL,
    alert     TEXT    NOT NULL,
    operator  TEXT    NOT NULL,
    at_ms     INTEGER NOT NULL,
    PRIMARY KEY (warehouse, alert)
) STRICT, WITHOUT ROWID;

-- The other nodes: the first key seen (Ed25519), the greatest incarnation, when last heard.
CREATE TABLE peer (
    id           TEXT    PRIMARY KEY,
    key          BLOB    CONSTRAINT a_key_has_32_bytes CHECK (length(key) = 32),
    incarnation  INTEGER NOT NULL CONSTRAINT the_incarnation_is_not_negative CHECK (incarnation >= 0),
    last_seen_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What lies where, in units.
CREATE VIEW v_stock AS
SELECT s.warehouse, s.sku, p.name, s.lot, s.expiry,
       s.on_hand / 1000.0 AS on_hand,
       s.reserved / 1000.0 AS reserved,
       (s.on_hand - s.reserved) / 1000.0 AS available,
       p.unit
FROM stock s LEFT JOIN product p ON p.sku = s.sku;

-- The history, in units and readable times. ORDER BY sort_key DESC: newest first.
CREATE VIEW v_movement AS
SELECT strftime('%Y-%m-%dT%H:%M:%fZ', m.at_ms / 1000.0, 'unixepoch') AS at,
       m.origin AS warehouse, m.seq, m.line, m.kind, m.sku, p.name, m.lot,
       m.qty / 1000.0 AS qty,
       m.shortage / 1000.0 AS shortage,
       p.unit, m.operator, m.reason, m.reference, m.transfer, m.other, m.reverses, m.sort_key
FROM movement m LEFT JOIN product p ON p.sku = m.sku;

-- The ledgers, with their bytes as text.
CREATE VIEW v_entry AS
SELECT strftime('%Y-%m-%dT%H:%M:%fZ', (hlc >> 16) / 1000.0, 'unixepoch') AS at,
       origin, seq, incarnation, kind, operator,
       lower(hex(command_id)) AS command_id, command_index,
       lower(hex(hash)) AS hash, CAST(bytes AS TEXT) AS bytes
FROM entry;
