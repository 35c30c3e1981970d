-- +goose Up
CREATE TABLE accounts (
    id                 TEXT    PRIMARY KEY,
    status             TEXT    NOT NULL CHECK (status IN ('active', 'suspended', 'locked', 'closed')),
    full_name          TEXT    NOT NULL,          -- as on the ID card
    date_of_birth      TEXT    NOT NULL,          -- YYYY-MM-DD
    contact            TEXT    NOT NULL DEFAULT '',
    match_locked_at    BIGINT NOT NULL DEFAULT 0, -- too many wrong codes; only a supervisor undoes it
    match_unlocked_at  BIGINT NOT NULL DEFAULT 0, -- failed matches before this no longer count
    created_at         BIGINT NOT NULL,
    updated_at         BIGINT NOT NULL
);

-- key is the identifier after Unicode NFKC, case folding and trimming; prefix search walks its index.
CREATE TABLE account_identifiers (
    key         TEXT    COLLATE "C" PRIMARY KEY,
    account_id  TEXT    NOT NULL REFERENCES accounts (id),
    identifier  TEXT    NOT NULL,                 -- as it was given
    position    BIGINT NOT NULL
);
CREATE INDEX account_identifiers_account ON account_identifiers (account_id, position);
