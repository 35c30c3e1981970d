-- +goose Up
-- Each request wrote a page of its own of it (docs/decisions/0058-fewer-pages.md). What a client has is found by
-- device_authorizations_same.
DROP INDEX device_authorizations_client;
