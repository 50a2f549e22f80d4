-- The board without the major of a category: that is asked of the catalogue, where it may move. What
-- is open near a point is found by category.
CREATE TABLE next.board (
    id            uuid        NOT NULL PRIMARY KEY,
    number        text        NOT NULL,
    state         text        NOT NULL,
    category      text        NULL,
    sla_class     text        NOT NULL,
    urgency       text        NULL,
    grid          text        NULL,
    community     text        NULL,
    street        text        NULL,
    post          text        NULL,
    lat           float8      NULL,
    lon           float8      NULL,
    lead          text        NULL,
    co            text[]      NOT NULL,
    units         text[]      NOT NULL,  -- all that ever had a part in it
    assignments   jsonb       NOT NULL,
    clocks        jsonb       NOT NULL,
    level         int         NOT NULL,
    card          text        NOT NULL,
    cycle         int         NOT NULL,
    reworks       int         NOT NULL,
    supervised    boolean     NOT NULL,
    confidential  boolean     NOT NULL,
    excluded      boolean     NOT NULL,
    test          boolean     NOT NULL,
    source        text        NOT NULL,
    anonymous     boolean     NOT NULL,
    reporters     text[]      NOT NULL,  -- accounts, and keyed hashes of receipts
    registered_at timestamptz NOT NULL,
    occurred_at   timestamptz NULL,      -- when it was seen, if that was before it was told
    respond_due   timestamptz NULL,
    resolve_due   timestamptz NULL,
    next_due      timestamptz NULL,      -- the earliest promise still running, late ones included
    next_due_kind text        NULL,
    next_due_unit text        NULL,
    missed        text[]      NOT NULL,  -- promises that were missed in this cycle
    responded_at  timestamptz NULL,
    closed_at     timestamptz NULL,
    text_id       uuid        NULL,      -- in contents
    title_id      uuid        NULL,
    address_id    uuid        NULL,
    photos        int         NOT NULL,
    children      int         NOT NULL,
    merged_into   uuid        NULL,
    merged_into_number text   NULL,
    version       bigint      NOT NULL,
    position      bigint      NOT NULL,
    updated_at    timestamptz NOT NULL
) WITH (fillfactor = 80);

CREATE UNIQUE INDEX board_number ON next.board (number);
CREATE INDEX board_newest ON next.board (registered_at DESC, id DESC);
CREATE INDEX board_post ON next.board (post, registered_at DESC);
CREATE INDEX board_street ON next.board (street, registered_at DESC);
CREATE INDEX board_grid ON next.board (grid, registered_at DESC);
CREATE INDEX board_due ON next.board ((coalesce(next_due, 'infinity')), id);
CREATE INDEX board_level ON next.board ((-level), (coalesce(next_due, 'infinity')), id);
CREATE INDEX board_unplaced ON next.board (registered_at DESC) WHERE post IS NULL;
CREATE INDEX board_pool ON next.board (category) WHERE state = 'POOLED';
CREATE INDEX board_units ON next.board USING gin (units);
CREATE INDEX board_reporters ON next.board USING gin (reporters);
CREATE INDEX board_nearby ON next.board (category, lat, lon) WHERE NOT confidential AND NOT test;
