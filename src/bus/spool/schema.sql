-- The spool: mail among the nodes of one machine. Ledgers are the truth; this file may be lost.
CREATE TABLE inbox (
    cluster TEXT NOT NULL,
    node    TEXT NOT NULL,
    read_to INTEGER NOT NULL DEFAULT 0,   -- the highest message id ever delivered
    bytes   INTEGER NOT NULL DEFAULT 0,   -- payload bytes waiting, kept by the triggers below
    PRIMARY KEY (cluster, node)
) STRICT, WITHOUT ROWID;

CREATE TABLE message (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,  -- commit order; deleting the row is the acknowledgement
    cluster   TEXT NOT NULL,
    recipient TEXT NOT NULL,
    sender    TEXT NOT NULL,
    tries     INTEGER NOT NULL DEFAULT 0,         -- links that delivered it and ended without an answer
    payload   BLOB NOT NULL
) STRICT;
CREATE INDEX message_of ON message (cluster, recipient, id);

CREATE TRIGGER message_comes AFTER INSERT ON message BEGIN
    UPDATE inbox SET bytes = bytes + length(NEW.payload) WHERE cluster = NEW.cluster AND node = NEW.recipient;
END;
CREATE TRIGGER message_goes AFTER DELETE ON message BEGIN
    UPDATE inbox SET bytes = bytes - length(OLD.payload) WHERE cluster = OLD.cluster AND node = OLD.recipient;
END;

CREATE TABLE dead (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    cluster   TEXT NOT NULL,
    recipient TEXT NOT NULL,
    sender    TEXT NOT NULL,
    reason    TEXT NOT NULL,
    payload   BLOB NOT NULL
) STRICT;
CREATE INDEX dead_of ON dead (cluster, recipient, id);

CREATE TABLE presence (
    cluster TEXT NOT NULL,
    node    TEXT NOT NULL,
    process INTEGER NOT NULL,
    socket  BLOB NOT NULL,                -- the path of its datagram socket
    PRIMARY KEY (cluster, node)
) STRICT, WITHOUT ROWID;

CREATE TABLE founding (
    cluster TEXT PRIMARY KEY,
    nonce   TEXT NOT NULL                 -- of whoever made the mark
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 1;
