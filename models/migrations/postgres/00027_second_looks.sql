-- +goose Up
-- Who opened the record of a visit as its second person: it is shown to no other session, and answered by none.
CREATE TABLE second_looks (
    second_approval_id  TEXT NOT NULL REFERENCES second_approvals (id),
    session_id          TEXT NOT NULL REFERENCES staff_sessions (id),
    staff_id            TEXT NOT NULL REFERENCES staff (id),
    looked_at           BIGINT NOT NULL,
    PRIMARY KEY (second_approval_id, session_id)
);

-- The newest devices that proved their key, to know of which apps that is usual.
CREATE INDEX device_authorizations_proved ON device_authorizations (matched_at) WHERE presence = 'proved';
