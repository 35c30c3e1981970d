-- +goose Up
-- Registered app publishers and their apps. A software_id belongs to one publisher.
CREATE TABLE publishers (
    id          TEXT    PRIMARY KEY,
    name        TEXT    NOT NULL UNIQUE,
    created_at  BIGINT NOT NULL
);
CREATE TABLE software (
    id            TEXT    PRIMARY KEY,            -- software_id, RFC 7591 section 2
    publisher_id  TEXT    NOT NULL REFERENCES publishers (id),
    name          TEXT    NOT NULL,
    scope         TEXT    NOT NULL,               -- the most that its instances may ask for
    created_at    BIGINT NOT NULL
);

-- One row a client instance: one app on one phone with one key (RFC 7591).
CREATE TABLE clients (
    id                TEXT    PRIMARY KEY,        -- client_id
    status            TEXT    NOT NULL CHECK (status IN ('active', 'disabled')),
    client_name       TEXT    NOT NULL,
    software_id       TEXT    NOT NULL,
    software_version  TEXT    NOT NULL,
    grant_types       TEXT    NOT NULL,           -- space separated
    scope             TEXT    NOT NULL,
    jwk               TEXT    NOT NULL,           -- public key
    jwk_thumbprint    TEXT    NOT NULL UNIQUE,    -- RFC 7638: a key registered twice is refused
    created_address   TEXT    NOT NULL,
    created_at        BIGINT NOT NULL
);
