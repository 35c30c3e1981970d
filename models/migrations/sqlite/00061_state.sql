-- +goose Up
-- What administrators look at (docs/decisions/0053-tallies.md): which program each process runs, '' of one from before, ...
ALTER TABLE readiness ADD COLUMN version TEXT NOT NULL DEFAULT '';

-- ... and the newest verdict that "countersign audit verify --record" left, for people to see that somebody verifies. It proves nothing.
CREATE TABLE trail_verifications (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    ended_at    INTEGER NOT NULL,
    entries     INTEGER NOT NULL,   -- that were checked
    verdict     TEXT NOT NULL CHECK (verdict IN ('sound', 'consistent', 'not sound')),
    problem     TEXT NOT NULL       -- the first, in the words of the command; '' for none
) STRICT;
