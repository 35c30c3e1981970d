-- +goose Up
LOCK TABLE oldest_program IN ACCESS EXCLUSIVE MODE;
UPDATE oldest_program SET knows = 75;

-- Proofs lie under their whole hash here, as before. One that a copy of a SQLite site brought a moment ago is looked for by its
-- shorter key from now on (docs/decisions/0080-shorter-proofs.md).
INSERT INTO used_proofs (key, expires_at) SELECT substr(key, 1, 24), expires_at FROM used_proofs WHERE length(key) = 51
    ON CONFLICT (key) DO NOTHING;
DELETE FROM used_proofs WHERE length(key) = 51;
