-- How far each projection has folded the log; moved in the same transaction as its tables.
CREATE TABLE projection_positions (
    name               text        NOT NULL PRIMARY KEY,
    position           bigint      NOT NULL DEFAULT 0,
    updated_at         timestamptz NOT NULL DEFAULT now(),
    failed_at_position bigint      NULL,  -- the event that stopped it, and why
    error              text        NULL,
    shadow             text        NULL   -- the table that a rebuild is filling
);
