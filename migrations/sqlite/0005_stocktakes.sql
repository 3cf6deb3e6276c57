-- Stocktakes: what is counted in one, line by line, and when goods were last counted at all.

-- The stocktakes that are known; named by the entry that opened them.
CREATE TABLE stocktake (
    origin    TEXT    NOT NULL,
    seq       INTEGER NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    -- What is counted.
    selection TEXT    NOT NULL,
    -- Whether whoever counts does not see the book.
    blind     INTEGER NOT NULL CONSTRAINT blind_is_yes_or_no CHECK (blind IN (0, 1)),
    -- Which differences must be counted twice.
    threshold TEXT    NOT NULL,
    -- Milliseconds since 1970 UTC.
    opened_ms INTEGER NOT NULL,
    opened_by TEXT    NOT NULL,
    -- How it ended: entry, time, operator, how much was counted. NULL: it is open.
    ended     TEXT,
    PRIMARY KEY (origin, seq)
) STRICT, WITHOUT ROWID;

-- What was counted in them, in thousandths of the unit; a later count of the same product and lot takes its place.
CREATE TABLE stocktake_line (
    -- The stocktake.
    origin   TEXT    NOT NULL,
    seq      INTEGER NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    sku      TEXT    NOT NULL,
    -- Empty: no lot.
    lot      TEXT    NOT NULL,
    expiry   TEXT,
    -- The entry of the same origin whose book the count is held against.
    pinned   INTEGER NOT NULL CONSTRAINT what_is_pinned_has_a_seq CHECK (pinned >= 0),
    counted  INTEGER NOT NULL CONSTRAINT a_count_is_not_negative CHECK (counted >= 0),
    book     INTEGER NOT NULL,
    -- The entry with the count.
    entry    INTEGER NOT NULL CONSTRAINT a_count_has_a_seq CHECK (entry >= 1),
    at_ms    INTEGER NOT NULL,
    operator TEXT    NOT NULL,
    -- How often it was counted.
    times    INTEGER NOT NULL CONSTRAINT it_was_counted_at_least_once CHECK (times >= 1),
    -- Whether it is to be counted again.
    again    INTEGER NOT NULL CONSTRAINT again_is_yes_or_no CHECK (again IN (0, 1)),
    -- Who looked at the difference, when, and why it is one. NULL: nobody.
    review   TEXT,
    PRIMARY KEY (origin, seq, sku, lot)
) STRICT, WITHOUT ROWID;

-- When goods were last counted, in a stocktake or alone; milliseconds since 1970 UTC.
CREATE TABLE counted (
    warehouse TEXT    NOT NULL,
    sku       TEXT    NOT NULL,
    -- Empty: no lot.
    lot       TEXT    NOT NULL,
    at_ms     INTEGER NOT NULL,
    PRIMARY KEY (warehouse, sku, lot)
) STRICT, WITHOUT ROWID;

-- What was counted, in units.
CREATE VIEW v_stocktake_line AS
SELECT l.origin AS warehouse, l.seq AS stocktake, l.sku, p.name, l.lot,
       l.counted / 1000.0 AS counted,
       l.book / 1000.0 AS book,
       (l.counted - l.book) / 1000.0 AS difference,
       p.unit, l.operator, l.times, l.again, l.review
FROM stocktake_line l LEFT JOIN product p ON p.sku = l.sku;
