-- Who moves time now, and how far it has come. One row; kept by policies/schedule.py.
CREATE TABLE scheduler (
    the_one    boolean     NOT NULL PRIMARY KEY DEFAULT true CHECK (the_one),
    leader     text        NULL,      -- host and process id
    since      timestamptz NULL,
    beat_at    timestamptz NULL,
    swept_to   timestamptz NULL,      -- everything due by then has been recorded
    failures   int         NOT NULL DEFAULT 0,  -- whistles that the last sweep could not move
    error      text        NULL
);

INSERT INTO scheduler DEFAULT VALUES;
