-- +goose Up
-- Every key by which an account of a member of staff's own was ever named: whoever changes an address at the provider
-- is still kept from deciding on the account that the old one names.
CREATE TABLE staff_identifiers (
    staff_id       TEXT    NOT NULL REFERENCES staff (id),
    key            TEXT    NOT NULL COLLATE "C",          -- see models/spelling
    first_seen_at  BIGINT NOT NULL,
    last_seen_at   BIGINT NOT NULL,
    PRIMARY KEY (staff_id, key)
);

-- The member of staff whose account this is, by the subject that the OpenID Provider gives; '' when the accounts file names none.
ALTER TABLE accounts ADD COLUMN staff_subject TEXT NOT NULL DEFAULT '';
CREATE INDEX accounts_staff_subject ON accounts (staff_subject) WHERE staff_subject <> '';
