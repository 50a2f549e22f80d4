-- Which version of its code folded a projection's tables. 0: none has yet; a rebuild fills them.
-- shadow_error says why the last rebuild of a new or changed projection did not come to its end.
ALTER TABLE projection_positions
    ADD COLUMN version int NOT NULL DEFAULT 1,
    ADD COLUMN shadow_error text NULL;

-- Tables of the next version of a changed projection, until a rebuild swaps them in. A migration
-- that changes the shape of a projection's table writes the new one here, whole.
CREATE SCHEMA IF NOT EXISTS next;
