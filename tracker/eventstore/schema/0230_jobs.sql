-- Longer works that somebody asked for on a page: an import, its dry run, a verify, a rebuild.
-- No facts: a row may be deleted at any time. `body` is the uploaded file, dropped when it is done.
CREATE TABLE jobs (
    id       uuid        PRIMARY KEY,
    kind     text        NOT NULL,
    about    text        NOT NULL,  -- the file's name, the projection's, the month
    asked_by text        NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now(),
    body     bytea       NULL,
    state    text        NOT NULL DEFAULT 'waiting',  -- waiting, running, done, failed
    done     bigint      NOT NULL DEFAULT 0,
    whole    bigint      NOT NULL DEFAULT 0,
    beat_at  timestamptz NOT NULL DEFAULT now(),
    outcome  jsonb       NULL
);
CREATE INDEX jobs_asked ON jobs (asked_at DESC);
