-- +goose Up
UPDATE oldest_program SET knows = 74;

-- Device codes and refresh tokens that are made from now on are kept by another hash, behind their time
-- (docs/decisions/0079-codes-by-time.md). A program of before would tell a phone that such a code is unknown, which ends it.
