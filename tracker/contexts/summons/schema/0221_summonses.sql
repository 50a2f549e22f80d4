-- Units called to a place: one row a summons. Folded from the log by projections/summonses.py.
CREATE SEQUENCE summons_number;

CREATE TABLE summonses (
    id         uuid        NOT NULL PRIMARY KEY,
    number     text        NOT NULL,
    post       text        NOT NULL,
    street     text        NOT NULL,
    state      text        NOT NULL,  -- open, ended, cancelled
    units      text[]      NOT NULL,
    attendance jsonb       NOT NULL,  -- [{unit, arrived_at, distance_m, late, missed_at, level}]
    grid       text        NULL,
    lat        float8      NULL,
    lon        float8      NULL,
    whistle    text        NULL,      -- number of the whistle for which they are called
    called_by  text        NOT NULL,
    called_at  timestamptz NOT NULL,
    meet_at    timestamptz NOT NULL,
    arrive_by  timestamptz NOT NULL,
    next_due   timestamptz NULL,      -- when an absence is to be recorded next
    ended_at   timestamptz NULL,
    level      int         NOT NULL,  -- how far the worst absence has gone; 0: nobody is missing
    reason_id  uuid        NULL,      -- in contents
    address_id uuid        NULL,
    version    bigint      NOT NULL,
    position   bigint      NOT NULL
);

CREATE UNIQUE INDEX summonses_number ON summonses (number);
CREATE INDEX summonses_post ON summonses (post, meet_at DESC);
CREATE INDEX summonses_street ON summonses (street, meet_at DESC);
CREATE INDEX summonses_units ON summonses USING gin (units);
CREATE INDEX summonses_meet ON summonses (meet_at DESC);
CREATE INDEX summonses_due ON summonses (next_due) WHERE next_due IS NOT NULL;
