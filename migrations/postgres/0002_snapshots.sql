-- Snapshots: one consistent cut through all ledgers, and what lay in each warehouse at it.
--
-- A snapshot is named by the entry that began it (origin, seq). Cuts are JSON: per warehouse the last entry that is
-- in, with its incarnation and hash.

CREATE TABLE snapshot (
    origin    text   COLLATE "C" NOT NULL,
    seq       bigint NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    hash      bytea  NOT NULL CONSTRAINT a_hash_has_32_bytes CHECK (octet_length(hash) = 32),
    begun_ms  bigint NOT NULL,
    operator  text   COLLATE "C" NOT NULL,
    expected  json   NOT NULL,
    closed_by bigint CONSTRAINT what_closes_has_a_seq CHECK (closed_by >= 1),
    closed_ms bigint,
    cut       json,
    missing   json,
    PRIMARY KEY (origin, seq),
    CONSTRAINT what_is_closed_has_a_cut CHECK (
        (closed_by IS NULL) = (cut IS NULL)
        AND (closed_by IS NULL) = (missing IS NULL)
        AND (closed_by IS NULL) = (closed_ms IS NULL)
    )
);
CREATE INDEX snapshot_by_time ON snapshot (begun_ms);
COMMENT ON TABLE snapshot IS 'The snapshots that are known, open or closed.';
COMMENT ON COLUMN snapshot.origin IS 'With seq: the entry that began it.';
COMMENT ON COLUMN snapshot.begun_ms IS 'When it was begun, milliseconds since 1970 UTC.';
COMMENT ON COLUMN snapshot.expected IS 'The warehouses that are to mark.';
COMMENT ON COLUMN snapshot.closed_by IS 'The entry of the same origin that closed it; NULL: it is open.';
COMMENT ON COLUMN snapshot.cut IS 'Where each ledger is cut.';
COMMENT ON COLUMN snapshot.missing IS 'Warehouses whose marker did not come: id, seq, age_ms. An empty list: the snapshot is complete.';

CREATE TABLE snapshot_marker (
    origin      text   COLLATE "C" NOT NULL,
    seq         bigint NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    warehouse   text   COLLATE "C" NOT NULL,
    incarnation bigint NOT NULL CONSTRAINT the_incarnation_is_not_negative CHECK (incarnation >= 0),
    marker_seq  bigint NOT NULL CONSTRAINT a_marker_has_a_seq CHECK (marker_seq >= 1),
    marker_hash bytea  NOT NULL CONSTRAINT a_hash_has_32_bytes CHECK (octet_length(marker_hash) = 32),
    cut         json   NOT NULL,
    claimed     bytea  NOT NULL CONSTRAINT a_claim_has_32_bytes CHECK (octet_length(claimed) = 32),
    computed    bytea  NOT NULL CONSTRAINT a_digest_has_32_bytes CHECK (octet_length(computed) = 32),
    PRIMARY KEY (origin, seq, warehouse)
);
COMMENT ON TABLE snapshot_marker IS 'The warehouses'' markers in the snapshots.';
COMMENT ON COLUMN snapshot_marker.origin IS 'With seq: the snapshot.';
COMMENT ON COLUMN snapshot_marker.warehouse IS 'Who marked, with marker_seq in its ledger.';
COMMENT ON COLUMN snapshot_marker.cut IS 'What it had applied of each ledger.';
COMMENT ON COLUMN snapshot_marker.claimed IS 'BLAKE3 of the listing of its part, by its own word.';
COMMENT ON COLUMN snapshot_marker.computed IS 'The same, as the part is folded here.';

CREATE TABLE snapshot_part (
    origin    text   COLLATE "C" NOT NULL,
    seq       bigint NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    warehouse text   COLLATE "C" NOT NULL,
    listing   bytea  NOT NULL,
    PRIMARY KEY (origin, seq, warehouse)
);
COMMENT ON TABLE snapshot_part IS 'Each warehouse''s part at its marker, of the newest snapshots only.';
COMMENT ON COLUMN snapshot_part.origin IS 'With seq: the snapshot.';
COMMENT ON COLUMN snapshot_part.warehouse IS 'Whose part.';
COMMENT ON COLUMN snapshot_part.listing IS 'One JSON value a line: the ledger''s position, stock in thousandths, steps of transfers. Its BLAKE3 is the digest.';
