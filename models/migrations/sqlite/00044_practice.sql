-- +goose Up
-- What holds for the whole database, by name. 'practice' is there where all people are invented.
CREATE TABLE settings (
    name   TEXT PRIMARY KEY,
    value  TEXT NOT NULL
) STRICT;
