-- A stopped clock waits for its calendar too: whether it was on time is decided when it comes.
DROP INDEX clocks_uncertain;
CREATE INDEX clocks_in_doubt ON clocks (whistle) WHERE held_at IS NULL AND missing_years <> '{}';
