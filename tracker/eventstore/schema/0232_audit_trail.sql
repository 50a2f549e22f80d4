-- Every event of the log, of all streams, as an auditor looks for it: one slim row an event, what it
-- says stays in the log. Folded by projections/trail.py.
CREATE TABLE audit_trail (
    stream   uuid        NOT NULL,
    version  bigint      NOT NULL,
    position bigint      NOT NULL,
    at       timestamptz NOT NULL,
    by       text        NOT NULL,  -- the account; anonymous for whoever holds a receipt
    kind     text        NOT NULL,  -- whistle, summons, handover, month, or a register's: unit, post, …
    code     text        NOT NULL,  -- which of its kind: a number, a code, an id
    PRIMARY KEY (stream, version)
);

CREATE UNIQUE INDEX audit_trail_position ON audit_trail (position);
CREATE INDEX audit_trail_by ON audit_trail (by, position);
CREATE INDEX audit_trail_code ON audit_trail (lower(code), position);
CREATE INDEX audit_trail_at ON audit_trail (at) INCLUDE (position);
CREATE INDEX audit_trail_kind ON audit_trail (position) WHERE kind <> 'whistle';  -- few of many

-- What an auditor looked for among whistles alone.
DROP INDEX timeline_by;
DROP INDEX timeline_at;
DROP INDEX timeline_position;
