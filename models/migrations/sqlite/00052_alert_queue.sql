-- +goose Up
-- The queue of alerts (docs/decisions/0049-alert-queue.md): one row for each alert that nobody has closed. It goes when the
-- alert is closed, so that the list and the number read what is open, however many there ever were. What happens to an
-- alert are events.
CREATE TABLE open_alerts (
    seq         INTEGER PRIMARY KEY,                    -- of the alert's event
    event_id    TEXT    NOT NULL UNIQUE,                -- its jti
    taken_by    TEXT    NOT NULL DEFAULT '',            -- staff.id; '' for nobody
    taken_at    INTEGER NOT NULL DEFAULT 0
) STRICT;

INSERT INTO open_alerts (seq, event_id)
SELECT seq, jti FROM audit_events
WHERE type IN ('suspicion-reported', 'spent-code-entered', 'wrong-key-used', 'foreign-token-presented', 'redemption-replayed',
        'approval-rate-unusual', 'opened-records-unusual', 'device-repudiated', 'second-approval-refused', 'disconnection-requested')
    AND NOT EXISTS (SELECT 1 FROM alert_acknowledgements AS a WHERE a.event_id = audit_events.jti);

-- What supervisors wrote on an alert, which may name people: the event holds a hash of salt and text only.
CREATE TABLE alert_notes (
    note_hash   TEXT    PRIMARY KEY,                    -- as in the event
    event_id    TEXT    NOT NULL,                       -- jti of the alert
    staff_id    TEXT    NOT NULL REFERENCES staff (id),
    salt        TEXT    NOT NULL,                       -- 256 random bits, base64url
    note        TEXT    NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX alert_notes_event ON alert_notes (event_id, created_at);

-- What came of it: a term.Closing; '' for an alert that was looked at before there was one.
ALTER TABLE alert_acknowledgements ADD COLUMN closing TEXT NOT NULL DEFAULT '';
