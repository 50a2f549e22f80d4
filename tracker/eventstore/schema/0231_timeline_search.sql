-- An auditor looks for what an account did, what happened at a time, what stands at a position.
CREATE INDEX timeline_by ON timeline (by, position DESC);
CREATE INDEX timeline_at ON timeline (at DESC);
CREATE INDEX timeline_position ON timeline (position DESC);
