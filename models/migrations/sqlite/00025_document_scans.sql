-- +goose Up
-- What each scan of an ID document found when it was held to the record, from the moment that it was read: no field of the
-- document is kept. A check that says otherwise later is marked as overruling it. number counts the scans of a request;
-- proofing_id is the first check that was recorded after it, '' while there is none.
CREATE TABLE document_scans (
    id                       TEXT    PRIMARY KEY,
    device_authorization_id  TEXT    NOT NULL REFERENCES device_authorizations (id),
    number                   INTEGER NOT NULL,
    session_id               TEXT    NOT NULL REFERENCES staff_sessions (id),
    staff_id                 TEXT    NOT NULL REFERENCES staff (id),
    read_as                  TEXT    NOT NULL CHECK (read_as IN ('mrz', 'pdf417')),
    name_result              TEXT    NOT NULL CHECK (name_result IN ('matches', 'differs', 'not_on_record')),
    birth_date_result        TEXT    NOT NULL CHECK (birth_date_result IN ('matches', 'differs', 'not_on_record')),
    proofing_id              TEXT    NOT NULL DEFAULT '',
    created_at               INTEGER NOT NULL,
    UNIQUE (device_authorization_id, number)
) STRICT;
