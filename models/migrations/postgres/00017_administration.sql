-- +goose Up
-- Who of the staff may open which counters. Nobody who has no row here is limited.
CREATE TABLE staff_counters (
    staff_id    TEXT    NOT NULL REFERENCES staff (id),
    counter_id  TEXT    NOT NULL REFERENCES counters (id),
    created_at  BIGINT  NOT NULL,
    PRIMARY KEY (staff_id, counter_id)
);

-- The list of staff goes by name, and looks for the last sign-in of each.
CREATE INDEX staff_name ON staff (name, id);
CREATE INDEX staff_sessions_last ON staff_sessions (staff_id, created_at);

-- An accounts file between its preview and its import: one a session, for 15 minutes. It is sealed under a key that only
-- the administrator's browser has, so that neither this table nor a copy of it tells anything of the people in it.
CREATE TABLE account_files (
    session_id  TEXT    PRIMARY KEY REFERENCES staff_sessions (id),
    key_hash    TEXT    NOT NULL,                 -- SHA-256 of the key
    sealed      TEXT    NOT NULL,                 -- AES-256-GCM
    expires_at  BIGINT  NOT NULL
);
