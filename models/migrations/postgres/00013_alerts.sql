-- +goose Up
-- Alerts that a supervisor has looked at: one row for each, whoever was first. The alert itself is an event of the
-- trail, which nothing can delete, and stays there.
CREATE TABLE alert_acknowledgements (
    event_id    TEXT    PRIMARY KEY,                           -- jti of the alert
    staff_id    TEXT    NOT NULL REFERENCES staff (id),
    session_id  TEXT    NOT NULL REFERENCES staff_sessions (id),
    note        TEXT    NOT NULL DEFAULT '',            -- what the supervisor found; may name people, so it stands in no event
    created_at  BIGINT  NOT NULL
);

-- How many requests an operator approved within the hour.
CREATE INDEX audit_events_staff_type ON audit_events (staff_id, type, occurred_at) WHERE staff_id <> '';
