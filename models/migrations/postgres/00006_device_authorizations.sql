-- +goose Up
-- One request of one client for one account (RFC 8628). See models/states.go for its states.
CREATE TABLE device_authorizations (
    id                    TEXT    PRIMARY KEY,
    client_id             TEXT    NOT NULL REFERENCES clients (id),
    account_id            TEXT    REFERENCES accounts (id), -- NULL: login_hint named no account; never matchable
    device_code_hash      TEXT    NOT NULL UNIQUE,          -- SHA-256
    user_code_mac         TEXT    NOT NULL UNIQUE,          -- HMAC-SHA-256 under the server's user-code key
    scope                 TEXT    NOT NULL,
    instance_name         TEXT    NOT NULL DEFAULT '',
    instance_description  TEXT    NOT NULL DEFAULT '',
    jwk_thumbprint        TEXT    NOT NULL DEFAULT '',      -- DPoP key that the codes are bound to
    address               TEXT    NOT NULL,                 -- where the request came from
    poll_interval         BIGINT NOT NULL,                 -- seconds, as told to the phone
    state                 TEXT    NOT NULL CHECK (state IN ('pending', 'matched', 'proofed', 'approved', 'redeemed', 'declined')),
    created_at            BIGINT NOT NULL,
    pending_until         BIGINT NOT NULL,

    -- the claim of one operator's session, in matched and proofed
    claim_session_id      TEXT    REFERENCES staff_sessions (id),
    claim_staff_id        TEXT    REFERENCES staff (id),
    claim_counter_id      TEXT    REFERENCES counters (id),
    claim_until           BIGINT NOT NULL DEFAULT 0,
    matched_at            BIGINT NOT NULL DEFAULT 0,
    proofing_id           TEXT,

    -- the decision
    decided_at            BIGINT NOT NULL DEFAULT 0,
    decided_staff_id      TEXT    REFERENCES staff (id),
    decided_counter_id    TEXT    REFERENCES counters (id),
    decline_reason        TEXT    NOT NULL DEFAULT '',
    redeem_until          BIGINT NOT NULL DEFAULT 0,
    redeemed_at           BIGINT NOT NULL DEFAULT 0,

    CHECK (state NOT IN ('matched', 'proofed') OR (claim_session_id IS NOT NULL AND account_id IS NOT NULL)),
    CHECK (state <> 'proofed' OR proofing_id IS NOT NULL),
    CHECK (state NOT IN ('approved', 'redeemed') OR (redeem_until > 0 AND proofing_id IS NOT NULL AND account_id IS NOT NULL))
);
CREATE INDEX device_authorizations_account ON device_authorizations (account_id, created_at);
CREATE INDEX device_authorizations_client ON device_authorizations (client_id, created_at);
CREATE INDEX device_authorizations_address ON device_authorizations (address, created_at);

-- Wrong codes entered at the console. Only ever counted, never reset by a success.
CREATE TABLE match_failures (
    id          TEXT    PRIMARY KEY,
    account_id  TEXT    NOT NULL REFERENCES accounts (id),
    staff_id    TEXT    NOT NULL REFERENCES staff (id),
    counter_id  TEXT    NOT NULL REFERENCES counters (id),
    failed_at   BIGINT NOT NULL
);
CREATE INDEX match_failures_account ON match_failures (account_id, failed_at);

-- The record of a card check, data minimised: no image, no full number.
CREATE TABLE proofings (
    id                       TEXT    PRIMARY KEY,
    device_authorization_id  TEXT    NOT NULL REFERENCES device_authorizations (id),
    session_id               TEXT    NOT NULL REFERENCES staff_sessions (id),
    staff_id                 TEXT    NOT NULL REFERENCES staff (id),
    counter_id               TEXT    NOT NULL REFERENCES counters (id),
    document_type            TEXT    NOT NULL,
    document_issuer          TEXT    NOT NULL,    -- ISO 3166-1 alpha-3 or alpha-2
    document_expiry          TEXT    NOT NULL,    -- YYYY-MM-DD
    document_number_tail     TEXT    NOT NULL,    -- last four characters
    document_number_mac      TEXT    NOT NULL,    -- HMAC-SHA-256 under the server's document-number key
    name_result              TEXT    NOT NULL CHECK (name_result IN ('matches', 'differs', 'not_on_record')),
    birth_date_result        TEXT    NOT NULL CHECK (birth_date_result IN ('matches', 'differs', 'not_on_record')),
    checks                   TEXT    NOT NULL,    -- OpenID Identity Assurance check methods, space separated
    created_at               BIGINT NOT NULL
);
CREATE INDEX proofings_authorization ON proofings (device_authorization_id);
CREATE INDEX proofings_document ON proofings (document_number_mac);
