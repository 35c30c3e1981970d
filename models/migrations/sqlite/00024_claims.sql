-- +goose Up
-- What is handled at a counter, for its start page, which asks every 15 seconds.
CREATE INDEX device_authorizations_claim ON device_authorizations (claim_counter_id, claim_until) WHERE state IN ('matched', 'proofed');
