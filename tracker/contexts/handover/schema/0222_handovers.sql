-- Notes from one shift of a post to the next. Folded from the log by projections/handovers.py.
CREATE TABLE handovers (
    id            uuid        NOT NULL PRIMARY KEY,
    post          text        NOT NULL,
    began_at      timestamptz NOT NULL,
    ended_at      timestamptz NOT NULL,
    open_by_state jsonb       NOT NULL,
    open_by_card  jsonb       NOT NULL,
    turned_red    text[]      NOT NULL,  -- numbers of whistles
    done          jsonb       NOT NULL,  -- acts of the shift, by topic
    note_id       uuid        NULL,      -- in contents
    signed_by     text        NOT NULL,
    received_by   text        NULL,
    received_at   timestamptz NULL,
    remark_id     uuid        NULL,      -- what who came found otherwise
    version       bigint      NOT NULL,
    position      bigint      NOT NULL
);

CREATE INDEX handovers_post ON handovers (post, ended_at DESC);

-- What a post did in a shift, and which promises were missed in it.
CREATE INDEX timeline_post ON timeline (post, at) WHERE post IS NOT NULL;
CREATE INDEX timeline_missed ON timeline (at) WHERE topic = 'whistle.deadline_missed';
