-- +goose Up
-- What the plots show, counted from the trail (docs/decisions/0053-tallies.md): audit.FillTallies counts, "countersign audit reindex"
-- counts again, "countersign audit verify" compares. Nothing here is about one account.
CREATE TABLE audit_tallies (
    segment    BIGINT NOT NULL,   -- of so many entries of the trail, by their numbers
    measure    TEXT NOT NULL,
    counter_id TEXT NOT NULL,   -- '' is everywhere
    hour       BIGINT NOT NULL,   -- since 1970, UTC
    staff_id   TEXT NOT NULL,   -- '' but for codes that were entered
    word       TEXT NOT NULL,
    count      BIGINT NOT NULL,
    PRIMARY KEY (segment, measure, counter_id, hour, staff_id, word)
);
CREATE INDEX audit_tallies_measure ON audit_tallies (measure, counter_id, hour, staff_id, word, count);

-- How far the trail is counted: one row.
CREATE TABLE audit_tallied (
    id   BIGINT PRIMARY KEY CHECK (id = 1),
    seq  BIGINT NOT NULL
);
INSERT INTO audit_tallied (id, seq) VALUES (1, 0);
