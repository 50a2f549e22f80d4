-- "What if": a period under another policy, asked for, worked at in the background, kept.
CREATE TABLE what_ifs (
    id          uuid        NOT NULL PRIMARY KEY,
    asked_by    text        NOT NULL,
    asked_at    timestamptz NOT NULL,
    request     text        NOT NULL,  -- digest of what was asked, for a key that is used again
    name        text        NOT NULL,
    scope       text        NOT NULL,
    first_day   date        NOT NULL,
    until_day   date        NOT NULL,
    as_of       timestamptz NOT NULL,
    position    bigint      NOT NULL,  -- of the log: nothing above it is replayed
    promised    jsonb       NOT NULL,  -- versions and classes of the policy in force when asked
    alternative jsonb       NOT NULL,  -- the other policy, as given
    status      text        NOT NULL,  -- waiting, running, done, failed
    progress    int         NOT NULL,  -- whistles replayed
    total       int         NULL,      -- of so many
    figures     jsonb       NULL,
    error       text        NULL,
    finished_at timestamptz NULL
);

CREATE INDEX what_ifs_waiting ON what_ifs (asked_at) WHERE status IN ('waiting', 'running');

-- The whistles that change sides.
CREATE TABLE what_if_changes (
    what_if uuid  NOT NULL REFERENCES what_ifs ON DELETE CASCADE,
    item    int   NOT NULL,
    change  jsonb NOT NULL,
    PRIMARY KEY (what_if, item)
);
