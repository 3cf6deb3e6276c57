-- What is promised: goods kept for somebody, and goods that suppliers were asked for. Thousandths of the unit.

CREATE TABLE reservation (
    origin    text    COLLATE "C" NOT NULL,
    seq       bigint  NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    sku       text    COLLATE "C" NOT NULL,
    lot       text    COLLATE "C" NOT NULL,
    qty       bigint  NOT NULL CONSTRAINT something_is_reserved CHECK (qty > 0),
    issued    bigint  NOT NULL CONSTRAINT issued_is_not_negative CHECK (issued >= 0),
    released  bigint  NOT NULL CONSTRAINT released_is_not_negative CHECK (released >= 0),
    cut_seq   bigint  CONSTRAINT what_forced_a_release_has_a_seq CHECK (cut_seq >= 1),
    cut_ms    bigint,
    cut_qty   bigint,
    purpose   text    COLLATE "C" NOT NULL,
    until_day date,
    closed    boolean NOT NULL,
    PRIMARY KEY (origin, seq),
    CONSTRAINT no_more_than_was_reserved CHECK (issued + released <= qty)
);
COMMENT ON TABLE reservation IS 'Goods kept for somebody, named by the entry that reserved them. What is left = qty - issued - released; its sum by warehouse, product and lot is stock.reserved.';
COMMENT ON COLUMN reservation.lot IS 'Empty: no lot.';
COMMENT ON COLUMN reservation.cut_seq IS 'The last release that a count or an adjustment forced: its entry; cut_ms is when (milliseconds since 1970 UTC), cut_qty how much.';
COMMENT ON COLUMN reservation.purpose IS 'For whom or what.';
COMMENT ON COLUMN reservation.until_day IS 'The last day on which it stands; NULL: until it is released.';
COMMENT ON COLUMN reservation.closed IS 'All that was left was released: an undone issue gives it nothing back.';

CREATE TABLE expected_receipt (
    origin    text    COLLATE "C" NOT NULL,
    seq       bigint  NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    sku       text    COLLATE "C" NOT NULL,
    qty       bigint  NOT NULL CONSTRAINT something_is_expected CHECK (qty > 0),
    received  bigint  NOT NULL CONSTRAINT received_is_not_negative CHECK (received >= 0),
    due       date    NOT NULL,
    reference text    COLLATE "C" NOT NULL,
    closed    boolean NOT NULL,
    PRIMARY KEY (origin, seq)
);
COMMENT ON TABLE expected_receipt IS 'Goods ordered from outside, named by the entry that expected them.';
COMMENT ON COLUMN expected_receipt.received IS 'What came of it; it may be more than was expected.';
COMMENT ON COLUMN expected_receipt.due IS 'The day on which it is expected.';
COMMENT ON COLUMN expected_receipt.closed IS 'Nothing more is expected of it.';
