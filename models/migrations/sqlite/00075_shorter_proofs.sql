-- +goose Up
UPDATE oldest_program SET knows = 75;

-- A proof that a phone has used lies under 24 characters in the place of 51 from now on: its end, and 96 bits of its hash in the
-- place of 256 (docs/decisions/0080-shorter-proofs.md). Those that can be played again yet are found by it.
INSERT INTO used_proofs (key, expires_at) SELECT substr(key, 1, 24), expires_at FROM used_proofs WHERE length(key) = 51
    ON CONFLICT (key) DO NOTHING;
DELETE FROM used_proofs WHERE length(key) = 51;

DROP INDEX used_proofs_expiry;
CREATE INDEX used_proofs_expiry ON used_proofs (expires_at) WHERE length(key) = 43;
