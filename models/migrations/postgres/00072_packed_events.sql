-- +goose Up
LOCK TABLE oldest_program IN ACCESS EXCLUSIVE MODE;
UPDATE oldest_program SET knows = 72;

-- New events keep their tokens packed (docs/decisions/0069-packed-events.md); those of before stay as they are. The column of texts has
-- another name from now on: a program that has never heard of oldest_program would take a packed token for an empty one, and sign
-- a tree over that. So it can neither read nor append an event, and says so.
ALTER TABLE audit_events RENAME COLUMN set_jwt TO set_text;         -- '' where the token is packed
ALTER TABLE audit_events ADD COLUMN packed BYTEA NOT NULL DEFAULT ''; -- audit/packed
