-- +goose Up
-- The full name in Latin letters, for a record in another script: an ID document gives names in A to Z, and is compared with either.
ALTER TABLE accounts ADD COLUMN latin_name TEXT NOT NULL DEFAULT '';
