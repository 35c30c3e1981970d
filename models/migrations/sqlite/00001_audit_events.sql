-- +goose Up
-- The audit trail. First of all tables, so that every later migration is tested against its triggers.
-- Times are Unix milliseconds everywhere in this schema.
CREATE TABLE audit_events (
    seq                     INTEGER PRIMARY KEY,      -- 1, 2, 3 … without a gap
    jti                     TEXT    NOT NULL UNIQUE,
    type                    TEXT    NOT NULL,
    occurred_at             INTEGER NOT NULL,
    txn                     TEXT    NOT NULL DEFAULT '',
    account_id              TEXT    NOT NULL DEFAULT '',
    client_id               TEXT    NOT NULL DEFAULT '',
    staff_id                TEXT    NOT NULL DEFAULT '',
    counter_id              TEXT    NOT NULL DEFAULT '',
    device_authorization_id TEXT    NOT NULL DEFAULT '',
    kid                     TEXT    NOT NULL,
    set_jwt                 TEXT    NOT NULL
) STRICT;
CREATE INDEX audit_events_type ON audit_events (type, seq);
CREATE INDEX audit_events_account ON audit_events (account_id, seq) WHERE account_id <> '';
CREATE INDEX audit_events_staff ON audit_events (staff_id, seq) WHERE staff_id <> '';
CREATE INDEX audit_events_authorization ON audit_events (device_authorization_id, seq) WHERE device_authorization_id <> '';

-- +goose StatementBegin
CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events
BEGIN
    SELECT RAISE(ABORT, 'audit_events is append-only: UPDATE refused');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events
BEGIN
    SELECT RAISE(ABORT, 'audit_events is append-only: DELETE refused');
END;
-- +goose StatementEnd
-- INSERT OR REPLACE deletes the old row without firing the DELETE trigger, so an insert may only ever
-- continue the sequence, and never meet a jti that is there.
-- +goose StatementBegin
CREATE TRIGGER audit_events_append_only BEFORE INSERT ON audit_events
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit_events)
  OR EXISTS (SELECT 1 FROM audit_events WHERE jti = NEW.jti)
BEGIN
    SELECT RAISE(ABORT, 'audit_events is append-only: an insert must continue the sequence');
END;
-- +goose StatementEnd
