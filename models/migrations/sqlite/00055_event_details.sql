-- +goose Up
-- What may be personal of an event, beside the log (docs/decisions/0047-personal-data-beside-the-log.md): the event states of each row a
-- hash under the row's own key. The row can go; the event then says nothing of its text.
CREATE TABLE event_details (
    seq         INTEGER NOT NULL,      -- of the event
    field       TEXT    NOT NULL,      -- as in the event: "address", or what was changed
    account_id  TEXT    NOT NULL,      -- of the event; '' for none
    occurred_at INTEGER NOT NULL,
    personal    INTEGER NOT NULL CHECK (personal IN (0, 1)), -- it goes when its time is over
    salt        TEXT    NOT NULL,      -- the key: 256 random bits, base64url
    text_before TEXT    NOT NULL,
    text_after  TEXT    NOT NULL,
    PRIMARY KEY (seq, field)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_details_account ON event_details (account_id, seq) WHERE account_id <> '';
CREATE INDEX event_details_old ON event_details (occurred_at) WHERE personal = 1;
