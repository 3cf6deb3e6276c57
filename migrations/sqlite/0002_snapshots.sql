-- Snapshots: one consistent cut through all ledgers, and what lay in each warehouse at it.
--
-- A snapshot is named by the entry that began it (origin, seq). Cuts are JSON: per warehouse the last entry that is
-- in, with its incarnation and hash.

-- The snapshots that are known, open or closed.
CREATE TABLE snapshot (
    -- With seq: the entry that began it.
    origin    TEXT    NOT NULL,
    seq       INTEGER NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    hash      BLOB    NOT NULL CONSTRAINT a_hash_has_32_bytes CHECK (length(hash) = 32),
    -- When it was begun, milliseconds since 1970 UTC.
    begun_ms  INTEGER NOT NULL,
    operator  TEXT    NOT NULL,
    -- The warehouses that are to mark, as a JSON list.
    expected  TEXT    NOT NULL,
    -- The entry of the same origin that closed it; NULL: it is open.
    closed_by INTEGER CONSTRAINT what_closes_has_a_seq CHECK (closed_by >= 1),
    closed_ms INTEGER,
    -- Where each ledger is cut.
    cut       TEXT,
    -- Warehouses whose marker did not come: id, seq, age_ms. An empty list: the snapshot is complete.
    missing   TEXT,
    PRIMARY KEY (origin, seq),
    CONSTRAINT what_is_closed_has_a_cut CHECK (
        (closed_by IS NULL) = (cut IS NULL)
        AND (closed_by IS NULL) = (missing IS NULL)
        AND (closed_by IS NULL) = (closed_ms IS NULL)
    )
) STRICT, WITHOUT ROWID;
CREATE INDEX snapshot_by_time ON snapshot (begun_ms);

-- The warehouses' markers in them.
CREATE TABLE snapshot_marker (
    -- The snapshot.
    origin      TEXT    NOT NULL,
    seq         INTEGER NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    -- Who marked, and in which entry of its ledger.
    warehouse   TEXT    NOT NULL,
    incarnation INTEGER NOT NULL CONSTRAINT the_incarnation_is_not_negative CHECK (incarnation >= 0),
    marker_seq  INTEGER NOT NULL CONSTRAINT a_marker_has_a_seq CHECK (marker_seq >= 1),
    marker_hash BLOB    NOT NULL CONSTRAINT a_hash_has_32_bytes CHECK (length(marker_hash) = 32),
    -- What it had applied of each ledger.
    cut         TEXT    NOT NULL,
    -- BLAKE3 of the listing of its part: by its own word, and as it is folded here.
    claimed     BLOB    NOT NULL CONSTRAINT a_claim_has_32_bytes CHECK (length(claimed) = 32),
    computed    BLOB    NOT NULL CONSTRAINT a_digest_has_32_bytes CHECK (length(computed) = 32),
    PRIMARY KEY (origin, seq, warehouse)
) STRICT, WITHOUT ROWID;

-- Each warehouse's part at its marker, of the newest snapshots only.
CREATE TABLE snapshot_part (
    -- The snapshot.
    origin    TEXT NOT NULL,
    seq       INTEGER NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    -- Whose part.
    warehouse TEXT NOT NULL,
    -- One JSON value a line: the ledger's position, stock in thousandths, steps of transfers. Its BLAKE3 is the digest.
    listing   BLOB NOT NULL,
    PRIMARY KEY (origin, seq, warehouse)
) STRICT;
