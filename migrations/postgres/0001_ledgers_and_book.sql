-- What one node keeps: every warehouse's ledger as it was written, and the book that follows from them.
--
-- Constraints restate facts of a single origin only: ledgers arrive in any order, so nothing here is unique or
-- referenced across origins. Quantities are thousandths of the product's unit; the views show units. Hybrid times
-- (hlc, sort_key) are milliseconds since 1970 in the upper 48 bits and a counter in the lower 16.
-- A number too large for bigint is written as -1, which the constraints refuse.

CREATE TABLE writer (
    one         bigint  PRIMARY KEY DEFAULT 1 CONSTRAINT there_is_one_writer CHECK (one = 1),
    node        text    COLLATE "C" NOT NULL,
    incarnation bigint  NOT NULL DEFAULT 0 CONSTRAINT the_incarnation_is_not_negative CHECK (incarnation >= 0),
    nonce       uuid,
    batch       bigint  NOT NULL DEFAULT 0 CONSTRAINT the_batch_is_not_negative CHECK (batch >= 0),
    hlc_ceiling bigint  NOT NULL DEFAULT 0 CONSTRAINT the_ceiling_is_not_negative CHECK (hlc_ceiling >= 0),
    joined      boolean NOT NULL DEFAULT false,
    published   bigint  NOT NULL DEFAULT 0 CONSTRAINT published_is_not_negative CHECK (published >= 0)
);
COMMENT ON TABLE writer IS 'The one process that may write. Every commit first moves this row from its last batch to its next.';
COMMENT ON COLUMN writer.node IS 'The warehouse whose node this database belongs to.';
COMMENT ON COLUMN writer.incarnation IS 'Number of the node''s starts.';
COMMENT ON COLUMN writer.nonce IS 'Random, made at each start.';
COMMENT ON COLUMN writer.batch IS 'The last batch committed since that start.';
COMMENT ON COLUMN writer.hlc_ceiling IS 'The next start gives out hybrid times above this one.';
COMMENT ON COLUMN writer.joined IS 'Whether the node has founded its cluster or heard of one.';
COMMENT ON COLUMN writer.published IS 'Own entries up to this seq were confirmed by the broker.';

CREATE TABLE entry (
    origin        text   COLLATE "C" NOT NULL,
    seq           bigint NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    incarnation   bigint NOT NULL CONSTRAINT the_incarnation_is_not_negative CHECK (incarnation >= 0),
    hlc           bigint NOT NULL CONSTRAINT the_time_is_in_range CHECK (hlc >= 0),
    kind          text   COLLATE "C" NOT NULL,
    operator      text   COLLATE "C" NOT NULL,
    command_id    uuid   NOT NULL,
    command_index bigint NOT NULL CONSTRAINT the_index_is_not_negative CHECK (command_index >= 0),
    hash          bytea  NOT NULL CONSTRAINT a_hash_has_32_bytes CHECK (octet_length(hash) = 32),
    prev_hash     bytea  NOT NULL CONSTRAINT a_previous_hash_has_32_bytes CHECK (octet_length(prev_hash) = 32),
    bytes         bytea  NOT NULL,
    PRIMARY KEY (origin, seq)
);
CREATE INDEX entry_by_command ON entry (origin, command_id);
COMMENT ON TABLE entry IS 'All ledgers: one fact a row, never changed. The columns repeat what the bytes say; v_entry shows those as text.';
COMMENT ON COLUMN entry.origin IS 'The warehouse that wrote it.';
COMMENT ON COLUMN entry.seq IS 'Its place in that ledger, gapless from 1.';
COMMENT ON COLUMN entry.command_id IS 'The request it answers; command_index is its place among the entries of that request.';
COMMENT ON COLUMN entry.hash IS 'BLAKE3 of the bytes; the next entry''s prev_hash.';
COMMENT ON COLUMN entry.bytes IS 'JSON, exactly as its origin wrote it.';

CREATE TABLE seal (
    origin    text   COLLATE "C" NOT NULL,
    seq       bigint NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    signature bytea  NOT NULL CONSTRAINT a_signature_has_64_bytes CHECK (octet_length(signature) = 64),
    PRIMARY KEY (origin, seq)
);
COMMENT ON TABLE seal IS 'The origins'' signatures over their chains up to an entry.';

