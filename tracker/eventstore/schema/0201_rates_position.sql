-- The newest event in each sum: what was computed from sums that no later event touched still holds.
ALTER TABLE rates_days ADD COLUMN position bigint NOT NULL DEFAULT 0;
