-- What is open near a point, for those who are about to report or to merge.
CREATE INDEX board_nearby ON board (major, lat, lon) WHERE NOT confidential AND NOT test;