CREATE TABLE movement (
    origin    text   COLLATE "C" NOT NULL,
    seq       bigint NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    line      bigint NOT NULL CONSTRAINT the_line_is_not_negative CHECK (line >= 0),
    kind      text   COLLATE "C" NOT NULL,
    sku       text   COLLATE "C" NOT NULL,
    lot       text   COLLATE "C" NOT NULL,
    qty       bigint NOT NULL,
    shortage  bigint NOT NULL CONSTRAINT a_shortage_is_not_negative CHECK (shortage >= 0),
    sort_key  bigint NOT NULL CONSTRAINT the_place_in_time_is_in_range CHECK (sort_key >= 0),
    at_ms     bigint NOT NULL,
    hlc       bigint NOT NULL CONSTRAINT the_time_is_in_range CHECK (hlc >= 0),
    operator  text   COLLATE "C" NOT NULL,
    reason    text   COLLATE "C" NOT NULL,
    reference text   COLLATE "C" NOT NULL,
    transfer  text   COLLATE "C",
    other     text   COLLATE "C",
    reverses  bigint CONSTRAINT what_is_reversed_has_a_seq CHECK (reverses >= 1),
    search    text   COLLATE "C" NOT NULL,
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
);
CREATE INDEX movement_by_time ON movement (sort_key, origin, seq, line);
CREATE INDEX movement_by_sku ON movement (sku, sort_key);
CREATE INDEX movement_by_origin ON movement (origin, sort_key);
CREATE INDEX movement_by_kind ON movement (kind, sort_key);
CREATE INDEX movement_by_operator ON movement (operator, sort_key);
CREATE INDEX movement_by_transfer ON movement (transfer, sort_key) WHERE transfer IS NOT NULL;
COMMENT ON TABLE movement IS 'The history: what entries show of themselves, one line per product and lot. v_movement shows it in units.';
COMMENT ON COLUMN movement.qty IS 'Change of on hand in thousandths; of a request and its refusals, what was asked for.';
COMMENT ON COLUMN movement.shortage IS 'What was short of it, in thousandths.';
COMMENT ON COLUMN movement.sort_key IS 'Its place in the history; larger is later.';
COMMENT ON COLUMN movement.at_ms IS 'When it was written, milliseconds since 1970 UTC.';
COMMENT ON COLUMN movement.transfer IS 'The transfer it belongs to, as origin:seq of the entry that began it.';
COMMENT ON COLUMN movement.other IS 'The other warehouse of that transfer.';
COMMENT ON COLUMN movement.reverses IS 'The entry of the same origin that it undoes.';
COMMENT ON COLUMN movement.search IS 'SKU, lot, reference, reason and operator in lower case, for the text filter.';

CREATE TABLE stock (
    warehouse text   COLLATE "C" NOT NULL,
    sku       text   COLLATE "C" NOT NULL,
    lot       text   COLLATE "C" NOT NULL,
    on_hand   bigint NOT NULL CONSTRAINT on_hand_is_never_negative CHECK (on_hand >= 0),
    reserved  bigint NOT NULL,
    expiry    date,
    PRIMARY KEY (warehouse, sku, lot),
    CONSTRAINT reserved_lies_between_zero_and_on_hand CHECK (reserved BETWEEN 0 AND on_hand)
);
COMMENT ON TABLE stock IS 'What lies where, in thousandths of the unit. Rows at zero stay: known to be empty. v_stock shows it in units.';
COMMENT ON COLUMN stock.lot IS 'Empty: no lot.';

CREATE TABLE product (
    sku            text    COLLATE "C" PRIMARY KEY,
    name           text    COLLATE "C" NOT NULL,
    unit           text    COLLATE "C" NOT NULL,
    decimals       bigint  NOT NULL CONSTRAINT decimals_are_zero_to_three CHECK (decimals BETWEEN 0 AND 3),
    barcodes       json    NOT NULL,
    packs          json    NOT NULL,
    category       text    COLLATE "C" NOT NULL,
    lot_tracked    boolean NOT NULL,
    retired        boolean NOT NULL,
    revision       bigint  NOT NULL CONSTRAINT the_revision_is_not_negative CHECK (revision >= 0),
    defined_origin text    COLLATE "C" NOT NULL,
    defined_seq    bigint  NOT NULL CONSTRAINT the_definition_has_a_seq CHECK (defined_seq >= 1),
    defined_hash   bytea   NOT NULL CONSTRAINT a_hash_has_32_bytes CHECK (octet_length(defined_hash) = 32),
    stamps         text    COLLATE "C" NOT NULL,
    search         text    COLLATE "C" NOT NULL
);
COMMENT ON TABLE product IS 'The catalogue, the same in all warehouses.';
COMMENT ON COLUMN product.barcodes IS 'GTINs of one unit, as 14 digits.';
COMMENT ON COLUMN product.packs IS 'Packs with their size in thousandths and their barcode.';
COMMENT ON COLUMN product.defined_origin IS 'With defined_seq and defined_hash: an entry that defines it; movements name it.';
COMMENT ON COLUMN product.stamps IS 'Who wrote each field last (revision origin; - = nobody): name, unit, decimals, barcodes, packs, category, lot tracking, retired. One for all where they are equal.';
COMMENT ON COLUMN product.search IS 'The name in lower case, for the text filter.';

CREATE TABLE reorder_rule (
    warehouse      text   COLLATE "C" NOT NULL,
    sku            text   COLLATE "C" NOT NULL,
    reorder_point  bigint,
    maximum        bigint,
    multiple       bigint,
    minimum_order  bigint,
    lead_time_days bigint,
    shelf          text   COLLATE "C" NOT NULL,
    PRIMARY KEY (warehouse, sku)
);
COMMENT ON TABLE reorder_rule IS 'A warehouse''s own rule and shelf for a product; thousandths of the unit. NULL is not set, 0 is a value.';

