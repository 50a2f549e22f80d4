-- Which corrections ask to move a whistle to a post, for that post's own list.
CREATE INDEX timeline_moves ON timeline ((facts->>'post'))
    WHERE topic = 'whistle.correction_proposed' AND facts->>'post' IS NOT NULL;
