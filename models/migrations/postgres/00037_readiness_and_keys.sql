-- +goose Up
-- What /readyz goes by: each process writes its row every 30 s, to know that it can.
CREATE TABLE readiness (
    process   TEXT    PRIMARY KEY,                -- drawn at random when the process starts
    probed_at BIGINT NOT NULL
);

-- Login hints, former contacts and the links in notices get HMAC keys of their own; until now they used the one of user codes.
-- The first start makes them, since only it has the master key.
CREATE TABLE server_keys_rebuilt (
    id           TEXT    PRIMARY KEY,             -- the kid
    purpose      TEXT    NOT NULL CHECK (purpose IN ('access-token', 'audit', 'user-code', 'document-number', 'dpop-nonce',
                     'login-hint', 'former-contact', 'repudiation-link')),
    status       TEXT    NOT NULL CHECK (status IN ('next', 'current', 'retired')),
    algorithm    TEXT    NOT NULL,
    public_jwk   TEXT    NOT NULL DEFAULT '',     -- empty for HMAC keys; never removed, or old signatures could not be verified
    sealed       TEXT    NOT NULL,                -- base64url(nonce ‖ ciphertext); empty once a retired key was ended
    created_at   BIGINT NOT NULL,
    activated_at BIGINT NOT NULL DEFAULT 0,      -- when it began to sign
    retired_at   BIGINT NOT NULL DEFAULT 0,      -- when the next one took over
    in_use_until BIGINT NOT NULL DEFAULT 0,      -- retired: until then a token that it signed may live, or a process may sign with it
    CHECK ((status = 'next') = (activated_at = 0)),
    CHECK ((status = 'retired') = (retired_at > 0)),
    CHECK (status = 'retired' OR sealed <> ''),
    CHECK (status = 'current' OR purpose IN ('access-token', 'audit')) -- HMAC keys do not take turns: what they made would be lost
);
INSERT INTO server_keys_rebuilt (id, purpose, status, algorithm, public_jwk, sealed, created_at, activated_at, retired_at, in_use_until)
    SELECT id, purpose, status, algorithm, public_jwk, sealed, created_at, activated_at, retired_at, in_use_until FROM server_keys;
DROP TABLE server_keys;
ALTER TABLE server_keys_rebuilt RENAME TO server_keys;
CREATE UNIQUE INDEX server_keys_current ON server_keys (purpose) WHERE status = 'current';
CREATE UNIQUE INDEX server_keys_next ON server_keys (purpose) WHERE status = 'next';
