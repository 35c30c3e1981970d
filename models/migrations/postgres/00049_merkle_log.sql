-- +goose Up
-- Checkpoints of the log are signed by keys of their own, Ed25519, which take turns as the other signing keys do. The first start
-- makes them, since only it has the master key.
-- +goose StatementBegin
DO $$
DECLARE
    name text;
BEGIN -- what the two rules of the purpose are called depends on how often the table was rebuilt
    FOR name IN SELECT conname FROM pg_constraint
        WHERE conrelid = 'server_keys'::regclass AND contype = 'c' AND pg_get_constraintdef(oid) LIKE '%purpose%'
    LOOP
        EXECUTE format('ALTER TABLE server_keys DROP CONSTRAINT %I', name);
    END LOOP;
END $$;
-- +goose StatementEnd
ALTER TABLE server_keys ADD CONSTRAINT server_keys_purpose_check CHECK (purpose IN ('access-token', 'audit', 'checkpoint', 'user-code', 'document-number',
                     'dpop-nonce', 'login-hint', 'former-contact', 'repudiation-link'));
-- HMAC keys do not take turns: what they made would be lost.
ALTER TABLE server_keys ADD CONSTRAINT server_keys_turns_check CHECK (status = 'current' OR purpose IN ('access-token', 'audit', 'checkpoint'));

-- The Merkle tree over audit_events (docs/decisions/0046-merkle-log.md): its full tiles. Open tiles are computed.
CREATE TABLE log_tiles (
    level  INTEGER NOT NULL,                      -- 0: hashes of entries; n: roots of the tiles of level n - 1
    number BIGINT  NOT NULL,                      -- 0, 1, 2 … without a gap within a level
    root   BYTEA   NOT NULL CHECK (length(root) = 32),     -- over the hashes
    hashes BYTEA   NOT NULL CHECK (length(hashes) = 8192), -- 256 of them
    PRIMARY KEY (level, number)
);
ALTER TABLE log_tiles ALTER hashes SET STORAGE EXTERNAL; -- hashes do not compress; beside the table, a root is read without them

-- And what it was signed as.
CREATE TABLE log_checkpoints (
    size      BIGINT PRIMARY KEY,                 -- how many entries it covers, from the first
    signed_at BIGINT NOT NULL,
    root      BYTEA  NOT NULL CHECK (length(root) = 32),
    signature BYTEA  NOT NULL CHECK (length(signature) = 68) -- of the note: hash of the key, then Ed25519
);

-- +goose StatementBegin
CREATE FUNCTION log_tiles_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'log_tiles is append-only: % refused', TG_OP;
END $$;
-- +goose StatementEnd
CREATE TRIGGER log_tiles_no_update BEFORE UPDATE ON log_tiles
    FOR EACH STATEMENT EXECUTE FUNCTION log_tiles_refuse();
CREATE TRIGGER log_tiles_no_delete BEFORE DELETE ON log_tiles
    FOR EACH STATEMENT EXECUTE FUNCTION log_tiles_refuse();
CREATE TRIGGER log_tiles_no_truncate BEFORE TRUNCATE ON log_tiles
    FOR EACH STATEMENT EXECUTE FUNCTION log_tiles_refuse();
-- +goose StatementBegin
CREATE FUNCTION log_tiles_continue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number IS DISTINCT FROM (SELECT coalesce(max(number), -1) + 1 FROM log_tiles WHERE level = NEW.level) THEN
        RAISE EXCEPTION 'log_tiles is append-only: a tile must follow the last one of its level';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER log_tiles_append_only BEFORE INSERT ON log_tiles
    FOR EACH ROW EXECUTE FUNCTION log_tiles_continue();
-- +goose StatementBegin
CREATE FUNCTION log_checkpoints_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'log_checkpoints is append-only: % refused', TG_OP;
END $$;
-- +goose StatementEnd
CREATE TRIGGER log_checkpoints_no_update BEFORE UPDATE ON log_checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION log_checkpoints_refuse();
CREATE TRIGGER log_checkpoints_no_delete BEFORE DELETE ON log_checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION log_checkpoints_refuse();
CREATE TRIGGER log_checkpoints_no_truncate BEFORE TRUNCATE ON log_checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION log_checkpoints_refuse();
-- +goose StatementBegin
CREATE FUNCTION log_checkpoints_continue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.size IS NULL OR NEW.size <= (SELECT coalesce(max(size), 0) FROM log_checkpoints)
        OR NEW.size > (SELECT coalesce(max(seq), 0) FROM audit_events) THEN
        RAISE EXCEPTION 'log_checkpoints is append-only: a checkpoint must be beyond the last one, and not beyond the entries';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER log_checkpoints_append_only BEFORE INSERT ON log_checkpoints
    FOR EACH ROW EXECUTE FUNCTION log_checkpoints_continue();
