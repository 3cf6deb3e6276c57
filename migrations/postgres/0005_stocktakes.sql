-- Stocktakes: what is counted in one, line by line, and when goods were last counted at all.

CREATE TABLE stocktake (
    origin    text    COLLATE "C" NOT NULL,
    seq       bigint  NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    selection json    NOT NULL,
    blind     boolean NOT NULL,
    threshold json    NOT NULL,
    opened_ms bigint  NOT NULL,
    opened_by text    COLLATE "C" NOT NULL,
    ended     json,
    PRIMARY KEY (origin, seq)
);
COMMENT ON TABLE stocktake IS 'The stocktakes that are known; named by the entry that opened them.';
COMMENT ON COLUMN stocktake.selection IS 'What is counted.';
COMMENT ON COLUMN stocktake.blind IS 'Whether whoever counts does not see the book.';
COMMENT ON COLUMN stocktake.threshold IS 'Which differences must be counted twice.';
COMMENT ON COLUMN stocktake.opened_ms IS 'Milliseconds since 1970 UTC.';
COMMENT ON COLUMN stocktake.ended IS 'How it ended: entry, time, operator, how much was counted. NULL: it is open.';

CREATE TABLE stocktake_line (
    origin   text    COLLATE "C" NOT NULL,
    seq      bigint  NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    sku      text    COLLATE "C" NOT NULL,
    lot      text    COLLATE "C" NOT NULL,
    expiry   date,
    pinned   bigint  NOT NULL CONSTRAINT what_is_pinned_has_a_seq CHECK (pinned >= 0),
    counted  bigint  NOT NULL CONSTRAINT a_count_is_not_negative CHECK (counted >= 0),
    book     bigint  NOT NULL,
    entry    bigint  NOT NULL CONSTRAINT a_count_has_a_seq CHECK (entry >= 1),
    at_ms    bigint  NOT NULL,
    operator text    COLLATE "C" NOT NULL,
    times    bigint  NOT NULL CONSTRAINT it_was_counted_at_least_once CHECK (times >= 1),
    again    boolean NOT NULL,
    review   json,
    PRIMARY KEY (origin, seq, sku, lot)
);
COMMENT ON TABLE stocktake_line IS 'What was counted in stocktakes, in thousandths of the unit; a later count of the same product and lot takes its place.';
COMMENT ON COLUMN stocktake_line.origin IS 'With seq: the stocktake.';
COMMENT ON COLUMN stocktake_line.lot IS 'Empty: no lot.';
COMMENT ON COLUMN stocktake_line.pinned IS 'The entry of the same origin whose book the count is held against.';
COMMENT ON COLUMN stocktake_line.entry IS 'The entry with the count.';
COMMENT ON COLUMN stocktake_line.times IS 'How often it was counted.';
COMMENT ON COLUMN stocktake_line.again IS 'Whether it is to be counted again.';
COMMENT ON COLUMN stocktake_line.review IS 'Who looked at the difference, when, and why it is one. NULL: nobody.';

CREATE TABLE counted (
    warehouse text   COLLATE "C" NOT NULL,
    sku       text   COLLATE "C" NOT NULL,
    lot       text   COLLATE "C" NOT NULL,
    at_ms     bigint NOT NULL,
    PRIMARY KEY (warehouse, sku, lot)
);
COMMENT ON TABLE counted IS 'When goods were last counted, in a stocktake or alone; milliseconds since 1970 UTC.';
COMMENT ON COLUMN counted.lot IS 'Empty: no lot.';

CREATE VIEW v_stocktake_line AS
SELECT l.origin AS warehouse, l.seq AS stocktake, l.sku, p.name, l.lot,
       trim_scale(l.counted * 0.001) AS counted,
       trim_scale(l.book * 0.001) AS book,
       trim_scale((l.counted - l.book) * 0.001) AS difference,
       p.unit, l.operator, l.times, l.again, l.review
FROM stocktake_line l LEFT JOIN product p ON p.sku = l.sku;
COMMENT ON VIEW v_stocktake_line IS 'What was counted in stocktakes, in units.';
