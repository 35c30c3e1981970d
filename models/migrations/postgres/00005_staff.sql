-- +goose Up
CREATE TABLE counters (
    id          TEXT    PRIMARY KEY,
    name        TEXT    NOT NULL UNIQUE,
    address     TEXT    NOT NULL DEFAULT '',
    hours       TEXT    NOT NULL DEFAULT '',
    time_zone   TEXT    NOT NULL,                 -- IANA name
    networks    TEXT    NOT NULL DEFAULT '',      -- CIDRs, space separated; empty: from anywhere
    closed_at   BIGINT NOT NULL DEFAULT 0,       -- 0: in use
    created_at  BIGINT NOT NULL
);

-- Everyone of the staff who has signed in, by the identity that the OpenID Provider gave.
CREATE TABLE staff (
    id                TEXT    PRIMARY KEY,
    issuer            TEXT    NOT NULL,
    subject           TEXT    NOT NULL,
    name              TEXT    NOT NULL,
    identifier_keys   TEXT    NOT NULL DEFAULT '', -- normalised claims, one a line: to know their own account
    created_at        BIGINT NOT NULL,
    UNIQUE (issuer, subject)
);

-- A sign-in on its way to the provider and back. Taken out when it comes back: single use.
CREATE TABLE sign_ins (
    cookie_hash  TEXT    PRIMARY KEY,
    state        TEXT    NOT NULL,
    nonce        TEXT    NOT NULL,
    verifier     TEXT    NOT NULL,                -- PKCE code_verifier
    return_to    TEXT    NOT NULL DEFAULT '',
    expires_at   BIGINT NOT NULL
);

CREATE TABLE staff_sessions (
    id            TEXT    PRIMARY KEY,
    token_hash    TEXT    NOT NULL UNIQUE,        -- SHA-256 of the cookie's value
    staff_id      TEXT    NOT NULL REFERENCES staff (id),
    roles         TEXT    NOT NULL,               -- space separated
    counter_id    TEXT    REFERENCES counters (id),
    address       TEXT    NOT NULL,
    authenticated_at BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    last_seen_at  BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,               -- absolute end
    ended_at      BIGINT
);
CREATE INDEX staff_sessions_staff ON staff_sessions (staff_id);
