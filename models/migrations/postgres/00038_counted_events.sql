-- +goose Up
-- How many acts of strangers have no event of their own, until one event says so (docs/decisions/0035-counted-events.md). A
-- process has several rows of an hour and type, and no two of its transactions write one at the same time.
CREATE TABLE counted_events (
    process TEXT    NOT NULL,                     -- drawn at random when the process counts first
    slot    INTEGER NOT NULL,                     -- of the process's transactions at one time
    hour    BIGINT  NOT NULL,                     -- its beginning
    type    TEXT    NOT NULL,                     -- of the event that was not written
    count   BIGINT NOT NULL,
    PRIMARY KEY (hour, process, slot, type)
);

-- The beginning of the hour in which its making was counted; 0: that has an event of its own.
ALTER TABLE device_authorizations ADD COLUMN counted_hour BIGINT NOT NULL DEFAULT 0;
ALTER TABLE clients ADD COLUMN counted_hour BIGINT NOT NULL DEFAULT 0;
