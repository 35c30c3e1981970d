-- +goose Up
-- What publishers sign software statements with (RFC 7591 section 2.3). '' while a publisher has none.
ALTER TABLE publishers ADD COLUMN jwks TEXT NOT NULL DEFAULT ''; -- JWK Set of public keys

-- A registration that its client manages (RFC 7592). A deleted client stays, disabled: others refer to it, and its
-- key stays taken.
ALTER TABLE clients ADD COLUMN deleted_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE clients ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE clients ADD COLUMN registration_token_hash TEXT NOT NULL DEFAULT ''; -- SHA-256; '' in rows from before there were any
ALTER TABLE clients ADD COLUMN signing_alg TEXT NOT NULL DEFAULT '';             -- token_endpoint_auth_signing_alg, where one was registered
ALTER TABLE clients ADD COLUMN jwks_uri TEXT NOT NULL DEFAULT '';                -- jwk and jwk_thumbprint are then the key that was fetched last
ALTER TABLE clients ADD COLUMN jwks_fetched_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE clients ADD COLUMN software_statement TEXT NOT NULL DEFAULT '';      -- as it was sent; '' when there was none
ALTER TABLE clients ADD COLUMN verified_publisher_id TEXT REFERENCES publishers (id); -- whose statement it was; NULL: not verified
ALTER TABLE clients ADD COLUMN presence_required BOOLEAN NOT NULL DEFAULT FALSE; -- presence_proof_required of the statement

-- Initial access tokens (RFC 7591 section 3): each lets one client register, once, for a while.
CREATE TABLE registration_tokens (
    id          TEXT    PRIMARY KEY,
    token_hash  TEXT    NOT NULL UNIQUE,          -- SHA-256
    note        TEXT    NOT NULL,                 -- what the administrator wrote down of it
    staff_id    TEXT    REFERENCES staff (id),    -- who made it; NULL: the command
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    used_at     BIGINT NOT NULL DEFAULT 0,
    client_id   TEXT    REFERENCES clients (id),  -- who registered with it
    revoked_at  BIGINT NOT NULL DEFAULT 0,
    CHECK ((used_at > 0) = (client_id IS NOT NULL))
);
