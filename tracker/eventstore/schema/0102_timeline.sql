-- One row a fact of a whistle's story. Folded from the log by projections/timeline.py.
CREATE TABLE timeline (
    whistle  uuid        NOT NULL,
    version  bigint      NOT NULL,
    position bigint      NOT NULL,
    at       timestamptz NOT NULL,
    topic    text        NOT NULL,
    by       text        NOT NULL,
    role     text        NOT NULL,
    post     text        NULL,      -- the post for which the person acted
    state    text        NOT NULL,
    facts    jsonb       NOT NULL,
    words    jsonb       NOT NULL,  -- [{"id", "kind"}] in contents
    PRIMARY KEY (whistle, version)
);
