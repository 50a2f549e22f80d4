-- The log. An event's position is its transaction's id with a 12-bit ordinal:
-- ((base + pg_current_xact_id()) << 12) | n. There is no sequence, on purpose: readers must see
-- events in the order of transactions, or they lose some (docs/decisions, "the log").
CREATE TABLE stored_events (
    position           bigint NOT NULL,
    originator_id      uuid   NOT NULL,
    originator_version bigint NOT NULL,
    topic              text   NOT NULL,
    state              bytea  NOT NULL,  -- JSON in UTF-8, byte for byte as it was written
    PRIMARY KEY (originator_id, originator_version)
) WITH (
    autovacuum_analyze_scale_factor = 0.01,
    autovacuum_vacuum_insert_scale_factor = 0.05
);

CREATE UNIQUE INDEX stored_events_position ON stored_events (position);

-- The city's registers are a few thousand events among millions: whoever folds them finds them here.
CREATE INDEX stored_events_city ON stored_events (position) WHERE topic LIKE 'city.%';

-- What is added to transaction ids. Raised when the log moves to a cluster whose ids are lower.
CREATE TABLE log_base (
    base    bigint  NOT NULL CHECK (base >= 0),
    the_one boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (the_one)
);

INSERT INTO log_base (base) VALUES (0);

-- For people with psql: SELECT topic, state->>'by' FROM log WHERE originator_id = '…';
CREATE VIEW log AS
    SELECT position, originator_id, originator_version, topic,
           convert_from(state, 'UTF8')::json AS state
      FROM stored_events;

CREATE SEQUENCE whistle_number;
