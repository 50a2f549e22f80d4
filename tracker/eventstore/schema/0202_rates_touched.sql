-- The newest event that changed a sum, by the days under which the sums stand: what was added up
-- from sums that no later event touched still holds.
CREATE TABLE rates_touched (
    counted_day date   NOT NULL,
    known_day   date   NOT NULL,
    position    bigint NOT NULL,
    PRIMARY KEY (counted_day, known_day)
) WITH (fillfactor = 80);

ALTER TABLE rates_days DROP COLUMN position;
