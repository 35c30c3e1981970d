-- +goose Up
-- Presence proofs: what the match of a request rested on, and who may be matched by nothing less.
ALTER TABLE device_authorizations ADD COLUMN presence TEXT NOT NULL DEFAULT '' CHECK (presence IN ('', 'code only', 'proved'));
UPDATE device_authorizations SET presence = 'code only' WHERE matched_at > 0;

ALTER TABLE accounts ADD COLUMN presence_required BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE software ADD COLUMN presence_required BOOLEAN NOT NULL DEFAULT FALSE;
