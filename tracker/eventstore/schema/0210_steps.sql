-- Where a whistle's time goes. Folded from the log by projections/steps.py.

-- Where each whistle is now, and what is needed to tell repeats of the same place.
CREATE TABLE steps_whistles (
    whistle      uuid        NOT NULL PRIMARY KEY,
    step         text        NULL,      -- the step it is in; NULL: none, it has ended
    since        timestamptz NULL,
    state        text        NOT NULL,
    cycle        int         NOT NULL,
    stays        int         NOT NULL,  -- how many rows it has in steps_stays
    lead         text        NULL,
    disputed     boolean     NOT NULL,  -- the lead says "not mine", and nobody has decided yet
    began_at     timestamptz NOT NULL,  -- registration, or that of an older child
    lat          float8      NULL,
    lon          float8      NULL,
    address      uuid        NULL,      -- in contents
    confidential boolean     NOT NULL
) WITH (fillfactor = 80);

-- Finished stays in a step; only ever added to. One without a unit waits for the post.
CREATE TABLE steps_stays (
    whistle    uuid        NOT NULL,
    item       int         NOT NULL,
    cycle      int         NOT NULL,
    step       text        NOT NULL,
    unit       text        NULL,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz NOT NULL,
    PRIMARY KEY (whistle, item)
);

-- What people did on the ground, one row an act: the effort index counts them.
CREATE TABLE steps_acts (
    whistle  uuid        NOT NULL,
    version  bigint      NOT NULL,
    position bigint      NOT NULL,
    kind     text        NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (whistle, version)
);

CREATE INDEX steps_acts_at ON steps_acts (at);
