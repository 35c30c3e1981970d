-- +goose Up
-- Checkpoints of the log are signed by keys of their own, Ed25519, which take turns as the other signing keys do. The first start
-- makes them, since only it has the master key.
CREATE TABLE server_keys_rebuilt (
    id           TEXT    PRIMARY KEY,             -- the kid
    purpose      TEXT    NOT NULL CHECK (purpose IN ('access-token', 'audit', 'checkpoint', 'user-code', 'document-number',
                     'dpop-nonce', 'login-hint', 'former-contact', 'repudiation-link')),
    status       TEXT    NOT NULL CHECK (status IN ('next', 'current', 'retired')),
    algorithm    TEXT    NOT NULL,
    public_jwk   TEXT    NOT NULL DEFAULT '',     -- empty for HMAC keys; never removed, or old signatures could not be verified
    sealed       TEXT    NOT NULL,                -- base64url(nonce ‖ ciphertext); empty once a retired key was ended
    created_at   INTEGER NOT NULL,
    activated_at INTEGER NOT NULL DEFAULT 0,      -- when it began to sign
    retired_at   INTEGER NOT NULL DEFAULT 0,      -- when the next one took over
    in_use_until INTEGER NOT NULL DEFAULT 0,      -- retired: until then a token that it signed may live, or a process may sign with it
    CHECK ((status = 'next') = (activated_at = 0)),
    CHECK ((status = 'retired') = (retired_at > 0)),
    CHECK (status = 'retired' OR sealed <> ''),
    CHECK (status = 'current' OR purpose IN ('access-token', 'audit', 'checkpoint')) -- HMAC keys do not take turns: what they made would be lost
) STRICT;
INSERT INTO server_keys_rebuilt (id, purpose, status, algorithm, public_jwk, sealed, created_at, activated_at, retired_at, in_use_until)
    SELECT id, purpose, status, algorithm, public_jwk, sealed, created_at, activated_at, retired_at, in_use_until FROM server_keys;
DROP TABLE server_keys;
ALTER TABLE server_keys_rebuilt RENAME TO server_keys;
CREATE UNIQUE INDEX server_keys_current ON server_keys (purpose) WHERE status = 'current';
CREATE UNIQUE INDEX server_keys_next ON server_keys (purpose) WHERE status = 'next';

-- The Merkle tree over audit_events (docs/decisions/0046-merkle-log.md): its full tiles. Open tiles are computed.
CREATE TABLE log_tiles (
    level  INTEGER NOT NULL,                      -- 0: hashes of entries; n: roots of the tiles of level n - 1
    number INTEGER NOT NULL,                      -- 0, 1, 2 … without a gap within a level
    root   BLOB    NOT NULL CHECK (length(root) = 32),     -- over the hashes; before them, so that it is read without them
    hashes BLOB    NOT NULL CHECK (length(hashes) = 8192), -- 256 of them
    PRIMARY KEY (level, number)
) STRICT;

-- And what it was signed as.
CREATE TABLE log_checkpoints (
    size      INTEGER PRIMARY KEY,                -- how many entries it covers, from the first
    signed_at INTEGER NOT NULL,
    root      BLOB    NOT NULL CHECK (length(root) = 32),
    signature BLOB    NOT NULL CHECK (length(signature) = 68) -- of the note: hash of the key, then Ed25519
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER log_tiles_no_update BEFORE UPDATE ON log_tiles
BEGIN
    SELECT RAISE(ABORT, 'log_tiles is append-only: UPDATE refused');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER log_tiles_no_delete BEFORE DELETE ON log_tiles
BEGIN
    SELECT RAISE(ABORT, 'log_tiles is append-only: DELETE refused');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER log_tiles_append_only BEFORE INSERT ON log_tiles
WHEN NEW.number IS NOT (SELECT coalesce(max(number), -1) + 1 FROM log_tiles WHERE level = NEW.level)
BEGIN
    SELECT RAISE(ABORT, 'log_tiles is append-only: a tile must follow the last one of its level');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER log_checkpoints_no_update BEFORE UPDATE ON log_checkpoints
BEGIN
    SELECT RAISE(ABORT, 'log_checkpoints is append-only: UPDATE refused');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER log_checkpoints_no_delete BEFORE DELETE ON log_checkpoints
BEGIN
    SELECT RAISE(ABORT, 'log_checkpoints is append-only: DELETE refused');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER log_checkpoints_append_only BEFORE INSERT ON log_checkpoints
WHEN NEW.size IS NULL OR NEW.size <= (SELECT coalesce(max(size), 0) FROM log_checkpoints)
  OR NEW.size > (SELECT coalesce(max(seq), 0) FROM audit_events)
BEGIN
    SELECT RAISE(ABORT, 'log_checkpoints is append-only: a checkpoint must be beyond the last one, and not beyond the entries');
END;
-- +goose StatementEnd
