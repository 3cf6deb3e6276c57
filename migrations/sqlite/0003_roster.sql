-- The rosters: who belongs to the cluster and by what key, and this node's part in deciding the next version.

-- Changes of rosters, one a row, as entries say them. Each version follows from the one before by one change.
CREATE TABLE decree (
    -- Hash of the entry that founded the cluster.
    founding BLOB    NOT NULL CONSTRAINT a_hash_has_32_bytes CHECK (length(founding) = 32),
    -- From 1, the founding.
    version  INTEGER NOT NULL CONSTRAINT the_version_starts_at_one CHECK (version >= 1),
    -- Hash of the change: two rows of one version say that the cluster is of two minds.
    decree   BLOB    NOT NULL CONSTRAINT a_decree_has_32_bytes CHECK (length(decree) = 32),
    change   TEXT    NOT NULL,
    -- The entry that says it; of several the least.
    origin   TEXT    NOT NULL,
    seq      INTEGER NOT NULL CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    hash     BLOB    NOT NULL CONSTRAINT an_entry_hash_has_32_bytes CHECK (length(hash) = 32),
    hlc      INTEGER NOT NULL CONSTRAINT the_time_is_in_range CHECK (hlc >= 0),
    -- Whether a majority's acceptances prove it; else it stands on an operator's word alone.
    proven   INTEGER NOT NULL CONSTRAINT proven_is_yes_or_no CHECK (proven IN (0, 1)),
    PRIMARY KEY (founding, version, decree)
) STRICT, WITHOUT ROWID;

-- What this node has promised and accepted of the next version, as JSON; stored before anybody is told of it.
ALTER TABLE writer ADD COLUMN roster_vote TEXT;
