-- What is promised: goods kept for somebody, and goods that suppliers were asked for. Thousandths of the unit.

-- Reservations, named by the entry that made them. What is left of one = qty - issued - released; the sum of what is
-- left, by warehouse, product and lot, is stock.reserved.
CREATE TABLE reservation (
    origin    TEXT    NOT NULL,
    seq       INTEGER NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    sku       TEXT    NOT NULL,
    -- Empty: no lot.
    lot       TEXT    NOT NULL,
    qty       INTEGER NOT NULL CONSTRAINT something_is_reserved CHECK (qty > 0),
    issued    INTEGER NOT NULL CONSTRAINT issued_is_not_negative CHECK (issued >= 0),
    released  INTEGER NOT NULL CONSTRAINT released_is_not_negative CHECK (released >= 0),
    -- The last release that a count or an adjustment forced: its entry, when (milliseconds since 1970 UTC), how much.
    cut_seq   INTEGER CONSTRAINT what_forced_a_release_has_a_seq CHECK (cut_seq >= 1),
    cut_ms    INTEGER,
    cut_qty   INTEGER,
    -- For whom or what.
    purpose   TEXT    NOT NULL,
    -- The last day on which it stands; NULL: until it is released.
    until_day TEXT,
    -- All that was left was released: an undone issue gives it nothing back.
    closed    INTEGER NOT NULL CONSTRAINT closed_is_yes_or_no CHECK (closed IN (0, 1)),
    PRIMARY KEY (origin, seq),
    CONSTRAINT no_more_than_was_reserved CHECK (issued + released <= qty)
) STRICT, WITHOUT ROWID;

-- Goods ordered from outside, named by the entry that expected them.
CREATE TABLE expected_receipt (
    origin    TEXT    NOT NULL,
    seq       INTEGER NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    sku       TEXT    NOT NULL,
    qty       INTEGER NOT NULL CONSTRAINT something_is_expected CHECK (qty > 0),
    -- What came of it; it may be more than was expected.
    received  INTEGER NOT NULL CONSTRAINT received_is_not_negative CHECK (received >= 0),
    -- The day on which it is expected.
    due       TEXT    NOT NULL,
    reference TEXT    NOT NULL,
    -- Nothing more is expected of it.
    closed    INTEGER NOT NULL CONSTRAINT closed_is_yes_or_no CHECK (closed IN (0, 1)),
    PRIMARY KEY (origin, seq)
) STRICT, WITHOUT ROWID;
