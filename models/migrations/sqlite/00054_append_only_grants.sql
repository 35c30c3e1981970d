-- +goose Up
-- Nothing to do here: SQLite has no roles.
SELECT 1;
