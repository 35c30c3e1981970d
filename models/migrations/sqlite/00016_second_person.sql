-- +goose Up
-- Approvals that need a second person: for accounts and scopes that policy names, and where the name on the card differs
-- for a reason that somebody gave.
ALTER TABLE accounts ADD COLUMN two_person_required INTEGER NOT NULL DEFAULT 0 CHECK (two_person_required IN (0, 1));
ALTER TABLE proofings ADD COLUMN name_reason TEXT NOT NULL DEFAULT ''; -- why a differing name is the same person's; '' when nobody said

-- One row each time an operator asks. It holds for one proofing: a check that is done again is to be looked at again.
CREATE TABLE second_approvals (
    id                       TEXT    PRIMARY KEY,
    device_authorization_id  TEXT    NOT NULL REFERENCES device_authorizations (id),
    proofing_id              TEXT    NOT NULL REFERENCES proofings (id),
    asked_session_id         TEXT    NOT NULL REFERENCES staff_sessions (id),
    asked_staff_id           TEXT    NOT NULL REFERENCES staff (id),
    asked_counter_id         TEXT    NOT NULL REFERENCES counters (id),
    asked_at                 INTEGER NOT NULL,
    status                   TEXT    NOT NULL CHECK (status IN ('waiting', 'given', 'returned')),
    answered_session_id      TEXT    REFERENCES staff_sessions (id),
    answered_staff_id        TEXT    REFERENCES staff (id),
    answered_at              INTEGER NOT NULL DEFAULT 0,
    reason                   TEXT    NOT NULL DEFAULT '',   -- of a return, a code
    CHECK ((status = 'waiting') = (answered_staff_id IS NULL)),
    CHECK (answered_staff_id IS NULL OR answered_staff_id <> asked_staff_id)
) STRICT;
CREATE UNIQUE INDEX second_approvals_open ON second_approvals (proofing_id) WHERE status IN ('waiting', 'given');
CREATE INDEX second_approvals_authorization ON second_approvals (device_authorization_id, asked_at);
