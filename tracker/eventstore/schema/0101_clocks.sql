-- One row a clock of a whistle: what falls due next. Folded from the log by projections/clocks.py.
CREATE TABLE clocks (
    whistle        uuid        NOT NULL,
    key            text        NOT NULL,  -- kind, or kind:unit
    kind           text        NOT NULL,
    unit           text        NULL,
    cycle          int         NOT NULL,
    started_at     timestamptz NOT NULL,
    due            timestamptz NOT NULL,
    stopped_at     timestamptz NULL,
    held_at        timestamptz NULL,
    marks          jsonb       NOT NULL,
    reached        text[]      NOT NULL,
    next_mark      text        NULL,
    next_mark_at   timestamptz NULL,
    provisional    boolean     NOT NULL,
    missing_years  int[]       NOT NULL,
    policy_version bigint      NOT NULL,
    position       bigint      NOT NULL,
    PRIMARY KEY (whistle, key)
) WITH (fillfactor = 80);

CREATE INDEX clocks_run_out ON clocks (next_mark_at, whistle) WHERE next_mark_at IS NOT NULL;
CREATE INDEX clocks_open ON clocks (due, whistle, key) WHERE stopped_at IS NULL;
CREATE INDEX clocks_open_unit ON clocks (unit, due) WHERE stopped_at IS NULL AND unit IS NOT NULL;
CREATE INDEX clocks_uncertain ON clocks (whistle) WHERE stopped_at IS NULL AND missing_years <> '{}';
