-- +goose Up
-- When the client's registered key last changed to another one; 0: never, or before there was this column. A refresh
-- token moves to the registered key only if that has changed since the token was given.
ALTER TABLE clients ADD COLUMN key_changed_at BIGINT NOT NULL DEFAULT 0;
