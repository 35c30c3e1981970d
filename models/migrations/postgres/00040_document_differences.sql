-- +goose Up
-- What a document says where it differs from the record: for whoever judges it, a second person or a supervisor, and for
-- nobody else. It is in no event. proofing_id is the check that it belongs to, '' for a scan that no check followed.
CREATE TABLE document_differences (
    id                       TEXT    PRIMARY KEY,
    device_authorization_id  TEXT    NOT NULL REFERENCES device_authorizations (id) ON DELETE CASCADE,
    account_id               TEXT    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    proofing_id              TEXT    NOT NULL DEFAULT '',
    read_as                  TEXT    NOT NULL CHECK (read_as IN ('typed', 'mrz', 'pdf417')),
    name                     TEXT    NOT NULL DEFAULT '',  -- '' where it does not differ
    birth_date               TEXT    NOT NULL DEFAULT '',  -- as printed, as far as it is known: 1984-03-09, 1984
    created_at               BIGINT  NOT NULL,
    CHECK (name <> '' OR birth_date <> '')
);
CREATE INDEX document_differences_authorization ON document_differences (device_authorization_id, created_at);
CREATE INDEX document_differences_account ON document_differences (account_id);
CREATE INDEX document_differences_created ON document_differences (created_at);

-- Who waits for a second person, for every page of whoever can answer. A question is asked within a claim, and so not long ago.
CREATE INDEX second_approvals_waiting ON second_approvals (asked_at) WHERE status = 'waiting';
