-- +goose Up
-- The audit trail. First of all tables, so that every later migration is tested against its triggers.
-- Times are Unix milliseconds everywhere in this schema.
CREATE TABLE audit_events (
    seq                     BIGINT PRIMARY KEY,      -- 1, 2, 3 … without a gap
    jti                     TEXT    NOT NULL UNIQUE,
    type                    TEXT    NOT NULL,
    occurred_at             BIGINT NOT NULL,
    txn                     TEXT    NOT NULL DEFAULT '',
    account_id              TEXT    NOT NULL DEFAULT '',
    client_id               TEXT    NOT NULL DEFAULT '',
    staff_id                TEXT    NOT NULL DEFAULT '',
    counter_id              TEXT    NOT NULL DEFAULT '',
    device_authorization_id TEXT    NOT NULL DEFAULT '',
    kid                     TEXT    NOT NULL,
    set_jwt                 TEXT    NOT NULL
);
CREATE INDEX audit_events_type ON audit_events (type, seq);
CREATE INDEX audit_events_account ON audit_events (account_id, seq) WHERE account_id <> '';
CREATE INDEX audit_events_staff ON audit_events (staff_id, seq) WHERE staff_id <> '';
CREATE INDEX audit_events_authorization ON audit_events (device_authorization_id, seq) WHERE device_authorization_id <> '';

-- +goose StatementBegin
CREATE FUNCTION audit_events_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_events is append-only: % refused', TG_OP;
END $$;
-- +goose StatementEnd
-- INSERT … ON CONFLICT DO UPDATE fires the UPDATE trigger, so it is refused as well.
CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION audit_events_refuse();
CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION audit_events_refuse();
CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION audit_events_refuse();

-- An insert may only ever continue the sequence. The advisory lock in audit.Append makes max(seq) steady.
-- +goose StatementBegin
CREATE FUNCTION audit_events_continue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq IS DISTINCT FROM (SELECT coalesce(max(seq), 0) + 1 FROM audit_events) THEN
        RAISE EXCEPTION 'audit_events is append-only: an insert must continue the sequence';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_events_append_only BEFORE INSERT ON audit_events
    FOR EACH ROW EXECUTE FUNCTION audit_events_continue();
