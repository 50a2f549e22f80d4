-- Every rate, as of any moment. Folded from the log by projections/rates.py.

-- What the fold remembers of a whistle, in a form of its own (msgpack).
CREATE TABLE rates_whistles (
    whistle uuid  NOT NULL PRIMARY KEY,
    number  text  NOT NULL,
    memory  bytea NOT NULL
) WITH (fillfactor = 80);

-- A whistle's places in the cohorts, each from the event that put it there until the one that took
-- it away: what lists show, and what a moment within a day or a position of the log is answered by.
CREATE TABLE rates_facts (
    whistle     uuid        NOT NULL,
    cohort      text        NOT NULL,
    item        smallint    NOT NULL,  -- which of the whistle's assignments, returns, cycles
    position    bigint      NOT NULL,
    known_at    timestamptz NOT NULL,
    ended_position bigint   NULL,
    ended_at    timestamptz NULL,
    counted_at  timestamptz NOT NULL,
    counted_day date        NOT NULL,  -- in the city
    marks       smallint    NOT NULL,  -- metrics/cohorts.py; 0: left out
    reason      text        NOT NULL,
    decided_at  timestamptz NULL,
    unit        text        NULL,
    seconds     int         NULL,
    own_seconds int         NULL,
    bucket      smallint    NULL,      -- of seconds
    own_bucket  smallint    NULL,      -- of own_seconds
    grid        text        NULL,
    community   text        NULL,
    street      text        NULL,
    post        text        NULL,
    category    text        NULL,
    sla_class   text        NOT NULL,
    PRIMARY KEY (whistle, cohort, item, position)
) WITH (fillfactor = 90);

CREATE INDEX rates_facts_counted ON rates_facts (cohort, counted_day, counted_at, whistle);
CREATE INDEX rates_facts_known ON rates_facts (known_at);
CREATE INDEX rates_facts_ended ON rates_facts (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX rates_facts_stock_known ON rates_facts (known_at)
    WHERE cohort IN ('overdue', 'suspended');
CREATE INDEX rates_facts_stock_ended ON rates_facts (ended_at)
    WHERE cohort IN ('overdue', 'suspended') AND ended_at IS NOT NULL;
CREATE INDEX rates_facts_bucket ON rates_facts (cohort, bucket, counted_day)
    WHERE bucket IS NOT NULL;
CREATE INDEX rates_facts_own_bucket ON rates_facts (cohort, own_bucket, counted_day)
    WHERE own_bucket IS NOT NULL;

-- Sums by the day under which something counts and the day on which that became known.
CREATE TABLE rates_days (
    scope       text   NOT NULL,  -- city, street:…, post:…, grid:…, category:…, unit:…
    counted_day date   NOT NULL,
    cohort      text   NOT NULL,
    known_day   date   NOT NULL,
    d           bigint NOT NULL,
    n1          bigint NOT NULL,
    n2          bigint NOT NULL,
    n3          bigint NOT NULL,
    n4          bigint NOT NULL,
    seconds     bigint NOT NULL,
    PRIMARY KEY (scope, counted_day, cohort, known_day)
) WITH (fillfactor = 80);

-- Response times, coarsely: how many in each bucket, and their sum.
CREATE TABLE rates_times (
    scope       text     NOT NULL,
    counted_day date     NOT NULL,
    measure     text     NOT NULL,
    bucket      smallint NOT NULL,
    known_day   date     NOT NULL,
    times       bigint   NOT NULL,
    seconds     bigint   NOT NULL,
    PRIMARY KEY (scope, counted_day, measure, bucket, known_day)
) WITH (fillfactor = 80);

-- What is open: changes of the stocks by the day on which they took effect.
CREATE TABLE rates_stock (
    scope     text   NOT NULL,
    day       date   NOT NULL,
    suspended bigint NOT NULL,
    overdue   bigint NOT NULL,
    PRIMARY KEY (scope, day)
) WITH (fillfactor = 80);
