-- The rosters: who belongs to the cluster and by what key, and this node's part in deciding the next version.

CREATE TABLE decree (
    founding bytea   NOT NULL CONSTRAINT a_hash_has_32_bytes CHECK (octet_length(founding) = 32),
    version  bigint  NOT NULL CONSTRAINT the_version_starts_at_one CHECK (version >= 1),
    decree   bytea   NOT NULL CONSTRAINT a_decree_has_32_bytes CHECK (octet_length(decree) = 32),
    change   json    NOT NULL,
    origin   text    COLLATE "C" NOT NULL,
    seq      bigint  NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    hash     bytea   NOT NULL CONSTRAINT an_entry_hash_has_32_bytes CHECK (octet_length(hash) = 32),
    hlc      bigint  NOT NULL CONSTRAINT the_time_is_in_range CHECK (hlc >= 0),
    proven   boolean NOT NULL,
    PRIMARY KEY (founding, version, decree)
);
COMMENT ON TABLE decree IS 'Changes of rosters, one a row, as entries say them. Each version follows from the one before by one change.';
COMMENT ON COLUMN decree.founding IS 'Hash of the entry that founded the cluster.';
COMMENT ON COLUMN decree.version IS 'From 1, the founding.';
COMMENT ON COLUMN decree.decree IS 'Hash of the change: two rows of one version say that the cluster is of two minds.';
COMMENT ON COLUMN decree.origin IS 'With seq and hash: the entry that says it; of several the least.';
COMMENT ON COLUMN decree.proven IS 'Whether a majority''s acceptances prove it; else it stands on an operator''s word alone.';

ALTER TABLE writer ADD COLUMN roster_vote text COLLATE "C";
COMMENT ON COLUMN writer.roster_vote IS 'What this node has promised and accepted of the next version, as JSON; stored before anybody is told of it.';