CREATE TABLE transfer (
    origin         text   COLLATE "C" NOT NULL,
    seq            bigint NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    from_warehouse text   COLLATE "C" NOT NULL,
    to_warehouse   text   COLLATE "C" NOT NULL,
    state          text   COLLATE "C" NOT NULL,
    changed_ms     bigint NOT NULL,
    request        json,
    withdrawal     json,
    decline        json,
    dispatch       json,
    receipt        json,
    rejection      json,
    returned       json,
    PRIMARY KEY (origin, seq)
);
COMMENT ON TABLE transfer IS 'Transfers as far as they are known; named by the entry that began them. A step not taken is NULL.';
COMMENT ON COLUMN transfer.state IS 'requested, withdrawal_asked, declined, dispatched, received, rejected or returned.';
COMMENT ON COLUMN transfer.changed_ms IS 'When its last step was taken, milliseconds since 1970 UTC.';
COMMENT ON COLUMN transfer.dispatch IS 'mark: entry, time, operator, text; lines: product, lot, expiry, thousandths.';
COMMENT ON COLUMN transfer.receipt IS 'Per line of the dispatch: what arrived, what was short and why.';

CREATE TABLE reversal (
    origin    text   COLLATE "C" NOT NULL,
    undone    bigint NOT NULL CONSTRAINT what_is_undone_has_a_seq CHECK (undone >= 1),
    undone_by bigint NOT NULL CONSTRAINT what_undoes_has_a_seq CHECK (undone_by >= 1),
    PRIMARY KEY (origin, undone)
);
COMMENT ON TABLE reversal IS 'Entries that a later entry of the same origin undoes.';

CREATE TABLE ledger_head (
    origin      text   COLLATE "C" PRIMARY KEY,
    incarnation bigint NOT NULL CONSTRAINT the_incarnation_is_not_negative CHECK (incarnation >= 0),
    seq         bigint NOT NULL CONSTRAINT the_head_is_not_negative CHECK (seq >= 0),
    hash        bytea  NOT NULL CONSTRAINT a_hash_has_32_bytes CHECK (octet_length(hash) = 32),
    hlc         bigint NOT NULL CONSTRAINT the_time_is_in_range CHECK (hlc >= 0),
    sort_key    bigint NOT NULL CONSTRAINT the_place_in_time_is_in_range CHECK (sort_key >= 0),
    sealed      bigint NOT NULL CONSTRAINT sealed_is_not_negative CHECK (sealed >= 0),
    quarantine  text   COLLATE "C"
);
COMMENT ON TABLE ledger_head IS 'How far each ledger is folded into the book.';
COMMENT ON COLUMN ledger_head.sealed IS 'Its last sealed entry.';
COMMENT ON COLUMN ledger_head.quarantine IS 'Why nothing behind the head is applied; NULL: it is.';

CREATE TABLE acknowledged_alert (
    warehouse text   COLLATE "C" NOT NULL,
    alert     text   COLLATE "C" NOT NULL,
    operator  text   COLLATE "C" NOT NULL,
    at_ms     bigint NOT NULL,
    PRIMARY KEY (warehouse, alert)
);
COMMENT ON TABLE acknowledged_alert IS 'Alerts that somebody at a warehouse has seen.';

CREATE TABLE peer (
    id           text   COLLATE "C" PRIMARY KEY,
    key          bytea  CONSTRAINT a_key_has_32_bytes CHECK (octet_length(key) = 32),
    incarnation  bigint NOT NULL CONSTRAINT the_incarnation_is_not_negative CHECK (incarnation >= 0),
    last_seen_ms bigint NOT NULL
);
COMMENT ON TABLE peer IS 'The other nodes: the first key seen (Ed25519), the greatest incarnation, when last heard.';

CREATE VIEW v_stock AS
SELECT s.warehouse, s.sku, p.name, s.lot, s.expiry,
       trim_scale(s.on_hand * 0.001) AS on_hand,
       trim_scale(s.reserved * 0.001) AS reserved,
       trim_scale((s.on_hand - s.reserved) * 0.001) AS available,
       p.unit
FROM stock s LEFT JOIN product p ON p.sku = s.sku;
COMMENT ON VIEW v_stock IS 'What lies where, in units.';

CREATE VIEW v_movement AS
SELECT to_timestamp(m.at_ms / 1000.0) AS at, m.origin AS warehouse, m.seq, m.line, m.kind, m.sku, p.name, m.lot,
       trim_scale(m.qty * 0.001) AS qty,
       trim_scale(m.shortage * 0.001) AS shortage,
       p.unit, m.operator, m.reason, m.reference, m.transfer, m.other, m.reverses, m.sort_key
FROM movement m LEFT JOIN product p ON p.sku = m.sku;
COMMENT ON VIEW v_movement IS 'The history, in units and readable times. ORDER BY sort_key DESC: newest first.';

CREATE VIEW v_entry AS
SELECT to_timestamp((hlc >> 16) / 1000.0) AS at, origin, seq, incarnation, kind, operator, command_id, command_index,
       encode(hash, 'hex') AS hash, convert_from(bytes, 'UTF8') AS bytes
FROM entry;
COMMENT ON VIEW v_entry IS 'The ledgers, with their bytes as text.';
