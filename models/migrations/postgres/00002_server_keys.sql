-- +goose Up
-- Keys of the server itself. Private parts are sealed with the master key (AES-256-GCM) and never stored in clear.
CREATE TABLE server_keys (
    id          TEXT    PRIMARY KEY,              -- the kid
    purpose     TEXT    NOT NULL CHECK (purpose IN ('access-token', 'audit', 'user-code', 'document-number')),
    status      TEXT    NOT NULL CHECK (status IN ('next', 'current', 'retired')),
    algorithm   TEXT    NOT NULL,
    public_jwk  TEXT    NOT NULL DEFAULT '',      -- empty for HMAC keys
    sealed      TEXT    NOT NULL,                 -- base64url(nonce ‖ ciphertext)
    created_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX server_keys_current ON server_keys (purpose) WHERE status = 'current';
