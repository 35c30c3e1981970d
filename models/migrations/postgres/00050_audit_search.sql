-- +goose Up
-- What supervisors look for, beside the trail, whose rows may not be changed (docs/decisions/0044-every-query-has-its-plan.md). Made of the
-- events alone: audit.FillSearch fills it, "countersign audit reindex" makes it anew, "countersign audit verify" compares.
CREATE TABLE audit_search (
    seq         BIGINT PRIMARY KEY,   -- of the event
    occurred_at BIGINT NOT NULL,
    type        TEXT    NOT NULL,
    account_id  TEXT    NOT NULL,
    client_id   TEXT    NOT NULL,
    staff_id    TEXT    NOT NULL,
    counter_id  TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    presence    TEXT    NOT NULL,
    result      TEXT    NOT NULL
);
CREATE INDEX audit_search_time ON audit_search (occurred_at, seq);
CREATE INDEX audit_search_type ON audit_search (type, seq);
CREATE INDEX audit_search_account ON audit_search (account_id, seq) WHERE account_id <> '';
CREATE INDEX audit_search_client ON audit_search (client_id, seq) WHERE client_id <> '';
CREATE INDEX audit_search_staff ON audit_search (staff_id, seq) WHERE staff_id <> '';
CREATE INDEX audit_search_counter ON audit_search (counter_id, seq) WHERE counter_id <> '';
CREATE INDEX audit_search_reason ON audit_search (reason, seq) WHERE reason <> '';
CREATE INDEX audit_search_presence ON audit_search (presence, seq) WHERE presence <> '';
CREATE INDEX audit_search_result ON audit_search (result, seq) WHERE result <> '';
