-- The last scheduler that did not lead because its clock and the database's disagree, and when it
-- said so; kept by tracker/schedule/heartbeat.py.
ALTER TABLE scheduler ADD COLUMN refused text NULL, ADD COLUMN refused_at timestamptz NULL;
