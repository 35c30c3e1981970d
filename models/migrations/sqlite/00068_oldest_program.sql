-- +goose Up
-- The oldest program that may go on with this database: it knows at least this migration (models/migrations/README.md).
-- Programs from before this table do not look at it.
CREATE TABLE oldest_program (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    knows INTEGER NOT NULL
) STRICT;
INSERT INTO oldest_program (id, knows) VALUES (1, 67);

-- The newest migration that a process knows; 0: it is from before this column.
ALTER TABLE readiness ADD COLUMN knows INTEGER NOT NULL DEFAULT 0;
